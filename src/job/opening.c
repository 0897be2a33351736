/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/opening.h"

#include "base/clock.h"
#include "base/num.h"
#include "transfer/thread.h"

#include <pthread.h>

/* How often the job looks whether it was told to stop. */
#define SLICE_MS 100
/* After the statement's end: how long the set may take to be aborted. */
#define ABORT_GRACE_MS 5000

struct opening {
	struct lanes *lanes;
	pthread_t thread;
	pthread_mutex_t lock; /* guards has_ended */
	pthread_cond_t ended;
	bool has_ended;
	/* Written by the thread, read after it was joined. */
	int rc;
	struct error error;
};

static void *
run(void *context)
{
	struct opening *opening = context;

	opening->rc = lanes_open_devices(opening->lanes, &opening->error);
	(void)pthread_mutex_lock(&opening->lock);
	opening->has_ended = true;
	(void)pthread_cond_signal(&opening->ended);
	(void)pthread_mutex_unlock(&opening->lock);
	return (NULL);
}

/* Wait a moment for the thread's end; whether it came. */
static bool
has_ended(struct opening *opening)
{
	struct timespec until = clock_timespec(clock_deadline(SLICE_MS));
	bool ended;

	(void)pthread_mutex_lock(&opening->lock);
	if (!opening->has_ended)
		(void)pthread_cond_timedwait(&opening->ended, &opening->lock,
		    &until);
	ended = opening->has_ended;
	(void)pthread_mutex_unlock(&opening->lock);
	return (ended);
}

/* Why the devices are to be waited for no longer; 0: go on. */
static int
look(struct control *control, struct deadline open_by,
    struct deadline *abort_by, struct error *error)
{
	char limit[32];

	if (control_check(control, error) != 0)
		return (-1);
	if (clock_has_passed(open_by)) {
		IGNORE_RESULT(error_set(error, KIND_TIMEOUT, ORIGIN_US, 0,
		    "the server did not open the devices within %s",
		    num_format_timeout(control->common->configure_timeout_ms,
		    limit, sizeof(limit))));
		error_hint(error, "see the server's messages, and "
		    "--configure-timeout");
		return (-1);
	}
	/* A server that ends its statement aborts the set, and that says more
	 * than we know here; but it has to come. */
	if (abort_by->at_ns == INT64_MAX && !control_listen(control, 0))
		*abort_by = clock_deadline(ABORT_GRACE_MS);
	if (!clock_has_passed(*abort_by))
		return (0);
	return (error_set(error, KIND_ABORTED, ORIGIN_VDI,
	    (long)(uint32_t)VD_E_ABORT, "the server ended the statement "
	    "before it opened the devices"));
}

static void
supervise(struct opening *opening)
{
	struct control *control = opening->lanes->control;
	struct deadline open_by =
	    clock_deadline(control->common->configure_timeout_ms);
	struct deadline abort_by = { INT64_MAX };
	struct error why;

	while (!has_ended(opening)) {
		if (latch_is_tripped(&control->latch))
			continue;
		error_init(&why);
		if (look(control, open_by, &abort_by, &why) != 0)
			control_fail(control, &why);
	}
}

static int
open_supervised(struct opening *opening, struct error *error)
{
	struct control *control = opening->lanes->control;

	if (thread_start(&opening->thread, run, opening, error) != 0)
		return (-1);
	supervise(opening);
	(void)pthread_join(opening->thread, NULL);
	/* Opened in spite of it or not: the set is aborted. */
	if (latch_is_tripped(&control->latch))
		return (control_check(control, error));
	if (opening->rc != 0)
		*error = opening->error;
	return (opening->rc);
}

int
opening_run(struct lanes *lanes, struct error *error)
{
	struct opening opening = { .lanes = lanes };
	int rc;

	error_init(&opening.error);
	rc = pthread_mutex_init(&opening.lock, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a lock"));
	rc = clock_cond_init(&opening.ended);
	if (rc != 0) {
		(void)pthread_mutex_destroy(&opening.lock);
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a condition variable"));
	}
	rc = open_supervised(&opening, error);
	(void)pthread_cond_destroy(&opening.ended);
	(void)pthread_mutex_destroy(&opening.lock);
	return (rc);
}
