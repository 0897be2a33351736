/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a pump answers every command as VDI asks, tells the server of every
 * failure, and ends whatever happens. */
#include <config.h>

#include "support.h"

#include "base/clock.h"
#include "base/fault.h"
#include "provider/provider.h"
#include "transfer/pump.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME 4096u
#define MAX_COMMANDS 64

/* ---- a provider in memory: the test is the server ---- */

struct ticket {
	struct VDC_Command block; /* first */
	bool completed;
	uint32_t code;
	uint32_t bytes;
};

struct provider_device {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ticket tickets[MAX_COMMANDS];
	unsigned sent;
	unsigned taken;
	unsigned completed;
	unsigned deaf; /* the completion that is not taken, from 1; 0: none */
	bool closed;
	bool aborted;
};

static void
device_wait(struct provider_device *device, struct deadline deadline)
{
	struct timespec at = clock_timespec(clock_earlier(deadline,
	    clock_deadline(1000)));

	(void)pthread_cond_timedwait(&device->changed, &device->lock, &at);
}

enum provider_next
provider_next(struct provider_device *device, int64_t timeout_ms,
    struct VDC_Command **command, struct error *error)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	enum provider_next next = PROVIDER_IDLE;

	(void)pthread_mutex_lock(&device->lock);
	for (;;) {
		if (device->aborted) {
			IGNORE_RESULT(error_set(error, KIND_ABORTED,
			    ORIGIN_VDI, (long)(uint32_t)VD_E_ABORT,
			    "the set was aborted"));
			next = PROVIDER_FAILED;
		} else if (device->taken < device->sent) {
			*command = &device->tickets[device->taken++].block;
			next = PROVIDER_COMMAND;
		} else if (device->closed) {
			next = PROVIDER_CLOSED;
		} else if (!clock_has_passed(deadline)) {
			device_wait(device, deadline);
			continue;
		}
		break;
	}
	(void)pthread_mutex_unlock(&device->lock);
	return (next);
}

int
provider_complete(struct provider_device *device,
    struct VDC_Command *command, uint32_t completion_code,
    uint32_t bytes_transferred, struct error *error)
{
	struct ticket *ticket = (struct ticket *)command;
	int rc = 0;

	(void)pthread_mutex_lock(&device->lock);
	if (device->aborted) {
		rc = error_set(error, KIND_ABORTED, ORIGIN_VDI, 0, "aborted");
	} else if (device->deaf == device->completed + 1) {
		rc = error_set(error, KIND_PROVIDER, ORIGIN_VDI,
		    (long)(uint32_t)VD_E_PROTOCOL, "not taken");
	} else {
		ck_assert(!ticket->completed);
		ticket->completed = true;
		ticket->code = completion_code;
		ticket->bytes = bytes_transferred;
		device->completed++;
		(void)pthread_cond_broadcast(&device->changed);
	}
	(void)pthread_mutex_unlock(&device->lock);
	return (rc);
}

static struct ticket *
send_command(struct provider_device *device, int code, void *buffer,
    int size)
{
	struct ticket *ticket;

	(void)pthread_mutex_lock(&device->lock);
	ck_assert_uint_lt(device->sent, MAX_COMMANDS);
	ticket = &device->tickets[device->sent++];
	ticket->block.commandCode = code;
	ticket->block.buffer = buffer;
	ticket->block.size = size;
	(void)pthread_cond_broadcast(&device->changed);
	(void)pthread_mutex_unlock(&device->lock);
	return (ticket);
}

static bool
is_completed(struct provider_device *device, struct ticket *ticket)
{
	bool completed;

	(void)pthread_mutex_lock(&device->lock);
	completed = ticket->completed;
	(void)pthread_mutex_unlock(&device->lock);
	return (completed);
}

static uint32_t
wait_code(struct provider_device *device, struct ticket *ticket)
{
	struct deadline deadline = clock_deadline(20000);
	uint32_t code;

	(void)pthread_mutex_lock(&device->lock);
	while (!ticket->completed && !clock_has_passed(deadline))
		device_wait(device, deadline);
	ck_assert_msg(ticket->completed, "a command was not answered");
	code = ticket->code;
	(void)pthread_mutex_unlock(&device->lock);
	return (code);
}

