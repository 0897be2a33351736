/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: frames are taken apart as zstd's format has them, and what is none is
 * refused. */
#include <config.h>

#include "transfer/codec.h"
#include "transfer/footprint.h"

#include "base/attr.h"
#include "base/bytes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct codec_settings level_3 = { .level = 3 };
static const struct codec_settings level_9 = { .level = 9 };
static const struct codec_settings level_19 = { .level = 19 };
static struct codec *codec;
static uint8_t stored[2048];
static size_t stored_size;

static void
begin(void)
{
	uint8_t raw[1000];
	struct error error = { 0 };

	memset(raw, 'x', sizeof(raw));
	codec = codec_new(&error);
	ck_assert_msg(codec != NULL, "%s", error.text);
	ck_assert_int_eq(codec_compress(codec, &level_3, raw, sizeof(raw),
	    stored, sizeof(stored), &stored_size, &error), 0);
}

static void
end(void)
{
	codec_free(codec);
}

START_TEST(a_frame_that_holds_less_than_it_should_is_refused)
{
	uint8_t raw[1001];
	struct error error = { 0 };

	ck_assert_int_eq(codec_decompress(codec, stored, stored_size, raw,
	    1000, &error), 0);
	ck_assert_int_eq(codec_decompress(codec, stored, stored_size, raw,
	    1001, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(error.text, "1000 bytes instead of 1001"));
}
END_TEST

START_TEST(a_frame_without_room_is_refused)
{
	uint8_t room[4];
	struct error error = { 0 };
	size_t size;

	ck_assert_int_eq(codec_compress(codec, &level_3, stored,
	    stored_size, room, sizeof(room), &size, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.origin, ORIGIN_CODEC);
	/* The next one is none the worse for it. */
	error_init(&error);
	ck_assert_int_eq(codec_compress(codec, &level_19, "abc", 3,
	    stored, sizeof(stored), &size, &error), 0);
}
END_TEST

/* Window byte, dictionary, content: every size that the descriptor has. */
START_TEST(heads_of_every_size_are_read)
{
	static const struct {
		uint8_t descriptor;
		size_t head;
		size_t content_at; /* 0: none is given */
		size_t content_bytes;
	} cases[] = {
		{ 0x00, 6, 0, 0 },   { 0x20, 6, 5, 1 },
		{ 0x40, 8, 6, 2 },   { 0x60, 7, 5, 2 },
		{ 0x80, 10, 6, 4 },  { 0xA0, 9, 5, 4 },
		{ 0xC0, 14, 6, 8 },  { 0xE0, 13, 5, 8 },
		{ 0xC3, 18, 10, 8 }, { 0xC2, 16, 8, 8 },
		{ 0xC1, 15, 7, 8 },  { 0x03, 10, 0, 0 },
	};
	uint8_t bytes[CODEC_FRAME_HEAD_MAX] = { 0x28, 0xB5, 0x2F, 0xFD };
	struct codec_frame frame;
	struct error error = { 0 };

	bytes[4] = cases[_i].descriptor;
	if (cases[_i].content_at > 0)
		bytes[cases[_i].content_at +
		    cases[_i].content_bytes - 1] = 1;
	ck_assert_int_eq(codec_frame_head(bytes, sizeof(bytes), &frame,
	    &error), 0);
	ck_assert_uint_eq(frame.head_bytes, cases[_i].head);
	ck_assert_int_eq(frame.has_content_size, cases[_i].content_at > 0);
	if (cases[_i].content_at > 0)
		ck_assert_uint_eq(frame.content_size,
		    (UINT64_C(1) << 8 * (cases[_i].content_bytes - 1)) +
		    (cases[_i].content_bytes == 2 ? 256 : 0));
	/* With a byte less there is no head. */
	ck_assert_int_eq(codec_frame_head(bytes, cases[_i].head, &frame,
	    &error), 0);
	ck_assert_int_eq(codec_frame_head(bytes, cases[_i].head - 1, &frame,
	    &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
}
END_TEST

/* Every kind of search, windows below and above the frame, and frames that are
 * smaller than any window. */
static const struct codec_settings kinds[] = {
	{ .level = -7 },
	{ .level = 1 },
	{ .level = 3 },
	{ .level = 9 },
	{ .level = 12 },
	{ .level = 19 },
	{ .level = 22 },
	{ .level = 1, .window_log = 10 },
	{ .level = 1, .long_distance = true, .window_log = 27 },
	{ .level = 19, .long_distance = true, .window_log = 21 },
};
#define KIND_COUNT 10

START_TEST(memory_is_what_a_context_takes)
{
	static const size_t sizes[] = { 4096, 300000, 4u << 20 };
	struct error error = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct codec *used = codec_new(&error);
		size_t room = codec_bound(sizes[i]);
		uint8_t *raw = calloc(1, sizes[i]);
		uint8_t *frame = malloc(room);
		size_t said = 0;
		size_t size;

		ck_assert(used != NULL && raw != NULL && frame != NULL);
		ck_assert_uint_eq(codec_size(used), 0);
		ck_assert_int_eq(codec_memory(&kinds[_i], sizes[i], &said,
		    &error), 0);
		ck_assert_int_eq(codec_compress(used, &kinds[_i], raw,
		    sizes[i], frame, room, &size, &error), 0);
		ck_assert_uint_gt(said, 0);
		ck_assert_uint_eq(codec_size(used), said);
		free(frame);
		free(raw);
		codec_free(used);
	}
}
END_TEST

START_TEST(a_job_takes_buffers_slots_and_contexts)
{
	static const struct adapt_bounds bounds = { -5, 9 };
	struct footprint_plan plan = { .devices = 3, .threads = 2,
		.buffer_bytes = 12345, .frame_size = 1u << 20,
		.compresses = true, .codec = level_3 };
	struct footprint footprint;
	struct error error = { 0 };
	size_t context = 0;

	ck_assert_int_eq(footprint_plan(&plan, &footprint, &error), 0);
	ck_assert_int_eq(codec_memory(&level_3, 1u << 20, &context, &error),
	    0);
	ck_assert_uint_eq(footprint.buffers, 12345);
	ck_assert_uint_eq(footprint.slots, 7 * ((1u << 20) +
	    codec_bound(1u << 20)));
	ck_assert_uint_eq(footprint.contexts, 2 * context);
	ck_assert_uint_eq(footprint_sum(&footprint), footprint.buffers +
	    footprint.slots + footprint.contexts +
	    2 * FOOTPRINT_EACH_THREAD + 3 * FOOTPRINT_EACH_STRIPE);
	/* Of levels, that which takes most. */
	plan.levels = &bounds;
	ck_assert_int_eq(footprint_plan(&plan, &footprint, &error), 0);
	ck_assert_int_eq(codec_memory(&level_9, 1u << 20, &context, &error),
	    0);
	ck_assert_uint_eq(footprint.contexts, 2 * context);
	plan.compresses = false;
	ck_assert_int_eq(footprint_plan(&plan, &footprint, &error), 0);
	ck_assert_uint_eq(footprint.contexts, 0);
	plan.frame_size = 0;
	ck_assert_int_eq(footprint_plan(&plan, &footprint, &error), 0);
	ck_assert_uint_eq(footprint.slots, 0);
}
END_TEST

START_TEST(settings_may_change_from_frame_to_frame)
{
	static const size_t size = 1u << 20;
	size_t room = codec_bound(size);
	uint8_t *raw = malloc(size);
	uint8_t *back = malloc(size);
	uint8_t *frame = malloc(room);
	struct codec *used = codec_new(NULL);
	struct error error = { 0 };
	size_t largest = 0;
	size_t taken;
	size_t i;
	int round;

	ck_assert(raw != NULL && back != NULL && frame != NULL &&
	    used != NULL);
	for (i = 0; i < size; i++)
		raw[i] = (uint8_t)(i * i >> 7);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < KIND_COUNT; i++) {
			ck_assert_int_eq(codec_compress(used, &kinds[i], raw,
			    size, frame, room, &taken, &error), 0);
			memset(back, 0, size);
			ck_assert_int_eq(codec_decompress(used, frame, taken,
			    back, size, &error), 0);
			ck_assert_mem_eq(raw, back, size);
		}
		/* The second time round nothing grows. */
		if (round == 0)
			largest = codec_size(used);
		ck_assert_uint_eq(codec_size(used), largest);
	}
	codec_free(used);
	free(frame);
	free(back);
	free(raw);
}
END_TEST

START_TEST(settings_that_zstd_has_not_are_refused)
{
	static const struct codec_settings wide = { .level = 3,
		.window_log = 99 };
	struct error error = { 0 };
	size_t size;

	ck_assert_int_eq(codec_compress(codec, &wide, "abc", 3, stored,
	    sizeof(stored), &size, &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	error_init(&error);
	ck_assert_int_eq(codec_memory(&wide, 4096, &size, &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	error_init(&error);
	ck_assert_int_eq(codec_compress(codec, &level_3, "abc", 3, stored,
	    sizeof(stored), &size, &error), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: codec");
	TCase *tcase = tcase_create("codec");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase,
	    a_frame_that_holds_less_than_it_should_is_refused);
	tcase_add_test(tcase, a_frame_without_room_is_refused);
	tcase_add_loop_test(tcase, memory_is_what_a_context_takes, 0,
	    KIND_COUNT);
	tcase_add_test(tcase, a_job_takes_buffers_slots_and_contexts);
	tcase_add_test(tcase, settings_may_change_from_frame_to_frame);
	tcase_add_test(tcase, settings_that_zstd_has_not_are_refused);
	tcase_add_loop_test(tcase, heads_of_every_size_are_read, 0, 12);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
