/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_RECORD_H
#define JOB_RECORD_H

#include "base/error.h"
#include "job/control.h"
#include "job/facts.h"
#include "job/job.h"
#include "runtime/vdi.h"
#include "store/manifest.h"
#include "transfer/stripe.h"

/*
 * The facts of a backup, copied from where they arise into the manifest and
 * the result: what one layer measured becomes what another one stores.
 */

/* Id, names, times, statement, options. */
int record_begin(struct manifest *manifest, const struct job_backup *job,
    struct job_result *result, struct error *error) MUST_CHECK;

/* What stripe n of the backup says of itself. */
void record_identity(const struct manifest *manifest, unsigned stripe,
    struct stripe_identity *identity);

int record_device_set(struct manifest *manifest,
    const struct control *control, const struct VDConfig *config,
    uint32_t buffer_count, struct error *error) MUST_CHECK;

/* What the stream says; a warning if it was not understood. */
void record_facts(struct manifest *manifest, struct facts *facts,
    struct control *control);

/* Of all frames. */
void record_levels(struct manifest *manifest,
    const struct job_levels *levels);

int record_stripe(struct manifest *manifest, struct job_result *result,
    const char *file, const struct stripe_result *stripe,
    struct error *error) MUST_CHECK;

/* The drills that have fired until now, and those that the embedded server was
 * given; they take the place of those that were recorded before. */
int record_faults(struct manifest *manifest, const struct job_common *common,
    struct error *error) MUST_CHECK;

/* The server's messages. */
int record_messages(struct manifest *manifest,
    const struct job_result *result, struct error *error) MUST_CHECK;

#endif