static void
set_device(struct provider_device *device, bool *flag)
{
	(void)pthread_mutex_lock(&device->lock);
	*flag = true;
	(void)pthread_cond_broadcast(&device->changed);
	(void)pthread_mutex_unlock(&device->lock);
}

/* ---- the pump under test ---- */

static struct pool *pool;
static struct memory_sink memory;
static struct provider_device device;
static struct fault_plan plan;
static struct pump *pump;
static struct stripe_write *out;
static struct stripe_read *in;
static struct stripe_read *next; /* for VDC_Load; freed by its test */
static pthread_t thread;

static struct {
	struct pump_result result;
	struct error error;
	int rc;
	atomic_uint completes;
	atomic_uint aborts;
	atomic_uint failures;
	atomic_uint announced;
	uint32_t answer; /* of the hook */
	size_t synced;   /* what was durable when the hook was called */
	unsigned commits;
	struct stripe_result seen;
	uint8_t observed[32 * 1024]; /* raw bytes that the hook was shown */
	size_t observed_size;
} seen;

static uint32_t
on_complete(void *context, unsigned number,
    const struct stripe_result *result)
{
	ck_assert_ptr_eq(context, &seen);
	ck_assert_uint_eq(number, 3);
	(void)pthread_mutex_lock(&memory.lock);
	seen.synced = memory.synced;
	seen.commits = memory.commits;
	(void)pthread_mutex_unlock(&memory.lock);
	seen.seen = *result;
	atomic_fetch_add(&seen.completes, 1);
	return (seen.answer);
}

static void
on_abort(void *context, unsigned number, const struct error *error)
{
	ck_assert_ptr_nonnull(strstr(error->text, "drill"));
	(void)context;
	(void)number;
	atomic_fetch_add(&seen.aborts, 1);
	set_device(&device, &device.aborted);
}

static void
on_failed(void *context, unsigned number, const struct error *error)
{
	(void)context;
	(void)number;
	ck_assert(error_is_set(error));
	atomic_fetch_add(&seen.failures, 1);
}

static void
on_observe(void *context, unsigned number, const void *data, size_t size)
{
	ck_assert_ptr_eq(context, &seen);
	ck_assert_uint_eq(number, 3);
	ck_assert_uint_le(seen.observed_size + size, sizeof(seen.observed));
	memcpy(seen.observed + seen.observed_size, data, size);
	seen.observed_size += size;
}

/* VDC_Load: the stripe that is next, once. */
static struct stripe_read *
on_load(void *context, unsigned number)
{
	struct stripe_read *stripe = next;

	ck_assert_ptr_eq(context, &seen);
	ck_assert_uint_eq(number, 3);
	next = NULL;
	return (stripe);
}

static const struct pump_hooks hooks = {
	.load = on_load,
	.observe = on_observe,
	.complete = on_complete,
	.abort = on_abort,
	.failed = on_failed,
};

static void
on_announce(void *context, const char *text, const char *where)
{
	(void)context;
	(void)text;
	(void)where;
	atomic_fetch_add(&seen.announced, 1);
}

static void
begin(void)
{
	struct error error = { 0 };
	struct pump_config config = { .device = &device, .number = 3,
		.max_transfer_size = 16 * FRAME, .hooks = &hooks,
		.context = &seen, .plan = &plan };

	support_begin();
	memory_sink_init(&memory);
	memset(&device, 0, sizeof(device));
	memset(&seen, 0, sizeof(seen));
	(void)pthread_mutex_init(&device.lock, NULL);
	(void)clock_cond_init(&device.changed);
	fault_plan_init(&plan, on_announce, NULL);
	pool = pool_new(2, &error);
	ck_assert_ptr_nonnull(pool);
	pump = pump_new(&config, &error);
	ck_assert_ptr_nonnull(pump);
	out = NULL;
	in = NULL;
	next = NULL;
}

static void
end(void)
{
	pump_free(pump);
	stripe_write_free(out);
	stripe_read_free(in);
	pool_free(pool);
	memory_sink_release(&memory);
	fault_plan_release(&plan);
	support_end();
}

