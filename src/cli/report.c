/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/report.h"

#include "base/clock.h"
#include "base/str.h"
#include "cli/journal.h"
#include "cli/output.h"
#include "cli/report_json.h"
#include "cli/report_text.h"
#include "cli/signals.h"
#include "cli/text.h"
#include "sql/message.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_PROGRESS_NS (INT64_C(1) * 1000 * 1000 * 1000)
#define LOG_PROGRESS_NS (INT64_C(30) * 1000 * 1000 * 1000)

struct report {
	struct report_options options;
	pthread_mutex_t lock; /* guards everything below and the streams */
	struct progress progress;
	struct journal journal;
	bool journal_failed;
	bool has_verdict;
	int64_t json_next_ns;
	int64_t log_next_ns;
};

struct report *
report_open(const struct report_options *options, struct error *error)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	report->options = *options;
	if (journal_open(&report->journal, options->log_file, error) != 0) {
		free(report);
		return (NULL);
	}
	(void)pthread_mutex_init(&report->lock, NULL);
	progress_init(&report->progress, stderr, options->quiet ?
	    PROGRESS_NEVER : options->progress);
	return (report);
}

static void
write_stderr(struct report *report, const char *text)
{
	progress_clear(&report->progress);
	/* Nobody is left to hear that standard error failed. */
	IGNORE_RESULT(fprintf(stderr, "vdibackup: %s\n", text) < 0);
}

/* Where there is no memory to show it well. */
static void
write_plain(struct report *report, const char *what, const char *text)
{
	progress_clear(&report->progress);
	text_print_plain(stderr, what, text);
}

static void
write_journal(struct report *report, const char *what, const char *text)
{
	struct error error;
	struct str shown;

	if (report->journal_failed)
		return;
	error_init(&error);
	if (journal_write(&report->journal, what, text, &error) == 0)
		return;
	/* Said once; the work goes on. */
	report->journal_failed = true;
	str_init(&shown);
	str_add(&shown, "warning: ");
	text_add_shown(&shown, error.text);
	if (shown.failed)
		write_plain(report, "warning", error.text);
	else
		write_stderr(report, shown.text);
	str_release(&shown);
}

static void
write_json(struct report *report, json_t *object)
{
	if (!report->options.json) {
		json_decref(object);
		return;
	}
	errno = 0;
	if (report_json_write(stdout, object) != 0)
		output_failed(errno != 0 ? errno : ENOMEM);
}

