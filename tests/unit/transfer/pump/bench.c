/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench.h"

#include "base/bytes.h"
#include "base/clock.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COMMANDS 64
#define WAIT_MS 20000

struct bench bench;

/* ---- a provider in memory ------------------------------------------ */

struct provider_device {
	pthread_mutex_t lock; /* guards all of it */
	pthread_cond_t changed;
	struct bench_ticket tickets[MAX_COMMANDS];
	unsigned sent;
	unsigned taken;
	unsigned answered;
	unsigned deaf; /* the answer that is not taken, from 1; 0: none */
	bool idle;   /* the pump waits for more than was sent */
	bool nudged; /* it is to look around once */
	bool closed;
	bool aborted;
};

static struct provider_device drive;

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
		} else if (device->nudged) {
			device->nudged = false;
		} else if (!clock_has_passed(deadline)) {
			device->idle = true;
			(void)pthread_cond_broadcast(&device->changed);
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
	struct bench_ticket *ticket = (struct bench_ticket *)command;
	int rc = 0;

	(void)pthread_mutex_lock(&device->lock);
	if (device->aborted) {
		rc = error_set(error, KIND_ABORTED, ORIGIN_VDI, 0, "aborted");
	} else if (device->deaf == device->answered + 1) {
		rc = error_set(error, KIND_PROVIDER, ORIGIN_VDI,
		    (long)(uint32_t)VD_E_PROTOCOL, "not taken");
		device->nudged = true;
		(void)pthread_cond_broadcast(&device->changed);
	} else {
		ck_assert(!ticket->answered);
		ticket->answered = true;
		ticket->code = completion_code;
		ticket->bytes = bytes_transferred;
		device->answered++;
		(void)pthread_cond_broadcast(&device->changed);
	}
	(void)pthread_mutex_unlock(&device->lock);
	return (rc);
}

/* ---- the server ---------------------------------------------------- */

struct bench_ticket *
bench_send(int code, void *buffer, int size)
{
	struct bench_ticket *ticket;

	(void)pthread_mutex_lock(&drive.lock);
	ck_assert_uint_lt(drive.sent, MAX_COMMANDS);
	ticket = &drive.tickets[drive.sent++];
	ticket->block.commandCode = code;
	ticket->block.buffer = buffer;
	ticket->block.size = size;
	drive.idle = false;
	(void)pthread_cond_broadcast(&drive.changed);
	(void)pthread_mutex_unlock(&drive.lock);
	return (ticket);
}

bool
bench_is_answered(struct bench_ticket *ticket)
{
	bool answered;

	(void)pthread_mutex_lock(&drive.lock);
	answered = ticket->answered;
	(void)pthread_mutex_unlock(&drive.lock);
	return (answered);
}

uint32_t
bench_answer(struct bench_ticket *ticket)
{
	struct deadline deadline = clock_deadline(WAIT_MS);
	uint32_t code;

	(void)pthread_mutex_lock(&drive.lock);
	while (!ticket->answered && !clock_has_passed(deadline))
		device_wait(&drive, deadline);
	ck_assert_msg(ticket->answered, "a command was not answered");
	code = ticket->code;
	(void)pthread_mutex_unlock(&drive.lock);
	return (code);
}

uint32_t
bench_ask(int code, void *buffer, int size)
{
	return (bench_answer(bench_send(code, buffer, size)));
}

unsigned
bench_taken(void)
{
	unsigned taken;

	(void)pthread_mutex_lock(&drive.lock);
	taken = drive.taken;
	(void)pthread_mutex_unlock(&drive.lock);
	return (taken);
}

void
bench_wait_taken(void)
{
	struct deadline deadline = clock_deadline(WAIT_MS);

	(void)pthread_mutex_lock(&drive.lock);
	while (!drive.idle && !clock_has_passed(deadline))
		device_wait(&drive, deadline);
	ck_assert_msg(drive.idle, "commands were not taken");
	(void)pthread_mutex_unlock(&drive.lock);
}

void
bench_deafen(unsigned nth)
{
	(void)pthread_mutex_lock(&drive.lock);
	drive.deaf = nth;
	(void)pthread_mutex_unlock(&drive.lock);
}

