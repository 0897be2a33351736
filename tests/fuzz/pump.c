/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A pump in both directions with a server that sends what it likes.  The
 * target is the provider itself.  The input's first half is a backup, its
 * second a restore of that.  Each pair of bytes is a command: what it is, and
 * how large; a byte of 255 aborts the set.
 *
 * Every command is answered once.  What a backup has vouched for is what is
 * stored, in order, and a restore gives the same back, in whatever sizes it
 * is asked for.
 */

#include "common.h"

#include "base/str.h"
#include "provider/provider.h"
#include "transfer/pool.h"
#include "transfer/pump.h"
#include "transfer/sink.h"
#include "transfer/source.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 64u
#define PATIENCE_S 20

/* A command with what became of it. */
struct ticket {
	struct VDC_Command block; /* first */
	bool is_done;
	uint32_t code;
	uint32_t bytes;
};

struct provider_device {
	struct fuzz_input input;
	pthread_mutex_t lock; /* guards is_done, code and bytes of tickets */
	pthread_cond_t changed;
	struct ticket tickets[COMMANDS_MAX];
	unsigned count;
	bool is_restore;
	bool is_aborted;
	uint32_t verdict; /* what the hook answers VDC_Complete with */
};

static int32_t
choose_code(const struct provider_device *device, uint8_t choice)
{
	static const int32_t odd[] = { VDC_Flush, VDC_Flush, VDC_Complete,
		VDC_ClearError, VDC_Read, VDC_Write, VDC_Rewind,
		VDC_Snapshot, 0, 99, -1 };

	if (choice < 160)
		return (device->is_restore ? VDC_Read : VDC_Write);
	return (odd[choice % ARRAY_COUNT(odd)]);
}

/* Small ones, some near a frame, some of several. */
static uint32_t
choose_size(uint8_t choice)
{
	return (choice < 128 ? choice * 64u : choice < 192 ?
	    STRIPE_MIN_FRAME_SIZE - 32 + choice % 64u :
	    choice % 4u * STRIPE_MIN_FRAME_SIZE + choice % 2u);
}

static void
make_command(struct provider_device *device, struct ticket *ticket,
    uint8_t choice)
{
	uint32_t size = choose_size(fuzz_take8(&device->input));
	uint32_t i;

	ticket->block.commandCode = choose_code(device, choice);
	if (ticket->block.commandCode != VDC_Write &&
	    ticket->block.commandCode != VDC_Read)
		return;
	ticket->block.size = (int32_t)size;
	ticket->block.buffer = malloc(size > 0 ? size : 1);
	FUZZ_CHECK(ticket->block.buffer != NULL);
	for (i = 0; i < size; i++)
		ticket->block.buffer[i] = (uint8_t)(i / 50 + choice);
}

/* Whether all that was sent has been answered, after a while or right now. */
static bool
is_all_done(struct provider_device *device, unsigned patience_s)
{
	struct timespec until;
	unsigned i = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += patience_s;
	(void)pthread_mutex_lock(&device->lock);
	while (i < device->count) {
		if (device->tickets[i].is_done)
			i++;
		else if (patience_s == 0 ||
		    pthread_cond_timedwait(&device->changed, &device->lock,
		    &until) != 0)
			break;
	}
	(void)pthread_mutex_unlock(&device->lock);
	return (i == device->count);
}

enum provider_next
provider_next(struct provider_device *device, int64_t timeout_ms,
    struct VDC_Command **command, struct error *error)
{
	uint8_t choice;

	if (device->input.left < 2 || device->count == COMMANDS_MAX) {
		/* Who looks ahead has a command in hand. */
		if (timeout_ms == 0 && !is_all_done(device, 0))
			return (PROVIDER_IDLE);
		FUZZ_CHECK(is_all_done(device, PATIENCE_S));
		return (PROVIDER_CLOSED);
	}
	choice = fuzz_take8(&device->input);
	if (choice == 254)
		return (PROVIDER_IDLE);
	device->is_aborted = choice == 255;
	if (device->is_aborted) {
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_VDI,
		    (long)(uint32_t)VD_E_ABORT, "the set was aborted"));
		return (PROVIDER_FAILED);
	}
	make_command(device, &device->tickets[device->count], choice);
	*command = &device->tickets[device->count++].block;
	return (PROVIDER_COMMAND);
}

int
provider_complete(struct provider_device *device,
    struct VDC_Command *command, uint32_t completion_code,
    uint32_t bytes_transferred, struct error *error)
{
	struct ticket *ticket = (struct ticket *)command;

	(void)error;
	(void)pthread_mutex_lock(&device->lock);
	FUZZ_CHECK(!ticket->is_done);
	FUZZ_CHECK(bytes_transferred <= (uint32_t)ticket->block.size);
	ticket->is_done = true;
	ticket->code = completion_code;
	ticket->bytes = bytes_transferred;
	(void)pthread_cond_broadcast(&device->changed);
	(void)pthread_mutex_unlock(&device->lock);
	return (0);
}

static uint32_t
on_complete(void *context, unsigned number, const struct stripe_result *result)
{
	const struct provider_device *device = context;

	(void)number;
	(void)result;
	return (device->verdict);
}

