/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/control.h"

#include "base/clock.h"
#include "base/num.h"
#include "sql/engine.h"

#include <stdlib.h>
#include <string.h>

/* How often the job looks whether it was told to stop. */
#define SLICE_MS 100
/* How long the embedded server may take to start. */
#define CONNECT_TIMEOUT_MS 30000
/* How long the server may take to end a statement that was cancelled. */
#define CANCEL_TIMEOUT_MS 5000
/* After an abort: how long until the server is told to cancel as well, and
 * how long somebody who interrupted the job then waits for its story. */
#define ABORT_GRACE_MS 400
#define ABORT_TIMEOUT_MS 1200

static void
note_engine(void *context, const char *line)
{
	struct control *control = context;
	struct job_event event = { .type = JOB_EVENT_WARNING, .percent = -1 };

	if (control_hear_drill(control, line))
		return;
	event.text = line;
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
	options.place = database_split(server->engine, &options.kind);
	if (options.place == NULL) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is no embedded engine", server->engine));
		error_hint(error, "write --engine sqlite:PATH");
		return (-1);
	}
	options.inject = server->engine_faults;
	options.inject_count = count_words(server->engine_faults);
	options.note = note_engine;
	options.context = control;
	control->session = server->session_maker != NULL ?
	    server->session_maker(&options, error) :
	    engine_session_new(&options, error);
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
	const struct job_server *server = &control->common->server;
	const struct provider_options options = {
		.library = server->library };
	const struct provider_ops *ops = server->provider_ops;

	if (ops == NULL)
		ops = provider_find(server->provider != NULL ?
		    server->provider : "auto", &options, error);
	if (ops == NULL)
		return (-1);
	control->set = provider_set_new(ops, &options, error);
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
	if (session_poll(control->session, timeout_ms) == SESSION_RUNNING)
		return (true);
	atomic_store(&control->has_ended, true);
	return (false);
}

int
control_configure(struct control *control, struct VDConfig *config,
    struct error *error)
{
	struct deadline deadline =
	    clock_deadline(control->common->configure_timeout_ms);
	enum provider_next next;
	char limit[32];

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
			    "within %s", num_format_timeout(
			    control->common->configure_timeout_ms, limit,
			    sizeof(limit))));
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

/* Why the statement's end is to be waited for no longer; 0: go on. */
static int
look_at_wait(struct control *control, struct deadline deadline,
    struct error *error)
{
	char limit[32];

	if (control_is_told_to_stop(control))
		return (control_check(control, error));
	if (!clock_has_passed(deadline))
		return (0);
	IGNORE_RESULT(error_set(error, KIND_TIMEOUT, ORIGIN_US, 0,
	    "the server did not say within %s what came of the statement",
	    num_format_timeout(control->common->result_timeout_ms, limit,
	        sizeof(limit))));
	error_hint(error, "the server's error log and its history of backups "
	    "may say more");
	return (-1);
}

/* Until the server has ended the statement; *why says why it was told to. */
static enum session_outcome
wait_for_outcome(struct control *control, int64_t timeout_ms,
    struct error *why)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	enum session_outcome outcome;
	struct error late;

	error_init(&late);
	while ((outcome = session_poll(control->session, SLICE_MS)) ==
	    SESSION_RUNNING) {
		if (!error_is_set(why)) {
			if (look_at_wait(control, deadline, why) == 0)
				continue;
			session_cancel(control->session);
			deadline = clock_deadline(CANCEL_TIMEOUT_MS);
		} else if (clock_has_passed(deadline)) {
			IGNORE_RESULT(error_set(&late, KIND_TIMEOUT, ORIGIN_US,
			    0, "the server did not end the statement, "
			    "although it was told to"));
			control_note(control, &late);
			control->given_up = true;
			break;
		}
	}
	return (outcome);
}

int
control_end_statement(struct control *control, int64_t timeout_ms,
    struct error *error)
{
	enum session_outcome outcome;
	struct error story;
	struct error why;

	error_init(&why);
	outcome = wait_for_outcome(control, timeout_ms, &why);
	if (outcome == SESSION_RUNNING) {
		if (!error_is_set(error))
			*error = why;
		IGNORE_RESULT(keep_messages(control, error));
		return (-1);
	}
	if (keep_messages(control, error) != 0)
		return (-1);
	error_init(&story);
	if (session_end(control->session, &story) != 0) {
		note_fate(control, &story);
		if (!error_is_set(error))
			*error = error_is_set(&why) ? why : story;
		return (-1);
	}
	control->fate = CONTROL_SUCCEEDED;
	control->result->server_succeeded = true;
	return (0);
}

/* Wait for the statement's end, less long for a job that is told to stop;
 * whether it came. */
static bool
wait_for_end(struct control *control, int64_t stop_ms, int64_t timeout_ms)
{
	struct deadline stopped = clock_deadline(stop_ms);
	struct deadline deadline = clock_deadline(timeout_ms);

	while (session_poll(control->session, SLICE_MS / 4) == SESSION_RUNNING)
		if (clock_has_passed(control_is_told_to_stop(control) ?
		        stopped : deadline))
			return (false);
	return (true);
}

/* Where all that we know is that the set was aborted, the server may know
 * why. */
static void
take_story(struct control *control, struct error *story, struct error *error)
{
	struct error ours = *error;
	bool explains = (story->origin != ORIGIN_SERVER ||
	    message_has_cause(session_messages(control->session))) &&
	    !atomic_load(&control->aborted_by_drill) && !control->close_early;

	if (ours.kind == KIND_ABORTED && ours.origin == ORIGIN_VDI &&
	    explains) {
		*error = *story;
		(void)strcpy(error->stage, ours.stage);
		control_note(control, &ours);
	} else if (story->origin != ORIGIN_SERVER) {
		/* What the server says is kept as its messages. */
		control_note(control, story);
	}
}

void
control_conclude(struct control *control, struct error *error)
{
	struct error story;
	bool ended;

	if (control->set != NULL && control->close_early)
		control_close_early(control, error);
	if (control->set != NULL)
		provider_signal_abort(control->set);
	if (control->session == NULL || control->given_up ||
	    control->fate == CONTROL_NOT_SENT)
		return;
	ended = wait_for_end(control, ABORT_GRACE_MS, ABORT_GRACE_MS);
	if (!ended) {
		session_cancel(control->session);
		ended = wait_for_end(control, ABORT_TIMEOUT_MS,
		    CANCEL_TIMEOUT_MS);
	}
	error_init(&story);
	if (keep_messages(control, &story) != 0 || !ended) {
		IGNORE_RESULT(error_set(&story, KIND_TIMEOUT, ORIGIN_US, 0,
		    "the server did not end the statement, although the set "
		    "was aborted and it was told to"));
		control_note(control, &story);
		return;
	}
	if (session_end(control->session, &story) == 0) {
		control->fate = CONTROL_SUCCEEDED;
		control->result->server_succeeded = true;
		return;
	}
	note_fate(control, &story);
	take_story(control, &story, error);
}
