/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/operation.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"
#include "engine/message.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define LOOK_MS 250

/* Win32 codes that are no completions (winerror.h). */
#define CODE_SEM_TIMEOUT 121u

/* Where a drill is played. */
struct place {
	const struct device *device;
	const char *name; /* a phase, "flush", "complete"; NULL: data */
};

/* The phases, as the messages of a device set name them. */
static const struct {
	const char *phase;
	const char *routine;
	const char *verb;
} phases[] = {
	{ "open", "BackupVirtualDeviceSet::Initialize", "Open" },
	{ "configure", "BackupVirtualDeviceSet::Configure", "Configure" },
	{ "devices", "BackupVirtualDeviceSet::OpenDevice", "Open" },
	{ "transfer", "BackupVirtualDeviceSet::StartDevice", "Open" },
	{ "close", "BackupVirtualDeviceSet::CloseDevice", "Close" },
};

static bool
is_backup(const struct operation *operation)
{
	return (tsql_is_backup(operation->statement->verb));
}

/* The failure of whatever is done at the place, with that code. */
static void
fail_place(struct operation *operation, const struct place *place,
    uint32_t code)
{
	struct str reason;
	size_t i = 0;

	while (i < ARRAY_COUNT(phases) && (place->name == NULL ||
	    strcmp(phases[i].phase, place->name) != 0))
		i++;
	if (i == ARRAY_COUNT(phases)) {
		operation_fail_command(operation, place->device,
		    place->name == NULL ?
		    (is_backup(operation) ? VDC_Write : VDC_Read) :
		    strcmp(place->name, "flush") == 0 ? VDC_Flush :
		    VDC_Complete, code);
		return;
	}
	if (!operation_fail(operation, OPERATION_ABORT))
		return;
	str_init(&reason);
	message_code(&reason, code, code == CODE_SEM_TIMEOUT ?
	    "the fault drill ended" : vdi_completion_text(code));
	report_message(operation->report, MESSAGE_DEVICE_FAILED,
	    phases[i].routine, phases[i].verb, place->device->name,
	    reason.text, NULL);
	str_release(&reason);
}

/* Has the client left?  Before the set is open, the statement is cancelled
 * when whoever hears us has gone (stop.h). */
static bool
is_left_alone(struct operation *operation)
{
	struct VDConfig config;

	return (operation->set != NULL && server_get_configuration(
	    operation->set, &config) == VD_E_ABORT);
}

/* Stand still, but not after the client has left.  -1: the statement has
 * failed; 0: the time is over. */
static int
stand_still(struct operation *operation, const struct place *place,
    int64_t still_ms)
{
	struct deadline deadline = clock_deadline(still_ms);

	while (!clock_has_passed(deadline)) {
		int64_t left = clock_left_ms(deadline);

		if (stop_wait(operation->stop, left < LOOK_MS ? left :
		    LOOK_MS))
			return (-1);
		if (!is_left_alone(operation))
			continue;
		fail_place(operation, place, VD_ERROR_OPERATION_ABORTED);
		return (-1);
	}
	return (0);
}

/* The database's file fails: to be read in a backup, else to be written. */
static void
fail_file(struct operation *operation, int64_t code, const char *text)
{
	struct error error;

	error_init(&error);
	IGNORE_RESULT(error_set(&error, KIND_STATEMENT, ORIGIN_SERVER,
	    is_backup(operation) ? MESSAGE_READ_FAILED :
	    MESSAGE_CANNOT_CREATE_FILE, "%ld(%s)", (long)code, text));
	operation_fail_file(operation, &error, OPERATION_ABANDON);
}

static void
fail_system(struct operation *operation, int errnum)
{
	char reason[128];

	fail_file(operation, errnum, error_reason(errnum, reason,
	    sizeof(reason)));
}

static void
fail_coded(struct operation *operation, const struct fault *fault)
{
	uint32_t code = fault->code;

	if (code == 0)
		code = is_backup(operation) ? VD_ERROR_READ_FAULT :
		    VD_ERROR_DISK_FULL;
	fail_file(operation, code, vdi_completion_text(code));
}

/* Everybody stops; the set is closed when the threads have, with the devices
 * as they are. */
static void
close_early(struct operation *operation, const struct place *place)
{
	char reason[64];

	(void)snprintf(reason, sizeof(reason), "0x%08lX(%s)",
	    (unsigned long)(uint32_t)VD_E_OPEN, vdi_status_name(VD_E_OPEN));
	operation->leaves_open = true;
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_DEVICE_FAILED,
		    "BackupVirtualDeviceSet::Close", "Close",
		    place->device->name, reason, NULL);
}

/* What fires is played on the thread that came there; 0: go on. */
static int
play(struct operation *operation, const struct place *place,
    const struct fault *fault)
{
	switch (fault->kind) {
	case FAULT_KILL:
		(void)raise(SIGKILL);
		break;
	case FAULT_STALL:
		return (stand_still(operation, place, fault->stall_ms));
	case FAULT_DROP:
		if (stand_still(operation, place,
		    operation->options->stall_timeout_ms) == 0)
			fail_place(operation, place, CODE_SEM_TIMEOUT);
		break;
	case FAULT_SQL_CANCEL:
		operation_cancel(operation);
		break;
	case FAULT_CLOSE_EARLY:
		close_early(operation, place);
		break;
	case FAULT_SINK_FULL:
		fail_system(operation, ENOSPC);
		break;
	case FAULT_SINK_ERROR:
		fail_system(operation, EIO);
		break;
	case FAULT_FAIL:
		fail_coded(operation, fault);
		break;
	case FAULT_ABORT:
	case FAULT_CORRUPT:
		fail_place(operation, place, VD_ERROR_OPERATION_ABORTED);
		break;
	}
	return (-1);
}

int
operation_drill_command(struct operation *operation,
    const struct device *device, const char *name)
{
	struct fault_place at = { .device = device->number,
		.command = device->sent + 1, .bytes = device->bytes,
		.name = name };
	struct place place = { device, name };
	const struct fault *fault;

	if (name != NULL && operation_has_failed(operation))
		return (-1);
	fault = fault_at_command(operation->faults,
	    ~FAULT_MASK(FAULT_CORRUPT), &at);
	return (fault != NULL ? play(operation, &place, fault) : 0);
}

int
operation_drill_phase(struct operation *operation, const char *phase)
{
	struct place place = { &operation->devices[0], phase };
	const struct fault *fault;

	if (operation_has_failed(operation))
		return (-1);
	fault = fault_at_phase(operation->faults, FAULT_MASK_ALL, phase);
	return (fault != NULL ? play(operation, &place, fault) : 0);
}

void
operation_drill_data(struct operation *operation,
    const struct device *device, void *data, size_t size)
{
	struct fault_place at = { .device = device->number,
		.command = device->sent + 1, .bytes = device->bytes };

	if (fault_at_command(operation->faults, FAULT_MASK(FAULT_CORRUPT),
	    &at) != NULL)
		((uint8_t *)data)[size / 2] ^= 0x10;
}

int
operation_drill_damage(struct operation *operation)
{
	const struct fault *fault = fault_fired_of(operation->faults,
	    FAULT_CORRUPT);
	char text[160];

	if (fault == NULL || operation_has_failed(operation))
		return (fault != NULL ? -1 : 0);
	(void)snprintf(text, sizeof(text), "the fault drill \"%s\" has "
	    "changed a page, and no checksum tells", fault->text);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (-1);
}
