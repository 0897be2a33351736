/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/page.h"

#include "base/bytes.h"
#include "mtf/checksum.h"

#include <assert.h>
#include <string.h>

uint8_t
mtf_page_type(const void *page)
{
	return (((const uint8_t *)page)[MTF_PAGE_TYPE]);
}

uint16_t
mtf_page_flags(const void *page)
{
	return (bytes_get16((const uint8_t *)page + MTF_PAGE_FLAGS));
}

uint32_t
mtf_page_id(const void *page)
{
	return (bytes_get32((const uint8_t *)page + MTF_PAGE_ID));
}

uint16_t
mtf_page_file_id(const void *page)
{
	return (bytes_get16((const uint8_t *)page + MTF_PAGE_FILE_ID));
}

bool
mtf_page_is_real(const void *page, unsigned slot)
{
	const uint8_t *p = page;

	return (p[MTF_PAGE_VERSION] == 1 && p[MTF_PAGE_TYPE] >= 1 &&
	    p[MTF_PAGE_TYPE] <= MTF_PAGE_LAST_TYPE &&
	    mtf_page_file_id(page) > 0 &&
	    mtf_page_id(page) % MTF_EXTENT_PAGES == slot);
}

bool
mtf_page_is_filler(const void *page)
{
	const uint8_t *p = page;

	return (p[MTF_PAGE_VERSION] == 1 &&
	    p[MTF_PAGE_TYPE] == MTF_PAGE_FILLER &&
	    mtf_page_file_id(page) == 0 && mtf_page_id(page) == 0);
}

uint32_t
mtf_page_sum(const void *page)
{
	const uint8_t *p = page;
	struct mtf_sum sum;
	uint8_t first[MTF_SUM_SECTOR];

	memcpy(first, p, sizeof(first));
	bytes_put32(first + MTF_PAGE_SUM, 0);
	mtf_sum_init(&sum);
	mtf_sum_add(&sum, first, sizeof(first));
	mtf_sum_add(&sum, p + sizeof(first), MTF_PAGE_SIZE - sizeof(first));
	return (mtf_sum_value(&sum));
}

/*
 * The last byte of each sector but the first ends in the same two bits as the
 * word at 60, 01 or 10.
 */
static bool
torn_bits_fit(const uint8_t *page)
{
	unsigned bits = page[MTF_PAGE_SUM] & 3;
	size_t at;

	if (bits != 1 && bits != 2)
		return (false);
	for (at = 2 * MTF_SUM_SECTOR - 1; at < MTF_PAGE_SIZE;
	    at += MTF_SUM_SECTOR)
		if ((page[at] & 3u) != bits)
			return (false);
	return (true);
}

enum mtf_page_state
mtf_page_check(const void *page, unsigned slot)
{
	const uint8_t *p = page;
	uint16_t flags = mtf_page_flags(page);
	bool good;

	if (mtf_page_is_filler(page))
		return (MTF_PAGE_IS_FILLER);
	if (!mtf_page_is_real(page, slot))
		return (MTF_PAGE_IS_IGNORED);
	if ((flags & MTF_PAGE_HAS_CHECKSUM) != 0)
		good = mtf_page_sum(page) == bytes_get32(p + MTF_PAGE_SUM);
	else if ((flags & MTF_PAGE_HAS_TORN_BITS) != 0)
		good = torn_bits_fit(p);
	else
		return (MTF_PAGE_IS_UNPROTECTED);
	return (good ? MTF_PAGE_IS_GOOD : MTF_PAGE_IS_BAD);
}

void
mtf_page_stamp(void *page, uint8_t type, uint16_t file_id, uint32_t page_id,
    bool with_checksum)
{
	uint8_t *p = page;

	memset(p, 0, MTF_PAGE_HEADER);
	p[MTF_PAGE_VERSION] = 1;
	p[MTF_PAGE_TYPE] = type;
	bytes_put32(p + MTF_PAGE_ID, page_id);
	bytes_put16(p + MTF_PAGE_FILE_ID, file_id);
	if (with_checksum) {
		bytes_put16(p + MTF_PAGE_FLAGS, MTF_PAGE_HAS_CHECKSUM);
		bytes_put32(p + MTF_PAGE_SUM, mtf_page_sum(page));
	}
}

void
mtf_page_fill(void *at, size_t size, bool with_checksum)
{
	uint8_t *p = at;
	uint8_t *end = p + size;

	assert(size % MTF_PAGE_SIZE == 0);
	for (; p < end; p += MTF_PAGE_SIZE) {
		memset(p + MTF_PAGE_HEADER, 0, MTF_PAGE_CONTENT);
		mtf_page_stamp(p, MTF_PAGE_FILLER, 0, 0, with_checksum);
	}
}
