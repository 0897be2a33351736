/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever becomes of the conversation with the server, and whenever, a
 * job is a success only if the server said so, and nothing else. */
#include <config.h>

#include "bench.h"
#include "seams_tests.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef void run_function(void);

/* Both ways, for loop tests. */
static run_function *const runs[] = { bench_backup, bench_restore };
#define RUNS ((int)ARRAY_COUNT(runs))

static void
begin(const struct seam_fault *fault, int run)
{
	bench_begin();
	seams_fail(fault);
	(void)snprintf(bench.label, sizeof(bench.label),
	    "%s: %s %u%s: trick %d", run == 0 ? "backup" : "restore",
	    seams_call_name(fault->call), fault->nth,
	    fault->from_on ? " and on" : "", (int)fault->trick);
}

START_TEST(who_cannot_connect_begins_nothing)
{
	struct seam_fault fault = { .call = SEAM_CONNECT, .nth = 1,
		.trick = SEAM_NOBODY };

	begin(&fault, _i);
	runs[_i]();
	bench_fails(KIND_CONNECT, "connect", "cannot connect");
	bench_has_code(ORIGIN_SYSTEM, ECONNREFUSED);
	ck_assert_uint_eq(seams_count(SEAM_CREATE), 0);
	bench_forget();
	fault.trick = SEAM_LOGIN;
	begin(&fault, _i);
	runs[_i]();
	bench_fails(KIND_CONNECT, "connect", "Login failed");
	bench_has_code(ORIGIN_SERVER, 18456);
	bench_forget();
	bench_prove();
}
END_TEST

/* At once, or by the first messages: no device is ever opened. */
START_TEST(a_refused_statement_opens_nothing)
{
	struct seam_fault fault = { .call = SEAM_BEGIN, .nth = 1,
		.trick = SEAM_REFUSED };

	begin(&fault, _i);
	bench.tells_peer = false;
	runs[_i]();
	bench_fails(KIND_STATEMENT, "statement", "permission denied");
	bench_has_code(ORIGIN_SERVER, 262);
	ck_assert_uint_eq(seams_count(SEAM_OPEN), 0);
	ck_assert_ptr_null(bench.result.leftover);
	bench_forget();
	fault.trick = SEAM_REFUSED_LATER;
	begin(&fault, _i);
	runs[_i]();
	bench_fails(KIND_STATEMENT, "configure", "does not exist");
	bench_has_code(ORIGIN_SERVER, 911);
	ck_assert_str_ne(bench.result.error.hint, "");
	ck_assert_uint_eq(seams_count(SEAM_OPEN), 0);
	ck_assert_ptr_null(bench.result.leftover);
	bench_forget();
	bench_prove();
}
END_TEST

/* The conversation ends at the nth look at it, one way or another. */
static bool
ends_at(unsigned nth, enum seam_trick trick, int run)
{
	const struct seam_fault fault = { .call = SEAM_POLL, .nth = nth,
		.trick = trick };
	bool fired;

	begin(&fault, run);
	bench.lies = true;
	runs[run]();
	fired = seams_have_fired();
	if (!fired || (trick == SEAM_OVER && seams_have_confirmed())) {
		bench_succeeds();
	} else if (trick == SEAM_LOST) {
		bench_fails(KIND_CONNECT, NULL, "broke");
		bench_has_code(ORIGIN_SYSTEM, ECONNRESET);
	} else if (trick == SEAM_FAILED) {
		bench_fails(KIND_STATEMENT, NULL, "nonrecoverable");
		bench_has_code(ORIGIN_SERVER, SEAM_ERROR);
	} else if (trick == SEAM_OVER) {
		bench_fails(KIND_STATEMENT, NULL, "without message");
		BENCH_HOLDS(!bench.result.server_succeeded);
	} else if (bench.rc != 0) {
		/* A server that is done before its devices are. */
		BENCH_HOLDS(bench.result.error.kind == KIND_STATEMENT ||
		    bench.result.error.kind == KIND_ABORTED);
	} else {
		/* It told the truth, if a little early. */
		bench_succeeds();
	}
	bench_forget();
	return (fired);
}

