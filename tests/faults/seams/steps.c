/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: several things that go wrong one after another, or at once, and
 * servers that do what no server should, end like a single fault: in time, with
 * the first failure as the error and the others beside it. */
#include <config.h>

#include "bench.h"
#include "seams_tests.h"

#include "job/phase.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct seam_script script;

static void
begin(const char *label, vd_status (*heard)(unsigned device, unsigned nth,
    vd_status status, struct VDC_Command **command))
{
	bench_begin();
	(void)snprintf(bench.label, sizeof(bench.label), "%s", label);
	script = (struct seam_script){ .heard = heard };
	seams_play(&script);
}

static bool
has_note(const char *text)
{
	unsigned i;

	for (i = 0; i < bench.result.note_count; i++)
		if (strstr(bench.result.notes[i].text, text) != NULL)
			return (true);
	return (false);
}

/* ---- commands that should not be ------------------------------------- */

static struct VDC_Command bad; /* what is put in a command's place */

/* The second command of device 2, changed. */
static vd_status
change_second(unsigned device, unsigned nth, vd_status status,
    struct VDC_Command **command)
{
	struct VDC_Command shown;

	if (status < 0 || device != 2 || nth != 2)
		return (status);
	shown = **command;
	if (bad.commandCode != 0)
		shown.commandCode = bad.commandCode;
	if (bad.size != 0)
		shown.size = bad.size;
	if (bad.size == INT32_MIN) {
		shown.size = (*command)->size;
		shown.buffer = NULL;
	}
	shown.position = bad.position;
	*command = seams_command(&shown, *command);
	return (status);
}

START_TEST(a_command_that_cannot_be_is_refused)
{
	static const struct {
		int32_t size;
		const char *words;
	} cases[] = {
		{ -512, "of -512 bytes" },
		{ INT32_MAX, "are the most" },
		{ INT32_MIN, "without a buffer" },
	};

	bad = (struct VDC_Command){ .size = cases[_i / 2].size };
	begin(cases[_i / 2].words, change_second);
	if (_i % 2 == 0)
		bench_backup();
	else
		bench_restore();
	bench_fails(KIND_PROVIDER, "transfer", cases[_i / 2].words);
	BENCH_HOLDS(strstr(bench.result.error.text, "device 2 of 2") != NULL);
	bench_forget();
	bench_prove();
}
END_TEST

/* The server has it back unsupported, and fails the statement. */
START_TEST(an_unknown_command_is_not_supported)
{
	bad = (struct VDC_Command){ .commandCode = 99 };
	begin("unknown command", change_second);
	if (_i == 0)
		bench_backup();
	else
		bench_restore();
	bench_fails(KIND_STATEMENT, NULL, "50(");
	BENCH_HOLDS(bench.result.error.origin == ORIGIN_SERVER);
	bench_forget();
	bench_prove();
}
END_TEST

/* A stream has no positions: what is said of one means nothing. */
START_TEST(a_position_is_nothing_to_a_stream)
{
	bad = (struct VDC_Command){ .position = INT64_MIN };
	begin("position", change_second);
	if (_i == 0)
		bench_backup();
	else
		bench_restore();
	bench_succeeds();
	bench_forget();
}
END_TEST

/* ---- after the last command ------------------------------------------ */

static int32_t late_code;

/* Another command on device 1, when all is done and answered. */
static vd_status
add_late(unsigned device, unsigned nth, vd_status status,
    struct VDC_Command **command)
{
	static uint8_t data[512];
	const struct VDC_Command late = { .commandCode = late_code,
		.size = late_code == VDC_Write ? (int32_t)sizeof(data) : 0,
		.buffer = late_code == VDC_Write ? data : NULL };

	(void)nth;
	if (device != 1 || status != VD_E_CLOSE ||
	    seams_answer() != UINT32_MAX)
		return (status);
	*command = seams_command(&late, NULL);
	return (VD_NOERROR);
}

START_TEST(flush_and_complete_may_come_again)
{
	static const int32_t codes[] = { VDC_Flush, VDC_Complete,
		VDC_ClearError };

	late_code = codes[_i];
	begin("late command", add_late);
	bench_backup();
	bench_succeeds();
	ck_assert_uint_eq(seams_answer(), VD_ERROR_SUCCESS);
	bench_forget();
}
END_TEST