static void
set_drive(bool *flag)
{
	(void)pthread_mutex_lock(&drive.lock);
	*flag = true;
	(void)pthread_cond_broadcast(&drive.changed);
	(void)pthread_mutex_unlock(&drive.lock);
}

void
bench_close(void)
{
	set_drive(&drive.closed);
}

void
bench_abort(void)
{
	set_drive(&drive.aborted);
}

/* ---- the pump's hooks ---------------------------------------------- */

static void
check_caller(const void *context, unsigned number)
{
	ck_assert_ptr_eq(context, &bench);
	ck_assert_uint_eq(number, BENCH_NUMBER);
}

static uint32_t
on_complete(void *context, unsigned number,
    const struct stripe_result *result)
{
	check_caller(context, number);
	(void)pthread_mutex_lock(&bench.memory.lock);
	bench.synced = bench.memory.synced;
	bench.commits = bench.memory.commits;
	(void)pthread_mutex_unlock(&bench.memory.lock);
	bench.finished = *result;
	atomic_fetch_add(&bench.completes, 1);
	return (bench.answer);
}

static void
on_abort(void *context, unsigned number, const struct error *error)
{
	check_caller(context, number);
	ck_assert_ptr_nonnull(strstr(error->text, "drill"));
	atomic_fetch_add(&bench.aborts, 1);
	bench_abort();
}

static void
on_failed(void *context, unsigned number, const struct error *error)
{
	check_caller(context, number);
	ck_assert(error_is_set(error));
	atomic_fetch_add(&bench.failures, 1);
}

static void
on_observe(void *context, unsigned number, const void *data, size_t size)
{
	void (*meanwhile)(void) = bench.meanwhile;

	check_caller(context, number);
	bench.meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile();
	ck_assert_uint_le(bench.observed_size + size, sizeof(bench.observed));
	memcpy(bench.observed + bench.observed_size, data, size);
	bench.observed_size += size;
}

static int
on_proven(void *context, unsigned number, const struct stripe_result *result,
    struct error *error)
{
	check_caller(context, number);
	ck_assert_uint_gt(result->stored_bytes, 0);
	atomic_fetch_add(&bench.proven, 1);
	if (!bench.refuses_end)
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "another backup's"));
}

/* VDC_Load: the stripe that is next, once. */
static struct stripe_read *
on_load(void *context, unsigned number)
{
	struct stripe_read *stripe = bench.next;

	check_caller(context, number);
	bench.next = NULL;
	return (stripe);
}

static const struct pump_hooks hooks = {
	.observe = on_observe,
	.complete = on_complete,
	.proven = on_proven,
	.load = on_load,
	.abort = on_abort,
	.failed = on_failed,
};

static void
on_announce(void *context, const char *text, const char *where)
{
	(void)context;
	(void)text;
	(void)where;
	atomic_fetch_add(&bench.announced, 1);
}

/* ---- the pump under test ------------------------------------------- */

static void
begin(unsigned threads)
{
	struct error error = { 0 };
	struct pump_config config = { .device = &drive,
		.number = BENCH_NUMBER,
		.max_transfer_size = BENCH_MAX_TRANSFER, .hooks = &hooks,
		.context = &bench, .plan = &bench.plan };

	memset(&drive, 0, sizeof(drive));
	memset(&bench, 0, sizeof(bench));
	support_begin();
	memory_sink_init(&bench.memory);
	(void)pthread_mutex_init(&drive.lock, NULL);
	(void)clock_cond_init(&drive.changed);
	fault_plan_init(&bench.plan, on_announce, NULL);
	bench.threads = threads;
	bench.pool = pool_new(threads, &error);
	ck_assert_ptr_nonnull(bench.pool);
	bench.pump = pump_new(&config, &error);
	ck_assert_ptr_nonnull(bench.pump);
}

void
bench_begin(void)
{
	begin(2);
}

void
bench_begin_alone(void)
{
	begin(1);
}

