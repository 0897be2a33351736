/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: damage is found and named; the unknown is skipped; nothing crashes. */
#include <config.h>

#include "support.h"

#include "base/bytes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER "TAPE SFMB SSET VOLB MSCI MSDA MSTL MSLS SFMB ESET ESET SFMB"
#define MARKS_MAX 64
#define SET_AT 1536 /* of SSET, with blocks of 512 */

static struct sample sample;
static struct str stream;
static struct heard heard;
static struct error error;

/* Where the blocks and streams of a stream are. */
static struct mtf_notice marks[MARKS_MAX];
static unsigned mark_count;

static int
on_notice(void *context, const struct mtf_notice *notice, struct error *e)
{
	(void)context;
	(void)e;
	ck_assert_uint_lt(mark_count, MARKS_MAX);
	marks[mark_count++] = *notice;
	return (0);
}

static int
read_with(const struct mtf_events *events, const void *data, size_t size)
{
	struct mtf_reader *reader = mtf_reader_new(events, NULL, &error);
	int result;

	ck_assert_ptr_nonnull(reader);
	result = mtf_reader_feed(reader, data, size, &error);
	if (result == 0)
		result = mtf_reader_finish(reader, &error);
	mtf_reader_free(reader);
	return (result);
}

static void
find_marks(void)
{
	static const struct mtf_events events = { .notice = on_notice };

	mark_count = 0;
	ck_assert_msg(read_with(&events, stream.text, stream.length) == 0,
	    "%s", error.text);
}

/* The place of the nth block of a type, from 0. */
static uint64_t
block_at(uint32_t type, unsigned nth)
{
	unsigned i;

	for (i = 0; i < mark_count; i++)
		if (marks[i].kind == MTF_NOTICE_BLOCK &&
		    marks[i].tag == type && nth-- == 0)
			return (marks[i].offset);
	ck_abort_msg("no such block");
	return (0);
}

static uint64_t
stream_at(uint32_t id, unsigned nth)
{
	unsigned i;

	for (i = 0; i < mark_count; i++)
		if (marks[i].kind == MTF_NOTICE_STREAM &&
		    marks[i].tag == id && nth-- == 0)
			return (marks[i].offset);
	ck_abort_msg("no such stream");
	return (0);
}

static uint8_t *
byte_at(uint64_t at)
{
	ck_assert_uint_lt(at, stream.length);
	return ((uint8_t *)stream.text + at);
}

static void
mend_block(uint8_t *block)
{
	bytes_put16(block + MTF_DBLK_XOR,
	    mtf_header_xor(block, MTF_DBLK_XOR));
}

static void
mend_stream(uint8_t *header)
{
	bytes_put16(header + MTF_STREAM_XOR,
	    mtf_header_xor(header, MTF_STREAM_XOR));
}

static void
setup(void)
{
	error_init(&error);
	str_init(&stream);
	heard_init(&heard);
	sample_init(&sample, 512, 65536, 0, true);
	sample_write(&sample, &stream);
	find_marks();
}

static void
teardown(void)
{
	str_release(&stream);
	heard_release(&heard);
}

/* The stream again, with page data. */
static void
with_data(void)
{
	str_clear(&stream);
	sample_init(&sample, 512, 65536, 1, true);
	sample_write(&sample, &stream);
	find_marks();
}

