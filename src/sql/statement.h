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
 * Zero means "say nothing" for every number.
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

struct statement_backup {
	const char *database;
	enum statement_type type;
	struct statement_devices devices;
	bool copy_only;
	bool tail; /* log: NORECOVERY, the database is left restoring */
	enum statement_choice checksum;
	enum statement_choice compression;
	const char *name;        /* may be NULL */
	const char *description; /* may be NULL */
	unsigned stats;          /* STATS = n per cent */
	const char *extra;       /* --with; may be NULL */
};

enum statement_recovery {
	STATEMENT_RECOVERY,
	STATEMENT_NORECOVERY,
	STATEMENT_STANDBY
};

struct statement_move {
	const char *logical;
	const char *path;
};

struct statement_restore {
	const char *database;
	bool log;         /* RESTORE LOG */
	bool verify_only; /* RESTORE VERIFYONLY; recovery and moves unused */
	struct statement_devices devices;
	bool replace;
	enum statement_recovery recovery;
	const char *standby_file;
	const struct statement_move *moves;
	size_t move_count;
	enum statement_choice checksum;
	const char *stop_at; /* "2026-11-24T07:30:00", or NULL */
	unsigned stats;
	const char *extra; /* --with; may be NULL */
};

char *statement_build_backup(const struct statement_backup *backup,
    struct error *error) MUST_CHECK;
char *statement_build_restore(const struct statement_restore *restore,
    struct error *error) MUST_CHECK;

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
