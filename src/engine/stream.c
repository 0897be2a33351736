/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/stream.h"

#include "base/clock.h"
#include "engine/message.h"
#include "engine/reading.h"
#include "engine/replay.h"
#include "engine/synthetic.h"
#include "engine/writing.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_BYTES 8192u

struct stream {
	struct operation *operation;
	const char *database; /* its name */
	const struct stream_ops *ops;
	void *state;
};

/* What a device's thread has; contexts for operation_run. */
struct lane {
	struct stream *stream;
	struct device *device;
	unsigned index;
	uint64_t offset; /* of the next byte */
	union {
		struct writing writing;
		struct reading reading;
	} way;
};

static const struct stream_ops *const kinds[DATABASE_KINDS] = {
	[DATABASE_REPLAY] = &replay_ops,
	[DATABASE_SYNTHETIC] = &synthetic_ops,
};

bool
stream_is_kind(enum database_kind kind)
{
	return (kinds[kind] != NULL);
}

/* What the statement asks for and streams do not have. */
static int
check_statement(const struct stream *stream)
{
	struct operation *operation = stream->operation;
	const struct tsql_statement *statement = operation->statement;
	char number[16];

	if (statement->snapshot) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report,
			    MESSAGE_NOT_DONE_HERE, "SNAPSHOT", NULL);
		return (-1);
	}
	if (statement->move_count > 0) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_NO_FILE,
			    statement->moves[0].logical, stream->database,
			    NULL);
		return (-1);
	}
	if (statement->file > 1) {
		(void)snprintf(number, sizeof(number), "%u", statement->file);
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_NO_SET,
			    number, statement->devices[0], NULL);
		return (-1);
	}
	return (0);
}

/* --- backup -------------------------------------------------------------- */

static int
send_data(struct lane *lane)
{
	const struct stream *stream = lane->stream;
	struct operation *operation = stream->operation;
	struct writing *writing = &lane->way.writing;
	uint64_t end = stream->ops->size(stream->state, lane->index);

	while (lane->offset < end) {
		struct device_command *command = writing_next(writing);
		uint32_t size = operation->transfer_size;

		if (command == NULL)
			return (-1);
		if (size > end - lane->offset)
			size = (uint32_t)(end - lane->offset);
		if (stream->ops->get(stream->state, lane->index, lane->offset,
		    command->buffer, size) != 0)
			return (-1);
		operation_drill_data(operation, lane->device, command->buffer,
		    size);
		writing_send(writing, command, size);
		lane->offset += size;
	}
	return (writing_drain(writing));
}

static void *
send_stream(void *context)
{
	struct lane *lane = context;
	struct operation *operation = lane->stream->operation;
	struct device *device = lane->device;
	int result = -1;

	/* There are no further media, and so no labels. */
	writing_init(&lane->way.writing, operation, device, NULL, 0);
	if (operation_send_odd(operation, device) == 0)
		result = send_data(lane);
	/* A buffer that was prepared and not sent goes with the set. */
	operation_drain(operation, device);
	if (result == 0 &&
	    operation_drill_command(operation, device, "flush") == 0)
		IGNORE_RESULT(writing_flush(&lane->way.writing));
	return (NULL);
}

/* --- restore ------------------------------------------------------------- */

static int
take_bytes(void *context, const void *data, size_t size)
{
	struct lane *lane = context;
	const struct stream *stream = lane->stream;
	struct operation *operation = stream->operation;

	/* What lies in our own buffers may be changed. */
	operation_drill_data(operation, lane->device, (void *)(uintptr_t)data,
	    size < PAGE_BYTES ? size : PAGE_BYTES);
	if (stream->ops->put(stream->state, lane->index, lane->offset, data,
	    (uint32_t)size) != 0)
		return (-1);
	lane->offset += size;
	operation_progress(operation, size);
	return (0);
}

/* There is no limit but the end of what the client has. */
static bool
is_never(void *context)
{
	(void)context;
	return (false);
}

static int
take_end(void *context)
{
	struct lane *lane = context;
	const struct stream *stream = lane->stream;

	return (stream->ops->end(stream->state, lane->index, lane->offset));
}

