/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a limit holds from the first byte, idle time is no credit beyond a
 * moment, and no numbers break it. */
#include <config.h>

#include "support.h"

#include "base/clock.h"
#include "transfer/rate.h"

#include <check.h>

#define MS 1000000

static struct rate *rate;

static void
begin(uint64_t bytes_per_second)
{
	struct error error = { 0 };

	rate = rate_new(bytes_per_second, &error);
	ck_assert_msg(rate != NULL, "%s", error.text);
}

START_TEST(bytes_may_go_when_they_have_been_paid_for)
{
	int64_t began = clock_now_ns();

	begin(1000000);
	(void)rate_claim(rate, 500000);
	ck_assert_int_ge(rate_claim(rate, 500000).at_ns, began + 900 * MS);
	rate_free(rate);
}
END_TEST

START_TEST(idle_time_is_saved_for_a_tenth_of_a_second_only)
{
	int64_t began = clock_now_ns();
	int64_t now;

	begin(1000000);
	SUPPORT_UNTIL(clock_now_ns() - began > 200 * MS);
	now = clock_now_ns();
	ck_assert_int_ge(rate_claim(rate, 1000000).at_ns, now + 900 * MS);
	rate_free(rate);
}
END_TEST

START_TEST(what_takes_for_ever_is_never_free)
{
	struct deadline at;
	unsigned i;

	/* Nothing a second counts as a byte. */
	begin(_i == 0 ? 0 : 1);
	for (i = 0; i < 3; i++) {
		at = rate_claim(rate, SIZE_MAX);
		ck_assert_int_gt(at.at_ns, INT64_MAX / 4);
		ck_assert(!clock_has_passed(at));
	}
	at = rate_claim(rate, 1);
	ck_assert(!clock_has_passed(at));
	rate_free(rate);
	rate_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: rate");
	TCase *tcase = tcase_create("rate");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, bytes_may_go_when_they_have_been_paid_for);
	tcase_add_test(tcase,
	    idle_time_is_saved_for_a_tenth_of_a_second_only);
	tcase_add_loop_test(tcase, what_takes_for_ever_is_never_free, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
