/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pump.h"

#include "base/clock.h"
#include "base/fault.h"
#include "transfer/pump_loop.h"
#include "transfer/pump_pending.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define PUMP_FAULTS                                                            \
	(FAULT_MASK(FAULT_ABORT) | FAULT_MASK(FAULT_FAIL) |                    \
	    FAULT_MASK(FAULT_STALL) | FAULT_MASK(FAULT_KILL) |                 \
	    FAULT_MASK(FAULT_DROP) | FAULT_MASK(FAULT_CLOSE_EARLY) |           \
	    FAULT_MASK(FAULT_SQL_CANCEL))

/* What is left to do with a command after the drills. */
enum verdict {
	COMMAND_GOES_ON,
	COMMAND_IS_DEALT_WITH,
	LOOP_ENDS
};

struct pump *
pump_new(const struct pump_config *config, struct error *error)
{
	struct pump *pump = calloc(1, sizeof(*pump));

	if (pump == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	pump->config = *config;
	if (config->hooks != NULL)
		pump->hooks = *config->hooks;
	error_init(&pump->error);
	error_init(&pump->hole);
	(void)pthread_mutex_init(&pump->lock, NULL);
	(void)clock_cond_init(&pump->changed);
	atomic_init(&pump->stopped, false);
	atomic_init(&pump->state, PUMP_NEW);
	atomic_init(&pump->failed, false);
	atomic_init(&pump->raw_bytes, 0);
	atomic_init(&pump->commands, 0);
	atomic_init(&pump->completed, 0);
	atomic_init(&pump->active_ns, clock_now_ns());
	return (pump);
}

void
pump_free(struct pump *pump)
{
	if (pump == NULL)
		return;
	pump_pending_release(pump);
	(void)pthread_cond_destroy(&pump->changed);
	(void)pthread_mutex_destroy(&pump->lock);
	free(pump);
}

void
pump_stop(struct pump *pump)
{
	(void)pthread_mutex_lock(&pump->lock);
	atomic_store(&pump->stopped, true);
	if (pump->writer != NULL)
		stripe_write_stop(pump->writer);
	if (pump->reader != NULL)
		stripe_read_stop(pump->reader);
	(void)pthread_cond_broadcast(&pump->changed);
	(void)pthread_mutex_unlock(&pump->lock);
}

void
pump_progress(struct pump *pump, struct pump_progress *progress)
{
	progress->state = (enum pump_state)atomic_load(&pump->state);
	progress->raw_bytes = atomic_load(&pump->raw_bytes);
	progress->commands = atomic_load(&pump->commands);
	progress->completed = atomic_load(&pump->completed);
	progress->active_ns = atomic_load(&pump->active_ns);
	progress->failed = atomic_load(&pump->failed);
	progress->stored_bytes = 0;
	(void)pthread_mutex_lock(&pump->lock);
	if (pump->writer != NULL)
		progress->stored_bytes =
		    stripe_write_stored_bytes(pump->writer);
	if (pump->reader != NULL)
		progress->stored_bytes = pump->stored_before +
		    stripe_read_stored_bytes(pump->reader);
	(void)pthread_mutex_unlock(&pump->lock);
}

void
pump_answer(struct pump *pump, const struct pump_command *command,
    uint32_t code, uint32_t bytes)
{
	struct error error;

	/* Who is stopped has nothing more to say: the set is aborted, or a
	 * drill closes it as it is. */
	if (atomic_load(&pump->stopped))
		return;
	error_init(&error);
	if (provider_complete(pump->config.device, command->block, code, bytes,
	    &error) == 0) {
		atomic_fetch_add(&pump->completed, 1);
	} else {
		(void)pthread_mutex_lock(&pump->lock);
		if (!error_is_set(&pump->untaken))
			pump->untaken = error;
		(void)pthread_mutex_unlock(&pump->lock);
	}
	atomic_store(&pump->active_ns, clock_now_ns());
}

void
pump_tell(struct pump *pump, const struct error *error)
{
	if (!atomic_exchange(&pump->failed, true) &&
	    pump->hooks.failed != NULL && !atomic_load(&pump->stopped))
		pump->hooks.failed(pump->config.context, pump->config.number,
		    error);
}

void
pump_fail(struct pump *pump, const struct error *error, uint32_t code)
{
	bool first = !pump->failing;

	if (!error_is_set(&pump->error))
		pump->error = *error;
	if (!first)
		return;
	pump->failing = true;
	pump->fail_code = code;
	pump_tell(pump, &pump->error);
}

uint32_t
pump_code(const struct error *error, uint32_t storage_code)
{
	if (error->kind == KIND_ABORTED)
		return (VD_ERROR_OPERATION_ABORTED);
	if (error->kind == KIND_INTEGRITY)
		return (VD_ERROR_CRC);
	if (error->origin == ORIGIN_SYSTEM && (error->code == ENOSPC ||
	    error->code == EDQUOT || error->code == EFBIG))
		return (VD_ERROR_DISK_FULL);
	return (storage_code);
}

/* An answer that the device did not take: the server waits for it in vain,
 * and nothing more can come of this device. */
static bool
has_untaken(struct pump *pump, struct error *error)
{
	(void)pthread_mutex_lock(&pump->lock);
	*error = pump->untaken;
	(void)pthread_mutex_unlock(&pump->lock);
	return (error_is_set(error));
}

int
pump_outcome(struct pump *pump, struct error *error)
{
	struct error untaken;

	if (!error_is_set(&pump->error) && has_untaken(pump, &untaken))
		pump->error = untaken;
	if (!error_is_set(&pump->error))
		pump->error = pump->hole;
	if (!error_is_set(&pump->error))
		return (0);
	if (error != NULL && !error_is_set(error))
		*error = pump->error;
	return (-1);
}

static void
stall(struct pump *pump, int64_t stall_ms)
{
	struct deadline deadline = clock_deadline(stall_ms);

	(void)pthread_mutex_lock(&pump->lock);
	while (!atomic_load(&pump->stopped) && !clock_has_passed(deadline)) {
		struct timespec at = clock_timespec(deadline);

		(void)pthread_cond_timedwait(&pump->changed, &pump->lock, &at);
	}
	(void)pthread_mutex_unlock(&pump->lock);
}

/* What a command is answered with where the drill does not say. */
static uint32_t
drill_code(const struct fault *fault, const struct pump_command *command)
{
	if (fault->code != 0)
		return (fault->code);
	return (command->code == VDC_Read ? VD_ERROR_READ_FAULT :
	    VD_ERROR_DISK_FULL);
}

static void
drill_error(struct pump *pump, struct error *error, const struct fault *fault,
    const struct pump_command *command)
{
	const char *name = vdi_command_name(command->code);
	unsigned long long number = atomic_load(&pump->commands);
	uint32_t code = drill_code(fault, command);

	error_init(error);
	if (fault->kind == FAULT_FAIL)
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the fault drill \"%s\" answered command %llu (%s) with "
		    "%u (%s)", fault->text, number, name, code,
		    vdi_completion_text(code)));
	else if (fault->kind == FAULT_ABORT)
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_VDI,
		    (long)(uint32_t)VD_E_ABORT, "the fault drill \"%s\" "
		    "aborted the device set at command %llu (%s)",
		    fault->text, number, name));
	else
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the fault drill \"%s\" %s command %llu (%s)",
		    fault->text, fault->kind == FAULT_CLOSE_EARLY ?
		    "closed the device set at" : "did not answer", number,
		    name));
}

