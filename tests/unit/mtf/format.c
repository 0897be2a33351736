/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the small codings, the sums and the pages are those of the format. */
#include <config.h>

#include "base/bytes.h"
#include "mtf/checksum.h"
#include "mtf/format.h"
#include "mtf/model.h"
#include "mtf/page.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_date_is_forty_bits_from_the_top)
{
	static const uint8_t bytes[] = { 0x1F, 0x95, 0xA0, 0xA0, 0xDA };
	struct mtf_date date = mtf_date_get(bytes);
	char text[MTF_DATE_TEXT];
	uint8_t back[MTF_DATE_BYTES];

	ck_assert_str_eq(mtf_date_format(date, text), "2021-06-16T10:03:26");
	ck_assert(mtf_date_is_set(date));
	ck_assert(mtf_date_is_valid(date));
	mtf_date_put(back, date);
	ck_assert_mem_eq(back, bytes, sizeof(bytes));
}
END_TEST

START_TEST(a_date_of_zeros_is_none)
{
	static const uint8_t bytes[MTF_DATE_BYTES];
	struct mtf_date date = mtf_date_get(bytes);
	char text[MTF_DATE_TEXT];

	ck_assert(!mtf_date_is_set(date));
	ck_assert_str_eq(mtf_date_format(date, text), "");
}
END_TEST

START_TEST(a_date_comes_from_a_broken_down_time)
{
	struct tm tm = { .tm_year = 126, .tm_mon = 10, .tm_mday = 24,
		.tm_hour = 7, .tm_min = 30, .tm_sec = 59 };
	char text[MTF_DATE_TEXT];

	ck_assert_str_eq(mtf_date_format(mtf_date_from_tm(&tm), text),
	    "2026-11-24T07:30:59");
}
END_TEST

START_TEST(a_date_out_of_range_is_shown_but_not_valid)
{
	static const uint8_t bytes[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	struct mtf_date date = mtf_date_get(bytes);
	char text[MTF_DATE_TEXT];

	ck_assert(!mtf_date_is_valid(date));
	ck_assert_str_eq(mtf_date_format(date, text), "16383-15-31T31:63:63");
}
END_TEST

START_TEST(an_lsn_is_shown_as_one_number)
{
	struct mtf_lsn lsn = { 94, 376, 37 };
	struct mtf_lsn most = { UINT32_MAX, UINT32_MAX, UINT16_MAX };
	struct mtf_lsn none = { 0, 0, 0 };
	struct mtf_lsn back;
	char text[MTF_LSN_TEXT];

	ck_assert_str_eq(mtf_lsn_format(lsn, text), "94000000037600037");
	ck_assert_int_eq(mtf_lsn_parse(text, &back), 0);
	ck_assert_int_eq(mtf_lsn_compare(lsn, back), 0);
	ck_assert_str_eq(mtf_lsn_format(most, text),
	    "4294967295429496729565535");
	ck_assert_int_eq(mtf_lsn_parse(text, &back), 0);
	ck_assert_int_eq(mtf_lsn_compare(most, back), 0);
	ck_assert_str_eq(mtf_lsn_format(none, text), "0");
	ck_assert_int_eq(mtf_lsn_parse(text, &back), 0);
	ck_assert(!mtf_lsn_is_set(back));
}
END_TEST

START_TEST(what_is_no_lsn_is_not_parsed)
{
	static const char *const bad[] = { "", "-1", "12x", " 1",
		"4294967296000000000000000", "94000000037665536",
		"94999999999900001", "12345678901234567890123456" };
	struct mtf_lsn lsn;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++)
		ck_assert_msg(mtf_lsn_parse(bad[i], &lsn) == -1, "%s",
		    bad[i]);
}
END_TEST

START_TEST(lsns_are_ordered_by_file_then_block_then_record)
{
	struct mtf_lsn a = { 1, 9, 9 };
	struct mtf_lsn b = { 2, 1, 9 };
	struct mtf_lsn c = { 2, 2, 1 };
	struct mtf_lsn d = { 2, 2, 2 };

	ck_assert_int_lt(mtf_lsn_compare(a, b), 0);
	ck_assert_int_lt(mtf_lsn_compare(b, c), 0);
	ck_assert_int_lt(mtf_lsn_compare(c, d), 0);
	ck_assert_int_gt(mtf_lsn_compare(d, a), 0);
}
END_TEST

