/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "disk.h"
#include "help.h"
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 *     replay [-t] [-f] PROGRAM LOG FOLDER SCRATCH
 *
 * Replays what was recorded of vdibackup's work below FOLDER (record.h), lets
 * the power fail after each step, and judges what each such disk may look like
 * afterwards (judge.h).  -t: every subset of what was not durable, and all
 * that is adoptable is adopted.  -f: the first violation ends it.  One more
 * record is for the log's owner to add, after a run; what was there before all
 * runs was done, too:
 *
 *     mark done PATH   the program has reported success for it
 *
 * The last state must be what lies below FOLDER, or something was done that
 * was not recorded.  Ends with the number of images and violations; status 0
 * if there is none, 1 if there are, 2 if the log does not make sense.
 */

/* With so few changes that are not durable, each subset of them is tried. */
#define SUBSETS 3
#define SUBSETS_THOROUGH 5
#define FIELDS 4
#define MARKS_MAX 64

struct replay {
	struct disk *disk;
	struct judge judge;
	char *log; /* the whole of it */
	size_t size;
	size_t at;
	unsigned step;
	char *line; /* of this step, for messages */
	char *done[MARKS_MAX];
	size_t done_count;
	char *told; /* NULL, or the path of a backup that the server counts */
	char *told_partial;
	uint64_t *seen; /* images that were judged */
	size_t seen_count;
	unsigned violations;
	bool first_ends;
};

static const char *const data_names[DISK_DATA_COUNT] = {
	[DISK_LOST] = "lost",
	[DISK_ZERO] = "zeros",
	[DISK_TORN] = "torn",
	[DISK_KEPT] = "kept",
};

static void
read_log(struct replay *replay, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		help_fail("cannot open \"%s\": %s", path, strerror(errno));
	replay->size = (size_t)st.st_size;
	replay->log = malloc(replay->size + 1);
	if (replay->log == NULL || read(fd, replay->log, replay->size) !=
	    (ssize_t)replay->size)
		help_fail("cannot read \"%s\"", path);
	else
		replay->log[replay->size] = '\0';
	(void)close(fd);
}

/* The next line, cut into fields; 0 at the end. */
static size_t
next_line(struct replay *replay, char *fields[FIELDS])
{
	char *text = replay->log + replay->at;
	char *end = memchr(text, '\n', replay->size - replay->at);
	char *rest = NULL;
	char *field;
	size_t count = 0;

	if (end == NULL)
		return (0);
	*end = '\0';
	replay->at = (size_t)(end + 1 - replay->log);
	free(replay->line);
	replay->line = help_copy(text, (size_t)(end - text));
	for (field = strtok_r(text, "\t", &rest); field != NULL;
	    field = strtok_r(NULL, "\t", &rest)) {
		if (count == FIELDS)
			help_fail("too many fields: %s", replay->line);
		fields[count++] = field;
	}
	return (count);
}

static uintmax_t
number(const struct replay *replay, const char *text)
{
	char *end;
	uintmax_t value;

	errno = 0;
	value = strtoumax(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text)
		help_fail("no number: %s", replay->line);
	return (value);
}

/* The bytes that a line has announced. */
static const char *
take(struct replay *replay, size_t size)
{
	const char *data = replay->log + replay->at;

	if (size > replay->size - replay->at)
		help_fail("cut short: %s", replay->line);
	replay->at += size;
	return (data);
}

/* The paths of the backup whose server was just told: the next rename of
 * something partial has them. */
static void
find_told(struct replay *replay)
{
	static const char mark[] = "rename\t";
	static const char partial[] = ".partial\t";
	const char *at = replay->log + replay->at;
	const char *end = replay->log + replay->size;

	while ((at = memmem(at, (size_t)(end - at), mark,
	    strlen(mark))) != NULL) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *to = stop == NULL ? NULL :
		    memmem(at, (size_t)(stop - at), partial, strlen(partial));

		at += strlen(mark);
		if (to == NULL)
			continue;
		to += strlen(partial);
		replay->told = help_copy(to, (size_t)(stop - to));
		replay->told_partial = help_copy(at, (size_t)(to - 1 - at));
		return;
	}
}

static void
forget_told(struct replay *replay)
{
	free(replay->told);
	free(replay->told_partial);
	replay->told = replay->told_partial = NULL;
}

static void
add_done(struct replay *replay, const char *path, size_t length)
{
	if (replay->done_count == MARKS_MAX)
		help_fail("more than %d backups", MARKS_MAX);
	replay->done[replay->done_count++] = help_copy(path, length);
}

/* A file that is there before all runs: is it, or is it in, a backup? */
static void
note_backup(struct replay *replay, const char *path)
{
	static const char manifest[] = "/manifest.json";
	size_t length = strlen(path);
	size_t rest = length > strlen(manifest) ? length - strlen(manifest) :
	    0;

	if (strstr(path, ".partial/") != NULL)
		return;
	if (strcmp(path + rest, manifest) == 0)
		add_done(replay, path, rest);
	else if (strstr(path, "/stripe-") == NULL && length > 8 &&
	    strcmp(path + length - 8, ".bak.zst") == 0)
		add_done(replay, path, length);
}

static void
take_mark(struct replay *replay, char *fields[FIELDS], size_t count)
{
	forget_told(replay);
	if (strcmp(fields[1], "told") == 0)
		find_told(replay);
	else if (strcmp(fields[1], "done") == 0 && count == 3)
		add_done(replay, fields[2], strlen(fields[2]));
	else
		help_fail("what mark is this: %s", replay->line);
}

