/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_read.h"

#include "base/clock.h"
#include "transfer/codec.h"
#include "transfer/digest.h"
#include "transfer/pool.h"
#include "transfer/slots.h"
#include "transfer/source.h"
#include "transfer/stripe_walk.h"
#include "transfer/thread.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 1000

struct stripe_read {
	struct pool *pool;
	struct slots *slots;
	struct slots_share share;
	struct source *source;
	pthread_t thread;
	bool started;

	/* The thread's; the caller's before it starts and when it ended. */
	struct stripe_walk walk;

	/* The caller's. */
	struct slot *current;
	size_t given; /* of current's raw bytes */
	struct digest_xxh128 *raw_digest;
	uint64_t raw_bytes;
	bool proven;  /* all was given or lies in current, and fits */
	bool failed;
	struct error error; /* the one that stands */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct slot *first; /* in order, to be given */
	struct slot *last;
	/* The newest one, which is not given before it is known what comes
	 * after it. */
	struct slot *held;
	unsigned working; /* slots whose job has not run */
	bool ended;       /* the thread has reached the proven end */
	bool broken;      /* the thread has failed: */
	struct error thread_error;
	bool stopped;

	atomic_bool dead; /* for the pool's threads to look at */
};

static void
wait_change(struct stripe_read *stripe)
{
	struct timespec at = clock_timespec(clock_deadline(WAIT_MS));

	(void)pthread_cond_timedwait(&stripe->changed, &stripe->lock, &at);
}

/* Under the lock. */
static void
release_held(struct stripe_read *stripe)
{
	struct slot *slot = stripe->held;

	if (slot == NULL)
		return;
	stripe->held = NULL;
	slot->next = NULL;
	if (stripe->last != NULL)
		stripe->last->next = slot;
	else
		stripe->first = slot;
	stripe->last = slot;
	(void)pthread_cond_broadcast(&stripe->changed);
}

static void
walk_more(void *context)
{
	struct stripe_read *stripe = context;

	(void)pthread_mutex_lock(&stripe->lock);
	release_held(stripe);
	(void)pthread_mutex_unlock(&stripe->lock);
}

static struct slot *
walk_take(void *context, struct error *error)
{
	struct stripe_read *stripe = context;

	return (slots_take(stripe->slots, &stripe->share, error));
}

static void
walk_drop(void *context, struct slot *slot)
{
	struct stripe_read *stripe = context;

	slots_give(stripe->slots, &stripe->share, slot);
}

/* On a thread of the pool. */
static void
decompress(struct pool_job *job, struct codec *codec)
{
	struct slot *slot = (struct slot *)job;
	struct stripe_read *stripe = slot->holder;

	if (!atomic_load(&stripe->dead) && codec_decompress(codec,
	    slot->stored, slot->stored_size, slot->raw, slot->raw_size,
	    &slot->error) != 0)
		error_context(&slot->error, "damaged in frame %llu at byte "
		    "%llu", (unsigned long long)slot->number,
		    (unsigned long long)slot->offset);
	(void)pthread_mutex_lock(&stripe->lock);
	slot->done = true;
	stripe->working--;
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
}

static void
walk_frame(void *context, struct slot *slot)
{
	struct stripe_read *stripe = context;

	slot->holder = stripe;
	slot->job.run = decompress;
	(void)pthread_mutex_lock(&stripe->lock);
	release_held(stripe);
	stripe->held = slot;
	stripe->working++;
	(void)pthread_mutex_unlock(&stripe->lock);
	pool_submit(stripe->pool, &slot->job);
}

static void
walk_raw(void *context, struct slot *slot)
{
	struct stripe_read *stripe = context;

	slot->done = true;
	(void)pthread_mutex_lock(&stripe->lock);
	release_held(stripe);
	stripe->held = slot;
	(void)pthread_mutex_unlock(&stripe->lock);
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
	int rc = stripe_walk_rest(&stripe->walk, &error);

	(void)pthread_mutex_lock(&stripe->lock);
	if (rc == 0) {
		release_held(stripe);
		stripe->ended = true;
	} else {
		/* Damage in the newest frame comes before what was met
		 * behind it. */
		while (stripe->held != NULL && !stripe->held->done)
			wait_change(stripe);
		stripe->thread_error = error;
		if (stripe->held != NULL &&
		    error_is_set(&stripe->held->error))
			stripe->thread_error = stripe->held->error;
		stripe->broken = true;
	}
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
	return (NULL);
}