static void *
run(void *context)
{
	(void)context;
	if (out != NULL)
		seen.rc = pump_backup(pump, out, &seen.result, &seen.error);
	else
		seen.rc = pump_restore(pump, in, &seen.result, &seen.error);
	return (NULL);
}

static void
start_backup(size_t frame_size, const char *drill)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;

	if (drill != NULL)
		ck_assert_int_eq(fault_plan_add(&plan, drill, NULL), 0);
	stripe_write_options_init(&options);
	options.frame_size = frame_size;
	out = stripe_write_open(pool, memory_sink_open(&memory), &identity,
	    &options, NULL);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, NULL), 0);
}

static void
join(void)
{
	struct pump_progress progress;

	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	pump_progress(pump, &progress);
	ck_assert_int_eq(progress.state, PUMP_ENDED);
	ck_assert_uint_eq(progress.commands, seen.result.commands);
}

static void
expect_stream(const uint8_t *data, size_t size)
{
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *found = NULL;
	size_t found_size = 0;

	ck_assert_msg(support_read(pool, source_file_open(support_file("s",
	    memory.data, memory.size), &error), &found, &found_size, &result,
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(found_size, size);
	ck_assert_mem_eq(found, data, size);
	free(found);
}

START_TEST(backup_ends_with_complete_and_close)
{
	uint8_t *data = support_data(20 * 1000, 1);
	struct ticket *tickets[20];
	struct ticket *flush;
	struct ticket *complete;
	unsigned i;

	/* Commands smaller than a frame, and as large as some. */
	start_backup(_i == 0 ? FRAME : 1000 * 1000, NULL);
	if (_i == 0) {
		for (i = 0; i < 4; i++)
			tickets[i] = send_command(&device, VDC_Write,
			    data + i * 5000, 5000);
	} else {
		for (i = 0; i < 20; i++)
			tickets[i] = send_command(&device, VDC_Write,
			    data + i * 1000, 1000);
	}
	flush = send_command(&device, VDC_Flush, NULL, 0);
	ck_assert_uint_eq(wait_code(&device, flush), 0);
	(void)pthread_mutex_lock(&memory.lock);
	ck_assert_uint_eq(memory.syncs, 1);
	ck_assert_uint_eq(memory.synced, memory.size);
	(void)pthread_mutex_unlock(&memory.lock);
	while (i-- > 0) {
		ck_assert(is_completed(&device, tickets[i]));
		ck_assert_uint_eq(tickets[i]->code, 0);
		ck_assert_uint_eq(tickets[i]->bytes, _i == 0 ? 5000 : 1000);
	}
	complete = send_command(&device, VDC_Complete, NULL, 0);
	ck_assert_uint_eq(wait_code(&device, complete), 0);
	set_device(&device, &device.closed);
	join();
	ck_assert_msg(seen.rc == 0, "%s", seen.error.text);
	ck_assert(seen.result.closed);
	ck_assert(seen.result.finished);
	ck_assert_uint_eq(seen.result.commands, _i == 0 ? 6 : 22);
	ck_assert_uint_eq(seen.result.completed, seen.result.commands);
	ck_assert_uint_eq(seen.result.flushes, 1);
	ck_assert_uint_eq(seen.result.raw_bytes, 20 * 1000);
	ck_assert_uint_eq(seen.result.stripe.raw_bytes, 20 * 1000);
	/* The hook came when the stripe was durable to its last byte. */
	ck_assert_uint_eq(atomic_load(&seen.completes), 1);
	ck_assert_uint_eq(seen.commits, 1);
	ck_assert_uint_eq(seen.synced, seen.seen.stored_bytes);
	ck_assert_uint_eq(atomic_load(&seen.failures), 0);
	ck_assert_uint_eq(seen.observed_size, 20 * 1000);
	ck_assert_mem_eq(seen.observed, data, 20 * 1000);
	expect_stream(data, 20 * 1000);
	free(data);
}
END_TEST

START_TEST(backup_without_complete_is_left_to_finish)
{
	uint8_t *data = support_data(FRAME, 1);
	struct stripe_result result;

	start_backup(FRAME, NULL);
	(void)send_command(&device, VDC_Write, data, FRAME);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), 0);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
	ck_assert(seen.result.closed);
	ck_assert(!seen.result.finished);
	ck_assert_int_eq(stripe_write_finish(out, &result, NULL), 0);
	expect_stream(data, FRAME);
	free(data);
}
END_TEST

