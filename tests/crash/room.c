/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "room.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 30)
#define DEPTH 16

static const char *const names[] = { "One", "Two", "Wal" };
static const char *const sizes[] = { "1MiB", "768KiB", "512KiB" };

static void
die(const char *what, const char *why)
{
	(void)fprintf(stderr, "sweep: %s: %s\n", what, why);
	exit(99);
}

struct text {
	struct text *next;
	char bytes[];
};
static struct text *texts;

const char *
room_text(const char *format, ...)
{
	struct text *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = length >= 0 ? malloc(sizeof(*text) + (size_t)length + 1) :
	    NULL;
	if (text == NULL)
		die("malloc", strerror(errno));
	va_start(args, format);
	(void)vsnprintf(text->bytes, (size_t)length + 1, format, args);
	va_end(args);
	text->next = texts;
	texts = text;
	return (text->bytes);
}

void
room_forget_texts(void)
{
	struct text *text;

	while ((text = texts) != NULL) {
		texts = text->next;
		free(text);
	}
}

const char *
room_sample_name(enum sample sample)
{
	return (names[sample]);
}

enum sample
room_sample_of(const char *name)
{
	int i;

	for (i = 0; i < SAMPLE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			break;
	return ((enum sample)i);
}

const char *
room_sample_file(const struct room *room, enum sample sample)
{
	return (room_text("%s/%s.db", room->folder, names[sample]));
}

const char *
room_sample_wanted(const struct room *room, enum sample sample)
{
	return (sample != SAMPLE_WAL ? room_sample_file(room, sample) :
	    room_text("%s/%s.wanted", room->folder, names[sample]));
}

void
room_make_folder(const char *path)
{
	if (mkdir(path, 0700) != 0)
		die(path, strerror(errno));
}

static int
remove_one(const char *path, const struct stat *status, int type,
    struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return (remove(path));
}

void
room_remove_tree(const char *path)
{
	if (nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) != 0 &&
	    errno != ENOENT)
		die(path, strerror(errno));
}

bool
room_has(const char *path)
{
	struct stat status;

	return (lstat(path, &status) == 0);
}

static char *
load(const char *path, size_t *size)
{
	struct error error;
	char *bytes = NULL;

	error_init(&error);
	if (fd_read_file(path, FILE_MAX, &bytes, size, &error) != 0)
		die(path, error.text);
	return (bytes);
}

static void
store(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	if (file == NULL || fwrite(bytes, 1, size, file) != size ||
	    fclose(file) != 0)
		die(path, strerror(errno));
}

void
room_copy(const char *from, const char *to)
{
	size_t size = 0;
	char *bytes = load(from, &size);

	store(to, bytes, size);
	free(bytes);
}

static const char *copy_from;
static const char *copy_to;

static int
copy_one(const char *path, const struct stat *status, int type,
    struct FTW *walk)
{
	const char *to = room_text("%s%s", copy_to,
	    path + strlen(copy_from));

	(void)status;
	(void)walk;
	if (type == FTW_D)
		room_make_folder(to);
	else
		room_copy(path, to);
	return (0);
}

void
room_copy_tree(const char *from, const char *to)
{
	copy_from = from;
	copy_to = to;
	if (nftw(from, copy_one, DEPTH, FTW_PHYS) != 0)
		die(from, strerror(errno));
}

static char *found;
static size_t found_size;

static int
find_one(const char *path, const struct stat *status, int type,
    struct FTW *walk)
{
	size_t length = strlen(path);

	(void)status;
	(void)walk;
	if (type != FTW_D || length < 8 ||
	    strcmp(path + length - 8, ".partial") != 0)
		return (0);
	(void)snprintf(found, found_size, "%s", path);
	return (1);
}

bool
room_find_partial(const char *store, char *path, size_t size)
{
	found = path;
	found_size = size;
	return (nftw(store, find_one, DEPTH, FTW_PHYS) == 1);
}

