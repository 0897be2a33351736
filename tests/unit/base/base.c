/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the leaves do what their headers say. */
#include <config.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/list.h"
#include "base/num.h"
#include "base/port/machine.h"
#include "base/port/use.h"
#include "base/str.h"
#include "base/utf.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(first_error_wins_and_gathers_context)
{
	struct error error;

	error_init(&error);
	ck_assert_int_eq(error_system(&error, KIND_STORAGE, ENOSPC,
	    "cannot write \"%s\"", "a"), -1);
	ck_assert_int_eq(error_set(&error, KIND_USAGE, ORIGIN_US, 0, "other"),
	    -1);
	error_context(&error, "stripe %d of %d", 2, 4);
	error_hint(&error, "make room");
	error_hint(&error, "second hint");
	ck_assert_str_eq(error.text, "stripe 2 of 4: cannot write \"a\": "
	    "No space left on device");
	ck_assert_str_eq(error.hint, "make room");
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, ENOSPC);
}
END_TEST

START_TEST(sizes_are_whole_and_in_range)
{
	static const char *const bad[] = { "", " 1", "1 ", "1K", "1kb", "KiB",
		"-1", "1.5GiB", "0x10", "99999999999999999999", "9000000TiB",
		"1KiBx" };
	uint64_t bytes = 7;
	size_t i;

	ck_assert_int_eq(num_parse_size("4MiB", &bytes), 0);
	ck_assert_uint_eq(bytes, 4u << 20);
	ck_assert_int_eq(num_parse_size("65536", &bytes), 0);
	ck_assert_uint_eq(bytes, 65536);
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		bytes = 7;
		ck_assert_msg(num_parse_size(bad[i], &bytes) == -1, "%s",
		    bad[i]);
		ck_assert_uint_eq(bytes, 7);
	}
}
END_TEST

START_TEST(durations_name_their_unit)
{
	int64_t ms = 0;

	ck_assert_int_eq(num_parse_duration("90s", &ms), 0);
	ck_assert_int_eq(ms, 90000);
	ck_assert_int_eq(num_parse_duration("5m", &ms), 0);
	ck_assert_int_eq(ms, 300000);
	ck_assert_int_eq(num_parse_duration("5", &ms), -1);
	ck_assert_int_eq(num_parse_duration("-5s", &ms), -1);
}
END_TEST

START_TEST(numbers_stay_in_their_range)
{
	int64_t n = 3;

	ck_assert_int_eq(num_parse("-7", -7, 22, &n), 0);
	ck_assert_int_eq(n, -7);
	ck_assert_int_eq(num_parse("23", -7, 22, &n), -1);
	ck_assert_int_eq(num_parse("", -7, 22, &n), -1);
	ck_assert_int_eq(num_parse("-", -7, 22, &n), -1);
	ck_assert_int_eq(num_parse("--1", -7, 22, &n), -1);
	ck_assert_int_eq(n, -7);
}
END_TEST

START_TEST(text_for_people)
{
	char buffer[64];

	ck_assert_str_eq(num_format_size(512, buffer, sizeof(buffer)),
	    "512 B");
	ck_assert_str_eq(num_format_size(4u << 20, buffer, sizeof(buffer)),
	    "4.0 MiB");
	ck_assert_str_eq(num_format_duration(
	    INT64_C(185) * 1000000000, buffer, sizeof(buffer)), "3 min 5 s");
	ck_assert_str_eq(num_format_timeout(60000, buffer, sizeof(buffer)),
	    "60 s");
	ck_assert_str_eq(num_format_timeout(1500, buffer, sizeof(buffer)),
	    "1500 ms");
}
END_TEST

START_TEST(text_grows)
{
	struct str str;
	struct error error;
	int i;
	char *text;

	error_init(&error);
	str_init(&str);
	ck_assert_str_eq(str.text, "");
	for (i = 0; i < 1000; i++)
		str_addf(&str, "%d,", i % 10);
	ck_assert_int_eq(str_check(&str, &error), 0);
	ck_assert_uint_eq(str.length, 2000);
	text = str_detach(&str, &error);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), 2000);
	free(text);
	ck_assert_uint_eq(str.length, 0);
	str_release(&str);
}
END_TEST

START_TEST(utf_16_and_8_round_trip)
{
	static const char text[] = "Ver\xC3\xA4u\xC3\x9F \xE2\x82\xAC "
	    "\xF0\x9F\x92\xBE";
	struct str wide;
	struct str back;

	str_init(&wide);
	str_init(&back);
	utf_add_16le_from_8(&wide, text);
	ck_assert_uint_eq(wide.length, 2 * utf_length_16(text));
	utf_add_16le(&back, wide.text, wide.length);
	ck_assert_str_eq(back.text, text);
	ck_assert(utf_is_valid(text));
	ck_assert(!utf_is_valid("\xC0\x80"));
	ck_assert(!utf_is_valid("a\xFF"));
	ck_assert(!utf_is_valid("\xED\xA0\x80"));
	str_release(&wide);
	str_release(&back);
}
END_TEST

START_TEST(a_deadline_passes_or_never_does)
{
	ck_assert_int_eq(clock_left_ms(clock_deadline(-1)), -1);
	ck_assert(!clock_has_passed(clock_deadline(-1)));
	ck_assert(clock_has_passed(clock_deadline(0)));
	ck_assert_int_gt(clock_left_ms(clock_deadline(60000)), 59000);
	ck_assert_int_eq(clock_left_ms(clock_earlier(clock_deadline(0),
	    clock_deadline(-1))), 0);
}
END_TEST

