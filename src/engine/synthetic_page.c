/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/synthetic_page.h"

#include "base/attr.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define HEADER_SIZE 96u
#define FIXED_SIZE 36u
#define TEXT_START 44u
/* A row without padding, its slot, and what copies of whole words write
 * behind their end. */
#define ROW_MAX 260u
#define COMMON_FREE 300u

/* The next of a row of numbers that look like chance (splitmix64). */
static inline uint64_t
draw(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (z ^ (z >> 31));
}

/* A number of so many bits of which small ones are the common ones. */
static inline uint32_t
skew(uint64_t chance, unsigned bits)
{
	uint64_t a = chance & 0xffff;
	uint64_t b = chance >> 16 & 0xffff;
	uint64_t c = chance >> 32 & 0xffff;

	return ((uint32_t)((((a * b) >> 16) * c) >> (32 - bits)));
}

/* Consonants and vowels in turn; common words are shorter. */
static void
make_words(struct synthetic_page *synthetic)
{
	static const char consonants[] = "nrtlsdhcmpbgfvkw";
	static const char vowels[] = "eaioueao";
	uint64_t state = synthetic->seed;
	unsigned i;
	unsigned k;

	for (i = 0; i < SYNTHETIC_PAGE_WORDS; i++) {
		uint64_t chance = draw(&state);
		unsigned length = 2 + (unsigned)(chance & 3) +
		    (unsigned)(chance >> 2 & 3) + (i >= 64) + 2 * (i >= 512);
		bool is_vowel = (chance >> 4 & 1) != 0;

		memset(synthetic->words[i], ' ', SYNTHETIC_PAGE_WORD);
		for (k = 0; k < length; k++) {
			uint64_t letter = draw(&state);

			synthetic->words[i][k] = (uint8_t)(is_vowel ?
			    vowels[letter & 7] : consonants[letter & 15]);
			is_vowel = !is_vowel;
		}
		synthetic->lengths[i] = (uint8_t)(length + 1);
	}
}

/* What of a page is noise, or padding and free space, for a ratio; found by
 * measuring.  In between, straight lines. */
static const struct mix {
	unsigned ratio;
	int slack; /* noise where it is negative */
} mixes[] = {
	{ 100, -8027 }, { 105, -7777 }, { 110, -7130 }, { 120, -5730 },
	{ 135, -4361 }, { 150, -3464 }, { 175, -2288 }, { 200, -1429 },
	{ 225, -797 }, { 250, -305 }, { 273, 0 }, { 300, 838 }, { 350, 2004 },
	{ 400, 2787 }, { 500, 3835 }, { 600, 4509 }, { 700, 4993 },
	{ 850, 5489 }, { 1000, 5837 }, { 1250, 6226 }, { 1500, 6472 },
	{ 1750, 6665 }, { 2000, 6786 },
};

static int
find_slack(unsigned ratio)
{
	const struct mix *low = mixes;
	const struct mix *high;

	while (low + 2 < mixes + ARRAY_COUNT(mixes) && low[1].ratio < ratio)
		low++;
	high = low + 1;
	return (low->slack + (high->slack - low->slack) *
	    ((int)ratio - (int)low->ratio) /
	    ((int)high->ratio - (int)low->ratio));
}

void
synthetic_page_init(struct synthetic_page *synthetic, uint64_t seed,
    unsigned ratio)
{
	int slack = find_slack(ratio);

	memset(synthetic, 0, sizeof(*synthetic));
	synthetic->seed = seed;
	if (slack < 0) {
		synthetic->noise = (unsigned)-slack;
		/* The two together never are more than a page. */
		synthetic->free = SYNTHETIC_PAGE_SIZE - HEADER_SIZE -
		    synthetic->noise;
		if (synthetic->free > COMMON_FREE)
			synthetic->free = COMMON_FREE;
	} else {
		synthetic->blank = (unsigned)slack / 2;
		synthetic->free = COMMON_FREE + (unsigned)slack / 2;
	}
	make_words(synthetic);
}

static uint8_t *
put_text(const struct synthetic_page *synthetic, uint8_t *to, unsigned count,
    uint64_t *state)
{
	while (count-- > 0) {
		uint32_t i = skew(draw(state), 12);

		memcpy(to, synthetic->words[i], SYNTHETIC_PAGE_WORD);
		to += synthetic->lengths[i];
	}
	return (to);
}

