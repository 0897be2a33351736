/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_ENGINE_H
#define SQL_ENGINE_H

#include "base/attr.h"
#include "base/database.h"
#include "base/error.h"
#include "sql/session.h"

/*
 * The session that runs the embedded server program.  session_begin starts
 *
 *     vdi-engine --messages json --sqlite NAME=PATH [--inject FAULT]
 *         --execute STATEMENT
 *
 * (or --replay or --synthetic; base/database.h has what follows NAME=)
 *
 * and reads its standard output, one JSON object to a line:
 *
 *     {"event":"message","number":3211,"level":0,"state":1,"line":1,
 *      "text":"10 percent processed."}
 *     {"event":"columns","names":[...]}
 *     {"event":"row","values":[...]}
 *     {"event":"done","status":0}
 *
 * The program is $VDIBACKUP_ENGINE, else vdi-engine in the folder of our own
 * program, else the one in PATH.  It runs in a process group of its own, so
 * that a terminal's interrupt reaches us first; it notices our death through
 * the device set.  Its standard error goes to note, line by line, on the
 * thread that polls or closes; the last lines are kept for error messages.
 */

struct engine_options {
	const char *program; /* NULL: found as above */
	const char *database;
	enum database_kind kind;
	const char *place; /* what follows NAME= */
	const char *const *inject; /* texts of fault drills */
	size_t inject_count;
	void (*note)(void *context, const char *line); /* may be NULL */
	void *context;
};

/* The path of the program: given, unless it is NULL, or found as above; owned
 * by the caller (free).  KIND_CONNECT. */
char *engine_find(const char *given, struct error *error) MUST_CHECK;

/* Everything in options is copied. */
struct session *engine_session_new(const struct engine_options *options,
    struct error *error) MUST_CHECK;

#endif
