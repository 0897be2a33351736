/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "cli/attach.h"
#include "cli/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
check_terminal(const struct job_restore *job,
    const struct arguments *arguments, struct error *error)
{
	if (strcmp(job->from[0], "-") != 0 || job->common.dry_run ||
	    isatty(STDIN_FILENO) != 1)
		return (0);
	return (common_usage(arguments, error,
	    "standard input is a terminal; a backup comes from a file or a "
	    "pipe"));
}

static int
run(const struct job_restore *job, struct report *report,
    struct error *error)
{
	struct job_result result;
	int status;

	report_begin(report, job->common.database, job->from[0]);
	memset(&result, 0, sizeof(result));
	status = job_restore_run(job, &result);
	report_job_result(report, &result);
	*error = result.error;
	job_result_release(&result);
	return (status);
}

int
command_restore(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct fault_plan faults;
	struct wording wording;
	struct job_restore job;
	const char **sources = NULL;
	int status = -1;

	fault_plan_init(&faults, report_fault, report);
	wording_init(&wording);
	job_restore_init(&job);
	job.common.faults = &faults;
	attach_job(&job.common, report);
	if (common_fill_restore(&job, arguments, &sources, &wording,
	        error) == 0 &&
	    check_terminal(&job, arguments, error) == 0)
		status = run(&job, report, error);
	wording_release(&wording);
	free(sources);
	fault_plan_release(&faults);
	return (status);
}
