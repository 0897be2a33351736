/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/emit.h"

#include "base/bytes.h"

#include <assert.h>
#include <string.h>

void
mtf_emit_init(struct mtf_emit *w, const struct mtf_spec *spec, struct str *out)
{
	w->spec = spec;
	w->out = out;
	mtf_piece_init(&w->piece);
	w->start = out->length;
	w->origin = 0;
	w->set_at = 0;
	w->control_id = 0;
	if (spec->cuts != NULL)
		spec->cuts->count = 0;
}

int
mtf_emit_end(struct mtf_emit *w, struct error *error)
{
	int result = str_check(&w->piece.text, error);

	if (str_check(w->out, error) != 0)
		result = -1;
	mtf_piece_release(&w->piece);
	return (result);
}

uint64_t
mtf_emit_position(const struct mtf_emit *w)
{
	return (w->origin + (w->out->length - w->start));
}

/*
 * What a block that is followed by a filemark fills whole units of: physical
 * blocks, and never less than a format block.
 */
uint32_t
mtf_emit_unit(const struct mtf_emit *w)
{
	return (w->spec->block_size > MTF_FORMAT_BLOCK ? w->spec->block_size :
	    MTF_FORMAT_BLOCK);
}

void
mtf_emit_zeros(struct mtf_emit *w, uint64_t count)
{
	static const uint8_t zeros[4096];

	while (count > 0) {
		size_t part = sizeof(zeros);

		if (count < part)
			part = (size_t)count;
		str_add_bytes(w->out, zeros, part);
		count -= part;
	}
}

/* Zeros from an offset, counted from base, up to a multiple of unit. */
static uint64_t
gap(uint64_t offset, uint64_t base, uint32_t unit)
{
	uint64_t over = (offset - base) % unit;

	return (over == 0 ? 0 : unit - over);
}

void
mtf_emit_stream(struct mtf_emit *w, uint32_t id, uint16_t media_bits,
    uint64_t length)
{
	uint8_t header[MTF_STREAM_HEADER] = { 0 };

	mtf_emit_zeros(w, gap(mtf_emit_position(w), 0, MTF_STREAM_ALIGNMENT));
	bytes_put32(header + MTF_STREAM_ID, id);
	bytes_put16(header + MTF_STREAM_MEDIA_BITS, media_bits);
	bytes_put64(header + MTF_STREAM_LENGTH, length);
	bytes_put16(header + MTF_STREAM_XOR,
	    mtf_header_xor(header, MTF_STREAM_XOR));
	str_add_bytes(w->out, header, sizeof(header));
}

/*
 * A stream of zeros such that what follows it, after `room` more bytes, stands
 * on a multiple of unit from base.
 */
void
mtf_emit_padding(struct mtf_emit *w, uint32_t id, uint16_t media_bits,
    uint64_t base, uint32_t unit, uint32_t room)
{
	uint64_t after = mtf_emit_position(w);
	uint64_t length;

	after += gap(after, 0, MTF_STREAM_ALIGNMENT) + MTF_STREAM_HEADER;
	length = gap(after + room, base, unit);
	mtf_emit_stream(w, id, media_bits, length);
	mtf_emit_zeros(w, length);
}

/* The stream that ends a block of the set. */
void
mtf_emit_block_end(struct mtf_emit *w)
{
	mtf_emit_padding(w, MTF_SPAD, 0, w->set_at, MTF_FORMAT_BLOCK, 0);
}

/* Begin a block in the piece; its position is where out ends. */
uint8_t *
mtf_emit_begin(struct mtf_emit *w, uint32_t type, size_t fixed)
{
	uint8_t *p = w->piece.bytes;

	mtf_piece_begin(&w->piece, fixed);
	bytes_put32(p + MTF_DBLK_TYPE, type);
	p[MTF_DBLK_OS_ID] = MTF_OS_WINDOWS;
	p[MTF_DBLK_OS_VERSION] = 1;
	return (p);
}

/* The same for a block that is counted within its set. */
uint8_t *
mtf_emit_begin_in_set(struct mtf_emit *w, uint32_t type, size_t fixed)
{
	uint8_t *p = mtf_emit_begin(w, type, fixed);

	bytes_put64(p + MTF_DBLK_FLA,
	    (mtf_emit_position(w) - w->set_at) / MTF_FORMAT_BLOCK);
	bytes_put32(p + MTF_DBLK_CONTROL_ID, w->control_id++);
	return (p);
}

void
mtf_emit_block(struct mtf_emit *w)
{
	uint8_t *p = w->piece.bytes;

	mtf_piece_align(&w->piece, MTF_STREAM_ALIGNMENT);
	bytes_put16(p + MTF_DBLK_FIRST_EVENT, (uint16_t)w->piece.length);
	bytes_put16(p + MTF_DBLK_XOR, mtf_header_xor(p, MTF_DBLK_XOR));
	str_add_bytes(w->out, p, w->piece.length);
}

/* marks: the filemarks before, newest first; as many as fit are named. */
void
mtf_emit_filemark(struct mtf_emit *w, const uint64_t *marks, uint32_t count)
{
	uint32_t size = w->spec->block_size;
	uint32_t room = (size - MTF_SFMB_TABLE) / 8;
	struct mtf_cuts *cuts = w->spec->cuts;
	uint8_t *p;
	uint32_t i;

	if (cuts != NULL) {
		assert(cuts->count < MTF_CUTS_MAX);
		cuts->at[cuts->count++] = w->out->length - w->start;
		return;
	}
	if (count > room)
		count = room;
	p = mtf_emit_begin(w, MTF_SFMB, MTF_SFMB_TABLE + 8 * count);
	bytes_put32(p + MTF_DBLK_ATTRIBUTES, MTF_SFMB_HAS_64BIT);
	/* 65536 does not fit; readers go by TAPE's block size. */
	bytes_put16(p + MTF_DBLK_FIRST_EVENT, (uint16_t)size);
	bytes_put32(p + MTF_SFMB_CAPACITY, room);
	bytes_put32(p + MTF_SFMB_USED, count);
	bytes_put32(p + MTF_SFMB_TABLE_AT, MTF_SFMB_TABLE);
	for (i = 0; i < count; i++)
		bytes_put64(p + MTF_SFMB_TABLE + 8 * i, marks[i]);
	bytes_put16(p + MTF_DBLK_XOR, mtf_header_xor(p, MTF_DBLK_XOR));
	str_add_bytes(w->out, p, w->piece.length);
	mtf_emit_zeros(w, size - w->piece.length);
}