/* Whatever the server then says: there is no place for those bytes. */
START_TEST(a_write_after_complete_is_a_failure)
{
	late_code = VDC_Write;
	begin("late write", add_late);
	bench_backup();
	bench_fails(KIND_PROVIDER, NULL, "VDC_Write after VDC_Complete");
	BENCH_HOLDS(strstr(bench.result.error.text, "device 1 of 2") != NULL);
	ck_assert_uint_ne(seams_answer(), VD_ERROR_SUCCESS);
	BENCH_HOLDS(bench.result.leftover_adoptable);
	bench_forget();
	bench_prove();
}
END_TEST

/* ---- devices that end each in its own way ----------------------------- */

static vd_status
close_first_early(unsigned device, unsigned nth, vd_status status,
    struct VDC_Command **command)
{
	(void)command;
	return (device == 1 && nth >= 3 ? VD_E_CLOSE : status);
}

/* The command that was taken away is never answered. */
START_TEST(a_device_that_closes_early_makes_no_backup)
{
	begin("early close", close_first_early);
	bench.haste = BENCH_STALL;
	if (_i == 0)
		bench_backup();
	else
		bench_restore();
	bench_fails(KIND_TIMEOUT, "transfer", "nothing moved");
	bench_forget();
	bench_prove();
}
END_TEST

static vd_status
fail_both(unsigned device, unsigned nth, vd_status status,
    struct VDC_Command **command)
{
	(void)command;
	if (nth != 2)
		return (status);
	seams_meet(BENCH_DEVICES);
	return (device == 1 ? VD_E_UNEXPECTED : (vd_status)0x80070005);
}

START_TEST(of_two_failures_one_is_the_error_and_one_a_note)
{
	const char *one = "GetCommand on device 1: VD_E_UNEXPECTED "
	    "(0x8077000B)";
	const char *other = "GetCommand on device 2: ";
	bool is_first;

	begin("both devices", fail_both);
	if (_i == 0)
		bench_backup();
	else
		bench_restore();
	is_first = strstr(bench.result.error.text, one) != NULL;
	bench_fails(KIND_PROVIDER, "transfer", is_first ? one : other);
	BENCH_HOLDS(has_note(is_first ? other : one));
	BENCH_HOLDS(has_note("(0x80070005)") ||
	    strstr(bench.result.error.text, "(0x80070005)") != NULL);
	bench_forget();
	bench_prove();
}
END_TEST

/* ---- faults of the cleaning up ---------------------------------------- */

/* What Close answers when all is done makes no backup bad. */
START_TEST(a_close_that_fails_after_success_is_a_warning)
{
	static const vd_status statuses[] = { VD_E_PROTOCOL, VD_E_OPEN,
		VD_E_ABORT, (vd_status)0x80070005 };
	const struct seam_fault fault = { .call = SEAM_CLOSE, .nth = 1,
		.trick = _i % 2 == 0 ? SEAM_REFUSE : SEAM_MAKE_FAIL,
		.status = statuses[_i / 4] };
	char code[20];

	begin("close", NULL);
	seams_fail(&fault);
	if (_i / 2 % 2 == 0)
		bench_backup();
	else
		bench_restore();
	ck_assert(seams_have_fired());
	bench_succeeds();
	(void)snprintf(code, sizeof(code), "Close: %s",
	    vdi_status_name(fault.status));
	BENCH_HOLDS(strstr(bench.warnings, code) != NULL);
	BENCH_HOLDS(has_note(code));
	bench_forget();
	bench_prove();
}
END_TEST

/* The first failure stays the error, and the server hears of it all the same,
 * whichever of the ways to tell it fail. */
START_TEST(an_abort_and_a_close_that_fail_hide_nothing)
{
	const struct seam_fault first = { .call = SEAM_NEXT, .nth = 4,
		.status = VD_E_UNEXPECTED };
	const struct seam_fault abort = { .call = SEAM_SIGNAL_ABORT,
		.nth = 1, .from_on = true, .status = VD_E_PROTOCOL };
	const struct seam_fault close = { .call = SEAM_CLOSE, .nth = 1,
		.status = VD_E_MEMORY };

	begin("abort and close", NULL);
	seams_fail(&first);
	if (_i / 2 != 1)
		seams_fail(&abort);
	if (_i / 2 != 0)
		seams_fail(&close);
	if (_i % 2 == 0)
		bench_backup();
	else
		bench_restore();
	ck_assert(seams_have_fired());
	bench_fails(KIND_PROVIDER, "transfer", "VD_E_UNEXPECTED");
	BENCH_HOLDS(_i / 2 == 0 || has_note("Close: VD_E_MEMORY"));
	bench_forget();
	bench_prove();
}
END_TEST

