/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/wrap.h"

#include "base/bytes.h"
#include "mtf/page.h"

#include <string.h>

/* Page 0's content: little-endian. */
enum {
	META_MAGIC = 0,    /* 16 bytes */
	META_FORMAT = 16,  /* u32: 1 */
	META_PAGE_SIZE = 20, /* u32 */
	META_BYTES = 24,   /* u64 */
	META_IS_WAL = 32,  /* u32 */
	META_VERSION = 36, /* 32 bytes, NUL-terminated */
	META_IMPRINT = 68, /* u64: of a snapshot */
	META_SIZE = 76
};

static const char meta_magic[16] = "vdi-engine file";

uint64_t
wrap_pages(uint64_t bytes)
{
	uint64_t pages = 1 + (bytes + MTF_PAGE_CONTENT - 1) / MTF_PAGE_CONTENT;

	return ((pages + MTF_EXTENT_PAGES - 1) / MTF_EXTENT_PAGES *
	    MTF_EXTENT_PAGES);
}

int
wrap_plan_make(struct wrap_plan *plan, uint64_t bytes, uint32_t transfer,
    unsigned devices, struct error *error)
{
	if (bytes > (uint64_t)UINT32_MAX / 2 * MTF_PAGE_CONTENT)
		return (error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
		    "the file of %llu bytes is too large",
		    (unsigned long long)bytes));
	plan->bytes = bytes;
	plan->pages = wrap_pages(bytes);
	plan->transfer = transfer;
	plan->per_transfer = transfer / MTF_PAGE_SIZE;
	plan->transfers = (plan->pages + plan->per_transfer - 1) /
	    plan->per_transfer;
	plan->quota = (plan->transfers + devices - 1) / devices;
	return (0);
}

void
wrap_meta_put(void *content, const struct wrap_meta *meta)
{
	uint8_t *at = content;

	memset(at, 0, MTF_PAGE_CONTENT);
	memcpy(at + META_MAGIC, meta_magic, sizeof(meta_magic));
	bytes_put32(at + META_FORMAT, 1);
	bytes_put32(at + META_PAGE_SIZE, meta->page_size);
	bytes_put64(at + META_BYTES, meta->bytes);
	bytes_put32(at + META_IS_WAL, meta->is_wal);
	memcpy(at + META_VERSION, meta->version, sizeof(meta->version));
	bytes_put64(at + META_IMPRINT, meta->imprint);
}

int
wrap_meta_get(const void *content, struct wrap_meta *meta,
    struct error *error)
{
	const uint8_t *at = content;

	if (memcmp(at + META_MAGIC, meta_magic, sizeof(meta_magic)) != 0)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "page 0 does not describe a SQLite database"));
	if (bytes_get32(at + META_FORMAT) != 1)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "page 0 is of format %u; this engine knows 1",
		    (unsigned)bytes_get32(at + META_FORMAT)));
	meta->page_size = bytes_get32(at + META_PAGE_SIZE);
	meta->bytes = bytes_get64(at + META_BYTES);
	meta->is_wal = bytes_get32(at + META_IS_WAL) != 0;
	memcpy(meta->version, at + META_VERSION, sizeof(meta->version));
	meta->imprint = bytes_get64(at + META_IMPRINT);
	meta->version[sizeof(meta->version) - 1] = '\0';
	return (0);
}

int
wrap_vector(const struct wrap_plan *plan, uint64_t page, uint32_t count,
    uint8_t *buffer, struct iovec *vector, uint64_t *offset)
{
	uint32_t i;
	int items = 0;

	*offset = page == 0 ? 0 : (page - 1) * MTF_PAGE_CONTENT;
	for (i = 0; i < count; i++) {
		uint8_t *content = buffer + (size_t)i * MTF_PAGE_SIZE +
		    MTF_PAGE_HEADER;
		uint64_t at = (page + i - 1) * MTF_PAGE_CONTENT;
		size_t carried = MTF_PAGE_CONTENT;

		if (page + i == 0)
			continue;
		if (at >= plan->bytes)
			carried = 0;
		else if (plan->bytes - at < MTF_PAGE_CONTENT)
			carried = (size_t)(plan->bytes - at);
		memset(content + carried, 0, MTF_PAGE_CONTENT - carried);
		if (carried == 0)
			continue;
		vector[items].iov_base = content;
		vector[items].iov_len = carried;
		items++;
	}
	return (items);
}

void
wrap_stamp(uint64_t page, uint32_t count, uint8_t *buffer, bool with_checksum)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		mtf_page_stamp(buffer + (size_t)i * MTF_PAGE_SIZE,
		    page + i == 0 ? MTF_PAGE_FILE_HEADER : MTF_PAGE_DATA,
		    WRAP_FILE_ID, (uint32_t)(page + i), with_checksum);
}
