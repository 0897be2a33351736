/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_SEAMS_BENCH_H
#define TESTS_FAULTS_SEAMS_BENCH_H

#include "seams.h"

#include <stdbool.h>

/*
 * A database, a store, a backup, and jobs on them with the seams in between.
 *
 *     bench_make -> bench_look
 *       -> bench_begin, faults -> bench_backup or bench_restore
 *       -> what came of it -> bench_forget -> ... -> bench_remove
 *
 * Every run ends with the checks that hold whatever happened: the three
 * witnesses of a success, nothing that looks like a backup after a failure,
 * no descriptor, thread, child process or name in shared memory left, and a
 * server that ended its statement by itself.
 */

#define BENCH_DEVICES 2u
/* Longer than anything takes. */
#define BENCH_LONG_MS 60000

/* Deadlines of a job that are to pass in a run; the others are far away. */
enum bench_haste {
	BENCH_PATIENT,
	BENCH_CONFIGURE,
	BENCH_STALL,
	BENCH_RESULT
};

struct bench {
	enum bench_haste haste;
	bool tells_peer;  /* the server is to have ended by itself */
	bool lies;        /* what is heard of the server need not be so */
	const char *stop_at; /* the phase in which the job is told to stop */
	char label[160];  /* the fault, for messages */
	int rc;
	struct job_result result;
	char warnings[2000];
};

extern struct bench bench;

#define BENCH_HOLDS(condition)                                                 \
	ck_assert_msg(condition, "%s: %s: %s", bench.label, #condition,        \
	    bench.result.error.text)

/* Once, in a process that may be forked afterwards. */
void bench_make(void);
void bench_remove(void);
const char *bench_good(void);
/* In the process that runs the jobs: what it has open, and its threads. */
void bench_look(void);

/* Whether every combination is to be tried ($FAULTS is "all"), or a few. */
bool bench_is_thorough(void);

/* The next run: patient, with a server that is to be told. */
void bench_begin(void);
void bench_backup(void);
/* From the backup that bench_make has made. */
void bench_restore(void);
void bench_forget(void);

/* Tells the job to stop, as a signal would. */
void bench_stop(void);

/* A backup, and a restore of it, with nothing in between. */
void bench_prove(void);

/* What the result is to say; names what is wrong with it. */
void bench_succeeds(void);
void bench_fails(enum error_kind kind, const char *stage, const char *text);
void bench_has_code(enum error_origin origin, long code);

#endif
