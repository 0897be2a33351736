/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_write.h"

#include "base/clock.h"
#include "transfer/adapt.h"
#include "transfer/digest.h"
#include "transfer/pool.h"
#include "transfer/rate.h"
#include "transfer/sink.h"
#include "transfer/slots.h"
#include "transfer/stripe_writer.h"
#include "transfer/thread.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define COPY_PIECE ((size_t)64 << 10)

void
stripe_write_options_init(struct stripe_write_options *options)
{
	memset(options, 0, sizeof(*options));
	options->codec.level = 3;
	options->frame_size = STRIPE_DEFAULT_FRAME_SIZE;
}

/* The stripe's error, for the caller; -1. */
static int
tell_failure(struct stripe_write *stripe, struct error *error)
{
	(void)pthread_mutex_lock(&stripe->lock);
	if (error != NULL && !error_is_set(error))
		*error = stripe->error;
	(void)pthread_mutex_unlock(&stripe->lock);
	return (-1);
}

/* -1 if the stripe failed meanwhile, with an error of its own. */
static int
wait_rate(void *context, size_t size, struct error *error)
{
	struct stripe_write *stripe = context;
	struct deadline at = rate_claim(stripe->options.rate, size);
	bool failed;

	(void)pthread_mutex_lock(&stripe->lock);
	while (!stripe->failed && !clock_has_passed(at))
		stripe_writer_wait(stripe, at);
	failed = stripe->failed;
	if (failed)
		*error = stripe->error;
	(void)pthread_mutex_unlock(&stripe->lock);
	return (failed ? -1 : 0);
}

/* The header has gone without waiting, so that nobody waits before the server
 * has been asked for anything. */
static void
limit_rate(struct stripe_write *stripe)
{
	struct stripe_store *store = &stripe->store;

	if (stripe->options.rate == NULL)
		return;
	rate_owe(stripe->options.rate, atomic_load(&store->stored_bytes));
	store->pace = wait_rate;
	store->pace_context = stripe;
	store->piece = rate_piece(stripe->options.rate);
}

static int
start(struct stripe_write *stripe, const struct stripe_identity *identity,
    struct error *error)
{
	stripe->raw_digest = digest_xxh128_new(error);
	if (stripe->raw_digest == NULL ||
	    stripe_store_header(&stripe->store, identity, error) != 0)
		return (-1);
	limit_rate(stripe);
	if (thread_start(&stripe->thread, stripe_writer_run, stripe,
	    error) != 0)
		return (-1);
	stripe->started = true;
	return (0);
}

struct stripe_write *
stripe_write_open(struct pool *pool, struct sink *sink,
    const struct stripe_identity *identity,
    const struct stripe_write_options *options, struct error *error)
{
	struct stripe_write *stripe = calloc(1, sizeof(*stripe));

	assert(options->frame_size >= STRIPE_MIN_FRAME_SIZE &&
	    options->frame_size <= STRIPE_MAX_FRAME_SIZE);
	if (stripe == NULL) {
		IGNORE_RESULT(error_memory(error));
		sink_free(sink);
		return (NULL);
	}
	stripe->pool = pool;
	stripe->slots = pool_slots(pool);
	slots_share_init(&stripe->share);
	stripe->options = *options;
	stripe->sink = sink;
	(void)pthread_mutex_init(&stripe->lock, NULL);
	(void)clock_cond_init(&stripe->changed);
	error_init(&stripe->error);
	atomic_init(&stripe->dead, false);
	if (stripe_store_init(&stripe->store, sink, pool_pairing(pool),
	    error) != 0 ||
	    (!options->count_only && start(stripe, identity, error) != 0)) {
		stripe_write_free(stripe);
		return (NULL);
	}
	return (stripe);
}

bool
stripe_write_wants_borrow(const struct stripe_write *stripe, size_t size)
{
	return (!stripe->options.count_only &&
	    size >= stripe->options.frame_size);
}

/* One user of borrowed bytes less; whoever is last says so. */
static void
release_borrow(struct stripe_write *stripe, struct stripe_borrow *borrow,
    bool stored)
{
	bool last;
	bool all;

	(void)pthread_mutex_lock(&stripe->lock);
	if (!stored)
		borrow->failed = true;
	all = !borrow->failed;
	last = --borrow->frames == 0;
	(void)pthread_mutex_unlock(&stripe->lock);
	if (last)
		borrow->done(borrow, all);
}

static bool
compress_slot(struct stripe_write *stripe, struct slot *slot,
    struct codec *codec)
{
	struct codec_settings settings = stripe->options.codec;
	struct adapt *adapt = stripe->options.adapt;
	struct adapt_frame frame;
	bool stored;

