/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_CODEC_H
#define TRANSFER_CODEC_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * zstd, behind the only file that knows it.  A codec holds the contexts of
 * one thread and reuses them; what it has not used yet it has not allocated.
 *
 * Frames are whole zstd frames with content size and checksum.  Errors of
 * decompression are KIND_INTEGRITY with ORIGIN_CODEC; of memory KIND_STORAGE.
 */

struct codec;

/* The range of levels that this libzstd takes; 0 means its default. */
int codec_min_level(void);
int codec_max_level(void);
/* "1.5.4" */
const char *codec_version(void);

struct codec *codec_new(struct error *error) MUST_CHECK;
/* Accepts NULL. */
void codec_free(struct codec *codec);

/* Room that a frame of size raw bytes can take at most. */
size_t codec_bound(size_t size);

int codec_compress(struct codec *codec, int level, const void *raw,
    size_t raw_size, void *stored, size_t room, size_t *stored_size,
    struct error *error) MUST_CHECK;

/* One whole frame of exactly raw_size bytes. */
int codec_decompress(struct codec *codec, const void *stored,
    size_t stored_size, void *raw, size_t raw_size, struct error *error)
    MUST_CHECK;

/*
 * Decompression in pieces, for a frame of unknown or great size.  begin, then
 * step until *ended; *taken and *given tell how far each side got.
 */
int codec_stream_begin(struct codec *codec, struct error *error) MUST_CHECK;
int codec_stream_step(struct codec *codec, const void *stored,
    size_t stored_size, size_t *taken, void *raw, size_t room, size_t *given,
    bool *ended, struct error *error) MUST_CHECK;

/*
 * The head of a frame, from its first bytes.  Needs CODEC_FRAME_HEAD_MAX of
 * them, or all that the file has.
 */
#define CODEC_FRAME_HEAD_MAX 18u

struct codec_frame {
	size_t head_bytes;
	bool has_content_size;
	uint64_t content_size;
	bool has_checksum;
	bool has_spare_bit; /* set by no encoder */
};

int codec_frame_head(const void *bytes, size_t size,
    struct codec_frame *frame, struct error *error) MUST_CHECK;

/* The three bytes before each block of a frame: bytes that follow, and
 * whether it is the last. */
#define CODEC_BLOCK_HEAD 3u
#define CODEC_BLOCK_MAX (128u << 10)
#define CODEC_CHECKSUM_SIZE 4u
int codec_block_head(const uint8_t *bytes, size_t *follow, bool *last,
    struct error *error) MUST_CHECK;

#endif
