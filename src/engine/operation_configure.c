/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/operation.h"

#include "engine/message.h"

#include <stdio.h>

#define CLIENT_CONFIGURES_MS 60000
/* Bytes under way on a device, where the statement does not say. */
#define DEFAULT_BYTES (4u << 20)
#define DEFAULT_DEPTH_MIN 4u
#define DEFAULT_DEPTH_MAX 32u

static const char routine[] = "BackupVirtualDeviceSet::Configure";

static int
refuse(struct operation *operation, uint32_t code, const char *text)
{
	return (operation_fail_set(operation, routine, "Configure", code,
	    text));
}

/* What a client may wish for (spec 3.1): one of the families, and what may be
 * added to any. */
static int
check_wishes(struct operation *operation)
{
	static const uint32_t additions = VDF_Discard | VDF_SnapshotPrepare |
	    VDF_RequestComplete;
	const struct VDConfig *wishes = &operation->wishes;
	uint32_t soft = wishes->softFileMarkBlockSize;
	char text[128];

	if (wishes->deviceCount != operation->device_count) {
		(void)snprintf(text, sizeof(text), "The set has %u devices "
		    "and the statement %u.", (unsigned)wishes->deviceCount,
		    operation->device_count);
		return (refuse(operation, VD_ERROR_INVALID_PARAMETER, text));
	}
	operation->medium = medium_find(wishes->features & ~additions);
	if (operation->medium == NULL)
		return (refuse(operation, VD_ERROR_NOT_SUPPORTED, "Devices "
		    "are like a pipe, like a disk or like a tape."));
	if (soft % VD_MIN_BLOCK_SIZE != 0 || soft > VD_MAX_BLOCK_SIZE)
		return (refuse(operation, VD_ERROR_INVALID_PARAMETER,
		    "A soft filemark is a multiple of 512 bytes up to "
		    "65536."));
	operation->is_removable = (wishes->features & VDF_Removable) != 0;
	operation->discards = (wishes->features & VDF_Discard) != 0 &&
	    tsql_is_backup(operation->statement->verb);
	return (0);
}

static uint32_t
default_depth(uint32_t transfer_size)
{
	uint32_t depth = DEFAULT_BYTES / transfer_size;

	if (depth < DEFAULT_DEPTH_MIN)
		return (DEFAULT_DEPTH_MIN);
	return (depth > DEFAULT_DEPTH_MAX ? DEFAULT_DEPTH_MAX : depth);
}

/* How many buffers, and how many commands of a device use them at a time. */
static uint32_t
plan_depth(struct operation *operation)
{
	unsigned devices = operation->device_count;
	unsigned depth = operation->options->queue_depth;
	uint32_t zone = operation->wishes.EOMWarningSize;
	uint32_t count = operation->statement->buffer_count;
	unsigned i;

	if (count == 0)
		count = devices * (depth != 0 ? depth :
		    default_depth(operation->transfer_size));
	if (depth == 0 || depth > count / devices)
		depth = count / devices;
	/* What is under way at the end of a medium has to fit in its warning
	 * zone (spec 12). */
	if (operation->is_removable && zone != 0 &&
	    depth > zone / operation->transfer_size)
		depth = zone / operation->transfer_size;
	if (depth == 0)
		depth = 1;
	if (depth > DEVICE_DEPTH_MAX)
		depth = DEVICE_DEPTH_MAX;
	for (i = 0; i < devices; i++)
		operation->devices[i].limit = depth;
	return (count);
}

/* Labels, and what is looked at before the stream, go through small buffers
 * that are not counted (spec 7.2). */
static bool
needs_scratch(const struct operation *operation)
{
	return (operation->is_removable || operation->medium->can_seek);
}

static vd_status
take_buffers(struct operation *operation, uint32_t count)
{
	vd_status status = buffers_fill(&operation->buffers, operation->set,
	    operation->transfer_size, count);
	unsigned i;

	if (!needs_scratch(operation))
		return (status);
	for (i = 0; i < operation->device_count && status == VD_NOERROR; i++)
		status = server_allocate_buffer(operation->set,
		    &operation->devices[i].scratch, DEVICE_SCRATCH, 0);
	return (status);
}

static vd_status
configure(struct operation *operation, uint32_t features, uint32_t count)
{
	vd_status status = server_begin_configuration(operation->set,
	    operation->wishes.features | features, operation->block_size, 0,
	    operation->transfer_size, CLIENT_CONFIGURES_MS);

	if (status == VD_NOERROR)
		status = server_request_buffers(operation->set,
		    operation->transfer_size, 0, count);
	if (status == VD_NOERROR && needs_scratch(operation))
		status = server_request_buffers(operation->set,
		    DEVICE_SCRATCH, 0, operation->device_count);
	if (status == VD_NOERROR)
		status = server_end_configuration(operation->set);
	return (status);
}

int
operation_configure(struct operation *operation, uint32_t features)
{
	vd_status status;
	uint32_t count;

	if (operation_drill_phase(operation, "configure") != 0 ||
	    check_wishes(operation) != 0)
		return (-1);
	/* What is on the media is looked at before they are written. */
	if (operation->medium->can_seek && !operation->statement->format)
		features |= VDF_ReadMedia;
	count = plan_depth(operation);
	operation->has_complete = (features & VDF_WriteMedia) != 0 &&
	    !operation->statement->snapshot &&
	    (operation->wishes.features & VDF_RequestComplete) != 0 &&
	    !operation->options->no_complete;
	if (operation->has_complete)
		features |= VDF_CompleteEnabled;
	status = configure(operation, features, count);
	if (status != VD_NOERROR)
		return (operation_fail_status(operation, routine, "Configure",
		    status));
	status = take_buffers(operation, count);
	if (status != VD_NOERROR)
		return (operation_fail_status(operation,
		    "BackupVirtualDeviceSet::AllocateBuffer",
		    "AllocateBuffer", status));
	return (0);
}

/* A server may take more memory whenever it likes; clients see a new area. */
int
operation_add_buffers(struct operation *operation)
{
	uint32_t count = operation->options->late_buffers;
	vd_status status;

	if (count == 0)
		return (0);
	status = server_request_buffers(operation->set,
	    operation->transfer_size, 0, count);
	if (status == VD_NOERROR)
		status = buffers_fill(&operation->buffers, operation->set,
		    operation->transfer_size, count);
	if (status == VD_NOERROR)
		return (0);
	return (operation_fail_status(operation,
	    "BackupVirtualDeviceSet::AllocateBuffer", "AllocateBuffer",
	    status));
}
