/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what is run, and what is told of its runs. */
#include <config.h>

#include "measure/memory.h"
#include "transfer/footprint.h"
#include "measure/plan.h"
#include "measure/series.h"
#include "measure_tests.h"

#include <string.h>

static void
all_stages(struct plan_wish *wish)
{
	int stage;

	for (stage = 0; stage < PLAN_STAGES; stage++)
		wish->stages[stage] = true;
}

static size_t
count_rows(const struct plan *plan, enum plan_stage stage)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < plan->row_count; i++)
		count += plan->rows[i].stage == stage;
	return (count);
}

START_TEST(a_plan_is_the_product_of_its_lists)
{
	struct plan_wish wish = { .devices = { { 1, 4 }, 2 },
		.threads = { { 1, 2, 3 }, 3 }, .levels = { { -1, 5 }, 2 },
		.transfer_sizes = { { 65536, 1048576 }, 2 } };
	struct error error;
	struct plan plan;
	size_t i;

	error_init(&error);
	all_stages(&wish);
	ck_assert_int_eq(plan_make(&plan, &wish, &error), 0);
	ck_assert_uint_eq(plan.setting_count, 24);
	/* What does not matter to a stage is not measured again. */
	ck_assert_uint_eq(count_rows(&plan, PLAN_SOURCE), 4);
	ck_assert_uint_eq(count_rows(&plan, PLAN_COMPRESS), 24);
	ck_assert_uint_eq(count_rows(&plan, PLAN_WRITE), 24);
	ck_assert_uint_eq(count_rows(&plan, PLAN_RESTORE), 24);
	ck_assert_uint_eq(count_rows(&plan, PLAN_VERIFY), 12);
	for (i = 0; i < plan.setting_count; i++) {
		size_t row = plan_row_of(&plan, PLAN_SOURCE, i);

		ck_assert_uint_lt(row, plan.row_count);
		ck_assert_uint_eq(plan.settings[i].devices,
		    plan.settings[plan.rows[row].setting].devices);
	}
	/* A setting's stages stand together, in their order. */
	for (i = 1; i < plan.row_count; i++)
		ck_assert(plan.rows[i].setting > plan.rows[i - 1].setting ||
		    (plan.rows[i].setting == plan.rows[i - 1].setting &&
		        plan.rows[i].stage > plan.rows[i - 1].stage));
	plan_release(&plan);
}
END_TEST

START_TEST(a_plan_has_the_stages_that_are_wanted)
{
	struct plan_wish wish = { .devices = { { 1 }, 1 },
		.threads = { { 1 }, 1 }, .levels = { { 1, 2, 3 }, 3 },
		.transfer_sizes = { { 65536 }, 1 } };
	struct error error;
	struct plan plan;

	error_init(&error);
	wish.stages[plan_stage_find("compress", 8)] = true;
	ck_assert_int_eq(plan_make(&plan, &wish, &error), 0);
	ck_assert_uint_eq(plan.row_count, 3);
	ck_assert_uint_eq(plan_row_of(&plan, PLAN_WRITE, 0), 3);
	plan_release(&plan);
	ck_assert_int_eq(plan_stage_find("compres", 7), PLAN_STAGES);
	ck_assert_int_eq(plan_stage_find("", 0), PLAN_STAGES);
	ck_assert_int_eq(plan_stage_find("verify,x", 6), PLAN_VERIFY);
}
END_TEST

