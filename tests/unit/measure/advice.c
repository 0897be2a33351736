/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the advice follows from the numbers, and says why. */
#include <config.h>

#include "measure/advice.h"
#include "measure_tests.h"

#include <string.h>

static struct advice_point points[8];
static size_t count;
static struct advice advice;

static void
forget(void)
{
	memset(points, 0, sizeof(points));
	count = 0;
}

/* A point with one device and two threads. */
static struct advice_point *
add(int level, double source, double compress, double write, double ratio)
{
	struct advice_point *point = &points[count++];

	point->setting = (struct plan_setting){ 1, 2, level, 4 << 20 };
	point->rates[PLAN_SOURCE] = source;
	point->rates[PLAN_COMPRESS] = compress;
	point->rates[PLAN_WRITE] = write;
	memcpy(point->fastest, point->rates, sizeof(point->rates));
	point->ratio = ratio;
	return (point);
}

static void
says(const char *text, const char *wanted)
{
	ck_assert_msg(strstr(text, wanted) != NULL, "\"%s\" lacks \"%s\"",
	    text, wanted);
}

START_TEST(a_slow_source_affords_the_highest_level_that_keeps_up)
{
	forget();
	add(1, 200, 198, 197, 2.5);
	add(3, 200, 199, 196, 3.0);
	add(9, 200, 80, 80, 3.3);
	advice_make(&advice, points, count);
	ck_assert(advice.is_given);
	ck_assert_int_eq(advice.setting.level, 3);
	ck_assert_int_eq(advice.limit, ADVICE_SOURCE);
	ck_assert(!advice.is_auto);
	ck_assert_int_eq(advice.stage, PLAN_WRITE);
	says(advice.reason, "level 3: the highest level that is still not "
	    "slower than the source");
	says(advice.limit_reason, "it gives 200 MB/s");
}
END_TEST

START_TEST(a_slow_sink_affords_what_stores_less)
{
	forget();
	add(1, 2000, 800, 250, 2.5);
	add(3, 2000, 600, 300, 3.0);
	add(9, 2000, 100, 100, 3.3);
	advice_make(&advice, points, count);
	ck_assert_int_eq(advice.setting.level, 3);
	ck_assert_int_eq(advice.limit, ADVICE_SINK);
	ck_assert(advice.is_auto);
	says(advice.reason, "level auto: ");
	says(advice.reason, "that is 3");
	says(advice.limit_reason, "the sink is the limit: 300 MB/s are "
	    "written, 600 compressed");
}
END_TEST

START_TEST(a_sink_that_was_slow_by_chance_is_no_limit)
{
	forget();
	/* In the median 200 of 300 MB/s, but as fast at its best. */
	add(3, 2000, 300, 200, 3.0)->fastest[PLAN_WRITE] = 299;
	advice_make(&advice, points, count);
	ck_assert_int_eq(advice.limit, ADVICE_COMPRESSION);
}
END_TEST

START_TEST(where_compression_limits_the_next_level_is_told)
{
	forget();
	add(9, 2000, 100, 0, 3.3);
	add(1, 2000, 800, 0, 2.5);
	add(3, 2000, 600, 0, 3.0);
	advice_make(&advice, points, count);
	ck_assert_int_eq(advice.setting.level, 1);
	ck_assert_int_eq(advice.stage, PLAN_COMPRESS);
	ck_assert_int_eq(advice.limit, ADVICE_COMPRESSION);
	says(advice.reason, "level 3 has 75 % of its rate, and stores 16.7 % "
	    "less");
	says(advice.limit_reason, "the source gives 2000 MB/s, 800 are "
	    "compressed");
}
END_TEST

START_TEST(of_equals_the_one_that_takes_least_is_advised)
{
	struct advice_point *point;

	forget();
	add(3, 900, 500, 0, 3.0);
	/* More devices and smaller transfers are no faster: within 5 %. */
	point = add(3, 950, 520, 0, 3.0);
	point->setting.devices = 4;
	/* One thread is as fast as two, and goes before fewer devices. */
	point = add(3, 900, 510, 0, 3.0);
	point->setting.threads = 1;
	point->setting.devices = 2;
	/* A ratio that is better by nothing to speak of. */
	point = add(4, 900, 505, 0, 3.005);
	point->setting.threads = 1;
	point->setting.devices = 2;
	advice_make(&advice, points, count);
	ck_assert_uint_eq(advice.setting.threads, 1);
	ck_assert_uint_eq(advice.setting.devices, 2);
	ck_assert_int_eq(advice.setting.level, 3);
	/* A smaller transfer is taken where it is as good. */
	point = add(3, 900, 510, 0, 3.0);
	point->setting.threads = 1;
	point->setting.devices = 2;
	point->setting.transfer_size = 65536;
	advice_make(&advice, points, count);
	ck_assert_uint_eq(advice.setting.transfer_size, 65536);
}
END_TEST

START_TEST(the_source_alone_says_how_many_devices)
{
	forget();
	add(1, 500, 0, 0, 0);
	add(1, 990, 0, 0, 0)->setting.devices = 2;
	add(1, 1000, 0, 0, 0)->setting.devices = 4;
	advice_make(&advice, points, count);
	ck_assert_uint_eq(advice.setting.devices, 2);
	ck_assert_int_eq(advice.stage, PLAN_SOURCE);
	ck_assert_int_eq(advice.limit, ADVICE_UNKNOWN);
	says(advice.reason, "2 devices: the source gives no more");
}
END_TEST

START_TEST(what_was_not_measured_is_not_told)
{
	forget();
	advice_make(&advice, points, 0);
	ck_assert(!advice.is_given);
	add(1, 0, 0, 0, 0);
	advice_make(&advice, points, count);
	ck_assert(!advice.is_given);
	/* A write alone: slow for either reason. */
	forget();
	add(3, 1000, 0, 300, 3.0);
	advice_make(&advice, points, count);
	ck_assert(advice.is_given);
	ck_assert_int_eq(advice.limit, ADVICE_UNKNOWN);
	ck_assert_ptr_null(advice_limit_name(advice.limit));
	says(advice.reason, "level 3: the only one that was measured");
	/* But one that keeps up with the source is held up by that. */
	points[0].rates[PLAN_WRITE] = 990;
	advice_make(&advice, points, count);
	ck_assert_int_eq(advice.limit, ADVICE_SOURCE);
	ck_assert_str_eq(advice_limit_name(advice.limit), "source");
}
END_TEST

START_TEST(a_failed_setting_is_not_advised)
{
	forget();
	add(1, 2000, 500, 500, 2.5);
	/* It was compressed, and could not be written. */
	add(3, 2000, 500, 0, 3.0);
	advice_make(&advice, points, count);
	ck_assert_int_eq(advice.setting.level, 1);
	says(advice.reason, "level 1: the highest one");
}
END_TEST

TCase *
tests_advice(void)
{
	TCase *tcase = tcase_create("advice");

	tcase_add_test(tcase,
	    a_slow_source_affords_the_highest_level_that_keeps_up);
	tcase_add_test(tcase, a_slow_sink_affords_what_stores_less);
	tcase_add_test(tcase, a_sink_that_was_slow_by_chance_is_no_limit);
	tcase_add_test(tcase, where_compression_limits_the_next_level_is_told);
	tcase_add_test(tcase, of_equals_the_one_that_takes_least_is_advised);
	tcase_add_test(tcase, the_source_alone_says_how_many_devices);
	tcase_add_test(tcase, what_was_not_measured_is_not_told);
	tcase_add_test(tcase, a_failed_setting_is_not_advised);
	return (tcase);
}
