/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_LANES_H
#define JOB_LANES_H

#include "base/error.h"
#include "job/control.h"
#include "transfer/pump.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The lanes of a job: for each device one thread that runs its pump.
 *
 *     lanes_init -> fill lane[].out or .in -> lanes_open_devices (opening.h)
 *       -> lanes_start -> lanes_supervise -> lanes_join -> lanes_release
 *
 * The job's thread calls everything but lanes_open_devices, which blocks and
 * has a thread of its own (opening.h); lanes_stop and lanes_idle_ns are for
 * any thread.
 */

struct lane {
	struct lanes *all;
	unsigned number; /* from 1 */
	struct provider_device *device;
	struct stripe_write *out; /* owned; backup */
	struct stripe_read *in;   /* owned; restore */
	struct pump *pump;        /* owned */
	pthread_t thread;
	bool started;
	/* Written by the lane's thread, read after it was joined. */
	int rc;
	struct error error;
	struct pump_result result;
};

struct lanes {
	struct control *control;
	pthread_mutex_t lock; /* guards running, stopped and first */
	pthread_cond_t ended;
	unsigned running;
	bool stopped;
	struct error first; /* of the lanes' failures, in time */
	int64_t began_ns;
	uint64_t stored_bytes; /* as last seen, and when they last moved */
	int64_t stored_ns;
	int64_t looked_ns; /* for a stall; and since when without a gap */
	int64_t awake_ns;
	unsigned count;
	struct pump_hooks hooks;
	uint32_t max_transfer_size; /* what the server has decided */
	/* Ends waits of the job's own that a pump is in; may be NULL. */
	void (*stop)(void *context);
	void *context; /* of the hooks and of stop */
	struct lane lane[VD_MAX_DEVICES];
};

int lanes_init(struct lanes *lanes, struct control *control, unsigned count,
    struct error *error) MUST_CHECK;
/* Joins what still runs; frees stripes and pumps. */
void lanes_release(struct lanes *lanes);

/* Open every device and make its pump; hooks and context are set before. */
int lanes_open_devices(struct lanes *lanes, struct error *error) MUST_CHECK;

int lanes_start(struct lanes *lanes, struct error *error) MUST_CHECK;

/*
 * Until every lane has ended: hear the server, tell progress, look at the
 * stop flag and at the stall deadline; trip the latch where one of them says
 * so.  Returns with all lanes joined: 0 if each ended well, else the first
 * failure in time.
 */
int lanes_supervise(struct lanes *lanes, struct error *error) MUST_CHECK;

/* Remember a failure of a lane, if it is the first; but an abort of the set is
 * no more than the consequence of another one. */
void lanes_note_failure(struct lanes *lanes, const struct error *error);

/* The same for the stripe of a device, which is named. */
void lanes_note_stripe(struct lanes *lanes, unsigned device,
    const struct error *error);

/* End all waits of all lanes. */
void lanes_stop(struct lanes *lanes);

/* How long all lanes but those in the mask (device 1 is bit 0) have been
 * waiting for the server; 0 if one of them is busy. */
int64_t lanes_idle_ns(struct lanes *lanes, uint64_t but);

#endif