/* Says in which file, where the error does not. */
static void
name_source(struct stripe_read *stripe, struct error *error)
{
	if (error_is_set(error) && error->kind == KIND_INTEGRITY)
		error_context(error, "\"%s\"", source_name(stripe->source));
}

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
	stripe->slots = pool_slots(pool);
	stripe->source = source;
	slots_share_init(&stripe->share);
	(void)pthread_mutex_init(&stripe->lock, NULL);
	(void)clock_cond_init(&stripe->changed);
	atomic_init(&stripe->dead, false);
	stripe->raw_digest = digest_xxh128_new(&found);
	if (stripe_walk_init(&stripe->walk, source, &walk_to, stripe,
	    &found) == 0 && stripe->raw_digest != NULL &&
	    stripe_walk_begin(&stripe->walk, &found) == 0 &&
	    thread_start(&stripe->thread, read_ahead, stripe, &found) == 0) {
		stripe->started = true;
		return (stripe);
	}
	name_source(stripe, &found);
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

static int
tell_failure(struct stripe_read *stripe, struct error *error)
{
	if (error != NULL && !error_is_set(error))
		*error = stripe->error;
	return (-1);
}

static int
fail(struct stripe_read *stripe, const struct error *found,
    struct error *error)
{
	stripe->error = *found;
	name_source(stripe, &stripe->error);
	stripe->failed = true;
	stripe_read_stop(stripe);
	return (tell_failure(stripe, error));
}

/* All raw bytes have been digested: they have to be those that were sent. */
static int
prove_raw(struct stripe_read *stripe, struct error *error)
{
	const struct stripe_closing *closing = &stripe->walk.closing;
	uint8_t sum[STRIPE_XXH128_SIZE];

	stripe->proven = true;
	if (stripe->walk.form != STRIPE_OURS)
		return (0);
	digest_xxh128_get(stripe->raw_digest, sum);
	if (stripe->raw_bytes != closing->raw_bytes ||
	    memcmp(sum, closing->raw_xxh128, sizeof(sum)) != 0) {
		stripe->proven = false;
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "damaged: the raw stream is not the one that was "
		    "written"));
	}
	return (0);
}

enum next {
	NEXT_SLOT,
	NEXT_END,
	NEXT_ERROR
};

/* The next slot, and whether it is the last one. */
static enum next
wait_slot(struct stripe_read *stripe, struct slot **slot, bool *is_last,
    struct error *error)
{
	enum next next;

	(void)pthread_mutex_lock(&stripe->lock);
	while (!stripe->stopped && !(stripe->first != NULL &&
	    stripe->first->done) && !(stripe->first == NULL &&
	    (stripe->ended || stripe->broken)))
		wait_change(stripe);
	if (stripe->stopped) {
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the transfer was stopped"));
		next = NEXT_ERROR;
	} else if (stripe->first != NULL) {
		*slot = stripe->first;
		stripe->first = (*slot)->next;
		if (stripe->first == NULL)
			stripe->last = NULL;
		*is_last = stripe->first == NULL && stripe->ended;
		next = NEXT_SLOT;
	} else if (stripe->ended) {
		next = NEXT_END;
	} else {
		*error = stripe->thread_error;
		next = NEXT_ERROR;
	}
	(void)pthread_mutex_unlock(&stripe->lock);
	return (next);
}

static void
give_current(struct stripe_read *stripe)
{
	if (stripe->current != NULL)
		slots_give(stripe->slots, &stripe->share, stripe->current);
	stripe->current = NULL;
	stripe->given = 0;
}

static int
step(struct stripe_read *stripe, struct error *found)
{
	struct slot *slot = NULL;
	bool is_last = false;

	give_current(stripe);
	switch (wait_slot(stripe, &slot, &is_last, found)) {
	case NEXT_SLOT:
		break;
	case NEXT_END:
		return (prove_raw(stripe, found));
	case NEXT_ERROR:
	default:
		return (-1);
	}
	stripe->current = slot;
	if (error_is_set(&slot->error)) {
		*found = slot->error;
		return (-1);
	}
	digest_xxh128_add(stripe->raw_digest, slot->raw, slot->raw_size);
	stripe->raw_bytes += slot->raw_size;
	return (is_last ? prove_raw(stripe, found) : 0);
}

