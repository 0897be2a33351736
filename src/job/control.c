/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/control.h"

#include "base/clock.h"
#include "base/fault.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* How often the job looks whether it was told to stop. */
#define SLICE_MS 100

static void
abort_set(void *context)
{
	struct control *control = context;

	if (control->set != NULL)
		provider_signal_abort(control->set);
}

int
control_init(struct control *control, const struct job_common *common,
    struct job_result *result, struct error *error)
{
	int rc;

	*control = (struct control){ .common = common, .result = result };
	control->began_ns = clock_now_ns();
	rc = pthread_mutex_init(&control->emit_lock, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a lock"));
	if (latch_init(&control->latch, abort_set, control, error) != 0) {
		(void)pthread_mutex_destroy(&control->emit_lock);
		return (-1);
	}
	return (0);
}

/* at=PHASE of a drill that names no phase would never fire. */
static int
check_drills(const struct fault_plan *plan, struct error *error)
{
	char list[200];
	unsigned i;

	for (i = 0; plan != NULL && i < plan->count; i++) {
		const char *name = plan->faults[i].phase;

		if (name[0] == '\0' || (phase_find(name) >= 0 &&
		    phase_find(name) != PHASE_DONE))
			continue;
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the fault drill \"%s\" names no phase",
		    plan->faults[i].text));
		phase_list(list, sizeof(list));
		error_hint(error, "phases are %s", list);
		return (-1);
	}
	return (0);
}

int
control_plan(struct control *control, unsigned devices, struct error *error)
{
	const struct job_common *common = control->common;
	uint8_t random[16];
	size_t used;
	size_t i;

	if (common->database == NULL || common->database[0] == '\0') {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "no database was named"));
		error_hint(error, "give --database NAME");
		return (-1);
	}
	if (devices < 1 || devices > VD_MAX_DEVICES)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "%u devices: a device set has 1 to %u", devices,
		    VD_MAX_DEVICES));
	if (check_drills(common->faults, error) != 0)
		return (-1);
	control->result->database = strdup(common->database);
	control->result->server = strdup(common->server.name != NULL ?
	    common->server.name : "");
	if (control->result->database == NULL ||
	    control->result->server == NULL)
		return (error_memory(error));
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return (error_system(error, KIND_PROVIDER, errno,
		    "cannot make a name for the device set"));
	used = (size_t)snprintf(control->set_name, sizeof(control->set_name),
	    "vdibackup-");
	for (i = 0; i < sizeof(random); i++)
		used += (size_t)snprintf(control->set_name + used,
		    sizeof(control->set_name) - used, "%02x", random[i]);
	return (0);
}

void
control_release(struct control *control)
{
	struct error ignored;

	error_init(&ignored);
	if (control->set != NULL) {
		provider_signal_abort(control->set);
		IGNORE_RESULT(provider_abandon(control->set, &ignored));
		provider_set_free(control->set);
	}
	session_close(control->session);
	latch_release(&control->latch);
	(void)pthread_mutex_destroy(&control->emit_lock);
}

void
control_emit(struct control *control, const struct job_event *event)
{
	if (control->common->handler == NULL)
		return;
	(void)pthread_mutex_lock(&control->emit_lock);
	control->common->handler(control->common->handler_context, event);
	(void)pthread_mutex_unlock(&control->emit_lock);
}

void
control_warn(struct control *control, const char *format, ...)
{
	struct job_event event = { .type = JOB_EVENT_WARNING, .percent = -1 };
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	event.text = text;
	control_emit(control, &event);
}

void
control_abort_by_drill(struct control *control, unsigned device)
{
	struct error error;

	error_init(&error);
	IGNORE_RESULT(error_set(&error, KIND_ABORTED, ORIGIN_US, 0,
	    "aborted by a fault drill on device %u", device));
	control_fail(control, &error);
}

void
control_fail(struct control *control, const struct error *error)
{
	latch_trip(&control->latch, error);
}

bool
control_is_told_to_stop(const struct control *control)
{
	return (control->common->stop != NULL && *control->common->stop != 0);
}

int
control_check(struct control *control, struct error *error)
{
	if (control_is_told_to_stop(control)) {
		int signum = *control->common->stop;

		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, signum,
		    "interrupted by signal %d (%s)", signum,
		    strsignal(signum)));
		return (-1);
	}
	if (latch_is_tripped(&control->latch)) {
		if (!error_is_set(error))
			latch_get(&control->latch, error);
		return (-1);
	}
	return (0);
}

/* A stall drill: nothing happens for so long, unless the job is told to stop
 * or the stall deadline passes, as it does for any stall. */
static int
stall(struct control *control, const struct fault *fault, struct error *error)
{
	struct deadline end = clock_deadline(fault->stall_ms);
	struct deadline limit =
	    clock_deadline(control->common->stall_timeout_ms);

	while (!clock_has_passed(end)) {
		if (control_check(control, error) != 0)
			return (-1);
		if (clock_has_passed(limit))
			return (error_set(error, KIND_TIMEOUT, ORIGIN_US, 0,
			    "nothing happened for %lld s",
			    (long long)control->common->stall_timeout_ms /
			        1000));
		(void)poll(NULL, 0, SLICE_MS);
	}
	return (0);
}

static int
run_drill(struct control *control, const struct fault *fault,
    struct error *error)
{
	const char *where = phase_name(control->phase);

	switch (fault->kind) {
	case FAULT_KILL:
		(void)kill(getpid(), SIGKILL);
		return (0);
	case FAULT_STALL:
		return (stall(control, fault, error));
	case FAULT_FAIL:
	case FAULT_SINK_FULL:
	case FAULT_SINK_ERROR:
		return (error_system(error, KIND_STORAGE,
		    fault->kind == FAULT_SINK_ERROR ? EIO : ENOSPC,
		    "fault drill at %s", where));
	case FAULT_SQL_CANCEL:
		if (control->session != NULL)
			session_cancel(control->session);
		return (0);
	case FAULT_ABORT:
	case FAULT_CLOSE_EARLY:
	case FAULT_DROP:
	case FAULT_CORRUPT:
		break;
	}
	if (control->set != NULL)
		provider_signal_abort(control->set);
	return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
	    "aborted by the fault drill \"%s\"", fault->text));
}

static void
tell_phase(struct control *control, enum phase phase)
{
	struct job_event event = { .type = JOB_EVENT_PHASE, .percent = -1 };

	control->phase = phase;
	(void)snprintf(control->result->phase, sizeof(control->result->phase),
	    "%s", phase_name(phase));
	event.text = phase_name(phase);
	control_emit(control, &event);
}

int
control_enter(struct control *control, enum phase phase, struct error *error)
{
	const struct fault *fault;

	tell_phase(control, phase);
	while ((fault = fault_at_phase(control->common->faults, FAULT_MASK_ALL,
	            phase_name(phase))) != NULL)
		if (run_drill(control, fault, error) != 0)
			return (-1);
	if (phase >= PHASE_CLOSED)
		return (0);
	return (control_check(control, error));
}

void
control_done(struct control *control)
{
	tell_phase(control, PHASE_DONE);
}

void
control_note_drills(struct control *control)
{
	const struct fault_plan *plan = control->common->faults;
	unsigned i;

	for (i = 0; plan != NULL && i < plan->count; i++)
		if (!plan->faults[i].fired)
			control_warn(control, "the fault drill \"%s\" did "
			    "not fire: the job did not come to its place",
			    plan->faults[i].text);
}
