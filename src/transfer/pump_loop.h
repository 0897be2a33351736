/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_PUMP_LOOP_H
#define TRANSFER_PUMP_LOOP_H

#include "provider/provider.h"
#include "transfer/pump.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What both directions of a pump have in common.  For pump*.c only.
 *
 * A handler answers one command, now or later, through pump_answer; it runs
 * on the pump's thread.  Once the pump is failing, it answers everything but
 * ClearError with pump->fail_code by itself, and no handler is called.
 * An answer that the device does not take ends the loop.
 */

/* A command's fields, copied: the block itself lies in shared memory. */
struct pump_command {
	struct VDC_Command *block;
	int32_t code;
	uint32_t size;
	uint8_t *buffer;
};

struct pump_pending;

/* What the device has said that nobody has dealt with yet. */
struct pump_ahead {
	bool is_there;
	enum provider_next next;
	struct VDC_Command *block;
	struct error error;
};

struct pump {
	struct pump_config config;
	struct pump_hooks hooks;

	/* The pump's thread. */
	struct pump_result *result;
	struct error error; /* the first one */
	/* A drill has dropped a command: nothing may be vouched for any more.
	 * What ends the job is something else, if there is something. */
	struct error hole;
	/* Of the commands before the one at hand: what drills go by. */
	uint64_t moved_bytes;
	bool was_read;   /* restore: bytes of the stripe at hand were given */
	bool left_early; /* a stripe before it was not given to its end */
	bool failing;
	uint32_t fail_code;
	struct pump_ahead ahead;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct stripe_write *writer; /* from the start on, one of them */
	struct stripe_read *reader;
	uint64_t stored_before; /* bytes of the stripes before the reader's */
	struct pump_pending *idle;
	struct error untaken; /* the first answer that was not taken */

	atomic_bool stopped;
	atomic_int state;
	atomic_bool failed;
	atomic_uint_least64_t raw_bytes;
	atomic_uint_least64_t commands;
	atomic_uint_least64_t completed;
	atomic_int_least64_t active_ns;
};

typedef void pump_handler(struct pump *pump,
    const struct pump_command *command);

/* The loop; the handler's stripe is in the pump.  On return the stripe may
 * still use buffers. */
void pump_run(struct pump *pump, pump_handler *handler);

/* Whether the device has said something already that the loop will deal with
 * next: the server is not waiting for the command at hand.  Never waits. */
bool pump_looks_ahead(struct pump *pump);

void pump_answer(struct pump *pump, const struct pump_command *command,
    uint32_t code, uint32_t bytes);

/* hooks.failed, once; on any thread. */
void pump_tell(struct pump *pump, const struct error *error);
/* Record the error, answer everything with the code from now on. */
void pump_fail(struct pump *pump, const struct error *error, uint32_t code);

/* The pump's error goes to the caller; 0 if there is none. */
int pump_outcome(struct pump *pump, struct error *error);

#endif
