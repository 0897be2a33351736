/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever a job waits for, and whatever it is that does not come, the
 * wait ends when its time is up or when the job is told to stop. */
#include <config.h>

#include "bench.h"
#include "seams_tests.h"

#include "job/inspect.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct seam_fault hang = { .call = SEAM_OPEN, .nth = 2,
	.trick = SEAM_HANG };
static const struct seam_fault idle = { .call = SEAM_CONFIGURATION, .nth = 1,
	.from_on = true, .status = VD_E_TIMEOUT };
static const struct seam_fault silent = { .call = SEAM_POLL, .nth = 1,
	.from_on = true, .trick = SEAM_SILENT };
static const struct seam_fault deaf = { .call = SEAM_CANCEL, .nth = 1,
	.from_on = true, .trick = SEAM_DEAF };

static struct seam_script script;

static void
begin(const char *label, const struct seam_fault *fault)
{
	bench_begin();
	(void)snprintf(bench.label, sizeof(bench.label), "%s", label);
	if (fault != NULL)
		seams_fail(fault);
}

static void
run(int direction)
{
	if (direction == 0)
		bench_backup();
	else
		bench_restore();
}

static void
end(void)
{
	bench_forget();
	bench_prove();
}

START_TEST(a_wait_for_the_configuration_can_be_interrupted)
{
	begin("stop while configuring", &idle);
	seams_then(SEAM_CONFIGURATION, 2, bench_stop);
	run(_i);
	bench_fails(KIND_ABORTED, "configure", "interrupted by signal 15");
	end();
}
END_TEST

/* 3014, and nobody has ever come to the device set. */
START_TEST(success_without_devices_is_none)
{
	const struct seam_fault lie = { .call = SEAM_POLL, .nth = 1,
		.trick = SEAM_LIE };

	begin("success while configuring", &idle);
	seams_fail(&lie);
	bench.lies = true;
	run(_i);
	bench_fails(KIND_STATEMENT, "configure",
	    "before the server opened the device set");
	end();
}
END_TEST

static void
turn_round(struct VDConfig *config)
{
	config->features ^= VDF_WriteMedia | VDF_ReadMedia;
}

START_TEST(a_set_for_the_other_direction_is_refused)
{
	begin("other direction", NULL);
	script = (struct seam_script){ .decided = turn_round };
	seams_play(&script);
	run(_i);
	bench_fails(KIND_PROVIDER, "configure", "for the other direction");
	ck_assert_uint_eq(seams_count(SEAM_OPEN), 0);
	end();
}
END_TEST

START_TEST(a_wait_for_the_devices_can_be_interrupted)
{
	begin("stop while opening", &hang);
	seams_then(SEAM_OPEN, 2, bench_stop);
	run(_i);
	bench_fails(KIND_ABORTED, "open", "interrupted by signal 15");
	end();
}
END_TEST

START_TEST(a_wait_for_the_devices_has_an_end)
{
	begin("deadline while opening", &hang);
	bench.haste = BENCH_CONFIGURE;
	run(_i);
	bench_fails(KIND_TIMEOUT, "open", "did not open the devices");
	end();
}
END_TEST

static void
fail_statement(void)
{
	const struct seam_fault failed = { .call = SEAM_POLL, .nth = 1,
		.from_on = true, .trick = SEAM_FAILED };

	seams_fail(&failed);
}

/* Takes the time that a server has for the abort of its set. */
START_TEST(a_wait_for_the_devices_ends_with_the_statement)
{
	if (!bench_is_thorough())
		return;
	begin("statement ends while opening", &hang);
	seams_then(SEAM_OPEN, 2, fail_statement);
	bench.lies = true;
	run(_i);
	bench_fails(KIND_STATEMENT, "open", "nonrecoverable");
	end();
}
END_TEST

/* Device 2 gets nothing more until the set is aborted. */
static vd_status
hold_second(unsigned device, unsigned nth, vd_status status,
    struct VDC_Command **command)
{
	(void)command;
	if (device != 2 || nth < 2)
		return (status);
	return (seams_wait(BENCH_LONG_MS));
}

START_TEST(a_transfer_can_be_interrupted)
{
	begin("stop in mid-transfer", NULL);
	script = (struct seam_script){ .heard = hold_second };
	seams_play(&script);
	seams_then(SEAM_NEXT, 4, bench_stop);
	run(_i);
	bench_fails(KIND_ABORTED, "transfer", "interrupted by signal 15");
	end();
}
END_TEST

/* Nobody who interrupts a job waits long for a server that does not let go. */
START_TEST(a_server_that_does_not_let_go_is_left)
{
	begin("stop, and nobody hears", &silent);
	seams_fail(&deaf);
	script = (struct seam_script){ .heard = hold_second };
	seams_play(&script);
	seams_then(SEAM_NEXT, 4, bench_stop);
	bench.lies = true;
	run(_i);
	bench_fails(KIND_ABORTED, "transfer", "interrupted by signal 15");
	ck_assert_uint_gt(seams_count(SEAM_CANCEL), 0);
	ck_assert_uint_eq(bench.result.note_count, 1);
	BENCH_HOLDS(strstr(bench.result.notes[0].text,
	    "did not end the statement") != NULL);
	end();
}
END_TEST

/* The flag is up before the first byte is read. */
START_TEST(who_looks_at_files_can_be_interrupted)
{
	const char *const folder[] = { bench_good() };
	atomic_int stop = SIGINT;
	struct inspect_options options = { .threads = 1, .stop = &stop };
	struct inspect_result result;
	struct inspect_show show;
	struct error error;
	char stripe[400];
	const char *const file[] = { stripe };
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	(void)snprintf(stripe, sizeof(stripe), "%s/stripe-1of2.bak.zst",
	    bench_good());
	ck_assert_int_eq(inspect_verify(folder, 1, &options, &result), -1);
	ck_assert_int_eq(result.error.kind, KIND_ABORTED);
	ck_assert_msg(strstr(result.error.text, "interrupted") != NULL, "%s",
	    result.error.text);
	inspect_result_release(&result);
	error_init(&error);
	ck_assert_int_eq(inspect_show(folder, 1, &options, &show, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	ck_assert_ptr_nonnull(strstr(error.text, "interrupted"));
	error_init(&error);
	ck_assert_int_eq(inspect_cat(file, 1, fd, &options, &error), -1);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	ck_assert_ptr_nonnull(strstr(error.text, "interrupted"));
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

void
waits_add(Suite *suite)
{
	TCase *tcase = tcase_create("waits");

	suite_add_tcase(suite, tcase);
	tcase_add_unchecked_fixture(tcase, bench_make, bench_remove);
	tcase_add_checked_fixture(tcase, bench_look, NULL);
	tcase_add_loop_test(tcase,
	    a_wait_for_the_configuration_can_be_interrupted, 0, 2);
	tcase_add_loop_test(tcase, success_without_devices_is_none, 0, 2);
	tcase_add_loop_test(tcase, a_set_for_the_other_direction_is_refused,
	    0, 2);
	tcase_add_loop_test(tcase, a_wait_for_the_devices_can_be_interrupted,
	    0, 2);
	tcase_add_loop_test(tcase, a_wait_for_the_devices_has_an_end, 0, 2);
	tcase_add_loop_test(tcase,
	    a_wait_for_the_devices_ends_with_the_statement, 0, 2);
	tcase_add_loop_test(tcase, a_transfer_can_be_interrupted, 0, 2);
	tcase_add_test(tcase, who_looks_at_files_can_be_interrupted);
	tcase_add_loop_test(tcase, a_server_that_does_not_let_go_is_left, 0,
	    1);
}
