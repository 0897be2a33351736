/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMMON_H
#define CLI_COMMON_H

#include "base/attr.h"
#include "base/error.h"
#include "cli/arguments.h"
#include "cli/wording.h"
#include "job/inspect.h"
#include "job/job.h"

#include <stdint.h>

/*
 * From a command line to the description of a job.  Nothing here does
 * anything but look at the arguments; every error is KIND_USAGE.  The
 * descriptions borrow from the arguments, whose strings are argv's.
 */

/* What --provider takes, NULL-ended; the first chooses among the others. */
const char *const *common_providers(void);

/* The server, the stream's numbers, time-outs and faults of any job. */
int common_fill(struct job_common *common, const struct arguments *arguments,
    struct error *error) MUST_CHECK;

/* --threads; 0 where it was not given. */
int common_threads(const struct arguments *arguments, unsigned *threads,
    struct error *error) MUST_CHECK;

/* All of `backup`.  The description is initialised, faults included; it
 * borrows from wording, too. */
int common_fill_backup(struct job_backup *job,
    const struct arguments *arguments, struct wording *wording,
    struct error *error) MUST_CHECK;

/* All of `restore`.  Sources are --from's and the operands, in this order;
 * *sources is owned by the caller (free), and job->from points there. */
int common_fill_restore(struct job_restore *job,
    const struct arguments *arguments, const char ***sources,
    struct wording *wording, struct error *error) MUST_CHECK;

/* Options of verify, show, cat and adopt; at least one operand is demanded. */
int common_fill_inspect(struct inspect_options *options,
    const struct arguments *arguments, struct error *error) MUST_CHECK;

/* KIND_USAGE with the text, and the usual hint. */
int common_usage(const struct arguments *arguments, struct error *error,
    const char *format, ...) PRINTF_LIKE(3, 4);

#endif