static void
device_init(struct provider_device *device, const struct fuzz_input *input)
{
	memset(device, 0, sizeof(*device));
	device->input = *input;
	(void)pthread_mutex_init(&device->lock, NULL);
	(void)pthread_cond_init(&device->changed, NULL);
}

static void
device_release(struct provider_device *device)
{
	unsigned i;

	for (i = 0; i < device->count; i++)
		free(device->tickets[i].block.buffer);
	(void)pthread_cond_destroy(&device->changed);
	(void)pthread_mutex_destroy(&device->lock);
}

static struct pump *
make_pump(struct provider_device *device)
{
	static const struct pump_hooks hooks = { .complete = on_complete };
	struct pump_config config = { .device = device, .number = 1,
		.hooks = &hooks, .context = device };
	struct pump *pump = pump_new(&config, NULL);

	FUZZ_CHECK(pump != NULL);
	return (pump);
}

/* What the server was told is stored. */
static void
add_written(const struct provider_device *device, struct str *raw)
{
	unsigned i;

	for (i = 0; i < device->count; i++) {
		const struct ticket *ticket = &device->tickets[i];

		if (ticket->block.commandCode != VDC_Write)
			continue;
		FUZZ_CHECK(ticket->code != VD_ERROR_SUCCESS ||
		    ticket->bytes == (uint32_t)ticket->block.size);
		str_add_bytes(raw, ticket->block.buffer, ticket->bytes);
	}
}

/* true: the backup is good, and raw is what it holds. */
static bool
back_up(struct pool *pool, const struct fuzz_input *input, struct str *raw)
{
	struct stripe_identity identity = { .stripe = 1, .stripes = 1,
		.type = STRIPE_FULL, .database = "d" };
	struct stripe_write_options options;
	struct provider_device device;
	struct pump_result result;
	struct stripe_write *stripe;
	struct error error;
	struct pump *pump;
	int fd = fuzz_file("", 0);
	int rc;

	FUZZ_CHECK(lseek(fd, 0, SEEK_SET) == 0);
	error_init(&error);
	device_init(&device, input);
	device.verdict = fuzz_take8(&device.input) % 8 == 7 ?
	    VD_ERROR_DISK_FULL : VD_ERROR_SUCCESS;
	stripe_write_options_init(&options);
	options.codec.level = 1;
	options.frame_size = STRIPE_MIN_FRAME_SIZE;
	stripe = stripe_write_open(pool, sink_fd_open(fd, "memory", NULL),
	    &identity, &options, NULL);
	FUZZ_CHECK(stripe != NULL);
	pump = make_pump(&device);
	rc = pump_backup(pump, stripe, &result, &error);
	FUZZ_CHECK((rc == 0) != error_is_set(&error));
	FUZZ_CHECK(rc != 0 || result.closed);
	FUZZ_CHECK(device.is_aborted || is_all_done(&device, PATIENCE_S));
	if (rc == 0 && !result.finished)
		rc = stripe_write_finish(stripe, &result.stripe, &error);
	add_written(&device, raw);
	FUZZ_CHECK(rc != 0 || result.stripe.raw_bytes == raw->length);
	pump_free(pump);
	stripe_write_free(stripe);
	device_release(&device);
	return (rc == 0);
}

static void
restore(struct pool *pool, const struct fuzz_input *input,
    const struct str *raw)
{
	struct provider_device device;
	struct pump_result result;
	struct stripe_read *stripe;
	struct error error;
	struct pump *pump;
	size_t at = 0;
	unsigned i;
	int rc;

	error_init(&error);
	device_init(&device, input);
	device.is_restore = true;
	stripe = stripe_read_open(pool, source_file_open(fuzz_file_path(),
	    NULL), &error);
	FUZZ_CHECK(stripe != NULL);
	pump = make_pump(&device);
	rc = pump_restore(pump, stripe, &result, &error);
	FUZZ_CHECK((rc == 0) != error_is_set(&error));
	FUZZ_CHECK(rc == 0 || device.is_aborted);
	for (i = 0; i < device.count; i++) {
		const struct ticket *ticket = &device.tickets[i];

		if (ticket->block.commandCode != VDC_Read)
			continue;
		FUZZ_CHECK(ticket->is_done);
		FUZZ_CHECK(ticket->bytes <= raw->length - at);
		FUZZ_CHECK(memcmp(ticket->block.buffer, raw->text + at,
		    ticket->bytes) == 0);
		at += ticket->bytes;
		FUZZ_CHECK(ticket->bytes == (uint32_t)ticket->block.size ||
		    (ticket->code == VD_ERROR_HANDLE_EOF &&
		    at == raw->length));
	}
	FUZZ_CHECK(!result.at_end || at == raw->length);
	pump_free(pump);
	stripe_read_free(stripe);
	device_release(&device);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input first = { data, size / 2 };
	struct fuzz_input second = { data + size / 2, size - size / 2 };
	struct pool *pool = pool_new(2, NULL);
	struct str raw;

	FUZZ_CHECK(pool != NULL);
	str_init(&raw);
	if (back_up(pool, &first, &raw))
		restore(pool, &second, &raw);
	str_release(&raw);
	pool_free(pool);
	return (0);
}
