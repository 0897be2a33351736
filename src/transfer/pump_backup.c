/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pump.h"

#include "transfer/pump_loop.h"
#include "transfer/pump_pending.h"
#include "transfer/stripe_write.h"

#include <string.h>

/* The bytes of a Write have been taken, or not; on any thread. */
static void
write_done(struct stripe_borrow *borrow, bool stored)
{
	struct pump_pending *pending = (struct pump_pending *)borrow;
	struct pump *pump = pending->pump;
	struct error error = { 0 };

	if (stored) {
		atomic_fetch_add(&pump->raw_bytes, pending->command.size);
		pump_answer(pump, &pending->command, VD_ERROR_SUCCESS,
		    pending->command.size);
	} else {
		/* Before the server learns of it: what it says then is no
		 * more than the consequence.  One that was stopped has not
		 * failed. */
		if (stripe_write_failed(pump->writer, &error) &&
		    error.kind != KIND_ABORTED)
			pump_tell(pump, &error);
		pump_answer(pump, &pending->command, pump_code(&error,
		    VD_ERROR_WRITE_FAULT), 0);
	}
	pump_pending_give(pending);
}

static void
refuse(struct pump *pump, const struct pump_command *command,
    const struct error *error)
{
	pump_fail(pump, error, pump_code(error, VD_ERROR_WRITE_FAULT));
	pump_answer(pump, command, pump->fail_code, 0);
}

/*
 * Whether a Write is compressed where it lies, and answered when that is done.
 * Only while the server has more to say: one that waits for this answer before
 * it goes on gets it at once, for the price of a copy, and fills the buffer
 * again while we compress.  So a server with one or two commands under way
 * keeps every thread busy, and one with many is spared the copies.
 */
static bool
is_to_be_lent(struct pump *pump, const struct pump_command *command)
{
	return (stripe_write_wants_borrow(pump->writer, command->size) &&
	    pump_looks_ahead(pump));
}

static int
lend(struct pump *pump, const struct pump_command *command,
    struct error *error)
{
	struct pump_pending *pending = pump_pending_take(pump, command);

	if (pending == NULL)
		return (error_memory(error));
	pending->use.borrow.done = write_done;
	if (stripe_write_borrowed(pump->writer, command->buffer,
	        command->size, &pending->use.borrow, error) == 0)
		return (0); /* write_done answers */
	pump_pending_give(pending);
	return (-1);
}

static int
copy(struct pump *pump, const struct pump_command *command,
    struct error *error)
{
	if (stripe_write_copied(pump->writer, command->buffer, command->size,
	        error) != 0)
		return (-1);
	atomic_fetch_add(&pump->raw_bytes, command->size);
	pump_answer(pump, command, VD_ERROR_SUCCESS, command->size);
	return (0);
}

static void
take_write(struct pump *pump, const struct pump_command *command)
{
	struct error error = { 0 };
	int rc;

	if (pump->result->finished) {
		IGNORE_RESULT(error_set(&error, KIND_PROVIDER, ORIGIN_US, 0,
		    "the server sent VDC_Write after VDC_Complete"));
		refuse(pump, command, &error);
		return;
	}
	if (pump->hooks.observe != NULL)
		pump->hooks.observe(pump->config.context, pump->config.number,
		    command->buffer, command->size);
	rc = is_to_be_lent(pump, command) ? lend(pump, command, &error) :
	    copy(pump, command, &error);
	if (rc != 0)
		refuse(pump, command, &error);
	else
		pump->moved_bytes += command->size;
}

static void
take_flush(struct pump *pump, const struct pump_command *command)
{
	struct error error = { 0 };

	pump->result->flushes++;
	if (!pump->result->finished &&
	    stripe_write_flush(pump->writer, &error) != 0)
		refuse(pump, command, &error);
	else
		pump_answer(pump, command, VD_ERROR_SUCCESS, 0);
}

static void
take_complete(struct pump *pump, const struct pump_command *command)
{
	struct error error = { 0 };
	uint32_t code = VD_ERROR_SUCCESS;

	if (!pump->result->finished) {
		if (stripe_write_finish(pump->writer, &pump->result->stripe,
		    &error) != 0) {
			refuse(pump, command, &error);
			return;
		}
		pump->result->finished = true;
	}
	atomic_store(&pump->state, PUMP_HELD);
	if (pump->hooks.complete != NULL)
		code = pump->hooks.complete(pump->config.context,
		    pump->config.number, &pump->result->stripe);
	pump_answer(pump, command, code, 0);
}

static void
take_command(struct pump *pump, const struct pump_command *command)
{
	bool vouches = command->code == VDC_Flush ||
	    command->code == VDC_Complete;

	if (vouches && (error_is_set(&pump->error) ||
	    error_is_set(&pump->hole))) {
		pump_answer(pump, command, VD_ERROR_WRITE_FAULT, 0);
		return;
	}
	switch (command->code) {
	case VDC_Write:
		take_write(pump, command);
		break;
	case VDC_Flush:
		take_flush(pump, command);
		break;
	case VDC_Complete:
		take_complete(pump, command);
		break;
	default:
		pump_answer(pump, command, VD_ERROR_NOT_SUPPORTED, 0);
		break;
	}
}

int
pump_backup(struct pump *pump, struct stripe_write *stripe,
    struct pump_result *result, struct error *error)
{
	struct error found = { 0 };

	memset(result, 0, sizeof(*result));
	pump->result = result;
	(void)pthread_mutex_lock(&pump->lock);
	pump->writer = stripe;
	(void)pthread_mutex_unlock(&pump->lock);
	pump_run(pump, take_command);
	if (!result->closed)
		stripe_write_stop(stripe);
	stripe_write_settle(stripe);
	/* An error that came after the last command is one all the same. */
	if (result->closed && !result->finished &&
	    !error_is_set(&pump->error) &&
	    stripe_write_failed(stripe, &found))
		pump_fail(pump, &found, VD_ERROR_WRITE_FAULT);
	result->commands = atomic_load(&pump->commands);
	result->completed = atomic_load(&pump->completed);
	result->raw_bytes = atomic_load(&pump->raw_bytes);
	atomic_store(&pump->state, PUMP_ENDED);
	return (pump_outcome(pump, error));
}
