/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "base/num.h"
#include "cli/common.h"
#include "cli/report_json.h"
#include "cli/signals.h"
#include "cli/status.h"
#include "rehearse/rehearse.h"
#include "runtime/vdi.h"

#include <stdio.h>
#include <string.h>

#define DEVICES 2
#define JOBS_MAX 16
#define COLUMNS "%-8s%-11s%-44s%6s%8s  %-16s%-28s%s"
/* A status beyond this is that of a signal. */
#define SIGNAL_BASE 128

static const char *const directions[] = { "backup", "restore", NULL };

/* What the handler needs. */
struct show {
	struct report *report;
	bool is_verbose;
};

static int
fill(struct rehearse_options *options, const struct arguments *arguments,
    struct error *error)
{
	static const int64_t device_range[2] = { 1, VD_MAX_DEVICES };
	static const int64_t job_range[2] = { 1, JOBS_MAX };
	int64_t devices = DEVICES;
	int64_t jobs = 0;
	int direction = -1;

	if (arguments->operand_count > 0)
		return (common_usage(arguments, error,
		    "\"%s\" is too much; 'rehearse' makes its own database",
		    arguments->operands[0]));
	if (arguments_number(arguments, OPTION_DEVICES, device_range,
	        &devices, error) != 0 ||
	    arguments_number(arguments, OPTION_JOBS, job_range, &jobs,
	        error) != 0 ||
	    arguments_choice(arguments, OPTION_DIRECTION, directions,
	        &direction, error) != 0)
		return (-1);
	options->wish.only = (const char *const *)
	    arguments->lists[OPTION_ONLY];
	options->wish.direction = direction >= 0 ? directions[direction] :
	    NULL;
	options->wish.is_quick = arguments_has(arguments, OPTION_QUICK);
	options->wish.devices = (unsigned)devices;
	options->jobs = (unsigned)jobs;
	options->keep = arguments_has(arguments, OPTION_KEEP);
	options->stop = signals_stop();
	options->status_of = status_of;
	return (0);
}

static void
add_faults(struct str *to, const struct matrix_row *row, bool is_side)
{
	size_t i;

	for (i = 0; i < row->count; i++)
		str_addf(to, "%s%s", i > 0 ? " + " : "", is_side ?
		    fault_side_name(row->faults[i].side) :
		    row->faults[i].text);
}

static void
show_json(struct report *report, const struct rehearse_outcome *outcome)
{
	const struct matrix_row *row = outcome->row;
	json_t *object;
	json_t *faults;
	size_t i;

	if (!report_is_json(report))
		return;
	object = report_json_event("run");
	faults = json_array();
	for (i = 0; i < row->count; i++) {
		json_t *fault = json_object();

		report_json_set(fault, "side", json_string(
		    fault_side_name(row->faults[i].side)));
		report_json_set(fault, "fault",
		    json_string(row->faults[i].text));
		if (json_array_append_new(faults, fault) != 0) {
			json_decref(faults);
			faults = NULL;
		}
	}
	report_json_set(object, "number",
	    json_integer((json_int_t)outcome->number));
	report_json_set(object, "of",
	    json_integer((json_int_t)outcome->count));
	report_json_set(object, "direction", json_string(
	    fault_direction_name(row->direction)));
	report_json_set(object, "faults", faults);
	report_json_set(object, "exit_code", json_integer(outcome->status));
	report_json_set(object, "seconds",
	    json_real((double)(outcome->elapsed_ns / 1000) / 1e6));
	report_json_set(object, "seen", report_json_text(outcome->seen));
	report_json_set(object, "left_behind", outcome->left[0] != '\0' ?
	    report_json_text(outcome->left) : json_null());
	report_json_set(object, "as_promised",
	    json_boolean(outcome->problem[0] == '\0'));
	report_json_set(object, "problem", outcome->problem[0] != '\0' ?
	    report_json_text(outcome->problem) : json_null());
	report_json_line(report, object);
}

