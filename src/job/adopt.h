/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_ADOPT_H
#define JOB_ADOPT_H

#include "base/attr.h"
#include "base/error.h"
#include "job/inspect.h"

#include <stdint.h>

/*
 * Turn what a failed job left behind under a partial name into a backup, if
 * it is whole.
 *
 *     adopt_run -> look at the result -> adopt_result_release
 *
 * The lock of the database's folder is held throughout, so that the folder of
 * a job that is still at work is never taken.  Every byte is read and held
 * against the manifest, as inspect_verify does, before the folder gets its
 * final name; nothing is changed otherwise.  The manifest stays as it is: a
 * drill stays a drill.
 *
 * Of the three witnesses of a backup two are asked again, the files and their
 * manifest.  The server's word came after the manifest was written, or never.
 *
 * Errors: KIND_USAGE (not a backup folder's name), KIND_NOTHING (a complete
 * backup already), KIND_INTEGRITY (not whole), KIND_LOCKED, KIND_STORAGE,
 * KIND_ABORTED.
 */

struct adopt_options {
	struct inspect_options inspect;
	int64_t lock_wait_ms;
};

struct adopt_result {
	struct error error;
	char *path;                   /* the backup, once it is one */
	struct inspect_result verify; /* one backup, if it came to that */
};

int adopt_run(const char *folder, const struct adopt_options *options,
    struct adopt_result *result) MUST_CHECK;
void adopt_result_release(struct adopt_result *result);

#endif
