/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the level goes to where server, threads and sinks are used best, and
 * stays there.  They are simulated: nothing is compressed to find a level. */
#include <config.h>

#include "support.h"

#include "base/attr.h"
#include "base/clock.h"
#include "transfer/adapt.h"
#include "transfer/adapt_model.h"
#include "transfer/codec.h"
#include "transfer/pool.h"
#include "transfer/stripe_write.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define MB 1e6
#define FOR_EVER 1e15

/* A machine: in raw bytes per second but for the sink, which is in stored. */
struct machine {
	unsigned threads;
	double server;
	double sink;
	double crowd;  /* how much longer threads wait for a processor */
	double noise;  /* how far a window may be off: 0.1 is a tenth */
	bool is_unlike; /* the levels cost otherwise than is guessed */
};

struct level_facts {
	double ns_per_byte;
	double ratio;
};

static uint32_t random_state;

/* From -1 to 1. */
static double
noise(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return ((double)(random_state >> 8) / (1 << 23) - 1);
}

/* Level 1 does 500 MB/s, 3 300, 9 70, 12 35, 19 5. */
static struct level_facts
facts_of(const struct machine *machine, int level)
{
	static const double costs[] = { 2, 2.4, 3.3, 4, 7, 9, 11, 12, 14, 17,
		24, 28, 45, 55, 70, 90, 110, 140, 200, 220, 240, 260 };
	struct level_facts facts;

	facts.ns_per_byte = level > 0 ? costs[level - 1] :
	    2 / (1 - .05 * level);
	/* Plateaus, and steps of five times. */
	if (machine->is_unlike)
		facts.ns_per_byte = level < 5 ? 2 : level < 8 ? 10 : 50;
	facts.ratio = level > 0 ? 3 + .08 * level : 3 + .03 * level;
	return (facts);
}

static double
least(double a, double b)
{
	return (a < b ? a : b);
}

static struct adapt_window
look(const struct machine *machine, int level)
{
	struct level_facts facts = facts_of(machine, level);
	double cost = facts.ns_per_byte * machine->crowd *
	    (1 + machine->noise * noise());
	double can = machine->threads * 1e9 / cost;
	double stored = machine->sink * facts.ratio;
	double server = machine->server * (1 + machine->noise * noise());
	double rate = least(can, least(stored, server));
	struct adapt_window window = { .threads = machine->threads };

	window.busy = rate * cost / 1e9;
	window.queued = rate == can ? 2 * machine->threads : 0;
	window.storing = rate / stored;
	window.raw_bytes = (uint64_t)(rate / 5);
	window.work_ns = (int64_t)(rate / 5 * cost);
	window.cpu_ns = (int64_t)(rate / 5 * cost / machine->crowd);
	return (window);
}

/* Runs for so many windows; how often the level changed. */
static unsigned
run(struct adapt_model *model, const struct machine *machine,
    unsigned windows)
{
	unsigned changes = 0;

	while (windows-- > 0) {
		struct adapt_window window = look(machine, model->level);
		int level = model->level;

		/* An assertion that holds costs a system call. */
		if (adapt_model_decide(model, &window) != model->level ||
		    model->level < model->bounds.min || model->level == 0 ||
		    model->level > model->bounds.max)
			ck_abort_msg("level %d", model->level);
		changes += model->level != level;
	}
	return (changes);
}

