/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_TABLE_H
#define TRANSFER_STRIPE_TABLE_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/stripe.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The seek table of a stripe while its frames are written or read: one entry
 * for each, 12 bytes of memory.
 */

struct stripe_table {
	struct stripe_entry *entries;
	size_t count;
	size_t room;
};

/* A table of zeros is empty. */
void stripe_table_release(struct stripe_table *table);

/* A zstd frame, whose last bytes are the checksum of its content. */
int stripe_table_add_frame(struct stripe_table *table, const uint8_t *stored,
    size_t stored_size, size_t raw_size, struct error *error) MUST_CHECK;
/* A skippable frame. */
int stripe_table_add_skippable(struct stripe_table *table, size_t stored_size,
    struct error *error) MUST_CHECK;

/* The table's bytes, piece by piece, to put; its -1 ends it. */
#define STRIPE_TABLE_PIECE (512u * STRIPE_TABLE_ENTRY)
int stripe_table_encode(const struct stripe_table *table,
    int (*put)(void *context, const uint8_t *bytes, size_t size,
    struct error *error), void *context, struct error *error) MUST_CHECK;

#endif
