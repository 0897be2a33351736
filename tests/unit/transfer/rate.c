/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a limit holds from the first byte, at any moment and for writers of
 * every kind; time in which there was nothing to write is no credit; and no
 * numbers break it.  The time is the test's own: nothing waits. */
#include <config.h>

#include "base/attr.h"
#include "base/clock.h"
#include "transfer/rate.h"

#include <check.h>
#include <stdlib.h>

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)
#define MB 1000000u
/* Somewhere in the life of a machine. */
#define BEGAN (123456789 * MS)

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
	begin(MB);
	ck_assert_int_eq(rate_claim_at(rate, MB / 2, BEGAN).at_ns,
	    BEGAN + 500 * MS);
	ck_assert_int_eq(rate_claim_at(rate, MB / 2, BEGAN).at_ns,
	    BEGAN + 1000 * MS);
	rate_free(rate);
}
END_TEST

START_TEST(time_before_the_first_claim_is_no_credit)
{
	begin(MB);
	ck_assert_int_eq(rate_claim_at(rate, MB, BEGAN + 50 * MS).at_ns,
	    BEGAN + 1050 * MS);
	rate_free(rate);
}
END_TEST

START_TEST(a_short_gap_is_made_up_for_and_a_long_one_is_lost)
{
	begin(MB);
	ck_assert_int_eq(rate_claim_at(rate, MB, BEGAN).at_ns,
	    BEGAN + SECOND);
	ck_assert_int_eq(rate_claim_at(rate, MB,
	    BEGAN + SECOND + 99 * MS).at_ns, BEGAN + 2 * SECOND);
	ck_assert_int_eq(rate_claim_at(rate, MB,
	    BEGAN + 2 * SECOND + 101 * MS).at_ns,
	    BEGAN + 3 * SECOND + 101 * MS);
	rate_free(rate);
}
END_TEST

START_TEST(what_went_unpaid_is_paid_by_the_next)
{
	begin(MB);
	rate_owe(rate, MB / 4);
	ck_assert_int_eq(rate_claim_at(rate, MB, BEGAN).at_ns,
	    BEGAN + 1250 * MS);
	rate_owe(rate, MB);
	ck_assert_int_eq(rate_claim_at(rate, MB, BEGAN + 1250 * MS).at_ns,
	    BEGAN + 3250 * MS);
	rate_free(rate);
}
END_TEST

START_TEST(a_piece_is_a_twentieth_of_a_second_in_blocks)
{
	static const struct {
		uint64_t limit;
		size_t piece;
	} cases[] = {
		{ 1, 4096 },
		{ 1024, 4096 },
		{ 20 * 4096, 4096 },
		{ 20 * 8191, 4096 },
		{ 20 * 8192, 8192 },
		{ UINT64_C(20) << 20, 1u << 20 },
		{ UINT64_C(1) << 50, (size_t)1 << 30 },
	};

	begin(cases[_i].limit);
	ck_assert_uint_eq(rate_piece(rate), cases[_i].piece);
	rate_free(rate);
}
END_TEST

/* Writers as a stripe's: each has frames of a size, claims them piece by
 * piece, waits, is late by some time, and writes for some time. */
struct writer {
	int64_t now_ns;
	size_t left; /* of its frame */
};

static const struct {
	uint64_t limit;
	unsigned writers;
	size_t frame;
	int64_t late_ns;
	int64_t write_ns; /* for a piece */
	int64_t run_ns;
} flows[] = {
	/* A run that is short. */
	{ 10 * MB, 1, 100000, MS, MS, SECOND / 2 },
	/* Frames larger than a tenth of a second, and than a second. */
	{ 10 * MB, 1, 4 * MB, MS, 20 * MS, 5 * SECOND },
	{ MB, 1, 4 * MB, MS, 40 * MS, 8 * SECOND },
	/* Many writers, small and large frames. */
	{ 20 * MB, 4, 2 * MB, 2 * MS, 30 * MS, 3 * SECOND },
	{ 20 * MB, 64, 4096, 3 * MS, MS, 2 * SECOND },
	{ 100 * MB, 2, 300000, MS / 10, MS, SECOND },
	{ 500 * MB, 3, 64 * MB, MS, 45 * MS, 2 * SECOND },
	/* Less than a block in a piece's time. */
	{ 20000, 2, 1000, MS, MS, 10 * SECOND },
};
#define FLOW_COUNT 8

static struct writer *
earliest(struct writer *writers, unsigned count)
{
	struct writer *first = writers;
	unsigned i;

	for (i = 1; i < count; i++)
		if (writers[i].now_ns < first->now_ns)
			first = &writers[i];
	return (first);
}

START_TEST(the_limit_holds_within_five_in_a_hundred)
{
	double limit = (double)flows[_i].limit;
	struct writer writers[64] = { { 0 } };
	uint64_t gone = 0;
	size_t piece = 0;
	unsigned i;

	begin(flows[_i].limit);
	for (i = 0; i < flows[_i].writers; i++)
		writers[i].now_ns = BEGAN;
	for (;;) {
		struct writer *writer = earliest(writers, flows[_i].writers);
		int64_t at;

		if (writer->now_ns > BEGAN + flows[_i].run_ns)
			break;
		if (writer->left == 0)
			writer->left = flows[_i].frame;
		piece = rate_piece(rate);
		if (piece > writer->left)
			piece = writer->left;
		at = rate_claim_at(rate, piece, writer->now_ns).at_ns;
		if (at < writer->now_ns)
			at = writer->now_ns;
		writer->now_ns = at + flows[_i].late_ns +
		    flows[_i].write_ns;
		writer->left -= piece;
		if (at + flows[_i].late_ns > BEGAN + flows[_i].run_ns)
			continue;
		gone += piece;
		/* Never above, whenever one looks. */
		ck_assert_double_le((double)gone, limit / 1e9 *
		    (double)(at + flows[_i].late_ns - BEGAN) + 1);
	}
	/* What each has under way at the end is not there yet. */
	ck_assert_double_ge((double)gone +
	    (double)(piece * flows[_i].writers),
	    limit * 0.95 / 1e9 * (double)flows[_i].run_ns);
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
	tcase_add_test(tcase, time_before_the_first_claim_is_no_credit);
	tcase_add_test(tcase,
	    a_short_gap_is_made_up_for_and_a_long_one_is_lost);
	tcase_add_test(tcase, what_went_unpaid_is_paid_by_the_next);
	tcase_add_loop_test(tcase,
	    a_piece_is_a_twentieth_of_a_second_in_blocks, 0, 7);
	tcase_add_loop_test(tcase, the_limit_holds_within_five_in_a_hundred,
	    0, FLOW_COUNT);
	tcase_add_loop_test(tcase, what_takes_for_ever_is_never_free, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
