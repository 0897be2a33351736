/* SPDX-License-Identifier: Apache-2.0 */
/* The session that stands before the one to the embedded server. */
#include <config.h>

#include "seams.h"

#include "base/clock.h"
#include "sql/engine.h"
#include "sql/statement.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

struct front {
	struct session *behind;
	struct session *session; /* during a poll: whom messages go to */
	bool is_refused;         /* the statement was not sent */
	bool is_lost;            /* nothing of it is heard any more */
};

static void
say(struct front *front, int number, int level, const char *text)
{
	struct message message = { .number = number, .level = level,
		.state = 1 };

	/* A message's text is its receiver's to read. */
	message.text = (char *)text;
	session_deliver(front->session, &message);
}

static void
say_error(struct front *front)
{
	say(front, SEAM_ERROR, 16, "A nonrecoverable I/O error occurred on "
	    "file \"seams\".");
}

static void
say_confirmed(struct front *front)
{
	say(front, STATEMENT_PROCESSED, 0, "BACKUP DATABASE successfully "
	    "processed 1 pages.");
}

static void
hear(void *context, const struct message *message)
{
	struct front *front = context;
	const struct seam_fault *fault;

	if (front->is_lost || front->session == NULL)
		return;
	fault = seams_due(SEAM_MESSAGE);
	if (message->number == STATEMENT_PROCESSED &&
	    (fault == NULL || fault->trick != SEAM_UNHEARD))
		seams_note_confirmed();
	if (fault == NULL) {
		session_deliver(front->session, message);
		return;
	}
	seams_note_message(message->number);
	if (fault->trick == SEAM_ERROR_FIRST)
		say_error(front);
	else if (fault->trick == SEAM_CONFIRMED_FIRST)
		say_confirmed(front);
	if (fault->trick != SEAM_UNHEARD)
		session_deliver(front->session, message);
	if (fault->trick == SEAM_ERROR_AFTER)
		say_error(front);
}

static int
front_connect(void *state, int64_t timeout_ms, struct error *error)
{
	struct front *front = state;
	const struct seam_fault *fault = seams_due(SEAM_CONNECT);

	if (fault != NULL && fault->trick == SEAM_NOBODY)
		return (error_system(error, KIND_CONNECT, ECONNREFUSED,
		    "cannot connect to \"seams\""));
	if (fault != NULL)
		return (error_set(error, KIND_CONNECT, ORIGIN_SERVER, 18456,
		    "Login failed for user 'seams' (18456)"));
	return (session_open(front->behind, timeout_ms, error));
}

static int
front_begin(void *state, const char *statement, struct error *error)
{
	struct front *front = state;
	const struct seam_fault *fault = seams_due(SEAM_BEGIN);

	if (fault != NULL && fault->trick == SEAM_REFUSED)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER, 262,
		    "BACKUP DATABASE permission denied (262)"));
	front->is_refused = fault != NULL;
	if (front->is_refused)
		return (0);
	/* Whether it is confirmed is for the session in front to judge. */
	return (session_begin(front->behind, statement, 0, error));
}

/* What a trick makes of a poll. */
static enum session_progress
play(struct front *front, enum seam_trick trick, int64_t timeout_ms,
    struct error *error)
{
	switch (trick) {
	case SEAM_SILENT:
		(void)poll(NULL, 0, (int)timeout_ms);
		return (SESSION_WAITING);
	case SEAM_LIE:
		say_confirmed(front);
		break;
	case SEAM_FAILED:
		say_error(front);
		break;
	case SEAM_OVER:
		break;
	case SEAM_LOST:
	default:
		IGNORE_RESULT(error_system(error, KIND_CONNECT, ECONNRESET,
		    "the conversation with \"seams\" broke"));
		front->is_lost = true;
		return (SESSION_LOST);
	}
	front->is_lost = true;
	return (SESSION_ENDED);
}

static enum session_progress
poll_behind(struct front *front, int64_t timeout_ms, struct error *error)
{
	struct error story;

	switch (session_poll(front->behind, timeout_ms)) {
	case SESSION_RUNNING:
		return (SESSION_WAITING);
	case SESSION_SUCCEEDED:
		return (SESSION_ENDED);
	case SESSION_FAILED:
	default:
		break;
	}
	error_init(&story);
	IGNORE_RESULT(session_end(front->behind, &story));
	if (story.origin == ORIGIN_SERVER)
		return (SESSION_ENDED);
	*error = story;
	return (SESSION_LOST);
}

static enum session_progress
front_poll(void *state, struct session *session, int64_t timeout_ms,
    struct error *error)
{
	struct front *front = state;
	const struct seam_fault *fault = seams_due(SEAM_POLL);
	enum session_progress progress;

	front->session = session;
	if (fault != NULL) {
		progress = play(front, fault->trick, timeout_ms, error);
	} else if (front->is_refused) {
		say(front, 911, 16, "Database 'seams' does not exist.");
		say(front, 3013, 16, "BACKUP DATABASE is terminating "
		    "abnormally.");
		progress = SESSION_ENDED;
	} else {
		progress = poll_behind(front, timeout_ms, error);
	}
	front->session = NULL;
	return (progress);
}

static void
front_cancel(void *state)
{
	struct front *front = state;

	if (seams_due(SEAM_CANCEL) == NULL)
		session_cancel(front->behind);
}

static const char *
front_server(void *state)
{
	return (session_server(((struct front *)state)->behind));
}

static void
front_close(void *state)
{
	struct front *front = state;

	session_close(front->behind);
	free(front);
}

struct session *
seams_session(const struct engine_options *options, struct error *error)
{
	static const struct session_ops ops = {
		.name = "seams",
		.connect = front_connect,
		.begin = front_begin,
		.poll = front_poll,
		.cancel = front_cancel,
		.server = front_server,
		.close = front_close,
	};
	struct engine_options with_program = *options;
	struct front *front = calloc(1, sizeof(*front));

	if (front == NULL) {
		(void)error_memory(error);
		return (NULL);
	}
	with_program.program = getenv("VDI_ENGINE");
	front->behind = engine_session_new(&with_program, error);
	if (front->behind == NULL) {
		free(front);
		return (NULL);
	}
	session_listen(front->behind, hear, front);
	return (session_new(&ops, front, error));
}
