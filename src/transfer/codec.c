/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/codec.h"

#include "base/attr.h"
#include "base/bytes.h"
#include "transfer/stripe.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct codec {
	ZSTD_CCtx *compressor;
	ZSTD_DCtx *decompressor;
	struct codec_settings settings; /* of the compressor */
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

int
codec_min_window(void)
{
	return (ZSTD_cParam_getBounds(ZSTD_c_windowLog).lowerBound);
}

int
codec_max_window(void)
{
	return (ZSTD_cParam_getBounds(ZSTD_c_windowLog).upperBound);
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

static bool
is_prepared(const struct codec *codec, const struct codec_settings *wanted)
{
	const struct codec_settings *has = &codec->settings;

	return (codec->compressor != NULL && has->level == wanted->level &&
	    has->long_distance == wanted->long_distance &&
	    has->window_log == wanted->window_log);
}

static int
prepare_compressor(struct codec *codec, const struct codec_settings *settings,
    struct error *error)
{
	const struct {
		ZSTD_cParameter name;
		int value;
	} parameters[] = {
		{ ZSTD_c_compressionLevel, settings->level },
		{ ZSTD_c_checksumFlag, 1 },
		{ ZSTD_c_enableLongDistanceMatching,
		    settings->long_distance ? 1 : 0 },
		{ ZSTD_c_windowLog, settings->window_log },
	};
	size_t rc;
	size_t i;

	if (is_prepared(codec, settings))
		return (0);
	if (codec->compressor == NULL)
		codec->compressor = ZSTD_createCCtx();
	if (codec->compressor == NULL)
		return (error_memory(error));
	/* A frame that failed may have left it in the middle, where nothing
	 * can be set. */
	rc = ZSTD_CCtx_reset(codec->compressor,
	    ZSTD_reset_session_and_parameters);
	for (i = 0; i < ARRAY_COUNT(parameters) && !ZSTD_isError(rc); i++)
		rc = ZSTD_CCtx_setParameter(codec->compressor,
		    parameters[i].name, parameters[i].value);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_USAGE, "compression level or window",
		    error));
	codec->settings = *settings;
	return (0);
}

int
codec_compress(struct codec *codec, const struct codec_settings *settings,
    const void *raw, size_t raw_size, void *stored, size_t room,
    size_t *stored_size, struct error *error)
{
	size_t rc;

	if (prepare_compressor(codec, settings, error) != 0)
		return (-1);
	rc = ZSTD_compress2(codec->compressor, stored, room, raw, raw_size);
	if (ZSTD_isError(rc))
		return (refuse(rc, KIND_STORAGE, "cannot compress", error));
	*stored_size = rc;
	return (0);
}

size_t
codec_size(const struct codec *codec)
{
	return (codec->compressor != NULL ?
	    ZSTD_sizeof_CCtx(codec->compressor) : 0);
}

int
codec_memory(const struct codec_settings *settings, size_t frame_size,
    size_t *bytes, struct error *error)
{
	struct codec *codec = codec_new(error);
	void *raw = NULL;
	char room[1];
	size_t code;
	int rc = -1;

	if (codec == NULL)
		return (-1);
	/* Not one byte of it is looked at, so it takes addresses but no
	 * memory: the context is made ready for a frame of that size, and
	 * then there is no room for the head of one. */
	raw = calloc(1, frame_size);
	if (raw == NULL) {
		IGNORE_RESULT(error_memory(error));
		goto out;
	}
	if (prepare_compressor(codec, settings, error) != 0)
		goto out;
	code = ZSTD_compress2(codec->compressor, room, sizeof(room), raw,
	    frame_size);
	if (ZSTD_getErrorCode(code) != ZSTD_error_dstSize_tooSmall) {
		IGNORE_RESULT(refuse(code, KIND_STORAGE, "cannot compress",
		    error));
		goto out;
	}
	*bytes = codec_size(codec);
	rc = 0;
out:
	free(raw);
	codec_free(codec);
	return (rc);
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
