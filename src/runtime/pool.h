/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_POOL_H
#define RUNTIME_POOL_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where buffers lie in the areas of a set.  All book-keeping is in private
 * memory: nothing that a peer can write decides over what is free.
 *
 * A buffer is [prefix zone | data zone]; the data zone starts at a multiple
 * of the alignment and the prefix zone ends there (spec 8.1).  Areas start at
 * multiples of every alignment there is.  No locks; the owner serialises.
 */

struct pool_block {
	uint32_t area;
	bool used;
	uint64_t start, length; /* prefix zone included */
	uint64_t data;          /* offset of the data zone, where used */
	uint32_t size;          /* of the data zone as asked for */
};

struct pool {
	uint32_t prefix;
	uint32_t alignment; /* the set's basic one */
	struct pool_block *blocks; /* by area, then start; no gaps */
	size_t count, room;
};

void pool_init(struct pool *pool, uint32_t prefix, uint32_t alignment);
void pool_release(struct pool *pool);

/*
 * Room in an area that is sure to hold count buffers of that shape; 0 if the
 * shape is invalid (alignment 0 means the basic one), UINT64_MAX if it is
 * beyond all measure.
 */
uint64_t pool_needs(const struct pool *pool, uint32_t size,
    uint32_t alignment, uint32_t count);

/* A new area, all of it free.  -1: out of memory. */
int pool_add_area(struct pool *pool, uint32_t area, uint64_t length)
    MUST_CHECK;

/* 0, or -1 if there is no room (or no memory for the book-keeping). */
int pool_allocate(struct pool *pool, uint32_t size, uint32_t alignment,
    uint32_t *area, uint64_t *data) MUST_CHECK;

/* false: no such buffer, or not of this size. */
bool pool_put(struct pool *pool, uint32_t area, uint64_t data,
    uint32_t size);

/* How many buffers of that shape pool_allocate could give out now. */
uint32_t pool_available(const struct pool *pool, uint32_t size,
    uint32_t alignment);

#endif