START_TEST(a_conversation_that_ends_early_is_no_success)
{
	static const enum seam_trick tricks[] = { SEAM_LOST, SEAM_FAILED,
		SEAM_OVER, SEAM_LIE };
	unsigned nth;

	for (nth = 1; ends_at(nth, tricks[_i / RUNS], _i % RUNS); nth++)
		continue;
	bench_prove();
}
END_TEST

/* The nth message is lost, doubled, or has a neighbour; what counts is that
 * 3014 came and no error did, in whatever order. */
static bool
hears(unsigned nth, enum seam_trick trick, int run)
{
	const struct seam_fault fault = { .call = SEAM_MESSAGE, .nth = nth,
		.trick = trick };
	bool fired;

	begin(&fault, run);
	bench.lies = true;
	runs[run]();
	fired = seams_have_fired();
	if (!fired || trick == SEAM_CONFIRMED_FIRST ||
	    (trick == SEAM_UNHEARD && seams_message() != 3014)) {
		bench_succeeds();
	} else if (trick == SEAM_UNHEARD) {
		bench_fails(KIND_STATEMENT, "result", "without message 3014");
		bench_has_code(ORIGIN_US, 0);
	} else {
		bench_fails(KIND_STATEMENT, NULL, "nonrecoverable");
		bench_has_code(ORIGIN_SERVER, SEAM_ERROR);
	}
	bench_forget();
	return (fired);
}

START_TEST(what_counts_is_3014_and_no_error)
{
	static const enum seam_trick tricks[] = { SEAM_ERROR_FIRST,
		SEAM_ERROR_AFTER, SEAM_CONFIRMED_FIRST, SEAM_UNHEARD };
	unsigned nth;

	for (nth = 1; hears(nth, tricks[_i / RUNS], _i % RUNS); nth++)
		continue;
	bench_prove();
}
END_TEST

/* The server is done with the devices and never says what came of it. */
START_TEST(an_end_that_never_comes_is_a_deadline_that_passes)
{
	const struct seam_fault silent = { .call = SEAM_POLL, .nth = 1,
		.from_on = true, .trick = SEAM_SILENT };
	const struct seam_fault deaf = { .call = SEAM_CANCEL, .nth = 1,
		.from_on = true, .trick = SEAM_DEAF };

	begin(&silent, _i);
	seams_fail(&deaf);
	bench.haste = BENCH_RESULT;
	bench.lies = true;
	runs[_i]();
	bench_fails(KIND_TIMEOUT, "result", "what came of the statement");
	BENCH_HOLDS(seams_count(SEAM_CANCEL) > 0);
	BENCH_HOLDS(bench.result.note_count > 0);
	if (_i == 0) {
		/* It may be a backup in the server's eyes. */
		BENCH_HOLDS(bench.result.manifest_durable);
		BENCH_HOLDS(bench.result.leftover_adoptable);
	}
	bench_forget();
	bench_prove();
}
END_TEST

void
talk_add(Suite *suite)
{
	TCase *tcase = tcase_create("talk");

	suite_add_tcase(suite, tcase);
	tcase_add_unchecked_fixture(tcase, bench_make, bench_remove);
	tcase_add_checked_fixture(tcase, bench_look, NULL);
	tcase_add_loop_test(tcase, who_cannot_connect_begins_nothing, 0, RUNS);
	tcase_add_loop_test(tcase, a_refused_statement_opens_nothing, 0, RUNS);
	tcase_add_loop_test(tcase,
	    a_conversation_that_ends_early_is_no_success, 0, 4 * RUNS);
	tcase_add_loop_test(tcase, what_counts_is_3014_and_no_error, 0,
	    4 * RUNS);
	tcase_add_loop_test(tcase,
	    an_end_that_never_comes_is_a_deadline_that_passes, 0,
	    bench_is_thorough() ? RUNS : 1);
}
