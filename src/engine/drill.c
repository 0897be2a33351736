/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/operation.h"

#include "base/clock.h"
#include "base/fault.h"
#include "engine/message.h"

#include <signal.h>
#include <stdio.h>

#define LOOK_AT_SET_MS 250

/* Stand still, but not after the client has left. */
static int
stall(struct operation *operation, const struct device *device,
    int64_t stall_ms)
{
	struct deadline deadline = clock_deadline(stall_ms);
	struct VDConfig config;

	/* Before the set is open there is nobody to leave. */
	if (operation->set == NULL)
		return (stop_wait(operation->stop, stall_ms) ? -1 : 0);
	while (!clock_has_passed(deadline)) {
		int64_t left = clock_left_ms(deadline);

		if (stop_wait(operation->stop, left < LOOK_AT_SET_MS ? left :
		    LOOK_AT_SET_MS))
			return (-1);
		if (server_get_configuration(operation->set, &config) !=
		    VD_E_ABORT)
			continue;
		operation_fail_command(operation, device,
		    tsql_is_backup(operation->statement->verb) ? VDC_Write :
		    VDC_Read, VD_ERROR_OPERATION_ABORTED);
		return (-1);
	}
	return (0);
}

/* What fires is played on the thread that came there. */
static int
play(struct operation *operation, const struct device *device,
    const struct fault *fault)
{
	bool is_backup = tsql_is_backup(operation->statement->verb);
	struct error error;

	switch (fault->kind) {
	case FAULT_KILL:
		(void)raise(SIGKILL);
		return (-1);
	case FAULT_STALL:
		return (stall(operation, device, fault->stall_ms));
	case FAULT_SQL_CANCEL:
		operation_cancel(operation);
		return (-1);
	case FAULT_ABORT:
		operation_fail_command(operation, device,
		    is_backup ? VDC_Write : VDC_Read,
		    VD_ERROR_OPERATION_ABORTED);
		return (-1);
	default:
		error_init(&error);
		IGNORE_RESULT(error_set(&error, KIND_STATEMENT, ORIGIN_SERVER,
		    is_backup ? MESSAGE_READ_FAILED :
		    MESSAGE_CANNOT_CREATE_FILE, "%u(%s)",
		    (unsigned)fault->code, vdi_completion_text(fault->code)));
		operation_fail_file(operation, &error, OPERATION_ABORT);
		return (-1);
	}
}

int
operation_drill_command(struct operation *operation,
    const struct device *device)
{
	const struct fault *fault;

	if (operation->faults->count == 0)
		return (0);
	fault = fault_at_command(operation->faults, FAULT_MASK_ALL,
	    device->number, device->sent + 1, device->bytes);
	return (fault != NULL ? play(operation, device, fault) : 0);
}

int
operation_drill_phase(struct operation *operation, const char *phase)
{
	const struct fault *fault;

	if (operation_has_failed(operation))
		return (-1);
	if (operation->faults->count == 0)
		return (0);
	fault = fault_at_phase(operation->faults, FAULT_MASK_ALL, phase);
	return (fault != NULL ? play(operation, &operation->devices[0],
	    fault) : 0);
}
