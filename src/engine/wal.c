/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/wal.h"

#include "base/fd.h"
#include "engine/message.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The WAL-index begins with two copies of a header of 48 bytes, in the byte
 * order of the machine, and the state of the checkpoint. */
enum {
	INDEX_VERSION = 0,   /* u32 */
	INDEX_IS_INIT = 12,  /* u8 */
	INDEX_PAGE_SIZE = 14,/* u16; 1 means 65536 */
	INDEX_FRAMES = 16,   /* u32 */
	INDEX_PAGES = 20,    /* u32 */
	INDEX_SALT = 32,     /* 8 bytes, as in the log */
	INDEX_HEADER = 48,
	INDEX_BACKFILL = 96, /* u32 */
	INDEX_SIZE = 100,

	LOG_MAGIC = 0,       /* big-endian from here on */
	LOG_VERSION = 4,
	LOG_PAGE_SIZE = 8,
	LOG_SALT = 16,
	LOG_HEADER = 32,

	FRAME_PAGE = 0,
	FRAME_SALT = 8,
	FRAME_HEADER = 24
};

#define FORMAT_VERSION 3007000u
#define LOG_MAGIC_VALUE 0x377f0682u /* or that with the lowest bit set */
#define INDEX_TRIES 100
#define PAGE_SIZE_MIN 512u

static uint32_t
get_native32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return (value);
}

static uint32_t
get_big32(const uint8_t *at)
{
	return ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | (uint32_t)at[3]);
}

static int
fail(struct error *error, const char *what)
{
	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
	    MESSAGE_BAD_DATABASE, "%s", what));
}

static int
read_at(int fd, void *to, size_t size, uint64_t offset, const char *what,
    struct error *error)
{
	struct error cause;
	size_t got;

	error_init(&cause);
	if (fd_pread_all(fd, to, size, offset, &got, what, &cause) != 0)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_READ_FAILED, "%s", cause.text));
	if (got != size)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "%s ends too early", what));
	return (0);
}

int
wal_index_read(int fd, struct wal_index *index, struct error *error)
{
	uint8_t bytes[INDEX_SIZE];
	uint16_t page_size;
	int tries = 0;

	/* A reader that found the index damaged may be writing it anew. */
	do {
		if (read_at(fd, bytes, sizeof(bytes), 0, "the WAL-index",
		    error) != 0)
			return (-1);
	} while (memcmp(bytes, bytes + INDEX_HEADER, INDEX_HEADER) != 0 &&
	    ++tries < INDEX_TRIES);
	if (tries == INDEX_TRIES)
		return (fail(error, "the two headers of its WAL-index "
		    "disagree"));
	if (get_native32(bytes + INDEX_VERSION) != FORMAT_VERSION ||
	    bytes[INDEX_IS_INIT] != 1)
		return (fail(error, "its WAL-index is of an unknown format"));
	memcpy(&page_size, bytes + INDEX_PAGE_SIZE, sizeof(page_size));
	index->page_size = page_size == 1 ? 65536 : page_size;
	index->frames = get_native32(bytes + INDEX_FRAMES);
	/* The index of a log that was not used yet has no size. */
	if (index->frames > 0 && (index->page_size < PAGE_SIZE_MIN ||
	    (index->page_size & (index->page_size - 1)) != 0))
		return (fail(error, "the page size in its WAL-index is none"));
	index->pages = get_native32(bytes + INDEX_PAGES);
	index->backfilled = get_native32(bytes + INDEX_BACKFILL);
	memcpy(index->salt, bytes + INDEX_SALT, sizeof(index->salt));
	return (0);
}

uint64_t
wal_page_offset(const struct wal_map *map, uint32_t frame)
{
	return (LOG_HEADER + (uint64_t)(frame - 1) *
	    (FRAME_HEADER + map->page_size) + FRAME_HEADER);
}

static int
check_log_header(int fd, const struct wal_index *index, struct error *error)
{
	uint8_t header[LOG_HEADER];

	if (read_at(fd, header, sizeof(header), 0, "the WAL", error) != 0)
		return (-1);
	if ((get_big32(header + LOG_MAGIC) & ~1u) != LOG_MAGIC_VALUE ||
	    get_big32(header + LOG_VERSION) != FORMAT_VERSION)
		return (fail(error, "its WAL is of an unknown format"));
	if (get_big32(header + LOG_PAGE_SIZE) != index->page_size ||
	    memcmp(header + LOG_SALT, index->salt, sizeof(index->salt)) != 0)
		return (fail(error, "its WAL does not belong to its "
		    "WAL-index"));
	return (0);
}

/* Whether the log has as many frames as its index says: the index decides how
 * much memory they take here. */
static int
check_log_size(int fd, const struct wal_map *map, uint32_t frames,
    struct error *error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_READ_FAILED, "cannot look at the WAL"));
	if (frames > 0 && (uint64_t)status.st_size <
	    wal_page_offset(map, frames) + map->page_size)
		return (fail(error, "the WAL ends too early"));
	return (0);
}

/* By page, then the newest frame first. */
static int
compare(const void *a, const void *b)
{
	const struct wal_entry *x = a;
	const struct wal_entry *y = b;

	if (x->page != y->page)
		return (x->page < y->page ? -1 : 1);
	return (x->frame > y->frame ? -1 : x->frame < y->frame);
}

/* Keep the first entry of each page; pages that were cut off go too. */
static void
reduce(struct wal_map *map, uint32_t pages)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < map->count; i++) {
		if (kept > 0 &&
		    map->entries[i].page == map->entries[kept - 1].page)
			continue;
		if (map->entries[i].page > pages)
			break;
		map->entries[kept++] = map->entries[i];
	}
	map->count = kept;
}

int
wal_map_read(int fd, const struct wal_index *index, struct wal_map *map,
    struct error *error)
{
	uint32_t frame;

	memset(map, 0, sizeof(*map));
	map->page_size = index->page_size;
	if (check_log_header(fd, index, error) != 0 ||
	    check_log_size(fd, map, index->frames, error) != 0)
		return (-1);
	map->entries = calloc(index->frames, sizeof(*map->entries));
	if (map->entries == NULL)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_NO_MEMORY, "out of memory"));
	for (frame = 1; frame <= index->frames; frame++) {
		uint8_t header[FRAME_HEADER];

		if (read_at(fd, header, sizeof(header),
		    wal_page_offset(map, frame) - FRAME_HEADER, "the WAL",
		    error) != 0)
			return (-1);
		if (memcmp(header + FRAME_SALT, index->salt,
		    sizeof(index->salt)) != 0 ||
		    get_big32(header + FRAME_PAGE) == 0)
			return (fail(error, "its WAL is damaged"));
		map->entries[frame - 1].page = get_big32(header + FRAME_PAGE);
		map->entries[frame - 1].frame = frame;
	}
	map->count = index->frames;
	qsort(map->entries, map->count, sizeof(*map->entries), compare);
	reduce(map, index->pages);
	return (0);
}

void
wal_map_release(struct wal_map *map)
{
	free(map->entries);
	memset(map, 0, sizeof(*map));
}

size_t
wal_map_find(const struct wal_map *map, uint32_t page)
{
	size_t low = 0;
	size_t high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->entries[middle].page < page)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}
