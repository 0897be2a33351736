/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a pump that is stopped, aborted or drilled with several Reads
 * under way returns, and leaves every buffer alone. */
#include <config.h>

#include "pump_tests.h"
#include "reads.h"

#include <string.h>

#define FRAME BENCH_FRAME

/* ---- stopped, and aborted ------------------------------------------ */

/* While no thread of the pool comes to its frames. */
START_TEST(end_from_outside_leaves_the_buffers_alone)
{
	unsigned i;

	reads_store(10 * FRAME);
	reads_start_held(6);
	if (_i == 0)
		bench_stop();
	else
		bench_abort();
	bench_join();
	for (i = 0; i < 6; i++) {
		ck_assert(!reads_is_answered(i));
		reads_scribble(i);
	}
	bench_let_go();
	reads_expect_left_alone();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	ck_assert_uint_eq(bench.result.completed, 0);
	ck_assert_uint_eq(atomic_load(&bench.failures), _i);
}
END_TEST

/* While they are at it. */
START_TEST(end_from_outside_in_mid_work_leaves_the_buffers_alone)
{
	unsigned i;

	reads_store(20 * FRAME);
	reads_start_held(20);
	bench_let_go();
	reads_expect((unsigned)_i / 2);
	if (_i % 2 == 0)
		bench_stop();
	else
		bench_abort();
	bench_join();
	for (i = 0; i < 20; i++)
		reads_scribble(i);
	reads_expect_left_alone();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
}
END_TEST

START_TEST(answer_that_is_not_taken_ends_it)
{
	unsigned i;

	reads_store(10 * FRAME);
	reads_start_held(4);
	bench_deafen(2);
	bench_let_go();
	reads_expect(0);
	bench_join();
	for (i = 0; i < 4; i++)
		reads_scribble(i);
	reads_expect_left_alone();
	ck_assert(!reads_is_answered(1));
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_str_eq(bench.error.text, "not taken");
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert(!bench.result.closed);
}
END_TEST

/* ---- drills -------------------------------------------------------- */

START_TEST(drill_fail_leaves_the_reads_before_it)
{
	reads_store(10 * FRAME);
	/* After as many bytes as the Reads before it have asked for. */
	bench_drill(_i == 0 ? "fail,command=3" : "fail,after=8192");
	reads_start_held(5);
	reads_expect_code(2, VD_ERROR_READ_FAULT);
	reads_expect_code(3, VD_ERROR_READ_FAULT);
	ck_assert(!reads_is_answered(0));
	bench_let_go();
	reads_expect(0);
	reads_expect(1);
	reads_expect_code(4, VD_ERROR_READ_FAULT);
	reads_close_and_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert_uint_eq(bench.result.raw_bytes, 2 * FRAME);
}
END_TEST

/* The bytes that it would have got are the next one's. */
START_TEST(drill_drop_takes_no_bytes)
{
	reads_store(3 * FRAME);
	bench_drill("drop,command=2");
	reads_start_held(5);
	bench_let_go();
	reads_expect(0);
	reads.all[2].at = FRAME;
	reads.all[3].at = 2 * FRAME;
	reads.all[4].at = 3 * FRAME;
	reads_expect(2);
	reads_expect(3);
	reads_expect(4);
	reads_scribble(1);
	reads_close_and_join();
	ck_assert(!reads_is_answered(1));
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_ptr_nonnull(strstr(bench.error.text, "did not answer"));
	ck_assert_uint_eq(bench.result.completed, 4);
}
END_TEST

START_TEST(drill_stall_holds_up_what_is_behind_it)
{
	unsigned i;

	reads_store(10 * FRAME);
	bench_drill(_i == 0 ? "stall=86400,command=3" :
	    "stall=20ms,command=3");
	bench_hold();
	reads_send_many(5, FRAME);
	bench_restore();
	SUPPORT_UNTIL(atomic_load(&bench.announced) == 1);
	bench_let_go();
	reads_expect(0);
	reads_expect(1);
	if (_i == 0) {
		ck_assert_uint_eq(bench_taken(), 3);
		bench_stop();
		bench_join();
		for (i = 2; i < 5; i++) {
			ck_assert(!reads_is_answered(i));
			reads_scribble(i);
		}
		reads_expect_left_alone();
		ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	} else {
		for (i = 2; i < 5; i++)
			reads_expect(i);
		reads_close_and_join();
		ck_assert_int_eq(bench.rc, 0);
	}
}
END_TEST

/* Those with which something might still have come of it get no success. */
START_TEST(drill_that_ends_the_set_leaves_the_buffers_alone)
{
	unsigned i;

	reads_store(10 * FRAME);
	bench_drill(_i == 0 ? "close-early,command=4" : "abort,command=4");
	bench_hold();
	reads_send_many(5, FRAME);
	bench_restore();
	bench_join();
	for (i = 0; i < 5; i++) {
		ck_assert(!reads_is_answered(i) || reads_answer(i) != 0);
		reads_scribble(i);
	}
	ck_assert(!reads_is_answered(3));
	ck_assert(!reads_is_answered(4));
	bench_let_go();
	reads_expect_left_alone();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.result.close_early, _i == 0);
	ck_assert_uint_eq(atomic_load(&bench.aborts), _i);
	ck_assert(!bench.result.closed);
}
END_TEST

TCase *
let_go_tests(void)
{
	TCase *tcase = tcase_create("let go");

	tcase_add_checked_fixture(tcase, reads_begin, reads_end);
	tcase_add_loop_test(tcase, end_from_outside_leaves_the_buffers_alone,
	    0, 2);
	tcase_add_loop_test(tcase,
	    end_from_outside_in_mid_work_leaves_the_buffers_alone, 0, 8);
	tcase_add_test(tcase, answer_that_is_not_taken_ends_it);
	tcase_add_loop_test(tcase, drill_fail_leaves_the_reads_before_it, 0,
	    2);
	tcase_add_test(tcase, drill_drop_takes_no_bytes);
	tcase_add_loop_test(tcase, drill_stall_holds_up_what_is_behind_it, 0,
	    2);
	tcase_add_loop_test(tcase,
	    drill_that_ends_the_set_leaves_the_buffers_alone, 0, 2);
	return (tcase);
}
