/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "base/attr.h"
#include "base/error.h"
#include "base/fault.h"
#include "sql/statement.h"
#include "transfer/adapt.h"
#include "transfer/codec.h"
#include "transfer/footprint.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A job: one backup or one restore from plan to verdict.  This layer alone
 * combines the session (what the server is told), the provider (the virtual
 * devices), the transfer (bytes) and the store (files).
 *
 * The caller fills a description, gets events while the job runs and a
 * result at the end:
 *
 *     job_backup_init -> fill -> job_backup_run -> job_result_release
 *
 * Nothing here prints or exits.  Strings in descriptions are borrowed for the
 * call.  Events come from one thread at a time, not always the same one.
 *
 * A backup is good only with three witnesses: every device said closed, the
 * server reported success, the manifest is durable.
 */

/* ---- which server -------------------------------------------------- */

struct engine_options;
struct provider_ops;
struct session;

/* Makes the session to an embedded server: sql/engine.h. */
typedef struct session *job_session_maker(
    const struct engine_options *options, struct error *error);

struct job_server {
	const char *name;        /* for the store's folder and the manifest */
	const char *engine;      /* KIND:REST, see base/database.h */
	const char *provider;    /* auto, native, sqlvdi; see provider.h */
	const char *library;     /* the vendor's, for sqlvdi; NULL: usual */
	const char *const *engine_faults; /* --engine-inject, NULL-ended */
	/* For whoever stands between a job and its neighbours, as tests do
	 * that put faults there.  Borrowed; NULL: the provider of that name,
	 * the session that the description calls for. */
	const struct provider_ops *provider_ops;
	job_session_maker *session_maker;
};

/* ---- what happens meanwhile ---------------------------------------- */

enum job_event_type {
	JOB_EVENT_PHASE,    /* text: the phase's name */
	JOB_EVENT_STATEMENT, /* text: the T-SQL that will be run */
	JOB_EVENT_PROGRESS, /* the numbers */
	JOB_EVENT_MESSAGE,  /* text, number, level: from the server */
	JOB_EVENT_WARNING,  /* text */
	JOB_EVENT_FAULT     /* text: a drill fired, and where */
};

struct job_event {
	enum job_event_type type;
	const char *text;
	int number;
	int level;
	int percent; /* -1: not known */
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	int64_t elapsed_ns; /* since the first byte could flow */
};

typedef void job_event_handler(void *context, const struct job_event *event);

/* ---- what every job takes ------------------------------------------ */

struct job_common {
	struct job_server server;
	const char *database;
	unsigned threads;        /* 0: the machine's processors */
	uint32_t buffer_count;   /* 0: worked out */
	uint32_t max_transfer_size;
	uint32_t block_size;     /* 0: the server's default */
	int64_t configure_timeout_ms;
	int64_t stall_timeout_ms; /* no byte and no command for so long */
	int64_t result_timeout_ms; /* from the last device closed to the end
	                            * of the statement */
	int64_t lock_wait_ms;
	bool dry_run;            /* fill result->statement and stop */
	struct fault_plan *faults;
	/* Set by a signal handler, to the signal's number: the job aborts,
	 * cleans and returns with KIND_ABORTED. */
	const atomic_int *stop;
	job_event_handler *handler;
	void *handler_context;
};

/* Default sizes and time-outs; job_backup_init and the like call it. */
void job_common_init(struct job_common *common);

/* ---- backup --------------------------------------------------------- */

enum job_target_kind {
	JOB_TARGET_STORE,   /* a folder: STORE/<server>/<database>/<backup>/ */
	JOB_TARGET_FILE,    /* FILE.bak.zst: one device */
	JOB_TARGET_STDOUT,  /* one device, no manifest */
	JOB_TARGET_NULL,    /* thrown away: for measuring */
	JOB_TARGET_COMMAND  /* one device into a command's standard input */
};

