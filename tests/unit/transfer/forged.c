/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a stripe whose parts are each as they should be, but do not belong
 * together, is refused with words that name what is wrong. */
#include <config.h>

#include "support.h"

#include "base/bytes.h"
#include "transfer/digest.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 65536u

static struct pool *pool;
static struct memory_sink whole;

/* Where the parts of the whole stripe begin, and where it ends. */
static size_t frames_at;
static size_t closing_at;
static size_t table_at;

/* What a test puts together. */
static uint8_t forged[ROOM];
static size_t forged_size;

static void
begin(void)
{
	struct stripe_write_options options;
	uint8_t *data = support_data(9000, 5);
	struct stripe_result result;
	struct error error = { 0 };
	size_t entries = 0;

	support_begin();
	pool = pool_new(2, &error);
	ck_assert_msg(pool != NULL, "%s", error.text);
	stripe_write_options_init(&options);
	options.frame_size = 4096;
	memory_sink_init(&whole);
	support_write(pool, &whole, &options, data, 9000, 4096, &result);
	free(data);
	ck_assert_int_eq(stripe_decode_table_footer(whole.data + whole.size -
	    STRIPE_TABLE_FOOTER, &entries, &error), 0);
	frames_at = STRIPE_SKIPPABLE_HEAD + bytes_get32(whole.data + 4);
	table_at = whole.size - stripe_table_size(entries);
	closing_at = table_at - STRIPE_CLOSING_SIZE;
	forged_size = 0;
}

static void
end(void)
{
	memory_sink_release(&whole);
	pool_free(pool);
	support_end();
}

static void
add_bytes(const void *bytes, size_t size)
{
	ck_assert_uint_le(forged_size + size, ROOM);
	memcpy(forged + forged_size, bytes, size);
	forged_size += size;
}

/* Parts of the whole stripe in any order, by their letters. */
static void
add(const char *parts)
{
	const uint8_t *from = whole.data;

	for (; *parts != '\0'; parts++) {
		switch (*parts) {
		case 'h':
			add_bytes(from, frames_at);
			break;
		case 'f':
			add_bytes(from + frames_at, closing_at - frames_at);
			break;
		case 'c':
			add_bytes(from + closing_at, table_at - closing_at);
			break;
		default:
			add_bytes(from + table_at, whole.size - table_at);
			break;
		}
	}
}

/* Read as a stream, of whose end nothing is known beforehand. */
static int
read_forged(struct error *error)
{
	FILE *file = fopen(support_file("forged", forged, forged_size), "rb");
	struct stripe_result result;
	int rc;

	ck_assert_ptr_nonnull(file);
	error_init(error);
	rc = support_read(pool, source_fd_open(fileno(file), "stream", NULL),
	    NULL, NULL, &result, error);
	(void)fclose(file);
	return (rc);
}