/* ---- told to stop ------------------------------------------------------ */

/* Until every device is closed a job can be stopped; after that the server
 * has decided, and only its last word is not waited for. */
START_TEST(a_job_that_is_told_to_stop_stops)
{
	enum phase phase = (enum phase)(_i / 2);

	if (_i % 2 != 0 && (phase == PHASE_LOCK || phase == PHASE_DURABLE ||
	    phase == PHASE_MANIFEST || phase == PHASE_COMMIT))
		return; /* no phases of a restore */
	begin(phase_name(phase), NULL);
	bench.stop_at = phase_name(phase);
	/* The server is told as well, and may go between its last word and
	 * its end. */
	bench.lies = phase == PHASE_CLOSED || phase == PHASE_RESULT;
	if (_i % 2 == 0)
		bench_backup();
	else
		bench_restore();
	if (phase == PHASE_COMMIT || (phase >= PHASE_CLOSED &&
	    bench.rc == 0)) {
		bench_succeeds();
	} else {
		bench_fails(KIND_ABORTED, NULL, "interrupted by signal 15");
		BENCH_HOLDS(strcmp(bench.result.error.stage,
		    phase_name(phase)) == 0 || phase >= PHASE_DURABLE);
	}
	bench_forget();
	bench_prove();
}
END_TEST

/* ---- a server that leaves in the middle -------------------------------- */

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

/* Whatever it says of its end: devices that it left open are no success. */
START_TEST(a_server_that_leaves_devices_open_makes_no_backup)
{
	static const enum seam_trick tricks[] = { SEAM_LOST, SEAM_LIE };
	/* The first looks are while the set is configured and opened. */
	const struct seam_fault fault = { .call = SEAM_POLL, .nth = 4,
		.trick = tricks[_i] };

	begin("devices left open", hold_second);
	seams_fail(&fault);
	bench.lies = true;
	bench_backup();
	ck_assert(seams_have_fired());
	if (tricks[_i] == SEAM_LOST) {
		bench_fails(KIND_CONNECT, "transfer", "broke");
		BENCH_HOLDS(has_note("left devices open"));
	} else {
		bench_fails(KIND_ABORTED, "transfer", "left devices open");
		BENCH_HOLDS(bench.result.server_succeeded);
	}
	BENCH_HOLDS(bench.result.devices_closed == 0);
	bench_forget();
	bench_prove();
}
END_TEST

void
steps_add(Suite *suite)
{
	TCase *tcase = tcase_create("steps");

	suite_add_tcase(suite, tcase);
	tcase_add_unchecked_fixture(tcase, bench_make, bench_remove);
	tcase_add_checked_fixture(tcase, bench_look, NULL);
	tcase_add_loop_test(tcase, a_command_that_cannot_be_is_refused, 0, 6);
	tcase_add_loop_test(tcase, an_unknown_command_is_not_supported, 0, 2);
	tcase_add_loop_test(tcase, a_position_is_nothing_to_a_stream, 0, 2);
	tcase_add_loop_test(tcase, flush_and_complete_may_come_again, 0, 3);
	tcase_add_test(tcase, a_write_after_complete_is_a_failure);
	tcase_add_loop_test(tcase, a_device_that_closes_early_makes_no_backup,
	    0, 2);
	tcase_add_loop_test(tcase,
	    of_two_failures_one_is_the_error_and_one_a_note, 0, 2);
	tcase_add_loop_test(tcase,
	    a_close_that_fails_after_success_is_a_warning, 0, 16);
	tcase_add_loop_test(tcase,
	    an_abort_and_a_close_that_fail_hide_nothing, 0, 6);
	tcase_add_loop_test(tcase,
	    a_server_that_leaves_devices_open_makes_no_backup, 0,
	    bench_is_thorough() ? 2 : 1);
	tcase_add_loop_test(tcase, a_job_that_is_told_to_stop_stops, 0,
	    2 * PHASE_DONE);
}
