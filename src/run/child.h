/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_CHILD_H
#define RUN_CHILD_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A run of vdibackup as somebody else would start it, with --json, and what
 * it said.
 *
 *     child_init -> child_run -> look -> child_release
 *
 * One thread.  A run that was told to stop, or whose time was up, is ended by
 * SIGTERM, and by SIGKILL if that does not help.
 */

struct json_t;

struct child_limits {
	int64_t before_ms; /* until a fault fires, or the end */
	int64_t after_ms;  /* from there on */
	const atomic_int *stop; /* may be NULL */
};

struct child {
	int status;          /* exit status, or 128 and a signal's number */
	bool was_late;       /* its time was up */
	bool was_stopped;    /* limits->stop was set */
	unsigned fired;      /* faults, as it announced them */
	int64_t elapsed_ns;  /* since the first of them, or the start */
	char set_name[80];   /* of its device set; empty: none known */
	bool has_result;     /* the event "result" came, last: */
	struct json_t *result; /* jansson's object */
	int exit_code;       /* what it said of itself */
	char *stage;         /* of the error; each owned, NULL: none */
	char *text;
	char *hint;
	char *origin;
	char *leftover;
	struct str said;     /* standard error, in lines */
	char line[256];      /* of it, the one that tells the most */

	int64_t began_ns;
	int64_t fired_ns;
};

void child_init(struct child *child);
void child_release(struct child *child);

/* argv ends with NULL; argv[0] is a path.  -1: it could not be run. */
int child_run(struct child *child, const char *const *argv,
    const struct child_limits *limits, struct error *error) MUST_CHECK;

/* A number of the result; 0 where there is none of that name. */
double child_number(const struct child *child, const char *key);

#endif
