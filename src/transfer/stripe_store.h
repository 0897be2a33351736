/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_STORE_H
#define TRANSFER_STRIPE_STORE_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/stripe.h"
#include "transfer/stripe_table.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The parts of a stripe file in their order, to digest and sink.  For
 * stripe_write.c only.
 *
 *     stripe_store_init -> stripe_store_header
 *       -> stripe_store_digest, stripe_store_frame, for each frame
 *       -> stripe_store_end -> stripe_store_release
 *
 * One thread at a time; stored_bytes is for any.
 */

struct digest_sha256;
struct pairing;
struct sink;

struct stripe_store {
	struct sink *sink;       /* borrowed */
	struct pairing *pairing; /* borrowed */
	/* Asked before each write of at most piece bytes; NULL: none is. */
	int (*pace)(void *context, size_t size, struct error *error);
	void *pace_context;
	size_t piece;
	struct digest_sha256 *digest;
	struct stripe_table table;
	uint64_t frames;
	uint64_t raw_bytes; /* in frames */
	atomic_uint_least64_t stored_bytes;
};

int stripe_store_init(struct stripe_store *store, struct sink *sink,
    struct pairing *pairing, struct error *error) MUST_CHECK;
void stripe_store_release(struct stripe_store *store);

int stripe_store_header(struct stripe_store *store,
    const struct stripe_identity *identity, struct error *error) MUST_CHECK;
/* First the digest, then the rest.  may_wait: for another stripe's frame, to
 * be digested with it. */
int stripe_store_digest(struct stripe_store *store, const uint8_t *stored,
    size_t stored_size, bool may_wait, struct error *error) MUST_CHECK;
int stripe_store_frame(struct stripe_store *store, const uint8_t *stored,
    size_t stored_size, size_t raw_size, struct error *error) MUST_CHECK;
/* Closing frame, seek table, the sink's commit. */
int stripe_store_end(struct stripe_store *store,
    const uint8_t raw_xxh128[STRIPE_XXH128_SIZE],
    struct stripe_result *result, struct error *error) MUST_CHECK;

#endif
