/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/operation.h"

#include "base/str.h"
#include "engine/message.h"

#include <stdio.h>
#include <string.h>

#define CLIENT_OPENS_MS 60000
#define DEFAULT_BLOCK_SIZE 512u
#define DEFAULT_TRANSFER_SIZE 1048576u
/* Bytes under way on a device, where the statement does not say. */
#define DEFAULT_BYTES (4u << 20)
#define DEFAULT_DEPTH_MIN 4u
#define DEFAULT_DEPTH_MAX 32u

/* Win32 codes that are no completions (winerror.h). */
#define CODE_INVALID_PARAMETER 87u
#define CODE_SEM_TIMEOUT 121u
#define CODE_WAIT_TIMEOUT 258u

void
operation_init(struct operation *operation, struct options *options,
    const struct tsql_statement *statement, struct report *report,
    struct stop *stop)
{
	unsigned i;

	memset(operation, 0, sizeof(*operation));
	operation->options = options;
	operation->faults = &options->faults;
	operation->statement = statement;
	operation->report = report;
	operation->stop = stop;
	operation->block_size = statement->block_size != 0 ?
	    statement->block_size : DEFAULT_BLOCK_SIZE;
	operation->transfer_size = statement->transfer_size != 0 ?
	    statement->transfer_size : DEFAULT_TRANSFER_SIZE;
	operation->device_count = statement->device_count;
	buffers_init(&operation->buffers);
	(void)pthread_mutex_init(&operation->lock, NULL);
	for (i = 0; i < operation->device_count; i++) {
		struct device *device = &operation->devices[i];

		device_init(device, i + 1, statement->devices[i],
		    &operation->buffers, stop);
		device->stall_ms = options->stall_timeout_ms;
	}
}

void
operation_release(struct operation *operation)
{
	unsigned i;

	/* Ends the agent in whatever state the set is. */
	if (operation->set != NULL)
		(void)server_close(operation->set);
	if (operation->has_agent)
		(void)pthread_join(operation->agent, NULL);
	(void)pthread_mutex_lock(&operation->lock);
	operation->is_open = false;
	(void)pthread_mutex_unlock(&operation->lock);
	server_set_free(operation->set);
	for (i = 0; i < operation->device_count; i++)
		device_release(&operation->devices[i]);
	buffers_release(&operation->buffers);
	(void)pthread_mutex_destroy(&operation->lock);
}

bool
operation_fail(struct operation *operation, enum operation_way way)
{
	bool is_first;

	(void)pthread_mutex_lock(&operation->lock);
	is_first = !operation->has_failed && !operation->is_sealed;
	if (is_first)
		operation->has_failed = true;
	/* A later failure may still need what an orderly end does not give. */
	if (way == OPERATION_ABORT && !operation->is_sealed &&
	    operation->is_open)
		(void)server_signal_abort(operation->set);
	(void)pthread_mutex_unlock(&operation->lock);
	if (is_first)
		stop_raise(operation->stop);
	return (is_first);
}

bool
operation_has_failed(struct operation *operation)
{
	bool has_failed;

	(void)pthread_mutex_lock(&operation->lock);
	has_failed = operation->has_failed;
	(void)pthread_mutex_unlock(&operation->lock);
	return (has_failed);
}

int
operation_seal(struct operation *operation)
{
	bool has_failed;

	(void)pthread_mutex_lock(&operation->lock);
	has_failed = operation->has_failed;
	operation->is_sealed = !has_failed;
	(void)pthread_mutex_unlock(&operation->lock);
	return (has_failed ? -1 : 0);
}

void
operation_cancel(void *context)
{
	struct operation *operation = context;

	if (operation_fail(operation, OPERATION_ABORT))
		report_message(operation->report, MESSAGE_CANCELLED, NULL);
}

