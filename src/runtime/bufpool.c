/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/bufpool.h"

#include "runtime/vdi.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
round_up(uint64_t value, uint64_t to)
{
	return ((value + to - 1) / to * to);
}

/* The alignment in force, or 0 if this one is invalid. */
static uint32_t
effective(const struct bufpool *pool, uint32_t alignment)
{
	if (alignment == 0)
		return (pool->alignment);
	if ((alignment & (alignment - 1)) != 0 ||
	    alignment > VD_MAX_ALIGNMENT)
		return (0);
	return (alignment > pool->alignment ? alignment : pool->alignment);
}

void
bufpool_init(struct bufpool *pool, uint32_t prefix, uint32_t alignment)
{
	memset(pool, 0, sizeof(*pool));
	pool->prefix = prefix;
	pool->alignment = alignment;
}

void
bufpool_release(struct bufpool *pool)
{
	free(pool->blocks);
	memset(pool, 0, sizeof(*pool));
}

uint64_t
bufpool_needs(const struct bufpool *pool, uint32_t size, uint32_t alignment,
    uint32_t count)
{
	uint32_t align = effective(pool, alignment);
	uint64_t each;

	if (align == 0 || size == 0 || count == 0)
		return (0);
	each = round_up(pool->prefix, pool->alignment) +
	    round_up(size, pool->alignment) + (align - pool->alignment);
	if (each > UINT64_MAX / 4 / count)
		return (UINT64_MAX);
	return (each * count);
}

static int
insert(struct bufpool *pool, size_t at, const struct bufpool_block *block)
{
	struct bufpool_block *grown;
	size_t room;

	if (pool->count == pool->room) {
		room = pool->room == 0 ? 64 : 2 * pool->room;
		grown = realloc(pool->blocks, room * sizeof(*grown));
		if (grown == NULL)
			return (-1);
		pool->blocks = grown;
		pool->room = room;
	}
	memmove(&pool->blocks[at + 1], &pool->blocks[at],
	    (pool->count - at) * sizeof(*block));
	pool->blocks[at] = *block;
	pool->count++;
	return (0);
}

static void
erase(struct bufpool *pool, size_t at)
{
	pool->count--;
	memmove(&pool->blocks[at], &pool->blocks[at + 1],
	    (pool->count - at) * sizeof(pool->blocks[0]));
}

int
bufpool_add_area(struct bufpool *pool, uint32_t area, uint64_t length)
{
	struct bufpool_block block = { .area = area, .length = length };

	return (insert(pool, pool->count, &block));
}

/* Where the data zone of a buffer in a free block that starts at start would
 * begin, and what the buffer takes from there on. */
static uint64_t
place(const struct bufpool *pool, uint64_t start, uint32_t size, uint32_t align,
    uint64_t *end)
{
	uint64_t data = round_up(start + pool->prefix, align);

	*end = round_up(data + size, pool->alignment);
	return (data);
}

int
bufpool_allocate(struct bufpool *pool, uint32_t size, uint32_t alignment,
    uint32_t *area, uint64_t *data)
{
	uint32_t align = effective(pool, alignment);
	struct bufpool_block rest;
	struct bufpool_block *block;
	uint64_t at, end;
	size_t i;

	if (align == 0 || size == 0)
		return (-1);
	for (i = 0; i < pool->count; i++) {
		block = &pool->blocks[i];
		if (block->used)
			continue;
		at = place(pool, block->start, size, align, &end);
		if (end > block->start + block->length)
			continue;
		rest = *block;
		rest.start = end;
		rest.length = block->start + block->length - end;
		if (rest.length != 0 && insert(pool, i + 1, &rest) != 0)
			return (-1);
		block = &pool->blocks[i];
		block->length = end - block->start;
		block->used = true;
		block->data = at;
		block->size = size;
		*area = block->area;
		*data = at;
		return (0);
	}
	return (-1);
}

static bool
is_free_neighbour(const struct bufpool *pool, size_t left)
{
	const struct bufpool_block *block = &pool->blocks[left];

	return (left + 1 < pool->count && !block[0].used && !block[1].used &&
	    block[0].area == block[1].area);
}

bool
bufpool_free(struct bufpool *pool, uint32_t area, uint64_t data, uint32_t size)
{
	struct bufpool_block *block = NULL;
	size_t i;

	for (i = 0; i < pool->count; i++) {
		block = &pool->blocks[i];
		if (block->used && block->area == area && block->data == data)
			break;
	}
	if (i == pool->count || block->size != size)
		return (false);
	block->used = false;
	if (is_free_neighbour(pool, i)) {
		block->length += block[1].length;
		erase(pool, i + 1);
	}
	if (i > 0 && is_free_neighbour(pool, i - 1)) {
		block[-1].length += block->length;
		erase(pool, i);
	}
	return (true);
}

uint32_t
bufpool_available(const struct bufpool *pool, uint32_t size, uint32_t alignment)
{
	uint32_t align = effective(pool, alignment);
	const struct bufpool_block *block;
	uint32_t total = 0;
	uint64_t end, start;
	size_t i;

	if (align == 0 || size == 0)
		return (0);
	for (i = 0; i < pool->count; i++) {
		block = &pool->blocks[i];
		if (block->used)
			continue;
		start = block->start;
		for (;;) {
			(void)place(pool, start, size, align, &end);
			if (end > block->start + block->length)
				break;
			total++;
			start = end;
		}
	}
	return (total);
}
