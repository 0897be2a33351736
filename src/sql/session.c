/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/session.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct session {
	const struct session_ops *ops;
	void *state;
	session_listener *listener;
	void *context;
	bool open;
	bool begun;
	enum session_outcome outcome;
	int expected;
	bool has_expected;
	bool has_error;
	struct message_list messages;
	struct error lost; /* what broke apart from the server's messages */
	atomic_uint percent;
};

struct session *
session_new(const struct session_ops *ops, void *state, struct error *error)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL) {
		(void)error_memory(error);
		ops->close(state);
		return (NULL);
	}
	session->ops = ops;
	session->state = state;
	session->outcome = SESSION_SUCCEEDED;
	message_list_init(&session->messages);
	error_init(&session->lost);
	return (session);
}

void
session_listen(struct session *session, session_listener *listener,
    void *context)
{
	session->listener = listener;
	session->context = context;
}

int
session_open(struct session *session, int64_t timeout_ms, struct error *error)
{
	assert(!session->open);
	if (session->ops->connect(session->state, timeout_ms, error) != 0)
		return (-1);
	session->open = true;
	return (0);
}

const char *
session_server(const struct session *session)
{
	assert(session->open);
	return (session->ops->server(session->state));
}

int
session_begin(struct session *session, const char *statement, int expected,
    struct error *error)
{
	assert(session->open && session->outcome != SESSION_RUNNING);
	message_list_release(&session->messages);
	error_init(&session->lost);
	session->expected = expected;
	session->has_expected = false;
	session->has_error = false;
	atomic_store(&session->percent, 0);
	if (session->ops->begin(session->state, statement, error) != 0)
		return (-1);
	session->begun = true;
	session->outcome = SESSION_RUNNING;
	return (0);
}

void
session_deliver(struct session *session, const struct message *message)
{
	int percent;

	switch (message_classify(message->number, message->level)) {
	case MESSAGE_ERROR:
		session->has_error = true;
		break;
	case MESSAGE_PERCENT:
		percent = message_percent(message->text);
		if (percent >= 0)
			atomic_store(&session->percent, (unsigned)percent);
		break;
	case MESSAGE_SUCCESS:
	case MESSAGE_WARNING:
	case MESSAGE_INFO:
		break;
	}
	if (message->number == session->expected)
		session->has_expected = true;
	/* What counts was noted above, so that no loss turns a failure into a
	 * success; the loss itself makes the statement count as failed. */
	if (message_list_add(&session->messages, message, &session->lost) != 0)
		error_context(&session->lost, "message %d", message->number);
	if (session->listener != NULL)
		session->listener(session->context, message);
}

static enum session_outcome
judge(struct session *session)
{
	if (session->has_error || error_is_set(&session->lost))
		return (SESSION_FAILED);
	if (session->expected != 0 && !session->has_expected) {
		(void)error_set(&session->lost, KIND_STATEMENT, ORIGIN_US,
		    0, "the server ended the statement without message %d, "
		    "which would have confirmed it", session->expected);
		return (SESSION_FAILED);
	}
	return (SESSION_SUCCEEDED);
}

enum session_outcome
session_poll(struct session *session, int64_t timeout_ms)
{
	assert(timeout_ms >= 0);
	if (session->outcome != SESSION_RUNNING)
		return (session->outcome);
	switch (session->ops->poll(session->state, session, timeout_ms,
	    &session->lost)) {
	case SESSION_WAITING:
		break;
	case SESSION_ENDED:
		session->outcome = judge(session);
		break;
	case SESSION_LOST:
		session->outcome = SESSION_FAILED;
		break;
	}
	return (session->outcome);
}

void
session_cancel(struct session *session)
{
	session->ops->cancel(session->state);
}

int
session_end(struct session *session, struct error *error)
{
	assert(session->begun && session->outcome != SESSION_RUNNING);
	if (session->outcome == SESSION_SUCCEEDED)
		return (0);
	message_story(&session->messages, error);
	if (error_is_set(&session->lost)) {
		/* The first one to be set wins; the server's words are it. */
		(void)error_set(error, session->lost.kind,
		    session->lost.origin, session->lost.code, "%s",
		    session->lost.text);
		if (session->lost.hint[0] != '\0')
			error_hint(error, "%s", session->lost.hint);
	}
	return (-1);
}

const struct message_list *
session_messages(const struct session *session)
{
	return (&session->messages);
}

unsigned
session_percent(struct session *session)
{
	return (atomic_load(&session->percent));
}

void
session_close(struct session *session)
{
	if (session == NULL)
		return;
	session->ops->close(session->state);
	message_list_release(&session->messages);
	free(session);
}