static enum verdict
drill(struct pump *pump, const struct fault *fault,
    const struct pump_command *command)
{
	struct error error;

	if (fault->kind == FAULT_STALL) {
		stall(pump, fault->stall_ms);
		return (COMMAND_GOES_ON);
	}
	if (fault->kind == FAULT_SQL_CANCEL) {
		if (pump->hooks.cancel != NULL)
			pump->hooks.cancel(pump->config.context,
			    pump->config.number);
		return (COMMAND_GOES_ON);
	}
	if (fault->kind == FAULT_KILL) {
		(void)kill(getpid(), SIGKILL);
		return (LOOP_ENDS);
	}
	drill_error(pump, &error, fault, command);
	if (fault->kind == FAULT_FAIL) {
		pump_fail(pump, &error, drill_code(fault, command));
		pump_answer(pump, command, drill_code(fault, command), 0);
		return (COMMAND_IS_DEALT_WITH);
	}
	if (fault->kind == FAULT_DROP) {
		pump->hole = error;
		return (COMMAND_IS_DEALT_WITH);
	}
	if (!error_is_set(&pump->error))
		pump->error = error;
	if (fault->kind == FAULT_ABORT && pump->hooks.abort != NULL)
		pump->hooks.abort(pump->config.context, pump->config.number,
		    &error);
	if (fault->kind == FAULT_CLOSE_EARLY) {
		pump->result->close_early = true;
		return (LOOP_ENDS);
	}
	return (COMMAND_IS_DEALT_WITH);
}

static enum verdict
run_drills(struct pump *pump, const struct pump_command *command)
{
	struct fault_place place = { .device = pump->config.number,
		.command = atomic_load(&pump->commands),
		.bytes = pump->moved_bytes,
		.name = command->code == VDC_Flush ? "flush" :
		    command->code == VDC_Complete ? "complete" : NULL };
	const struct fault *fault;
	enum verdict verdict = COMMAND_GOES_ON;

	while (verdict == COMMAND_GOES_ON &&
	    (fault = fault_at_command(pump->config.plan, PUMP_FAULTS,
	    &place)) != NULL)
		verdict = drill(pump, fault, command);
	return (verdict);
}