static void
expect_damage(const char *words)
{
	error_init(&error);
	ck_assert_int_eq(heard_read(&heard, stream.text, stream.length,
	    stream.length, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
	ck_assert_uint_gt(strlen(error.hint), 0);
}

START_TEST(any_changed_bit_of_a_header_is_found)
{
	static const struct mtf_events nothing;
	unsigned i;
	size_t byte;
	int bit;

	for (i = 0; i < mark_count; i++) {
		size_t size = marks[i].kind == MTF_NOTICE_BLOCK ?
		    MTF_DBLK_HEADER : MTF_STREAM_HEADER;

		for (byte = 0; byte < size; byte++) {
			uint8_t *p = byte_at(marks[i].offset + byte);

			for (bit = 0; bit < 8; bit++) {
				*p ^= (uint8_t)(1u << bit);
				error_init(&error);
				ck_assert_msg(read_with(&nothing, stream.text,
				    stream.length) == -1, "byte %zu of %llu",
				    byte, (unsigned long long)
				    marks[i].offset);
				ck_assert_int_eq(error.kind, KIND_INTEGRITY);
				*p ^= (uint8_t)(1u << bit);
			}
		}
	}
}
END_TEST

/* Fields and texts have no check of their own: an error or no harm. */
START_TEST(any_changed_byte_is_found_or_harmless)
{
	uint64_t at;

	for (at = 0; at < stream.length; at++) {
		static const uint8_t changes[] = { 0x01, 0x80, 0xFF };
		size_t i;

		for (i = 0; i < ARRAY_COUNT(changes); i++) {
			int result;

			*byte_at(at) ^= changes[i];
			error_init(&error);
			heard_release(&heard);
			heard_init(&heard);
			result = heard_read(&heard, stream.text,
			    stream.length, stream.length, &error);
			*byte_at(at) ^= changes[i];
			if (result == 0)
				ck_assert_str_eq(heard.order.text, ORDER);
			else
				ck_assert_int_eq(error.kind, KIND_INTEGRITY);
		}
	}
}
END_TEST

START_TEST(a_cut_at_any_place_is_found)
{
	static const struct mtf_events nothing;
	size_t at;

	for (at = 0; at < stream.length; at++) {
		error_init(&error);
		ck_assert_msg(read_with(&nothing, stream.text, at) == -1,
		    "%zu bytes", at);
		ck_assert_int_eq(error.kind, KIND_INTEGRITY);
		ck_assert_uint_gt(strlen(error.hint), 0);
	}
}
END_TEST

START_TEST(a_cut_before_a_block_names_what_is_missing)
{
	unsigned i;

	for (i = 1; i < mark_count; i++) {
		char want[80];

		if (marks[i].kind != MTF_NOTICE_BLOCK)
			continue;
		error_init(&error);
		snprintf(want, sizeof(want),
		    "the stream ends after %llu bytes where",
		    (unsigned long long)marks[i].offset);
		ck_assert_int_eq(heard_read(&heard, stream.text,
		    marks[i].offset, 512, &error), -1);
		ck_assert_msg(strstr(error.text, want) != NULL, "%s",
		    error.text);
	}
}
END_TEST

START_TEST(a_cut_inside_page_data_counts_what_is_missing)
{
	with_data();
	stream.length = stream_at(MTF_MQDA, 0) + 24 + 1000;
	expect_damage("backup set 1 is incomplete");
	ck_assert_msg(strstr(error.text,
	    "the last 64536 bytes of the page data are missing") != NULL,
	    "%s", error.text);
	ck_assert_uint_eq(heard.data_bytes, 1000);
}
END_TEST

START_TEST(nothing_at_all_is_not_a_backup)
{
	stream.length = 0;
	expect_damage("the stream is empty");
}
END_TEST

START_TEST(anything_behind_the_end_is_found)
{
	char more[512] = "";

	str_add_bytes(&stream, more, sizeof(more));
	expect_damage("\"SSET\" or the end was expected");
}
END_TEST

START_TEST(changed_page_data_is_told)
{
	with_data();
	*byte_at(stream_at(MTF_MQDA, 0) + 24 + 777) ^= 4;
	ck_assert_int_eq(heard_read(&heard, stream.text, stream.length, 0,
	    &error), 0);
	ck_assert_uint_eq(heard.checksums, 1);
	ck_assert_uint_eq(heard.mismatches, 1);
	ck_assert(!heard.data_is_sample);
}
END_TEST

START_TEST(changed_page_data_is_an_error_where_nobody_listens)
{
	static const struct mtf_events nothing;

	with_data();
	*byte_at(stream_at(MTF_MQDA, 0) + 24 + 777) ^= 4;
	ck_assert_int_eq(read_with(&nothing, stream.text, stream.length), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, "backup checksum") != NULL, "%s",
	    error.text);
}
END_TEST

START_TEST(a_missing_checksum_is_found)
{
	uint8_t *header = byte_at(stream_at(MTF_CSUM, 0));

	bytes_put32(header, MTF_TAG('X', 'S', 'U', 'M'));
	mend_stream(header);
	expect_damage("where the checksum of the data was expected");
}
END_TEST

START_TEST(page_data_that_is_not_closed_is_found)
{
	uint8_t *header = byte_at(stream_at(MTF_MQDA, 1));

	bytes_put32(header, MTF_TAG('X', 'Q', 'D', 'A'));
	mend_stream(header);
	expect_damage("the page data of block \"MSDA\" is not closed");
}
END_TEST

START_TEST(page_data_of_half_pages_is_found)
{
	uint8_t *header;

	with_data();
	header = byte_at(stream_at(MTF_MQDA, 0));
	bytes_put64(header + MTF_STREAM_LENGTH, 65536 + 2 - 512);
	mend_stream(header);
	expect_damage("not whole pages");
}
END_TEST

START_TEST(a_text_outside_of_its_block_is_found)
{
	uint8_t *block = byte_at(block_at(MTF_SSET, 0));

	bytes_put16(block + MTF_SSET_NAME, 4000);
	expect_damage("lies outside of block \"SSET\"");
}
END_TEST

/* The first record of MSCI. */
static uint8_t *
set_record(void)
{
	return (byte_at(stream_at(MTF_MQCI, 0) + MTF_STREAM_HEADER));
}

START_TEST(a_text_outside_of_its_record_is_found)
{
	bytes_put16(set_record() + MTF_SCIN_DATABASE + 2, 60000);
	expect_damage("lies outside of record \"SCIN\"");
}
END_TEST

START_TEST(a_record_longer_than_its_stream_is_found)
{
	bytes_put32(set_record() + 4, 0xFFFFFFF0u);
	expect_damage("record \"SCIN\" has a length of 4294967280");
}
END_TEST

START_TEST(a_record_shorter_than_its_header_is_found)
{
	bytes_put32(set_record() + 4, 0);
	expect_damage("record \"SCIN\" has a length of 0");
}
END_TEST

START_TEST(a_file_before_its_set_is_found)
{
	bytes_put32(set_record(), MTF_SFIN);
	expect_damage("record \"SFIN\" stands where record \"SCIN\"");
}
END_TEST

START_TEST(descriptions_that_do_not_agree_are_found)
{
	set_record()[MTF_SCIN_TYPE] = 'L';
	expect_damage("do not agree");
}
END_TEST

START_TEST(a_family_that_cannot_be_is_found)
{
	uint8_t *raid = byte_at(stream_at(MTF_RAID, 0) + MTF_STREAM_HEADER);

	bytes_put16(raid + MTF_RAID_FAMILY, 3);
	expect_damage("media family 3 of 1");
}
END_TEST

START_TEST(a_set_closed_under_another_number_is_found)
{
	bytes_put16(byte_at(block_at(MTF_ESET, 1)) + MTF_ESET_NUMBER, 7);
	expect_damage("backup set 1 is ended by a block for set 7");
}
END_TEST

START_TEST(a_block_out_of_order_is_found)
{
	uint8_t *block = byte_at(block_at(MTF_MSLS, 0));

	bytes_put32(block, MTF_ESET);
	mend_block(block);
	expect_damage("block \"ESET\" stands where");
}
END_TEST

START_TEST(a_lost_block_is_found)
{
	uint64_t from = block_at(MTF_VOLB, 0);
	uint64_t to = block_at(MTF_MSCI, 0);

	memmove(byte_at(from), byte_at(to), stream.length - to);
	stream.length -= to - from;
	expect_damage("from the start of its set");
}
END_TEST

START_TEST(a_block_with_another_number_is_found)
{
	uint8_t *block = byte_at(block_at(MTF_MSTL, 0));

	bytes_put32(block + MTF_DBLK_CONTROL_ID, 17);
	mend_block(block);
	expect_damage("has number 17 in its set where 4 was expected");
}
END_TEST

static void
expect_refusal(const char *begin, size_t size, const char *words)
{
	memcpy(byte_at(0), begin, size);
	error_init(&error);
	ck_assert_int_eq(heard_read(&heard, stream.text, stream.length, 4096,
	    &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

START_TEST(other_files_are_refused_by_name)
{
	expect_refusal("MSSQLBAK", 8, "a compressed SQL Server backup");
	ck_assert(strstr(error.hint, "NO_COMPRESSION") != NULL);
	expect_refusal("\x28\xB5\x2F\xFD", 4, "a zstd file");
	expect_refusal("\x50\x2A\x4D\x18", 4, "a zstd file");
	expect_refusal("SQLite format 3", 16, "an SQLite database");
	expect_refusal("hello", 5, "it begins with \"hell\"");
	expect_refusal("\0\0\0\0", 4, "not a SQL Server backup");
}
END_TEST

START_TEST(an_archive_of_another_program_is_refused)
{
	uint8_t *header = byte_at(stream_at(MTF_RAID, 0));

	bytes_put32(header, MTF_TAG('X', 'A', 'I', 'D'));
	mend_stream(header);
	expect_damage("a tape archive of \"vdi-engine\"");
}
END_TEST

START_TEST(a_failed_reader_stays_failed)
{
	struct mtf_reader *reader;
	struct error first;
	struct error second;

	error_init(&first);
	error_init(&second);
	reader = mtf_reader_new(&heard_events, &heard, &first);
	ck_assert_ptr_nonnull(reader);
	*byte_at(1030) ^= 1;
	ck_assert_int_eq(mtf_reader_feed(reader, stream.text, 2048, &first),
	    -1);
	ck_assert_int_eq(mtf_reader_feed(reader, stream.text, 2048, &second),
	    -1);
	ck_assert_str_eq(first.text, second.text);
	ck_assert_int_eq(mtf_reader_finish(reader, NULL), -1);
	mtf_reader_free(reader);
}
END_TEST

static int
refuse_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *e)
{
	(void)context;
	(void)is_final;
	return (error_set(e, KIND_USAGE, ORIGIN_US, 0,
	    "the database is \"%s\"", set->database));
}

START_TEST(a_listener_can_stop_the_reader)
{
	static const struct mtf_events events = { .set = refuse_set };

	ck_assert_int_eq(read_with(&events, stream.text, stream.length), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_msg(strstr(error.text, sample.set.database) != NULL, "%s",
	    error.text);
}
END_TEST

/*
 * Put bytes in between, and give every later block of the set the place and
 * number that it has now.
 */
static void
insert(uint64_t at, const void *bytes, size_t size, unsigned numbers)
{
	struct str longer;
	unsigned i;

	str_init(&longer);
	str_add_bytes(&longer, stream.text, at);
	str_add_bytes(&longer, bytes, size);
	str_add_bytes(&longer, stream.text + at, stream.length - at);
	ck_assert_int_eq(str_check(&longer, &error), 0);
	str_release(&stream);
	stream = longer;
	for (i = 0; i < mark_count; i++) {
		uint8_t *block;

		if (marks[i].kind != MTF_NOTICE_BLOCK ||
		    marks[i].offset < at || marks[i].tag == MTF_SFMB ||
		    marks[i].tag == MTF_ESET)
			continue;
		block = byte_at(marks[i].offset + size);
		bytes_put64(block + MTF_DBLK_FLA,
		    (marks[i].offset + size - SET_AT) / MTF_FORMAT_BLOCK);
		bytes_put32(block + MTF_DBLK_CONTROL_ID,
		    bytes_get32(block + MTF_DBLK_CONTROL_ID) + numbers);
		mend_block(block);
	}
}

/* A copy of a block with its streams, up to the next block. */
static uint8_t *
copy_block(uint64_t from, uint64_t to)
{
	uint8_t *copy = malloc(to - from);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, byte_at(from), to - from);
	return (copy);
}

START_TEST(an_unknown_block_is_skipped_and_noticed)
{
	uint64_t from = block_at(MTF_VOLB, 0);
	uint64_t to = block_at(MTF_MSCI, 0);
	uint8_t *block = copy_block(from, to);

	bytes_put32(block, MTF_TAG('D', 'I', 'R', 'B'));
	mend_block(block);
	insert(to, block, to - from, 0);
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, 0,
	    &error) == 0, "%s", error.text);
	ck_assert_str_eq(heard.order.text, "TAPE SFMB SSET VOLB DIRB MSCI"
	    " MSDA MSTL MSLS SFMB ESET ESET SFMB");
	ck_assert_uint_eq(heard.unknown, 1);
	free(block);
}
END_TEST

START_TEST(an_unknown_stream_is_skipped_and_noticed)
{
	uint8_t *header = byte_at(stream_at(MTF_TSMP, 0));

	bytes_put32(header, MTF_TAG('X', 'S', 'M', 'P'));
	mend_stream(header);
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, 0,
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(heard.unknown, 1);
}
END_TEST

START_TEST(an_unknown_record_is_skipped)
{
	uint32_t length = bytes_get32(set_record() + 4);

	/* The file group's record follows the set's. */
	bytes_put32(set_record() + length, MTF_TAG('S', 'F', 'X', 'X'));
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, 0,
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(heard.final_files, SUPPORT_FILES);
}
END_TEST

START_TEST(a_second_pass_over_the_data_is_read)
{
	uint64_t from;
	uint64_t to;
	uint8_t *block;

	with_data();
	from = block_at(MTF_MSDA, 0);
	to = block_at(MTF_MSTL, 0);
	block = copy_block(from, to);
	bytes_put64(block + MTF_DBLK_FLA, (to - SET_AT) / MTF_FORMAT_BLOCK);
	bytes_put32(block + MTF_DBLK_CONTROL_ID, 4);
	mend_block(block);
	insert(to, block, to - from, 1);
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, 0,
	    &error) == 0, "%s", error.text);
	ck_assert_str_eq(heard.order.text, "TAPE SFMB SSET VOLB MSCI MSDA"
	    " MSDA MSTL MSLS SFMB ESET ESET SFMB");
	ck_assert_uint_eq(heard.data_bytes, 2 * 65536);
	ck_assert(heard.data_is_sample);
	ck_assert(!heard.data_has_gap);
	ck_assert_uint_eq(heard.checksums, 2);
	ck_assert_uint_eq(heard.mismatches, 0);
	free(block);
}
END_TEST

