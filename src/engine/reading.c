/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/reading.h"

#include "engine/message.h"
#include "mtf/reader.h"
#include "mtf/writer.h"

#include <string.h>

void
reading_init(struct reading *reading, struct operation *operation,
    struct device *device, const struct reading_sink *sink, void *context)
{
	memset(reading, 0, sizeof(*reading));
	reading->operation = operation;
	reading->device = device;
	reading->sink = sink;
	reading->context = context;
}

/*
 * Whole blocks, from one to the largest transfer, in a pattern that the
 * writes cannot have had: clients have to re-block (spec 16.3).
 */
static uint32_t
read_size(const struct operation *operation, uint64_t count)
{
	uint32_t block = operation->block_size;
	uint32_t most = operation->transfer_size;
	uint32_t size;

	switch (count % 5) {
	case 1:
		size = most - block;
		break;
	case 2:
		size = most / 4 * 3;
		break;
	case 4:
		size = most / 2 + block;
		break;
	default:
		size = most;
		break;
	}
	size = size / block * block;
	return (size < block ? block : size);
}

static bool
is_over(const struct reading *reading)
{
	return (reading->is_ended || reading->sink->is_over(reading->context));
}

/* Codes that say nothing but that there is no more (spec 10.1). */
static bool
is_end_code(const struct reading *reading, uint32_t code)
{
	return (code == VD_ERROR_HANDLE_EOF ||
	    code == VD_ERROR_NO_DATA_DETECTED ||
	    (code == VD_ERROR_FILEMARK_DETECTED &&
	    reading->operation->is_removable &&
	    !reading->operation->medium->has_marks));
}

static bool
is_mark(const struct reading *reading, uint32_t code)
{
	return (code == VD_ERROR_FILEMARK_DETECTED &&
	    reading->operation->medium->has_marks);
}

/* Give what a read brought to the sink, and see what follows from its code. */
static int
use(struct reading *reading, const struct device_command *command)
{
	uint32_t code = (uint32_t)command->vds.completionCode;
	uint32_t bytes = (uint32_t)command->vds.bytesTransferred;
	bool is_short = bytes < (uint32_t)command->vds.size;

	reading->position += bytes;
	if (bytes > 0 && reading->sink->feed(reading->context,
	    command->buffer, bytes) != 0)
		return (-1);
	if (is_mark(reading, code)) {
		reading->is_broken = true;
		return (reading->sink->mark(reading->context));
	}
	if (bytes == 0 || is_end_code(reading, code))
		reading->is_ended = true;
	/* What is under way was sent for the places behind. */
	else if (is_short && reading->operation->medium->has_offsets)
		reading->is_broken = reading->has_gap = true;
	return (0);
}

/*
 * Take what the oldest read brought.  Behind a filemark, those that the client
 * had at the time go on with the data; those that it had not come back.
 */
static int
take(struct reading *reading, struct device_command *command)
{
	uint32_t code = (uint32_t)command->vds.completionCode;
	bool is_useless = is_over(reading) || reading->has_gap ||
	    (reading->is_broken && code == VD_ERROR_IO_DEVICE);
	int result = 0;

	if (is_useless || (code != VD_ERROR_SUCCESS &&
	    !is_end_code(reading, code) && !is_mark(reading, code))) {
		/* Reads that were too many may end in any way but this. */
		if (!is_useless || code == VD_ERROR_OPERATION_ABORTED)
			result = -1;
		device_retire(reading->device, command);
		if (result != 0)
			operation_fail_command(reading->operation,
			    reading->device, VDC_Read, code);
		return (result);
	}
	result = use(reading, command);
	device_retire(reading->device, command);
	return (result);
}

static int
take_all(struct reading *reading)
{
	while (reading->device->under_way > 0) {
		struct device_command *command = operation_wait(
		    reading->operation, reading->device);

		if (command == NULL || take(reading, command) != 0)
			return (-1);
	}
	return (0);
}

/* Pass over what nobody looks at, if the device can. */
static int
skip(struct reading *reading)
{
	const struct medium *medium = reading->operation->medium;
	uint64_t bytes = reading->sink->skippable(reading->context) /
	    reading->operation->block_size * reading->operation->block_size;
	uint64_t skipped;

	if (bytes < DEVICE_SCRATCH)
		return (0);
	reading->device->position = reading->position;
	if (medium->skip(reading->operation, reading->device, bytes,
	    &skipped) != 0)
		return (-1);
	reading->sink->skip(reading->context, skipped);
	reading->position += skipped;
	return (0);
}

