/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a pump plays each drill at the command that it names, and what the
 * drill has spoilt is vouched for by nobody. */
#include <config.h>

#include "bench.h"
#include "pump_tests.h"

#include "base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(drill_fail_answers_with_its_code)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench_backup(BENCH_FRAME, "fail,command=2,code=io-device");
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME),
	    VD_ERROR_IO_DEVICE);
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), VD_ERROR_IO_DEVICE);
	bench_close();
	bench_join();
	ck_assert_uint_eq(atomic_load(&bench.announced), 1);
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	free(data);
}
END_TEST

/* The commands that vouch for what was stored, at the drill's own device. */
START_TEST(drill_fail_hits_the_command_that_is_named)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);
	bool is_flush = _i == 0;

	bench_backup(BENCH_FRAME, is_flush ? "fail,at=flush,device=3,code=crc" :
	    "fail,at=complete,code=crc");
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), is_flush ? VD_ERROR_CRC
	    : 0);
	if (!is_flush)
		ck_assert_uint_eq(bench_ask(VDC_Complete, NULL, 0),
		    VD_ERROR_CRC);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_ptr_nonnull(strstr(bench.error.text, is_flush ? "VDC_Flush" :
	    "VDC_Complete"));
	ck_assert(!bench.result.finished);
	free(data);
}
END_TEST

/* ClearError is answered with success by a pump that fails, but not where it
 * is the very command that the drill hits. */
START_TEST(drill_fail_hits_a_clear_error)
{
	bench_backup(BENCH_FRAME, "fail,command=1,code=not-supported");
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0),
	    VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(bench_ask(VDC_ClearError, NULL, 0), 0);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
}
END_TEST

START_TEST(drill_abort_aborts_the_set)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);

	bench_backup(BENCH_FRAME, "abort,device=3,after=4096");
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	ck_assert_uint_eq(atomic_load(&bench.aborts), 0);
	(void)bench_send(VDC_Write, data, BENCH_FRAME);
	bench_join();
	ck_assert_uint_eq(atomic_load(&bench.aborts), 1);
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_ptr_nonnull(strstr(bench.error.text, "drill"));
	free(data);
}
END_TEST

START_TEST(drill_drop_never_answers_and_vouches_for_nothing)
{
	uint8_t *data = support_data(BENCH_FRAME, 1);
	struct bench_ticket *dropped;

	bench_backup(BENCH_FRAME, "drop,command=1");
	dropped = bench_send(VDC_Write, data, BENCH_FRAME);
	ck_assert_uint_eq(bench_ask(VDC_Write, data, BENCH_FRAME), 0);
	ck_assert_uint_ne(bench_ask(VDC_Flush, NULL, 0), 0);
	ck_assert(!bench_is_answered(dropped));
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert_uint_eq(bench.result.commands, 3);
	ck_assert_uint_eq(bench.result.completed, 2);
	free(data);
}
END_TEST

START_TEST(drill_close_early_is_passed_on)
{
	bench_backup(BENCH_FRAME, "close-early");
	(void)bench_send(VDC_Flush, NULL, 0);
	bench_join();
	ck_assert_int_eq(bench.rc, -1);
	ck_assert(bench.result.close_early);
	ck_assert(!bench.result.closed);
}
END_TEST

START_TEST(drill_stall_goes_on_afterwards)
{
	int64_t began = clock_now_ns();

	bench_backup(BENCH_FRAME, "stall=50ms,command=1");
	ck_assert_uint_eq(bench_ask(VDC_Flush, NULL, 0), 0);
	ck_assert_int_ge(clock_now_ns() - began, 50000000);
	bench_close();
	bench_join();
	ck_assert_int_eq(bench.rc, 0);
}
END_TEST

START_TEST(drill_stall_can_be_stopped)
{
	bench_backup(BENCH_FRAME, "stall=86400");
	(void)bench_send(VDC_Flush, NULL, 0);
	SUPPORT_UNTIL(atomic_load(&bench.announced) == 1);
	bench_stop();
	bench_join();
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
}
END_TEST

START_TEST(drill_kill_kills)
{
	pid_t child;
	int ends[2];
	int status;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		bench_begin();
		ck_assert_int_eq(write(ends[1], support_folder,
		    SUPPORT_FOLDER_SIZE), SUPPORT_FOLDER_SIZE);
		bench_backup(BENCH_FRAME, "kill,command=1");
		(void)bench_send(VDC_Flush, NULL, 0);
		(void)pthread_join(bench.thread, NULL);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	/* The child did not get to removing its folder. */
	ck_assert_int_eq(read(ends[0], support_folder,
	    SUPPORT_FOLDER_SIZE), SUPPORT_FOLDER_SIZE);
	support_end();
	(void)close(ends[0]);
	(void)close(ends[1]);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

TCase *
drill_tests(void)
{
	TCase *tcase = tcase_create("drills");

	tcase_add_checked_fixture(tcase, bench_begin, bench_end);
	tcase_add_test(tcase, drill_fail_answers_with_its_code);
	tcase_add_loop_test(tcase,
	    drill_fail_hits_the_command_that_is_named, 0, 2);
	tcase_add_test(tcase, drill_fail_hits_a_clear_error);
	tcase_add_test(tcase, drill_abort_aborts_the_set);
	tcase_add_test(tcase,
	    drill_drop_never_answers_and_vouches_for_nothing);
	tcase_add_test(tcase, drill_close_early_is_passed_on);
	tcase_add_test(tcase, drill_stall_goes_on_afterwards);
	tcase_add_test(tcase, drill_stall_can_be_stopped);
	return (tcase);
}

TCase *
kill_tests(void)
{
	TCase *tcase = tcase_create("kill");

	tcase_add_test(tcase, drill_kill_kills);
	return (tcase);
}
