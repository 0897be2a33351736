/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_ROOM_H
#define TEST_CRASH_ROOM_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Folders, files and databases of the sweep: one folder for all, with the
 * samples, and in it one for each run.
 *
 * What goes wrong here is not the product's fault: it ends the program.
 */

/* The databases that are backed up.  Each has a name that the server knows it
 * under, a file, and what its restore must give, byte by byte. */
enum sample {
	SAMPLE_ONE, /* journal mode DELETE */
	SAMPLE_TWO, /* the same, other content */
	SAMPLE_WAL, /* WAL mode; its last transaction is in the WAL alone */
	SAMPLE_COUNT
};

struct room {
	char folder[200];
	const char *vdibackup;
	const char *make_sample; /* tools/sample-database */
	int slower;              /* than a plain build: times all bounds */
};

void room_open(struct room *room);
void room_close(const struct room *room);

const char *room_sample_name(enum sample sample);
/* The database of that name, or SAMPLE_COUNT. */
enum sample room_sample_of(const char *name);
const char *room_sample_file(const struct room *room, enum sample sample);
/* What a restore of a backup of it must give. */
const char *room_sample_wanted(const struct room *room, enum sample sample);

/* Text that is put together; valid until room_forget_texts. */
const char *room_text(const char *format, ...) PRINTF_LIKE(1, 2);
void room_forget_texts(void);

void room_make_folder(const char *path);
void room_remove_tree(const char *path);
void room_copy(const char *from, const char *to);
/* A folder and what is in it, folders too. */
void room_copy_tree(const char *from, const char *to);
bool room_has(const char *path);
/* The first folder below that a job has not finished. */
bool room_find_partial(const char *store, char *path, size_t size);
bool room_is_same(const char *a, const char *b);
/* Change one byte in the middle of a file. */
void room_damage(const char *path);
void room_write(const char *path, const char *text);
/* The whole file as text; owned by the caller (free). */
char *room_read(const char *path);

/* Copy the WAL sample with its WAL; and whether path is still that database:
 * content, WAL mode and all.  Opening it writes to it. */
void room_copy_wal(const struct room *room, const char *path);
bool room_is_wal_sample(const char *path);

#endif
