/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_SESSION_H
#define SQL_SESSION_H

#include "base/attr.h"
#include "base/error.h"
#include "sql/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A conversation with a server that runs one BACKUP or RESTORE at a time.
 *
 *     engine_session_new (or another maker)   nothing happens yet
 *     session_open                            connect
 *       session_begin                         send the statement
 *       session_poll                          until not SESSION_RUNNING
 *       session_end                           what came of it
 *     session_close                           accepts NULL; always ends
 *
 * session_begin may follow session_end.  session_close ends a statement that
 * still runs, by force if need be, within SESSION_CLOSE_MS.
 *
 * Threads: session_poll from one thread at a time; session_cancel and
 * session_percent from any; the rest from the owning thread while nobody
 * polls.  Messages are delivered on the thread that polls.
 * Errors: KIND_CONNECT where there is no conversation, KIND_STATEMENT where
 * the server refused or failed the statement.
 */

#define SESSION_CLOSE_MS 5000

enum session_outcome {
	SESSION_RUNNING,
	SESSION_SUCCEEDED, /* the expected message came, and no error */
	SESSION_FAILED     /* session_end tells why */
};

struct session;

typedef void session_listener(void *context, const struct message *message);

/* What an implementation's poll answers. */
enum session_progress {
	SESSION_WAITING, /* nothing, or more to come */
	SESSION_ENDED,   /* the server is done with the statement */
	SESSION_LOST     /* the conversation broke; error tells */
};

/* What an implementation fills in; each member is required.  poll hands
 * messages over with session_deliver; cancel may come from another thread
 * while poll runs, and must not wait. */
struct session_ops {
	const char *name; /* engine, odbc */
	int (*connect)(void *state, int64_t timeout_ms, struct error *error);
	int (*begin)(void *state, const char *statement, struct error *error);
	enum session_progress (*poll)(void *state, struct session *session,
	    int64_t timeout_ms, struct error *error);
	void (*cancel)(void *state);
	/* The server's own name, valid once connected. */
	const char *(*server)(void *state);
	/* End everything and free state. */
	void (*close)(void *state);
};

/* Takes state; on failure state is closed. */
struct session *session_new(const struct session_ops *ops, void *state,
    struct error *error) MUST_CHECK;
void session_deliver(struct session *session, const struct message *message);

/* Who hears each message as it comes; may be NULL. */
void session_listen(struct session *session, session_listener *listener,
    void *context);

int session_open(struct session *session, int64_t timeout_ms,
    struct error *error) MUST_CHECK;
const char *session_server(const struct session *session);
/* expected: the number of the message that proves success, or 0. */
int session_begin(struct session *session, const char *statement,
    int expected, struct error *error) MUST_CHECK;
/* Waits at most timeout_ms (not negative) for the end of the statement. */
enum session_outcome session_poll(struct session *session,
    int64_t timeout_ms) MUST_CHECK;
/* Ask the server to stop; it then ends with an error.  Idempotent. */
void session_cancel(struct session *session);
/* 0 if it succeeded; otherwise the server's errors as one story.  Only after
 * session_poll said that the statement is over. */
int session_end(struct session *session, struct error *error) MUST_CHECK;
/* The messages of the last statement, until the next session_begin. */
const struct message_list *session_messages(const struct session *session);
/* The last percentage that the server reported, 0 to 100. */
unsigned session_percent(struct session *session);
void session_close(struct session *session);

#endif
