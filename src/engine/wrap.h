/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_WRAP_H
#define ENGINE_WRAP_H

#include "base/attr.h"
#include "base/error.h"
#include "mtf/page.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * A file in SQL Server's pages.  Page 0 describes the file; page p carries
 * its bytes from (p - 1) * 8096 on.  The number of pages is rounded up to
 * whole extents with empty ones.
 *
 * The pages are dealt out to the devices in transfers, first come first
 * served.  Every device sends the same number of transfers (the quota); what
 * is beyond the pages is filled up with filler.
 */

#define WRAP_FILE_ID 1

struct wrap_plan {
	uint64_t bytes;    /* of the file */
	uint64_t pages;    /* with page 0; a multiple of 8 */
	uint32_t transfer; /* bytes of a transfer */
	uint32_t per_transfer; /* pages of a transfer */
	uint64_t transfers; /* that have pages */
	uint64_t quota;    /* transfers of each device */
};

/* -1: the file is too large for page numbers of 32 bits. */
int wrap_plan_make(struct wrap_plan *plan, uint64_t bytes, uint32_t transfer,
    unsigned devices, struct error *error) MUST_CHECK;

/* The whole pages that a file of that many bytes takes. */
uint64_t wrap_pages(uint64_t bytes);

/* What page 0 says. */
struct wrap_meta {
	uint64_t bytes;     /* of the file, exactly */
	uint32_t page_size; /* SQLite's */
	bool is_wal;
	char version[32];   /* of the engine that wrote it */
	uint64_t imprint;   /* of a snapshot: of the file's bytes; else 0 */
};

/* content: the 8096 bytes after the header of page 0. */
void wrap_meta_put(void *content, const struct wrap_meta *meta);
int wrap_meta_get(const void *content, struct wrap_meta *meta,
    struct error *error) MUST_CHECK;

/*
 * Where the file's bytes go in a transfer: one item for each page of the
 * `count` pages from `page` on that carries some.  page 0 carries none.
 * Returns the number of items; *offset is that of the first byte.  Content
 * that the file does not reach is set to zeros.  vector has room for a
 * transfer's pages.
 */
int wrap_vector(const struct wrap_plan *plan, uint64_t page, uint32_t count,
    uint8_t *buffer, struct iovec *vector, uint64_t *offset);

/* Give the pages their headers, their content being in place. */
void wrap_stamp(uint64_t page, uint32_t count, uint8_t *buffer,
    bool with_checksum);

#endif
