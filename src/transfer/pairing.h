/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_PAIRING_H
#define TRANSFER_PAIRING_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where the writer threads of a pool's stripes meet, so that two frames are
 * digested in the time of one (digest_sha256_add_pair).
 *
 *     pairing_join -> pairing_add, as often as wanted -> pairing_leave
 *
 * Whoever comes while another one waits digests both frames and sends the
 * other one on; whoever finds nobody waits for a moment, and then digests
 * alone.  Who brings what to whom changes nothing about a stripe: its bytes
 * still are digested in order, by or for its one writer thread.
 *
 * Nobody waits
 *   - for more than wait_ms, or when the caller says that it must not;
 *   - with a piece so small that waking a thread costs more than is won, or
 *     with a digest that cannot be paired;
 *   - where fewer than two stripes are being written;
 *   - twice without having met anybody: a stripe whose neighbours stand
 *     still must not be slowed down by them;
 *   - when a thread of the pool has nothing to do and no slot is left, since
 *     then the frame at hand may be what all others wait for.
 *
 * Threads: any.  A lock inside, which is not held while digesting; it is
 * taken below the pool's and above that of the slots.
 */

#define PAIRING_WAIT_MS 20
#define PAIRING_MIN_SIZE ((size_t)64 << 10)

struct digest_sha256;
struct pairing;
struct slots;

/* Borrows slots.  The pool waits for PAIRING_WAIT_MS; tests for as long as
 * they like. */
struct pairing *pairing_new(struct slots *slots, int64_t wait_ms,
    struct error *error) MUST_CHECK;
/* Asserts that everybody has left.  Accepts NULL. */
void pairing_free(struct pairing *pairing);

/* A stripe is being written; no longer. */
void pairing_join(struct pairing *pairing);
void pairing_leave(struct pairing *pairing);

/* digest_sha256_add, perhaps together with another one's.  The data are the
 * caller's again on return. */
int pairing_add(struct pairing *pairing, struct digest_sha256 *digest,
    const void *data, size_t size, bool may_wait, struct error *error)
    MUST_CHECK;

/* For the pool: one of its threads has nothing to do; has something again. */
void pairing_idle_begin(struct pairing *pairing);
void pairing_idle_end(struct pairing *pairing);

struct pairing_counts {
	uint64_t pairs;
	uint64_t alone;   /* pieces that were large enough, and found nobody */
	uint64_t in_vain; /* of them, those that waited to the end */
	bool waiting;     /* somebody waits at this moment */
};

/* For tests and measurements. */
void pairing_look(struct pairing *pairing, struct pairing_counts *counts);

#endif
