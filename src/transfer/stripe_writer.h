/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_WRITER_H
#define TRANSFER_STRIPE_WRITER_H

#include "base/clock.h"
#include "base/error.h"
#include "transfer/adapt.h"
#include "transfer/slots.h"
#include "transfer/stripe_store.h"
#include "transfer/stripe_write.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A stripe's own thread, which takes frames in their order, as soon as each is
 * compressed, digests and writes them, syncs when it is asked to, and ends the
 * file.  For stripe_write*.c only.
 */

struct stripe_write {
	struct pool *pool;
	struct slots *slots;
	struct slots_share share;
	struct adapt_share under_way;
	struct stripe_write_options options;
	struct sink *sink; /* used by the thread; interrupted by any */

	/* The caller's. */
	struct slot *gather;
	struct digest_xxh128 *raw_digest;
	uint64_t raw_bytes;
	pthread_t thread;
	bool started;

	/* The thread's, and the caller's when it is joined. */
	struct stripe_store store;
	struct stripe_result result;
	bool may_wait; /* the frame at hand, for another stripe's */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct slot *first; /* frames in order, until they are written */
	struct slot *last;
	unsigned working; /* of them, those that are not done */
	uint64_t sync_wanted;
	uint64_t sync_done;
	bool ending;
	bool finished;
	bool failed;
	struct error error;

	atomic_bool dead; /* failed, for the pool's threads to look at */
};

/* The thread; context is a stripe.  Ends when stripe->ending is set and all
 * frames are written, or thrown away after a failure. */
void *stripe_writer_run(void *context);

/* The first error stands, and ends every wait.  From any thread. */
void stripe_writer_fail(struct stripe_write *stripe,
    const struct error *error);

/* Under the lock: until something changed, the deadline has passed, or a
 * second has. */
void stripe_writer_wait(struct stripe_write *stripe,
    struct deadline deadline);

#endif
