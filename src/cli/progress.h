/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/str.h"
#include "job/job.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * How far the work is, for people: on a terminal one line that is written
 * over at most ten times a second, elsewhere a line every few seconds.
 *
 *     progress_init -> progress_update, progress_clear -> progress_clear
 *
 * Whoever writes to the same stream calls progress_clear first; the line
 * comes back with the next update.  No lock: the report has one.
 */

enum progress_when { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct progress {
	FILE *to;
	bool is_on;
	bool is_terminal;
	size_t shown;    /* columns of the line that stands there */
	int64_t next_ns; /* no update before this time */
};

void progress_init(struct progress *progress, FILE *to,
    enum progress_when when);

/* Take the line away. */
void progress_clear(struct progress *progress);

/* Show the numbers of a JOB_EVENT_PROGRESS, if it is time. */
void progress_update(struct progress *progress,
    const struct job_event *event);

/* "45%, 1.2 GiB, 340.0 MiB stored, 120.0 MiB/s, 12 s left". */
void progress_add_text(struct str *to, const struct job_event *event);

#endif
