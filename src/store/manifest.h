/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The facts of one backup.
 *
 *     manifest_init -> fill in (manifest_text, manifest_add_*) ->
 *       manifest_check -> store_write_manifest -> manifest_release
 *
 * Every char * is owned by the manifest (malloc) and is UTF-8; use
 * manifest_text to put one in.  One owning thread, no locks.
 * Times are seconds since 1970, UTC; 0 means unknown where it says so.
 * The JSON form is manifest_json.h; its fields are described in
 * vdibackup-manifest(5).
 */

/* What is written; the first one, which is still read, knew a level only. */
#define MANIFEST_SCHEMA 2u
#define MANIFEST_SCHEMA_FIRST 1u
#define MANIFEST_MAX_STRIPES 64u
#define MANIFEST_MAX_MESSAGES 1000u
#define MANIFEST_MAX_FAULTS 16u
/* Bytes of one text (statement, message); longer ones are cut on the way in. */
#define MANIFEST_MAX_TEXT 65536u
#define MANIFEST_MAX_NAME 1024u
/* The last second of the year 9999. */
#define MANIFEST_MAX_TIME INT64_C(253402300799)

/* What a backup is of.  The last four are of parts of a database: files or
 * filegroups (BackupType F and G of SQL Server), or all filegroups that can be
 * written (P and Q).  None of them is a full backup. */
enum manifest_type {
	MANIFEST_FULL,
	MANIFEST_DIFF,
	MANIFEST_LOG,
	MANIFEST_FILE,
	MANIFEST_FILE_DIFF,
	MANIFEST_READ_WRITE,
	MANIFEST_READ_WRITE_DIFF
};

/* A log sequence number as the stream has it; all zero: none. */
struct manifest_lsn {
	uint32_t sequence; /* of the virtual log file */
	uint32_t block;
	uint16_t slot;
};

/* What the backup stream says about itself (spec mtf.md, SCIN of the MSLS
 * block).  GUIDs are in the stream's byte order; all zero: none. */
struct manifest_stream {
	struct manifest_lsn first;
	struct manifest_lsn last;
	struct manifest_lsn checkpoint;
	struct manifest_lsn database_backup;
	struct manifest_lsn differential_base;
	struct manifest_lsn fork_point;
	uint8_t backup_set[16];
	uint8_t differential_base_set[16];
	uint8_t recovery_fork[16];
	uint8_t first_recovery_fork[16];
	uint8_t family[16];
	int64_t started;
	int64_t finished;
	bool block_checksums;   /* the stream carries backup checksums */
	bool begins_log_chain;
	bool server_compressed; /* WITH COMPRESSION */
	char *server;           /* the stream's own words; may be NULL */
	char *database;
	char *software; /* "17.0.1000", or NULL */
};

struct manifest_message {
	int number;
	char *text;
};

/* The device set as it was configured. */
struct manifest_set {
	char *provider; /* native, sqlvdi, com */
	unsigned devices;
	uint32_t features; /* VDF_* bits that the server granted */
	uint32_t block_size;
	uint32_t transfer_size;
	uint32_t buffer_count; /* 0: left to the server */
};

/* Levels of zstd, where they were chosen frame by frame. */
struct manifest_levels {
	int min; /* what was allowed */
	int max;
	int lowest; /* what was used */
	int highest;
	int last;
};

struct manifest_stripe {
	char *file; /* name inside the folder, no slash */
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t frames;
	uint8_t sha256[32]; /* of the stored file */
	uint8_t xxh128[16]; /* of the raw stream, canonical byte order */
};

struct manifest {
	unsigned schema;
	uint8_t id[16]; /* random UUID, in the order of its text */
	char *tool;     /* "vdibackup 0.1.0" */
	char *server;
	char *database;
	enum manifest_type type;
	bool copy_only;
	int64_t started;
	int64_t finished;
	bool has_stream; /* the stream was understood */
	struct manifest_stream stream;
	char *statement;
	struct manifest_message *messages;
	size_t message_count;
	struct manifest_set set;
	int level; /* zstd; of has_levels the mean, rounded */
	uint32_t frame_size;
	uint32_t window_log; /* of a long distance; 0: none was asked for */
	bool has_levels;
	struct manifest_levels levels;
	struct manifest_stripe *stripes; /* in order of devices */
	size_t stripe_count;
	char **faults; /* drills that fired; a real backup has none */
	size_t fault_count;
};

void manifest_init(struct manifest *manifest);
void manifest_release(struct manifest *manifest);

/* A new random id (version 4 UUID). */
int manifest_new_id(uint8_t id[16], struct error *error) MUST_CHECK;

/* Replace *to by a copy of text, made valid UTF-8 and at most max bytes. */
int manifest_text(char **to, const char *text, size_t max,
    struct error *error) MUST_CHECK;

/* Beyond MANIFEST_MAX_MESSAGES the oldest but for the first half go. */
int manifest_add_message(struct manifest *manifest, int number,
    const char *text, struct error *error) MUST_CHECK;
int manifest_add_fault(struct manifest *manifest, const char *text,
    struct error *error) MUST_CHECK;
void manifest_clear_faults(struct manifest *manifest);
/* stripe->file is copied. */
int manifest_add_stripe(struct manifest *manifest,
    const struct manifest_stripe *stripe, struct error *error) MUST_CHECK;

/* What must hold of any manifest, read or about to be written: KIND_INTEGRITY
 * with the field's name. */
int manifest_check(const struct manifest *manifest, struct error *error)
    MUST_CHECK;

bool manifest_equal(const struct manifest *a, const struct manifest *b);

/* "full", "diff", "log", "file", "filediff", "readwrite", "readwritediff". */
const char *manifest_type_name(enum manifest_type type);
int manifest_parse_type(const char *text, enum manifest_type *type)
    MUST_CHECK;

/* 8-4-4-4-12 hex digits; parse is exact: 0 or -1. */
#define MANIFEST_ID_ROOM 37
void manifest_format_id(char text[MANIFEST_ID_ROOM], const uint8_t id[16]);
int manifest_parse_id(const char *text, uint8_t id[16]) MUST_CHECK;

/* LSNs as SQL Server shows them: sequence, block in 10 digits, slot in 5. */
#define MANIFEST_LSN_ROOM 26
void manifest_format_lsn(char text[MANIFEST_LSN_ROOM],
    struct manifest_lsn lsn);
int manifest_parse_lsn(const char *text, struct manifest_lsn *lsn) MUST_CHECK;
/* Below, equal, above: negative, 0, positive. */
int manifest_compare_lsn(struct manifest_lsn a, struct manifest_lsn b);
bool manifest_has_lsn(struct manifest_lsn lsn);

#endif
