/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_WAL_H
#define ENGINE_WAL_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Which pages of a database are in its write-ahead log, and where.
 *
 * wal_index_read looks at the WAL-index (PATH-shm) for what is committed and
 * how much of it is in the database file; wal_map_read then makes the list of
 * pages from the headers of the log's frames.  Both formats are described in
 * sqlite.org/walformat.html.  The caller holds a read transaction, and for
 * wal_index_read the write lock as well, so that nothing moves.
 *
 * Files are only looked at here; opening and above all closing them is the
 * caller's business (closing one drops the locks of the whole process).
 */

struct wal_index {
	uint32_t frames;     /* mxFrame: the last valid one, from 1 */
	uint32_t backfilled; /* nBackfill: frames that the file has */
	uint32_t pages;      /* nPage: size of the database */
	uint32_t page_size;
	uint8_t salt[8];     /* as in the log's headers */
};

struct wal_entry {
	uint32_t page;  /* from 1 */
	uint32_t frame; /* from 1 */
};

/* Sorted by page; one entry for each. */
struct wal_map {
	struct wal_entry *entries;
	size_t count;
	uint32_t page_size;
};

int wal_index_read(int fd, struct wal_index *index, struct error *error)
    MUST_CHECK;

/* map is released by wal_map_release, which accepts an empty one. */
int wal_map_read(int fd, const struct wal_index *index, struct wal_map *map,
    struct error *error) MUST_CHECK;
void wal_map_release(struct wal_map *map);

/* Where a frame's page begins in the log. */
uint64_t wal_page_offset(const struct wal_map *map, uint32_t frame);

/* The first entry with a page not before this one; may be map->count. */
size_t wal_map_find(const struct wal_map *map, uint32_t page);

#endif
