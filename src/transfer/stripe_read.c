/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_read.h"

#include "transfer/codec.h"
#include "transfer/digest.h"
#include "transfer/pool.h"
#include "transfer/slots.h"
#include "transfer/source.h"
#include "transfer/stripe_give.h"
#include "transfer/stripe_walk.h"
#include "transfer/thread.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct stripe_read {
	struct pool *pool;
	struct source *source;
	pthread_t thread;
	bool started;

	/* The thread's; the caller's before it starts and when it ended. */
	struct stripe_walk walk;
	/* What the thread finds, on its way to the caller. */
	struct stripe_give give;
};

/* ---- from the reading thread to the pool ------------------------------- */

static void
walk_more(void *context)
{
	struct stripe_read *stripe = context;

	stripe_give_more(&stripe->give);
}

static struct slot *
walk_take(void *context, struct error *error)
{
	struct stripe_read *stripe = context;

	return (slots_take(stripe->give.slots, &stripe->give.share, error));
}

static void
walk_drop(void *context, struct slot *slot)
{
	struct stripe_read *stripe = context;

	slots_give(stripe->give.slots, &stripe->give.share, slot);
}

static int
decompress_to(struct stripe_give *give, struct slot *slot,
    struct codec *codec)
{
	uint8_t *place = stripe_give_place(give, slot);

	if (place == NULL) {
		if (slots_raw_room(slot, slot->raw_size, &slot->error) != 0)
			return (-1);
		place = slot->raw;
	}
	slot->place = place;
	return (codec_decompress(codec, slot->stored, slot->stored_size,
	    place, slot->raw_size, &slot->error));
}

/* On a thread of the pool. */
static void
decompress(struct pool_job *job, struct codec *codec)
{
	struct slot *slot = (struct slot *)job;
	struct stripe_read *stripe = slot->holder;

	if (!atomic_load(&stripe->give.dead) &&
	    decompress_to(&stripe->give, slot, codec) != 0 &&
	    slot->error.kind == KIND_INTEGRITY)
		error_context(&slot->error, "damaged in frame %llu at byte "
		    "%llu", (unsigned long long)slot->number,
		    (unsigned long long)slot->offset);
	stripe_give_done(&stripe->give, slot);
}

static void
walk_frame(void *context, struct slot *slot)
{
	struct stripe_read *stripe = context;

	slot->holder = stripe;
	slot->job.run = decompress;
	stripe_give_hold(&stripe->give, slot, true);
	pool_submit(stripe->pool, &slot->job);
}

static void
walk_raw(void *context, struct slot *slot)
{
	struct stripe_read *stripe = context;

	stripe_give_hold(&stripe->give, slot, false);
}

static const struct stripe_walk_to walk_to = {
	.more = walk_more,
	.take = walk_take,
	.drop = walk_drop,
	.frame = walk_frame,
	.raw = walk_raw,
};

static void *
read_ahead(void *context)
{
	struct stripe_read *stripe = context;
	struct error error = { 0 };

	if (stripe_walk_rest(&stripe->walk, &error) == 0)
		stripe_give_end(&stripe->give);
	else
		stripe_give_break(&stripe->give, &error);
	return (NULL);
}

/* ---- the caller ---------------------------------------------------------- */

struct stripe_read *
stripe_read_open(struct pool *pool, struct source *source,
    struct error *error)
{
	struct stripe_read *stripe = calloc(1, sizeof(*stripe));
	struct error found = { 0 };

	if (stripe == NULL) {
		source_close(source);
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	stripe->pool = pool;
	stripe->source = source;
	if (stripe_give_init(&stripe->give, pool_slots(pool), source,
	        &stripe->walk, &found) == 0 &&
	    stripe_walk_init(&stripe->walk, source, &walk_to, stripe,
	        &found) == 0 &&
	    stripe_walk_begin(&stripe->walk, &found) == 0 &&
	    thread_start(&stripe->thread, read_ahead, stripe, &found) == 0) {
		stripe->started = true;
		return (stripe);
	}
	if (found.kind == KIND_INTEGRITY)
		error_context(&found, "\"%s\"", source_name(source));
	if (error != NULL && !error_is_set(error))
		*error = found;
	stripe_read_free(stripe);
	return (NULL);
}

enum stripe_form
stripe_read_form(const struct stripe_read *stripe)
{
	return (stripe->walk.form);
}

const struct stripe_identity *
stripe_read_identity(const struct stripe_read *stripe)
{
	return (stripe->walk.form == STRIPE_OURS ? &stripe->walk.identity :
	    NULL);
}

void
stripe_read_ask(struct stripe_read *stripe,
    bool (*must_not)(void *context, struct error *error), void *context)
{
	stripe_give_ask(&stripe->give, must_not, context);
}

void
stripe_read_lend(struct stripe_read *stripe, struct stripe_room *room)
{
	stripe_give_lend(&stripe->give, room);
}

void
stripe_read_settle(struct stripe_read *stripe)
{
	stripe_give_settle(&stripe->give);
}

int
stripe_read_peek(struct stripe_read *stripe, const void **data, size_t *size,
    struct error *error)
{
	return (stripe_give_peek(&stripe->give, data, size, error));
}

void
stripe_read_skip(struct stripe_read *stripe, size_t size)
{
	stripe_give_skip(&stripe->give, size);
}

bool
stripe_read_is_proven(struct stripe_read *stripe)
{
	return (stripe_give_is_proven(&stripe->give));
}

bool
stripe_read_at_end(struct stripe_read *stripe)
{
	return (stripe_give_at_end(&stripe->give));
}

bool
stripe_read_failed(struct stripe_read *stripe, struct error *error)
{
	return (stripe_give_failed(&stripe->give, error));
}

void
stripe_read_result(struct stripe_read *stripe, struct stripe_result *result)
{
	assert(stripe_read_is_proven(stripe));
	result->raw_bytes = stripe->give.digested_bytes;
	result->stored_bytes = stripe_read_stored_bytes(stripe);
	result->frames = stripe->walk.frames;
	memcpy(result->sha256, stripe->walk.sha256, STRIPE_SHA256_SIZE);
	digest_xxh128_get(stripe->give.digest, result->raw_xxh128);
}

void
stripe_read_stop(struct stripe_read *stripe)
{
	stripe_give_stop(&stripe->give);
}

uint64_t
stripe_read_stored_bytes(const struct stripe_read *stripe)
{
	return (atomic_load(&stripe->walk.input.offset));
}

void
stripe_read_free(struct stripe_read *stripe)
{
	if (stripe == NULL)
		return;
	stripe_read_stop(stripe);
	if (stripe->started)
		(void)pthread_join(stripe->thread, NULL);
	stripe_give_release(&stripe->give);
	stripe_walk_release(&stripe->walk);
	source_close(stripe->source);
	free(stripe);
}

int
stripe_read_all(struct stripe_read *stripe,
    int (*consume)(void *context, const void *data, size_t size,
    struct error *error), void *context, struct stripe_result *result,
    struct error *error)
{
	for (;;) {
		const void *data;
		size_t size;

		if (stripe_read_peek(stripe, &data, &size, error) != 0)
			return (-1);
		if (size == 0)
			break;
		if (consume != NULL &&
		    consume(context, data, size, error) != 0)
			return (-1);
		stripe_read_skip(stripe, size);
	}
	stripe_read_result(stripe, result);
	return (0);
}
