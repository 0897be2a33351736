/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a pump answers every command of a backup as VDI asks, and tells the
 * server of every failure. */
#include <config.h>

#include "bench.h"
#include "pump_tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(backup_ends_with_complete_and_close)
{
	uint8_t *data = support_data(20 * 1000, 1);
	struct bench_ticket *tickets[20];
	struct bench_ticket *flush;
	struct bench_ticket *complete;
	unsigned i;

	/* Commands smaller than a frame, and as large as some. */
	bench_backup(_i == 0 ? BENCH_FRAME : 1000 * 1000, NULL);
	if (_i == 0) {
		for (i = 0; i < 4; i++)
			tickets[i] = bench_send(VDC_Write, data + i * 5000,
			    5000);
	} else {
		for (i = 0; i < 20; i++)
			tickets[i] = bench_send(VDC_Write, data + i * 1000,
			    1000);
	}
	flush = bench_send(VDC_Flush, NULL, 0);
	ck_assert_uint_eq(bench_answer(flush), 0);
	(void)pthread_mutex_lock(&bench.memory.lock);
	ck_assert_uint_eq(bench.memory.syncs, 1);
	ck_assert_uint_eq(bench.memory.synced, bench.memory.size);
	(void)pthread_mutex_unlock(&bench.memory.lock);
	while (i-- > 0) {
		ck_assert(bench_is_answered(tickets[i]));
		ck_assert_uint_eq(tickets[i]->code, 0);
		ck_assert_uint_eq(tickets[i]->bytes, _i == 0 ? 5000 : 1000);
	}
	complete = bench_send(VDC_Complete, NULL, 0);
	ck_assert_uint_eq(bench_answer(complete), 0);
	bench_close();
	bench_join();
	ck_assert_msg(bench.rc == 0, "%s", bench.error.text);
	ck_assert(bench.result.closed);
	ck_assert(bench.result.finished);
	ck_assert_uint_eq(bench.result.commands, _i == 0 ? 6 : 22);
	ck_assert_uint_eq(bench.result.completed, bench.result.commands);
	ck_assert_uint_eq(bench.result.flushes, 1);
	ck_assert_uint_eq(bench.result.raw_bytes, 20 * 1000);
	ck_assert_uint_eq(bench.result.stripe.raw_bytes, 20 * 1000);
	/* The hook came when the stripe was durable to its last byte. */
	ck_assert_uint_eq(atomic_load(&bench.completes), 1);
	ck_assert_uint_eq(bench.commits, 1);
	ck_assert_uint_eq(bench.synced, bench.finished.stored_bytes);
	ck_assert_uint_eq(atomic_load(&bench.failures), 0);
	ck_assert_uint_eq(bench.observed_size, 20 * 1000);
	ck_assert_mem_eq(bench.observed, data, 20 * 1000);
	bench_expect_stream(data, 20 * 1000);
	free(data);
}
END_TEST

START_TEST(backup_without_complete_is_left_to_finish)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);
	struct stripe_result result;

	bench_backup(BENCH_FRAME, NULL);
	(void)bench_send(VDC_Write, data, BENCH_FRAME);
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), 0);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
	ck_assert(bench.result.closed);
	ck_assert(!bench.result.finished);
	ck_assert_int_eq(stripe_write_finish(bench.out, &result, NULL), 0);
	bench_expect_stream(data, BENCH_FRAME);
	free(data);
}
END_TEST

START_TEST(hook_decides_what_complete_is_answered)
{
	bench_backup(BENCH_FRAME, NULL);
	bench.answer = VD_ERROR_OPERATION_ABORTED;
	ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0),
	    VD_ERROR_OPERATION_ABORTED);
	bench_close();
	bench_join();
	ck_assert(bench.result.finished);
}
END_TEST

START_TEST(unknown_commands_are_not_supported)
{
	uint8_t byte = 0;

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_ask(VDC_Discard, NULL, 0),
	    VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(bench_ask(VDC_Read, &byte, 1),
	    VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(bench_ask(4711, NULL, 0), VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), VD_ERROR_SUCCESS);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
}
END_TEST