START_TEST(hook_decides_what_complete_is_answered)
{
	start_backup(FRAME, NULL);
	seen.answer = VD_ERROR_OPERATION_ABORTED;
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Complete, NULL, 0)), VD_ERROR_OPERATION_ABORTED);
	set_device(&device, &device.closed);
	join();
	ck_assert(seen.result.finished);
}
END_TEST

START_TEST(unknown_commands_are_not_supported)
{
	uint8_t byte = 0;

	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Discard, NULL, 0)), VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Read, &byte, 1)), VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, 4711,
	    NULL, 0)), VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_ClearError, NULL, 0)), VD_ERROR_SUCCESS);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
}
END_TEST

START_TEST(impossible_write_is_refused)
{
	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, _i == 0 ?
	    send_command(&device, VDC_Write, &device, -1) :
	    send_command(&device, VDC_Write, NULL, 5000)),
	    VD_ERROR_IO_DEVICE);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_PROVIDER);
}
END_TEST

START_TEST(write_after_complete_is_refused)
{
	uint8_t *data = support_data(FRAME, 1);

	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Complete, NULL, 0)), 0);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Flush, NULL, 0)), 0);
	ck_assert_uint_ne(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_PROVIDER);
	free(data);
}
END_TEST

/* The server is told, and then gets an answer to all it has to say until it
 * closes the device. */
START_TEST(storage_failure_is_told_to_the_server)
{
	static const struct {
		int errnum;
		uint32_t code;
	} cases[] = {
		{ ENOSPC, VD_ERROR_DISK_FULL },
		{ EDQUOT, VD_ERROR_DISK_FULL },
		{ EFBIG, VD_ERROR_DISK_FULL },
		{ EIO, VD_ERROR_WRITE_FAULT },
	};
	uint8_t *data = support_data(FRAME, 1);
	unsigned i;

	/* The first call is the header's. */
	memory.fail_call = 2;
	memory.fail_errno = cases[_i].errnum;
	start_backup(FRAME, NULL);
	for (i = 0; i < 3; i++)
		(void)send_command(&device, VDC_Write, data, FRAME);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), cases[_i].code);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_ClearError, NULL, 0)), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), cases[_i].code);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Complete, NULL, 0)), cases[_i].code);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert(seen.result.closed);
	ck_assert(!seen.result.finished);
	ck_assert_int_eq(seen.error.kind, KIND_STORAGE);
	ck_assert_int_eq(seen.error.code, cases[_i].errnum);
	ck_assert_uint_eq(seen.result.commands, 7);
	ck_assert_uint_eq(seen.result.completed, 7);
	ck_assert_uint_eq(atomic_load(&seen.failures), 1);
	ck_assert_uint_eq(atomic_load(&seen.completes), 0);
	free(data);
}
END_TEST

START_TEST(storage_failure_in_the_end_refuses_complete)
{
	uint8_t *data = support_data(FRAME, 1);

	/* Header, one frame, closing frame, the table's three parts, commit. */
	memory.fail_call = 3 + (unsigned)_i;
	memory.fail_errno = ENOSPC;
	start_backup(FRAME, NULL);
	(void)send_command(&device, VDC_Write, data, FRAME);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Complete, NULL, 0)), VD_ERROR_DISK_FULL);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert(!seen.result.finished);
	ck_assert_uint_eq(atomic_load(&seen.completes), 0);
	free(data);
}
END_TEST

/* A server that hears of a failed write aborts at once, perhaps before the
 * pump has looked. */
START_TEST(abort_does_not_hide_the_storage_failure_before_it)
{
	uint8_t *data = support_data(FRAME, 1);
	struct error ignored = { 0 };

	memory.fail_call = 2;
	memory.fail_errno = EIO;
	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	SUPPORT_UNTIL(stripe_write_failed(out, &ignored));
	set_device(&device, &device.aborted);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_STORAGE);
	ck_assert_int_eq(seen.error.code, EIO);
	free(data);
}
END_TEST

