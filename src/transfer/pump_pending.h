/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_PUMP_PENDING_H
#define TRANSFER_PUMP_PENDING_H

#include "transfer/pump_loop.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"

/*
 * A Write whose bytes lie in the server's buffer until their frame is done, or
 * a Read whose buffer is being filled.  Kept by the pump and used again, so
 * that a command allocates nothing.  For pump*.c only.
 */
struct pump_pending {
	union {
		struct stripe_borrow borrow;
		struct stripe_room room;
	} use; /* first: done gets it */
	struct pump *pump;
	struct pump_command command;
	struct pump_pending *next;
};

/* For that command; NULL: no memory. */
struct pump_pending *pump_pending_take(struct pump *pump,
    const struct pump_command *command) MUST_CHECK;
/* From any thread. */
void pump_pending_give(struct pump_pending *pending);
/* All of them have been given. */
void pump_pending_release(struct pump *pump);

#endif
