/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SYNTHETIC_PAGE_H
#define ENGINE_SYNTHETIC_PAGE_H

#include <stdint.h>

/*
 * Pages as a database has them, made up: a header, rows with keys that rise,
 * skewed references, dates, prices, words, and a slot for each row at the
 * page's end, with free space before the slots.
 *
 *     synthetic_page_init -> synthetic_page_make, from any thread, any number
 *
 * A page is a function of the seed, the ratio and its number, on every
 * machine.  The rows alone have a ratio of less than 3; for one that is lower
 * each row has a column of noise as well, as keys and hashes and what is
 * encrypted are; for a higher one, a column that is padded with blanks and
 * more free space.
 */

#define SYNTHETIC_PAGE_SIZE 8192u

/* Where the header has the page's own number and its file's; they are the
 * caller's to put there, and are zero otherwise. */
#define SYNTHETIC_PAGE_ID 32u
#define SYNTHETIC_PAGE_ID_SIZE 6u

#define SYNTHETIC_PAGE_WORDS 4096u
#define SYNTHETIC_PAGE_WORD 16u

struct synthetic_page {
	uint64_t seed;
	unsigned noise; /* bytes of a page that nothing compresses */
	unsigned blank; /* bytes of a page that are padding */
	unsigned free;  /* bytes of a page that are not used */
	/* The common ones first; filled up with blanks. */
	uint8_t words[SYNTHETIC_PAGE_WORDS][SYNTHETIC_PAGE_WORD];
	uint8_t lengths[SYNTHETIC_PAGE_WORDS]; /* with one blank */
};

/* ratio: in hundredths, what zstd's level 3 makes of frames of 4 MiB;
 * database.h has the range. */
void synthetic_page_init(struct synthetic_page *synthetic, uint64_t seed,
    unsigned ratio);

/* page: SYNTHETIC_PAGE_SIZE bytes. */
void synthetic_page_make(const struct synthetic_page *synthetic,
    uint32_t number, uint8_t *page);

#endif