/* Copy, then check: what the server wrote is the server's. */
static int
take_command(struct VDC_Command *block, uint32_t max,
    struct pump_command *command, struct error *error)
{
	int32_t size = block->size;

	command->block = block;
	command->code = block->commandCode;
	command->buffer = block->buffer;
	command->size = 0;
	if (command->code != VDC_Write && command->code != VDC_Read)
		return (0);
	if (size < 0 || (size > 0 && command->buffer == NULL))
		return (error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "the server sent a %s of %d bytes%s",
		    vdi_command_name(command->code), size,
		    command->buffer == NULL ? " without a buffer" : ""));
	if (max > 0 && (uint32_t)size > max)
		return (error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "the server sent a %s of %d bytes, where %u are the most",
		    vdi_command_name(command->code), size, max));
	command->size = (uint32_t)size;
	return (0);
}

/* Storage can fail while nobody waits for it; told before the next command is
 * dealt with. */
static void
look_at_storage(struct pump *pump)
{
	struct error error = { 0 };

	if (pump->failing)
		return;
	if (pump->writer != NULL ?
	    !stripe_write_failed(pump->writer, &error) :
	    !stripe_read_failed(pump->reader, &error))
		return;
	/* One that was stopped has not failed. */
	if (error.kind != KIND_ABORTED)
		pump_fail(pump, &error, pump_code(&error,
		    pump->writer != NULL ? VD_ERROR_WRITE_FAULT :
		    VD_ERROR_READ_FAULT));
}

static enum verdict
handle(struct pump *pump, struct VDC_Command *block, pump_handler *handler)
{
	struct pump_command command;
	struct error error;
	enum verdict verdict;

	error_init(&error);
	atomic_fetch_add(&pump->commands, 1);
	atomic_store(&pump->active_ns, clock_now_ns());
	atomic_store(&pump->state, PUMP_STORAGE);
	if (take_command(block, pump->config.max_transfer_size, &command,
	    &error) != 0)
		pump_fail(pump, &error, VD_ERROR_IO_DEVICE);
	look_at_storage(pump);
	verdict = run_drills(pump, &command);
	if (verdict != COMMAND_GOES_ON)
		return (verdict);
	if (command.code == VDC_ClearError)
		pump_answer(pump, &command, VD_ERROR_SUCCESS, 0);
	else if (pump->failing)
		pump_answer(pump, &command, pump->fail_code, 0);
	else
		handler(pump, &command);
	return (COMMAND_GOES_ON);
}

bool
pump_looks_ahead(struct pump *pump)
{
	struct pump_ahead *ahead = &pump->ahead;

	if (ahead->is_there)
		return (true);
	error_init(&ahead->error);
	ahead->next = provider_next(pump->config.device, 0, &ahead->block,
	    &ahead->error);
	ahead->is_there = ahead->next != PROVIDER_IDLE;
	return (ahead->is_there);
}

/* What the device says next, or has said already. */
static enum provider_next
next(struct pump *pump, struct VDC_Command **block, struct error *error)
{
	struct pump_ahead *ahead = &pump->ahead;

	if (!ahead->is_there)
		return (provider_next(pump->config.device, PUMP_SLICE_MS,
		    block, error));
	ahead->is_there = false;
	*block = ahead->block;
	*error = ahead->error;
	return (ahead->next);
}

void
pump_run(struct pump *pump, pump_handler *handler)
{
	struct error error;
	bool going = true;

	error_init(&error);
	while (going) {
		struct VDC_Command *block = NULL;

		if (atomic_load(&pump->stopped)) {
			IGNORE_RESULT(error_set(&pump->error, KIND_ABORTED,
			    ORIGIN_US, 0, "the transfer was stopped"));
			break;
		}
		if (has_untaken(pump, &error)) {
			pump_fail(pump, &error, VD_ERROR_IO_DEVICE);
			break;
		}
		atomic_store(&pump->state, PUMP_SERVER);
		switch (next(pump, &block, &error)) {
		case PROVIDER_COMMAND:
			going = handle(pump, block, handler) != LOOP_ENDS;
			break;
		case PROVIDER_IDLE:
			look_at_storage(pump);
			break;
		case PROVIDER_CLOSED:
			pump->result->closed = true;
			going = false;
			break;
		case PROVIDER_FAILED:
		default:
			/* A write that failed may be why.  Told before what is
			 * outstanding is answered: that alone makes a server
			 * end its statement. */
			look_at_storage(pump);
			pump_fail(pump, &error, VD_ERROR_IO_DEVICE);
			going = false;
			break;
		}
	}
}
