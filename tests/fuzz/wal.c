/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * SQLite's WAL-index and write-ahead log as somebody left them:
 *
 *     48 bytes   the index's header, which it has twice
 *     1 byte     odd: the two differ
 *     4 bytes    frames that the database file has
 *     the rest   the log
 *
 * A map that is made is sorted, has each page once, and points into the log.
 */

#include "common.h"

#include "engine/wal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEADER 48u

static int
index_file(struct fuzz_input *input)
{
	static int fd = -1;
	uint8_t bytes[2 * HEADER + 40] = { 0 };
	size_t i;

	if (fd == -1)
		fd = memfd_create("fuzz-index", MFD_CLOEXEC);
	for (i = 0; i < HEADER; i++)
		bytes[i] = bytes[HEADER + i] = fuzz_take8(input);
	bytes[HEADER + 7] ^= fuzz_take8(input) & 1u;
	for (i = 2 * HEADER; i < 2 * HEADER + 4; i++)
		bytes[i] = fuzz_take8(input);
	FUZZ_CHECK(pwrite(fd, bytes, sizeof(bytes), 0) ==
	    (ssize_t)sizeof(bytes));
	return (fd);
}

static void
check_map(const struct wal_index *index, const struct wal_map *map,
    size_t log_size)
{
	size_t i;

	FUZZ_CHECK(map->count <= index->frames);
	for (i = 0; i < map->count; i++) {
		const struct wal_entry *entry = &map->entries[i];

		FUZZ_CHECK(entry->page >= 1 && entry->page <= index->pages);
		FUZZ_CHECK(entry->frame >= 1 &&
		    entry->frame <= index->frames);
		FUZZ_CHECK(i == 0 || entry[-1].page < entry->page);
		FUZZ_CHECK(wal_map_find(map, entry->page) == i);
		FUZZ_CHECK(wal_page_offset(map, entry->frame) +
		    map->page_size <= log_size);
	}
	FUZZ_CHECK(wal_map_find(map, UINT32_MAX) <= map->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct wal_index index = { 0 };
	struct wal_map map;
	struct error error;
	int index_fd = index_file(&input);
	int fd = fuzz_file(input.at, input.left);

	error_init(&error);
	if (wal_index_read(index_fd, &index, &error) != 0) {
		fuzz_check_error(&error, 1u << KIND_STATEMENT);
		return (0);
	}
	if (wal_map_read(fd, &index, &map, &error) == 0)
		check_map(&index, &map, input.left);
	else
		fuzz_check_error(&error, 1u << KIND_STATEMENT);
	wal_map_release(&map);
	return (0);
}
