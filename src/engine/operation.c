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

/* Win32 codes that are no completions (winerror.h). */
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
	operation->claimed = statement->device_count;
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

	if (way == OPERATION_ABANDON)
		way = operation->discards ? OPERATION_CLOSE : OPERATION_ABORT;
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

int
operation_fail_reason(struct operation *operation, const char *routine,
    const char *verb, const char *reason)
{
	if (operation_fail(operation, OPERATION_ABORT))
		report_message(operation->report, MESSAGE_DEVICE_FAILED,
		    routine, verb, operation->statement->devices[0], reason,
		    NULL);
	return (-1);
}

int
operation_fail_set(struct operation *operation, const char *routine,
    const char *verb, uint32_t code, const char *text)
{
	struct str reason;

	str_init(&reason);
	message_code(&reason, code, text);
	IGNORE_RESULT(operation_fail_reason(operation, routine, verb,
	    reason.text));
	str_release(&reason);
	return (-1);
}

int
operation_fail_status(struct operation *operation, const char *routine,
    const char *verb, vd_status status)
{
	char text[64];

	if (status == VD_E_ABORT)
		return (operation_fail_set(operation, routine, verb,
		    VD_ERROR_OPERATION_ABORTED,
		    vdi_completion_text(VD_ERROR_OPERATION_ABORTED)));
	(void)snprintf(text, sizeof(text), "0x%08lX(%s)",
	    (unsigned long)(uint32_t)status, vdi_status_name(status));
	return (operation_fail_reason(operation, routine, verb, text));
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
	{ VDC_Load, "BackupVirtualDeviceFile::LoadMedia", "Load",
	    MESSAGE_IO_ERROR },
	{ VDC_Snapshot, "BackupVirtualDeviceFile::TakeSnapshot", "Snapshot",
	    MESSAGE_IO_ERROR },
	{ VDC_MountSnapshot, "BackupVirtualDeviceFile::MountSnapshot",
	    "MountSnapshot", MESSAGE_IO_ERROR },
	{ VDC_PrepareToFreeze, "BackupVirtualDeviceFile::PrepareToFreeze",
	    "PrepareToFreeze", MESSAGE_IO_ERROR },
	/* Whatever moves a medium. */
	{ 0, "BackupVirtualDeviceFile::PositionMedia", "Position",
	    MESSAGE_IO_ERROR },
};

static size_t
find_command(int32_t code)
{
	size_t i = 0;

	while (commands[i].command != 0 && commands[i].command != code)
		i++;
	return (i);
}

static void
fail_command(struct operation *operation, const struct device *device,
    int32_t vdc_code, uint32_t code, enum operation_way way)
{
	size_t i = find_command(vdc_code);
	int number = commands[i].number;
	struct str reason;
	struct str name;

	if (!operation_fail(operation, way))
		return;
	str_init(&reason);
	str_init(&name);
	message_code(&reason, code, vdi_completion_text(code));
	str_addf(&name, "%s:", device->name);
	report_message(operation->report, MESSAGE_DEVICE_FAILED,
	    commands[i].routine, commands[i].verb, device->name, reason.text,
	    NULL);
	if (number != MESSAGE_IO_ERROR)
		report_message(operation->report, number, device->name,
		    reason.text, NULL);
	/* The set was aborted, or the device can do no more. */
	if (number == MESSAGE_IO_ERROR || code == VD_ERROR_OPERATION_ABORTED)
		report_message(operation->report, MESSAGE_IO_ERROR, name.text,
		    reason.text, NULL);
	str_release(&name);
	str_release(&reason);
}

void
operation_fail_command(struct operation *operation,
    const struct device *device, int32_t vdc_code, uint32_t code)
{
	fail_command(operation, device, vdc_code, code,
	    code == VD_ERROR_OPERATION_ABORTED ? OPERATION_ABORT :
	    OPERATION_ABANDON);
}

void
operation_fail_refused(struct operation *operation,
    const struct device *device, int32_t vdc_code, uint32_t code)
{
	fail_command(operation, device, vdc_code, code, OPERATION_CLOSE);
}

void
operation_fail_path(struct operation *operation, const char *path,
    const struct error *error, enum operation_way way)
{
	if (operation_fail(operation, way))
		operation_report_path(operation, path, error);
}

void
operation_fail_file(struct operation *operation, const struct error *error,
    enum operation_way way)
{
	if (operation_fail(operation, way))
		operation_report_file(operation, error);
}

void
operation_report_path(struct operation *operation, const char *path,
    const struct error *error)
{
	int number = (int)error->code;

	if (error->origin != ORIGIN_SERVER)
		report_message(operation->report, MESSAGE_IO_ERROR, path,
		    error->text, NULL);
	else if (number == MESSAGE_LOCK_TIMEOUT)
		report_message(operation->report, number,
		    operation->statement->database, path, NULL);
	else if (number == MESSAGE_IN_USE)
		report_message(operation->report, number,
		    operation->statement->database, NULL);
	else if (number == MESSAGE_CANNOT_CREATE_FILE)
		report_message(operation->report, number,
		    tsql_verb_name(operation->statement->verb), error->text,
		    path, NULL);
	else
		report_message(operation->report, number, path, error->text,
		    NULL);
}

void
operation_report_file(struct operation *operation, const struct error *error)
{
	operation_report_path(operation, operation->file != NULL ?
	    operation->file : "", error);
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
		return (operation_fail_status(operation,
		    "BackupVirtualDeviceSet::Initialize", "Open", status));
	(void)pthread_mutex_lock(&operation->lock);
	operation->is_open = true;
	(void)pthread_mutex_unlock(&operation->lock);
	stop_has_client(operation->stop);
	if (operation_has_failed(operation)) {
		(void)server_signal_abort(operation->set);
		return (-1);
	}
	status = server_get_configuration(operation->set, &operation->wishes);
	if (status != VD_NOERROR)
		return (operation_fail_status(operation,
		    "BackupVirtualDeviceSet::Initialize", "Open", status));
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
		return (operation_fail_set(operation,
		    "BackupVirtualDeviceSet::StartAgent", "Open",
		    VD_ERROR_NO_SYSTEM_RESOURCES,
		    "A thread could not be started."));
	operation->has_agent = true;
	for (i = 0; i < operation->device_count; i++) {
		struct device *device = &operation->devices[i];

		status = server_open_device(operation->set, device->name,
		    &device->vd);
		if (status != VD_NOERROR)
			return (operation_fail_status(operation,
			    "BackupVirtualDeviceSet::OpenDevice", "Open",
			    status));
	}
	status = server_wait_for_client(operation->set, CLIENT_OPENS_MS);
	if (status == VD_E_TIMEOUT)
		return (operation_fail_set(operation,
		    "BackupVirtualDeviceSet::WaitForClient", "Open",
		    CODE_WAIT_TIMEOUT,
		    "The client did not open its devices."));
	if (status != VD_NOERROR)
		return (operation_fail_status(operation,
		    "BackupVirtualDeviceSet::WaitForClient", "Open", status));
	return (operation_add_buffers(operation));
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
		IGNORE_RESULT(operation_fail_set(operation,
		    "BackupVirtualDeviceSet::StartDevice", "Open",
		    VD_ERROR_NO_SYSTEM_RESOURCES,
		    "A thread could not be started."));
	for (i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	return (operation_has_failed(operation) ? -1 : 0);
}

struct device_command *
operation_wait(struct operation *operation, struct device *device)
{
	struct device_command *command = device_wait(device);

	if (command == NULL)
		IGNORE_RESULT(operation_fail_set(operation,
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
