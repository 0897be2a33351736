/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_writer.h"

#include "transfer/digest.h"
#include "transfer/pairing.h"
#include "transfer/pool.h"
#include "transfer/sink.h"

#include <assert.h>

#define WAIT_MS 1000

void
stripe_writer_wait(struct stripe_write *stripe, struct deadline deadline)
{
	struct timespec at = clock_timespec(clock_earlier(deadline,
	    clock_deadline(WAIT_MS)));

	(void)pthread_cond_timedwait(&stripe->changed, &stripe->lock, &at);
}

void
stripe_writer_fail(struct stripe_write *stripe, const struct error *error)
{
	(void)pthread_mutex_lock(&stripe->lock);
	if (!stripe->failed && !stripe->finished)
		stripe->error = *error;
	stripe->failed = true;
	atomic_store(&stripe->dead, true);
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
	slots_wake(stripe->slots, &stripe->share);
}

static int
digest_frame(struct stripe_write *stripe, const struct slot *slot,
    struct error *error)
{
	if (error_is_set(&slot->error)) {
		*error = slot->error;
		return (-1);
	}
	return (stripe_store_digest(&stripe->store, slot->stored,
	    slot->stored_size, stripe->may_wait, error));
}

static int
store_end(struct stripe_write *stripe, struct error *error)
{
	uint8_t raw_xxh128[STRIPE_XXH128_SIZE];

	assert(stripe->store.raw_bytes == stripe->raw_bytes);
	digest_xxh128_get(stripe->raw_digest, raw_xxh128);
	return (stripe_store_end(&stripe->store, raw_xxh128, &stripe->result,
	    error));
}

/* Nobody waits for the frame that was taken last, and those behind it do not
 * pile up.  Under the lock. */
static bool
is_unhurried(const struct stripe_write *stripe)
{
	const struct slot *next = stripe->first;

	return (stripe->options.rate == NULL && !stripe->failed &&
	    !stripe->ending && stripe->sync_done == stripe->sync_wanted &&
	    (next == NULL || !next->done || next->next == NULL ||
	    !next->next->done));
}

enum step {
	STEP_FRAME,
	STEP_SYNC,
	STEP_END
};

static enum step
next_step(struct stripe_write *stripe, struct slot **slot, uint64_t *sync)
{
	enum step step;

	(void)pthread_mutex_lock(&stripe->lock);
	for (;;) {
		if (stripe->first != NULL && stripe->first->done) {
			*slot = stripe->first;
			stripe->first = (*slot)->next;
			if (stripe->first == NULL)
				stripe->last = NULL;
			stripe->may_wait = is_unhurried(stripe);
			step = STEP_FRAME;
			break;
		}
		if (stripe->first == NULL && !stripe->failed &&
		    stripe->sync_done != stripe->sync_wanted) {
			*sync = stripe->sync_wanted;
			step = STEP_SYNC;
			break;
		}
		if (stripe->first == NULL && stripe->ending) {
			step = STEP_END;
			break;
		}
		stripe_writer_wait(stripe, clock_deadline(-1));
	}
	(void)pthread_mutex_unlock(&stripe->lock);
	return (step);
}

/* Digest, then write; the slot is free after that, whatever came of it.  While
 * a frame waits for another stripe's, it is not the sink that takes long. */
static void
take_frame(struct stripe_write *stripe, struct slot *slot)
{
	struct error error;

	error_init(&error);
	if (!atomic_load(&stripe->dead) &&
	    digest_frame(stripe, slot, &error) != 0)
		stripe_writer_fail(stripe, &error);
	adapt_move(stripe->options.adapt, &stripe->under_way, ADAPT_FINISHED,
	    ADAPT_STORING);
	if (!atomic_load(&stripe->dead) &&
	    stripe_store_frame(&stripe->store, slot->stored,
	    slot->stored_size, slot->raw_size, &error) != 0)
		stripe_writer_fail(stripe, &error);
	adapt_move(stripe->options.adapt, &stripe->under_way, ADAPT_STORING,
	    ADAPT_NOWHERE);
	slots_give(stripe->slots, &stripe->share, slot);
}

static int
take_sync(struct stripe_write *stripe, uint64_t sync, struct error *error)
{
	if (sink_sync(stripe->sink, error) != 0)
		return (-1);
	(void)pthread_mutex_lock(&stripe->lock);
	stripe->sync_done = sync;
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
	return (0);
}

static int
take_end(struct stripe_write *stripe, struct error *error)
{
	if (store_end(stripe, error) != 0)
		return (-1);
	(void)pthread_mutex_lock(&stripe->lock);
	stripe->finished = true;
	(void)pthread_mutex_unlock(&stripe->lock);
	return (0);
}

void *
stripe_writer_run(void *context)
{
	struct stripe_write *stripe = context;
	struct error error;
	enum step step;

	error_init(&error);
	pairing_join(pool_pairing(stripe->pool));
	do {
		struct slot *slot = NULL;
		uint64_t sync = 0;

		step = next_step(stripe, &slot, &sync);
		if (slot != NULL)
			take_frame(stripe, slot);
		else if (!atomic_load(&stripe->dead) &&
		    (step == STEP_SYNC ? take_sync(stripe, sync, &error) :
		    take_end(stripe, &error)) != 0)
			stripe_writer_fail(stripe, &error);
	} while (step != STEP_END);
	pairing_leave(pool_pairing(stripe->pool));
	return (NULL);
}
