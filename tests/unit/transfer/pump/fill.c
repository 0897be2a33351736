/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: several Reads under way at once are filled in their order with
 * what is stored, up to what is damaged. */
#include <config.h>

#include "pump_tests.h"
#include "reads.h"

#define FRAME BENCH_FRAME

/* How the Reads meet the frames. */
enum way {
	QUEUED,    /* they are there from the start */
	INTO_ROOM, /* all are lent before a frame is decompressed */
	AHEAD,     /* as many frames as can be are, before one comes */
	WAYS
};

/* ---- all is well --------------------------------------------------- */

static const size_t whole[] = { FRAME, FRAME, FRAME, FRAME, FRAME, FRAME,
	FRAME, FRAME, FRAME, FRAME, FRAME, FRAME };
static const size_t odd[] = { 1, FRAME - 1, FRAME, 0, 2 * FRAME, 100,
	FRAME + 1, 0, 7, FRAME / 2, 3 * FRAME - 5, FRAME, 0, FRAME, FRAME };
static const size_t large[] = { 3 * FRAME, 5 * FRAME, 16 * FRAME, FRAME };
static const struct {
	const size_t *sizes;
	size_t count;
} patterns[] = {
	{ whole, ARRAY_COUNT(whole) },
	{ odd, ARRAY_COUNT(odd) },
	{ large, ARRAY_COUNT(large) },
};

START_TEST(reads_are_filled_in_their_order)
{
	enum way way = (enum way)(_i % WAYS);
	size_t i;

	reads_store(10 * FRAME + 100);
	if (way == INTO_ROOM)
		bench_hold();
	if (way == AHEAD) {
		bench_restore();
		reads_wait_ahead();
	}
	for (i = 0; i < patterns[_i / WAYS].count; i++)
		reads_send(patterns[_i / WAYS].sizes[i]);
	if (way != AHEAD)
		bench_restore();
	if (way == INTO_ROOM) {
		bench_wait_taken();
		bench_let_go();
	}
	for (i = 0; i < reads.count; i++)
		reads_expect((unsigned)i);
	reads_close_and_join();
	ck_assert_msg(bench.rc == 0, "%s", bench.error.text);
	ck_assert(bench.result.at_end);
	ck_assert_uint_eq(bench.result.raw_bytes, reads.size);
	ck_assert_uint_eq(bench.result.stripe.raw_bytes, reads.size);
	ck_assert_uint_eq(bench.result.completed, reads.count);
	ck_assert_uint_eq(atomic_load(&bench.failures), 0);
	ck_assert_uint_eq(atomic_load(&bench.proven), 1);
}
END_TEST

START_TEST(reads_behind_the_end_get_nothing)
{
	unsigned i;

	reads_store(2 * FRAME + 100);
	reads_send_many(8, FRAME);
	bench_restore();
	for (i = 0; i < 8; i++)
		reads_expect(i);
	ck_assert_uint_eq(reads.all[2].ticket->bytes, 100);
	ck_assert_uint_eq(reads.all[3].ticket->bytes, 0);
	reads_close_and_join();
	ck_assert_int_eq(bench.rc, 0);
	ck_assert_uint_eq(atomic_load(&bench.proven), 1);
}
END_TEST

/* As a server does that has all it wants. */
START_TEST(close_with_reads_under_way_fills_them)
{
	unsigned i;

	reads_store(10 * FRAME);
	reads_start_held(5);
	bench_close();
	bench_let_go();
	for (i = 0; i < 5; i++)
		reads_expect(i);
	bench_join();
	reads_expect_left_alone();
	ck_assert_int_eq(bench.rc, 0);
	ck_assert(bench.result.closed);
	ck_assert(!bench.result.at_end);
	ck_assert_uint_eq(atomic_load(&bench.proven), 0);
}
END_TEST

/* ---- damage -------------------------------------------------------- */

START_TEST(reads_before_the_damage_are_good)
{
	unsigned bad = (unsigned)_i / WAYS; /* from 0 */
	enum way way = (enum way)(_i % WAYS);
	unsigned i;

	reads_store(6 * FRAME);
	bench_damage(bad + 1);
	if (way == INTO_ROOM) {
		reads_start_held(8);
		bench_let_go();
	} else if (way == QUEUED) {
		reads_send_many(8, FRAME);
		bench_restore();
	} else {
		bench_restore();
		reads_wait_ahead();
		reads_send_many(8, FRAME);
	}
	for (i = 0; i < 8; i++) {
		if (i < bad) {
			reads_expect(i);
			continue;
		}
		reads_expect_code(i, VD_ERROR_CRC);
		/* Known before the server hears of it. */
		ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	}
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), 0);
	reads_send(FRAME);
	reads_expect_code(8, VD_ERROR_CRC);
	reads_close_and_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_INTEGRITY);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert_uint_eq(atomic_load(&bench.proven), 0);
	ck_assert(!bench.result.at_end);
}
END_TEST