bool
room_is_same(const char *a, const char *b)
{
	size_t a_size = 0;
	size_t b_size = 0;
	char *a_bytes;
	char *b_bytes;
	bool same;

	if (!room_has(a) || !room_has(b))
		return (false);
	a_bytes = load(a, &a_size);
	b_bytes = load(b, &b_size);
	same = a_size == b_size && memcmp(a_bytes, b_bytes, a_size) == 0;
	free(a_bytes);
	free(b_bytes);
	return (same);
}

void
room_damage(const char *path)
{
	size_t size = 0;
	char *bytes = load(path, &size);

	if (size == 0)
		die(path, "is empty");
	bytes[size / 2] ^= 1;
	store(path, bytes, size);
	free(bytes);
}

void
room_write(const char *path, const char *text)
{
	store(path, text, strlen(text));
}

char *
room_read(const char *path)
{
	size_t size = 0;

	return (load(path, &size));
}

/* ---- databases ---------------------------------------------------------- */

static void
run_sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
}

static void
make_sample(const struct room *room, enum sample sample)
{
	const char *path = room_sample_file(room, sample);
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		die("fork", strerror(errno));
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(126);
		(void)execl(room->make_sample, room->make_sample, "make",
		    path, sizes[sample], sample == SAMPLE_WAL ? "wal" :
		    "delete", (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die(room->make_sample, "cannot make a sample");
}

/* A last transaction that only the WAL has. */
static void
extend_wal(const struct room *room)
{
	sqlite3 *db = NULL;
	const char *path = room_sample_file(room, SAMPLE_WAL);

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL) != SQLITE_OK)
		die(path, "cannot open it");
	run_sql(db, "CREATE TABLE last(word); INSERT INTO last "
	    "VALUES('kept')");
	(void)sqlite3_close(db);
	if (!room_has(room_text("%s-wal", path)))
		die(path, "has no WAL");
}

void
room_copy_wal(const struct room *room, const char *path)
{
	const char *from = room_sample_file(room, SAMPLE_WAL);

	room_copy(from, path);
	room_copy(room_text("%s-wal", from), room_text("%s-wal", path));
}

static bool
ask_word(sqlite3 *db, const char *text, const char *wanted)
{
	sqlite3_stmt *statement = NULL;
	const char *word = NULL;
	bool same;

	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		word = (const char *)sqlite3_column_text(statement, 0);
	same = word != NULL && strcmp(word, wanted) == 0;
	(void)sqlite3_finalize(statement);
	return (same);
}

bool
room_is_wal_sample(const char *path)
{
	sqlite3 *db = NULL;
	bool good;

	good = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK && ask_word(db, "PRAGMA journal_mode", "wal") &&
	    ask_word(db, "PRAGMA integrity_check", "ok") &&
	    ask_word(db, "SELECT word FROM last", "kept");
	(void)sqlite3_close(db);
	return (good);
}

/* ---- the folder --------------------------------------------------------- */

static const char *
needed(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL || value[0] == '\0')
		die(name, "is not set; run this from make check-crash");
	return (value);
}

void
room_open(struct room *room)
{
	static char make[600];
	const char *parent = getenv("TMPDIR");
	const char *sanitizers = getenv("SANITIZERS");
	int i;

	(void)snprintf(make, sizeof(make), "%s/sample-database",
	    needed("top_builddir"));
	room->make_sample = make;
	room->vdibackup = needed("VDIBACKUP");
	room->slower = sanitizers == NULL || strcmp(sanitizers, "no") == 0 ?
	    1 : 4;
	(void)snprintf(room->folder, sizeof(room->folder),
	    "%s/vdibackup-sweep.XXXXXX", parent != NULL ? parent : "/tmp");
	if (mkdtemp(room->folder) == NULL)
		die(room->folder, strerror(errno));
	for (i = 0; i < SAMPLE_COUNT; i++)
		make_sample(room, (enum sample)i);
	extend_wal(room);
}

void
room_close(const struct room *room)
{
	room_remove_tree(room->folder);
}
