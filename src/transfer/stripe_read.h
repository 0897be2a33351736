/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_READ_H
#define TRANSFER_STRIPE_READ_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/stripe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One stripe on its way in: source -> SHA-256 -> frames (read ahead and
 * decompressed by the pool, many at a time) -> raw bytes in order, in
 * whatever sizes are asked for.
 *
 *     stripe_read_open
 *       -> stripe_read_peek and stripe_read_skip, until there is nothing; or
 *          stripe_read_lend, until a room is not filled up
 *       -> stripe_read_result -> stripe_read_free
 *
 * Room may be lent for several pieces ahead, and is filled in order.  A frame
 * that a thread takes up when all of its place has been lent is decompressed
 * straight into it, so whoever lends as much as the threads work on, in pieces
 * of whole frames, is spared the copies.
 *
 * What the source holds is told by its content:
 *     STRIPE_OURS    a stripe file.  Everything in it is checked: frame sizes
 *                    and checksums, seek table, raw digest, SHA-256.
 *     STRIPE_ZSTD    any other zstd file; checked as far as it has checksums.
 *                    A frame without content size, or of more than
 *                    STRIPE_MAX_FRAME_SIZE, is decompressed by one thread.
 *     STRIPE_PLAIN   a backup stream as it is ("TAPE" or "MSSQLBAK").
 * A stripe file that lies in a regular file is known to be whole (its end is
 * there and fits its size) before open returns.
 *
 * The last frame's bytes are given only after the end of the file has been
 * checked as well, so whoever gets the whole stream gets a proven one.  (They
 * may lie in lent room before; it is not said to be done.)
 *
 * Memory: see transfer/slots.h; beyond that 256 KiB, and 12 bytes for each
 * frame of a stripe file.
 * Threads: one thread calls; the object has a thread of its own for the source
 * and its SHA-256.  stop, failed, is_proven and stored_bytes are for any
 * thread.
 * Errors: KIND_INTEGRITY with the place: empty, not a backup, cut short,
 * damaged, of another format version; the source's own; KIND_ABORTED after
 * stop.  After the first error every call returns it.
 */

struct pool;
struct source;
struct stripe_read;

enum stripe_form {
	STRIPE_OURS,
	STRIPE_ZSTD,
	STRIPE_PLAIN
};

/* Takes source, also when it fails; borrows pool until the stripe is freed. */
struct stripe_read *stripe_read_open(struct pool *pool, struct source *source,
    struct error *error) MUST_CHECK;

enum stripe_form stripe_read_form(const struct stripe_read *stripe);
/* NULL unless the form is STRIPE_OURS; valid until free. */
const struct stripe_identity *stripe_read_identity(
    const struct stripe_read *stripe);

/*
 * Room that is lent to be filled with the next raw bytes.  The caller provides
 * it and leaves it and its data alone until done, which is called once, on any
 * thread: with NULL for error when it is full, or holds what was left before
 * the proven end; or with the error that stands, when what it holds is worth
 * nothing.
 */
struct stripe_room {
	uint8_t *data;
	size_t size;
	void (*done)(struct stripe_room *room, size_t got,
	    const struct error *error);
	uint64_t at;              /* the stripe's, as what follows */
	size_t filled;
	unsigned users;
	struct stripe_room *next;
};

/* Never waits; done may be called before it returns. */
void stripe_read_lend(struct stripe_read *stripe, struct stripe_room *room);
/* Wait until every done has returned.  It comes when the room has been filled,
 * or soon after stripe_read_stop. */
void stripe_read_settle(struct stripe_read *stripe);

/*
 * Whoever lends room may refuse the end: must_not is called once, on any
 * thread, when all is proven and before a room that the last frame's bytes are
 * for is done.  true and the error: it stands, and the room is not filled.
 */
void stripe_read_ask(struct stripe_read *stripe,
    bool (*must_not)(void *context, struct error *error), void *context);

/* The next raw bytes where they lie, *size is 0 at the proven end.  Valid
 * until the next call. */
int stripe_read_peek(struct stripe_read *stripe, const void **data,
    size_t *size, struct error *error) MUST_CHECK;
/* Step over size of the bytes that peek has shown. */
void stripe_read_skip(struct stripe_read *stripe, size_t size);

/* Whether the end is proven; bytes may be left to be given. */
bool stripe_read_is_proven(struct stripe_read *stripe);
/* Whether all bytes have been given and the end is proven. */
bool stripe_read_at_end(struct stripe_read *stripe);
/* Whether an error stands, and which. */
bool stripe_read_failed(struct stripe_read *stripe, struct error *error);
/* Of the whole file; asserts stripe_read_is_proven. */
void stripe_read_result(struct stripe_read *stripe,
    struct stripe_result *result);

/* From any thread: every waiting call returns. */
void stripe_read_stop(struct stripe_read *stripe);
/* Bytes taken from the source.  Any thread. */
uint64_t stripe_read_stored_bytes(const struct stripe_read *stripe);

/* Accepts NULL; closes the source. */
void stripe_read_free(struct stripe_read *stripe);

/*
 * Read to the end.  consume (NULL: nobody) sees all raw bytes in order; its
 * -1 ends the reading with its error.
 */
int stripe_read_all(struct stripe_read *stripe,
    int (*consume)(void *context, const void *data, size_t size,
    struct error *error), void *context, struct stripe_result *result,
    struct error *error) MUST_CHECK;

#endif