START_TEST(idle_server_does_not_hide_a_storage_failure)
{
	uint8_t *data = support_data(FRAME, 1);

	memory.fail_call = 2;
	memory.fail_errno = EIO;
	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	SUPPORT_UNTIL(atomic_load(&seen.failures) == 1);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	free(data);
}
END_TEST

START_TEST(abort_of_the_set_ends_the_pump)
{
	uint8_t *data = support_data(FRAME, 1);

	memory_sink_hold(&memory, false);
	start_backup(FRAME, NULL);
	(void)send_command(&device, VDC_Write, data, FRAME);
	set_device(&device, &device.aborted);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_ABORTED);
	ck_assert(!seen.result.closed);
	/* Nothing of it is in use any more. */
	memset(data, 0, FRAME);
	free(data);
}
END_TEST

START_TEST(stop_ends_a_pump_that_waits)
{
	uint8_t *data = support_data(FRAME, 1);

	start_backup(FRAME, NULL);
	if (_i == 1) {
		struct ticket *flush;

		memory_sink_hold(&memory, true);
		(void)send_command(&device, VDC_Write, data, FRAME);
		flush = send_command(&device, VDC_Flush, NULL, 0);
		memory_sink_wait_held(&memory);
		ck_assert(!is_completed(&device, flush));
	}
	pump_stop(pump);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_ABORTED);
	free(data);
}
END_TEST

static void *
finish(void *context)
{
	struct stripe_result result;

	*(int *)context = stripe_write_finish(out, &result, NULL);
	return (NULL);
}

START_TEST(stop_also_ends_the_finish_that_follows)
{
	pthread_t finisher;
	int rc = 0;

	start_backup(FRAME, NULL);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
	memory_sink_hold(&memory, true);
	ck_assert_int_eq(pthread_create(&finisher, NULL, finish, &rc), 0);
	memory_sink_wait_held(&memory);
	pump_stop(pump);
	ck_assert_int_eq(pthread_join(finisher, NULL), 0);
	ck_assert_int_eq(rc, -1);
}
END_TEST

/* ---- drills ---- */

START_TEST(drill_fail_answers_with_its_code)
{
	uint8_t *data = support_data(FRAME, 1);

	start_backup(FRAME, "fail,command=2,code=io-device");
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), VD_ERROR_IO_DEVICE);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), VD_ERROR_IO_DEVICE);
	set_device(&device, &device.closed);
	join();
	ck_assert_uint_eq(atomic_load(&seen.announced), 1);
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_ABORTED);
	free(data);
}
END_TEST

/* The commands that vouch for what was stored, at the drill's own device. */
START_TEST(drill_fail_hits_the_command_that_is_named)
{
	uint8_t *data = support_data(FRAME, 1);
	bool is_flush = _i == 0;

	start_backup(FRAME, is_flush ? "fail,at=flush,device=3,code=crc" :
	    "fail,at=complete,code=crc");
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), is_flush ? VD_ERROR_CRC : 0);
	if (!is_flush)
		ck_assert_uint_eq(wait_code(&device, send_command(&device,
		    VDC_Complete, NULL, 0)), VD_ERROR_CRC);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_ptr_nonnull(strstr(seen.error.text, is_flush ?
	    "VDC_Flush" : "VDC_Complete"));
	ck_assert(!seen.result.finished);
	free(data);
}
END_TEST

/* ClearError is answered with success by a pump that fails, but not where it
 * is the very command that the drill hits. */
START_TEST(drill_fail_hits_a_clear_error)
{
	start_backup(FRAME, "fail,command=1,code=not-supported");
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_ClearError, NULL, 0)), VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_ClearError, NULL, 0)), 0);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
}
END_TEST

START_TEST(drill_abort_aborts_the_set)
{
	uint8_t *data = support_data(FRAME, 1);

	start_backup(FRAME, "abort,device=3,after=4096");
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	ck_assert_uint_eq(atomic_load(&seen.aborts), 0);
	(void)send_command(&device, VDC_Write, data, FRAME);
	join();
	ck_assert_uint_eq(atomic_load(&seen.aborts), 1);
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_ptr_nonnull(strstr(seen.error.text, "drill"));
	free(data);
}
END_TEST

