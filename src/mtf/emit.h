/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_EMIT_H
#define MTF_EMIT_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "mtf/encode.h"
#include "mtf/writer.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Blocks, streams, padding and filemarks appended to a text, with what has to
 * be known of where they stand.  For the writer only.
 *
 *     mtf_emit_init -> any of them, in the order of the stream -> mtf_emit_end
 *
 * A block is begun in the piece, filled, and then put out; its streams follow.
 */

struct mtf_emit {
	const struct mtf_spec *spec;
	struct str *out;
	struct mtf_piece piece;
	size_t start;        /* length of out when we began */
	uint64_t origin;     /* offset in the stream of that place */
	uint64_t set_at;     /* of SSET */
	uint32_t control_id; /* of the next block of the set */
};

/* out: borrowed until the end.  Filemarks that spec cuts out begin anew. */
void mtf_emit_init(struct mtf_emit *w, const struct mtf_spec *spec,
    struct str *out);
/* 0 if everything has been written. */
int mtf_emit_end(struct mtf_emit *w, struct error *error) MUST_CHECK;

/* Offset in the stream of what comes next. */
uint64_t mtf_emit_position(const struct mtf_emit *w);
/* What a block that is followed by a filemark fills whole units of. */
uint32_t mtf_emit_unit(const struct mtf_emit *w);

void mtf_emit_zeros(struct mtf_emit *w, uint64_t count);
/* A stream's header; its `length` bytes follow. */
void mtf_emit_stream(struct mtf_emit *w, uint32_t id, uint16_t media_bits,
    uint64_t length);
/* A stream of zeros such that what follows it, after `room` more bytes, stands
 * on a multiple of unit from base. */
void mtf_emit_padding(struct mtf_emit *w, uint32_t id, uint16_t media_bits,
    uint64_t base, uint32_t unit, uint32_t room);

/* Begin a block in the piece, of `fixed` zeros; returns them.  In a set, with
 * its place and number. */
uint8_t *mtf_emit_begin(struct mtf_emit *w, uint32_t type, size_t fixed);
uint8_t *mtf_emit_begin_in_set(struct mtf_emit *w, uint32_t type,
    size_t fixed);
/* Put the piece out. */
void mtf_emit_block(struct mtf_emit *w);
/* The stream that ends a block of a set. */
void mtf_emit_block_end(struct mtf_emit *w);

/* marks: the filemarks before, newest first; as many as fit are named. */
void mtf_emit_filemark(struct mtf_emit *w, const uint64_t *marks,
    uint32_t count);

#endif