	if (adapt != NULL) {
		adapt_begin(adapt, &frame);
		settings.level = frame.level;
	}
	stored = codec_compress(codec, &settings, slot->input, slot->raw_size,
	    slot->stored, slot->stored_room, &slot->stored_size,
	    &slot->error) == 0;
	if (adapt != NULL)
		adapt_end(adapt, &frame, slot->raw_size);
	return (stored);
}

/* On a thread of the pool. */
static void
compress(struct pool_job *job, struct codec *codec)
{
	struct slot *slot = (struct slot *)job;
	struct stripe_write *stripe = slot->holder;
	bool stored = false;

	adapt_move(stripe->options.adapt, &stripe->under_way, ADAPT_QUEUED,
	    ADAPT_WORKING);
	if (!atomic_load(&stripe->dead))
		stored = compress_slot(stripe, slot, codec);
	adapt_move(stripe->options.adapt, &stripe->under_way, ADAPT_WORKING,
	    ADAPT_FINISHED);
	if (slot->borrow != NULL)
		release_borrow(stripe, slot->borrow, stored);
	(void)pthread_mutex_lock(&stripe->lock);
	slot->done = true;
	stripe->working--;
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
}

static void
submit(struct stripe_write *stripe, struct slot *slot)
{
	slot->holder = stripe;
	slot->job.run = compress;
	slot->next = NULL;
	(void)pthread_mutex_lock(&stripe->lock);
	if (stripe->last != NULL)
		stripe->last->next = slot;
	else
		stripe->first = slot;
	stripe->last = slot;
	stripe->working++;
	(void)pthread_mutex_unlock(&stripe->lock);
	adapt_move(stripe->options.adapt, &stripe->under_way, ADAPT_NOWHERE,
	    ADAPT_QUEUED);
	pool_submit(stripe->pool, &slot->job);
}

/* A slot with room for one frame, or NULL. */
static struct slot *
take_slot(struct stripe_write *stripe, bool with_raw, struct error *error)
{
	struct slot *slot = slots_take(stripe->slots, &stripe->share, error);

	if (slot == NULL)
		return (NULL);
	if (slots_stored_room(slot, codec_bound(stripe->options.frame_size),
	    error) == 0 && (!with_raw || slots_raw_room(slot,
	    stripe->options.frame_size, error) == 0))
		return (slot);
	slots_give(stripe->slots, &stripe->share, slot);
	return (NULL);
}

static int
take_failed(struct stripe_write *stripe, const struct error *found,
    struct error *error)
{
	/* A slot that is refused because the stripe has failed is told with
	 * the stripe's own error, which stands first. */
	stripe_writer_fail(stripe, found);
	return (tell_failure(stripe, error));
}

static void
submit_gathered(struct stripe_write *stripe)
{
	struct slot *slot = stripe->gather;

	if (slot == NULL)
		return;
	stripe->gather = NULL;
	slot->input = slot->raw;
	submit(stripe, slot);
}

/* Wait until this thread alone holds the borrow. */
static void
wait_borrow(struct stripe_write *stripe, struct stripe_borrow *borrow,
    unsigned unused)
{
	(void)pthread_mutex_lock(&stripe->lock);
	while (borrow->frames > unused)
		stripe_writer_wait(stripe, clock_deadline(-1));
	(void)pthread_mutex_unlock(&stripe->lock);
}

int
stripe_write_borrowed(struct stripe_write *stripe, const void *data,
    size_t size, struct stripe_borrow *borrow, struct error *error)
{
	const uint8_t *p = data;
	size_t frame_size = stripe->options.frame_size;
	size_t frames = (size + frame_size - 1) / frame_size;

	assert(!stripe->options.count_only);
	if (atomic_load(&stripe->dead))
		return (tell_failure(stripe, error));
	/* One more than the frames: this thread's, until all are on the
	 * way. */
	borrow->frames = (unsigned)frames + 1;
	borrow->failed = false;
	stripe->raw_bytes += size;
	digest_xxh128_add(stripe->raw_digest, data, size);
	submit_gathered(stripe);
	for (; frames > 0; frames--) {
		struct error found = { 0 };
		struct slot *slot = take_slot(stripe, false, &found);

		if (slot == NULL) {
			IGNORE_RESULT(take_failed(stripe, &found, error));
			wait_borrow(stripe, borrow, (unsigned)frames + 1);
			return (-1);
		}
		slot->input = p;
		slot->raw_size = size < frame_size ? size : frame_size;
		slot->borrow = borrow;
		p += slot->raw_size;
		size -= slot->raw_size;
		submit(stripe, slot);
	}
	release_borrow(stripe, borrow, true);
	return (0);
}