/* The server is told, and the rest of what it says is not believed. */
START_TEST(a_command_that_cannot_be_is_refused)
{
	static const struct {
		int size;
		bool has_buffer;
		const char *words;
	} cases[] = {
		{ -1, true, "of -1 bytes" },
		{ FRAME, false, "without a buffer" },
		{ 16 * FRAME + 1, true,
		    "65537 bytes, where 65536 are the most" },
	};
	uint8_t *data = support_data(FRAME, 1);

	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    cases[_i].has_buffer ? data : NULL, cases[_i].size)),
	    VD_ERROR_IO_DEVICE);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Complete, NULL, 0)), VD_ERROR_IO_DEVICE);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_PROVIDER);
	ck_assert_ptr_nonnull(strstr(seen.error.text, cases[_i].words));
	ck_assert(!seen.result.finished);
	free(data);
}
END_TEST

/* On the pump's own thread, and on one of the pool's. */
START_TEST(an_answer_that_is_not_taken_ends_it)
{
	uint8_t *data = support_data(FRAME, 1);

	device.deaf = 2;
	start_backup(FRAME, NULL);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), 0);
	(void)send_command(&device, _i == 0 ? VDC_Flush : VDC_Write, data,
	    (int)FRAME);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.origin, ORIGIN_VDI);
	ck_assert_str_eq(seen.error.text, "not taken");
	ck_assert_uint_eq(atomic_load(&seen.failures), 1);
	ck_assert(!seen.result.closed);
	free(data);
}
END_TEST

START_TEST(drill_drop_never_answers_and_vouches_for_nothing)
{
	uint8_t *data = support_data(FRAME, 1);
	struct ticket *dropped;

	start_backup(FRAME, "drop,command=1");
	dropped = send_command(&device, VDC_Write, data, FRAME);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Write,
	    data, FRAME)), 0);
	ck_assert_uint_ne(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), 0);
	ck_assert(!is_completed(&device, dropped));
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_uint_eq(seen.result.commands, 3);
	ck_assert_uint_eq(seen.result.completed, 2);
	free(data);
}
END_TEST

START_TEST(drill_close_early_is_passed_on)
{
	start_backup(FRAME, "close-early");
	(void)send_command(&device, VDC_Flush, NULL, 0);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert(seen.result.close_early);
	ck_assert(!seen.result.closed);
}
END_TEST

START_TEST(drill_stall_goes_on_afterwards)
{
	int64_t began = clock_now_ns();

	start_backup(FRAME, "stall=50ms,command=1");
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Flush,
	    NULL, 0)), 0);
	ck_assert_int_ge(clock_now_ns() - began, 50000000);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
}
END_TEST

START_TEST(drill_stall_can_be_stopped)
{
	start_backup(FRAME, "stall=86400");
	(void)send_command(&device, VDC_Flush, NULL, 0);
	SUPPORT_UNTIL(atomic_load(&seen.announced) == 1);
	pump_stop(pump);
	join();
	ck_assert_int_eq(seen.error.kind, KIND_ABORTED);
}
END_TEST

START_TEST(drill_kill_kills)
{
	pid_t child;
	int ends[2];
	int status;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		begin();
		ck_assert_int_eq(write(ends[1], support_folder,
		    SUPPORT_FOLDER_SIZE), SUPPORT_FOLDER_SIZE);
		start_backup(FRAME, "kill,command=1");
		(void)send_command(&device, VDC_Flush, NULL, 0);
		(void)pthread_join(thread, NULL);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	/* The child did not get to removing its folder. */
	ck_assert_int_eq(read(ends[0], support_folder,
	    SUPPORT_FOLDER_SIZE), SUPPORT_FOLDER_SIZE);
	support_end();
	(void)close(ends[0]);
	(void)close(ends[1]);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

/* ---- restore ---- */

static uint8_t *
start_restore(size_t size, size_t damage_at)
{
	struct stripe_write_options options;
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *data = support_data(size, 1);

	stripe_write_options_init(&options);
	options.frame_size = FRAME;
	support_write(pool, &memory, &options, data, size, FRAME, &result);
	if (damage_at > 0)
		memory.data[damage_at] ^= 1;
	in = stripe_read_open(pool, source_file_open(support_file("s",
	    memory.data, memory.size), &error), &error);
	ck_assert_msg(in != NULL, "%s", error.text);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, NULL), 0);
	return (data);
}

