/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/operation.h"

#include <assert.h>

/* Send it and wait; what the answer is, the order says. */
static int
send(struct operation *operation, struct device *device,
    struct device_command *command, struct operation_order *order)
{
	command->buffer = order->buffer;
	command->vds.inPosition = order->position;
	device_send(device, command, (enum vdc_code)order->code,
	    (uint32_t)order->size);
	command = operation_wait(operation, device);
	if (command == NULL) {
		operation_drain(operation, device);
		return (-1);
	}
	order->result = (uint32_t)command->vds.completionCode;
	order->bytes = (uint32_t)command->vds.bytesTransferred;
	order->position = command->vds.outPosition;
	device_retire(device, command);
	return (0);
}

int
operation_clear(struct operation *operation, struct device *device)
{
	struct operation_order clear = { .code = VDC_ClearError };

	assert(device->under_way == 0);
	if (!device->is_errored)
		return (0);
	if (send(operation, device, device_prepare_last(device), &clear) != 0)
		return (-1);
	if (clear.result == VD_ERROR_SUCCESS)
		return (0);
	operation_fail_command(operation, device, VDC_ClearError,
	    clear.result);
	return (-1);
}

int
operation_order(struct operation *operation, struct device *device,
    struct operation_order *order)
{
	struct device_command *command;
	struct VDConfig config;

	assert(device->under_way == 0);
	command = device_prepare(device, false);
	if (command == NULL || send(operation, device, command, order) != 0)
		return (-1);
	if (order->result == VD_ERROR_SUCCESS)
		return (0);
	/* The same code may be the client's own: it refuses. */
	if (order->result == VD_ERROR_OPERATION_ABORTED &&
	    server_get_configuration(operation->set, &config) == VD_E_ABORT) {
		operation_fail_command(operation, device, order->code,
		    order->result);
		return (-1);
	}
	return (operation_clear(operation, device));
}

int
operation_command(struct operation *operation, struct device *device,
    enum vdc_code code)
{
	struct device_command *command = device_prepare(device, false);
	struct operation_order order = { .code = code };

	if (command == NULL || send(operation, device, command, &order) != 0)
		return (-1);
	if (order.result == VD_ERROR_SUCCESS)
		return (0);
	operation_fail_command(operation, device, code, order.result);
	return (-1);
}

int
operation_send_odd(struct operation *operation, struct device *device)
{
	struct operation_order order = {
		.code = operation->options->odd_command };

	return (order.code == 0 ? 0 : operation_order(operation, device,
	    &order));
}

/* To one device after another, or to all at once: which of them a server does
 * is not published (spec 18). */
int
operation_complete(struct operation *operation)
{
	unsigned sent = 0;
	unsigned i;

	if (!operation->has_complete)
		return (0);
	for (i = 0; i < operation->device_count; i++) {
		struct device *device = &operation->devices[i];
		struct device_command *command;

		if (operation_drill_command(operation, device,
		    "complete") != 0)
			break;
		if (operation->options->complete_in_turn) {
			if (operation_command(operation, device,
			    VDC_Complete) != 0)
				return (-1);
			continue;
		}
		command = device_prepare(device, false);
		if (command == NULL)
			break;
		device_send(device, command, VDC_Complete, 0);
		sent++;
	}
	for (i = 0; i < sent; i++) {
		struct device *device = &operation->devices[i];
		struct device_command *command = operation_wait(operation,
		    device);

		if (command != NULL && command->vds.completionCode !=
		    (int32_t)VD_ERROR_SUCCESS)
			operation_fail_command(operation, device,
			    VDC_Complete,
			    (uint32_t)command->vds.completionCode);
		operation_drain(operation, device);
	}
	return (operation_has_failed(operation) ? -1 : 0);
}

/* The backup set is void: the client may do something about it, but cannot
 * save it, so how it answers makes no difference. */
static void
discard(struct operation *operation, struct device *device)
{
	struct operation_order order = { .code = VDC_Discard };

	operation_drain(operation, device);
	if (operation_clear(operation, device) == 0)
		IGNORE_RESULT(send(operation, device,
		    device_prepare_last(device), &order));
}

void
operation_close_devices(struct operation *operation)
{
	unsigned i;

	if (operation->leaves_open)
		return;
	for (i = 0; i < operation->device_count; i++) {
		struct device *device = &operation->devices[i];
		vd_status status;

		if (device->vd == NULL)
			continue;
		if (operation->discards && operation_has_failed(operation))
			discard(operation, device);
		status = server_close_device(device->vd);
		if (status != VD_NOERROR)
			IGNORE_RESULT(operation_fail_status(operation,
			    "BackupVirtualDeviceSet::CloseDevice", "Close",
			    status));
	}
}

bool
operation_claim_stream(struct operation *operation)
{
	bool is_claimed;

	(void)pthread_mutex_lock(&operation->lock);
	is_claimed = !operation->has_failed &&
	    operation->claimed < operation->streams;
	operation->claimed += is_claimed;
	(void)pthread_mutex_unlock(&operation->lock);
	return (is_claimed);
}
