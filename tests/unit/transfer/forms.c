/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "forms.h"

#include "transfer/codec.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void
put(struct memory_sink *memory, const void *bytes, size_t length)
{
	memory->data = realloc(memory->data, memory->size + length + 1);
	ck_assert_ptr_nonnull(memory->data);
	if (length > 0)
		memcpy(memory->data + memory->size, bytes, length);
	memory->size += length;
}

static void
put_frame(struct memory_sink *memory, struct codec *codec, const uint8_t *raw,
    size_t length)
{
	struct codec_settings settings = { .level = 1 };
	struct error error = { 0 };
	size_t room = codec_bound(length);
	uint8_t *stored = malloc(room);
	size_t stored_size;

	ck_assert_ptr_nonnull(stored);
	ck_assert_msg(codec_compress(codec, &settings, raw, length, stored,
	    room, &stored_size, &error) == 0, "%s", error.text);
	put(memory, stored, stored_size);
	free(stored);
}

static void
put_frames(struct memory_sink *memory, const uint8_t *data, size_t size,
    size_t frame_size, bool is_hollow)
{
	struct codec *codec = codec_new(NULL);
	size_t at;

	ck_assert_ptr_nonnull(codec);
	for (at = 0; at < size; at += frame_size) {
		if (is_hollow)
			put_frame(memory, codec, data, 0);
		put_frame(memory, codec, data + at, size - at < frame_size ?
		    size - at : frame_size);
		if (is_hollow)
			put_frame(memory, codec, data, 0);
	}
	codec_free(codec);
}

/* Of blocks that are not compressed. */
static void
put_piped(struct memory_sink *memory, const uint8_t *data, size_t size)
{
	static const uint8_t head[] = { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50 };
	const size_t block = 60000;
	size_t at;

	put(memory, head, sizeof(head));
	for (at = 0; at < size; at += block) {
		size_t piece = size - at < block ? size - at : block;
		uint32_t word = (uint32_t)piece << 3 | (at + piece == size);
		uint8_t bytes[3] = { (uint8_t)word, (uint8_t)(word >> 8),
			(uint8_t)(word >> 16) };

		put(memory, bytes, sizeof(bytes));
		put(memory, data + at, piece);
	}
}

/* By a pool of its own, so that the slots of the one that reads are new. */
static void
put_stripe(struct memory_sink *memory, const uint8_t *data, size_t size,
    size_t frame_size)
{
	struct stripe_write_options options;
	struct stripe_result result;
	struct pool *pool = pool_new(2, NULL);

	ck_assert_ptr_nonnull(pool);
	stripe_write_options_init(&options);
	options.codec.level = 1;
	options.frame_size = frame_size;
	support_write(pool, memory, &options, data, size, 50000, &result);
	pool_free(pool);
}

uint8_t *
forms_store(enum form form, size_t size, size_t frame_size, unsigned seed,
    struct memory_sink *memory)
{
	uint8_t *data = support_data(size, seed);

	memory_sink_release(memory);
	memory_sink_init(memory);
	switch (form) {
	case FORM_OURS:
		put_stripe(memory, data, size, frame_size);
		break;
	case FORM_FOREIGN:
	case FORM_HOLLOW:
		put_frames(memory, data, size, frame_size,
		    form == FORM_HOLLOW);
		break;
	case FORM_PIPED:
		put_piped(memory, data, size);
		break;
	case FORM_PLAIN:
	default:
		ck_assert_uint_ge(size, 4);
		memcpy(data, "TAPE", 4);
		put(memory, data, size);
		break;
	}
	return (data);
}