/* A verdict's lines: to the log each, and to people if asked. */
static void
write_lines(struct report *report, const char *what, struct str *lines,
    bool is_shown)
{
	char *rest = NULL;
	char *line;
	bool is_first = true;

	for (line = strtok_r(lines->text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		write_journal(report, what, line);
		if (is_shown && is_first)
			write_stderr(report, line);
		else if (is_shown)
			IGNORE_RESULT(fprintf(stderr, "%s\n", line) < 0);
		is_first = false;
	}
}

/* One line of text that is not ours: to the log, and to people if asked. */
static void
write_text(struct report *report, const char *what, const char *text,
    bool is_shown)
{
	struct str shown;

	str_init(&shown);
	text_add_shown(&shown, text);
	write_journal(report, what, shown.text);
	str_clear(&shown);
	str_addf(&shown, "%s: ", what);
	text_add_shown(&shown, text);
	if (is_shown && shown.failed)
		write_plain(report, what, text);
	else if (is_shown)
		write_stderr(report, shown.text);
	str_release(&shown);
}

/* How it ended, in lines that are released here.  Without memory to say all of
 * it, what matters is said.  leftover may be NULL. */
static void
write_outcome(struct report *report, const struct error *error,
    const char *leftover, struct str *lines)
{
	bool has_failed = error_is_set(error);
	bool is_shown = has_failed ||
	    (!report->options.quiet && !report->options.json);

	if (!lines->failed)
		write_lines(report, has_failed ? "error" : "result", lines,
		    is_shown);
	else if (has_failed)
		write_plain(report, "error", error->text);
	else if (is_shown)
		write_plain(report, "result",
		    "done; there is no memory to say more");
	if (lines->failed && leftover != NULL)
		write_plain(report, "left behind", leftover);
	str_release(lines);
}

void
report_close(struct report *report)
{
	struct error error;

	if (report == NULL)
		return;
	progress_clear(&report->progress);
	error_init(&error);
	if (journal_close(&report->journal, &error) != 0)
		write_text(report, "warning", error.text, true);
	(void)pthread_mutex_destroy(&report->lock);
	free(report);
}

void
report_begin(struct report *report, const char *database, const char *target)
{
	struct str line;
	json_t *object;

	(void)pthread_mutex_lock(&report->lock);
	str_init(&line);
	str_addf(&line, "%s of vdibackup %s", report->options.command,
	    PACKAGE_VERSION);
	if (database != NULL)
		str_addf(&line, ", database \"%s\"", database);
	if (target != NULL)
		str_addf(&line, ", \"%s\"", target);
	write_text(report, "start", line.text, false);
	str_release(&line);
	if (report->options.json) {
		object = report_json_event("start");
		report_json_set(object, "command",
		    json_string(report->options.command));
		report_json_set(object, "version",
		    json_string(PACKAGE_VERSION));
		report_json_set(object, "database",
		    report_json_text(database));
		report_json_set(object, "target", report_json_text(target));
		write_json(report, object);
	}
	(void)pthread_mutex_unlock(&report->lock);
}

static void
show_progress(struct report *report, const struct job_event *event)
{
	int64_t now = clock_now_ns();
	struct str text;

	progress_update(&report->progress, event);
	if (report->options.json && now >= report->json_next_ns &&
	    report->options.progress != PROGRESS_NEVER) {
		report->json_next_ns = now + JSON_PROGRESS_NS;
		write_json(report, report_json_of_event(event));
	}
	if (now < report->log_next_ns)
		return;
	report->log_next_ns = now + LOG_PROGRESS_NS;
	str_init(&text);
	progress_add_text(&text, event);
	write_journal(report, "progress", text.text);
	str_release(&text);
}

static void
show_message(struct report *report, const struct job_event *event)
{
	enum message_class class =
	    message_classify(event->number, event->level);
	struct str text;

	str_init(&text);
	str_addf(&text, "%d, level %d: %s", event->number, event->level,
	    event->text);
	/* Errors are told at the end, in their order. */
	write_text(report, "server", text.text, class == MESSAGE_WARNING ?
	    !report->options.quiet :
	    class != MESSAGE_PERCENT && report->options.verbose);
	str_release(&text);
}

void
report_event(void *context, const struct job_event *event)
{
	struct report *report = context;

	(void)pthread_mutex_lock(&report->lock);
	if (report->options.json && event->type != JOB_EVENT_PROGRESS)
		write_json(report, report_json_of_event(event));
	switch (event->type) {
	case JOB_EVENT_PHASE:
		write_text(report, "phase", event->text,
		    report->options.verbose);
		break;
	case JOB_EVENT_STATEMENT:
		write_text(report, "statement", event->text,
		    report->options.verbose);
		break;
	case JOB_EVENT_PROGRESS:
		show_progress(report, event);
		break;
	case JOB_EVENT_MESSAGE:
		show_message(report, event);
		break;
	case JOB_EVENT_WARNING:
		write_text(report, "warning", event->text,
		    !report->options.quiet);
		break;
	case JOB_EVENT_FAULT:
		/* A drill is never to be taken for the real thing. */
		write_text(report, "drill", event->text, true);
		break;
	}
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_fault(void *context, const char *text, const char *where)
{
	char said[200];
	struct job_event event = { .type = JOB_EVENT_FAULT, .text = said };

	(void)snprintf(said, sizeof(said), "the fault \"%s\" fired: %s", text,
	    where);
	report_event(context, &event);
}

void
report_detail(struct report *report, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)pthread_mutex_lock(&report->lock);
	write_text(report, "note", text, report->options.verbose);
	(void)pthread_mutex_unlock(&report->lock);
}

/* What a dry run is for, on standard output: T-SQL, its place a comment. */
static void
print_plan(const struct report *report, const struct job_result *result)
{
	struct str text;

	if (report->options.json || result->statement == NULL)
		return;
	str_init(&text);
	text_add_utf8(&text, result->statement);
	str_add(&text, "\n");
	if (result->path != NULL) {
		str_add(&text, "-- to ");
		text_add_shown(&text, result->path);
		str_add(&text, "\n");
	}
	if (footprint_sum(&result->footprint) > 0) {
		str_add(&text, "-- memory: ");
		report_text_memory(&text, &result->footprint);
	}
	if (fputs(text.text, stdout) < 0)
		output_failed(errno);
	str_release(&text);
}

/* Two lines: what is wrong with the command line, and where to read on. */
static void
add_usage(struct str *lines, const struct report *report,
    const struct error *error)
{
	struct error copy = *error;

	error_hint(&copy, "try 'vdibackup %s --help'",
	    report->options.command);
	report_text_error(lines, &copy);
}

static void
write_job_lines(struct report *report, const struct job_result *result,
    const struct port_use *use)
{
	struct str lines;

	str_init(&lines);
	if (result->error.kind == KIND_USAGE)
		add_usage(&lines, report, &result->error);
	else if (error_is_set(&result->error))
		report_text_failure(&lines, report->options.command, result);
	else
		report_text_summary(&lines, report->options.command, result);
	if (report->options.verbose &&
	    footprint_sum(&result->footprint) > 0) {
		str_addf(&lines, "  %-12s", "may use");
		report_text_memory(&lines, &result->footprint);
	}
	if (report->options.verbose && result->error.kind != KIND_USAGE)
		report_text_use(&lines, use);
	write_outcome(report, &result->error, result->leftover, &lines);
}

void
report_job_result(struct report *report, const struct job_result *result)
{
	bool is_plan = report->options.is_dry_run &&
	    !error_is_set(&result->error);
	struct port_use use;
	json_t *verdict;

	port_use_look(&use);
	(void)pthread_mutex_lock(&report->lock);
	if (is_plan)
		print_plan(report, result);
	else
		write_job_lines(report, result, &use);
	if (report->options.json) {
		verdict = report_json_verdict(report->options.command,
		    &result->error, signals_caught());
		report_json_set(verdict, "dry_run",
		    json_boolean(report->options.is_dry_run));
		report_json_add_job(verdict, result);
		report_json_add_use(verdict, &use);
		write_json(report, verdict);
	}
	report->has_verdict = true;
	(void)pthread_mutex_unlock(&report->lock);
}

/* A verdict on files, in words; the lines are released.  The same in JSON, for
 * the caller to add to and write, or NULL without --json. */
static json_t *
write_verdict(struct report *report, const struct error *error,
    struct str *lines)
{
	write_outcome(report, error, NULL, lines);
	report->has_verdict = true;
	return (report->options.json ? report_json_verdict(
	    report->options.command, error, signals_caught()) : NULL);
}

void
report_verify_result(struct report *report,
    const struct inspect_result *result)
{
	struct port_use use;
	struct str lines;
	json_t *verdict;

	port_use_look(&use);
	(void)pthread_mutex_lock(&report->lock);
	str_init(&lines);
	report_text_verify(&lines, result);
	if (report->options.verbose)
		report_text_use(&lines, &use);
	verdict = write_verdict(report, &result->error, &lines);
	if (verdict != NULL) {
		report_json_add_verify(verdict, result);
		report_json_add_use(verdict, &use);
	}
	write_json(report, verdict);
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_adopt_result(struct report *report, const struct adopt_result *result)
{
	struct str lines;
	json_t *verdict;

	(void)pthread_mutex_lock(&report->lock);
	str_init(&lines);
	report_text_adopt(&lines, result);
	verdict = write_verdict(report, &result->error, &lines);
	if (verdict != NULL) {
		report_json_set(verdict, "path",
		    report_json_text(result->path));
		report_json_add_verify(verdict, &result->verify);
	}
	write_json(report, verdict);
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_json_result(struct report *report, json_t *members)
{
	struct error none;
	json_t *verdict;

	if (!report->options.json) {
		json_decref(members);
		return;
	}
	error_init(&none);
	(void)pthread_mutex_lock(&report->lock);
	verdict = report_json_verdict(report->options.command, &none, 0);
	if (members == NULL || json_object_update(verdict, members) != 0)
		report_json_set(verdict, "incomplete", json_true());
	json_decref(members);
	write_json(report, verdict);
	report->has_verdict = true;
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_line(struct report *report, const char *line, bool is_news)
{
	struct str shown;

	str_init(&shown);
	text_add_shown(&shown, line);
	(void)pthread_mutex_lock(&report->lock);
	write_journal(report, report->options.command, shown.text);
	if (!report->options.json && (is_news || !report->options.quiet) &&
	    (printf("%s\n", shown.text) < 0 || fflush(stdout) != 0))
		output_failed(errno);
	(void)pthread_mutex_unlock(&report->lock);
	str_release(&shown);
}

void
report_json_line(struct report *report, json_t *event)
{
	(void)pthread_mutex_lock(&report->lock);
	write_json(report, event);
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_count_result(struct report *report, const struct error *error,
    const char *line, json_t *members)
{
	struct str lines;
	json_t *verdict;

	(void)pthread_mutex_lock(&report->lock);
	str_init(&lines);
	if (error_is_set(error))
		report_text_error(&lines, error);
	else
		str_addf(&lines, "%s\n", line);
	verdict = write_verdict(report, error, &lines);
	if (verdict != NULL && (members == NULL ||
	    json_object_update(verdict, members) != 0))
		report_json_set(verdict, "incomplete", json_true());
	json_decref(members);
	write_json(report, verdict);
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_error(struct report *report, const struct error *error)
{
	struct str lines;

	if (report->has_verdict)
		return;
	(void)pthread_mutex_lock(&report->lock);
	str_init(&lines);
	if (error->kind == KIND_USAGE && report->options.command != NULL)
		add_usage(&lines, report, error);
	else
		report_text_error(&lines, error);
	write_outcome(report, error, NULL, &lines);
	write_json(report, report_json_verdict(report->options.command, error,
	    signals_caught()));
	report->has_verdict = true;
	(void)pthread_mutex_unlock(&report->lock);
}

bool
report_is_json(const struct report *report)
{
	return (report->options.json);
}
