/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_MESSAGE_H
#define SQL_MESSAGE_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What a server says while a statement runs, and what it means.
 * (Spec 16.6.)  Level 11 and above is an error, as in sys.messages.
 */

struct message {
	int number;
	int level;
	int state;
	int line;
	char *text;
};

enum message_class {
	MESSAGE_INFO,
	MESSAGE_PERCENT, /* 3211: n percent processed */
	MESSAGE_SUCCESS, /* 3014, 3262 */
	MESSAGE_WARNING, /* level 1 to 9 */
	MESSAGE_ERROR
};

enum message_class message_classify(int number, int level);

/* n of "n percent processed.", or -1. */
int message_percent(const char *text);

/* A growing list; every function accepts an empty one. */
struct message_list {
	struct message *items;
	size_t count;
	size_t room;
};

void message_list_init(struct message_list *list);
void message_list_release(struct message_list *list);
/* message's text is copied.  Beyond MESSAGE_MAX the newest take the place of
 * the middle: the first half stays, it has the cause. */
#define MESSAGE_MAX 1000u
int message_list_add(struct message_list *list, const struct message *message,
    struct error *error) MUST_CHECK;

/*
 * Join the list's errors into one: the root cause first, 3013 last, each as
 * "text (number)"; KIND_STATEMENT, ORIGIN_SERVER with the root cause's number,
 * and a hint where we have one.  Nothing if the list holds no error.
 */
void message_story(const struct message_list *list, struct error *error);

/* Whether one of the errors says more than that the statement was aborted,
 * cancelled or terminated, which it is because of something else. */
bool message_has_cause(const struct message_list *list);

/* Indexes of the errors in that order; returns how many (at most room). */
size_t message_order_errors(const struct message_list *list, size_t *indexes,
    size_t room);

#endif
