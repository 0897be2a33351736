/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * Time that only moves forward, and deadlines on it.  Every wait in the
 * program takes a struct deadline or a timeout in milliseconds (-1: for ever).
 */

struct deadline {
	int64_t at_ns; /* CLOCK_MONOTONIC; INT64_MAX: never */
};

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t clock_now_ns(void);

/* Nanoseconds that the calling thread has had a processor. */
int64_t clock_thread_ns(void);

/* timeout_ms from now; any negative value means never. */
struct deadline clock_deadline(int64_t timeout_ms);

/* Milliseconds left, rounded up, 0 when passed, -1 for never. */
int64_t clock_left_ms(struct deadline deadline);

bool clock_has_passed(struct deadline deadline);

/* The earlier of two deadlines. */
struct deadline clock_earlier(struct deadline a, struct deadline b);

/*
 * The deadline as an absolute CLOCK_MONOTONIC time for
 * pthread_cond_timedwait; "never" becomes a day from now, so that a caller's
 * loop always comes round.  Condition variables must be made with
 * clock_cond_init, which binds them to that clock.
 */
struct timespec clock_timespec(struct deadline deadline);

/* pthread_cond_init on CLOCK_MONOTONIC; 0 or an errno value. */
int clock_cond_init(pthread_cond_t *cond);

#endif