START_TEST(several_sets_on_one_medium_are_read)
{
	size_t size = stream.length - SET_AT;
	uint8_t *set = copy_block(SET_AT, stream.length);

	str_add_bytes(&stream, set, size);
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, 0,
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(heard.ends, 2);
	ck_assert_uint_eq(heard.finals, 2);
	ck_assert_uint_eq(heard.labels, 1);
	ck_assert_uint_eq(heard.set.offset, SET_AT + size);
	free(set);
}
END_TEST

START_TEST(a_second_set_that_is_cut_is_found)
{
	uint8_t *set = copy_block(SET_AT, stream.length);

	bytes_put16(set + MTF_SSET_NUMBER, 2);
	str_add_bytes(&stream, set, 6000);
	expect_damage("backup set 2 is incomplete");
	ck_assert_uint_eq(heard.ends, 1);
	free(set);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mtf-damage");
	TCase *tcase = tcase_create("mtf-damage");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, any_changed_bit_of_a_header_is_found);
	tcase_add_test(tcase, any_changed_byte_is_found_or_harmless);
	tcase_add_test(tcase, a_cut_at_any_place_is_found);
	tcase_add_test(tcase, a_cut_before_a_block_names_what_is_missing);
	tcase_add_test(tcase, a_cut_inside_page_data_counts_what_is_missing);
	tcase_add_test(tcase, nothing_at_all_is_not_a_backup);
	tcase_add_test(tcase, anything_behind_the_end_is_found);
	tcase_add_test(tcase, changed_page_data_is_told);
	tcase_add_test(tcase,
	    changed_page_data_is_an_error_where_nobody_listens);
	tcase_add_test(tcase, a_missing_checksum_is_found);
	tcase_add_test(tcase, page_data_that_is_not_closed_is_found);
	tcase_add_test(tcase, page_data_of_half_pages_is_found);
	tcase_add_test(tcase, a_text_outside_of_its_block_is_found);
	tcase_add_test(tcase, a_text_outside_of_its_record_is_found);
	tcase_add_test(tcase, a_record_longer_than_its_stream_is_found);
	tcase_add_test(tcase, a_record_shorter_than_its_header_is_found);
	tcase_add_test(tcase, a_file_before_its_set_is_found);
	tcase_add_test(tcase, descriptions_that_do_not_agree_are_found);
	tcase_add_test(tcase, a_family_that_cannot_be_is_found);
	tcase_add_test(tcase, a_set_closed_under_another_number_is_found);
	tcase_add_test(tcase, a_block_out_of_order_is_found);
	tcase_add_test(tcase, a_lost_block_is_found);
	tcase_add_test(tcase, a_block_with_another_number_is_found);
	tcase_add_test(tcase, other_files_are_refused_by_name);
	tcase_add_test(tcase, an_archive_of_another_program_is_refused);
	tcase_add_test(tcase, a_failed_reader_stays_failed);
	tcase_add_test(tcase, a_listener_can_stop_the_reader);
	tcase_add_test(tcase, an_unknown_block_is_skipped_and_noticed);
	tcase_add_test(tcase, an_unknown_stream_is_skipped_and_noticed);
	tcase_add_test(tcase, an_unknown_record_is_skipped);
	tcase_add_test(tcase, a_second_pass_over_the_data_is_read);
	tcase_add_test(tcase, several_sets_on_one_medium_are_read);
	tcase_add_test(tcase, a_second_set_that_is_cut_is_found);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
