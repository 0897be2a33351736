/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_ENGINE_LINE_H
#define SQL_ENGINE_LINE_H

#include "base/attr.h"
#include "base/error.h"
#include "sql/message.h"

#include <stddef.h>

/*
 * One line of the embedded server's output (engine.h); a pure function.
 */

enum engine_line_kind {
	ENGINE_LINE_MESSAGE,
	ENGINE_LINE_ROWS, /* columns or a row: nothing that we ask for */
	ENGINE_LINE_DONE
};

struct engine_line {
	enum engine_line_kind kind;
	struct message message; /* text is owned: engine_line_release */
	int status;             /* ENGINE_LINE_DONE: 0 or 1 */
};

/* The line without its end; KIND_STATEMENT if it is not understood, and
 * *line is empty then. */
int engine_line_decode(struct engine_line *line, const char *text,
    size_t size, struct error *error) MUST_CHECK;
void engine_line_release(struct engine_line *line);

#endif
