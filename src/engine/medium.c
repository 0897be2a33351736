/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/medium.h"

#include "engine/operation.h"

#include <assert.h>

/* Whence values of VDC_SetPosition (spec 3.3). */
enum whence {
	WHENCE_BEGINNING = 0,
	WHENCE_CURRENT = 1,
	WHENCE_END = 2
};

#define UNLOAD_FIRST 1

/* An order that has to succeed. */
static int
command(struct operation *operation, struct device *device,
    struct operation_order *order)
{
	if (operation_order(operation, device, order) != 0)
		return (-1);
	if (order->result == VD_ERROR_SUCCESS)
		return (0);
	operation_fail_command(operation, device, order->code, order->result);
	return (-1);
}

/* The device says that it is somewhere else than it was sent to. */
static int
fail_place(struct operation *operation, struct device *device, int32_t code)
{
	operation_fail_command(operation, device, code,
	    VD_ERROR_INVALID_PARAMETER);
	return (-1);
}

static int
set_position(struct operation *operation, struct device *device,
    int64_t position, enum whence whence, uint64_t *at)
{
	struct operation_order order = { .code = VDC_SetPosition,
		.position = position, .size = whence };

	if (command(operation, device, &order) != 0)
		return (-1);
	if (order.position < 0)
		return (fail_place(operation, device, VDC_SetPosition));
	*at = (uint64_t)order.position;
	return (0);
}

static int
disk_rewind(struct operation *operation, struct device *device)
{
	uint64_t at;

	if (set_position(operation, device, 0, WHENCE_BEGINNING, &at) != 0)
		return (-1);
	if (at != 0)
		return (fail_place(operation, device, VDC_SetPosition));
	device->position = 0;
	return (0);
}

static int
disk_to_end(struct operation *operation, struct device *device, uint64_t at)
{
	uint64_t end;

	if (set_position(operation, device, 0, WHENCE_END, &end) != 0)
		return (-1);
	if (end != at)
		return (fail_place(operation, device, VDC_SetPosition));
	device->position = at;
	return (0);
}

/* Not beyond the end: what is missing there may be on another medium. */
static int
disk_skip(struct operation *operation, struct device *device, uint64_t bytes,
    uint64_t *skipped)
{
	uint64_t from = device->position;
	uint64_t end;
	uint64_t at;

	*skipped = 0;
	if (set_position(operation, device, 0, WHENCE_END, &end) != 0 ||
	    set_position(operation, device, (int64_t)from, WHENCE_BEGINNING,
	    &at) != 0)
		return (-1);
	if (end < from || at != from)
		return (fail_place(operation, device, VDC_SetPosition));
	if (bytes > end - from)
		return (0);
	if (set_position(operation, device, (int64_t)bytes, WHENCE_CURRENT,
	    &at) != 0)
		return (-1);
	if (at != from + bytes)
		return (fail_place(operation, device, VDC_SetPosition));
	device->position = at;
	*skipped = bytes;
	return (0);
}

static int
disk_where(struct operation *operation, struct device *device,
    uint64_t *address)
{
	(void)operation;
	*address = device->position;
	return (0);
}

static int
tape_rewind(struct operation *operation, struct device *device)
{
	struct operation_order order = { .code = VDC_Rewind };

	device->position = 0;
	return (command(operation, device, &order));
}

static int
tape_where(struct operation *operation, struct device *device,
    uint64_t *address)
{
	struct operation_order order = { .code = VDC_GetPosition };

	if (command(operation, device, &order) != 0)
		return (-1);
	*address = (uint64_t)order.position;
	return (0);
}

/* The value is one that GetPosition has given (spec 10.10). */
static int
tape_go_to(struct operation *operation, struct device *device,
    uint64_t address)
{
	struct operation_order order = { .code = VDC_SetPosition,
		.position = (int64_t)address };

	if (command(operation, device, &order) != 0)
		return (-1);
	if ((uint64_t)order.position != address)
		return (fail_place(operation, device, VDC_SetPosition));
	return (0);
}

