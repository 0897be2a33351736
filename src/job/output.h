/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_OUTPUT_H
#define JOB_OUTPUT_H

#include "base/error.h"
#include "job/control.h"
#include "job/job.h"
#include "store/manifest.h"

#include <stdbool.h>

/*
 * Where a backup goes, whatever its form: a store, a file, standard output, a
 * command, nowhere.  A store has a manifest; the others have none, and there
 * "the manifest is durable" means that the stripe is finished.
 *
 *     output_init -> output_lock -> output_begin -> output_open_sink per
 *     stripe -> output_write_manifest -> output_commit or output_give_up
 *     -> output_release
 */

struct lock;
struct rate;
struct sink;
struct store_target;

struct output {
	const struct job_backup *job;
	struct lock *lock;
	struct store_target *target;
	struct rate *rate;
};

void output_init(struct output *output, const struct job_backup *job);
/* Accepts one that was never begun; touches nothing on disk. */
void output_release(struct output *output);

/* Whether the target's form has a manifest. */
bool output_has_manifest(const struct output *output);

/* What would be made, in words; owned by the caller (free). */
char *output_plan(const struct output *output,
    const struct manifest *manifest, struct error *error) MUST_CHECK;

int output_lock(struct output *output, struct control *control,
    struct error *error) MUST_CHECK;
/* Prove that the target can be written, and make it. */
int output_begin(struct output *output, const struct manifest *manifest,
    struct error *error) MUST_CHECK;
struct sink *output_open_sink(struct output *output, unsigned stripe,
    struct error *error) MUST_CHECK;
/* NULL where there is no limit. */
struct rate *output_rate(const struct output *output);
/* The stripe's name for the manifest, or where it went. */
const char *output_stripe_name(const struct output *output, unsigned stripe);

int output_write_manifest(struct output *output,
    const struct manifest *manifest, struct error *error) MUST_CHECK;
/* The manifest once more, with the server's last words, and the final name. */
int output_commit(struct output *output, const struct manifest *manifest,
    struct error *error) MUST_CHECK;
/* Where the backup is; owned by the caller (free). */
char *output_path(const struct output *output, struct error *error)
    MUST_CHECK;

/*
 * The job failed.  What cannot have become a backup in the server's eyes is
 * removed; anything else stays, since it may be the only copy of a log, and
 * result->leftover names it.
 */
void output_give_up(struct output *output, enum control_fate fate,
    struct job_result *result);

#endif
