/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/control.h"

#include "base/clock.h"
#include "base/num.h"
#include "runtime/vdi.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How often somebody who waits looks whether the job was told to stop. */
#define SLICE_MS 20
/* How long the server may take to let go of a statement that was cancelled,
 * before its commands are answered again. */
#define CANCEL_WAIT_MS 3000

int
control_plan_drills(struct control *control,
    enum fault_direction direction, struct error *error)
{
	const char *const *text = control->common->server.engine_faults;
	const struct fault_plan *own = control->common->faults;

	for (; text != NULL && *text != NULL; text++)
		if (fault_plan_add(&control->engine_faults, *text, error) !=
		    0) {
			error_context(error, "'--engine-inject' cannot be "
			    "\"%s\"", *text);
			return (-1);
		}
	if (own != NULL && fault_plan_check(own, FAULT_SIDE_CLIENT, direction,
	        error) != 0)
		return (-1);
	return (fault_plan_check(&control->engine_faults, FAULT_SIDE_ENGINE,
	    direction, error));
}

/* Nothing happens for so long, unless the job is told to stop or the stall
 * deadline passes, as it does for any stall. */
static int
stall(struct control *control, const struct fault *fault, struct error *error)
{
	int64_t limit_ms = control->common->stall_timeout_ms;
	struct deadline end = clock_deadline(fault->stall_ms);
	struct deadline limit = clock_deadline(limit_ms);
	char text[32];

	while (!clock_has_passed(end)) {
		if (control_check(control, error) != 0)
			return (-1);
		if (clock_has_passed(limit)) {
			IGNORE_RESULT(error_set(error, KIND_TIMEOUT, ORIGIN_US,
			    0, "nothing happened for %s in the phase %s, "
			    "where the fault drill \"%s\" holds the job",
			    num_format_timeout(limit_ms, text, sizeof(text)),
			    phase_name(control->phase), fault->text));
			error_hint(error, "--stall-timeout says how long is "
			    "too long");
			return (-1);
		}
		(void)poll(NULL, 0, SLICE_MS);
	}
	return (0);
}

static int
fail_storage(struct control *control, const struct fault *fault,
    struct error *error)
{
	bool is_full = fault->kind == FAULT_SINK_FULL;

	IGNORE_RESULT(error_system(error, KIND_STORAGE, is_full ? ENOSPC : EIO,
	    "storage failed in the phase %s (fault drill \"%s\")",
	    phase_name(control->phase), fault->text));
	error_hint(error, is_full ? "make room there, or choose another place" :
	    "look at the disk, and at the system's log");
	return (-1);
}

static int
fail_phase(struct control *control, const struct fault *fault,
    struct error *error)
{
	uint32_t code = fault->code != 0 ? fault->code : VD_ERROR_DISK_FULL;

	return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
	    "the fault drill \"%s\" failed the phase %s with %u (%s)",
	    fault->text, phase_name(control->phase), code,
	    vdi_completion_text(code)));
}

static int
abort_set(struct control *control, const struct fault *fault,
    struct error *error)
{
	if (control->set == NULL)
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the fault drill \"%s\" ended the job", fault->text));
	atomic_store(&control->aborted_by_drill, true);
	provider_signal_abort(control->set);
	return (error_set(error, KIND_ABORTED, ORIGIN_VDI,
	    (long)(uint32_t)VD_E_ABORT,
	    "the fault drill \"%s\" aborted the device set", fault->text));
}

static int
play(struct control *control, const struct fault *fault, struct error *error)
{
	switch (fault->kind) {
	case FAULT_KILL:
		(void)kill(getpid(), SIGKILL);
		return (0);
	case FAULT_STALL:
		return (stall(control, fault, error));
	case FAULT_SINK_FULL:
	case FAULT_SINK_ERROR:
		return (fail_storage(control, fault, error));
	case FAULT_FAIL:
		return (fail_phase(control, fault, error));
	case FAULT_SQL_CANCEL:
		control_cancel_by_drill(control);
		return (0);
	case FAULT_CLOSE_EARLY:
		control->close_early = true;
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the fault drill \"%s\" closed the device set",
		    fault->text));
	case FAULT_ABORT:
	case FAULT_DROP:
	case FAULT_CORRUPT:
		break;
	}
	return (abort_set(control, fault, error));
}

int
control_drill(struct control *control, struct error *error)
{
	const struct fault *fault;

	while ((fault = fault_at_phase(control->common->faults, FAULT_MASK_ALL,
	            phase_name(control->phase))) != NULL)
		if (play(control, fault, error) != 0)
			return (-1);
	return (0);
}

void
control_abort_by_drill(struct control *control, const struct error *error)
{
	atomic_store(&control->aborted_by_drill, true);
	control_fail(control, error);
}