struct job_backup {
	struct job_common common;
	/* What is to be said to the server.  Database, devices and STATS are
	 * the job's to fill in. */
	struct statement_backup statement;
	enum job_target_kind target_kind;
	const char *target; /* path or command */
	unsigned devices;   /* 1..64 */
	bool source_only;   /* null target: complete commands, read nothing */
	struct codec_settings codec; /* transfer/codec.h */
	bool auto_level;    /* begin with its level and keep within: */
	struct adapt_bounds level_bounds;
	uint64_t frame_size;
	uint64_t limit_rate; /* stored bytes per second, 0: none */
};

/* Whether the backup is to be COPY_ONLY: because it is asked for, or because
 * what is thrown away must move no differential base and no log chain.  (A
 * differential backup moves neither.) */
static inline bool
job_backup_is_copy_only(const struct job_backup *job)
{
	return (job->statement.copy_only ||
	    (job->target_kind == JOB_TARGET_NULL &&
	    job->statement.type != STATEMENT_DIFF));
}

/* ---- restore --------------------------------------------------------- */

struct job_restore {
	struct job_common common;
	/* As for a backup.  The restore of a database becomes that of a log
	 * where the backup says that it is one, unless is_type_given. */
	struct statement_restore statement;
	bool is_type_given;
	const char *const *from; /* store, backup folder, files, or "-" */
	size_t from_count;
	const char *backup;      /* id or "latest"; NULL: the only or latest */
	unsigned devices;        /* fewer than stripes: the server has to load
	                          * one after another; 0: as many */
};

/* ---- the verdict ------------------------------------------------------ */

struct job_stripe {
	char *file;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t frames;
	char sha256[65];
	char xxh128[33];
};

/* The levels that frames were compressed with; where --level is a number, all
 * are that. */
struct job_levels {
	bool automatic;
	struct adapt_summary summary;
};

/* Failures that are kept beside the first one. */
#define JOB_MAX_NOTES 8u

struct job_message {
	int number;
	int level;
	char *text;
};

struct job_result {
	struct error error;  /* KIND_NONE: done, and proven */
	/* What else went wrong: after the error, or in cleaning up after a
	 * success.  Later ones than JOB_MAX_NOTES are dropped. */
	struct error notes[JOB_MAX_NOTES];
	unsigned note_count;
	char phase[32];      /* the phase that the job ended in */
	char backup_id[40];
	char *statement;
	char *path;          /* the backup, once it is one; or the database;
	                      * NULL where nothing was written */
	char *leftover;      /* what was left behind, or NULL */
	bool leftover_adoptable; /* it has a manifest: adopt.h */
	char *server;
	char *database;
	char type[16];       /* full, diff, log, file, ... */
	unsigned devices;
	unsigned devices_closed;
	bool server_succeeded;
	bool manifest_durable;
	bool set_wide_hold;  /* VDC_Complete was held for all stripes */
	bool complete_enabled;
	/* What the job may take at most; all zero where that was not worked
	 * out. */
	struct footprint footprint;
	bool has_levels;     /* a backup that compresses was planned */
	struct job_levels levels;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t commands;
	int64_t elapsed_ns;  /* the whole job */
	/* Before it the job starts, the statement with it; after it the server
	 * comes to its end. */
	int64_t start_ns;    /* until every device was open */
	int64_t transfer_ns; /* from there until the last one was closed */
	struct job_stripe *stripes;
	size_t stripe_count;
	struct job_message *messages; /* errors and warnings of the server */
	size_t message_count;
	unsigned faults_fired;
};

void job_backup_init(struct job_backup *job);
void job_restore_init(struct job_restore *job);

/* 0: result->error.kind is KIND_NONE.  -1: it says why not.  The result is
 * filled either way; release it. */
int job_backup_run(const struct job_backup *job, struct job_result *result)
    MUST_CHECK;
int job_restore_run(const struct job_restore *job, struct job_result *result)
    MUST_CHECK;
void job_result_release(struct job_result *result);

#endif