/* Of two frames, one is damaged. */
START_TEST(read_over_damage_fails_as_a_whole)
{
	reads_store(6 * FRAME);
	bench_damage(3);
	bench_hold();
	reads_send(FRAME + 1);
	reads_send(2 * FRAME);
	reads_send(FRAME);
	bench_restore();
	bench_wait_taken();
	bench_let_go();
	reads_expect(0);
	reads_expect_code(1, VD_ERROR_CRC);
	reads_expect_code(2, VD_ERROR_CRC);
	reads_close_and_join();
	ck_assert_int_eq(bench.error.kind, KIND_INTEGRITY);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
}
END_TEST

START_TEST(refused_end_fails_the_last_frame_alone)
{
	unsigned i;

	reads_store(4 * FRAME);
	bench.refuses_end = true;
	reads_start_held(6);
	bench_let_go();
	for (i = 0; i < 3; i++)
		reads_expect(i);
	for (; i < 6; i++)
		reads_expect_code(i, VD_ERROR_CRC);
	reads_close_and_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_str_eq(bench.error.text, "another backup's");
	ck_assert_uint_eq(atomic_load(&bench.proven), 1);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert(!bench.result.at_end);
}
END_TEST

/* ---- another stripe ------------------------------------------------ */

START_TEST(load_behind_reads_waits_for_them)
{
	struct bench_ticket *load;
	struct stripe_read *second;
	unsigned i;

	reads_store(2 * FRAME + 100);
	second = bench_open();
	bench.next = second;
	reads_send_many(4, FRAME);
	load = bench_send(VDC_Load, NULL, 0);
	reads_send_many(4, FRAME);
	bench_restore();
	for (i = 0; i < 4; i++)
		reads_expect(i);
	ck_assert_uint_eq(bench_answer(load), 0);
	for (i = 4; i < 8; i++) {
		reads.all[i].at = (i - 4) * FRAME;
		reads_expect(i);
	}
	reads_close_and_join();
	ck_assert_msg(bench.rc == 0, "%s", bench.error.text);
	ck_assert(bench.result.at_end);
	ck_assert_uint_eq(bench.result.loads, 1);
	ck_assert_uint_eq(bench.result.raw_bytes, 2 * reads.size);
	ck_assert_uint_eq(atomic_load(&bench.proven), 2);
	stripe_read_free(second);
}
END_TEST

/* The Reads that are under way find it, after the server has sent on. */
START_TEST(load_behind_a_read_that_fails_is_refused)
{
	struct bench_ticket *load;
	struct stripe_read *second;

	reads_store(4 * FRAME);
	second = bench_open();
	bench.next = second;
	bench_damage(2);
	reads_start_held(4);
	load = bench_send(VDC_Load, NULL, 0);
	reads_send(FRAME);
	bench_let_go();
	reads_expect(0);
	reads_expect_code(1, VD_ERROR_CRC);
	reads_expect_code(2, VD_ERROR_CRC);
	reads_expect_code(3, VD_ERROR_CRC);
	ck_assert_uint_eq(bench_answer(load), VD_ERROR_CRC);
	reads_expect_code(4, VD_ERROR_CRC);
	reads_close_and_join();
	ck_assert_ptr_eq(bench.next, second);
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_INTEGRITY);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert(!bench.result.at_end);
	ck_assert_uint_eq(bench.result.loads, 0);
	stripe_read_free(second);
}
END_TEST

TCase *
fill_tests(void)
{
	TCase *tcase = tcase_create("fill");

	tcase_add_checked_fixture(tcase, reads_begin, reads_end);
	tcase_add_loop_test(tcase, reads_are_filled_in_their_order, 0,
	    WAYS * (int)ARRAY_COUNT(patterns));
	tcase_add_test(tcase, reads_behind_the_end_get_nothing);
	tcase_add_test(tcase, close_with_reads_under_way_fills_them);
	tcase_add_loop_test(tcase, reads_before_the_damage_are_good, 0,
	    WAYS * 6);
	tcase_add_test(tcase, read_over_damage_fails_as_a_whole);
	tcase_add_test(tcase, refused_end_fails_the_last_frame_alone);
	tcase_add_test(tcase, load_behind_reads_waits_for_them);
	tcase_add_test(tcase, load_behind_a_read_that_fails_is_refused);
	return (tcase);
}
