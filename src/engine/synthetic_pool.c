/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/synthetic_pool.h"

#include "base/bytes.h"
#include "base/port/hint.h"
#include "engine/synthetic_page.h"
#include "runtime/vdi.h"

#include <stdlib.h>
#include <string.h>

#define PAGE SYNTHETIC_PAGE_SIZE
#define POOL_BYTES ((size_t)64 << 20)
/* Devices begin at different chunks: a step that has no divisor in common
 * with their number meets each of them, far from the one before. */
#define CHUNK_BYTES ((size_t)1 << 20)
#define CHUNKS (POOL_BYTES / CHUNK_BYTES)
#define CHUNK_STEP 39u
#define CHUNK_PAGES ((uint32_t)(CHUNK_BYTES / PAGE))

#define STEP 4096u
#define LINE 64u

_Static_assert(CHUNKS >= VD_MAX_DEVICES, "a chunk for each to begin with");

struct synthetic_pool {
	uint8_t *bytes; /* POOL_BYTES, of which is made what is needed */
};

static uint64_t
start_of(unsigned device)
{
	return (device * CHUNK_STEP % CHUNKS * CHUNK_BYTES);
}

uint64_t
synthetic_pool_share(uint64_t bytes, unsigned devices, unsigned device)
{
	uint64_t pages = bytes / PAGE;
	uint64_t share = pages / devices + (device < pages % devices);

	return (share * PAGE + (device + 1 == devices ? bytes % PAGE : 0));
}

static void
make_chunk(const struct synthetic_page *synthetic, uint32_t chunk,
    uint8_t *to)
{
	uint32_t i;

	for (i = 0; i < CHUNK_PAGES; i++)
		synthetic_page_make(synthetic, chunk * CHUNK_PAGES + i,
		    to + (size_t)i * PAGE);
}

static void
make(struct synthetic_pool *pool, const struct database *database,
    unsigned devices, const struct synthetic_page *synthetic)
{
	bool needed[CHUNKS] = { false };
	unsigned i;

	for (i = 0; i < devices; i++) {
		uint64_t size = synthetic_pool_share(database->bytes, devices,
		    i);
		uint64_t chunks = size / CHUNK_BYTES +
		    (size % CHUNK_BYTES != 0);
		uint64_t first = start_of(i) / CHUNK_BYTES;
		uint64_t k;

		for (k = 0; k < chunks && k < CHUNKS; k++)
			needed[(first + k) % CHUNKS] = true;
	}
	for (i = 0; i < CHUNKS; i++)
		if (needed[i])
			make_chunk(synthetic, i, pool->bytes +
			    i * CHUNK_BYTES);
}

struct synthetic_pool *
synthetic_pool_new(const struct database *database, unsigned devices,
    struct error *error)
{
	struct synthetic_pool *pool = calloc(1, sizeof(*pool));
	struct synthetic_page *synthetic = malloc(sizeof(*synthetic));

	if (pool != NULL)
		pool->bytes = aligned_alloc(PORT_HINT_HUGE_PAGE, POOL_BYTES);
	if (synthetic == NULL || pool == NULL || pool->bytes == NULL) {
		IGNORE_RESULT(error_memory(error));
		synthetic_pool_free(pool);
		free(synthetic);
		return (NULL);
	}
	port_hint_huge_pages(pool->bytes, POOL_BYTES);
	synthetic_page_init(synthetic, database->seed, database->ratio);
	make(pool, database, devices, synthetic);
	free(synthetic);
	return (pool);
}

void
synthetic_pool_free(struct synthetic_pool *pool)
{
	if (pool == NULL)
		return;
	free(pool->bytes);
	free(pool);
}

/* What a page of a stream has in its header. */
static void
put_id(uint8_t id[SYNTHETIC_PAGE_ID_SIZE], unsigned device, uint64_t page)
{
	bytes_put32(id, (uint32_t)page);
	bytes_put16(id + 4, (uint16_t)(device + 1));
}

/* From here to the end of the pool, or of what is wanted. */
static size_t
piece(uint64_t place, size_t size)
{
	return (size < POOL_BYTES - place ? size : POOL_BYTES - place);
}

void
synthetic_pool_get(const struct synthetic_pool *pool, unsigned device,
    uint64_t offset, void *buffer, size_t size)
{
	uint64_t place = (start_of(device) + offset) % POOL_BYTES;
	uint64_t end = offset + size;
	uint8_t *to = buffer;
	size_t first = piece(place, size);
	uint64_t page;

	memcpy(to, pool->bytes + place, first);
	memcpy(to + first, pool->bytes, size - first);
	for (page = offset / PAGE; page * PAGE + SYNTHETIC_PAGE_ID < end;
	    page++) {
		uint64_t from = page * PAGE + SYNTHETIC_PAGE_ID;
		uint64_t low = from > offset ? from : offset;
		uint64_t high = from + SYNTHETIC_PAGE_ID_SIZE;
		uint8_t id[SYNTHETIC_PAGE_ID_SIZE];

		high = high < end ? high : end;
		if (low >= high)
			continue;
		put_id(id, device, page);
		memcpy(to + (low - offset), id + (low - from), high - low);
	}
}

/* A range of a stream that is to be compared; data is where its first byte
 * is. */
struct range {
	const struct synthetic_pool *pool;
	unsigned device;
	uint64_t from;
	const uint8_t *data;
	size_t size;
};

/* Whether it is the same; in one page. */
static bool
compare_range(const struct range *range, uint64_t *at)
{
	const uint8_t *data = range->data;
	uint8_t wanted[PAGE];
	size_t i;

	/* Nearly always: no number in it, and nothing to be put together. */
	if (range->from % PAGE >= SYNTHETIC_PAGE_ID + SYNTHETIC_PAGE_ID_SIZE) {
		uint64_t place = (start_of(range->device) + range->from) %
		    POOL_BYTES;

		if (memcmp(data, range->pool->bytes + place, range->size) == 0)
			return (true);
	}
	synthetic_pool_get(range->pool, range->device, range->from, wanted,
	    range->size);
	if (memcmp(data, wanted, range->size) == 0)
		return (true);
	for (i = 0; data[i] == wanted[i]; i++)
		continue;
	*at = range->from + i;
	return (false);
}

/* The part of a range of the stream that is among the data. */
static bool
compare_part(const struct range *all, uint64_t from, size_t size,
    uint64_t *at)
{
	uint64_t end = all->from + all->size;
	uint64_t low = from > all->from ? from : all->from;
	uint64_t high = from + size < end ? from + size : end;
	struct range part = *all;

	if (low >= high)
		return (true);
	part.from = low;
	part.data = all->data + (low - all->from);
	part.size = high - low;
	return (compare_range(&part, at));
}

bool
synthetic_pool_compare(const struct synthetic_pool *pool, unsigned device,
    uint64_t offset, const void *data, size_t size,
    enum synthetic_pool_care care, uint64_t *at)
{
	struct range all = { pool, device, offset, data, size };
	uint64_t step;

	for (step = offset / STEP; step * STEP < offset + size; step++) {
		uint64_t from = step * STEP;

		if (care == SYNTHETIC_POOL_ALL) {
			if (!compare_part(&all, from, STEP, at))
				return (false);
			continue;
		}
		if (from % PAGE == 0 && !compare_part(&all, from, LINE, at))
			return (false);
		/* Another line each time. */
		from += step * 37 % (STEP / LINE) * LINE;
		if (!compare_part(&all, from, LINE, at))
			return (false);
	}
	return (true);
}
