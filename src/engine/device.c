/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/device.h"

#include "base/clock.h"

#include <assert.h>
#include <string.h>

void
device_init(struct device *device, unsigned number, const char *name,
    struct buffers *buffers, struct stop *stop)
{
	memset(device, 0, sizeof(*device));
	device->number = number;
	device->name = name;
	device->buffers = buffers;
	device->stop = stop;
	device->volume = 1;
	(void)pthread_mutex_init(&device->lock, NULL);
	(void)clock_cond_init(&device->cond);
}

void
device_release(struct device *device)
{
	(void)pthread_cond_destroy(&device->cond);
	(void)pthread_mutex_destroy(&device->lock);
}

/* On the agent's thread, or on ours if the command was refused. */
static void
on_completion(struct VDS_Command *vds)
{
	struct device_command *command = vds->completionContext;
	struct device *device = command->device;

	(void)pthread_mutex_lock(&device->lock);
	command->is_done = true;
	(void)pthread_cond_signal(&device->cond);
	(void)pthread_mutex_unlock(&device->lock);
}

struct device_command *
device_prepare_last(struct device *device)
{
	struct device_command *command = &device->ring[(device->oldest +
	    device->under_way) % DEVICE_DEPTH_MAX];

	assert(!device_is_full(device));
	memset(command, 0, sizeof(*command));
	command->device = device;
	return (command);
}

struct device_command *
device_prepare(struct device *device, bool with_buffer)
{
	struct device_command *command;

	if (stop_is_raised(device->stop))
		return (NULL);
	command = device_prepare_last(device);
	if (with_buffer) {
		command->buffer = buffers_take(device->buffers, device->stop);
		if (command->buffer == NULL)
			return (NULL);
		command->is_pooled = true;
	}
	return (command);
}

void
device_send(struct device *device, struct device_command *command,
    enum vdc_code code, uint32_t size)
{
	command->vds.commandCode = code;
	command->vds.size = (int32_t)size;
	if (command->buffer != NULL)
		command->vds.buffer = command->buffer + command->from;
	command->vds.completionRoutine = on_completion;
	command->vds.completionContext = command;
	if (command->buffer != NULL) {
		/* Looked at by clients with random access only. */
		command->vds.inPosition = (int64_t)device->position;
		device->position += size;
		device->bytes += size;
	}
	device->sent++;
	device->under_way++;
	/* A refusal is a completion too (spec 6.10). */
	IGNORE_RESULT(server_send_command(device->vd, &command->vds));
}

struct device_command *
device_wait(struct device *device)
{
	struct device_command *command = &device->ring[device->oldest];
	struct deadline deadline = clock_deadline(device->stall_ms);
	struct timespec until;
	bool is_done;

	assert(device->under_way > 0);
	(void)pthread_mutex_lock(&device->lock);
	while (!command->is_done && !clock_has_passed(deadline)) {
		until = clock_timespec(deadline);
		(void)pthread_cond_timedwait(&device->cond, &device->lock,
		    &until);
	}
	is_done = command->is_done;
	(void)pthread_mutex_unlock(&device->lock);
	return (is_done ? command : NULL);
}

struct device_command *
device_peek(struct device *device)
{
	struct device_command *command = &device->ring[device->oldest];
	bool is_done;

	if (device->under_way == 0)
		return (NULL);
	(void)pthread_mutex_lock(&device->lock);
	is_done = command->is_done;
	(void)pthread_mutex_unlock(&device->lock);
	return (is_done ? command : NULL);
}

void
device_retire(struct device *device, struct device_command *command)
{
	assert(command == &device->ring[device->oldest]);
	if (command->vds.completionCode != (int32_t)VD_ERROR_SUCCESS)
		device->is_errored = true;
	else if (command->vds.commandCode == VDC_ClearError)
		device->is_errored = false;
	if (command->is_pooled)
		buffers_give(device->buffers, command->buffer);
	device->oldest = (device->oldest + 1) % DEVICE_DEPTH_MAX;
	device->under_way--;
}
