/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_STATEMENT_H
#define SQL_STATEMENT_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The text of BACKUP and RESTORE, built once by pure functions and sent by
 * whatever session there is.  (Spec section 16.)
 *
 * Every text is owned by the caller (free); NULL with KIND_USAGE on error.
 * Zero, NULL and false mean "say nothing".  Texts are UTF-8, those in quotes
 * without control characters; SQL Server counts them in UTF-16 units: 128 of a
 * name, 255 of a description, 260 of a path.  Times are when.h's.
 *
 * Options that cannot stand together, or not with that kind of statement, are
 * refused with the reason (rule.c).  Where it is not certain that SQL Server
 * refuses a pair, it is let pass: the server says so itself, before a device
 * is opened.
 */

enum statement_type {
	STATEMENT_FULL,
	STATEMENT_DIFF,
	STATEMENT_LOG
};

enum statement_choice {
	STATEMENT_UNSAID,
	STATEMENT_YES,
	STATEMENT_NO
};

/* Options that the device set depends on; the same in both directions. */
struct statement_devices {
	const char *set_name; /* also the first device's name */
	unsigned count;       /* 1..64 */
	uint32_t block_size;
	uint32_t transfer_size;
	uint32_t buffer_count;
};

/* Parts of a database, by their names in it; empty: the whole database. */
struct statement_parts {
	const char *const *files;
	size_t file_count;
	const char *const *filegroups;
	size_t filegroup_count;
	bool read_write; /* READ_WRITE_FILEGROUPS */
};

/* SERVER CERTIFICATE or SERVER ASYMMETRIC KEY: one of the two. */
struct statement_encryption {
	const char *algorithm; /* AES_256 and the like; NULL: no encryption */
	const char *certificate;
	const char *asymmetric_key;
};

struct statement_backup {
	const char *database;
	enum statement_type type;
	struct statement_devices devices;
	struct statement_parts parts;
	bool copy_only;
	bool tail; /* log: NORECOVERY, the database is left restoring */
	const char *standby_file; /* log: STANDBY, it is left readable */
	enum statement_choice checksum;
	bool continue_after_error;
	enum statement_choice compression;
	const char *compression_algorithm; /* ZSTD, MS_XPRESS, QAT_DEFLATE */
	const char *compression_level;     /* of ZSTD: LOW, MEDIUM, HIGH */
	struct statement_encryption encryption;
	const char *name;
	const char *description;
	const char *expire_date;
	unsigned retain_days;
	unsigned stats;    /* STATS = n per cent */
	const char *extra; /* --with */
};

/* RESTORE ...; the last four restore nothing, the last three answer with
 * result sets. */
enum statement_verb {
	STATEMENT_RESTORE_DATABASE,
	STATEMENT_RESTORE_LOG,
	STATEMENT_VERIFYONLY,
	STATEMENT_HEADERONLY,
	STATEMENT_FILELISTONLY,
	STATEMENT_LABELONLY
};

enum statement_recovery {
	STATEMENT_RECOVERY,
	STATEMENT_NORECOVERY,
	STATEMENT_STANDBY
};

enum statement_broker {
	STATEMENT_BROKER_UNSAID,
	STATEMENT_BROKER_ENABLE,
	STATEMENT_BROKER_NEW,
	STATEMENT_BROKER_ERROR_CONVERSATIONS
};

struct statement_move {
	const char *logical;
	const char *path;
};

struct statement_restore {
	const char *database; /* unused where nothing is restored */
	enum statement_verb verb;
	struct statement_devices devices;
	struct statement_parts parts;
	const char *const *pages; /* "1:57" each, at most 1000 */
	size_t page_count;
	bool partial;
	bool replace;
	enum statement_recovery recovery;
	const char *standby_file;
	const struct statement_move *moves;
	size_t move_count;
	const char *stop_at;
	/* Marks: the name of a marked transaction, or "lsn:N". */
	const char *stop_at_mark;
	const char *stop_before_mark;
	const char *mark_after; /* the first mark after that time */
	bool restricted_user;
	bool keep_replication;
	bool keep_cdc;
	enum statement_broker broker;
	enum statement_choice checksum;
	bool continue_after_error;
	unsigned stats;
	const char *extra; /* --with */
};

char *statement_build_backup(const struct statement_backup *backup,
    struct error *error) MUST_CHECK;
char *statement_build_restore(const struct statement_restore *restore,
    struct error *error) MUST_CHECK;

/* Whether they could be built, devices apart: for whoever has none yet. */
int statement_check_backup(const struct statement_backup *backup,
    struct error *error) MUST_CHECK;
int statement_check_restore(const struct statement_restore *restore,
    struct error *error) MUST_CHECK;

/* Whether any part is named. */
static inline bool
statement_has_parts(const struct statement_parts *parts)
{
	return (parts->file_count > 0 || parts->filegroup_count > 0 ||
	    parts->read_write);
}

/*
 * The message whose arrival says that the statement did what it was to do:
 * 3014, or 3262 for VERIFYONLY.  For session_begin.
 */
#define STATEMENT_PROCESSED 3014
#define STATEMENT_VERIFIED 3262

/* Name of device index (from 1): the set's for the first, the set's followed
 * by index - 1 for the others, as the vendor's samples do. */
#define STATEMENT_NAME_ROOM 280
int statement_device_name(char name[STATEMENT_NAME_ROOM],
    const char *set_name, unsigned index) MUST_CHECK;

/*
 * BUFFERCOUNT to ask for.  The count is the whole set's, and a buffer is away
 * from the server from the moment its command is sent until it is completed.
 * For nobody to wait there have to be, per device, one that the server fills,
 * one queued and one in the pump's hands; and where a command is as large as
 * a frame and so is compressed straight from the buffer, one under each
 * compressing thread (smaller commands are copied together and given back).
 * The total is bounded by limit bytes (0: none), but never below two per
 * device, so that a device can be filled while it is emptied.
 */
uint32_t statement_buffer_count(unsigned devices, unsigned threads,
    uint32_t transfer_size, uint32_t frame_size, uint64_t limit);

/*
 * Whether the text of --with may be appended: balanced quotes and brackets,
 * no comment, no semicolon, no option that this program sets itself or that a
 * stream cannot have (see the table in with.c).  KIND_USAGE names the option.
 */
int statement_check_extra(const char *extra, bool restore,
    struct error *error) MUST_CHECK;

#endif
