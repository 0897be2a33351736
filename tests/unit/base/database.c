/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what names a database is taken whole or refused with its reason. */
#include <config.h>

#include "base/database.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct database database;
static struct error error;

static int
parse(enum database_kind kind, const char *text)
{
	error_init(&error);
	return (database_parse(&database, kind, text, &error));
}

static void
expect_refusal(enum database_kind kind, const char *text, const char *words)
{
	ck_assert_msg(parse(kind, text) == -1, "\"%s\" is taken", text);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s: %s", text,
	    error.text);
	database_release(&database);
}

START_TEST(a_sqlite_path_is_taken_as_it_is)
{
	ck_assert_int_eq(parse(DATABASE_SQLITE, "a,b%2C.db"), 0);
	ck_assert_uint_eq(database.path_count, 1);
	ck_assert_str_eq(database.paths[0], "a,b%2C.db");
	database_release(&database);
}
END_TEST

START_TEST(paths_are_divided_by_commas_and_decoded)
{
	ck_assert_int_eq(parse(DATABASE_REPLAY, "/x/a b,%2c%2C%25,c%3a"), 0);
	ck_assert_uint_eq(database.path_count, 3);
	ck_assert_str_eq(database.paths[0], "/x/a b");
	ck_assert_str_eq(database.paths[1], ",,%");
	ck_assert_str_eq(database.paths[2], "c:");
	database_release(&database);
}
END_TEST

START_TEST(paths_that_are_none_are_refused)
{
	char text[3 * DATABASE_PATHS_MAX + 4] = "";
	unsigned i;

	expect_refusal(DATABASE_REPLAY, "", "empty");
	expect_refusal(DATABASE_REPLAY, "a,", "empty");
	expect_refusal(DATABASE_REPLAY, "a,,b", "empty");
	expect_refusal(DATABASE_REPLAY, "100%", "percent");
	expect_refusal(DATABASE_REPLAY, "a,b%2", "\"b%2\"");
	expect_refusal(DATABASE_REPLAY, "a%0g", "percent");
	expect_refusal(DATABASE_REPLAY, "a%00b", "percent");
	for (i = 0; i < DATABASE_PATHS_MAX; i++)
		(void)strcat(text, i > 0 ? ",x" : "x");
	ck_assert_int_eq(parse(DATABASE_REPLAY, text), 0);
	ck_assert_uint_eq(database.path_count, DATABASE_PATHS_MAX);
	database_release(&database);
	(void)strcat(text, ",x");
	expect_refusal(DATABASE_REPLAY, text, "more than 64");
}
END_TEST

START_TEST(a_synthetic_one_has_a_size_a_ratio_and_a_seed)
{
	static const struct {
		const char *text;
		uint64_t bytes;
		unsigned ratio;
		uint64_t seed;
	} cases[] = {
		{ "1", 1, 300, 1 },
		{ "16GiB", UINT64_C(16) << 30, 300, 1 },
		{ "1MiB,ratio=1", 1 << 20, 100, 1 },
		{ "1MiB,ratio=20.00", 1 << 20, 2000, 1 },
		{ "1MiB,seed=0,ratio=2.5", 1 << 20, 250, 0 },
		{ "1MiB,ratio=2.05,seed=9223372036854775807", 1 << 20, 205,
		    INT64_MAX },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		ck_assert_msg(parse(DATABASE_SYNTHETIC, cases[i].text) == 0,
		    "%s", error.text);
		ck_assert_uint_eq(database.bytes, cases[i].bytes);
		ck_assert_uint_eq(database.ratio, cases[i].ratio);
		ck_assert_uint_eq(database.seed, cases[i].seed);
		ck_assert_uint_eq(database.path_count, 0);
		database_release(&database);
	}
}
END_TEST

START_TEST(a_synthetic_one_is_refused_with_its_reason)
{
	static const char *const ratios[] = { "", "0", "0.99", "20.01", "100",
		"3.", ".5", "3.123", "3.-1", "-3", "3x", "3.5x", "3,5", "1e1",
		"+3", "3.+5" };
	char text[40];
	size_t i;

	expect_refusal(DATABASE_SYNTHETIC, "", "not a size");
	expect_refusal(DATABASE_SYNTHETIC, "0", "not a size");
	expect_refusal(DATABASE_SYNTHETIC, "many", "not a size");
	expect_refusal(DATABASE_SYNTHETIC, "9223372036854775808",
	    "not a size");
	for (i = 0; i < ARRAY_COUNT(ratios); i++) {
		(void)snprintf(text, sizeof(text), "1MiB,ratio=%s",
		    ratios[i]);
		expect_refusal(DATABASE_SYNTHETIC, text,
		    strchr(ratios[i], ',') != NULL ? "neither" : "ratio");
	}
	expect_refusal(DATABASE_SYNTHETIC, "1MiB,seed=-1", "seed=-1");
	expect_refusal(DATABASE_SYNTHETIC, "1MiB,seed=x", "seed=x");
	expect_refusal(DATABASE_SYNTHETIC, "1MiB,", "neither");
	expect_refusal(DATABASE_SYNTHETIC, "1MiB,salt=1", "salt=1");
}
END_TEST

START_TEST(a_kind_stands_before_a_colon)
{
	enum database_kind kind;

	ck_assert_str_eq(database_split("sqlite:a:b", &kind), "a:b");
	ck_assert_int_eq(kind, DATABASE_SQLITE);
	ck_assert_str_eq(database_split("replay:a,b", &kind), "a,b");
	ck_assert_int_eq(kind, DATABASE_REPLAY);
	ck_assert_str_eq(database_split("synthetic:1", &kind), "1");
	ck_assert_int_eq(kind, DATABASE_SYNTHETIC);
	ck_assert_ptr_null(database_split("sqlite:", &kind));
	ck_assert_ptr_null(database_split("sqlite", &kind));
	ck_assert_ptr_null(database_split("SQLite:a", &kind));
	ck_assert_ptr_null(database_split("sqlitea:b", &kind));
	ck_assert_ptr_null(database_split("", &kind));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base: databases");
	TCase *tcase = tcase_create("databases");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_sqlite_path_is_taken_as_it_is);
	tcase_add_test(tcase, paths_are_divided_by_commas_and_decoded);
	tcase_add_test(tcase, paths_that_are_none_are_refused);
	tcase_add_test(tcase, a_synthetic_one_has_a_size_a_ratio_and_a_seed);
	tcase_add_test(tcase, a_synthetic_one_is_refused_with_its_reason);
	tcase_add_test(tcase, a_kind_stands_before_a_colon);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
