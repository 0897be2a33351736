/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * After each change of libFuzzer's, most of a stripe's checks are put right
 * again: a byte that is merely wrong is found by the first of them, and
 * nothing behind it would ever be reached.
 */

#include "mutate.h"

#include "base/bytes.h"
#include "transfer/codec.h"
#include "transfer/digest.h"
#include "transfer/stripe_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Places within a frame of ours, head included (doc/format.md). */
#define HEADER_CHECK 8u
#define CLOSING_RAW 16u
#define CLOSING_FRAMES 24u
#define CLOSING_XXH128 32u
#define CLOSING_SHA256 48u
#define CLOSING_CHECK 80u
#define RAW_MAX ((size_t)1 << 20)

/* A file on its way to be put right. */
struct repair {
	uint8_t *data;
	size_t size;
	size_t room;
	size_t at;
	struct codec *codec;
	struct digest_xxh128 *raw_digest;
	uint64_t raw_bytes;
	uint64_t frames;
	struct stripe_table table;
};

/* The bytes of the zstd frame that begins at at; 0: none. */
static size_t
measure_frame(const struct repair *repair, const struct codec_frame *frame)
{
	const uint8_t *bytes = repair->data + repair->at;
	size_t left = repair->size - repair->at;
	size_t size = frame->head_bytes;
	bool last = false;

	while (!last) {
		size_t follow;

		if (size + CODEC_BLOCK_HEAD > left ||
		    codec_block_head(bytes + size, &follow, &last, NULL) != 0)
			return (0);
		size += CODEC_BLOCK_HEAD + follow;
	}
	size += frame->has_checksum ? CODEC_CHECKSUM_SIZE : 0;
	return (size <= left ? size : 0);
}

static bool
take_frame(struct repair *repair)
{
	const uint8_t *bytes = repair->data + repair->at;
	struct codec_frame frame;
	uint8_t *raw;
	size_t size;

	if (codec_frame_head(bytes, repair->size - repair->at, &frame,
	    NULL) != 0 || frame.content_size > RAW_MAX)
		return (false);
	size = measure_frame(repair, &frame);
	if (size == 0)
		return (false);
	raw = malloc((size_t)frame.content_size + 1);
	if (raw != NULL && codec_decompress(repair->codec, bytes, size, raw,
	    (size_t)frame.content_size, NULL) == 0)
		digest_xxh128_add(repair->raw_digest, raw,
		    (size_t)frame.content_size);
	free(raw);
	repair->raw_bytes += frame.content_size;
	repair->frames++;
	repair->at += size;
	return (stripe_table_add_frame(&repair->table, bytes, size,
	    (size_t)frame.content_size, NULL) == 0);
}

static void
repair_header(struct repair *repair, size_t size)
{
	uint8_t *at = repair->data + repair->at;

	if (size > STRIPE_SKIPPABLE_HEAD + HEADER_CHECK)
		bytes_put64(at + size - HEADER_CHECK,
		    digest_xxh64(at + STRIPE_SKIPPABLE_HEAD,
		    size - STRIPE_SKIPPABLE_HEAD - HEADER_CHECK));
}

static void
repair_closing(struct repair *repair)
{
	uint8_t *at = repair->data + repair->at;
	struct digest_sha256 *digest = digest_sha256_new(NULL);

	if (digest == NULL)
		return;
	bytes_put64(at + CLOSING_RAW, repair->raw_bytes);
	bytes_put64(at + CLOSING_FRAMES, repair->frames);
	digest_xxh128_get(repair->raw_digest, at + CLOSING_XXH128);
	if (digest_sha256_add(digest, repair->data, repair->at, NULL) != 0 ||
	    digest_sha256_get(digest, at + CLOSING_SHA256, NULL) != 0)
		memset(at + CLOSING_SHA256, 0, STRIPE_SHA256_SIZE);
	digest_sha256_free(digest);
	bytes_put64(at + CLOSING_CHECK, digest_xxh64(at +
	    STRIPE_SKIPPABLE_HEAD, CLOSING_CHECK - STRIPE_SKIPPABLE_HEAD));
}

/* The table in the place of all that follows. */
static void
repair_table(struct repair *repair)
{
	size_t size = stripe_table_size(repair->table.count);

	if (size > repair->room - repair->at)
		return;
	stripe_encode_table(repair->table.entries, repair->table.count,
	    repair->data + repair->at);
	repair->size = repair->at + size;
}

static bool
take_skippable(struct repair *repair)
{
	uint8_t *at = repair->data + repair->at;
	size_t left = repair->size - repair->at;
	uint64_t size = STRIPE_SKIPPABLE_HEAD + (uint64_t)bytes_get32(at + 4);

	if (bytes_get32(at) == STRIPE_MAGIC_TABLE) {
		repair_table(repair);
		return (false);
	}
	if (size > left)
		return (false);
	if (stripe_is_header(at + STRIPE_SKIPPABLE_HEAD, (size_t)size -
	    STRIPE_SKIPPABLE_HEAD))
		repair_header(repair, (size_t)size);
	else if (size == STRIPE_CLOSING_SIZE && stripe_is_closing(at +
	    STRIPE_SKIPPABLE_HEAD, (size_t)size - STRIPE_SKIPPABLE_HEAD))
		repair_closing(repair);
	repair->at += (size_t)size;
	return (stripe_table_add_skippable(&repair->table, (size_t)size,
	    NULL) == 0);
}

static bool
step(struct repair *repair)
{
	uint32_t magic;

	if (repair->size - repair->at < STRIPE_SKIPPABLE_HEAD)
		return (false);
	magic = bytes_get32(repair->data + repair->at);
	if (magic == STRIPE_MAGIC_ZSTD)
		return (take_frame(repair));
	return ((magic & STRIPE_SKIPPABLE_MASK) == STRIPE_MAGIC_SKIPPABLE &&
	    take_skippable(repair));
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
    unsigned seed)
{
	struct repair repair = { .data = data, .room = room };

	repair.size = LLVMFuzzerMutate(data, size, room);
	if (seed % 8 == 0)
		return (repair.size);
	repair.codec = codec_new(NULL);
	repair.raw_digest = digest_xxh128_new(NULL);
	if (repair.codec != NULL && repair.raw_digest != NULL)
		while (step(&repair))
			;
	stripe_table_release(&repair.table);
	digest_xxh128_free(repair.raw_digest);
	codec_free(repair.codec);
	return (repair.size);
}