/* "BackupVirtualDeviceSet::Configure: Open failure on ..." */
static int
fail_reason(struct operation *operation, const char *routine,
    const char *verb, const char *reason)
{
	if (operation_fail(operation, OPERATION_ABORT))
		report_message(operation->report, MESSAGE_DEVICE_FAILED,
		    routine, verb, operation->statement->devices[0], reason,
		    NULL);
	return (-1);
}

static int
fail_set(struct operation *operation, const char *routine, const char *verb,
    uint32_t code, const char *text)
{
	struct str reason;

	str_init(&reason);
	message_code(&reason, code, text);
	IGNORE_RESULT(fail_reason(operation, routine, verb, reason.text));
	str_release(&reason);
	return (-1);
}

static int
fail_status(struct operation *operation, const char *routine,
    const char *verb, vd_status status)
{
	char text[64];

	if (status == VD_E_ABORT)
		return (fail_set(operation, routine, verb,
		    VD_ERROR_OPERATION_ABORTED,
		    vdi_completion_text(VD_ERROR_OPERATION_ABORTED)));
	(void)snprintf(text, sizeof(text), "0x%08lX(%s)",
	    (unsigned long)(uint32_t)status, vdi_status_name(status));
	return (fail_reason(operation, routine, verb, text));
}

static const struct {
	int32_t command;
	const char *routine;
	const char *verb;
	int number; /* what follows message 18210 */
} commands[] = {
	{ VDC_Read, "BackupVirtualDeviceFile::ReadData", "read",
	    MESSAGE_READ_FAILED },
	{ VDC_Write, "BackupVirtualDeviceFile::WriteData", "write",
	    MESSAGE_WRITE_FAILED },
	{ VDC_Flush, "BackupVirtualDeviceFile::RequestDurableMedia", "Flush",
	    MESSAGE_IO_ERROR },
	{ VDC_Complete, "BackupVirtualDeviceFile::RequestComplete",
	    "Complete", MESSAGE_IO_ERROR },
	{ VDC_ClearError, "BackupVirtualDeviceFile::ClearError",
	    "ClearError", MESSAGE_IO_ERROR },
};

void
operation_fail_command(struct operation *operation,
    const struct device *device, int32_t vdc_code, uint32_t code)
{
	struct str reason;
	struct str name;
	size_t i;

	if (!operation_fail(operation, OPERATION_ABORT))
		return;
	str_init(&reason);
	str_init(&name);
	message_code(&reason, code, vdi_completion_text(code));
	str_addf(&name, "%s:", device->name);
	for (i = 0; i < ARRAY_COUNT(commands); i++) {
		int number = commands[i].number;

		if (commands[i].command != vdc_code)
			continue;
		report_message(operation->report, MESSAGE_DEVICE_FAILED,
		    commands[i].routine, commands[i].verb, device->name,
		    reason.text, NULL);
		if (number != MESSAGE_IO_ERROR)
			report_message(operation->report, number,
			    device->name, reason.text, NULL);
		/* The set was aborted, or the device can do no more. */
		if (number == MESSAGE_IO_ERROR ||
		    code == VD_ERROR_OPERATION_ABORTED)
			report_message(operation->report, MESSAGE_IO_ERROR,
			    name.text, reason.text, NULL);
	}
	str_release(&name);
	str_release(&reason);
}

void
operation_fail_file(struct operation *operation, const struct error *error,
    enum operation_way way)
{
	if (operation_fail(operation, way))
		operation_report_file(operation, error);
}

void
operation_report_file(struct operation *operation, const struct error *error)
{
	const char *file = operation->file != NULL ? operation->file : "";
	int number = (int)error->code;

	if (error->origin != ORIGIN_SERVER)
		report_message(operation->report, MESSAGE_IO_ERROR, file,
		    error->text, NULL);
	else if (number == MESSAGE_LOCK_TIMEOUT)
		report_message(operation->report, number,
		    operation->statement->database, file, NULL);
	else if (number == MESSAGE_IN_USE)
		report_message(operation->report, number,
		    operation->statement->database, NULL);
	else if (number == MESSAGE_CANNOT_CREATE_FILE)
		report_message(operation->report, number,
		    tsql_verb_name(operation->statement->verb), error->text,
		    file, NULL);
	else
		report_message(operation->report, number, file, error->text,
		    NULL);
}

