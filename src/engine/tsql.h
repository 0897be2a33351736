/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_TSQL_H
#define ENGINE_TSQL_H

#include "base/attr.h"
#include "runtime/vdi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * BACKUP and RESTORE statements as the engine understands them (spec 16.1):
 *
 *     BACKUP DATABASE | LOG name [part [, ...]] TO device [, ...]
 *         [WITH option [, ...]]
 *     RESTORE DATABASE | LOG name [part [, ...]] FROM device [, ...]
 *         [WITH ...]
 *     RESTORE VERIFYONLY | HEADERONLY | FILELISTONLY | LABELONLY
 *         FROM device [, ...] [WITH ...]
 *     device: VIRTUAL_DEVICE = 'name'
 *     part: FILE = 'name', FILEGROUP = 'name', READ_WRITE_FILEGROUPS or
 *         PAGE = 'file:page [, ...]'
 *
 * A pure function from text to struct.  What SQL Server knows and this engine
 * does not do parses, and is told in `refused`, so that the statement can be
 * refused with a message that says so; what nobody knows is a syntax error.
 */

enum tsql_verb {
	TSQL_BACKUP_DATABASE,
	TSQL_BACKUP_LOG,
	TSQL_RESTORE_DATABASE,
	TSQL_RESTORE_LOG,
	TSQL_VERIFYONLY,
	TSQL_HEADERONLY,
	TSQL_FILELISTONLY,
	TSQL_LABELONLY
};

enum tsql_choice {
	TSQL_UNSAID,
	TSQL_YES,
	TSQL_NO
};

#define TSQL_MOVE_MAX 16

struct tsql_move {
	char *logical;
	char *path;
};

struct tsql_statement {
	enum tsql_verb verb;
	char *database; /* NULL where the verb takes none */
	char *devices[VD_MAX_DEVICES];
	unsigned device_count;
	uint32_t block_size;    /* 0: not given */
	uint32_t transfer_size; /* 0: not given */
	uint32_t buffer_count;  /* 0: not given */
	uint16_t file;          /* backup set on the media; 0: not given */
	unsigned stats;         /* a message every so many percent; 0: none */
	enum tsql_choice checksum;
	bool continue_after_error;
	bool replace;
	bool copy_only;
	bool differential;
	bool compression;
	bool format;     /* new media */
	bool init;       /* from the start, but the label stays */
	bool skip;       /* whatever the label says */
	bool snapshot;
	bool norecovery; /* the restored file is not opened */
	char *name;
	char *description;
	char *media_name;
	char *media_description;
	struct tsql_move moves[TSQL_MOVE_MAX];
	unsigned move_count;
	const char *refused; /* an option that is known but not done here */
};

/* A message of the server: its number and what goes into the text. */
struct tsql_error {
	int number; /* 102, 105, 113, 153, 155, 156, 3031, 3205 */
	char first[160];
	char second[160];
};

/*
 * 0, or -1 with error filled.  The statement is to be released either way.
 * Out of memory is message 701.
 */
int tsql_parse(const char *text, struct tsql_statement *statement,
    struct tsql_error *error) MUST_CHECK;
void tsql_release(struct tsql_statement *statement);

/* "BACKUP DATABASE", "VERIFY DATABASE": as 3013 and 3014 name it. */
const char *tsql_verb_name(enum tsql_verb verb);

static inline bool
tsql_is_backup(enum tsql_verb verb)
{
	return (verb == TSQL_BACKUP_DATABASE || verb == TSQL_BACKUP_LOG);
}

#endif