static void
refused(const char *words)
{
	struct error error;

	ck_assert_int_eq(read_forged(&error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

START_TEST(parts_in_another_order_are_refused)
{
	static const struct {
		const char *parts;
		const char *words;
	} cases[] = {
		{ "hfcft", "a frame follows the closing frame" },
		{ "hfcct", "a second closing frame" },
		{ "hftc", "the seek table comes before the closing frame" },
		{ "fct", "without its header" },
		{ "hfct", NULL },
	};
	struct error error;

	add(cases[_i].parts);
	if (cases[_i].words != NULL)
		refused(cases[_i].words);
	else
		ck_assert_msg(read_forged(&error) == 0, "%s", error.text);
}
END_TEST

START_TEST(a_closing_frame_that_lies_is_refused)
{
	static const char *const words[] = { "frames, and", "the SHA-256",
		"the raw stream", "the raw stream" };
	uint8_t bytes[STRIPE_CLOSING_SIZE];
	struct stripe_closing closing;
	struct error error = { 0 };

	ck_assert_int_eq(stripe_decode_closing(whole.data + closing_at,
	    STRIPE_CLOSING_SIZE, &closing, &error), 0);
	closing.frames += _i == 0;
	closing.sha256[0] ^= _i == 1;
	closing.raw_bytes += _i == 2;
	closing.raw_xxh128[0] ^= _i == 3;
	stripe_encode_closing(&closing, bytes);
	add("hf");
	add_bytes(bytes, sizeof(bytes));
	add("t");
	refused(words[_i]);
}
END_TEST

/* Its own checksum put right again, so that what is in it is looked at. */
static void
header_refused(uint8_t *bytes, size_t size, const char *words)
{
	struct stripe_identity identity;
	struct error error = { 0 };

	bytes_put64(bytes + size - 8, digest_xxh64(bytes + 8, size - 16));
	ck_assert_int_eq(stripe_decode_header(bytes, size, &identity, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

START_TEST(a_header_that_lies_is_refused)
{
	uint8_t bytes[STRIPE_HEADER_MAX];
	uint8_t *name;
	size_t size = frames_at;

	memcpy(bytes, whole.data, size);
	/* "Sales" and the checksum end it; its length stands before it. */
	name = bytes + size - 8 - 5;
	ck_assert_mem_eq(name, "Sales", 5);
	name[2] = '\0';
	header_refused(bytes, size, "holds a NUL");
	name[2] = 0xFF;
	header_refused(bytes, size, "not UTF-8");
	name[2] = 'l';
	bytes_put32(name - 4, 4);
	header_refused(bytes, size, "header is damaged");
	bytes_put32(name - 4, 0xFFFFFFFF);
	header_refused(bytes, size, "header is damaged");
}
END_TEST

/* A zstd frame without content size, such as a pipe gets: its head, one raw
 * block after another, of 1000 bytes each. */
static void
add_open_frame(unsigned blocks)
{
	static const uint8_t head[] = { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50 };
	uint8_t block[3 + 1000] = { 0 };
	unsigned i;

	add_bytes(head, sizeof(head));
	for (i = 1; i <= blocks; i++) {
		uint32_t block_head = 1000u << 3 | (i == blocks);

		block[0] = (uint8_t)block_head;
		block[1] = (uint8_t)(block_head >> 8);
		add_bytes(block, sizeof(block));
	}
}

START_TEST(a_frame_of_unknown_size_is_read_to_its_end_or_refused)
{
	struct error error;

	add_open_frame(3);
	ck_assert_msg(read_forged(&error) == 0, "%s", error.text);
	forged_size -= 700;
	refused("in a frame");
	forged_size += 700;
	/* The second block gets a type that there is none of. */
	forged[6 + 1003] |= 3 << 1;
	refused("damaged near byte");
}
END_TEST

START_TEST(a_failure_is_told_as_often_as_it_is_asked_for)
{
	struct error first = { 0 };
	struct error again = { 0 };
	struct stripe_read *stripe;
	const void *data;
	size_t size;
	int rc;

	whole.data[frames_at + 200] ^= 1;
	stripe = stripe_read_open(pool, source_file_open(support_file("bad",
	    whole.data, whole.size), NULL), &first);
	ck_assert_msg(stripe != NULL, "%s", first.text);
	while ((rc = stripe_read_peek(stripe, &data, &size, &first)) == 0 &&
	    size > 0)
		stripe_read_skip(stripe, size);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(stripe_read_peek(stripe, &data, &size, &again), -1);
	ck_assert_str_ne(first.text, "");
	ck_assert_str_eq(again.text, first.text);
	stripe_read_free(stripe);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: forged stripes");
	TCase *tcase = tcase_create("forged");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, parts_in_another_order_are_refused, 0, 5);
	tcase_add_loop_test(tcase, a_closing_frame_that_lies_is_refused, 0, 4);
	tcase_add_test(tcase, a_header_that_lies_is_refused);
	tcase_add_test(tcase,
	    a_frame_of_unknown_size_is_read_to_its_end_or_refused);
	tcase_add_test(tcase, a_failure_is_told_as_often_as_it_is_asked_for);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
