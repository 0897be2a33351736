/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/clock.h"

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

int64_t
clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec * NS_PER_S + now.tv_nsec);
}

int64_t
clock_thread_ns(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return ((int64_t)spent.tv_sec * NS_PER_S + spent.tv_nsec);
}

struct deadline
clock_deadline(int64_t timeout_ms)
{
	struct deadline deadline = { INT64_MAX };
	int64_t now;

	if (timeout_ms < 0)
		return (deadline);
	now = clock_now_ns();
	if (timeout_ms < (INT64_MAX - now) / NS_PER_MS)
		deadline.at_ns = now + timeout_ms * NS_PER_MS;
	return (deadline);
}

int64_t
clock_left_ms(struct deadline deadline)
{
	int64_t left;

	if (deadline.at_ns == INT64_MAX)
		return (-1);
	left = deadline.at_ns - clock_now_ns();
	if (left <= 0)
		return (0);
	return ((left + NS_PER_MS - 1) / NS_PER_MS);
}

bool
clock_has_passed(struct deadline deadline)
{
	return (deadline.at_ns != INT64_MAX &&
	    clock_now_ns() >= deadline.at_ns);
}

struct deadline
clock_earlier(struct deadline a, struct deadline b)
{
	return (a.at_ns <= b.at_ns ? a : b);
}

struct timespec
clock_timespec(struct deadline deadline)
{
	struct timespec at;
	int64_t ns = deadline.at_ns;

	if (ns == INT64_MAX)
		ns = clock_now_ns() + (int64_t)24 * 3600 * NS_PER_S;
	at.tv_sec = (time_t)(ns / NS_PER_S);
	at.tv_nsec = (long)(ns % NS_PER_S);
	return (at);
}

int
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int rc;

	rc = pthread_condattr_init(&attr);
	if (rc != 0)
		return (rc);
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return (rc);
}
