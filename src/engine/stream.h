/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_STREAM_H
#define ENGINE_STREAM_H

#include "base/attr.h"
#include "engine/operation.h"
#include "engine/options.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Stream databases: what is backed up is a stream for each device, as it is,
 * in full transfers but for the last one, and a restore takes each device's
 * stream to its end.  What the streams are, nobody here asks.
 *
 * Statements that go through a data set of the tape format have no meaning
 * here (SNAPSHOT, MOVE, a second FILE), nor have removable media, where a
 * stream would need labels; they are refused.
 */

/* What is behind a kind of stream database.  Devices count from 0; functions
 * that return int have told when it is -1, and the statement has failed. */
struct stream_ops {
	/* NULL: told.  Nothing was sent yet. */
	void *(*open)(struct operation *operation,
	    const struct options_database *database);
	/* Bytes of a device's stream, of a restore's, too: 0 for those where
	 * it ends where the client says. */
	uint64_t (*size)(const void *state, unsigned device);
	/* For a backup; any device's thread. */
	int (*get)(void *state, unsigned device, uint64_t offset,
	    void *buffer, uint32_t size);
	/* For a restore; any device's thread. */
	int (*put)(void *state, unsigned device, uint64_t offset,
	    const void *data, uint32_t size);
	/* The device has no more than these bytes. */
	int (*end)(void *state, unsigned device, uint64_t bytes);
	/* All has come, and the client was let go; what goes wrong is told,
	 * and no more. */
	int (*commit)(void *state);
	/* What was not committed leaves nothing. */
	void (*close)(void *state);
};

/* Whether such databases have streams. */
bool stream_is_kind(enum database_kind kind);

/* BACKUP, RESTORE or VERIFYONLY; every message but 3013 is reported. */
void stream_run(struct operation *operation,
    const struct options_database *database);

#endif
