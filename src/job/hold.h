/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_HOLD_H
#define JOB_HOLD_H

#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The commit point of a backup: VDC_Complete is answered on no device before
 * all stripes and the manifest are durable, so that a server that truncates
 * its log on our word never does so on a lie (spec section 18).
 *
 * Each pump comes with its device when its own stripe is durable, and gets
 * the code that it is to answer.  The last one to come prepares the manifest
 * on behalf of all.
 *
 * Whether a server sends VDC_Complete to all devices at once or one after the
 * other is not published.  If all devices that have not come yet are idle,
 * waiting for the server, for HOLD_GRACE_MS, then the server is waiting for
 * our answer: the hold is given up for the whole set, and each device is
 * answered once its own stripe is durable.  What they have waited before that
 * does not count: it was the server's own work.
 */

#define HOLD_GRACE_MS 2000

struct hold {
	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t changed;
	unsigned devices;
	unsigned arrived_count;
	uint64_t arrived; /* bit per device, device 1 is bit 0 */
	int64_t arrived_ns; /* when the last of them came */
	bool preparing;
	bool decided;
	bool given_up; /* the set-wide hold was not possible */
	bool stopped;
	uint32_t code;
	/* Make everything durable; the completion code for all devices. */
	uint32_t (*prepare)(void *context);
	/* For how long have all devices outside `arrived` been idle, waiting
	 * for the server?  0: at least one is busy. */
	int64_t (*idle_ns)(void *context, uint64_t arrived);
	void *context;
};

/* The caller fills in prepare, idle_ns and context after this. */
int hold_init(struct hold *hold, unsigned devices, struct error *error)
    MUST_CHECK;
void hold_release(struct hold *hold);

/* The completion code for this device (counted from 1): VD_ERROR_SUCCESS, or
 * an error that makes the server fail the backup. */
uint32_t hold_arrive(struct hold *hold, unsigned device);

/* The job failed: whoever waits answers with an error. */
void hold_stop(struct hold *hold);

/* Whether all devices were held until everything was durable. */
bool hold_was_set_wide(struct hold *hold);

#endif