int
stripe_read_peek(struct stripe_read *stripe, const void **data, size_t *size,
    struct error *error)
{
	if (stripe->failed)
		return (tell_failure(stripe, error));
	while ((stripe->current == NULL ||
	    stripe->given == stripe->current->raw_size) && !stripe->proven) {
		struct error found = { 0 };

		if (step(stripe, &found) != 0)
			return (fail(stripe, &found, error));
	}
	*data = NULL;
	*size = 0;
	if (stripe->current == NULL)
		return (0);
	*size = stripe->current->raw_size - stripe->given;
	*data = stripe->current->raw + stripe->given;
	return (0);
}

void
stripe_read_skip(struct stripe_read *stripe, size_t size)
{
	if (size == 0)
		return;
	assert(stripe->current != NULL &&
	    size <= stripe->current->raw_size - stripe->given);
	stripe->given += size;
	/* The frame after next can be read into it. */
	if (stripe->given == stripe->current->raw_size)
		give_current(stripe);
}

int
stripe_read_fill(struct stripe_read *stripe, void *data, size_t size,
    size_t *got, struct error *error)
{
	uint8_t *to = data;

	*got = 0;
	while (*got < size) {
		const void *from;
		size_t piece;

		if (stripe_read_peek(stripe, &from, &piece, error) != 0)
			return (-1);
		if (piece == 0)
			break;
		if (piece > size - *got)
			piece = size - *got;
		memcpy(to + *got, from, piece);
		stripe_read_skip(stripe, piece);
		*got += piece;
	}
	return (0);
}

bool
stripe_read_is_proven(const struct stripe_read *stripe)
{
	return (stripe->proven && !stripe->failed);
}

bool
stripe_read_at_end(const struct stripe_read *stripe)
{
	return (stripe_read_is_proven(stripe) &&
	    (stripe->current == NULL ||
	    stripe->given == stripe->current->raw_size));
}

void
stripe_read_result(const struct stripe_read *stripe,
    struct stripe_result *result)
{
	assert(stripe_read_is_proven(stripe));
	result->raw_bytes = stripe->raw_bytes;
	result->stored_bytes = stripe_read_stored_bytes(stripe);
	result->frames = stripe->walk.frames;
	memcpy(result->sha256, stripe->walk.sha256, STRIPE_SHA256_SIZE);
	digest_xxh128_get(stripe->raw_digest, result->raw_xxh128);
}

void
stripe_read_stop(struct stripe_read *stripe)
{
	(void)pthread_mutex_lock(&stripe->lock);
	stripe->stopped = true;
	atomic_store(&stripe->dead, true);
	(void)pthread_cond_broadcast(&stripe->changed);
	(void)pthread_mutex_unlock(&stripe->lock);
	slots_wake(stripe->slots, &stripe->share);
	source_interrupt(stripe->source);
}

uint64_t
stripe_read_stored_bytes(const struct stripe_read *stripe)
{
	return (atomic_load(&stripe->walk.input.offset));
}

void
stripe_read_free(struct stripe_read *stripe)
{
	struct slot *slot;

	if (stripe == NULL)
		return;
	stripe_read_stop(stripe);
	if (stripe->started)
		(void)pthread_join(stripe->thread, NULL);
	(void)pthread_mutex_lock(&stripe->lock);
	while (stripe->working > 0)
		wait_change(stripe);
	release_held(stripe);
	(void)pthread_mutex_unlock(&stripe->lock);
	while ((slot = stripe->first) != NULL) {
		stripe->first = slot->next;
		slots_give(stripe->slots, &stripe->share, slot);
	}
	give_current(stripe);
	stripe_walk_release(&stripe->walk);
	source_close(stripe->source);
	digest_xxh128_free(stripe->raw_digest);
	(void)pthread_cond_destroy(&stripe->changed);
	(void)pthread_mutex_destroy(&stripe->lock);
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