int
operation_open(struct operation *operation)
{
	vd_status status;

	if (operation_drill_phase(operation, "open") != 0)
		return (-1);
	operation->set = server_set_new();
	if (operation->set == NULL) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_NO_MEMORY,
			    NULL);
		return (-1);
	}
	status = server_open(operation->set,
	    operation->statement->devices[0]);
	if (status != VD_NOERROR)
		return (fail_status(operation,
		    "BackupVirtualDeviceSet::Initialize", "Open", status));
	(void)pthread_mutex_lock(&operation->lock);
	operation->is_open = true;
	(void)pthread_mutex_unlock(&operation->lock);
	if (operation_has_failed(operation)) {
		(void)server_signal_abort(operation->set);
		return (-1);
	}
	status = server_get_configuration(operation->set, &operation->wishes);
	if (status != VD_NOERROR)
		return (fail_status(operation,
		    "BackupVirtualDeviceSet::Initialize", "Open", status));
	return (0);
}

/* What a client may wish for (spec 3.1): a stream, or a random access file,
 * which gets the positions it needs; no tapes. */
static int
check_wishes(struct operation *operation)
{
	static const uint32_t allowed = VDF_Removable | VDF_Discard |
	    VDF_RandomAccess | VDF_SnapshotPrepare | VDF_RequestComplete;

	if (operation->wishes.deviceCount != operation->device_count) {
		char text[128];

		(void)snprintf(text, sizeof(text), "The set has %u devices "
		    "and the statement %u.",
		    (unsigned)operation->wishes.deviceCount,
		    operation->device_count);
		return (fail_set(operation,
		    "BackupVirtualDeviceSet::Configure", "Configure",
		    CODE_INVALID_PARAMETER, text));
	}
	if ((operation->wishes.features & ~allowed) != 0)
		return (fail_set(operation,
		    "BackupVirtualDeviceSet::Configure", "Configure",
		    VD_ERROR_NOT_SUPPORTED,
		    "Only devices like a pipe or a disk are supported."));
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
	uint32_t count = operation->statement->buffer_count;
	unsigned i;

	if (count == 0)
		count = devices * (depth != 0 ? depth :
		    default_depth(operation->transfer_size));
	if (depth == 0 || depth > count / devices)
		depth = count / devices;
	if (depth == 0)
		depth = 1;
	if (depth > DEVICE_DEPTH_MAX)
		depth = DEVICE_DEPTH_MAX;
	for (i = 0; i < devices; i++)
		operation->devices[i].limit = depth;
	return (count);
}

int
operation_configure(struct operation *operation, uint32_t features)
{
	static const char routine[] = "BackupVirtualDeviceSet::Configure";
	uint32_t count = plan_depth(operation);
	vd_status status;

	if (operation_drill_phase(operation, "configure") != 0 ||
	    check_wishes(operation) != 0)
		return (-1);
	operation->has_complete = (features & VDF_WriteMedia) != 0 &&
	    (operation->wishes.features & VDF_RequestComplete) != 0 &&
	    !operation->options->no_complete;
	if (operation->has_complete)
		features |= VDF_CompleteEnabled;
	status = server_begin_configuration(operation->set,
	    operation->wishes.features | features, operation->block_size, 0,
	    operation->transfer_size, CLIENT_OPENS_MS);
	if (status == VD_NOERROR)
		status = server_request_buffers(operation->set,
		    operation->transfer_size, 0, count);
	if (status == VD_NOERROR)
		status = server_end_configuration(operation->set);
	if (status != VD_NOERROR)
		return (fail_status(operation, routine, "Configure", status));
	status = buffers_fill(&operation->buffers, operation->set,
	    operation->transfer_size, count);
	if (status != VD_NOERROR)
		return (fail_status(operation,
		    "BackupVirtualDeviceSet::AllocateBuffer",
		    "AllocateBuffer", status));
	return (0);
}