START_TEST(reads_are_filled_and_the_end_is_told)
{
	uint8_t *data = start_restore(10 * FRAME + 100, 0);
	uint8_t *found = calloc(1, 11 * FRAME);
	struct ticket *ticket;
	unsigned i;

	ck_assert_ptr_nonnull(found);
	for (i = 0; i < 3; i++) {
		ticket = send_command(&device, VDC_Read, found + i * 3 * FRAME,
		    3 * FRAME);
		ck_assert_uint_eq(wait_code(&device, ticket), 0);
		ck_assert_uint_eq(ticket->bytes, 3 * FRAME);
	}
	ticket = send_command(&device, VDC_Read, found + 9 * FRAME,
	    2 * FRAME);
	ck_assert_uint_eq(wait_code(&device, ticket), VD_ERROR_HANDLE_EOF);
	ck_assert_uint_eq(ticket->bytes, FRAME + 100);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_ClearError, NULL, 0)), 0);
	ticket = send_command(&device, VDC_Read, found, FRAME);
	ck_assert_uint_eq(wait_code(&device, ticket), VD_ERROR_HANDLE_EOF);
	ck_assert_uint_eq(ticket->bytes, 0);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_Write, found, FRAME)), VD_ERROR_NOT_SUPPORTED);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
	ck_assert(seen.result.at_end);
	ck_assert_uint_eq(seen.result.raw_bytes, 10 * FRAME + 100);
	ck_assert_uint_eq(seen.result.stripe.raw_bytes, 10 * FRAME + 100);
	ck_assert_uint_eq(seen.result.stripe.stored_bytes, memory.size);
	ck_assert_mem_eq(found, data, 10 * FRAME + 100);
	free(found);
	free(data);
}
END_TEST

START_TEST(server_may_close_before_the_end)
{
	uint8_t *data = start_restore(10 * FRAME, 0);
	uint8_t found[512];

	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Read,
	    found, 512)), 0);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
	ck_assert(seen.result.closed);
	ck_assert(!seen.result.at_end);
	free(data);
}
END_TEST

START_TEST(damage_is_told_to_the_server)
{
	/* In the first of the frames. */
	uint8_t *data = start_restore(10 * FRAME, 200);
	uint8_t *found = calloc(1, 10 * FRAME);

	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Read,
	    found, 10 * FRAME)), VD_ERROR_CRC);
	ck_assert_uint_eq(wait_code(&device, send_command(&device,
	    VDC_ClearError, NULL, 0)), 0);
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Read,
	    found, FRAME)), VD_ERROR_CRC);
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_INTEGRITY);
	ck_assert_uint_eq(atomic_load(&seen.failures), 1);
	free(found);
	free(data);
}
END_TEST

START_TEST(stop_ends_a_restore)
{
	uint8_t *data = start_restore(10 * FRAME, 0);

	pump_stop(pump);
	join();
	ck_assert_int_eq(seen.rc, -1);
	ck_assert_int_eq(seen.error.kind, KIND_ABORTED);
	free(data);
}
END_TEST

