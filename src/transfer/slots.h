/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_SLOTS_H
#define TRANSFER_SLOTS_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The buffers of all stripes of a pool, so that memory is bounded and pages
 * are touched once.
 *
 * A slot is what one frame under way needs: its raw and its stored bytes.
 * Each stripe (a share) may always hold one; beyond that the stripes share
 * 2 * threads extra ones.  So there are never more than
 *
 *     stripes + 2 * threads
 *
 * slots, each with a stored buffer of codec_bound(frame_size) and, where the
 * raw bytes have no other place (gathered writes, reads ahead of what the
 * server has asked for), a raw buffer of frame_size.  With 4 devices, 8 threads
 * and 4 MiB frames: 20 slots, 80 MiB, and at most 160 MiB where all that is
 * under way was copied or read ahead.  Buffers grow when they are first needed,
 * pass from stripe to stripe with their slot, and are freed with the pool.
 *
 * A stripe gives its slots back in the order of its frames, so the slot that
 * it holds at least is that of the frame that is next, and nothing can wait
 * in a circle.
 *
 * slots_take waits; slots_wake, from any thread, ends the waits of one share
 * for good.  A lock inside; waits are on one condition.
 */

struct slots;
struct stripe_borrow;
struct stripe_room;

struct slot {
	struct pool_job job; /* for the pool; first */
	struct slot *next;   /* the holder's queue */
	void *holder;
	uint8_t *stored;
	size_t stored_room;
	size_t stored_size;
	uint8_t *raw;
	size_t raw_room;
	size_t raw_size;
	uint64_t raw_at;      /* reading: where in the raw stream */
	const uint8_t *place; /* reading: the raw bytes: raw, or in a room */
	struct stripe_room *room; /* reading: lent for them, or NULL */
	const uint8_t *input; /* what to compress: raw, or borrowed */
	struct stripe_borrow *borrow;
	uint64_t number; /* of the frame, from 1, and where it is stored: */
	uint64_t offset; /* for messages */
	bool done; /* under the holder's lock: the job has run */
	struct error error; /* of the job */
};

/* What one stripe holds; all fields are under the lock of the slots. */
struct slots_share {
	unsigned held;
	bool stopped;
};

struct slots *slots_new(unsigned extra, struct error *error) MUST_CHECK;
/* Asserts that every slot was given back.  Accepts NULL. */
void slots_free(struct slots *slots);

void slots_share_init(struct slots_share *share);

/* A slot with its fields cleared but for the buffers; waits for one.  NULL
 * and KIND_ABORTED when the share was woken. */
struct slot *slots_take(struct slots *slots, struct slots_share *share,
    struct error *error) MUST_CHECK;
void slots_give(struct slots *slots, struct slots_share *share,
    struct slot *slot);
void slots_wake(struct slots *slots, struct slots_share *share);

/* At least that much room; what a buffer held is kept. */
int slots_raw_room(struct slot *slot, size_t size, struct error *error)
    MUST_CHECK;
int slots_stored_room(struct slot *slot, size_t size, struct error *error)
    MUST_CHECK;

/* Whether only stripes that hold none can have one at once. */
bool slots_are_short(struct slots *slots);

/* Slots that exist, for tests of the bound. */
unsigned slots_count(struct slots *slots);

#endif
