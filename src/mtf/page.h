/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_PAGE_H
#define MTF_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Pages: what page data (MQDA) consists of.
 *
 * Page data is a sequence of extents of 8 pages; page k of an extent has a page
 * id of k modulo 8.  An extent comes whole, so some of its pages may never have
 * been used and hold anything at all: only what mtf_page_is_real accepts may be
 * judged.  The last transfer is filled up with pages of type 101.
 *
 * Checksums follow mtf/checksum.h; the torn-page rule puts the same two bits
 * into the end of every sector.  Pure; any thread.
 */

enum {
	MTF_PAGE_SIZE = 8192,
	MTF_PAGE_HEADER = 96,
	MTF_PAGE_CONTENT = MTF_PAGE_SIZE - MTF_PAGE_HEADER,
	MTF_EXTENT_PAGES = 8,
	MTF_EXTENT_SIZE = MTF_EXTENT_PAGES * MTF_PAGE_SIZE,

	MTF_PAGE_VERSION = 0, /* u8: 1 */
	MTF_PAGE_TYPE = 1,    /* u8 */
	MTF_PAGE_FLAGS = 4,   /* u16 */
	MTF_PAGE_ID = 32,     /* u32 */
	MTF_PAGE_FILE_ID = 36,/* u16 */
	MTF_PAGE_SUM = 60     /* u32: checksum, or the displaced torn bits */
};

#define MTF_PAGE_HAS_TORN_BITS 0x100u
#define MTF_PAGE_HAS_CHECKSUM 0x200u

#define MTF_PAGE_DATA 1
#define MTF_PAGE_FILE_HEADER 15
#define MTF_PAGE_LAST_TYPE 20
#define MTF_PAGE_FILLER 101

enum mtf_page_state {
	MTF_PAGE_IS_IGNORED,     /* not a page of the database: no verdict */
	MTF_PAGE_IS_UNPROTECTED, /* real, without checksum or torn bits */
	MTF_PAGE_IS_GOOD,
	MTF_PAGE_IS_BAD,         /* checksum or torn bits do not fit */
	MTF_PAGE_IS_FILLER
};

uint8_t mtf_page_type(const void *page);
uint16_t mtf_page_flags(const void *page);
uint32_t mtf_page_id(const void *page);
uint16_t mtf_page_file_id(const void *page);

/*
 * Whether what stands at place `slot` (0..7) of an extent is a page of the
 * database: header version 1, a type from 1 to 20, a file id, and a page id
 * that belongs there.
 */
bool mtf_page_is_real(const void *page, unsigned slot);

/* Whether it is a page that only fills up the last transfer. */
bool mtf_page_is_filler(const void *page);

/* The checksum of the page, its own word at offset 60 taken as zero. */
uint32_t mtf_page_sum(const void *page);

/* The verdict on what stands at place `slot` (0..7) of an extent. */
enum mtf_page_state mtf_page_check(const void *page, unsigned slot);

/*
 * Write the 96-byte header of a page whose content is in place already (bytes
 * 96 to 8191), and its checksum if asked for.
 */
void mtf_page_stamp(void *page, uint8_t type, uint16_t file_id,
    uint32_t page_id, bool with_checksum);

/* Fill `size` bytes, a multiple of 8192, with filler pages. */
void mtf_page_fill(void *at, size_t size, bool with_checksum);

#endif