START_TEST(a_guid_is_shown_in_windows_order)
{
	static const uint8_t bytes[MTF_GUID_BYTES] = { 0xAB, 0x0B, 0x64, 0xBD,
		0xE4, 0x73, 0x6B, 0x45, 0x9C, 0xCE, 0x54, 0x35, 0x5E, 0x36,
		0xB4, 0xBA };
	struct mtf_guid guid = mtf_guid_get(bytes);
	char text[MTF_GUID_TEXT];

	ck_assert_str_eq(mtf_guid_format(&guid, text),
	    "BD640BAB-73E4-456B-9CCE-54355E36B4BA");
	ck_assert(mtf_guid_is_set(&guid));
}
END_TEST

START_TEST(a_header_check_is_the_xor_of_its_words)
{
	static const uint8_t words[] = { 1, 0, 2, 0x80, 4, 0x81 };

	ck_assert_uint_eq(mtf_header_xor(words, sizeof(words)), 0x0107);
}
END_TEST

START_TEST(a_text_is_cut_between_characters)
{
	char to[6];

	mtf_text_copy(to, sizeof(to), "abc\xE2\x82\xAC");
	ck_assert_str_eq(to, "abc");
	mtf_text_copy(to, sizeof(to), "ab\xE2\x82\xAC");
	ck_assert_str_eq(to, "ab\xE2\x82\xAC");
	mtf_text_copy(to, sizeof(to), "abcdefgh");
	ck_assert_str_eq(to, "abcde");
}
END_TEST

static uint8_t data[10 * 512];

static void
fill_data(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 131 + i / 7);
}

/* The definition, word by word. */
static uint32_t
plain_sum(const uint8_t *p, size_t size)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < size; i += 4) {
		if (i % 512 == 0)
			sum = sum << 1 | sum >> 31;
		sum ^= bytes_get32(p + i);
	}
	return (sum);
}

START_TEST(the_sum_is_that_of_its_definition)
{
	struct mtf_sum sum;

	fill_data();
	mtf_sum_init(&sum);
	ck_assert_uint_eq(mtf_sum_value(&sum), 0);
	mtf_sum_add(&sum, data, sizeof(data));
	ck_assert_uint_eq(mtf_sum_value(&sum), plain_sum(data, sizeof(data)));
	ck_assert_uint_ne(mtf_sum_value(&sum), 0);
}
END_TEST

START_TEST(the_sum_does_not_depend_on_the_pieces)
{
	static const size_t pieces[] = { 1, 3, 511, 512, 513, 1000 };
	size_t i;

	fill_data();
	for (i = 0; i < ARRAY_COUNT(pieces); i++) {
		struct mtf_sum sum;
		size_t at;

		mtf_sum_init(&sum);
		for (at = 0; at < sizeof(data); at += pieces[i])
			mtf_sum_add(&sum, data + at,
			    at + pieces[i] > sizeof(data) ?
			    sizeof(data) - at : pieces[i]);
		ck_assert_uint_eq(mtf_sum_value(&sum),
		    plain_sum(data, sizeof(data)));
	}
}
END_TEST

START_TEST(the_sum_depends_on_the_order_of_sectors)
{
	struct mtf_sum sum;
	uint32_t before;

	fill_data();
	mtf_sum_init(&sum);
	mtf_sum_add(&sum, data, sizeof(data));
	before = mtf_sum_value(&sum);
	mtf_sum_init(&sum);
	mtf_sum_add(&sum, data + 512, 512);
	mtf_sum_add(&sum, data, 512);
	mtf_sum_add(&sum, data + 1024, sizeof(data) - 1024);
	ck_assert_uint_ne(mtf_sum_value(&sum), before);
}
END_TEST

static uint8_t page[MTF_PAGE_SIZE];

static void
make_page(uint32_t id, bool with_checksum)
{
	size_t i;

	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 37 + 5);
	mtf_page_stamp(page, MTF_PAGE_DATA, 1, id, with_checksum);
}

START_TEST(a_stamped_page_is_good)
{
	make_page(21, true);
	ck_assert_int_eq(mtf_page_check(page, 5), MTF_PAGE_IS_GOOD);
	ck_assert_uint_eq(mtf_page_id(page), 21);
	ck_assert_uint_eq(mtf_page_file_id(page), 1);
	ck_assert_uint_eq(mtf_page_type(page), MTF_PAGE_DATA);
	ck_assert_uint_eq(page[MTF_PAGE_HEADER],
	    (uint8_t)(MTF_PAGE_HEADER * 37 + 5));
}
END_TEST

START_TEST(a_page_with_any_changed_byte_is_bad)
{
	size_t i;

	make_page(21, true);
	for (i = 40; i < MTF_PAGE_SIZE; i++) {
		page[i] ^= 0x10;
		ck_assert_int_eq(mtf_page_check(page, 5), MTF_PAGE_IS_BAD);
		page[i] ^= 0x10;
	}
	ck_assert_int_eq(mtf_page_check(page, 5), MTF_PAGE_IS_GOOD);
}
END_TEST

