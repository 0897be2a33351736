/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_GIVE_H
#define TRANSFER_STRIPE_GIVE_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/slots.h"
#include "transfer/stripe_read.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What becomes of the frames that a reader has found: they are put in order,
 * digested, proven at the end, and their bytes given to whoever wants them.
 * For stripe_read.c only.
 *
 *     reading thread   stripe_give_hold for each frame, stripe_give_more when
 *                      it is known that something follows, in the end
 *                      stripe_give_end or stripe_give_break
 *     pool's threads   stripe_give_place -> decompress -> stripe_give_done
 *     the caller       stripe_give_peek and _skip, or stripe_give_lend
 *
 * A frame whose whole place in the stream has been lent as room when a thread
 * begins with it is decompressed straight into that room; any other goes
 * through its slot, and is copied.
 *
 * Whoever brings something new does what can be done with it: digests frames
 * in order, fills rooms, says that they are done.  One thread at a time, and
 * never under the lock.
 */

struct digest_xxh128;
struct source;
struct stripe_walk;

struct stripe_give {
	struct slots *slots;
	struct slots_share share;
	struct source *source;           /* borrowed: its name, its interrupt */
	const struct stripe_walk *walk;  /* its end, once that is reached */
	struct digest_xxh128 *digest;    /* of the raw bytes; the giver's */
	uint64_t digested_bytes;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct slot *first; /* in order, until all of it was given */
	struct slot *last;
	struct slot *fresh; /* of them, the first that is not digested */
	/* The newest one, which is not given before it is known what comes
	 * after it. */
	struct slot *held;
	uint64_t found;   /* raw bytes of the frames so far */
	unsigned working; /* slots whose job has not run */
	struct stripe_room *rooms;
	struct stripe_room **rooms_end;
	uint64_t position; /* raw bytes that were given */
	uint64_t lent;     /* up to where there is room */
	size_t given;      /* of first's raw bytes */
	bool (*must_not)(void *context, struct error *error);
	void *context;    /* must_not's */
	bool is_giving;   /* a thread is at it */
	bool is_ended;    /* the reader has reached the proven end */
	bool is_broken;   /* the reader has failed: */
	struct error broken;
	bool is_stopped;
	bool is_proven;   /* all is digested, and fits */
	bool is_accepted; /* whoever wants the end has agreed */
	bool is_failed;
	struct error error; /* the one that stands */

	atomic_bool dead; /* stopped or failed, for a look without the lock */
};

int stripe_give_init(struct stripe_give *give, struct slots *slots,
    struct source *source, const struct stripe_walk *walk,
    struct error *error) MUST_CHECK;
/* When the reading thread has ended; waits for the pool's jobs. */
void stripe_give_release(struct stripe_give *give);

/* has_job: the slot was not done yet, and stripe_give_done will come. */
void stripe_give_hold(struct stripe_give *give, struct slot *slot,
    bool has_job);
void stripe_give_more(struct stripe_give *give);
void stripe_give_end(struct stripe_give *give);
void stripe_give_break(struct stripe_give *give, const struct error *error);

/* Where the slot's raw bytes go; NULL: into the slot. */
uint8_t *stripe_give_place(struct stripe_give *give, struct slot *slot);
void stripe_give_done(struct stripe_give *give, struct slot *slot);

int stripe_give_peek(struct stripe_give *give, const void **data,
    size_t *size, struct error *error) MUST_CHECK;
void stripe_give_skip(struct stripe_give *give, size_t size);
void stripe_give_ask(struct stripe_give *give,
    bool (*must_not)(void *context, struct error *error), void *context);
void stripe_give_lend(struct stripe_give *give, struct stripe_room *room);
void stripe_give_settle(struct stripe_give *give);

void stripe_give_stop(struct stripe_give *give);
/* Whether an error stands, and which. */
bool stripe_give_failed(struct stripe_give *give, struct error *error);
bool stripe_give_is_proven(struct stripe_give *give);
bool stripe_give_at_end(struct stripe_give *give);

#endif
