/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_CHECKSUM_H
#define MTF_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * The running sum that guards page and log data (WITH CHECKSUM) and pages.
 *
 *     sum = 0
 *     for each sector of 512 bytes:
 *         sum = rotate_left(sum, 1) XOR (XOR of the sector's 128 words)
 *
 * Over the data of a MQDA or MQTL stream, without its 2 leading pad bytes, it
 * is the value of the CSUM stream that follows.  Over a page, with the word at
 * offset 60 taken as zero, it is the page checksum (mtf/page.h).
 *
 * mtf_sum_init, any number of mtf_sum_add with pieces of any size, and
 * mtf_sum_value at any time.  Pure; one thread at a time per object.
 */

#define MTF_SUM_SECTOR 512

struct mtf_sum {
	uint32_t sum;    /* of whole sectors */
	uint32_t sector; /* XOR of the words of the sector under way */
	uint32_t filled; /* bytes of it, 0..511 */
};

void mtf_sum_init(struct mtf_sum *sum);
void mtf_sum_add(struct mtf_sum *sum, const void *data, size_t size);

/* The sum so far; a sector under way counts as filled up with zeros. */
uint32_t mtf_sum_value(const struct mtf_sum *sum);

#endif
