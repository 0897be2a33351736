/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/hold.h"

#include "base/clock.h"
#include "runtime/vdi.h"

/* How often a held device looks whether the others still get on. */
#define LOOK_MS 50
#define GRACE_NS ((int64_t)HOLD_GRACE_MS * 1000000)

int
hold_init(struct hold *hold, unsigned devices, struct error *error)
{
	int rc;

	*hold = (struct hold){ .devices = devices };
	rc = pthread_mutex_init(&hold->lock, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a lock"));
	rc = clock_cond_init(&hold->changed);
	if (rc != 0) {
		(void)pthread_mutex_destroy(&hold->lock);
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a condition variable"));
	}
	return (0);
}

void
hold_release(struct hold *hold)
{
	(void)pthread_cond_destroy(&hold->changed);
	(void)pthread_mutex_destroy(&hold->lock);
}

/* The last device has come: prepare without the lock, which others wait on. */
static void
decide_locked(struct hold *hold)
{
	uint32_t code;

	hold->preparing = true;
	(void)pthread_mutex_unlock(&hold->lock);
	code = hold->prepare(hold->context);
	(void)pthread_mutex_lock(&hold->lock);
	hold->code = code;
	hold->decided = true;
	(void)pthread_cond_broadcast(&hold->changed);
}

/* Wait for the decision, a stop, or for the others to stand still. */
static void
wait_locked(struct hold *hold)
{
	while (!hold->decided && !hold->stopped && !hold->given_up) {
		struct timespec until =
		    clock_timespec(clock_deadline(LOOK_MS));

		(void)pthread_cond_timedwait(&hold->changed, &hold->lock,
		    &until);
		if (hold->preparing || hold->decided || hold->stopped)
			continue;
		if (clock_now_ns() - hold->arrived_ns > GRACE_NS &&
		    hold->idle_ns(hold->context, hold->arrived) > GRACE_NS) {
			hold->given_up = true;
			(void)pthread_cond_broadcast(&hold->changed);
		}
	}
}

uint32_t
hold_arrive(struct hold *hold, unsigned device)
{
	uint32_t code;

	(void)pthread_mutex_lock(&hold->lock);
	if ((hold->arrived >> (device - 1) & 1) == 0) {
		hold->arrived |= UINT64_C(1) << (device - 1);
		hold->arrived_count++;
		hold->arrived_ns = clock_now_ns();
	}
	if (hold->arrived_count == hold->devices && !hold->preparing &&
	    !hold->stopped)
		decide_locked(hold);
	else
		wait_locked(hold);
	if (hold->stopped)
		code = VD_ERROR_OPERATION_ABORTED;
	else if (hold->decided)
		code = hold->code;
	else
		code = VD_ERROR_SUCCESS;
	(void)pthread_mutex_unlock(&hold->lock);
	return (code);
}

void
hold_stop(struct hold *hold)
{
	(void)pthread_mutex_lock(&hold->lock);
	hold->stopped = true;
	(void)pthread_cond_broadcast(&hold->changed);
	(void)pthread_mutex_unlock(&hold->lock);
}

bool
hold_was_set_wide(struct hold *hold)
{
	bool set_wide;

	(void)pthread_mutex_lock(&hold->lock);
	set_wide = hold->decided && !hold->given_up && hold->code == 0;
	(void)pthread_mutex_unlock(&hold->lock);
	return (set_wide);
}