/* As UTF-16. */
static uint8_t *
put_wide_text(const struct synthetic_page *synthetic, uint8_t *to,
    unsigned count, uint64_t *state)
{
	unsigned k;

	while (count-- > 0) {
		uint32_t i = skew(draw(state), 12);

		for (k = 0; k < SYNTHETIC_PAGE_WORD; k++) {
			to[2 * k] = synthetic->words[i][k];
			to[2 * k + 1] = 0;
		}
		to += 2 * synthetic->lengths[i];
	}
	return (to);
}

static uint8_t *
put_noise(uint8_t *to, size_t size, uint64_t *state)
{
	for (; size >= 8; size -= 8, to += 8)
		bytes_put64(to, draw(state));
	for (; size > 0; size--)
		*to++ = (uint8_t)draw(state);
	return (to);
}

/* What goes on from row to row. */
struct rows {
	uint64_t state;
	uint32_t id;
	uint32_t tick; /* of the day, in 300ths of a second */
	uint32_t day;
};

/* A row without its last column; returns its end. */
static uint8_t *
put_row(const struct synthetic_page *synthetic, struct rows *rows,
    uint8_t *row)
{
	uint64_t first = draw(&rows->state);
	uint64_t second = draw(&rows->state);
	uint8_t *at;

	rows->tick += (uint32_t)(second >> 52) * 8;
	bytes_put16(row, 0x30);
	bytes_put16(row + 2, FIXED_SIZE - 4);
	bytes_put32(row + 4, rows->id++);
	bytes_put32(row + 8, skew(first, 16));
	bytes_put16(row + 12, (uint16_t)skew(second, 10));
	bytes_put16(row + 14, (uint16_t)(1 + (first >> 48 & 15) % 12));
	bytes_put32(row + 16, rows->tick);
	bytes_put32(row + 20, rows->day);
	bytes_put32(row + 24, skew(second >> 8, 13) * 5 + 99);
	bytes_put32(row + 28, 0);
	bytes_put16(row + 32, 9);
	bytes_put16(row + 34, 0);
	bytes_put16(row + 36, 3);
	at = put_text(synthetic, row + TEXT_START,
	    2 + (unsigned)(first >> 60 & 1), &rows->state);
	bytes_put16(row + 38, (uint16_t)(at - row));
	at = put_text(synthetic, at, 2, &rows->state);
	at[-1] = '.';
	bytes_put16(row + 40, (uint16_t)(at - row));
	at = put_wide_text(synthetic, at, 2, &rows->state);
	bytes_put16(row + 42, (uint16_t)(at - row));
	return (at);
}

void
synthetic_page_make(const struct synthetic_page *synthetic, uint32_t number,
    uint8_t *page)
{
	struct rows rows = { .id = number * 37,
		.tick = number * 90000 % 25920000, .day = 45000 + number / 16 };
	unsigned last = synthetic->noise + synthetic->blank;
	unsigned room = SYNTHETIC_PAGE_SIZE - HEADER_SIZE - synthetic->free -
	    last;
	unsigned used = 0;
	unsigned given = 0;
	uint16_t slots = 0;
	uint8_t *at = page + HEADER_SIZE;
	uint8_t *end;

	rows.state = synthetic->seed * UINT64_C(0x2545F4914F6CDD1D) + number;
	while (used + ROW_MAX <= room) {
		uint8_t *row = at;
		unsigned share;

		at = put_row(synthetic, &rows, row);
		used += (unsigned)(at - row) + 2;
		share = last * used / room - given;
		given += share;
		if (synthetic->noise > 0)
			at = put_noise(at, share, &rows.state);
		else
			at = (uint8_t *)memset(at, ' ', share) + share;
		slots++;
		bytes_put16(page + SYNTHETIC_PAGE_SIZE - 2 * slots,
		    (uint16_t)(row - page));
	}
	if (synthetic->noise > 0)
		at = put_noise(at, last - given, &rows.state);
	end = page + SYNTHETIC_PAGE_SIZE - 2 * slots;
	memset(at, 0, (size_t)(end - at));
	memset(page, 0, HEADER_SIZE);
	bytes_put16(page, 0x0101);
	bytes_put16(page + 14, FIXED_SIZE);
	bytes_put16(page + 22, slots);
	bytes_put32(page + 24, number * 7919);
	bytes_put16(page + 28, (uint16_t)(end - at));
	bytes_put16(page + 30, (uint16_t)(at - page));
}
