/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/control.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

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

	*control = (struct control){ .common = common, .result = result,
		.owner = pthread_self() };
	control->began_ns = clock_now_ns();
	atomic_init(&control->has_ended, false);
	atomic_init(&control->aborted_by_drill, false);
	fault_plan_init(&control->engine_faults, NULL, NULL);
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
	struct error error;

	error_init(&error);
	if (control->set != NULL) {
		provider_signal_abort(control->set);
		if (provider_abandon(control->set, &error) != 0)
			control_note(control, &error);
		provider_set_free(control->set);
	}
	session_close(control->session);
	latch_release(&control->latch);
	fault_plan_release(&control->engine_faults);
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
control_tell_statement(struct control *control)
{
	struct job_event event = { .type = JOB_EVENT_STATEMENT,
		.percent = -1, .text = control->result->statement };

	if (!control->common->dry_run)
		control_emit(control, &event);
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
control_note(struct control *control, const struct error *error)
{
	struct job_result *result = control->result;

	if (!error_is_set(error) || result->note_count == JOB_MAX_NOTES ||
	    strcmp(error->text, result->error.text) == 0)
		return;
	result->notes[result->note_count] = *error;
	(void)strcpy(result->notes[result->note_count++].stage,
	    result->phase);
}

void
control_fail(struct control *control, const struct error *error)
{
	latch_trip(&control->latch, error);
}

bool
control_is_told_to_stop(const struct control *control)
{
	return (control->common->stop != NULL &&
	    atomic_load(control->common->stop) != 0);
}

int
control_check(struct control *control, struct error *error)
{
	if (control_is_told_to_stop(control)) {
		int signum = atomic_load(control->common->stop);

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
	tell_phase(control, phase);
	if (control_drill(control, error) != 0)
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