/* False where the line is none that changes a disk or what must be on it. */
static bool
take_step(struct replay *replay, char *fields[FIELDS], size_t count)
{
	const char *verb = fields[0];
	struct disk *disk = replay->disk;
	size_t size;

	if (strcmp(verb, "dir") == 0 && count == 3) {
		disk_add(disk, number(replay, fields[1]), fields[2], NULL, 0);
		return (false);
	}
	if (strcmp(verb, "file") == 0 && count == 4) {
		size = number(replay, fields[2]);
		disk_add(disk, number(replay, fields[1]), fields[3],
		    take(replay, size), size);
		note_backup(replay, fields[3]);
		return (false);
	}
	if (strcmp(verb, "create") == 0 && count == 3)
		disk_create(disk, number(replay, fields[1]), fields[2],
		    false);
	else if (strcmp(verb, "mkdir") == 0 && count == 3)
		disk_create(disk, number(replay, fields[1]), fields[2], true);
	else if (strcmp(verb, "write") == 0 && count == 4) {
		size = number(replay, fields[3]);
		disk_write(disk, number(replay, fields[1]),
		    number(replay, fields[2]), take(replay, size), size);
	} else if (strcmp(verb, "size") == 0 && count == 3)
		disk_resize(disk, number(replay, fields[1]),
		    number(replay, fields[2]));
	else if (strcmp(verb, "sync") == 0 && count == 2)
		disk_sync(disk, number(replay, fields[1]));
	else if (strcmp(verb, "rename") == 0 && count == 3)
		disk_rename(disk, fields[1], fields[2]);
	else if (strcmp(verb, "remove") == 0 && count == 2)
		disk_remove(disk, fields[1]);
	else if (strcmp(verb, "mark") == 0 && count >= 2)
		take_mark(replay, fields, count);
	else
		help_fail("what is this: %s", replay->line);
	return (true);
}

/* Whether an image with these wishes is a new one. */
static bool
is_new(struct replay *replay, const struct image *image)
{
	uint64_t hash = image_hash(image, NULL) + replay->done_count * 2 +
	    (replay->told != NULL);
	size_t i;

	for (i = 0; i < replay->seen_count; i++)
		if (replay->seen[i] == hash)
			return (false);
	replay->seen = help_more(replay->seen, replay->seen_count,
	    sizeof(*replay->seen));
	replay->seen[replay->seen_count++] = hash;
	return (true);
}

static void
judge_one(struct replay *replay, uint64_t survivors, enum disk_data data)
{
	struct judge_wish wish = {
		.done = (const char *const *)replay->done,
		.done_count = replay->done_count,
		.told = replay->told,
		.told_partial = replay->told_partial };
	struct image *image = disk_lose_power(replay->disk, survivors, data);

	if (!(replay->first_ends && replay->violations > 0) &&
	    is_new(replay, image) &&
	    !judge_image(&replay->judge, image, &wish)) {
		replay->violations++;
		fprintf(stderr, "power lost after step %u (%s), of %zu changes "
		    "of names %#jx durable, data %s\n", replay->step,
		    replay->line, disk_change_count(replay->disk),
		    (uintmax_t)survivors, data_names[data]);
	}
	image_free(image);
}

static void
judge_names(struct replay *replay, uint64_t survivors)
{
	enum disk_data data;

	for (data = 0; data < DISK_KEPT; data++)
		if (disk_is_dirty(replay->disk))
			judge_one(replay, survivors, data);
	judge_one(replay, survivors, DISK_KEPT);
}

/* A bit for each of so many changes. */
static uint64_t
all_of(size_t count)
{
	return (count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX);
}

/* All subsets of a few changes; of many: the first so many, all but one, and
 * one alone. */
static void
lose_power(struct replay *replay)
{
	size_t count = disk_change_count(replay->disk);
	size_t few = replay->judge.thorough ? SUBSETS_THOROUGH : SUBSETS;
	uint64_t all = all_of(count);
	uint64_t survivors;
	size_t i;

	if (count <= few) {
		for (survivors = 0; survivors <= all; survivors++)
			judge_names(replay, survivors);
		return;
	}
	for (i = 0; i < count; i++) {
		judge_names(replay, (UINT64_C(1) << i) - 1);
		judge_names(replay, all & ~(UINT64_C(1) << i));
		judge_names(replay, UINT64_C(1) << i);
	}
	judge_names(replay, all);
}

int
main(int argc, char **argv)
{
	struct replay replay = { 0 };
	char *fields[FIELDS] = { NULL };
	struct image *image;
	size_t count;

	for (; argc > 1 && argv[1][0] == '-'; argv++, argc--) {
		replay.judge.thorough |= strcmp(argv[1], "-t") == 0;
		replay.first_ends |= strcmp(argv[1], "-f") == 0;
	}
	if (argc != 5)
		help_fail("[-t] [-f] PROGRAM LOG FOLDER SCRATCH");
	replay.judge.program = argv[1];
	replay.judge.scratch = argv[4];
	replay.disk = disk_new();
	read_log(&replay, argv[2]);
	while ((count = next_line(&replay, fields)) > 0)
		if (take_step(&replay, fields, count)) {
			replay.step++;
			lose_power(&replay);
		}
	image = disk_lose_power(replay.disk,
	    all_of(disk_change_count(replay.disk)), DISK_KEPT);
	if (!image_is_at(image, argv[3]))
		help_fail("something was not recorded");
	image_free(image);
	printf("%u steps, %zu images, %u runs, %u violations\n", replay.step,
	    replay.seen_count, replay.judge.runs, replay.violations);
	disk_free(replay.disk);
	while (replay.done_count > 0)
		free(replay.done[--replay.done_count]);
	forget_told(&replay);
	free(replay.line);
	free(replay.seen);
	free(replay.judge.good);
	free(replay.log);
	return (replay.violations > 0);
}
