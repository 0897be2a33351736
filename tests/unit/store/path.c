/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: any name of a database becomes one folder's name, and back. */
#include <config.h>

#include "store_tests.h"

#include "store/path.h"

#include <stdlib.h>
#include <string.h>

static void
encodes_to(const char *name, const char *component)
{
	struct str to;
	struct str back;

	str_init(&to);
	str_init(&back);
	ck_assert_int_eq(path_encode(&to, name, NULL), 0);
	ck_assert_str_eq(to.text, component);
	ck_assert_int_eq(path_decode(&back, component), 0);
	ck_assert_str_eq(back.text, name);
	str_release(&back);
	str_release(&to);
}

START_TEST(a_plain_name_stays)
{
	encodes_to("AdventureWorks2022", "AdventureWorks2022");
	encodes_to("My db [1] (x)'y'", "My db [1] (x)'y'");
	encodes_to("Verk\xC3\xA4ufe", "Verk\xC3\xA4ufe");
	encodes_to("COM", "COM");
	encodes_to("CONSOLE", "CONSOLE");
	encodes_to("COMX", "COMX");
	encodes_to("lpt10", "lpt10");
}
END_TEST

START_TEST(what_a_file_system_refuses_is_encoded)
{
	encodes_to("a/b\\c:d*e?f\"g<h>i|j%k",
	    "a%2Fb%5Cc%3Ad%2Ae%3Ff%22g%3Ch%3Ei%7Cj%25k");
	encodes_to(".hidden", "%2Ehidden");
	encodes_to(".", "%2E");
	encodes_to("..", "%2E%2E");
	encodes_to("end.", "end%2E");
	encodes_to("end ", "end%20");
	encodes_to("a\nb\x7F", "a%0Ab%7F");
	encodes_to("bad\xFF", "bad%FF");
	encodes_to("con", "%63on");
	encodes_to("Aux.db", "%41ux.db");
	encodes_to("LPT9", "%4CPT9");
	encodes_to("COM\xC2\xB9", "%43OM\xC2\xB9");
}
END_TEST