START_TEST(impossible_write_is_refused)
{
	uint8_t byte = 0;

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(_i == 0 ? bench_ask(VDC_Write, &byte, -1) :
	    bench_ask(VDC_Write, NULL, 5000), VD_ERROR_IO_DEVICE);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_PROVIDER);
}
END_TEST

START_TEST(write_after_complete_is_refused)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0), 0);
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), 0);
	ck_assert_uint_ne(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_PROVIDER);
	free(data);
}
END_TEST

/* The server is told, and then gets an answer to all it has to say until it
 * closes the device. */
START_TEST(storage_failure_is_told_to_the_server)
{
	static const struct {
		int errnum;
		uint32_t code;
	} cases[] = {
		{ ENOSPC, VD_ERROR_DISK_FULL },
		{ EDQUOT, VD_ERROR_DISK_FULL },
		{ EFBIG, VD_ERROR_DISK_FULL },
		{ EIO, VD_ERROR_WRITE_FAULT },
	};
	uint8_t *data = support_data(BENCH_FRAME, 1);
	unsigned i;

	/* The first call is the header's. */
	bench.memory.fail_call = 2;
	bench.memory.fail_errno = cases[_i].errnum;
	bench_backup(BENCH_FRAME, NULL);
	for (i = 0; i < 3; i++)
		(void)bench_send(VDC_Write, data, BENCH_FRAME);
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), cases[_i].code);
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME),
	    cases[_i].code);
	ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0), cases[_i].code);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert(bench.result.closed);
	ck_assert(!bench.result.finished);
	ck_assert_int_eq(bench.error.kind, KIND_STORAGE);
	ck_assert_int_eq(bench.error.code, cases[_i].errnum);
	ck_assert_uint_eq(bench.result.commands, 7);
	ck_assert_uint_eq(bench.result.completed, 7);
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert_uint_eq(atomic_load(&bench.completes), 0);
	free(data);
}
END_TEST

START_TEST(storage_failure_in_the_end_refuses_complete)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	/* Header, one frame, closing frame, the table's three parts, commit. */
	bench.memory.fail_call = 3 + (unsigned)_i;
	bench.memory.fail_errno = ENOSPC;
	bench_backup(BENCH_FRAME, NULL);
	(void)bench_send(VDC_Write, data, BENCH_FRAME);
	ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0), VD_ERROR_DISK_FULL);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert(!bench.result.finished);
	ck_assert_uint_eq(atomic_load(&bench.completes), 0);
	free(data);
}
END_TEST

/* A server that hears of a failed write aborts at once, perhaps before the
 * pump has looked. */
START_TEST(abort_does_not_hide_the_storage_failure_before_it)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);
	struct error ignored = { 0 };

	bench.memory.fail_call = 2;
	bench.memory.fail_errno = EIO;
	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	SUPPORT_UNTIL(stripe_write_failed(bench.out, &ignored));
	bench_abort();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_STORAGE);
	ck_assert_int_eq(bench.error.code, EIO);
	free(data);
}
END_TEST

START_TEST(idle_server_does_not_hide_a_storage_failure)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench.memory.fail_call = 2;
	bench.memory.fail_errno = EIO;
	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	SUPPORT_UNTIL(atomic_load(&bench.failures) == 1);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	free(data);
}
END_TEST

START_TEST(abort_of_the_set_ends_the_pump)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	memory_sink_hold(&bench.memory, false);
	bench_backup(BENCH_FRAME, NULL);
	(void)bench_send(VDC_Write, data, BENCH_FRAME);
	bench_abort();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	ck_assert(!bench.result.closed);
	/* Nothing of it is in use any more. */
	memset(data, 0, BENCH_FRAME);
	free(data);
}
END_TEST

