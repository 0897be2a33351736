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

/*
 * How to compress.  Where a window is given, matches reach so far back; it is
 * never larger than the frame.  Long distance means that they are looked for
 * by a table of their own, which finds what the level's own search forgets.
 */
struct codec_settings {
	int level;          /* zstd's; codec_min_level .. codec_max_level */
	bool long_distance;
	int window_log;     /* codec_min_window .. codec_max_window; 0: as the
	                     * level has it */
};

/* The range of levels that this libzstd takes; 0 means its default. */
int codec_min_level(void);
int codec_max_level(void);
/* Binary logarithms of the windows that it takes. */
int codec_min_window(void);
int codec_max_window(void);
/* "1.5.4" */
const char *codec_version(void);

struct codec *codec_new(struct error *error) MUST_CHECK;
/* Accepts NULL. */
void codec_free(struct codec *codec);

/* Room that a frame of size raw bytes can take at most. */
size_t codec_bound(size_t size);

/*
 * One whole frame.  The settings may differ from those of the frame before:
 * the context stays the same, and grows if they need more than it ever had.
 */
int codec_compress(struct codec *codec, const struct codec_settings *settings,
    const void *raw, size_t raw_size, void *stored, size_t room,
    size_t *stored_size, struct error *error) MUST_CHECK;

/*
 * Bytes of the context that compresses frames of at most frame_size with such
 * settings, to the byte: a context is made ready for one and asked
 * (ZSTD_sizeof_CCtx).  zstd's estimates belong to an interface that is not
 * kept between its versions, know one level or one set of parameters, and are
 * meant to be too high.
 */
int codec_memory(const struct codec_settings *settings, size_t frame_size,
    size_t *bytes, struct error *error) MUST_CHECK;
/* Bytes of the codec's own context, 0 before it first compressed. */
size_t codec_size(const struct codec *codec);

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