/* Copy and digest together, a piece at a time that stays in the cache. */
static void
copy_raw(struct stripe_write *stripe, uint8_t *to, const uint8_t *from,
    size_t size)
{
	size_t at;

	for (at = 0; at < size; at += COPY_PIECE) {
		size_t piece = size - at < COPY_PIECE ? size - at : COPY_PIECE;

		memcpy(to + at, from + at, piece);
		digest_xxh128_add(stripe->raw_digest, to + at, piece);
	}
}

int
stripe_write_copied(struct stripe_write *stripe, const void *data,
    size_t size, struct error *error)
{
	const uint8_t *p = data;
	size_t frame_size = stripe->options.frame_size;

	if (atomic_load(&stripe->dead))
		return (tell_failure(stripe, error));
	stripe->raw_bytes += size;
	while (size > 0 && !stripe->options.count_only) {
		struct slot *slot = stripe->gather;
		size_t piece;

		if (slot == NULL) {
			struct error found = { 0 };

			slot = take_slot(stripe, true, &found);
			if (slot == NULL)
				return (take_failed(stripe, &found, error));
			stripe->gather = slot;
		}
		piece = frame_size - slot->raw_size;
		if (piece > size)
			piece = size;
		copy_raw(stripe, slot->raw + slot->raw_size, p, piece);
		slot->raw_size += piece;
		p += piece;
		size -= piece;
		if (slot->raw_size == frame_size)
			submit_gathered(stripe);
	}
	return (0);
}

int
stripe_write_flush(struct stripe_write *stripe, struct error *error)
{
	uint64_t wanted;
	bool done;

	if (atomic_load(&stripe->dead))
		return (tell_failure(stripe, error));
	if (stripe->options.count_only)
		return (0);
	submit_gathered(stripe);
	(void)pthread_mutex_lock(&stripe->lock);
	wanted = ++stripe->sync_wanted;
	(void)pthread_cond_broadcast(&stripe->changed);
	while (stripe->sync_done < wanted && !stripe->failed)
		stripe_writer_wait(stripe, clock_deadline(-1));
	done = stripe->sync_done >= wanted;
	(void)pthread_mutex_unlock(&stripe->lock);
	return (done ? 0 : tell_failure(stripe, error));
}

static void
end_thread(struct stripe_write *stripe)
{
	if (!stripe->started)
		return;
	(void)pthread_mutex_lock(&stripe->lock);
	stripe->ending = true;
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
	(void)pthread_join(stripe->thread, NULL);
	stripe->started = false;
}

int
stripe_write_finish(struct stripe_write *stripe,
    struct stripe_result *result, struct error *error)
{
	memset(result, 0, sizeof(*result));
	if (stripe->options.count_only) {
		result->raw_bytes = stripe->raw_bytes;
		return (atomic_load(&stripe->dead) ?
		    tell_failure(stripe, error) : 0);
	}
	if (!atomic_load(&stripe->dead))
		submit_gathered(stripe);
	end_thread(stripe);
	if (!stripe->finished)
		return (tell_failure(stripe, error));
	*result = stripe->result;
	return (0);
}

void
stripe_write_stop(struct stripe_write *stripe)
{
	struct error error;

	error_init(&error);
	IGNORE_RESULT(error_set(&error, KIND_ABORTED, ORIGIN_US, 0,
	    "the transfer was stopped"));
	stripe_writer_fail(stripe, &error);
	sink_interrupt(stripe->sink);
}

void
stripe_write_settle(struct stripe_write *stripe)
{
	(void)pthread_mutex_lock(&stripe->lock);
	while (stripe->working > 0)
		stripe_writer_wait(stripe, clock_deadline(-1));
	(void)pthread_mutex_unlock(&stripe->lock);
}

uint64_t
stripe_write_stored_bytes(const struct stripe_write *stripe)
{
	return (atomic_load(&stripe->store.stored_bytes));
}

bool
stripe_write_failed(struct stripe_write *stripe, struct error *error)
{
	if (!atomic_load(&stripe->dead))
		return (false);
	IGNORE_RESULT(tell_failure(stripe, error));
	return (true);
}

void
stripe_write_free(struct stripe_write *stripe)
{
	if (stripe == NULL)
		return;
	stripe_write_stop(stripe);
	end_thread(stripe);
	stripe_write_settle(stripe);
	if (stripe->gather != NULL)
		slots_give(stripe->slots, &stripe->share, stripe->gather);
	sink_free(stripe->sink);
	stripe_store_release(&stripe->store);
	digest_xxh128_free(stripe->raw_digest);
	(void)pthread_cond_destroy(&stripe->changed);
	(void)pthread_mutex_destroy(&stripe->lock);
	free(stripe);
}