void
bench_end(void)
{
	pump_free(bench.pump);
	stripe_write_free(bench.out);
	stripe_read_free(bench.in);
	pool_free(bench.pool);
	memory_sink_release(&bench.memory);
	fault_plan_release(&bench.plan);
	(void)pthread_cond_destroy(&drive.changed);
	(void)pthread_mutex_destroy(&drive.lock);
	support_end();
}

void
bench_stop(void)
{
	pump_stop(bench.pump);
	set_drive(&drive.nudged);
}

void
bench_hold(void)
{
	held_pool_begin(&bench.held, bench.pool, bench.threads);
}

void
bench_let_go(void)
{
	held_pool_end(&bench.held);
}

void
bench_drain(void)
{
	bench_hold();
	bench_let_go();
}

void
bench_drill(const char *text)
{
	ck_assert_int_eq(fault_plan_add(&bench.plan, text, NULL), 0);
}

static void *
run(void *context)
{
	(void)context;
	if (bench.out != NULL)
		bench.rc = pump_backup(bench.pump, bench.out, &bench.result,
		    &bench.error);
	else
		bench.rc = pump_restore(bench.pump, bench.in, &bench.result,
		    &bench.error);
	return (NULL);
}

void
bench_backup(size_t frame_size, const char *drill)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;

	if (drill != NULL)
		bench_drill(drill);
	stripe_write_options_init(&options);
	options.frame_size = frame_size;
	bench.out = stripe_write_open(bench.pool,
	    memory_sink_open(&bench.memory), &identity, &options, NULL);
	ck_assert_ptr_nonnull(bench.out);
	ck_assert_int_eq(pthread_create(&bench.thread, NULL, run, NULL), 0);
}

uint8_t *
bench_store(size_t size)
{
	struct stripe_write_options options;
	struct stripe_result result;
	struct pool *pool = pool_new(1, NULL);
	uint8_t *data = support_data(size, 1);

	ck_assert_ptr_nonnull(pool);
	stripe_write_options_init(&options);
	options.frame_size = BENCH_FRAME;
	support_write(pool, &bench.memory, &options, data, size, BENCH_FRAME,
	    &result);
	pool_free(pool);
	return (data);
}

/* By the seek table, whose first entry is the header's. */
void
bench_damage(unsigned nth)
{
	const uint8_t *end = bench.memory.data + bench.memory.size;
	struct error error = { 0 };
	const uint8_t *entry;
	size_t count;
	size_t at;

	ck_assert_int_eq(stripe_decode_table_footer(end - STRIPE_TABLE_FOOTER,
	    &count, &error), 0);
	ck_assert_uint_lt(nth + 1, count);
	entry = end - STRIPE_TABLE_FOOTER - count * STRIPE_TABLE_ENTRY;
	for (at = 0; nth > 0; nth--, entry += STRIPE_TABLE_ENTRY)
		at += bytes_get32(entry);
	bench.memory.data[at + bytes_get32(entry) / 2] ^= 1;
}

struct stripe_read *
bench_open(void)
{
	char name[] = { 's', (char)('0' + bench.opened++), '\0' };
	struct error error = { 0 };
	const char *path = support_file(name, bench.memory.data,
	    bench.memory.size);
	struct stripe_read *stripe = stripe_read_open(bench.pool,
	    source_file_open(path, &error), &error);

	ck_assert_msg(stripe != NULL, "%s", error.text);
	return (stripe);
}

void
bench_restore(void)
{
	bench.in = bench_open();
	ck_assert_int_eq(pthread_create(&bench.thread, NULL, run, NULL), 0);
}

void
bench_join(void)
{
	struct pump_progress progress;

	ck_assert_int_eq(pthread_join(bench.thread, NULL), 0);
	pump_progress(bench.pump, &progress);
	ck_assert_int_eq(progress.state, PUMP_ENDED);
	ck_assert_uint_eq(progress.commands, bench.result.commands);
}

void
bench_expect_stream(const uint8_t *data, size_t size)
{
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *found = NULL;
	size_t found_size = 0;
	const char *path = support_file("s", bench.memory.data,
	    bench.memory.size);

	ck_assert_msg(support_read(bench.pool, source_file_open(path, &error),
	    &found, &found_size, &result, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(found_size, size);
	ck_assert_mem_eq(found, data, size);
	free(found);
}