static const struct {
	const char *what;
	struct machine machine;
	struct adapt_bounds bounds;
	int low; /* where it ends, from low to high */
	int high;
} cases[] = {
	{ "all fast, little to compress with",
	    { 2, FOR_EVER, FOR_EVER, 1, 0, false }, { 1, 9 }, 1, 1 },
	{ "the same, with noise",
	    { 2, FOR_EVER, FOR_EVER, 1, .1, false }, { 1, 9 }, 1, 1 },
	{ "below the levels that count up",
	    { 4, FOR_EVER, FOR_EVER, 1, 0, false }, { -7, 5 }, -7, -7 },
	{ "a slow sink", { 4, FOR_EVER, 2 * MB, 1, 0, false }, { 1, 9 }, 9, 9 },
	{ "a slow sink, and noise",
	    { 4, FOR_EVER, 2 * MB, 1, .1, false }, { 1, 9 }, 9, 9 },
	{ "a slow sink, and every level",
	    { 4, FOR_EVER, .5 * MB, 1, 0, false }, { -50, 22 }, 22, 22 },
	{ "a slow server",
	    { 2, 5 * MB, FOR_EVER, 1, 0, false }, { 1, 9 }, 9, 9 },
	{ "a slow server that needs processors, too",
	    { 2, 5 * MB, FOR_EVER, 1.3, 0, false }, { 1, 9 }, 9, 9 },
	/* 10 MB/s stored are 35 raw; two threads do 2 * 35 at level 12. */
	{ "a sink in between", { 2, FOR_EVER, 10 * MB, 1, 0, false },
	    { 1, 19 }, 12, 13 },
	{ "a sink in between, and noise",
	    { 2, FOR_EVER, 10 * MB, 1, .1, false }, { 1, 19 }, 10, 13 },
	/* 200 MB/s raw: four threads do 4 * 70 at level 9. */
	{ "a server in between", { 4, 200 * MB, FOR_EVER, 1, 0, false },
	    { 1, 19 }, 9, 10 },
	{ "a server in between, and noise",
	    { 4, 200 * MB, FOR_EVER, 1, .1, false }, { 1, 19 }, 8, 10 },
	/* Every thread gets half a processor: as if there were two. */
	{ "a server that wants half of the processors",
	    { 4, 200 * MB, FOR_EVER, 2, 0, false }, { 1, 19 }, 4, 5 },
	{ "levels that are not as they are guessed to be",
	    { 2, FOR_EVER, 20 * MB, 1, 0, true }, { 1, 19 }, 7, 7 },
	{ "no choice", { 2, FOR_EVER, FOR_EVER, 1, 0, false }, { 4, 4 }, 4, 4 },
};

START_TEST(the_level_goes_to_its_place_and_stays)
{
	struct adapt_model model;
	unsigned changes;
	int from;

	for (from = cases[_i].bounds.min; from <= cases[_i].bounds.max;
	     from++) {
		random_state = (uint32_t)from;
		if (from == 0)
			continue;
		adapt_model_init(&model, cases[_i].bounds, from);
		/* Three windows for each step of all there are. */
		(void)run(&model, &cases[_i].machine, 3 * 72 + 10);
		ck_assert_msg(model.level >= cases[_i].low &&
		    model.level <= cases[_i].high, "%s, from %d: %d",
		    cases[_i].what, from, model.level);
		changes = run(&model, &cases[_i].machine, 2000);
		ck_assert_msg(model.level >= cases[_i].low &&
		    model.level <= cases[_i].high, "%s, from %d, later: %d",
		    cases[_i].what, from, model.level);
		ck_assert_msg(changes <= (cases[_i].machine.noise > 0 ? 20 : 2),
		    "%s, from %d: %u changes", cases[_i].what, from, changes);
	}
}
END_TEST

START_TEST(it_is_quick_from_the_default)
{
	static const struct machine slow = { 2, FOR_EVER, MB, 1, 0, false };
	static const struct machine fast = { 2, FOR_EVER, FOR_EVER, 1, 0,
		false };
	struct adapt_model model;

	/* Windows of a tenth of a second: less than two. */
	adapt_model_init(&model, (struct adapt_bounds){ 1, 9 }, 3);
	(void)run(&model, &slow, 20);
	ck_assert_int_eq(model.level, 9);
	adapt_model_init(&model, (struct adapt_bounds){ 1, 9 }, 3);
	(void)run(&model, &fast, 20);
	ck_assert_int_eq(model.level, 1);
}
END_TEST

START_TEST(it_follows_what_changes)
{
	static const struct machine slow = { 2, FOR_EVER, 2 * MB, 1, .05,
		false };
	static const struct machine fast = { 2, FOR_EVER, FOR_EVER, 1, .05,
		false };
	struct adapt_model model;
	unsigned i;

	adapt_model_init(&model, (struct adapt_bounds){ 1, 12 }, 3);
	for (i = 0; i < 3; i++) {
		(void)run(&model, &slow, 300);
		ck_assert_int_eq(model.level, 12);
		(void)run(&model, &fast, 300);
		ck_assert_int_eq(model.level, 1);
	}
}
END_TEST

