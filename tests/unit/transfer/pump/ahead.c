/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a Write that the server waits for is answered at once, one with more
 * behind it when it is compressed; and what the device has said ahead of time
 * is dealt with in its turn.  The pool is held up, so that nothing is
 * compressed before the test wants it. */
#include <config.h>

#include "bench.h"
#include "pump_tests.h"

#include "transfer/stripe_write.h"

#include <stdlib.h>
#include <string.h>

#define SCRIBBLE 0x5A

static uint8_t *data;

static void
begin(void)
{
	bench_begin_alone();
	data = support_data(sizeof(bench.observed), 1);
	bench_hold();
}

static void
end(void)
{
	bench_end();
	free(data);
}

/* A Write of frame nth's bytes, from 0. */
static struct bench_ticket *
send_frame(unsigned nth)
{
	return (bench_send(VDC_Write, data + nth * BENCH_FRAME,
	    BENCH_FRAME));
}

/* Whoever had the buffer has no use for it any more. */
static void
overwrite(struct bench_ticket *ticket)
{
	memset(ticket->block.buffer, SCRIBBLE, (size_t)ticket->block.size);
}

static void
finish(size_t size)
{
	uint8_t *expected = support_data(sizeof(bench.observed), 1);

	ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0), 0);
	bench_close();
	bench_join();
	ck_assert_msg(bench.rc == 0, "%s", bench.error.text);
	ck_assert(bench.result.finished);
	ck_assert_uint_eq(bench.result.completed, bench.result.commands);
	ck_assert_uint_eq(bench.result.raw_bytes, size);
	ck_assert_uint_eq(bench.observed_size, size);
	ck_assert_mem_eq(bench.observed, expected, size);
	bench_expect_stream(expected, size);
	free(expected);
}

START_TEST(lone_write_is_answered_before_it_is_compressed)
{
	static const unsigned sizes[] = { BENCH_FRAME, BENCH_FRAME + 1,
		2 * BENCH_FRAME };
	struct bench_ticket *ticket;

	bench_backup(BENCH_FRAME, NULL);
	ticket = bench_send(VDC_Write, data, (int)sizes[_i]);
	ck_assert_uint_eq(bench_answer(ticket), 0);
	ck_assert_uint_eq(ticket->bytes, sizes[_i]);
	overwrite(ticket);
	bench_let_go();
	finish(sizes[_i]);
}
END_TEST

START_TEST(write_with_one_behind_it_is_lent)
{
	struct bench_ticket *first = send_frame(0);
	struct bench_ticket *second = send_frame(1);

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_answer(second), 0);
	overwrite(second);
	ck_assert(!bench_is_answered(first));
	bench_wait_taken();
	ck_assert(!bench_is_answered(first));
	bench_let_go();
	ck_assert_uint_eq(bench_answer(first), 0);
	ck_assert_uint_eq(first->bytes, BENCH_FRAME);
	overwrite(first);
	finish(2 * BENCH_FRAME);
}
END_TEST

/* A small one is gathered in any case. */
START_TEST(write_of_less_than_a_frame_is_never_lent)
{
	struct bench_ticket *first = bench_send(VDC_Write, data,
	    BENCH_FRAME - 1);
	struct bench_ticket *second = bench_send(VDC_Write,
	    data + BENCH_FRAME - 1, 2);

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_answer(first), 0);
	overwrite(first);
	ck_assert_uint_eq(bench_answer(second), 0);
	overwrite(second);
	bench_let_go();
	finish(BENCH_FRAME + 1);
}
END_TEST

START_TEST(many_writes_make_one_stream)
{
	struct bench_ticket *tickets[30];
	unsigned state = (unsigned)_i + 1;
	size_t at = 0;
	unsigned i;

	for (i = 0; i < 30; i++) {
		size_t some = support_random(&state) % 2 == 0 ? BENCH_FRAME :
		    1 + support_random(&state) % (2 * BENCH_FRAME);

		tickets[i] = bench_send(VDC_Write, data + at, (int)some);
		at += some;
	}
	bench_backup(BENCH_FRAME, NULL);
	bench_let_go();
	for (i = 0; i < 30; i++) {
		ck_assert_uint_eq(bench_answer(tickets[i]), 0);
		ck_assert_uint_eq(tickets[i]->bytes, tickets[i]->block.size);
		overwrite(tickets[i]);
	}
	finish(at);
}
END_TEST