static void *
run_agent(void *context)
{
	/* How the set ended, the commands' completions tell. */
	IGNORE_RESULT(server_execute_completion_agent(context));
	return (NULL);
}

int
operation_open_devices(struct operation *operation)
{
	vd_status status;
	unsigned i;

	if (operation_drill_phase(operation, "devices") != 0)
		return (-1);
	if (pthread_create(&operation->agent, NULL, run_agent,
	    operation->set) != 0)
		return (fail_set(operation,
		    "BackupVirtualDeviceSet::StartAgent", "Open",
		    VD_ERROR_NO_SYSTEM_RESOURCES,
		    "A thread could not be started."));
	operation->has_agent = true;
	for (i = 0; i < operation->device_count; i++) {
		struct device *device = &operation->devices[i];

		status = server_open_device(operation->set, device->name,
		    &device->vd);
		if (status != VD_NOERROR)
			return (fail_status(operation,
			    "BackupVirtualDeviceSet::OpenDevice", "Open",
			    status));
	}
	status = server_wait_for_client(operation->set, CLIENT_OPENS_MS);
	if (status == VD_E_TIMEOUT)
		return (fail_set(operation,
		    "BackupVirtualDeviceSet::WaitForClient", "Open",
		    CODE_WAIT_TIMEOUT,
		    "The client did not open its devices."));
	if (status != VD_NOERROR)
		return (fail_status(operation,
		    "BackupVirtualDeviceSet::WaitForClient", "Open", status));
	return (0);
}

int
operation_run(struct operation *operation, void *(*work)(void *context),
    void *contexts, size_t context_size)
{
	pthread_t threads[VD_MAX_DEVICES];
	unsigned started;
	unsigned i;

	if (operation_drill_phase(operation, "transfer") != 0)
		return (-1);
	for (started = 0; started < operation->device_count; started++)
		if (pthread_create(&threads[started], NULL, work,
		    (char *)contexts + started * context_size) != 0)
			break;
	if (started < operation->device_count)
		IGNORE_RESULT(fail_set(operation,
		    "BackupVirtualDeviceSet::StartDevice", "Open",
		    VD_ERROR_NO_SYSTEM_RESOURCES,
		    "A thread could not be started."));
	for (i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	return (operation_has_failed(operation) ? -1 : 0);
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
		status = server_close_device(device->vd);
		if (status != VD_NOERROR)
			IGNORE_RESULT(fail_status(operation,
			    "BackupVirtualDeviceSet::CloseDevice", "Close",
			    status));
	}
}

struct device_command *
operation_wait(struct operation *operation, struct device *device)
{
	struct device_command *command = device_wait(device);

	if (command == NULL)
		IGNORE_RESULT(fail_set(operation,
		    "BackupVirtualDeviceSet::WaitForCompletion", "I/O",
		    CODE_SEM_TIMEOUT,
		    "The client does not complete its commands."));
	return (command);
}

void
operation_drain(struct operation *operation, struct device *device)
{
	while (device->under_way > 0) {
		struct device_command *command = operation_wait(operation,
		    device);

		/* The abort that follows a stall completes all of them. */
		if (command != NULL)
			device_retire(device, command);
	}
}

int
operation_command(struct operation *operation, struct device *device,
    enum vdc_code code)
{
	struct device_command *command = device_prepare(device, false);
	uint32_t result;

	if (command == NULL)
		return (-1);
	device_send(device, command, code, 0);
	command = operation_wait(operation, device);
	if (command == NULL) {
		operation_drain(operation, device);
		return (-1);
	}
	result = (uint32_t)command->vds.completionCode;
	device_retire(device, command);
	if (result == VD_ERROR_SUCCESS)
		return (0);
	operation_fail_command(operation, device, code, result);
	return (-1);
}
