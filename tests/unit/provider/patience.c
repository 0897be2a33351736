/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a wait whose unit is unknown is neither busy nor long, whether it is
 * one of milliseconds or of seconds. */
#include <config.h>

#include "tests.h"

#include "provider/patience.h"

#define SECOND_NS INT64_C(1000000000)
#define MILLISECOND_NS INT64_C(1000000)

/* Wait for so long, by a library with that unit; the number of calls. */
static unsigned
wait_for(struct patience *patience, int64_t left_ns, int64_t unit_ns,
    int64_t *longest_ns)
{
	unsigned calls = 0;

	*longest_ns = 0;
	while (left_ns > 0) {
		int64_t left_ms = (left_ns + MILLISECOND_NS - 1) /
		    MILLISECOND_NS;
		time_t asked = patience_ask(patience, left_ms);
		int64_t took_ns = asked * unit_ns;

		ck_assert_int_gt(asked, 0);
		ck_assert_int_le(asked, left_ms);
		patience_learn(patience, asked, took_ns);
		if (took_ns > *longest_ns)
			*longest_ns = took_ns;
		left_ns -= took_ns;
		calls++;
	}
	return (calls);
}

START_TEST(milliseconds_become_long_waits)
{
	struct patience patience;
	int64_t longest_ns;

	patience_init(&patience);
	ck_assert_uint_le(wait_for(&patience, 60 * SECOND_NS, MILLISECOND_NS,
	    &longest_ns), 70);
	ck_assert_int_eq(longest_ns, SECOND_NS);
	/* And short ones stay one call. */
	ck_assert_uint_eq(wait_for(&patience, SECOND_NS / 10, MILLISECOND_NS,
	    &longest_ns), 1);
	ck_assert_uint_eq(wait_for(&patience, SECOND_NS, MILLISECOND_NS,
	    &longest_ns), 1);
}
END_TEST

START_TEST(seconds_stay_one_by_one)
{
	struct patience patience;
	int64_t longest_ns;

	patience_init(&patience);
	ck_assert_uint_eq(wait_for(&patience, SECOND_NS / 10, SECOND_NS,
	    &longest_ns), 1);
	ck_assert_uint_eq(wait_for(&patience, 60 * SECOND_NS, SECOND_NS,
	    &longest_ns), 60);
	ck_assert_int_eq(longest_ns, SECOND_NS);
}
END_TEST

/* Something else ended a wait of seconds early, a signal for instance. */
START_TEST(an_early_end_costs_one_longer_wait)
{
	struct patience patience;
	int64_t longest_ns;

	patience_init(&patience);
	patience_learn(&patience, 1, MILLISECOND_NS);
	ck_assert_uint_eq(wait_for(&patience, 60 * SECOND_NS, SECOND_NS,
	    &longest_ns), 59);
	ck_assert_int_eq(longest_ns, 2 * SECOND_NS);
}
END_TEST

START_TEST(a_short_question_proves_nothing_about_a_long_one)
{
	struct patience patience;

	patience_init(&patience);
	patience_learn(&patience, 1, MILLISECOND_NS);
	patience_learn(&patience, 2, 2 * MILLISECOND_NS);
	ck_assert_int_eq(patience_ask(&patience, 100), 4);
	patience_learn(&patience, 1, MILLISECOND_NS);
	ck_assert_int_eq(patience_ask(&patience, 100), 4);
}
END_TEST

START_TEST(a_poll_has_no_unit)
{
	struct patience patience;

	patience_init(&patience);
	ck_assert_int_eq(patience_ask(&patience, 0), 0);
	patience_learn(&patience, 0, 0);
	ck_assert_int_eq(patience_ask(&patience, 100), 1);
}
END_TEST

START_TEST(for_ever_is_one_wait_after_another)
{
	struct patience patience;
	unsigned i;

	patience_init(&patience);
	for (i = 0; i < 20; i++) {
		time_t asked = patience_ask(&patience, -1);

		ck_assert_int_gt(asked, 0);
		ck_assert_int_le(asked, PATIENCE_MAX_UNITS);
		patience_learn(&patience, asked, asked * MILLISECOND_NS);
	}
	ck_assert_int_eq(patience_ask(&patience, -1), PATIENCE_MAX_UNITS);
}
END_TEST

TCase *
tests_patience(void)
{
	TCase *tcase = tcase_create("patience");

	tcase_add_test(tcase, milliseconds_become_long_waits);
	tcase_add_test(tcase, seconds_stay_one_by_one);
	tcase_add_test(tcase, an_early_end_costs_one_longer_wait);
	tcase_add_test(tcase,
	    a_short_question_proves_nothing_about_a_long_one);
	tcase_add_test(tcase, a_poll_has_no_unit);
	tcase_add_test(tcase, for_ever_is_one_wait_after_another);
	return (tcase);
}
