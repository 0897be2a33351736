/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/writing.h"

#include "engine/message.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void
writing_init(struct writing *writing, struct operation *operation,
    struct device *device, const struct mtf_spec *spec, uint64_t at)
{
	memset(writing, 0, sizeof(*writing));
	writing->operation = operation;
	writing->device = device;
	writing->spec = spec;
	writing->stored = at;
}

static int
fail(struct writing *writing, int32_t command, uint32_t code)
{
	operation_fail_command(writing->operation, writing->device, command,
	    code);
	return (-1);
}

static void
count_stored(struct writing *writing, uint32_t bytes)
{
	writing->stored += bytes;
	operation_progress(writing->operation, bytes);
}

/* What is left of the oldest command, completed, to be sent again. */
static int
keep_rest(struct writing *writing, struct device_command *command,
    struct writing_piece *pieces, unsigned *count)
{
	uint32_t code = (uint32_t)command->vds.completionCode;
	uint32_t bytes = (uint32_t)command->vds.bytesTransferred;
	uint32_t size = (uint32_t)command->vds.size;
	bool is_data = command->vds.commandCode == VDC_Write;
	bool is_broken = *count > 0;

	if (code == VD_ERROR_IO_DEVICE && bytes == 0)
		code = VD_ERROR_SUCCESS;
	else if (code == VD_ERROR_SUCCESS && bytes != size && is_data)
		code = VD_ERROR_WRITE_FAULT;
	else if (code == VD_ERROR_END_OF_MEDIA)
		code = VD_ERROR_SUCCESS;
	/* Whole blocks, and nothing stored behind what was not. */
	if (bytes % writing->operation->block_size != 0 ||
	    (is_broken && bytes > 0))
		code = VD_ERROR_WRITE_FAULT;
	/* A flush that bounced is made up for by the one that follows. */
	if (code == VD_ERROR_SUCCESS && is_data && bytes < size) {
		pieces[*count].buffer = command->buffer;
		pieces[*count].from = command->from + bytes;
		pieces[*count].size = size - bytes;
		++*count;
		command->is_pooled = false;
	}
	if (is_data)
		count_stored(writing, bytes);
	device_retire(writing->device, command);
	return (code == VD_ERROR_SUCCESS ? 0 : fail(writing, VDC_Write,
	    code));
}

/* What is under way when the end of the medium is reported is waited for;
 * then the medium is complete. */
static int
end_medium(struct writing *writing)
{
	struct operation *operation = writing->operation;
	struct device *device = writing->device;
	struct writing_piece rests[DEVICE_DEPTH_MAX];
	unsigned count = 0;
	int result = 0;

	while (device->under_way > 0 && result == 0) {
		struct device_command *command = operation_wait(operation,
		    device);

		result = command == NULL ? -1 : keep_rest(writing, command,
		    rests, &count);
	}
	assert(count + writing->piece_count <= DEVICE_DEPTH_MAX);
	memmove(writing->pieces + count, writing->pieces,
	    writing->piece_count * sizeof(*rests));
	memcpy(writing->pieces, rests, count * sizeof(*rests));
	writing->piece_count += count;
	if (result != 0 || operation_clear(operation, device) != 0 ||
	    operation_command(operation, device, VDC_Flush) != 0)
		return (-1);
	writing->unflushed = 0;
	writing->is_full = true;
	return (0);
}

/* Look at the oldest command, completed. */
static int
settle(struct writing *writing, struct device_command *command)
{
	uint32_t code = (uint32_t)command->vds.completionCode;
	uint32_t bytes = (uint32_t)command->vds.bytesTransferred;
	uint32_t size = (uint32_t)command->vds.size;
	int32_t kind = command->vds.commandCode;

	if (code == VD_ERROR_END_OF_MEDIA && writing->operation->is_removable)
		return (end_medium(writing));
	device_retire(writing->device, command);
	if (kind == VDC_Write && code == VD_ERROR_SUCCESS && bytes != size)
		code = VD_ERROR_WRITE_FAULT;
	if (code != VD_ERROR_SUCCESS)
		return (fail(writing, kind, code));
	if (kind == VDC_Write)
		count_stored(writing, size);
	return (0);
}

static int
settle_oldest(struct writing *writing)
{
	struct device_command *command = operation_wait(writing->operation,
	    writing->device);

	return (command != NULL ? settle(writing, command) : -1);
}

static int
write_mark(struct writing *writing)
{
	struct operation_order order = { .code = VDC_WriteMark };

	if (operation_order(writing->operation, writing->device, &order) != 0)
		return (-1);
	if (order.result == VD_ERROR_SUCCESS)
		return (0);
	/* The mark is there; what follows goes to the next medium. */
	if (order.result == VD_ERROR_END_OF_MEDIA)
		return (end_medium(writing));
	return (fail(writing, VDC_WriteMark, order.result));
}

/* The label of a further medium: one that is too small for it is none. */
static int
write_label(struct writing *writing, const struct str *label)
{
	struct device *device = writing->device;
	struct operation_order order = { .code = VDC_Write };
	size_t at;

	order.buffer = device->scratch;
	for (at = 0; at < label->length; at += (size_t)order.size) {
		order.size = DEVICE_SCRATCH;
		if (label->length - at < DEVICE_SCRATCH)
			order.size = (int32_t)(label->length - at);
		memcpy(device->scratch, label->text + at, (size_t)order.size);
		if (operation_order(writing->operation, device, &order) != 0)
			return (-1);
		if (order.result != VD_ERROR_SUCCESS)
			return (fail(writing, VDC_Write, order.result));
		if (order.bytes != (uint32_t)order.size)
			return (fail(writing, VDC_Write,
			    VD_ERROR_WRITE_FAULT));
	}
	return (0);
}