/* ---- what was said ahead of time ----------------------------------- */

START_TEST(close_behind_a_lone_write_ends_it)
{
	struct stripe_result result;
	struct bench_ticket *ticket = send_frame(0);

	bench.meanwhile = bench_close;
	bench_backup(BENCH_FRAME, NULL);
	bench_let_go();
	bench_join();
	ck_assert_msg(bench.rc == 0, "%s", bench.error.text);
	ck_assert(bench.result.closed);
	ck_assert(!bench.result.finished);
	ck_assert_uint_eq(bench_answer(ticket), 0);
	ck_assert_uint_eq(bench.result.completed, 1);
	ck_assert_int_eq(stripe_write_finish(bench.out, &result, NULL), 0);
	bench_expect_stream(data, BENCH_FRAME);
}
END_TEST

START_TEST(close_behind_lent_writes_waits_for_them)
{
	struct bench_ticket *tickets[BENCH_ALONE_SLOTS];
	struct stripe_result result;
	uint8_t *expected = support_data(sizeof(bench.observed), 1);
	unsigned i;

	for (i = 0; i < BENCH_ALONE_SLOTS; i++)
		tickets[i] = send_frame(i);
	bench_close();
	bench_backup(BENCH_FRAME, NULL);
	SUPPORT_UNTIL(bench_taken() == BENCH_ALONE_SLOTS);
	bench_let_go();
	bench_join();
	for (i = 0; i < BENCH_ALONE_SLOTS; i++) {
		ck_assert(bench_is_answered(tickets[i]));
		overwrite(tickets[i]);
	}
	ck_assert_msg(bench.rc == 0, "%s", bench.error.text);
	ck_assert_uint_eq(bench.result.completed, BENCH_ALONE_SLOTS);
	ck_assert_int_eq(stripe_write_finish(bench.out, &result, NULL), 0);
	bench_expect_stream(expected, BENCH_ALONE_SLOTS * BENCH_FRAME);
	free(expected);
}
END_TEST

START_TEST(abort_behind_a_lone_write_ends_it)
{
	struct bench_ticket *ticket = send_frame(0);

	bench.meanwhile = bench_abort;
	bench_backup(BENCH_FRAME, NULL);
	SUPPORT_UNTIL(atomic_load(&bench.failures) == 1);
	bench_let_go();
	bench_join();
	overwrite(ticket);
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	ck_assert_str_eq(bench.error.text, "the set was aborted");
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert(!bench.result.closed);
	ck_assert(!bench_is_answered(ticket));
	ck_assert_uint_eq(bench.result.commands, 1);
	ck_assert_uint_eq(bench.result.completed, 0);
}
END_TEST

START_TEST(clear_error_behind_a_write_is_answered_in_its_turn)
{
	struct bench_ticket *write = send_frame(0);
	struct bench_ticket *clear = bench_send(VDC_ClearError, NULL, 0);

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_answer(clear), 0);
	ck_assert(!bench_is_answered(write));
	bench_let_go();
	ck_assert_uint_eq(bench_answer(write), 0);
	finish(BENCH_FRAME);
	ck_assert_uint_eq(bench.result.commands, 3);
}
END_TEST

/* What lies behind a Write that waits for storage has been taken from the
 * device, and is never begun with. */
START_TEST(stop_leaves_what_was_taken_ahead_unanswered)
{
	struct bench_ticket *tickets[BENCH_ALONE_SLOTS + 2];
	unsigned i;

	for (i = 0; i < BENCH_ALONE_SLOTS + 2; i++)
		tickets[i] = send_frame(i);
	bench_backup(BENCH_FRAME, NULL);
	SUPPORT_UNTIL(bench_taken() == BENCH_ALONE_SLOTS + 2);
	bench_stop();
	bench_let_go();
	bench_join();
	for (i = 0; i < BENCH_ALONE_SLOTS + 2; i++) {
		ck_assert(!bench_is_answered(tickets[i]));
		overwrite(tickets[i]);
	}
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	ck_assert_uint_eq(bench.result.commands, BENCH_ALONE_SLOTS + 1);
	ck_assert_uint_eq(bench.result.completed, 0);
}
END_TEST

