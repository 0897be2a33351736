/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/checksum.h"

#include "base/bytes.h"

#include <string.h>

static uint32_t
rotate_left(uint32_t value)
{
	return (value << 1 | value >> 31);
}

/*
 * XOR of a sector's 128 words.  Eight independent lanes let the compiler use
 * wide registers; the byte order is put right once, at the end, which XOR
 * allows.
 */
static uint32_t
sector_xor(const uint8_t *sector)
{
	uint64_t lanes[8];
	uint64_t words[8];
	uint8_t folded[8];
	size_t at;
	int i;

	memcpy(lanes, sector, sizeof(lanes));
	for (at = sizeof(words); at < MTF_SUM_SECTOR; at += sizeof(words)) {
		memcpy(words, sector + at, sizeof(words));
		for (i = 0; i < 8; i++)
			lanes[i] ^= words[i];
	}
	for (i = 1; i < 8; i++)
		lanes[0] ^= lanes[i];
	memcpy(folded, &lanes[0], sizeof(folded));
	return (bytes_get32(folded) ^ bytes_get32(folded + 4));
}

/* Put up to a sector's end of bytes into the sector under way. */
static void
add_part(struct mtf_sum *sum, const uint8_t *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		sum->sector ^= (uint32_t)p[i] << (8 * ((sum->filled + i) % 4));
	sum->filled += (uint32_t)size;
	if (sum->filled == MTF_SUM_SECTOR) {
		sum->sum = rotate_left(sum->sum) ^ sum->sector;
		sum->sector = 0;
		sum->filled = 0;
	}
}

void
mtf_sum_init(struct mtf_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
}

void
mtf_sum_add(struct mtf_sum *sum, const void *data, size_t size)
{
	const uint8_t *p = data;

	if (sum->filled > 0) {
		size_t part = MTF_SUM_SECTOR - sum->filled;

		if (part > size)
			part = size;
		add_part(sum, p, part);
		p += part;
		size -= part;
	}
	while (size >= MTF_SUM_SECTOR) {
		sum->sum = rotate_left(sum->sum) ^ sector_xor(p);
		p += MTF_SUM_SECTOR;
		size -= MTF_SUM_SECTOR;
	}
	if (size > 0)
		add_part(sum, p, size);
}

uint32_t
mtf_sum_value(const struct mtf_sum *sum)
{
	if (sum->filled == 0)
		return (sum->sum);
	return (rotate_left(sum->sum) ^ sum->sector);
}