START_TEST(a_page_without_checksum_is_unprotected)
{
	make_page(8, false);
	ck_assert_int_eq(mtf_page_check(page, 0), MTF_PAGE_IS_UNPROTECTED);
}
END_TEST

START_TEST(what_is_not_a_page_gets_no_verdict)
{
	make_page(21, true);
	page[100] ^= 1;
	ck_assert_int_eq(mtf_page_check(page, 4), MTF_PAGE_IS_IGNORED);
	page[MTF_PAGE_TYPE] = 21;
	ck_assert_int_eq(mtf_page_check(page, 5), MTF_PAGE_IS_IGNORED);
	page[MTF_PAGE_TYPE] = 0;
	ck_assert_int_eq(mtf_page_check(page, 5), MTF_PAGE_IS_IGNORED);
	page[MTF_PAGE_TYPE] = 1;
	page[MTF_PAGE_FILE_ID] = 0;
	ck_assert_int_eq(mtf_page_check(page, 5), MTF_PAGE_IS_IGNORED);
	memset(page, 0, sizeof(page));
	ck_assert_int_eq(mtf_page_check(page, 0), MTF_PAGE_IS_IGNORED);
}
END_TEST

START_TEST(torn_bits_stand_at_the_end_of_every_sector)
{
	size_t at;

	make_page(3, false);
	bytes_put16(page + MTF_PAGE_FLAGS, MTF_PAGE_HAS_TORN_BITS);
	bytes_put32(page + MTF_PAGE_SUM, 2);
	for (at = 1023; at < MTF_PAGE_SIZE; at += 512)
		page[at] = (uint8_t)((page[at] & ~3) | 2);
	ck_assert_int_eq(mtf_page_check(page, 3), MTF_PAGE_IS_GOOD);
	page[511] ^= 3;
	ck_assert_int_eq(mtf_page_check(page, 3), MTF_PAGE_IS_GOOD);
	for (at = 1023; at < MTF_PAGE_SIZE; at += 512) {
		page[at] ^= 3;
		ck_assert_int_eq(mtf_page_check(page, 3), MTF_PAGE_IS_BAD);
		page[at] ^= 3;
	}
}
END_TEST

START_TEST(filler_is_recognised_and_carries_its_checksum)
{
	static uint8_t pages[2 * MTF_PAGE_SIZE];

	memset(pages, 0xEE, sizeof(pages));
	mtf_page_fill(pages, sizeof(pages), true);
	ck_assert_int_eq(mtf_page_check(pages, 0), MTF_PAGE_IS_FILLER);
	ck_assert_int_eq(
	    mtf_page_check(pages + MTF_PAGE_SIZE, 1), MTF_PAGE_IS_FILLER);
	ck_assert_uint_eq(
	    mtf_page_sum(pages), bytes_get32(pages + MTF_PAGE_SUM));
	ck_assert_uint_ne(mtf_page_sum(pages), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mtf-format");
	TCase *tcase = tcase_create("mtf-format");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_date_is_forty_bits_from_the_top);
	tcase_add_test(tcase, a_date_of_zeros_is_none);
	tcase_add_test(tcase, a_date_comes_from_a_broken_down_time);
	tcase_add_test(tcase, a_date_out_of_range_is_shown_but_not_valid);
	tcase_add_test(tcase, an_lsn_is_shown_as_one_number);
	tcase_add_test(tcase, what_is_no_lsn_is_not_parsed);
	tcase_add_test(tcase, lsns_are_ordered_by_file_then_block_then_record);
	tcase_add_test(tcase, a_guid_is_shown_in_windows_order);
	tcase_add_test(tcase, a_header_check_is_the_xor_of_its_words);
	tcase_add_test(tcase, a_text_is_cut_between_characters);
	tcase_add_test(tcase, the_sum_is_that_of_its_definition);
	tcase_add_test(tcase, the_sum_does_not_depend_on_the_pieces);
	tcase_add_test(tcase, the_sum_depends_on_the_order_of_sectors);
	tcase_add_test(tcase, a_stamped_page_is_good);
	tcase_add_test(tcase, a_page_with_any_changed_byte_is_bad);
	tcase_add_test(tcase, a_page_without_checksum_is_unprotected);
	tcase_add_test(tcase, what_is_not_a_page_gets_no_verdict);
	tcase_add_test(tcase, torn_bits_stand_at_the_end_of_every_sector);
	tcase_add_test(tcase, filler_is_recognised_and_carries_its_checksum);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
