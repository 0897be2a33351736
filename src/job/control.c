/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/control.h"

#include "base/clock.h"
#include "base/fault.h"
#include "sql/engine.h"

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
/* How long the embedded server may take to start. */
#define CONNECT_TIMEOUT_MS 30000
/* How long the server may take to end a statement that was cancelled. */
#define CANCEL_TIMEOUT_MS 5000
/* After an abort: how long until the server is told to cancel as well, and
 * how long until it is no longer waited for. */
#define ABORT_GRACE_MS 400
#define ABORT_TIMEOUT_MS 1200

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

static bool
was_told_to_stop(const struct control *control)
{
	return (control->common->stop != NULL && *control->common->stop != 0);
}

int
control_check(struct control *control, struct error *error)
{
	if (was_told_to_stop(control)) {
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

/* A drill of the server's announces itself on its standard error. */
static void
note_engine(void *context, const char *line)
{
	struct control *control = context;
	struct job_event event = { .type = JOB_EVENT_WARNING, .percent = -1 };

	event.text = line;
	if (strstr(line, "fault drill") != NULL)
		event.type = JOB_EVENT_FAULT;
	control_emit(control, &event);
}

static void
hear_message(void *context, const struct message *message)
{
	struct control *control = context;
	struct job_event event = { .type = JOB_EVENT_MESSAGE, .percent = -1 };

	control->heard_ns = clock_now_ns();
	event.text = message->text;
	event.number = message->number;
	event.level = message->level;
	if (message_classify(message->number, message->level) ==
	    MESSAGE_PERCENT)
		event.percent = message_percent(message->text);
	control_emit(control, &event);
}

static size_t
count_words(const char *const *words)
{
	size_t count = 0;

	while (words != NULL && words[count] != NULL)
		count++;
	return (count);
}

int
control_connect(struct control *control, const char *database,
    struct error *error)
{
	const struct job_server *server = &control->common->server;
	struct engine_options options = { .database = database };

	if (server->engine == NULL) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "no server was named"));
		error_hint(error, "this version speaks to the embedded "
		    "server: give --engine sqlite:PATH");
		return (-1);
	}
	if (strncmp(server->engine, "sqlite:", 7) != 0 ||
	    server->engine[7] == '\0') {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is no embedded engine", server->engine));
		error_hint(error, "write --engine sqlite:PATH");
		return (-1);
	}
	options.source = ENGINE_SQLITE;
	options.path = server->engine + 7;
	options.inject = server->engine_faults;
	options.inject_count = count_words(server->engine_faults);
	options.note = note_engine;
	options.context = control;
	control->session = engine_session_new(&options, error);
	if (control->session == NULL)
		return (-1);
	session_listen(control->session, hear_message, control);
	return (session_open(control->session, CONNECT_TIMEOUT_MS, error));
}

int
control_create_set(struct control *control, unsigned devices,
    uint32_t features, struct error *error)
{
	struct VDConfig config = { .deviceCount = devices,
		.features = features };
	const struct provider_ops *ops;

	ops = provider_find(control->common->server.provider != NULL ?
	        control->common->server.provider : "auto", error);
	if (ops == NULL)
		return (-1);
	control->set = provider_set_new(ops, error);
	if (control->set == NULL)
		return (-1);
	if (provider_create(control->set, control->set_name, &config,
	        error) != 0) {
		provider_set_free(control->set);
		control->set = NULL;
		return (-1);
	}
	return (0);
}

int
control_begin(struct control *control, const char *statement, int expected,
    struct error *error)
{
	if (session_begin(control->session, statement, expected, error) != 0)
		return (-1);
	control->fate = CONTROL_UNKNOWN;
	return (0);
}

bool
control_listen(struct control *control, int64_t timeout_ms)
{
	return (session_poll(control->session, timeout_ms) ==
	    SESSION_RUNNING);
}

int
control_configure(struct control *control, struct VDConfig *config,
    struct error *error)
{
	struct deadline deadline =
	    clock_deadline(control->common->configure_timeout_ms);
	enum provider_next next;

	for (;;) {
		next = provider_get_configuration(control->set, SLICE_MS,
		    config, error);
		if (next == PROVIDER_COMMAND)
			return (0);
		if (next != PROVIDER_IDLE) {
			error_context(error, "waiting for the server to "
			    "configure the device set");
			return (-1);
		}
		if (control_check(control, error) != 0)
			return (-1);
		if (!control_listen(control, 0)) {
			if (control_end_statement(control, 0, error) == 0)
				IGNORE_RESULT(error_set(error, KIND_STATEMENT,
				    ORIGIN_US, 0, "the statement ended before "
				    "the server opened the device set"));
			return (-1);
		}
		if (clock_has_passed(deadline)) {
			IGNORE_RESULT(error_set(error, KIND_TIMEOUT, ORIGIN_US,
			    0, "the server did not configure the device set "
			    "within %lld s", (long long)
			    control->common->configure_timeout_ms / 1000));
			error_hint(error, "the server may be waiting for "
			    "another backup of the database; see "
			    "--configure-timeout");
			return (-1);
		}
	}
}

