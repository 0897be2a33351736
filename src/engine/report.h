/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_REPORT_H
#define ENGINE_REPORT_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * What the statement says, to whoever ran it: messages and result sets, as
 * text in the manner of sqlcmd or as one JSON object per line:
 *
 *     {"event":"message","number":3211,"level":0,"state":1,"line":1,
 *      "text":"10 percent processed."}
 *     {"event":"columns","names":[...]}
 *     {"event":"row","values":[...]}          null, or texts
 *     {"event":"done","status":0}             always the last
 *
 * Everything is flushed at once.  Any thread may send messages; a result set
 * comes from one thread: columns, rows, end.
 */

enum report_form {
	REPORT_TEXT,
	REPORT_JSON
};

struct report;

/* stream is borrowed; NULL: out of memory. */
struct report *report_new(enum report_form form, FILE *stream) MUST_CHECK;
/* Accepts NULL. */
void report_free(struct report *report);

/* A message of engine/message.h; the values are texts, NULL ends them. */
void report_message(struct report *report, int number, ...)
    __attribute__((sentinel));

/* Whether a message of level 11 or above was among them. */
bool report_has_error(struct report *report);

/* A value of NULL is SQL's NULL. */
void report_columns(struct report *report, const char *const *names,
    size_t count);
void report_row(struct report *report, const char *const *values,
    size_t count);
void report_rows_end(struct report *report);

/* The statement's end.  -1: what was reported did not all get out. */
int report_done(struct report *report, int status, struct error *error)
    MUST_CHECK;

#endif