void
control_cancel_by_drill(struct control *control)
{
	bool is_owner = pthread_equal(pthread_self(), control->owner) != 0;
	struct deadline end = clock_deadline(CANCEL_WAIT_MS);

	session_cancel(control->session);
	/* The job's thread alone may listen; the others see what it heard. */
	while (!atomic_load(&control->has_ended) &&
	    !provider_is_aborted(control->set) &&
	    !latch_is_tripped(&control->latch) &&
	    !control_is_told_to_stop(control) && !clock_has_passed(end)) {
		if (is_owner)
			IGNORE_RESULT(control_listen(control, SLICE_MS));
		else
			(void)poll(NULL, 0, SLICE_MS);
	}
}

bool
control_hear_drill(struct control *control, const char *line)
{
	static const char start[] = "vdi-engine: fault drill: ";
	static const char fired[] = " fired, ";
	struct job_event event = { .type = JOB_EVENT_FAULT, .percent = -1 };
	const char *text = line + strlen(start);
	const char *where;
	char fault[96];
	char said[200];

	if (strncmp(line, start, strlen(start)) != 0)
		return (false);
	where = strstr(text, fired);
	if (where == NULL)
		return (false);
	(void)snprintf(fault, sizeof(fault), "%.*s", (int)(where - text),
	    text);
	IGNORE_RESULT(fault_has_fired(&control->engine_faults, fault));
	(void)snprintf(said, sizeof(said), "the engine's fault \"%s\" fired: "
	    "%s", fault, where + strlen(fired));
	event.text = said;
	control_emit(control, &event);
	return (true);
}

void
control_close_early(struct control *control, struct error *error)
{
	unsigned open = provider_open_devices(control->set);
	struct error drill = *error;
	struct error answer;

	error_init(&answer);
	if (provider_abandon(control->set, &answer) == 0)
		IGNORE_RESULT(error_set(&answer, KIND_ABORTED, ORIGIN_US, 0,
		    "Close: NOERROR%s", open > 0 ?
		    ", since the set was aborted already" : ""));
	provider_set_free(control->set);
	control->set = NULL;
	/* Where something else came first, that is the story. */
	if (drill.kind != KIND_ABORTED || drill.origin != ORIGIN_US)
		return;
	error_init(error);
	IGNORE_RESULT(error_set(error, KIND_ABORTED, answer.origin,
	    answer.code, "%s, with %u of %u devices open: %s", drill.text,
	    open, control->result->devices, answer.text));
	(void)strcpy(error->stage, drill.stage);
}

static int
tell_damage(const struct fault *fault, const char *what,
    struct error *error)
{
	IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "the fault drill \"%s\" has damaged what was %s", fault->text,
	    what));
	error_hint(error, "nothing of it may be used; 'vdibackup verify' shows "
	    "where the damage is");
	return (-1);
}

int
control_check_damage(const struct control *control, struct error *error)
{
	const struct fault *fault = NULL;

	if (control->common->faults != NULL)
		fault = fault_fired_of(control->common->faults, FAULT_CORRUPT);
	return (fault != NULL ? tell_damage(fault, "read", error) : 0);
}

static int
judge(const struct fault_plan *plan, const char *what, struct error *error)
{
	unsigned i;

	for (i = 0; i < plan->count; i++) {
		const struct fault *fault = &plan->faults[i];

		if (!fault->fired || fault->kind == FAULT_STALL)
			continue;
		if (fault->kind == FAULT_CORRUPT)
			return (tell_damage(fault, what, error));
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the fault drill \"%s\" fired, and all went on as if it "
		    "had not", fault->text));
		error_hint(error, "it came when the server needed no more: "
		    "choose an earlier place");
		return (-1);
	}
	return (0);
}

int
control_judge_drills(const struct control *control, struct error *error)
{
	if (control->common->faults != NULL &&
	    judge(control->common->faults, "stored", error) != 0)
		return (-1);
	return (judge(&control->engine_faults, "sent by the server",
	    error));
}

static void
note_missed(struct control *control, const struct fault_plan *plan)
{
	unsigned i;

	for (i = 0; i < plan->count; i++)
		if (!plan->faults[i].fired)
			control_warn(control, "the fault drill \"%s\" did "
			    "not fire: the job did not come to its place",
			    plan->faults[i].text);
}

void
control_note_drills(struct control *control)
{
	struct job_result *result = control->result;

	/* Of a job that did not even begin, that goes without saying. */
	if (result->error.kind == KIND_USAGE)
		return;
	if (control->common->faults != NULL) {
		note_missed(control, control->common->faults);
		result->faults_fired = fault_fired(control->common->faults);
	}
	note_missed(control, &control->engine_faults);
	result->faults_fired += fault_fired(&control->engine_faults);
}
