/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_WRITE_H
#define TRANSFER_STRIPE_WRITE_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/codec.h"
#include "transfer/stripe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One stripe on its way out: raw bytes in order -> frames (compressed by the
 * pool, many at a time) -> SHA-256 -> sink, in order.
 *
 *     stripe_write_open
 *       -> stripe_write_borrowed, _copied, _flush, as often as wanted
 *       -> stripe_write_finish      all is durable, the result is filled
 *     stripe_write_free             at any time; abandons what is unfinished
 *
 * Raw bytes become frames of at most frame_size.  What is at least that large
 * can be compressed straight from the caller's memory (borrowed); what is
 * smaller, or has to be the caller's again at once, is gathered (copied).  A
 * frame that holds gathered bytes is closed early when a borrowed write or a
 * flush comes.
 *
 * Waiting: the write calls wait for a slot when the sink is slower than the
 * server; stripe_write_stop, from any thread, ends every wait with
 * KIND_ABORTED.  After the first error every call returns it.
 *
 * Digest: the thread of the stripe may wait up to PAIRING_WAIT_MS for that of
 * another stripe of the pool (transfer/pairing.h), but not when it is flushed,
 * finished or stopped, nor with a limited rate; who calls then may wait so
 * long for a wait that had begun before.
 *
 * Memory: see transfer/slots.h; beyond that 12 bytes for each frame.
 * Threads: one thread calls; the object has a thread of its own for digest
 * and sink.  stop, stored_bytes and failed are for any thread.
 * Errors: the sink's; ENOSPC, EDQUOT and EFBIG stay recognisable in
 * error->code with ORIGIN_SYSTEM.
 */

struct adapt;
struct pool;
struct rate;
struct sink;
struct stripe_write;

struct stripe_write_options {
	struct codec_settings codec;
	struct adapt *adapt; /* borrowed; sets the level of each frame; NULL:
	                      * it stays */
	size_t frame_size; /* STRIPE_MIN_FRAME_SIZE .. STRIPE_MAX_FRAME_SIZE */
	struct rate *rate; /* borrowed; NULL: no limit */
	bool count_only;   /* touch no data, write nothing: for measuring */
};

/* Level 3, default frame size. */
void stripe_write_options_init(struct stripe_write_options *options);

/*
 * A borrowed write under way.  The caller provides it and leaves it alone
 * until done, which is called once, on any thread, when the bytes are no
 * longer needed; stored is false when they were not taken because the stripe
 * has failed or was stopped.  True does not mean durable.
 */
struct stripe_borrow {
	void (*done)(struct stripe_borrow *borrow, bool stored);
	unsigned frames;  /* the stripe's */
	bool failed;      /* the stripe's */
};

/*
 * Writes the header.  Takes sink, also when it fails; borrows pool until the
 * stripe is freed.
 */
struct stripe_write *stripe_write_open(struct pool *pool, struct sink *sink,
    const struct stripe_identity *identity,
    const struct stripe_write_options *options, struct error *error)
    MUST_CHECK;

/* Whether a write of that size can be borrowed: a frame's at least. */
bool stripe_write_wants_borrow(const struct stripe_write *stripe, size_t size);

/* done will be called exactly once if this returns 0; if it returns -1, done
 * is not called, and no frame uses the bytes any more. */
int stripe_write_borrowed(struct stripe_write *stripe, const void *data,
    size_t size, struct stripe_borrow *borrow, struct error *error)
    MUST_CHECK;
/* The bytes are the caller's again on return. */
int stripe_write_copied(struct stripe_write *stripe, const void *data,
    size_t size, struct error *error) MUST_CHECK;

/* Everything given so far is compressed, written and on stable storage. */
int stripe_write_flush(struct stripe_write *stripe, struct error *error)
    MUST_CHECK;

/* Closing frame, seek table, sync, the sink's commit. */
int stripe_write_finish(struct stripe_write *stripe,
    struct stripe_result *result, struct error *error) MUST_CHECK;

/* From any thread: no more is stored; every waiting call returns. */
void stripe_write_stop(struct stripe_write *stripe);

/* Wait until no frame uses borrowed memory; every done has been called.  The
 * wait is as long as the frames under way take to compress. */
void stripe_write_settle(struct stripe_write *stripe);

/* Bytes that the sink has taken; whether an error stands.  Any thread. */
uint64_t stripe_write_stored_bytes(const struct stripe_write *stripe);
bool stripe_write_failed(struct stripe_write *stripe, struct error *error);

/* Stop, settle, abandon the sink unless finished.  Accepts NULL. */
void stripe_write_free(struct stripe_write *stripe);

#endif