START_TEST(an_empty_name_is_refused)
{
	struct error error;
	struct str to;

	error_init(&error);
	str_init(&to);
	ck_assert_int_eq(path_encode(&to, "", &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	str_release(&to);
}
END_TEST

/* Every name of up to three bytes of a hostile alphabet comes back, and no
 * two share a component. */
START_TEST(every_hostile_name_comes_back)
{
	static const char alphabet[] = "a.% /\\\xC3\xA4:\x01Z2";
	size_t n = sizeof(alphabet) - 1;
	size_t i;

	for (i = 0; i < n * n * n; i++) {
		char name[4] = { alphabet[i % n], alphabet[i / n % n],
			alphabet[i / n / n], '\0' };
		struct str to;
		struct str back;

		str_init(&to);
		str_init(&back);
		ck_assert_int_eq(path_encode(&to, name, NULL), 0);
		ck_assert(strpbrk(to.text, "/\\:*?\"<>|\x01") == NULL);
		ck_assert(to.text[0] != '.');
		ck_assert(strchr(". ", to.text[to.length - 1]) == NULL);
		ck_assert_int_eq(path_decode(&back, to.text), 0);
		ck_assert_str_eq(back.text, name);
		str_release(&back);
		str_release(&to);
	}
}
END_TEST

START_TEST(names_too_long_are_cut_and_still_differ)
{
	char one[400];
	char two[400];
	struct str a;
	struct str b;
	struct str back;
	size_t shift;

	str_init(&a);
	str_init(&b);
	str_init(&back);
	/* The cut goes through no escape and no character, wherever it is. */
	for (shift = 0; shift < 4; shift++) {
		size_t i;

		memset(one, 'x', sizeof(one));
		for (i = shift; i + 2 < 380; i += 3)
			memcpy(one + i, shift % 2 ? "\xE2\x82\xAC" : "::y", 3);
		one[380] = '\0';
		strcpy(two, one);
		two[379] = 'z';
		str_clear(&a);
		str_clear(&b);
		ck_assert_int_eq(path_encode(&a, one, NULL), 0);
		ck_assert_int_eq(path_encode(&b, two, NULL), 0);
		ck_assert_uint_le(a.length, 240);
		ck_assert_str_ne(a.text, b.text);
		ck_assert_ptr_nonnull(strstr(a.text, "%~"));
		ck_assert_int_eq(path_decode(&back, a.text), -1);
		str_clear(&back);
	}
	str_release(&back);
	str_release(&b);
	str_release(&a);
}
END_TEST

/* Whatever stands where the cut falls: what is left of it decodes. */
START_TEST(a_cut_goes_through_no_escape)
{
	struct str cut;
	struct str back;
	char name[400];
	size_t plain;

	str_init(&cut);
	str_init(&back);
	for (plain = 0; plain < 7; plain++) {
		char *mark;

		memset(name, ':', sizeof(name));
		memset(name, 'x', plain);
		name[300] = '\0';
		str_clear(&cut);
		ck_assert_int_eq(path_encode(&cut, name, NULL), 0);
		mark = strstr(cut.text, "%~");
		ck_assert_ptr_nonnull(mark);
		*mark = '\0';
		str_clear(&back);
		ck_assert_int_eq(path_decode(&back, cut.text), 0);
		ck_assert_int_eq(strncmp(name, back.text, back.length), 0);
	}
	str_release(&back);
	str_release(&cut);
}
END_TEST

START_TEST(what_is_not_ours_is_not_decoded)
{
	static const char *const bad[] = { "", "%", "%4", "%4g", "%41",
		"%2f", "%00", "a/b", "end.", ".x", "CON" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		struct str to;

		str_init(&to);
		ck_assert_msg(path_decode(&to, bad[i]) == -1, "%s", bad[i]);
		str_release(&to);
	}
}
END_TEST

START_TEST(a_folder_name_round_trips)
{
	static const char *const names[] = { "20261124T073000Z-full",
		"20261124T073000Z-diff-2", "20261124T073000Z-log.partial",
		"20240229T235959Z-log-17.partial", "20261124T073000Z-file",
		"20261124T073000Z-filediff-2", "20261124T073000Z-readwrite",
		"20261124T073000Z-readwritediff-9999.partial",
		"19700101T000000Z-full.expired",
		"99991231T235959Z-full" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++) {
		struct path_folder folder;
		struct str again;

		str_init(&again);
		ck_assert_msg(path_parse_folder(names[i], &folder) == 0, "%s",
		    names[i]);
		path_add_folder(&again, &folder);
		ck_assert_str_eq(again.text, names[i]);
		str_release(&again);
	}
}
END_TEST

START_TEST(other_folder_names_are_refused)
{
	static const char *const bad[] = { "", "full", "20261124T073000Z",
		"20261124T073000Z-", "20261124T073000Z-copy",
		"20261124T073000Z-full-", "20261124T073000Z-full-1",
		"20261124T073000Z-full-02", "20261124T073000Z-full-x",
		"20261124T073000Z-full-2-3", "20260230T073000Z-full",
		"20261124T243000Z-full", "20261124T073060Z-full",
		"20261124t073000Z-full", "20261124T073000-full",
		" 20261124T073000Z-full", "20261124T073000Z-full.part",
		"20261124T073000Z-full.partial.partial",
		"2026-11-24T07:30:00Z-full" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		struct path_folder folder;

		ck_assert_msg(path_parse_folder(bad[i], &folder) == -1, "%s",
		    bad[i]);
	}
}
END_TEST

START_TEST(times_round_trip_and_are_exact)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} known[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1795505400, "2026-11-24T07:30:00Z" },
		{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
	};
	static const char *const bad[] = { "", "2026-11-24",
		"2026-11-24T07:30Z",
		"2025-02-29T00:00:00Z", "2026-11-24T07:30:00",
		"2026-11-24T07:30:00Zx", "1969-12-31T23:59:59Z",
		"2026-13-01T00:00:00Z", "2026-04-31T00:00:00Z" };
	char text[PATH_TIME_ROOM];
	int64_t seconds;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(known); i++) {
		path_format_time(text, known[i].seconds);
		ck_assert_str_eq(text, known[i].text);
		ck_assert_int_eq(path_parse_time(known[i].text, &seconds), 0);
		ck_assert_int_eq(seconds, known[i].seconds);
	}
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		ck_assert_msg(path_parse_time(bad[i], &seconds) == -1, "%s",
		    bad[i]);
	/* A day that is no multiple of anything, over four centuries. */
	for (seconds = 1; seconds < INT64_C(12700000000); seconds += 8675309) {
		int64_t back;

		path_format_compact(text, seconds);
		ck_assert_int_eq(path_parse_compact(text, &back), 0);
		ck_assert_int_eq(back, seconds);
	}
}
END_TEST

START_TEST(times_that_no_name_can_say_become_the_nearest)
{
	char text[PATH_TIME_ROOM];

	path_format_time(text, -1);
	ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
	path_format_time(text, INT64_MIN);
	ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
	path_format_time(text, INT64_MAX);
	ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
}
END_TEST

TCase *
path_tests(void)
{
	TCase *tcase = tcase_create("path");

	tcase_add_test(tcase, a_plain_name_stays);
	tcase_add_test(tcase, what_a_file_system_refuses_is_encoded);
	tcase_add_test(tcase, an_empty_name_is_refused);
	tcase_add_test(tcase, every_hostile_name_comes_back);
	tcase_add_test(tcase, names_too_long_are_cut_and_still_differ);
	tcase_add_test(tcase, a_cut_goes_through_no_escape);
	tcase_add_test(tcase, what_is_not_ours_is_not_decoded);
	tcase_add_test(tcase, a_folder_name_round_trips);
	tcase_add_test(tcase, other_folder_names_are_refused);
	tcase_add_test(tcase, times_round_trip_and_are_exact);
	tcase_add_test(tcase, times_that_no_name_can_say_become_the_nearest);
	return (tcase);
}
