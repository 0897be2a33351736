/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_BUFPOOL_H
#define RUNTIME_BUFPOOL_H

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

struct bufpool_block {
	uint32_t area;
	bool used;
	uint64_t start, length; /* prefix zone included */
	uint64_t data;          /* offset of the data zone, where used */
	uint32_t size;          /* of the data zone as asked for */
};

struct bufpool {
	uint32_t prefix;
	uint32_t alignment; /* the set's basic one */
	struct bufpool_block *blocks; /* by area, then start; no gaps */
	size_t count, room;
};

void bufpool_init(struct bufpool *pool, uint32_t prefix, uint32_t alignment);
void bufpool_release(struct bufpool *pool);

/*
 * Room in an area that is sure to hold count buffers of that shape; 0 if the
 * shape is invalid (alignment 0 means the basic one), UINT64_MAX if it is
 * beyond all measure.
 */
uint64_t bufpool_needs(const struct bufpool *pool, uint32_t size,
    uint32_t alignment, uint32_t count);

/* A new area, all of it free.  -1: out of memory. */
int bufpool_add_area(struct bufpool *pool, uint32_t area, uint64_t length)
    MUST_CHECK;

/* 0, or -1 if there is no room (or no memory for the book-keeping). */
int bufpool_allocate(struct bufpool *pool, uint32_t size, uint32_t alignment,
    uint32_t *area, uint64_t *data) MUST_CHECK;

/* false: no such buffer, or not of this size. */
bool bufpool_free(struct bufpool *pool, uint32_t area, uint64_t data,
    uint32_t size);

/* How many buffers of that shape bufpool_allocate could give out now. */
uint32_t bufpool_available(const struct bufpool *pool, uint32_t size,
    uint32_t alignment);

#endif
