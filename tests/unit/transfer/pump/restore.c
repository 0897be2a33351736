/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a pump fills the buffers of a restore with what was stored, or says
 * that it cannot. */
#include <config.h>

#include "bench.h"
#include "pump_tests.h"

#include <stdlib.h>
#include <string.h>

START_TEST(reads_are_filled_and_the_end_is_told)
{
	uint8_t *data = bench_store(10 * BENCH_FRAME + 100);
	uint8_t *found = calloc(1, 11 * BENCH_FRAME);
	struct bench_ticket *ticket;
	unsigned i;

	ck_assert_ptr_nonnull(found);
	bench_restore();
	for (i = 0; i < 3; i++) {
		ticket = bench_send(VDC_Read, found + i * 3 * BENCH_FRAME, 3 *
		    BENCH_FRAME);
		ck_assert_uint_eq(bench_answer(ticket), 0);
		ck_assert_uint_eq(ticket->bytes, 3 * BENCH_FRAME);
	}
	ticket = bench_send(VDC_Read, found + 9 * BENCH_FRAME, 2 * BENCH_FRAME);
	ck_assert_uint_eq(bench_answer(ticket), VD_ERROR_HANDLE_EOF);
	ck_assert_uint_eq(ticket->bytes, BENCH_FRAME + 100);
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), 0);
	ticket = bench_send(VDC_Read, found, BENCH_FRAME);
	ck_assert_uint_eq(bench_answer(ticket), VD_ERROR_HANDLE_EOF);
	ck_assert_uint_eq(ticket->bytes, 0);
	ck_assert_uint_eq(bench_ask(VDC_Write, found, BENCH_FRAME),
	    VD_ERROR_NOT_SUPPORTED);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
	ck_assert(bench.result.at_end);
	ck_assert_uint_eq(bench.result.raw_bytes, 10 * BENCH_FRAME + 100);
	ck_assert_uint_eq(bench.result.stripe.raw_bytes, 10 * BENCH_FRAME +
	    100);
	ck_assert_uint_eq(bench.result.stripe.stored_bytes, bench.memory.size);
	ck_assert_mem_eq(found, data, 10 * BENCH_FRAME + 100);
	free(found);
	free(data);
}
END_TEST

START_TEST(server_may_close_before_the_end)
{
	uint8_t *data = bench_store(10 * BENCH_FRAME);
	uint8_t found[512];

	bench_restore();
	ck_assert_uint_eq(bench_ask(VDC_Read, found, 512), 0);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
	ck_assert(bench.result.closed);
	ck_assert(!bench.result.at_end);
	free(data);
}
END_TEST

START_TEST(damage_is_told_to_the_server)
{
	uint8_t *data = bench_store(10 * BENCH_FRAME);
	uint8_t *found = calloc(1, 10 * BENCH_FRAME);

	ck_assert_ptr_nonnull(found);
	bench_damage(1);
	bench_restore();
	ck_assert_uint_eq(bench_ask(VDC_Read, found, 10 * BENCH_FRAME),
	    VD_ERROR_CRC);
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), 0);
	ck_assert_uint_eq(bench_ask(VDC_Read, found, BENCH_FRAME),
	    VD_ERROR_CRC);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_INTEGRITY);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	free(found);
	free(data);
}
END_TEST

START_TEST(stop_ends_a_restore)
{
	uint8_t *data = bench_store(10 * BENCH_FRAME);

	bench_restore();
	bench_stop();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	free(data);
}
END_TEST

START_TEST(load_goes_on_with_another_stripe)
{
	uint8_t *data = bench_store(2 * BENCH_FRAME + 100);
	struct stripe_read *second = bench_open();
	uint8_t *found = calloc(1, 3 * BENCH_FRAME);
	struct bench_ticket *ticket;
	unsigned i;

	ck_assert_ptr_nonnull(found);
	bench.next = second;
	bench_restore();
	/* Before anything was read it means the one that is there. */
	ck_assert_uint_eq(bench_ask(VDC_Load, NULL, 0), 0);
	for (i = 0; i < 2; i++) {
		memset(found, 0, 3 * BENCH_FRAME);
		ticket = bench_send(VDC_Read, found, 3 * BENCH_FRAME);
		ck_assert_uint_eq(bench_answer(ticket), VD_ERROR_HANDLE_EOF);
		ck_assert_mem_eq(found, data, 2 * BENCH_FRAME + 100);
		ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), 0);
		ck_assert_uint_eq(bench_ask(VDC_Load, NULL, 1), i == 0 ?
		    VD_ERROR_SUCCESS : VD_ERROR_NO_DATA_DETECTED);
	}
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
	ck_assert(bench.result.at_end);
	ck_assert_uint_eq(bench.result.loads, 1);
	ck_assert_uint_eq(bench.result.raw_bytes, 4 * BENCH_FRAME + 200);
	stripe_read_free(second);
	free(found);
	free(data);
}
END_TEST

TCase *
restore_tests(void)
{
	TCase *tcase = tcase_create("restore");

	tcase_add_checked_fixture(tcase, bench_begin, bench_end);
	tcase_add_test(tcase, reads_are_filled_and_the_end_is_told);
	tcase_add_test(tcase, server_may_close_before_the_end);
	tcase_add_test(tcase, damage_is_told_to_the_server);
	tcase_add_test(tcase, stop_ends_a_restore);
	tcase_add_test(tcase, load_goes_on_with_another_stripe);
	return (tcase);
}