static int
tape_skip_marks(struct operation *operation, struct device *device,
    int32_t count)
{
	struct operation_order order = { .code = VDC_SkipMarks,
		.size = count };

	return (command(operation, device, &order));
}

/*
 * The end of the data was met: it has to be right behind a filemark, since
 * that is how a set ends.  Back over the mark and on again leads to it.
 */
static int
tape_to_end(struct operation *operation, struct device *device, uint64_t at)
{
	uint64_t end;
	uint64_t again;

	if (tape_where(operation, device, &end) != 0 ||
	    tape_skip_marks(operation, device, -1) != 0 ||
	    tape_skip_marks(operation, device, 1) != 0 ||
	    tape_where(operation, device, &again) != 0)
		return (-1);
	if (again != end)
		return (fail_place(operation, device, VDC_SkipMarks));
	device->position = at;
	return (tape_go_to(operation, device, end));
}

/* Where the data end before that, back to where it stood. */
static int
tape_skip(struct operation *operation, struct device *device, uint64_t bytes,
    uint64_t *skipped)
{
	uint64_t blocks = bytes / operation->block_size;
	struct operation_order order = { .code = VDC_SkipBlocks };
	uint64_t from;

	*skipped = 0;
	order.size = blocks > INT32_MAX ? INT32_MAX : (int32_t)blocks;
	if (tape_where(operation, device, &from) != 0 ||
	    operation_order(operation, device, &order) != 0)
		return (-1);
	if (order.result == VD_ERROR_NO_DATA_DETECTED)
		return (tape_go_to(operation, device, from));
	if (order.result != VD_ERROR_SUCCESS) {
		operation_fail_command(operation, device, VDC_SkipBlocks,
		    order.result);
		return (-1);
	}
	*skipped = (uint64_t)order.size * operation->block_size;
	device->position += *skipped;
	return (0);
}

static const struct medium media[] = {
	{ .name = "pipe", .features = VDF_LikePipe },
	{
		.name = "disk",
		.features = VDF_LikeDisk,
		.can_seek = true,
		.has_offsets = true,
		.rewind = disk_rewind,
		.to_end = disk_to_end,
		.skip = disk_skip,
		.where = disk_where,
	},
	{
		.name = "tape",
		.features = VDF_LikeTape,
		.can_seek = true,
		.has_marks = true,
		.rewind = tape_rewind,
		.to_end = tape_to_end,
		.skip = tape_skip,
		.where = tape_where,
	},
};

const struct medium *
medium_find(uint32_t features)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(media); i++)
		if (media[i].features == features || (!media[i].has_marks &&
		    (media[i].features | VDF_Removable) == features))
			return (&media[i]);
	return (NULL);
}

int
medium_load(struct operation *operation, struct device *device)
{
	struct operation_order order = { .code = VDC_Load,
		.size = UNLOAD_FIRST };

	device->position = 0;
	return (command(operation, device, &order));
}

int
medium_read(struct operation *operation, struct device *device, uint32_t size,
    uint32_t *got)
{
	struct operation_order order = { .code = VDC_Read };
	uint64_t from = device->position;

	assert(size <= DEVICE_SCRATCH);
	*got = 0;
	while (*got < size) {
		order.buffer = device->scratch + *got;
		order.size = (int32_t)(size - *got);
		if (operation_order(operation, device, &order) != 0)
			return (-1);
		*got += order.bytes;
		device->position = from + *got;
		if (order.result == VD_ERROR_HANDLE_EOF ||
		    order.result == VD_ERROR_NO_DATA_DETECTED ||
		    order.result == VD_ERROR_FILEMARK_DETECTED ||
		    (order.result == VD_ERROR_SUCCESS && order.bytes == 0))
			return (0);
		if (order.result != VD_ERROR_SUCCESS) {
			operation_fail_command(operation, device, VDC_Read,
			    order.result);
			return (-1);
		}
	}
	return (0);
}

int
medium_pass_mark(struct operation *operation, struct device *device)
{
	return (tape_skip_marks(operation, device, 1));
}
