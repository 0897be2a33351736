/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_CONTROL_H
#define JOB_CONTROL_H

#include "base/error.h"
#include "base/fault_use.h"
#include "job/job.h"
#include "job/latch.h"
#include "job/phase.h"
#include "provider/provider.h"
#include "sql/session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What a backup and a restore have in common while they run: the phase, the
 * events, the latch, the device set that a failure aborts, the session.
 *
 *     control_init -> control_enter per phase ... -> control_release
 *
 * The job's own thread calls everything but control_emit and control_fail,
 * which any thread may call.
 */

/* What is known of the statement: whether a transfer that was interrupted can
 * have been a backup in the server's eyes. */
enum control_fate {
	CONTROL_NOT_SENT,
	CONTROL_UNKNOWN,
	CONTROL_FAILED,
	CONTROL_SUCCEEDED
};

/* Buffers of a device set take shared memory, and touching a page for the
 * first time costs time: no more than this, unless it would be less than two
 * buffers for each device. */
#define CONTROL_BUFFER_BYTES (UINT64_C(256) << 20)

struct control {
	const struct job_common *common;
	struct job_result *result;
	struct latch latch;
	pthread_mutex_t emit_lock; /* one event at a time */
	enum phase phase;
	struct provider_set *set;  /* owned; NULL before it is made */
	struct session *session;   /* owned */
	enum control_fate fate;
	pthread_t owner;           /* the job's thread */
	atomic_bool has_ended;     /* the statement, as far as was heard */
	struct fault_plan engine_faults; /* --engine-inject, and what fired */
	bool given_up;             /* the server does not end its statement */
	bool close_early;          /* a drill asks for it */
	atomic_bool aborted_by_drill; /* of ours: we know why, without asking */
	int64_t began_ns;
	int64_t heard_ns; /* the server's last message */
	char set_name[64];
};

int control_init(struct control *control, const struct job_common *common,
    struct job_result *result, struct error *error) MUST_CHECK;
/* Ends the session and closes the set by force if they are still there. */
void control_release(struct control *control);

/* Check what every job takes, and give the device set its name. */
int control_plan(struct control *control, unsigned devices,
    struct error *error) MUST_CHECK;

/*
 * A new phase: tells the caller, runs the drills that are due here, and looks
 * whether the job was told to stop, unless all devices are closed: then the
 * server has decided, and what is left is short.  -1: *error says why the job
 * must end.
 */
int control_enter(struct control *control, enum phase phase,
    struct error *error) MUST_CHECK;

/* The last phase: nothing can stop the job any more. */
void control_done(struct control *control);

/* Whether the caller has set the stop flag. */
bool control_is_told_to_stop(const struct control *control);

/* The stop flag of the caller or the latch, as an error. */
int control_check(struct control *control, struct error *error) MUST_CHECK;

/* Trip the latch: aborts the set, once. */
void control_fail(struct control *control, const struct error *error);

void control_emit(struct control *control, const struct job_event *event);
/* The statement is known: result->statement. */
void control_tell_statement(struct control *control);
void control_warn(struct control *control, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Keep a failure that is not the job's first, if it says something else.  The
 * job's thread calls. */
void control_note(struct control *control, const struct error *error);

/* ---- fault drills, in control_drill.c --------------------------------- */

/* Before the first phase: can the drills of both sides be played at all? */
int control_plan_drills(struct control *control,
    enum fault_direction direction, struct error *error) MUST_CHECK;

/* Those that are due at the phase; control_enter calls it. */
int control_drill(struct control *control, struct error *error) MUST_CHECK;

/* A drill aborts the set from a device's thread. */
void control_abort_by_drill(struct control *control,
    const struct error *error);

/* A drill cancels the statement; any thread.  Returns when the server has let
 * go of it, or after a moment. */
void control_cancel_by_drill(struct control *control);

/* A line of the engine's standard error that tells of a drill; false: it is
 * another one. */
bool control_hear_drill(struct control *control, const char *line);

/* Close a set with devices open, as the drill has asked for; *error is the
 * drill's, and gets what Close answers. */
void control_close_early(struct control *control, struct error *error);

/* Has a drill damaged what is stored, or what was read?  KIND_INTEGRITY. */
int control_check_damage(const struct control *control, struct error *error)
    MUST_CHECK;

/* All went well; but a drill that fired has to have had an end, stalls
 * excepted. */
int control_judge_drills(const struct control *control, struct error *error)
    MUST_CHECK;

/* At the end: count those that fired, and warn of each that was asked for and
 * did not. */
void control_note_drills(struct control *control);

/* ---- the server's side, in control_server.c -------------------------- */

/* A session to the server that the description names, opened. */
int control_connect(struct control *control, const char *database,
    struct error *error) MUST_CHECK;

/* The device set, created with these wishes. */
int control_create_set(struct control *control, unsigned devices,
    uint32_t features, struct error *error) MUST_CHECK;

/* Send the statement; expected is the message that proves success. */
int control_begin(struct control *control, const char *statement,
    int expected, struct error *error) MUST_CHECK;

/*
 * Wait until the server has configured the set, and watch the statement: a
 * server that refuses it never opens the set.
 */
int control_configure(struct control *control, struct VDConfig *config,
    struct error *error) MUST_CHECK;

/* The statement's end, waited for with a deadline, after which it is cancelled;
 * what the server said of it goes into the result.  0: it has succeeded. */
int control_end_statement(struct control *control, int64_t timeout_ms,
    struct error *error) MUST_CHECK;

/*
 * After a failure, with *error set: abort the set, let the server end its
 * statement, keep what it said.  If *error says no more than that the set was
 * aborted, and the server says why, its story is the error.
 */
void control_conclude(struct control *control, struct error *error);

/* Wait a moment for messages of the session; true while it runs. */
bool control_listen(struct control *control, int64_t timeout_ms);

#endif
