/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_FREEZE_H
#define ENGINE_FREEZE_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/snapshot.h"
#include "engine/stop.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A SQLite database that nobody writes to, all of it in its one file, so that
 * somebody else can copy that file.
 *
 *     freeze_begin -> freeze_info ... -> freeze_end
 *
 * Readers go on.  Writers wait, as long as their own busy time-out lets them:
 * we hold SQLite's write lock.  In WAL mode the WAL is brought into the file
 * first and is empty then; for that, readers of older states have to end.
 *
 * One thread.  Errors as those of engine/snapshot.h.
 */

struct freeze;

struct freeze_info {
	struct snapshot_info file;
	uint64_t imprint; /* of the file (engine/imprint.h) */
};

/* Waits for locks at most lock_ms, or until stop is raised. */
struct freeze *freeze_begin(const char *path, int64_t lock_ms,
    struct stop *stop, struct error *error) MUST_CHECK;

const struct freeze_info *freeze_info(const struct freeze *freeze);

/* Writers go on.  Accepts NULL. */
void freeze_end(struct freeze *freeze);

#endif