START_TEST(load_goes_on_with_another_stripe)
{
	uint8_t *data = start_restore(2 * FRAME + 100, 0);
	struct stripe_read *second = stripe_read_open(pool,
	    source_file_open(support_file("t", memory.data, memory.size),
	    NULL), NULL);
	uint8_t *found = calloc(1, 3 * FRAME);
	struct ticket *ticket;
	unsigned i;

	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_nonnull(found);
	next = second;
	/* Before anything was read it means the one that is there. */
	ck_assert_uint_eq(wait_code(&device, send_command(&device, VDC_Load,
	    NULL, 0)), 0);
	for (i = 0; i < 2; i++) {
		memset(found, 0, 3 * FRAME);
		ticket = send_command(&device, VDC_Read, found, 3 * FRAME);
		ck_assert_uint_eq(wait_code(&device, ticket),
		    VD_ERROR_HANDLE_EOF);
		ck_assert_mem_eq(found, data, 2 * FRAME + 100);
		ck_assert_uint_eq(wait_code(&device, send_command(&device,
		    VDC_ClearError, NULL, 0)), 0);
		ck_assert_uint_eq(wait_code(&device, send_command(&device,
		    VDC_Load, NULL, 1)), i == 0 ? VD_ERROR_SUCCESS :
		    VD_ERROR_NO_DATA_DETECTED);
	}
	set_device(&device, &device.closed);
	join();
	ck_assert_int_eq(seen.rc, 0);
	ck_assert(seen.result.at_end);
	ck_assert_uint_eq(seen.result.loads, 1);
	ck_assert_uint_eq(seen.result.raw_bytes, 4 * FRAME + 200);
	stripe_read_free(second);
	free(found);
	free(data);
}
END_TEST

static void
add_drills(Suite *suite)
{
	TCase *drills = tcase_create("drills");
	TCase *alone = tcase_create("kill");

	tcase_add_checked_fixture(drills, begin, end);
	tcase_add_test(drills, drill_fail_answers_with_its_code);
	tcase_add_loop_test(drills,
	    drill_fail_hits_the_command_that_is_named, 0, 2);
	tcase_add_test(drills, drill_fail_hits_a_clear_error);
	tcase_add_test(drills, drill_abort_aborts_the_set);
	tcase_add_test(drills,
	    drill_drop_never_answers_and_vouches_for_nothing);
	tcase_add_test(drills, drill_close_early_is_passed_on);
	tcase_add_test(drills, drill_stall_goes_on_afterwards);
	tcase_add_test(drills, drill_stall_can_be_stopped);
	suite_add_tcase(suite, drills);
	/* It forks, so it comes without threads. */
	tcase_add_test(alone, drill_kill_kills);
	suite_add_tcase(suite, alone);
}

int
main(void)
{
	Suite *suite = suite_create("transfer: pump");
	TCase *backup = tcase_create("backup");
	TCase *restore = tcase_create("restore");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(backup, begin, end);
	tcase_add_loop_test(backup, backup_ends_with_complete_and_close, 0, 2);
	tcase_add_test(backup, backup_without_complete_is_left_to_finish);
	tcase_add_test(backup, hook_decides_what_complete_is_answered);
	tcase_add_test(backup, unknown_commands_are_not_supported);
	tcase_add_loop_test(backup, impossible_write_is_refused, 0, 2);
	tcase_add_test(backup, write_after_complete_is_refused);
	tcase_add_loop_test(backup, a_command_that_cannot_be_is_refused, 0,
	    3);
	tcase_add_loop_test(backup, an_answer_that_is_not_taken_ends_it, 0, 2);
	tcase_add_loop_test(backup, storage_failure_is_told_to_the_server, 0,
	    4);
	tcase_add_loop_test(backup,
	    storage_failure_in_the_end_refuses_complete, 0, 5);
	tcase_add_test(backup,
	    abort_does_not_hide_the_storage_failure_before_it);
	tcase_add_test(backup, idle_server_does_not_hide_a_storage_failure);
	tcase_add_test(backup, abort_of_the_set_ends_the_pump);
	tcase_add_loop_test(backup, stop_ends_a_pump_that_waits, 0, 2);
	tcase_add_test(backup, stop_also_ends_the_finish_that_follows);
	suite_add_tcase(suite, backup);
	add_drills(suite);
	tcase_add_checked_fixture(restore, begin, end);
	tcase_add_test(restore, reads_are_filled_and_the_end_is_told);
	tcase_add_test(restore, server_may_close_before_the_end);
	tcase_add_test(restore, damage_is_told_to_the_server);
	tcase_add_test(restore, stop_ends_a_restore);
	tcase_add_test(restore, load_goes_on_with_another_stripe);
	suite_add_tcase(suite, restore);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
