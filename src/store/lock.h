/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * One job per target: an flock on STORE/<server>/<database>/.lock, or on
 * FILE.lock in the single-file form.  The kernel drops it when the holder
 * dies, so there are no stale locks; the file's text only names the holder,
 * and the file goes when the lock is released.
 */

struct lock;

/*
 * Wait for it at most wait_ms (0: one try, -1: for ever); stop(context), where
 * given, is asked a few times a second and ends the wait with KIND_ABORTED.
 * The folder of the database is made when missing.  what is put into the file
 * ("backup of \"Sales\"").  KIND_LOCKED names the holder.
 */
struct lock_request {
	const char *root; /* with server and database, or NULL */
	const char *server;
	const char *database;
	const char *folder; /* a database's that is there; root is NULL then */
	const char *file; /* single-file form; root is NULL then */
	const char *what;
	int64_t wait_ms;
	bool (*stop)(void *context);
	void *context;
};

struct lock *lock_acquire(const struct lock_request *request,
    struct error *error) MUST_CHECK;
/* Accepts NULL. */
void lock_release(struct lock *lock);

#endif
