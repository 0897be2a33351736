/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include "base/port/use.h"
#include "base/str.h"
#include "job/adopt.h"
#include "job/inspect.h"
#include "job/job.h"

/*
 * Verdicts in words.  Each appends whole lines, fit for a terminal.
 */

/* command is "backup" or "restore". */
void report_text_summary(struct str *to, const char *command,
    const struct job_result *result);

/* "error: what", then what is known of it, the remedy last. */
void report_text_failure(struct str *to, const char *command,
    const struct job_result *result);

void report_text_verify(struct str *to, const struct inspect_result *result);

/* The same for adopt. */
void report_text_adopt(struct str *to, const struct adopt_result *result);

/* What the process has used, as a line of a summary. */
/* "58.1 MiB at most: ..."; for a plan and for the end of a job. */
void report_text_memory(struct str *to, const struct footprint *footprint);

void report_text_use(struct str *to, const struct port_use *use);

/* "error: what" and the remedy; a usage error has no "error: ". */
void report_text_error(struct str *to, const struct error *error);

#endif
