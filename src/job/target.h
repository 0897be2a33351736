/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_TARGET_H
#define JOB_TARGET_H

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
 *     target_init -> target_lock -> target_begin -> target_open_sink per
 *     stripe -> target_write_manifest -> target_commit or target_give_up
 *     -> target_release
 */

struct lock;
struct rate;
struct sink;
struct store_target;

struct target {
	const struct job_backup *job;
	struct lock *lock;
	struct store_target *target;
	struct rate *rate;
};

void target_init(struct target *to, const struct job_backup *job);
/* Accepts one that was never begun; touches nothing on disk. */
void target_release(struct target *to);

/* Whether the target's form has a manifest. */
bool target_has_manifest(const struct target *to);

/* What would be made, in words; owned by the caller (free). */
char *target_plan(const struct target *to,
    const struct manifest *manifest, struct error *error) MUST_CHECK;

int target_lock(struct target *to, struct control *control,
    struct error *error) MUST_CHECK;
/* Prove that the target can be written, and make it.  Warns of what an earlier
 * run has left in a file's place. */
int target_begin(struct target *to, struct control *control,
    const struct manifest *manifest, struct error *error) MUST_CHECK;
struct sink *target_open_sink(struct target *to, unsigned stripe,
    struct error *error) MUST_CHECK;
/* NULL where there is no limit. */
struct rate *target_rate(const struct target *to);
/* The stripe's name for the manifest, or where it went. */
const char *target_stripe_name(const struct target *to, unsigned stripe);

int target_write_manifest(struct target *to,
    const struct manifest *manifest, struct error *error) MUST_CHECK;
/* The manifest once more, with the server's last words, and the final name. */
int target_commit(struct target *to, const struct manifest *manifest,
    struct error *error) MUST_CHECK;
/* Where the backup is; owned by the caller (free). */
char *target_path(const struct target *to, struct error *error)
    MUST_CHECK;

/*
 * The job failed.  may_count: in the server's eyes this can have become a
 * backup, since an answer was given that vouches for its data.  Then what is
 * there stays, as it may be the only copy of a log, and result->leftover names
 * it, and whether it can be adopted; otherwise it is removed.
 */
void target_give_up(struct target *to, bool may_count,
    struct job_result *result);

#endif
