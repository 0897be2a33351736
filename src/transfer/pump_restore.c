/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pump.h"

#include "transfer/pump_loop.h"
#include "transfer/stripe_read.h"

#include <string.h>

/* What has been read is known as a whole: does the caller want it? */
static int
ask_caller(struct pump *pump, struct error *error)
{
	struct stripe_result result;

	if (pump->hooks.proven == NULL || !stripe_read_is_proven(pump->reader))
		return (0);
	stripe_read_result(pump->reader, &result);
	return (pump->hooks.proven(pump->config.context, pump->config.number,
	    &result, error));
}

static void
take_read(struct pump *pump, const struct pump_command *command)
{
	struct error error = { 0 };
	bool was_proven = stripe_read_is_proven(pump->reader);
	size_t got = 0;

	if (stripe_read_fill(pump->reader, command->buffer, command->size,
	    &got, &error) != 0 ||
	    (!was_proven && ask_caller(pump, &error) != 0)) {
		pump_fail(pump, &error, pump_code(&error,
		    VD_ERROR_READ_FAULT));
		pump_answer(pump, command, pump->fail_code, 0);
		return;
	}
	pump->was_read = true;
	pump->moved_bytes += got;
	atomic_fetch_add(&pump->raw_bytes, got);
	pump_answer(pump, command, got < command->size ?
	    VD_ERROR_HANDLE_EOF : VD_ERROR_SUCCESS, (uint32_t)got);
}

/* Go on with another stripe. */
static void
take_load(struct pump *pump, const struct pump_command *command)
{
	struct stripe_read *next = pump->reader;

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
	memset(result, 0, sizeof(*result));
	pump->result = result;
	(void)pthread_mutex_lock(&pump->lock);
	pump->reader = stripe;
	(void)pthread_mutex_unlock(&pump->lock);
	pump_run(pump, take_command);
	result->at_end = !pump->left_early && stripe_read_at_end(pump->reader);
	if (result->at_end)
		stripe_read_result(pump->reader, &result->stripe);
	result->commands = atomic_load(&pump->commands);
	result->completed = atomic_load(&pump->completed);
	result->raw_bytes = atomic_load(&pump->raw_bytes);
	atomic_store(&pump->state, PUMP_ENDED);
	return (pump_outcome(pump, error));
}