START_TEST(stop_ends_a_pump_that_waits)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench_backup(BENCH_FRAME, NULL);
	if (_i == 1) {
		struct bench_ticket *flush;

		memory_sink_hold(&bench.memory, true);
		(void)bench_send(VDC_Write, data, BENCH_FRAME);
		flush = bench_send(VDC_Flush, NULL, 0);
		memory_sink_wait_held(&bench.memory);
		ck_assert(!bench_is_answered(flush));
	}
	bench_stop();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	free(data);
}
END_TEST

static void *
finish(void *context)
{
	struct stripe_result result;

	*(int *)context = stripe_write_finish(bench.out, &result, NULL);
	return (NULL);
}

START_TEST(stop_also_ends_the_finish_that_follows)
{
	pthread_t finisher;
	int rc = 0;

	bench_backup(BENCH_FRAME, NULL);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
	memory_sink_hold(&bench.memory, true);
	ck_assert_int_eq(pthread_create(&finisher, NULL, finish, &rc), 0);
	memory_sink_wait_held(&bench.memory);
	bench_stop();
	ck_assert_int_eq(pthread_join(finisher, NULL), 0);
	ck_assert_int_eq(rc, -1);
}
END_TEST

/* The server is told, and the rest of what it says is not believed. */
START_TEST(a_command_that_cannot_be_is_refused)
{
	static const struct {
		int size;
		bool has_buffer;
		const char *words;
	} cases[] = {
		{ -1, true, "of -1 bytes" },
		{ BENCH_FRAME, false, "without a buffer" },
		{ 16 * BENCH_FRAME + 1, true,
		    "65537 bytes, where 65536 are the most" },
	};
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	ck_assert_uint_eq(bench_ask(VDC_Write, cases[_i].has_buffer ? data :
	    NULL, cases[_i].size), VD_ERROR_IO_DEVICE);
	ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0), VD_ERROR_IO_DEVICE);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_PROVIDER);
	ck_assert_ptr_nonnull(strstr(bench.error.text, cases[_i].words));
	ck_assert(!bench.result.finished);
	free(data);
}
END_TEST

/* To what the pump has done itself; ahead.c has the pool's answers. */
START_TEST(an_answer_that_is_not_taken_ends_it)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench_deafen(2);
	bench_backup(BENCH_FRAME, NULL);
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), 0);
	(void)bench_send(_i == 0 ? VDC_Flush : VDC_Write, data,
	    (int)BENCH_FRAME);
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.origin, ORIGIN_VDI);
	ck_assert_str_eq(bench.error.text, "not taken");
	ck_assert_uint_eq(atomic_load(&bench.failures), 1);
	ck_assert(!bench.result.closed);
	free(data);
}
END_TEST

TCase *
backup_tests(void)
{
	TCase *tcase = tcase_create("backup");

	tcase_add_checked_fixture(tcase, bench_begin, bench_end);
	tcase_add_loop_test(tcase, backup_ends_with_complete_and_close, 0, 2);
	tcase_add_test(tcase, backup_without_complete_is_left_to_finish);
	tcase_add_test(tcase, hook_decides_what_complete_is_answered);
	tcase_add_test(tcase, unknown_commands_are_not_supported);
	tcase_add_loop_test(tcase, impossible_write_is_refused, 0, 2);
	tcase_add_test(tcase, write_after_complete_is_refused);
	tcase_add_loop_test(tcase, a_command_that_cannot_be_is_refused, 0, 3);
	tcase_add_loop_test(tcase, an_answer_that_is_not_taken_ends_it, 0, 2);
	tcase_add_loop_test(tcase, storage_failure_is_told_to_the_server, 0,
	    4);
	tcase_add_loop_test(tcase,
	    storage_failure_in_the_end_refuses_complete, 0, 5);
	tcase_add_test(tcase,
	    abort_does_not_hide_the_storage_failure_before_it);
	tcase_add_test(tcase, idle_server_does_not_hide_a_storage_failure);
	tcase_add_test(tcase, abort_of_the_set_ends_the_pump);
	tcase_add_loop_test(tcase, stop_ends_a_pump_that_waits, 0, 2);
	tcase_add_test(tcase, stop_also_ends_the_finish_that_follows);
	return (tcase);
}
