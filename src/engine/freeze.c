/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/freeze.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "engine/ask.h"
#include "engine/imprint.h"
#include "engine/message.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_MS 20

struct freeze {
	struct freeze_info info;
	sqlite3 *db; /* holds the write lock */
	int fd;      /* closed only after the connection: see snapshot.c */
	struct stop *stop;
	struct deadline deadline;
};

static int
fail_system(struct error *error, int errnum)
{
	char reason[128];

	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
	    MESSAGE_READ_FAILED, "%d(%s)", errnum, error_reason(errnum,
	    reason, sizeof(reason))));
}

static int
fail_sqlite(const struct freeze *freeze, int code, struct error *error)
{
	int number = MESSAGE_CANNOT_OPEN_FILE;

	code &= 0xff;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		number = MESSAGE_LOCK_TIMEOUT;
	else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		number = MESSAGE_BAD_DATABASE;
	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER, number, "%s",
	    freeze->db != NULL ? sqlite3_errmsg(freeze->db) :
	    sqlite3_errstr(code)));
}

static bool
must_give_up(struct freeze *freeze)
{
	return (clock_has_passed(freeze->deadline) ||
	    stop_wait(freeze->stop, POLL_MS));
}

static int
on_busy(void *context, int count)
{
	(void)count;
	return (!must_give_up(context));
}

/* Bytes in the WAL. */
static int64_t
wal_size(const struct freeze *freeze)
{
	struct stat status;
	struct str name;
	int64_t size = 0;

	str_init(&name);
	str_addf(&name, "%s-wal", sqlite3_db_filename(freeze->db, "main"));
	if (!name.failed && stat(name.text, &status) == 0)
		size = status.st_size;
	str_release(&name);
	return (size);
}

/*
 * The write lock, and nothing in the WAL: between emptying it and getting the
 * lock somebody may have written.
 */
static int
lock(struct freeze *freeze, bool is_wal)
{
	int64_t is_hindered = 0;
	int code;

	for (;;) {
		if (is_wal) {
			code = ask_number(freeze->db,
			    "PRAGMA wal_checkpoint(TRUNCATE)", &is_hindered);
			if (code != SQLITE_OK)
				return (code);
		}
		code = sqlite3_exec(freeze->db, "BEGIN IMMEDIATE", NULL, NULL,
		    NULL);
		if (code != SQLITE_OK ||
		    (is_hindered == 0 && (!is_wal || wal_size(freeze) == 0)))
			return (code);
		code = sqlite3_exec(freeze->db, "ROLLBACK", NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return (code);
		if (must_give_up(freeze))
			return (SQLITE_BUSY);
	}
}

static int
begin(struct freeze *freeze, const char *path)
{
	struct snapshot_info *info = &freeze->info.file;
	int64_t is_wal = 0;
	int64_t page_size = 0;
	int code = sqlite3_open_v2(path, &freeze->db, SQLITE_OPEN_READWRITE,
	    NULL);

	if (code == SQLITE_OK)
		code = sqlite3_busy_handler(freeze->db, on_busy, freeze);
	/* Reading rolls back what a crash left half done. */
	if (code == SQLITE_OK)
		code = ask_number(freeze->db,
		    "SELECT count(*) FROM sqlite_schema", &page_size);
	if (code == SQLITE_OK)
		code = ask_number(freeze->db, "SELECT journal_mode = 'wal' "
		    "FROM pragma_journal_mode", &is_wal);
	if (code == SQLITE_OK)
		code = lock(freeze, is_wal != 0);
	if (code == SQLITE_OK)
		code = ask_number(freeze->db, "PRAGMA page_size", &page_size);
	info->page_size = (uint32_t)page_size;
	info->is_wal = is_wal != 0;
	return (code);
}

/* What there is to be copied. */
static int
measure(struct freeze *freeze, const char *path, struct error *error)
{
	struct snapshot_info *info = &freeze->info.file;
	struct stat status;

	freeze->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (freeze->fd < 0 || fstat(freeze->fd, &status) != 0 ||
	    imprint_take(freeze->fd, &info->bytes, &freeze->info.imprint) !=
	    0)
		return (fail_system(error, errno));
	info->device = status.st_dev;
	info->inode = status.st_ino;
	return (0);
}

struct freeze *
freeze_begin(const char *path, int64_t lock_ms, struct stop *stop,
    struct error *error)
{
	struct freeze *freeze = calloc(1, sizeof(*freeze));
	int code;

	if (freeze == NULL) {
		IGNORE_RESULT(error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_NO_MEMORY, "out of memory"));
		return (NULL);
	}
	freeze->fd = -1;
	freeze->stop = stop;
	freeze->deadline = clock_deadline(lock_ms);
	code = begin(freeze, path);
	if (code != SQLITE_OK)
		IGNORE_RESULT(fail_sqlite(freeze, code, error));
	else if (measure(freeze, path, error) == 0)
		return (freeze);
	freeze_end(freeze);
	return (NULL);
}

const struct freeze_info *
freeze_info(const struct freeze *freeze)
{
	return (&freeze->info);
}

void
freeze_end(struct freeze *freeze)
{
	if (freeze == NULL)
		return;
	(void)sqlite3_close(freeze->db);
	fd_abandon(&freeze->fd);
	free(freeze);
}
