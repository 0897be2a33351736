/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_INSPECT_OPEN_H
#define JOB_INSPECT_OPEN_H

#include "job/input.h"
#include "job/inspect.h"

/*
 * What verify, show and cat share.  For inspect_*.c only.
 */

/* Open stripe index (from 0), or all of them for SIZE_MAX, so that the stop
 * flag ends every wait. */
int inspect_open(struct input *input, size_t index, struct pool *pool,
    const struct inspect_options *options, struct error *error) MUST_CHECK;

/* -1 and KIND_ABORTED once the stop flag is set. */
int inspect_check_stop(const struct inspect_options *options,
    struct error *error) MUST_CHECK;

/* A wait that the stop flag has ended does not know by what: put that into
 * *error, if it is such a wait's. */
void inspect_name_stop(const struct inspect_options *options,
    struct error *error);

#endif
