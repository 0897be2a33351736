/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pump.h"

#include "transfer/pump_loop.h"
#include "transfer/pump_pending.h"
#include "transfer/stripe_read.h"

#include <string.h>

/* What has been read is known as a whole: does the caller want it? */
static bool
must_not_end(void *context, struct error *error)
{
	struct pump *pump = context;
	struct stripe_result result;

	if (pump->hooks.proven == NULL)
		return (false);
	stripe_read_result(pump->reader, &result);
	return (pump->hooks.proven(pump->config.context, pump->config.number,
	    &result, error) != 0);
}

/* The buffer of a Read is filled, or will not be; on any thread. */
static void
read_done(struct stripe_room *room, size_t got, const struct error *error)
{
	struct pump_pending *pending = (struct pump_pending *)room;
	struct pump *pump = pending->pump;
	const struct pump_command *command = &pending->command;

	if (error == NULL) {
		atomic_fetch_add(&pump->raw_bytes, got);
		pump_answer(pump, command, got < command->size ?
		    VD_ERROR_HANDLE_EOF : VD_ERROR_SUCCESS, (uint32_t)got);
	} else {
		/* Before the server learns of it: what it says then is no
		 * more than the consequence.  One that was stopped has not
		 * failed. */
		if (error->kind != KIND_ABORTED)
			pump_tell(pump, error);
		pump_answer(pump, command, pump_code(error,
		    VD_ERROR_READ_FAULT), 0);
	}
	pump_pending_give(pending);
}

static void
refuse(struct pump *pump, const struct pump_command *command,
    const struct error *error)
{
	pump_fail(pump, error, pump_code(error, VD_ERROR_READ_FAULT));
	pump_answer(pump, command, pump->fail_code, 0);
}

static void
take_read(struct pump *pump, const struct pump_command *command)
{
	struct pump_pending *pending = pump_pending_take(pump, command);
	struct error error = { 0 };

	if (pending == NULL) {
		IGNORE_RESULT(error_memory(&error));
		refuse(pump, command, &error);
		return;
	}
	pending->use.room.data = command->buffer;
	pending->use.room.size = command->size;
	pending->use.room.done = read_done;
	pump->was_read = true;
	pump->moved_bytes += command->size;
	stripe_read_lend(pump->reader, &pending->use.room);
}

/* Go on with another stripe. */
static void
take_load(struct pump *pump, const struct pump_command *command)
{
	struct stripe_read *next = pump->reader;
	struct error error = { 0 };

	/* Reads that are under way may fail yet, and all after them. */
	stripe_read_settle(pump->reader);
	if (stripe_read_failed(pump->reader, &error)) {
		refuse(pump, command, &error);
		return;
	}
	if (pump->was_read)
		next = pump->hooks.load(pump->config.context,
		    pump->config.number);
	if (next == NULL) {
		pump_answer(pump, command, VD_ERROR_NO_DATA_DETECTED, 0);
		return;
	}
	if (next != pump->reader) {
		pump->left_early |= !stripe_read_at_end(pump->reader);
		pump->result->loads++;
		pump->was_read = false;
		(void)pthread_mutex_lock(&pump->lock);
		pump->stored_before += stripe_read_stored_bytes(pump->reader);
		pump->reader = next;
		/* Whoever stops the pump stops the stripe that it has. */
		if (atomic_load(&pump->stopped))
			stripe_read_stop(next);
		(void)pthread_mutex_unlock(&pump->lock);
		stripe_read_ask(next, must_not_end, pump);
	}
	pump_answer(pump, command, VD_ERROR_SUCCESS, 0);
}

static void
take_command(struct pump *pump, const struct pump_command *command)
{
	if (command->code == VDC_Read)
		take_read(pump, command);
	else if (command->code == VDC_Load && pump->hooks.load != NULL)
		take_load(pump, command);
	else
		pump_answer(pump, command, VD_ERROR_NOT_SUPPORTED, 0);
}

int
pump_restore(struct pump *pump, struct stripe_read *stripe,
    struct pump_result *result, struct error *error)
{
	struct error found = { 0 };

	memset(result, 0, sizeof(*result));
	pump->result = result;
	(void)pthread_mutex_lock(&pump->lock);
	pump->reader = stripe;
	(void)pthread_mutex_unlock(&pump->lock);
	stripe_read_ask(stripe, must_not_end, pump);
	pump_run(pump, take_command);
	if (!result->closed)
		stripe_read_stop(pump->reader);
	stripe_read_settle(pump->reader);
	/* The last answer may have been that it failed. */
	if (result->closed && !error_is_set(&pump->error) &&
	    stripe_read_failed(pump->reader, &found) &&
	    found.kind != KIND_ABORTED)
		pump_fail(pump, &found, VD_ERROR_READ_FAULT);
	result->at_end = !pump->left_early && stripe_read_at_end(pump->reader);
	if (result->at_end)
		stripe_read_result(pump->reader, &result->stripe);
	result->commands = atomic_load(&pump->commands);
	result->completed = atomic_load(&pump->completed);
	result->raw_bytes = atomic_load(&pump->raw_bytes);
	atomic_store(&pump->state, PUMP_ENDED);
	return (pump_outcome(pump, error));
}