static int
begin_medium(struct writing *writing)
{
	struct device *device = writing->device;
	struct mtf_cuts *cuts = writing->spec->cuts;
	struct error error;
	struct str label;
	char number[24];
	int result = -1;

	/* Nothing fitted behind the label: so it would go on for ever. */
	if (writing->stored == writing->medium_from ||
	    device->volume == UINT16_MAX)
		return (fail(writing, VDC_Write, VD_ERROR_EOM_OVERFLOW));
	device->volume++;
	(void)snprintf(number, sizeof(number), "%lu",
	    (unsigned long)device->volume);
	report_message(writing->operation->report, MESSAGE_NEXT_MEDIUM,
	    device->name, number, NULL);
	if (medium_load(writing->operation, device) != 0)
		return (-1);
	writing->is_full = false;
	writing->medium_from = writing->stored;
	error_init(&error);
	str_init(&label);
	if (mtf_write_continuation(writing->spec, (uint16_t)device->volume,
	    writing->stored, &label, &error) != 0) {
		if (operation_fail(writing->operation, OPERATION_ABANDON))
			report_message(writing->operation->report,
			    MESSAGE_IO_ERROR, device->name, error.text, NULL);
	} else {
		result = write_label(writing, &label);
	}
	str_release(&label);
	if (result == 0 && cuts != NULL)
		result = write_mark(writing);
	return (result);
}

/* Send again what did not fit, until nothing is left of it.  more: something
 * follows, so a full medium has to go in any case. */
static int
send_pieces(struct writing *writing, bool more)
{
	struct device *device = writing->device;

	while (writing->piece_count > 0 || (writing->is_full && more)) {
		struct device_command *command;
		struct writing_piece piece;

		if (writing->is_full) {
			if (begin_medium(writing) != 0)
				return (-1);
			continue;
		}
		if (device_is_full(device)) {
			if (settle_oldest(writing) != 0)
				return (-1);
			continue;
		}
		command = device_prepare(device, false);
		if (command == NULL)
			return (-1);
		piece = writing->pieces[0];
		writing->piece_count--;
		memmove(writing->pieces, writing->pieces + 1,
		    writing->piece_count * sizeof(piece));
		command->buffer = piece.buffer;
		command->from = piece.from;
		command->is_pooled = true;
		writing_send(writing, command, piece.size);
	}
	return (0);
}

/* Room for one more command. */
static int
make_room(struct writing *writing)
{
	struct device *device = writing->device;
	struct device_command *command;

	while ((command = device_peek(device)) != NULL)
		if (settle(writing, command) != 0)
			return (-1);
	for (;;) {
		if (send_pieces(writing, true) != 0)
			return (-1);
		if (!device_is_full(device))
			return (0);
		if (settle_oldest(writing) != 0)
			return (-1);
	}
}

struct device_command *
writing_next(struct writing *writing)
{
	struct operation *operation = writing->operation;
	struct device *device = writing->device;
	uint64_t every = operation->options->flush_every;

	if (operation_drill_command(operation, device, NULL) != 0 ||
	    make_room(writing) != 0)
		return (NULL);
	if (every > 0 && writing->unflushed >= every) {
		struct device_command *flush = device_prepare(device, false);

		if (flush == NULL)
			return (NULL);
		device_send(device, flush, VDC_Flush, 0);
		writing->unflushed = 0;
		if (make_room(writing) != 0)
			return (NULL);
	}
	return (device_prepare(device, true));
}

void
writing_send(struct writing *writing, struct device_command *command,
    uint32_t size)
{
	writing->unflushed += size;
	device_send(writing->device, command, VDC_Write, size);
}

/* In as few writes as they take. */
static int
write_run(struct writing *writing, const char *bytes, size_t length)
{
	uint32_t most = writing->operation->transfer_size;
	size_t at;
	size_t size;

	for (at = 0; at < length; at += size) {
		struct device_command *command = writing_next(writing);

		if (command == NULL)
			return (-1);
		size = length - at < most ? length - at : most;
		memcpy(command->buffer, bytes + at, size);
		writing_send(writing, command, (uint32_t)size);
	}
	return (0);
}

int
writing_bytes(struct writing *writing, const struct str *bytes,
    const struct mtf_cuts *cuts)
{
	struct mtf_cuts all = { .count = 0 };
	size_t at = 0;
	unsigned i;

	/* The label of a further medium has its own. */
	if (cuts != NULL)
		all = *cuts;
	for (i = 0; i < all.count; i++) {
		if (write_run(writing, bytes->text + at, all.at[i] - at) !=
		    0 || writing_drain(writing) != 0)
			return (-1);
		at = all.at[i];
		/* A mark may stand at the start of a medium. */
		if (send_pieces(writing, true) != 0 ||
		    write_mark(writing) != 0)
			return (-1);
	}
	return (write_run(writing, bytes->text + at, bytes->length - at));
}

int
writing_drain(struct writing *writing)
{
	do {
		if (send_pieces(writing, false) != 0)
			return (-1);
		while (writing->device->under_way > 0)
			if (settle_oldest(writing) != 0)
				return (-1);
	} while (writing->piece_count > 0);
	return (0);
}

int
writing_flush(struct writing *writing)
{
	if (writing_drain(writing) != 0)
		return (-1);
	return (operation_command(writing->operation, writing->device,
	    VDC_Flush));
}
