/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_PUMP_H
#define TRANSFER_PUMP_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/stripe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One device's loop: the server's commands on one side, a stripe on the
 * other (spec 5.5, 5.6, 9, 10, 13, 18).
 *
 *     pump_new -> pump_backup or pump_restore, once, on a thread of the
 *     caller's -> pump_free
 *
 * Backup: a Write is answered when its bytes have been taken; Flush when all
 * before it is on stable storage; Complete when the stripe is finished
 * (durable to its last byte) and hooks.complete has given the answer;
 * ClearError with success; anything else with ERROR_NOT_SUPPORTED.
 * Restore: a Read is filled; at the end of the stripe it gets what is left
 * and ERROR_HANDLE_EOF.  The server may close before the end.  With VDC_Load
 * it asks for another stripe, which hooks.load gives (spec 12); one that comes
 * before anything was read means the stripe that is there already.
 *
 * When the stripe fails, the command at hand and all that are outstanding get
 * ERROR_DISK_FULL (no room), ERROR_WRITE_FAULT, ERROR_READ_FAULT or
 * ERROR_CRC, and so does every later one but ClearError, until the server has
 * closed the device: a failed command is how the server learns of it.
 *
 * Both return when the device was closed (0, or -1 and the error that was
 * met), the set failed or was aborted or did not take an answer, pump_stop was
 * called, or a drill asked for it (-1).  On return nothing of the pump or its
 * stripe uses the set's buffers any more.
 *
 * Threads: pump_stop and pump_progress are for any thread.  Commands are
 * completed from the caller's thread and the pool's.
 * A wait for the server is cut into slices of PUMP_SLICE_MS; waits for
 * storage end with pump_stop; hooks.complete has to end by itself.
 */

#define PUMP_SLICE_MS 500

struct fault_plan;
struct provider_device;
struct pump;
struct stripe_read;
struct stripe_write;

struct pump_hooks {
	/* Backup: the raw bytes of each Write, in order, on the thread of the
	 * pump, before they are taken. */
	void (*observe)(void *context, unsigned device, const void *data,
	    size_t size);
	/*
	 * VDC_Complete has come and the stripe is durable: wait for whatever
	 * else has to be, and return the completion code to answer with.
	 */
	uint32_t (*complete)(void *context, unsigned device,
	    const struct stripe_result *result);
	/*
	 * Restore: the stripe is proven to be what was written, and nothing of
	 * its last frame has been given yet.  -1 and the error: it is not what
	 * the caller wants, and the server does not get the rest.  Once.
	 */
	int (*proven)(void *context, unsigned device,
	    const struct stripe_result *result, struct error *error);
	/* Restore: VDC_Load has come: the stripe that is next, borrowed like
	 * the first one, which the pump lets go of; NULL: there is none.
	 * NULL for the hook: the device cannot do this. */
	struct stripe_read *(*load)(void *context, unsigned device);
	/* The drill "abort" is due: abort the set, for that reason. */
	void (*abort)(void *context, unsigned device,
	    const struct error *error);
	/* The drill "sql-cancel" is due: cancel the statement, and give the
	 * server a moment, before it gets an answer. */
	void (*cancel)(void *context, unsigned device);
	/* The stripe has failed, and the server is about to be told; or the
	 * device has.  Once, on any thread. */
	void (*failed)(void *context, unsigned device,
	    const struct error *error);
};

struct pump_config {
	struct provider_device *device; /* borrowed */
	unsigned number;                /* the device, from 1 */
	uint32_t max_transfer_size;     /* no Read or Write is larger; 0: not
	                                 * known */
	const struct pump_hooks *hooks; /* borrowed; NULL, and NULL members,
	                                 * for nothing to be done */
	void *context;                  /* for the hooks */
	struct fault_plan *plan;        /* borrowed; NULL: no drills */
};

struct pump_result {
	bool closed;      /* the server closed the device */
	bool finished;    /* backup: Complete came, the stripe is finished */
	bool at_end;      /* restore: all of the stripe was given, proven; of
	                   * several, each of them */
	bool close_early; /* the drill asks to close with devices open */
	uint64_t commands;  /* that the server gave */
	uint64_t completed; /* that were answered */
	uint64_t flushes;
	uint64_t loads;     /* restore: stripes beyond the first */
	uint64_t raw_bytes;
	struct stripe_result stripe; /* if finished, or at_end; the last one */
};

enum pump_state {
	PUMP_NEW,
	PUMP_SERVER,  /* waiting for the server's next command */
	PUMP_STORAGE, /* working, or waiting for storage */
	PUMP_HELD,    /* in hooks.complete */
	PUMP_ENDED
};

struct pump_progress {
	enum pump_state state;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t commands;
	uint64_t completed; /* of them, answered */
	int64_t active_ns; /* when something last moved, clock_now_ns */
	bool failed;       /* the stripe has failed */
};

struct pump *pump_new(const struct pump_config *config, struct error *error)
    MUST_CHECK;
/* Not while it runs.  Accepts NULL. */
void pump_free(struct pump *pump);

/* Borrows stripe until pump_free, so that pump_stop also ends what the caller
 * does with it afterwards: it finishes it where result->finished is false and
 * all else is well. */
int pump_backup(struct pump *pump, struct stripe_write *stripe,
    struct pump_result *result, struct error *error) MUST_CHECK;
int pump_restore(struct pump *pump, struct stripe_read *stripe,
    struct pump_result *result, struct error *error) MUST_CHECK;

/* The completion code that tells the server of an error; storage_code where
 * storage failed for no reason that has a code of its own. */
uint32_t pump_code(const struct error *error, uint32_t storage_code);

/* From any thread, also before the start: end soon, with KIND_ABORTED. */
void pump_stop(struct pump *pump);
void pump_progress(struct pump *pump, struct pump_progress *progress);

#endif