/* Media that are not removable have neither filemarks nor labels. */
static const struct reading_sink lane_sink = {
	.feed = take_bytes,
	.is_over = is_never,
	.is_passing = is_never,
	.end = take_end,
};

static void *
take_stream(void *context)
{
	struct lane *lane = context;
	struct operation *operation = lane->stream->operation;
	struct device *device = lane->device;

	reading_init(&lane->way.reading, operation, device, &lane_sink, lane);
	lane->way.reading.is_plain = true;
	if (operation_send_odd(operation, device) == 0 &&
	    (!operation->medium->can_seek ||
	    operation->medium->rewind(operation, device) == 0))
		IGNORE_RESULT(reading_run(&lane->way.reading));
	operation_drain(operation, device);
	return (NULL);
}

/* --- the statement ------------------------------------------------------- */

static void
report_success(const struct stream *stream, uint64_t bytes,
    int64_t elapsed_ns)
{
	struct operation *operation = stream->operation;
	uint64_t pages = bytes / PAGE_BYTES;
	char text[24];

	/* Nobody knew how much it would be, so nothing was told of it. */
	if (operation->total_bytes == 0) {
		operation->total_bytes = bytes;
		operation_progress(operation, 0);
	}
	if (operation->statement->verb == TSQL_VERIFYONLY) {
		report_message(operation->report, MESSAGE_VALID, "1", NULL);
		return;
	}
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)pages);
	report_message(operation->report, MESSAGE_FILE_PROCESSED, text,
	    stream->database, stream->database, "1", NULL);
	operation_report_processed(operation, pages, elapsed_ns);
}

static uint64_t
total_size(const struct stream *stream)
{
	uint64_t total = 0;
	unsigned i;

	for (i = 0; i < stream->operation->device_count; i++)
		total += stream->ops->size(stream->state, i);
	return (total);
}

/* The set, until its devices are open. */
static int
begin(struct operation *operation, bool is_backup)
{
	if (operation_open(operation) != 0)
		return (-1);
	if ((operation->wishes.features & VDF_Removable) != 0)
		return (operation_fail_set(operation,
		    "BackupVirtualDeviceSet::Configure", "Configure",
		    VD_ERROR_NOT_SUPPORTED, "The streams of this database "
		    "have no labels for removable media."));
	if (operation_configure(operation, is_backup ? VDF_WriteMedia :
	    VDF_ReadMedia) != 0)
		return (-1);
	return (operation_open_devices(operation));
}

static void
run(struct stream *stream, struct lane *lanes)
{
	struct operation *operation = stream->operation;
	bool is_backup = tsql_is_backup(operation->statement->verb);
	uint64_t bytes = 0;
	int64_t start_ns;
	unsigned i;

	operation->total_bytes = total_size(stream);
	if (begin(operation, is_backup) != 0)
		return;
	start_ns = clock_now_ns();
	if (operation_run(operation, is_backup ? send_stream : take_stream,
	    lanes, sizeof(*lanes)) == 0 &&
	    (!is_backup || operation_complete(operation) == 0))
		IGNORE_RESULT(operation_drill_phase(operation, "close"));
	if (!is_backup)
		IGNORE_RESULT(operation_drill_damage(operation));
	operation_close_devices(operation);
	if (operation_seal(operation) != 0 ||
	    (!is_backup && stream->ops->commit(stream->state) != 0))
		return;
	for (i = 0; i < operation->device_count; i++)
		bytes += lanes[i].offset;
	report_success(stream, bytes, clock_now_ns() - start_ns);
}

void
stream_run(struct operation *operation,
    const struct options_database *database)
{
	struct stream stream = { .operation = operation,
		.database = database->name, .ops = kinds[database->is.kind] };
	struct lane *lanes;
	unsigned i;

	if (check_statement(&stream) != 0)
		return;
	stream.state = stream.ops->open(operation, database);
	if (stream.state == NULL)
		return;
	lanes = calloc(operation->device_count, sizeof(*lanes));
	for (i = 0; lanes != NULL && i < operation->device_count; i++) {
		lanes[i].stream = &stream;
		lanes[i].device = &operation->devices[i];
		lanes[i].index = i;
	}
	if (lanes != NULL)
		run(&stream, lanes);
	else if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_NO_MEMORY, NULL);
	free(lanes);
	stream.ops->close(stream.state);
}
