/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "cli/attach.h"
#include "cli/common.h"

#include <string.h>
#include <unistd.h>

static int
check_terminal(const struct job_backup *job,
    const struct arguments *arguments, struct error *error)
{
	if (job->target_kind != JOB_TARGET_STDOUT || job->common.dry_run ||
	    isatty(STDOUT_FILENO) != 1)
		return (0);
	return (common_usage(arguments, error,
	    "standard output is a terminal; a backup goes to a file or a "
	    "pipe"));
}

static int
run(const struct job_backup *job, struct report *report, struct error *error)
{
	struct job_result result;
	int status;

	report_begin(report, job->common.database, job->target);
	if (job_backup_is_copy_only(job) && !job->statement.copy_only)
		report_detail(report, "what is thrown away must move nothing "
		    "at the server: the backup is COPY_ONLY");
	memset(&result, 0, sizeof(result));
	status = job_backup_run(job, &result);
	report_job_result(report, &result);
	*error = result.error;
	job_result_release(&result);
	return (status);
}

int
command_backup(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct fault_plan faults;
	struct wording wording;
	struct job_backup job;
	int status = -1;

	fault_plan_init(&faults, report_fault, report);
	wording_init(&wording);
	job_backup_init(&job);
	job.common.faults = &faults;
	attach_job(&job.common, report);
	if (common_fill_backup(&job, arguments, &wording, error) == 0 &&
	    check_terminal(&job, arguments, error) == 0)
		status = run(&job, report, error);
	wording_release(&wording);
	fault_plan_release(&faults);
	return (status);
}