START_TEST(a_plan_has_an_end)
{
	struct plan_wish wish = { .devices = { { 1 }, LIST_MAX },
		.threads = { { 1 }, LIST_MAX }, .levels = { { 1 }, 2 },
		.transfer_sizes = { { 65536 }, 1 } };
	struct error error;
	struct plan plan;

	error_init(&error);
	ck_assert_int_eq(plan_make(&plan, &wish, &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	plan_release(&plan);
}
END_TEST

/* Runs that differ in their time, given in milliseconds for 1 MB. */
static void
sum_of(const int *ms, size_t count, struct series_sum *sum)
{
	struct series series;
	struct error error;
	size_t i;

	error_init(&error);
	ck_assert_int_eq(series_init(&series, count, &error), 0);
	for (i = 0; i < count; i++) {
		struct series_run run = { .raw_bytes = 1000000,
			.stored_bytes = 250000, .ns = ms[i] * INT64_C(1000000),
			.cpu_ns = ms[i], .peak_bytes = (uint64_t)ms[i] };

		series_add(&series, &run);
	}
	series_sum(&series, sum);
	series_release(&series);
}

#define ABOUT 1e-6

START_TEST(the_median_run_stands_for_all)
{
	struct series_sum sum;

	sum_of((const int[]){ 400, 100, 200 }, 3, &sum);
	ck_assert_int_eq(sum.median.ns, INT64_C(200000000));
	ck_assert_int_eq(sum.median.cpu_ns, 200);
	ck_assert_double_eq_tol(series_rate(&sum.median), 5, ABOUT);
	ck_assert_double_eq_tol(sum.slowest, 2.5, ABOUT);
	ck_assert_double_eq_tol(sum.fastest, 10, ABOUT);
	ck_assert_uint_eq(sum.peak_bytes, 400);
	/* Of two in the middle it is the slower one. */
	sum_of((const int[]){ 100, 400, 200, 500 }, 4, &sum);
	ck_assert_int_eq(sum.median.ns, INT64_C(400000000));
	sum_of((const int[]){ 100 }, 1, &sum);
	ck_assert_int_eq(sum.median.ns, INT64_C(100000000));
	sum_of((const int[]){ 100, 100, 100 }, 3, &sum);
	ck_assert_double_eq_tol(sum.slowest, sum.fastest, ABOUT);
}
END_TEST

START_TEST(rates_are_of_one_run)
{
	struct series_run run = { .raw_bytes = UINT64_C(1) << 30,
		.stored_bytes = UINT64_C(1) << 28,
		.ns = INT64_C(2000000000), .cpu_ns = INT64_C(3500000000) };

	ck_assert_double_eq_tol(series_rate(&run), 536.870912, ABOUT);
	ck_assert_double_eq_tol(series_ratio(&run), 4, ABOUT);
	ck_assert_double_eq_tol(series_cpu_per_gib(&run), 3.5, ABOUT);
	run = (struct series_run){ .raw_bytes = 0 };
	ck_assert_double_eq_tol(series_rate(&run), 0, ABOUT);
	ck_assert_double_eq_tol(series_ratio(&run), 0, ABOUT);
	ck_assert_double_eq_tol(series_cpu_per_gib(&run), 0, ABOUT);
}
END_TEST

START_TEST(memory_has_a_bound)
{
	static const uint64_t mib = 1 << 20;
	struct plan_setting setting = { 4, 2, 3, 1 << 20 };
	struct memory_facts facts = { .frame_size = 4 << 20,
		.buffer_count = 10, .base_bytes = 5 << 20 };
	uint64_t own = 5 * mib + 2 * FOOTPRINT_EACH_THREAD +
	    4 * FOOTPRINT_EACH_STRIPE;
	uint64_t slots = 8 * (4 * mib + codec_bound(4 << 20));
	struct codec_settings codec = { .level = 3 };
	struct error error;
	uint64_t bytes;
	size_t context;

	error_init(&error);
	ck_assert_int_eq(codec_memory(&codec, 4 << 20, &context, &error), 0);
	ck_assert_int_eq(memory_bound(&facts, PLAN_SOURCE, &setting, &bytes,
	    &error), 0);
	ck_assert_uint_eq(bytes, own + 10 * mib);
	own += MEMORY_CODE;
	ck_assert_int_eq(memory_bound(&facts, PLAN_WRITE, &setting, &bytes,
	    &error), 0);
	ck_assert_uint_eq(bytes, own + 10 * mib + slots + 2 * context);
	ck_assert_int_eq(memory_bound(&facts, PLAN_RESTORE, &setting, &bytes,
	    &error), 0);
	ck_assert_uint_eq(bytes, own + 10 * mib + slots);
	ck_assert_int_eq(memory_bound(&facts, PLAN_VERIFY, &setting, &bytes,
	    &error), 0);
	ck_assert_uint_eq(bytes, own + slots);
	/* Where the count is not asked for, it is the job's: at least two for
	 * each device. */
	facts.buffer_count = 0;
	ck_assert_uint_ge(memory_buffers(&facts, PLAN_COMPRESS, &setting),
	    8 * mib);
}
END_TEST

TCase *
tests_numbers(void)
{
	TCase *tcase = tcase_create("numbers");

	tcase_add_test(tcase, a_plan_is_the_product_of_its_lists);
	tcase_add_test(tcase, a_plan_has_the_stages_that_are_wanted);
	tcase_add_test(tcase, a_plan_has_an_end);
	tcase_add_test(tcase, the_median_run_stands_for_all);
	tcase_add_test(tcase, rates_are_of_one_run);
	tcase_add_test(tcase, memory_has_a_bound);
	return (tcase);
}
