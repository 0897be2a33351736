/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

#include "cli/report.h"
#include "job/inspect.h"
#include "job/job.h"

/*
 * Work listens to this program's signals and tells its report.
 */

void attach_job(struct job_common *common, struct report *report);
void attach_inspect(struct inspect_options *options, struct report *report);

#endif
