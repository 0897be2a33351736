/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_LATCH_H
#define JOB_LATCH_H

#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * The first failure of a job, and only the first.
 *
 * Any thread trips it; the job looks.  on_trip runs once, on the thread that
 * tripped it, after the error is recorded: it aborts the device set, so that
 * every wait in the job comes to an end.
 */

struct latch {
	pthread_mutex_t lock; /* guards error */
	struct error error;
	atomic_bool tripped;
	void (*on_trip)(void *context);
	void *context;
};

int latch_init(struct latch *latch, void (*on_trip)(void *context),
    void *context, struct error *error) MUST_CHECK;
void latch_release(struct latch *latch);

/* Record the error if it is the first; copies it. */
void latch_trip(struct latch *latch, const struct error *error);

bool latch_is_tripped(const struct latch *latch);

/* The first error, by copy; an empty one if there is none. */
void latch_get(struct latch *latch, struct error *error);

#endif
