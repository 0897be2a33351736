/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/attr.h"
#include "base/error.h"
#include "cli/progress.h"
#include "job/adopt.h"
#include "job/inspect.h"
#include "job/job.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * Everything that is said while a command works and at its end: text for
 * people on standard error, JSON lines on standard output, lines in the log.
 *
 *     report_open -> report_begin -> events -> report_job_result,
 *       report_verify_result, report_adopt_result, report_count_result or
 *       report_json_result,
 *       at most once -> report_error, if the command failed -> report_close
 *
 * In JSON the last line is always of the event "result".  Threads: the event
 * functions from any; a lock inside guards the streams.  The rest from one.
 */

struct report;

struct report_options {
	const char *command;
	bool json;
	bool quiet;
	bool verbose;
	bool is_dry_run; /* a job's result is its statement */
	enum progress_when progress;
	const char *log_file; /* or NULL */
};

struct report *report_open(const struct report_options *options,
    struct error *error) MUST_CHECK;
void report_close(struct report *report);

/* The JSON event "start" and the log's first line. */
void report_begin(struct report *report, const char *database,
    const char *target);

/* A job_event_handler; the context is the report. */
void report_event(void *report, const struct job_event *event);

/* What fault_plan_init takes; the context is the report. */
void report_fault(void *report, const char *text, const char *where);

/* For -v and the log. */
void report_detail(struct report *report, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* The verdict of a backup or restore: summary, or everything that is known
 * of the failure. */
void report_job_result(struct report *report,
    const struct job_result *result);

/* The verdicts of verify and adopt. */
void report_verify_result(struct report *report,
    const struct inspect_result *result);
void report_adopt_result(struct report *report,
    const struct adopt_result *result);

/* A verdict of good with members of the command's own, which are taken
 * (NULL: no memory).  Only with --json. */
void report_json_result(struct report *report, json_t *members);

/* A line of the command's own while it works: on standard output, unless it
 * is JSON's, and in the log.  is_news: also with -q. */
void report_line(struct report *report, const char *line, bool is_news);

/* A JSON event of the command's own, which is taken.  Only with --json. */
void report_json_line(struct report *report, json_t *event);

/* The verdict of a command that has counted, in its own members, which are
 * taken; the line is for people. */
void report_count_result(struct report *report, const struct error *error,
    const char *line, json_t *members);

/* A failure; said only if no verdict has been. */
void report_error(struct report *report, const struct error *error);

bool report_is_json(const struct report *report);

#endif
