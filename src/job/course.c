/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/course.h"

#include "job/opening.h"

int
course_start(struct lanes *lanes, const struct course *course,
    struct VDConfig *config, struct error *error)
{
	struct control *control = lanes->control;

	if (control_enter(control, PHASE_CONNECT, error) != 0 ||
	    control_connect(control, control->common->database, error) != 0 ||
	    control_enter(control, PHASE_CREATE, error) != 0 ||
	    control_create_set(control, lanes->count, course->features,
	        error) != 0 ||
	    control_enter(control, PHASE_STATEMENT, error) != 0 ||
	    control_begin(control, course->statement, course->expected,
	        error) != 0 ||
	    control_enter(control, PHASE_CONFIGURE, error) != 0 ||
	    control_configure(control, config, error) != 0)
		return (-1);
	if ((config->features & course->direction) == 0)
		return (error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "the server configured the device set for the other "
		    "direction (features 0x%08X)", config->features));
	lanes->max_transfer_size = config->maxTransferSize;
	if (control_enter(control, PHASE_OPEN, error) != 0)
		return (-1);
	return (opening_run(lanes, error));
}

int
course_transfer(struct lanes *lanes, struct error *error)
{
	struct error why;

	if (control_enter(lanes->control, PHASE_TRANSFER, error) != 0)
		return (-1);
	if (lanes_start(lanes, error) == 0)
		return (lanes_supervise(lanes, error));
	/* Some lanes may run: they end, and are joined. */
	control_fail(lanes->control, error);
	error_init(&why);
	IGNORE_RESULT(lanes_supervise(lanes, &why));
	return (-1);
}

/*
 * Every device has said closed; what Close answers makes no witness, and it
 * releases the set whatever it answers (spec 5.8).  If it did harm, the
 * statement tells.
 */
static void
close_set(struct control *control)
{
	struct error error;

	error_init(&error);
	if (provider_close(control->set, &error) != 0) {
		control_note(control, &error);
		control_warn(control, "closing the device set: %s",
		    error.text);
	}
	provider_set_free(control->set);
	control->set = NULL;
}

int
course_finish(struct lanes *lanes, struct error *error)
{
	struct control *control = lanes->control;
	struct job_result *result = control->result;
	unsigned i;

	if (control_enter(control, PHASE_CLOSED, error) != 0)
		return (-1);
	for (i = 0; i < lanes->count; i++)
		result->devices_closed += lanes->lane[i].result.closed;
	if (result->devices_closed != result->devices)
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the server closed %u of %u devices",
		    result->devices_closed, result->devices));
	close_set(control);
	if (control_enter(control, PHASE_RESULT, error) != 0)
		return (-1);
	if (control_end_statement(control, control->common->result_timeout_ms,
	        error) != 0)
		return (-1);
	return (control_judge_drills(control, error));
}
