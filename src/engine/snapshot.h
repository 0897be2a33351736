/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/stop.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * A SQLite database as it was at one moment, while other processes go on.
 *
 *     snapshot_open -> snapshot_info, snapshot_read ... -> snapshot_close
 *
 * A read transaction is held from open to close, and pages are read past
 * SQLite, straight from the files:
 *
 * - With a rollback journal the transaction's shared lock keeps the database
 *   file as it is: writers wait until snapshot_close.
 * - In WAL mode writers go on.  What was committed is in the database file as
 *   far as a checkpoint has copied it, and otherwise in the WAL: there, the
 *   last frame of a page that is not newer than the transaction counts.  A
 *   reader's mark keeps checkpoints from copying newer frames to the database
 *   file, and writers from starting the WAL anew.
 *
 * The database's own close does not run a checkpoint: a backup leaves the
 * files as they are.  Source of the formats: sqlite.org/walformat.html and
 * fileformat2.html.
 *
 * Threads: snapshot_read from any number of threads; the rest from one.
 * Errors: ORIGIN_SERVER, the code is a number of engine/message.h that takes
 * (file, reason), the text is the reason.
 */

struct snapshot;

struct snapshot_info {
	uint64_t bytes;     /* of the database: pages * page_size */
	uint32_t page_size; /* SQLite's, 512 to 65536 */
	bool is_wal;
	uint32_t wal_pages; /* of them, read from the WAL */
	dev_t device;       /* where the file is, which one it is */
	ino_t inode;
};

/* Waits for a lock at most lock_ms, or until stop is raised. */
struct snapshot *snapshot_open(const char *path, int64_t lock_ms,
    struct stop *stop, struct error *error) MUST_CHECK;

const struct snapshot_info *snapshot_info(const struct snapshot *snapshot);

/*
 * Fill the vector, in order, from offset on; it may not reach beyond the end.
 * The vector is used up.
 */
int snapshot_read(const struct snapshot *snapshot, uint64_t offset,
    struct iovec *vector, int count, struct error *error) MUST_CHECK;

/* Accepts NULL. */
void snapshot_close(struct snapshot *snapshot);

#endif
