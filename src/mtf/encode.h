/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_ENCODE_H
#define MTF_ENCODE_H

#include "base/str.h"
#include "mtf/format.h"
#include "mtf/writer.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Pieces of a stream on their way out: a block, a record or a stream's data,
 * made in memory with its texts behind its fields.  For the writer only.
 */

/* Fixed fields and texts of any structure that the writer makes fit. */
#define MTF_PIECE_ROOM 8192

struct mtf_piece {
	uint8_t bytes[MTF_PIECE_ROOM];
	size_t length;
	struct str text; /* scratch for one text in UTF-16 */
};

void mtf_piece_init(struct mtf_piece *piece);
void mtf_piece_release(struct mtf_piece *piece);

/* An empty piece of `fixed` zeros. */
void mtf_piece_begin(struct mtf_piece *piece, size_t fixed);

/* Lengthen by zeros up to a multiple of alignment. */
void mtf_piece_align(struct mtf_piece *piece, size_t alignment);

/*
 * Put a text at the end, and a TA at ta_at that names it with an offset from
 * `base`; an empty text has a TA of size 0.
 */
void mtf_piece_text(struct mtf_piece *piece, size_t base, size_t ta_at,
    const char *text);

/*
 * Append the records of a MQCI stream: SCIN, then SFGI and SFIN as the files
 * of spec ask for them.  final is NULL for MSCI.
 */
void mtf_encode_config(struct mtf_piece *piece, const struct mtf_spec *spec,
    const struct mtf_final *final, struct str *out);

/* Append the data of a TSMP stream: a map of this set and those before it. */
void mtf_encode_map(struct mtf_piece *piece, const struct mtf_spec *spec,
    const struct mtf_final *final, uint64_t set_at, struct str *out);

#endif