/* What the run said, line by line below it. */
static void
show_said(struct report *report, const char *said)
{
	struct str line;

	str_init(&line);
	while (*said != '\0') {
		size_t length = strcspn(said, "\n");

		str_clear(&line);
		str_addf(&line, "    %.*s", (int)length, said);
		report_line(report, line.text, true);
		said += length + (said[length] == '\n');
	}
	str_release(&line);
}

static void
show_row(struct show *show, const struct rehearse_outcome *outcome)
{
	bool is_broken = outcome->problem[0] != '\0';
	struct str faults;
	struct str sides;
	struct str line;
	char status[16];
	char seconds[16];

	str_init(&faults);
	str_init(&sides);
	str_init(&line);
	add_faults(&faults, outcome->row, false);
	add_faults(&sides, outcome->row, true);
	(void)snprintf(status, sizeof(status), "%d", outcome->status);
	(void)snprintf(seconds, sizeof(seconds), "%.1f s",
	    (double)outcome->elapsed_ns / 1e9);
	str_addf(&line, COLUMNS, fault_direction_name(outcome->row->direction),
	    outcome->row->count == 1 ? sides.text : "both", faults.text,
	    outcome->status > SIGNAL_BASE ? "KILL" : status, seconds,
	    is_broken ? "NOT AS PROMISED" : "ok",
	    outcome->left[0] != '\0' ? outcome->left : "nothing",
	    outcome->seen);
	report_line(show->report, line.text, is_broken);
	if (is_broken) {
		str_clear(&line);
		str_addf(&line, "    not as promised: %s", outcome->problem);
		report_line(show->report, line.text, true);
	}
	if (show->is_verbose || is_broken)
		show_said(show->report, outcome->said);
	str_release(&faults);
	str_release(&sides);
	str_release(&line);
}

static void
show_outcome(void *context, const struct rehearse_outcome *outcome)
{
	struct show *show = context;
	char header[160];

	if (outcome->number == 1) {
		(void)snprintf(header, sizeof(header), COLUMNS, "job", "side",
		    "fault", "status", "time", "verdict", "left behind",
		    "what was said");
		report_line(show->report, header, false);
	}
	show_json(show->report, outcome);
	show_row(show, outcome);
}

static json_t *
result_object(const struct rehearse_result *result)
{
	json_t *object = json_object();

	report_json_set(object, "runs",
	    json_integer((json_int_t)result->count));
	report_json_set(object, "not_as_promised",
	    json_integer((json_int_t)result->broken));
	report_json_set(object, "seconds",
	    json_real((double)(result->elapsed_ns / 1000) / 1e6));
	report_json_set(object, "folder", report_json_text(result->folder));
	return (object);
}

static void
conclude(struct report *report, const struct rehearse_result *result)
{
	char duration[32];
	char line[256];

	if (result->folder != NULL) {
		(void)snprintf(line, sizeof(line), "the folder was kept: %s",
		    result->folder);
		report_line(report, line, false);
	}
	(void)snprintf(line, sizeof(line), "%zu runs, %zu as promised, %zu "
	    "not, in %s", result->count, result->count - result->broken,
	    result->broken, num_format_duration(result->elapsed_ns, duration,
	    sizeof(duration)));
	if (result->count > 0)
		report_line(report, line, result->broken > 0);
	report_count_result(report, &result->error, "rehearse done: all "
	    "faults ended as promised", report_is_json(report) ?
	    result_object(result) : NULL);
}

int
command_rehearse(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct rehearse_options options = { .jobs = 0 };
	struct rehearse_result result;
	struct show show = { .report = report,
		.is_verbose = arguments_has(arguments, OPTION_VERBOSE) };
	int status;

	if (fill(&options, arguments, error) != 0)
		return (-1);
	options.handler = show_outcome;
	options.context = &show;
	report_begin(report, NULL, NULL);
	status = rehearse_run(&options, &result);
	/* The caller tells of a wrong command line. */
	if (result.error.kind != KIND_USAGE)
		conclude(report, &result);
	*error = result.error;
	rehearse_result_release(&result);
	return (status);
}
