/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMPRESSION_H
#define CLI_COMPRESSION_H

#include "base/attr.h"
#include "base/error.h"
#include "cli/arguments.h"
#include "job/job.h"

/*
 * How a backup is compressed: --level, --ultra, --long and --frame-size,
 * which depend on each other.  KIND_USAGE.
 */

int compression_fill(struct job_backup *job,
    const struct arguments *arguments, struct error *error) MUST_CHECK;

/* Whether --level may ask for this one: --ultra allows the highest. */
int compression_check_level(const struct arguments *arguments, int level,
    struct error *error) MUST_CHECK;

#endif
