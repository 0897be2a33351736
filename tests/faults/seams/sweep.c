/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever call of the provider or of the session goes wrong, and
 * however, a job ends in time with a failure that says what and where, and the
 * next job on the same store is not disturbed. */
#include <config.h>

#include "bench.h"
#include "seams_tests.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>

typedef void run_function(void);

/* VDI's statuses that a call may have, one that is no VDI status at all
 * (access denied), and one that nobody knows. */
static const vd_status statuses[] = { VD_E_PROTOCOL, VD_E_ABORT,
	VD_E_UNEXPECTED, VD_E_TIMEOUT, VD_E_MEMORY, VD_E_NOTSUPPORTED,
	VD_E_SECURITY, VD_E_INVALID, (vd_status)0x80070005,
	(vd_status)0x8077FFFF };

static void
begin(const struct seam_fault *fault, const char *job)
{
	bench_begin();
	seams_fail(fault);
	(void)snprintf(bench.label, sizeof(bench.label),
	    "%s: %s %u%s: trick %d, 0x%08X", job, seams_call_name(fault->call),
	    fault->nth, fault->from_on ? " and on" : "", (int)fault->trick,
	    (unsigned)fault->status);
}

/* ---- the provider ---------------------------------------------------- */

static const char *
stage_of(enum seam_call call)
{
	switch (call) {
	case SEAM_SET_NEW:
	case SEAM_CREATE:
		return ("create");
	case SEAM_CONFIGURATION:
		return ("configure");
	case SEAM_OPEN:
		return ("open");
	default:
		/* Or later: one device may be done when the other fails. */
		return (NULL);
	}
}

static const char *
call_of(enum seam_call call)
{
	switch (call) {
	case SEAM_CREATE:
		return ("Create");
	case SEAM_CONFIGURATION:
		return ("GetConfiguration");
	case SEAM_OPEN:
		return ("OpenDevice on device ");
	case SEAM_NEXT:
		return ("GetCommand on device ");
	default:
		return ("CompleteCommand on device ");
	}
}

/* A wait that came to nothing is no failure as long as it is not the rule. */
static bool
is_harmless(const struct seam_fault *fault)
{
	return (fault->status == VD_E_TIMEOUT && !fault->from_on &&
	    fault->trick == SEAM_REFUSE && (fault->call == SEAM_NEXT ||
	        fault->call == SEAM_CONFIGURATION));
}

static void
judge_provider(const struct seam_fault *fault)
{
	const char *stage = stage_of(fault->call);

	if (is_harmless(fault)) {
		bench_succeeds();
		return;
	}
	if (fault->status == VD_E_TIMEOUT && fault->from_on &&
	    (fault->call == SEAM_NEXT || fault->call == SEAM_CONFIGURATION)) {
		bench_fails(KIND_TIMEOUT, stage, "");
		return;
	}
	if (fault->status == VD_E_ABORT && bench.result.error.kind ==
	    KIND_STATEMENT) {
		/* The server knows more than that. */
		BENCH_HOLDS(bench.result.error.origin == ORIGIN_SERVER);
		return;
	}
	bench_fails(fault->status == VD_E_ABORT ? KIND_ABORTED :
	    fault->status == VD_E_TIMEOUT ? KIND_TIMEOUT : KIND_PROVIDER,
	    stage, call_of(fault->call));
	bench_has_code(ORIGIN_VDI, (long)(uint32_t)fault->status);
}

/* One run; whether the call that was to fail was made. */
static bool
try_provider(const struct seam_fault *fault, run_function *run,
    const char *job)
{
	bool fired;

	begin(fault, job);
	if (fault->status == VD_E_TIMEOUT && fault->from_on)
		bench.haste = fault->call == SEAM_NEXT ? BENCH_STALL :
		    BENCH_CONFIGURE;
	run();
	fired = seams_have_fired();
	if (fired)
		judge_provider(fault);
	else
		bench_succeeds();
	bench_forget();
	return (fired);
}

/* Which way the call fails: one of all combinations. */
static void
vary(struct seam_fault *fault, unsigned variant)
{
	fault->status = statuses[variant % ARRAY_COUNT(statuses)];
	variant /= ARRAY_COUNT(statuses);
	fault->from_on = variant % 2 != 0;
	fault->trick = variant / 2 % 2 != 0 ? SEAM_MAKE_FAIL : SEAM_REFUSE;
}

#define VARIANTS (4 * (unsigned)ARRAY_COUNT(statuses))

/* What cannot be: a call was made, brought a command, and timed out. */
static bool
makes_sense(const struct seam_fault *fault)
{
	return (fault->trick == SEAM_REFUSE ||
	    fault->status != VD_E_TIMEOUT || (fault->call != SEAM_NEXT &&
	        fault->call != SEAM_CONFIGURATION));
}

/* Every variant at every place, or a few at each. */
static void
sweep_provider(enum seam_call call, run_function *run, const char *job)
{
	unsigned step = bench_is_thorough() ? 1 : 13;
	struct seam_fault fault = { .call = call };
	unsigned variant;
	bool fired = true;

	for (fault.nth = 1; fired; fault.nth++)
		for (variant = fault.nth % step; variant < VARIANTS;
		     variant += step) {
			vary(&fault, variant);
			if (makes_sense(&fault))
				fired = try_provider(&fault, run, job);
		}
}

START_TEST(a_backup_whose_provider_fails_fails)
{
	static const enum seam_call calls[] = { SEAM_CREATE,
		SEAM_CONFIGURATION, SEAM_OPEN, SEAM_NEXT, SEAM_COMPLETE };

	sweep_provider(calls[_i], bench_backup, "backup");
}
END_TEST

START_TEST(a_restore_whose_provider_fails_fails)
{
	static const enum seam_call calls[] = { SEAM_CREATE,
		SEAM_CONFIGURATION, SEAM_OPEN, SEAM_NEXT, SEAM_COMPLETE };

	sweep_provider(calls[_i], bench_restore, "restore");
}
END_TEST

START_TEST(no_memory_for_a_set_is_a_failure)
{
	const struct seam_fault fault = { .call = SEAM_SET_NEW, .nth = 1 };

	begin(&fault, "backup");
	bench_backup();
	bench_fails(KIND_STORAGE, "create", "memory");
	bench_has_code(ORIGIN_SYSTEM, ENOMEM);
	bench_forget();
	bench_prove();
}
END_TEST

void
sweep_add(Suite *suite)
{
	TCase *tcase = tcase_create("sweep");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, bench_is_thorough() ? 1800 : 60);
	tcase_add_unchecked_fixture(tcase, bench_make, bench_remove);
	tcase_add_checked_fixture(tcase, bench_look, NULL);
	tcase_add_loop_test(tcase, a_backup_whose_provider_fails_fails, 0, 5);
	tcase_add_loop_test(tcase, a_restore_whose_provider_fails_fails, 0,
	    5);
	tcase_add_test(tcase, no_memory_for_a_set_is_a_failure);
}