/* Errors and warnings of the statement, copied into the result. */
static int
keep_messages(struct control *control, struct error *error)
{
	const struct message_list *list = session_messages(control->session);
	struct job_result *result = control->result;
	struct job_message *kept;
	size_t i;

	if (list->count == 0 || result->messages != NULL)
		return (0);
	kept = calloc(list->count, sizeof(*kept));
	if (kept == NULL)
		return (error_memory(error));
	result->messages = kept;
	for (i = 0; i < list->count; i++) {
		const struct message *message = &list->items[i];

		if (message_classify(message->number, message->level) ==
		    MESSAGE_PERCENT)
			continue;
		kept[result->message_count].number = message->number;
		kept[result->message_count].level = message->level;
		kept[result->message_count].text = strdup(message->text);
		if (kept[result->message_count].text == NULL)
			return (error_memory(error));
		result->message_count++;
	}
	return (0);
}

/* A server that says that it failed has failed; one that is gone may have
 * done anything. */
static void
note_fate(struct control *control, const struct error *story)
{
	if (story->kind == KIND_STATEMENT && story->origin == ORIGIN_SERVER)
		control->fate = CONTROL_FAILED;
}

int
control_end_statement(struct control *control, int64_t timeout_ms,
    struct error *error)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	enum session_outcome outcome;
	struct error story;
	bool cancelled = false;

	for (;;) {
		outcome = session_poll(control->session, SLICE_MS);
		if (outcome != SESSION_RUNNING)
			break;
		if (!cancelled && was_told_to_stop(control)) {
			session_cancel(control->session);
			deadline = clock_deadline(CANCEL_TIMEOUT_MS);
			cancelled = true;
		}
		if (!clock_has_passed(deadline))
			continue;
		if (cancelled)
			return (error_set(error, KIND_TIMEOUT, ORIGIN_US, 0,
			    "the server did not end the statement"));
		session_cancel(control->session);
		deadline = clock_deadline(CANCEL_TIMEOUT_MS);
		cancelled = true;
	}
	if (keep_messages(control, error) != 0)
		return (-1);
	error_init(&story);
	if (session_end(control->session, &story) != 0) {
		note_fate(control, &story);
		if (!error_is_set(error))
			*error = story;
		return (-1);
	}
	if (outcome == SESSION_SUCCEEDED) {
		control->fate = CONTROL_SUCCEEDED;
		control->result->server_succeeded = true;
	}
	return (0);
}

/* Wait for the statement's end; whether it came. */
static bool
wait_for_end(struct control *control, int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);

	while (session_poll(control->session, SLICE_MS / 4) == SESSION_RUNNING)
		if (clock_has_passed(deadline))
			return (false);
	return (true);
}

/* The drill "close-early": Close with devices open, as a client would that
 * does not wait for VD_E_CLOSE. */
static void
close_early(struct control *control)
{
	struct error error;

	error_init(&error);
	if (provider_abandon(control->set, &error) != 0)
		control_warn(control, "closing early: %s", error.text);
	provider_set_free(control->set);
	control->set = NULL;
}

void
control_conclude(struct control *control, struct error *error)
{
	struct error story;
	bool ended;

	if (control->set != NULL && control->close_early)
		close_early(control);
	if (control->set != NULL)
		provider_signal_abort(control->set);
	if (control->session == NULL || control->fate == CONTROL_NOT_SENT)
		return;
	ended = wait_for_end(control, ABORT_GRACE_MS);
	if (!ended) {
		session_cancel(control->session);
		ended = wait_for_end(control, ABORT_TIMEOUT_MS);
	}
	if (!ended)
		return;
	error_init(&story);
	if (keep_messages(control, &story) != 0)
		return;
	if (session_end(control->session, &story) == 0) {
		control->fate = CONTROL_SUCCEEDED;
		control->result->server_succeeded = true;
		return;
	}
	note_fate(control, &story);
	/* Where all that we know is that the set was aborted, the server
	 * knows why. */
	if (error->kind == KIND_ABORTED && error->origin == ORIGIN_VDI)
		*error = story;
}