START_TEST(a_file_is_replaced_whole)
{
	char folder[] = "/tmp/vdibackup-base-XXXXXX";
	struct error error;
	struct str path;
	char *data;
	size_t size;

	error_init(&error);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	str_init(&path);
	str_addf(&path, "%s/f", folder);
	ck_assert_int_eq(fd_replace_file(path.text, "one", 3, 0600, &error), 0);
	ck_assert_int_eq(fd_replace_file(path.text, "two!", 4, 0600, &error),
	    0);
	ck_assert_int_eq(fd_read_file(path.text, 10, &data, &size, &error), 0);
	ck_assert_uint_eq(size, 4);
	ck_assert_str_eq(data, "two!");
	free(data);
	ck_assert_int_eq(fd_read_file(path.text, 3, &data, &size, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	error_init(&error);
	ck_assert_int_eq(fd_replace_file("/nonexistent/f", "x", 1, 0600,
	    &error), -1);
	ck_assert_int_eq(error.code, ENOENT);
	(void)unlink(path.text);
	(void)rmdir(folder);
	str_release(&path);
}
END_TEST

/* What a process has used grows with what it does, and never shrinks. */
START_TEST(use_grows)
{
	size_t size = (size_t)16 << 20;
	char *memory = malloc(size);
	volatile char *touched = memory;
	struct port_use before;
	struct port_use after;
	size_t i;

	port_use_look(&before);
	ck_assert_uint_gt(before.peak_bytes, 0);
	ck_assert_ptr_nonnull(memory);
	for (i = 0; i < size; i++)
		touched[i] = (char)i;
	port_use_look(&after);
	free(memory);
	ck_assert_uint_ge(after.peak_bytes, before.peak_bytes);
	ck_assert_uint_ge(after.peak_bytes, size);
	ck_assert_int_ge(after.cpu_ns, before.cpu_ns);
	ck_assert_int_gt(after.cpu_ns, 0);
}
END_TEST

/* The list's numbers with blanks between them. */
static const char *
list_text(const struct list *list)
{
	static char text[512];
	size_t used = 0;
	size_t i;

	text[0] = '\0';
	for (i = 0; i < list->count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%lld", i > 0 ? " " : "", (long long)list->values[i]);
	return (text);
}

START_TEST(lists_have_numbers_and_ranges)
{
	static const char *const bad[] = { "", ",", "1,", ",1", "1,,2", "1..",
		"..3", "3..1", "1...3", "1 ,2", "1-3", "x", "10", "-6",
		"1..10", "1..2..3",
		"11111111111111111111111111111111111111111111111111111111111"
		"1111111111" };
	struct list list;
	size_t i;

	ck_assert_int_eq(list_parse(&list, "1,3,9", -5, 9), 0);
	ck_assert_str_eq(list_text(&list), "1 3 9");
	ck_assert_int_eq(list_parse(&list, "-2..1,9,1..3", -5, 9), 0);
	ck_assert_str_eq(list_text(&list), "-2 -1 0 1 9 2 3");
	ck_assert_int_eq(list_parse(&list, "7", -5, 9), 0);
	ck_assert_str_eq(list_text(&list), "7");
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		ck_assert_msg(list_parse(&list, bad[i], -5, 9) == -1,
		    "taken: %s", bad[i]);
		ck_assert_uint_eq(list.count, 0);
	}
	/* As many as there is room for, and one more; and the last number. */
	ck_assert_int_eq(list_parse(&list, "1..64", 1, 100), 0);
	ck_assert_uint_eq(list.count, LIST_MAX);
	ck_assert_int_eq(list_parse(&list, "1..65", 1, 100), -1);
	ck_assert_int_eq(list_parse(&list, "9223372036854775806.."
	    "9223372036854775807", 0, INT64_MAX), 0);
	ck_assert_uint_eq(list.count, 2);
	ck_assert_int_eq(list_parse(&list, "-9223372036854775807.."
	    "9223372036854775807", INT64_MIN, INT64_MAX), -1);
}
END_TEST

START_TEST(lists_have_sizes)
{
	static const char *const bad[] = { "", "64", "64KiB,", "8MiB",
		"64KiB..1MiB", "1XiB" };
	struct list list;
	size_t i;

	ck_assert_int_eq(list_parse_sizes(&list, "64KiB,4MiB,65536", 65536,
	    4 << 20), 0);
	ck_assert_str_eq(list_text(&list), "65536 4194304");
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		ck_assert_msg(list_parse_sizes(&list, bad[i], 65536,
		    4 << 20) == -1, "taken: %s", bad[i]);
}
END_TEST

START_TEST(the_machine_is_known)
{
	struct port_machine machine;

	port_machine_look(&machine);
	ck_assert_str_ne(machine.cpu, "");
	ck_assert_str_ne(machine.kernel, "");
	ck_assert_uint_ge(machine.processors, 1);
	ck_assert_uint_gt(machine.memory, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base");
	TCase *tcase = tcase_create("base");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, first_error_wins_and_gathers_context);
	tcase_add_test(tcase, sizes_are_whole_and_in_range);
	tcase_add_test(tcase, durations_name_their_unit);
	tcase_add_test(tcase, numbers_stay_in_their_range);
	tcase_add_test(tcase, text_for_people);
	tcase_add_test(tcase, text_grows);
	tcase_add_test(tcase, utf_16_and_8_round_trip);
	tcase_add_test(tcase, a_deadline_passes_or_never_does);
	tcase_add_test(tcase, a_file_is_replaced_whole);
	tcase_add_test(tcase, use_grows);
	tcase_add_test(tcase, lists_have_numbers_and_ranges);
	tcase_add_test(tcase, lists_have_sizes);
	tcase_add_test(tcase, the_machine_is_known);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