START_TEST(one_window_decides_nothing)
{
	static const struct machine busy = { 2, FOR_EVER, FOR_EVER, 1, 0,
		false };
	struct adapt_model model;
	struct adapt_window pause = { .threads = 2 };
	unsigned i;

	/* The server pauses now and then. */
	adapt_model_init(&model, (struct adapt_bounds){ 3, 9 }, 3);
	for (i = 0; i < 50; i++) {
		(void)run(&model, &busy, 3);
		ck_assert_int_eq(adapt_model_decide(&model, &pause), 3);
	}
}
END_TEST

START_TEST(nor_does_the_one_after_a_change)
{
	static const struct machine fast = { 2, FOR_EVER, FOR_EVER, 1, 0,
		false };
	struct adapt_model model;
	int level;

	adapt_model_init(&model, (struct adapt_bounds){ 1, 9 }, 9);
	for (level = 9; level > 1; level--) {
		ck_assert_uint_eq(run(&model, &fast, 2), 0);
		ck_assert_int_eq(model.level, level);
		ck_assert_uint_eq(run(&model, &fast, 1), 1);
	}
}
END_TEST

/* Threads that wait for processors would call for less if anything but the
 * sink were the limit.  At level 10 they are busy for three quarters of the
 * time, at 11 they could not keep up. */
START_TEST(with_a_sink_that_is_the_limit_nothing_goes_down)
{
	static const struct machine machine = { 2, FOR_EVER, 10 * MB, 2.5, 0,
		false };
	struct adapt_model model;

	adapt_model_init(&model, (struct adapt_bounds){ 1, 12 }, 10);
	ck_assert_uint_eq(run(&model, &machine, 500), 0);
	ck_assert_int_eq(model.level, 10);
	adapt_model_init(&model, (struct adapt_bounds){ 1, 12 }, 1);
	(void)run(&model, &machine, 500);
	ck_assert_int_eq(model.level, 10);
}
END_TEST

/* Whatever the next level costs, there is always too much to do with it. */
START_TEST(what_goes_wrong_is_tried_less_and_less)
{
	struct adapt_model model;
	unsigned changes = 0;
	unsigned i;

	adapt_model_init(&model, (struct adapt_bounds){ 1, 9 }, 3);
	for (i = 0; i < 2000; i++) {
		int level = model.level;
		struct adapt_window window = { .threads = 2,
			.busy = level > 3 ? 2 : 1,
			.queued = level > 3 ? 4 : 0,
			.raw_bytes = 1000000,
			.work_ns = 3000000 + 100000 * level,
			.cpu_ns = 3000000 + 100000 * level };

		changes += adapt_model_decide(&model, &window) != level;
	}
	ck_assert_uint_ge(changes, 2);
	ck_assert_uint_le(changes, 60);
	ck_assert_int_le(model.level, 5);
}
END_TEST

START_TEST(a_level_outside_begins_at_the_bound)
{
	struct adapt_model model;

	adapt_model_init(&model, (struct adapt_bounds){ 5, 9 }, 3);
	ck_assert_int_eq(model.level, 5);
	adapt_model_init(&model, (struct adapt_bounds){ -9, -2 }, 3);
	ck_assert_int_eq(model.level, -2);
}
END_TEST

/* ---- frames --------------------------------------------------------- */

