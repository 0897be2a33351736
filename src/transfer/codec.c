/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/codec.h"

#include "base/bytes.h"
#include "transfer/stripe.h"

#include <stdlib.h>
#include <zstd.h>

struct codec {
	ZSTD_CCtx *compressor;
	ZSTD_DCtx *decompressor;
	int level;
};

int
codec_min_level(void)
{
	return (ZSTD_minCLevel());
}

int
codec_max_level(void)
{
	return (ZSTD_maxCLevel());
}

const char *
codec_version(void)
{
	return (ZSTD_versionString());
}

struct codec *
codec_new(struct error *error)
{
	struct codec *codec = calloc(1, sizeof(*codec));

	if (codec == NULL)
		IGNORE_RESULT(error_memory(error));
	return (codec);
}

void
codec_free(struct codec *codec)
{
	if (codec == NULL)
		return;
	(void)ZSTD_freeCCtx(codec->compressor);
	(void)ZSTD_freeDCtx(codec->decompressor);
	free(codec);
}

size_t
codec_bound(size_t size)
{
	return (ZSTD_compressBound(size));
}

static int
refuse(size_t code, enum error_kind kind, const char *what,
    struct error *error)
{
	return (error_set(error, kind, ORIGIN_CODEC, (long)(0 - code),
	    "%s: %s", what, ZSTD_getErrorName(code)));
}

static int
prepare_compressor(struct codec *codec, int level, struct error *error)
{
	size_t rc;

	if (codec->compressor != NULL && codec->level == level)
		return (0);
	if (codec->compressor == NULL)
		codec->compressor = ZSTD_createCCtx();
	if (codec->compressor == NULL)
		return (error_memory(error));
	/* A frame that failed may have left it in the middle, where no level
	 * can be set. */
	rc = ZSTD_CCtx_reset(codec->compressor, ZSTD_reset_session_only);
	if (!ZSTD_isError(rc))
		rc = ZSTD_CCtx_setParameter(codec->compressor,
		    ZSTD_c_compressionLevel, level);
	if (!ZSTD_isError(rc))
		rc = ZSTD_CCtx_setParameter(codec->compressor,
		    ZSTD_c_checksumFlag, 1);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_USAGE, "compression level", error));
	codec->level = level;
	return (0);
}

int
codec_compress(struct codec *codec, int level, const void *raw,
    size_t raw_size, void *stored, size_t room, size_t *stored_size,
    struct error *error)
{
	size_t rc;

	if (prepare_compressor(codec, level, error) != 0)
		return (-1);
	rc = ZSTD_compress2(codec->compressor, stored, room, raw, raw_size);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_STORAGE, "cannot compress", error));
	*stored_size = rc;
	return (0);
}

static int
prepare_decompressor(struct codec *codec, struct error *error)
{
	if (codec->decompressor == NULL)
		codec->decompressor = ZSTD_createDCtx();
	if (codec->decompressor == NULL)
		return (error_memory(error));
	return (0);
}

int
codec_decompress(struct codec *codec, const void *stored, size_t stored_size,
    void *raw, size_t raw_size, struct error *error)
{
	size_t rc;

	if (prepare_decompressor(codec, error) != 0)
		return (-1);
	rc = ZSTD_decompressDCtx(codec->decompressor, raw, raw_size, stored,
	    stored_size);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_INTEGRITY, "the frame is damaged",
		    error));
	if (rc != raw_size)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the frame is damaged: it holds %zu bytes instead of %zu",
		    rc, raw_size));
	return (0);
}

int
codec_stream_begin(struct codec *codec, struct error *error)
{
	size_t rc;

	if (prepare_decompressor(codec, error) != 0)
		return (-1);
	rc = ZSTD_DCtx_reset(codec->decompressor, ZSTD_reset_session_only);
	if (!ZSTD_isError(rc))
		/* Whoever wrote with --long is read as well. */
		rc = ZSTD_DCtx_setParameter(codec->decompressor,
		    ZSTD_d_windowLogMax, 31);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_STORAGE, "cannot decompress", error));
	return (0);
}

int
codec_stream_step(struct codec *codec, const void *stored, size_t stored_size,
    size_t *taken, void *raw, size_t room, size_t *given, bool *ended,
    struct error *error)
{
	ZSTD_inBuffer in = { stored, stored_size, 0 };
	ZSTD_outBuffer out = { raw, room, 0 };
	size_t rc;

	rc = ZSTD_decompressStream(codec->decompressor, &out, &in);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_INTEGRITY, "the frame is damaged",
		    error));
	*taken = in.pos;
	*given = out.pos;
	*ended = rc == 0;
	return (0);
}

int
codec_frame_head(const void *bytes, size_t size, struct codec_frame *frame,
    struct error *error)
{
	const uint8_t *p = bytes;
	static const uint8_t id_sizes[4] = { 0, 1, 2, 4 };
	static const uint8_t content_sizes[4] = { 0, 2, 4, 8 };
	size_t content;
	size_t need = 5;
	bool single;

	if (size >= 5) {
		single = (p[4] & 0x20) != 0;
		content = content_sizes[p[4] >> 6];
		if (single && content == 0)
			content = 1;
		need = 5 + !single + id_sizes[p[4] & 3] + content;
	}
	if (size < need)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "cut short in the head of a frame"));
	if (bytes_get32(p) != STRIPE_MAGIC_ZSTD || (p[4] & 0x08) != 0)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the head of the frame is damaged"));
	frame->head_bytes = need;
	frame->has_checksum = (p[4] & 0x04) != 0;
	frame->has_spare_bit = (p[4] & 0x10) != 0;
	frame->has_content_size = content != 0;
	p += need - content;
	switch (content) {
	case 1:
		frame->content_size = *p;
		break;
	case 2:
		frame->content_size = bytes_get16(p) + 256u;
		break;
	case 4:
		frame->content_size = bytes_get32(p);
		break;
	case 8:
		frame->content_size = bytes_get64(p);
		break;
	default:
		frame->content_size = 0;
		break;
	}
	return (0);
}

int
codec_block_head(const uint8_t *bytes, size_t *follow, bool *last,
    struct error *error)
{
	uint32_t head = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	    (uint32_t)bytes[2] << 16;
	unsigned type = (head >> 1) & 3;
	uint32_t size = head >> 3;

	/* Types: 0 raw, 1 one byte repeated, 2 compressed, 3 reserved.  The
	 * size of type 1 is that of its content. */
	if (type == 3 || size > CODEC_BLOCK_MAX)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "a block of the frame is damaged"));
	*follow = type == 1 ? 1 : size;
	*last = (head & 1) != 0;
	return (0);
}