/* ---- drills at a command that was taken ahead ----------------------- */

START_TEST(drill_fail_leaves_the_write_before_it)
{
	struct bench_ticket *first = send_frame(0);
	struct bench_ticket *second = send_frame(1);
	struct bench_ticket *third = send_frame(2);

	bench_backup(BENCH_FRAME, "fail,command=2,code=io-device");
	ck_assert_uint_eq(bench_answer(second), VD_ERROR_IO_DEVICE);
	ck_assert_uint_eq(bench_answer(third), VD_ERROR_IO_DEVICE);
	ck_assert(!bench_is_answered(first));
	bench_let_go();
	ck_assert_uint_eq(bench_answer(first), 0);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_uint_eq(bench.result.completed, 3);
	ck_assert_uint_eq(bench.result.raw_bytes, BENCH_FRAME);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
}
END_TEST

START_TEST(drill_drop_answers_all_but_its_command)
{
	struct bench_ticket *first = send_frame(0);
	struct bench_ticket *second = send_frame(1);
	struct bench_ticket *third = send_frame(2);

	bench_backup(BENCH_FRAME, "drop,command=2");
	ck_assert_uint_eq(bench_answer(third), 0);
	bench_let_go();
	ck_assert_uint_eq(bench_answer(first), 0);
	bench_close();
	bench_join();
	ck_assert(!bench_is_answered(second));
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_uint_eq(bench.result.completed, 2);
}
END_TEST

START_TEST(drill_close_early_ends_before_what_was_taken)
{
	struct bench_ticket *first = send_frame(0);
	struct bench_ticket *second = send_frame(1);
	struct error ignored = { 0 };

	bench_backup(BENCH_FRAME, "close-early,command=2");
	SUPPORT_UNTIL(stripe_write_failed(bench.out, &ignored));
	bench_let_go();
	bench_join();
	/* It is not stored any more, and the server not told that it is. */
	ck_assert(!bench_is_answered(first) || bench_answer(first) != 0);
	overwrite(first);
	overwrite(second);
	ck_assert_int_eq(bench.rc, -1);
	ck_assert(bench.result.close_early);
	ck_assert(!bench.result.closed);
	ck_assert(!bench_is_answered(second));
	ck_assert_uint_eq(bench.result.commands, 2);
}
END_TEST

/* ---- answers --------------------------------------------------------- */

START_TEST(answer_from_the_pool_that_is_not_taken_ends_it)
{
	struct bench_ticket *first = send_frame(0);
	struct bench_ticket *second = send_frame(1);

	bench_deafen(2);
	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_answer(second), 0);
	bench_let_go();
	bench_join();
	overwrite(first);
	ck_assert(!bench_is_answered(first));
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.origin, ORIGIN_VDI);
	ck_assert_str_eq(bench.error.text, "not taken");
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert(!bench.result.closed);
}
END_TEST

TCase *
ahead_tests(void)
{
	TCase *tcase = tcase_create("ahead");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase,
	    lone_write_is_answered_before_it_is_compressed, 0, 3);
	tcase_add_test(tcase, write_with_one_behind_it_is_lent);
	tcase_add_test(tcase, write_of_less_than_a_frame_is_never_lent);
	tcase_add_loop_test(tcase, many_writes_make_one_stream, 0, 4);
	tcase_add_test(tcase, close_behind_a_lone_write_ends_it);
	tcase_add_test(tcase, close_behind_lent_writes_waits_for_them);
	tcase_add_test(tcase, abort_behind_a_lone_write_ends_it);
	tcase_add_test(tcase,
	    clear_error_behind_a_write_is_answered_in_its_turn);
	tcase_add_test(tcase, stop_leaves_what_was_taken_ahead_unanswered);
	tcase_add_test(tcase, drill_fail_leaves_the_write_before_it);
	tcase_add_test(tcase, drill_drop_answers_all_but_its_command);
	tcase_add_test(tcase, drill_close_early_ends_before_what_was_taken);
	tcase_add_test(tcase, answer_from_the_pool_that_is_not_taken_ends_it);
	return (tcase);
}
