/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_ORDER_H
#define MTF_ORDER_H

#include "base/attr.h"
#include "base/error.h"
#include "mtf/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which block may come next, and whether it says that it stands where it does.
 * For the reader only.
 *
 * Every block of a set, from SSET to MSLS, carries its distance from the SSET
 * in format blocks and its number within the set, which shows what has been
 * lost or moved.  Blocks of unknown types may come anywhere after TAPE; once
 * one has, the numbers are not compared, because whether it is counted is not
 * known.
 */

enum mtf_place {
	MTF_PLACE_TAPE,       /* TAPE comes next */
	MTF_PLACE_FIRST_MARK, /* the filemark after it */
	MTF_PLACE_SET,        /* SSET, or the end */
	MTF_PLACE_CONFIG,     /* VOLB or MSCI */
	MTF_PLACE_DATA,       /* MSDA, MSTL or MSLS */
	MTF_PLACE_SET_MARK,   /* the filemark after MSLS */
	MTF_PLACE_FIRST_END,  /* the first ESET */
	MTF_PLACE_SECOND_END, /* the second ESET */
	MTF_PLACE_LAST_MARK   /* the filemark that closes the set */
};

struct mtf_order {
	enum mtf_place place;
	unsigned sets;        /* complete ones */
	uint64_t set_at;      /* offset of the SSET */
	uint32_t control_id;  /* of the next block of the set */
	bool is_continued;    /* the set began on another medium */
	bool has_unknown;     /* a block of unknown type in the set */
};

/* Whether the type of a block is one that this reader knows. */
bool mtf_order_knows(uint32_t type);

/*
 * Take the block whose 52-byte header is given.  format_block: the unit of its
 * address.  KIND_INTEGRITY when it does not belong here.
 */
int mtf_order_take(struct mtf_order *order, const uint8_t *header,
    uint64_t offset, uint32_t format_block, struct error *error) MUST_CHECK;

/* What is expected next, in words: "block \"MSLS\"". */
const char *mtf_order_wanted(const struct mtf_order *order);

/* Whether the stream may end here. */
bool mtf_order_is_complete(const struct mtf_order *order);

#endif