/* Keep as many reads under way as there may be. */
static int
send_reads(struct reading *reading)
{
	struct operation *operation = reading->operation;
	struct device *device = reading->device;
	bool is_passing = operation->medium->can_seek &&
	    reading->sink->is_passing(reading->context);

	if (is_passing && device->under_way > 0)
		return (0);
	if (is_passing && skip(reading) != 0)
		return (-1);
	while (!device_is_full(device)) {
		struct device_command *command;
		bool is_small = is_passing || reading->is_small;

		if (operation_drill_command(operation, device, NULL) != 0)
			return (-1);
		command = device_prepare(device, true);
		if (command == NULL)
			return (-1);
		device_send(device, command, VDC_Read, is_small ?
		    VD_MIN_TRANSFER_SIZE : reading->is_plain ?
		    operation->transfer_size :
		    read_size(operation, reading->count++));
		if (is_small)
			break;
	}
	return (0);
}

/* To the end of this medium, or of what is wanted. */
static int
read_medium(struct reading *reading)
{
	reading->is_ended = false;
	while (!is_over(reading)) {
		struct device_command *command;

		if (send_reads(reading) != 0)
			return (-1);
		command = operation_wait(reading->operation, reading->device);
		if (command == NULL || take(reading, command) != 0)
			return (-1);
		if (!reading->is_broken)
			continue;
		if (take_all(reading) != 0 || operation_clear(
		    reading->operation, reading->device) != 0)
			return (-1);
		reading->is_broken = reading->has_gap = false;
		reading->device->position = reading->position;
	}
	if (take_all(reading) != 0)
		return (-1);
	return (operation_clear(reading->operation, reading->device));
}

/* --- a further medium ---------------------------------------------------- */

static int
keep_label(void *context, const struct mtf_label *label, struct error *error)
{
	(void)error;
	*(struct mtf_label *)context = *label;
	return (0);
}

static int
fail_label(struct reading *reading, const char *reason)
{
	if (operation_fail(reading->operation, OPERATION_CLOSE))
		report_message(reading->operation->report, MESSAGE_NO_FORMAT,
		    reading->device->name, reason, NULL);
	return (-1);
}

/* Read the label, and the filemark behind it. */
static int
read_label(struct reading *reading, struct mtf_reader *reader)
{
	struct operation *operation = reading->operation;
	bool has_marks = operation->medium->has_marks;
	uint32_t left = mtf_write_label_size(has_marks ?
	    operation->block_size : reading->sink->block_size(
	    reading->context), !has_marks);
	struct error error;
	uint32_t got;

	error_init(&error);
	while (left > 0) {
		uint32_t size = left < DEVICE_SCRATCH ? left : DEVICE_SCRATCH;

		if (medium_read(operation, reading->device, size, &got) != 0)
			return (-1);
		if (got < size)
			return (fail_label(reading, "there is no media "
			    "header"));
		if (mtf_reader_feed(reader, reading->device->scratch, size,
		    &error) != 0)
			return (fail_label(reading, error.text));
		left -= size;
	}
	return (has_marks ? medium_pass_mark(operation, reading->device) : 0);
}

/* The stream goes on, on the medium that is loaded now. */
static int
next_medium(struct reading *reading)
{
	static const struct mtf_events events = { .label = keep_label };
	struct mtf_label label = { .family_id = 0 };
	struct mtf_reader *reader;
	struct error error;
	int result = -1;

	if (medium_load(reading->operation, reading->device) != 0)
		return (-1);
	reading->device->volume++;
	error_init(&error);
	reader = mtf_reader_new(&events, &label, &error);
	if (reader == NULL)
		return (fail_label(reading, error.text));
	if (read_label(reading, reader) == 0)
		result = reading->sink->next_label(reading->context, &label);
	mtf_reader_free(reader);
	reading->position = reading->device->position;
	return (result);
}

int
reading_run(struct reading *reading)
{
	reading->position = reading->device->position;
	for (;;) {
		if (read_medium(reading) != 0)
			return (-1);
		if (reading->sink->is_over(reading->context))
			return (0);
		if (!reading->operation->is_removable ||
		    reading->sink->is_complete(reading->context))
			return (reading->sink->end(reading->context));
		if (next_medium(reading) != 0)
			return (-1);
	}
}