START_TEST(frames_are_counted_by_their_level)
{
	struct adapt *adapt = adapt_new((struct adapt_bounds){ 2, 9 }, 3, 2,
	    NULL);
	struct adapt_share share = { 0 };
	struct adapt_summary summary;
	struct adapt_frame frame;
	int level;

	ck_assert_ptr_nonnull(adapt);
	adapt_summarize(adapt, &summary);
	ck_assert_int_eq(summary.lowest, 3);
	ck_assert_int_eq(summary.highest, 3);
	ck_assert_int_eq(summary.last, 3);
	ck_assert_double_eq(summary.mean, 3);
	for (level = 4; level >= 2; level--) {
		adapt_move(adapt, &share, ADAPT_NOWHERE, ADAPT_QUEUED);
		adapt_move(adapt, &share, ADAPT_QUEUED, ADAPT_WORKING);
		adapt_begin(adapt, &frame);
		ck_assert_int_eq(frame.level, 3);
		frame.level = level;
		adapt_end(adapt, &frame, level == 4 ? 3000 : 1000);
		adapt_move(adapt, &share, ADAPT_WORKING, ADAPT_FINISHED);
		adapt_move(adapt, &share, ADAPT_FINISHED, ADAPT_STORING);
		adapt_move(adapt, &share, ADAPT_STORING, ADAPT_NOWHERE);
	}
	adapt_summarize(adapt, &summary);
	ck_assert_int_eq(summary.bounds.min, 2);
	ck_assert_int_eq(summary.bounds.max, 9);
	ck_assert_int_eq(summary.lowest, 2);
	ck_assert_int_eq(summary.highest, 4);
	ck_assert_int_eq(summary.last, 2);
	ck_assert_double_eq_tol(summary.mean, (12. + 3 + 2) / 5, 1e-9);
	ck_assert_uint_eq(share.frames, 0);
	adapt_move(NULL, &share, ADAPT_NOWHERE, ADAPT_QUEUED);
	ck_assert_uint_eq(share.frames, 0);
	adapt_free(adapt);
	adapt_free(NULL);
}
END_TEST

/* A stripe whose sink is held: its frames are where the sink keeps them. */
START_TEST(a_sink_that_is_held_raises_the_level)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;
	struct adapt_summary summary = { 0 };
	struct stripe_result result;
	struct stripe_write *stripe;
	struct memory_sink memory;
	struct pool *pool = pool_new(2, NULL);
	uint8_t *data = support_data(65536, 1);
	unsigned i = 0;

	support_begin();
	ck_assert_ptr_nonnull(pool);
	memory_sink_init(&memory);
	stripe_write_options_init(&options);
	options.frame_size = 65536;
	options.adapt = adapt_new((struct adapt_bounds){ 1, 2 }, 1, 2, NULL);
	ck_assert_ptr_nonnull(options.adapt);
	stripe = stripe_write_open(pool, memory_sink_open(&memory), &identity,
	    &options, NULL);
	ck_assert_ptr_nonnull(stripe);
	/* As many as are needed: on a busy machine threads look busy. */
	while (summary.highest < 2 && i++ < 100000) {
		int64_t until = clock_now_ns() + 20000000;
		uint64_t before = stripe_write_stored_bytes(stripe);

		memory_sink_hold(&memory, true);
		ck_assert_int_eq(stripe_write_copied(stripe, data, 65536,
		    NULL), 0);
		SUPPORT_UNTIL(clock_now_ns() > until);
		memory_sink_hold(&memory, false);
		SUPPORT_UNTIL(stripe_write_stored_bytes(stripe) > before);
		adapt_summarize(options.adapt, &summary);
	}
	ck_assert_int_eq(summary.highest, 2);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	ck_assert_uint_eq(result.frames, i);
	stripe_write_free(stripe);
	adapt_free(options.adapt);
	pool_free(pool);
	memory_sink_release(&memory);
	free(data);
	support_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: adapt");
	TCase *tcase = tcase_create("adapt");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, the_level_goes_to_its_place_and_stays, 0,
	    ARRAY_COUNT(cases));
	tcase_add_test(tcase, it_is_quick_from_the_default);
	tcase_add_test(tcase, it_follows_what_changes);
	tcase_add_test(tcase, one_window_decides_nothing);
	tcase_add_test(tcase, nor_does_the_one_after_a_change);
	tcase_add_test(tcase,
	    with_a_sink_that_is_the_limit_nothing_goes_down);
	tcase_add_test(tcase, what_goes_wrong_is_tried_less_and_less);
	tcase_add_test(tcase, a_level_outside_begins_at_the_bound);
	tcase_add_test(tcase, frames_are_counted_by_their_level);
	tcase_add_test(tcase, a_sink_that_is_held_raises_the_level);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
