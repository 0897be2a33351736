/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Goal: whatever is killed, and whenever, nothing is lost that was whole,
 * nothing is taken for whole that is not, the survivor ends, and the next run
 * works.
 *
 *     sweep [--runs N] [--seed S] [--only N] [--steps] [--self-test]
 *
 * Each run draws what is going on, who is killed, how, and when, from the
 * seed and its own number alone: `--seed S --only N` repeats one of them, as
 * far as the machine's speed allows.  The line of a run says what it was.
 * --steps adds a kill at each call to the system that changes something.
 * Ends with "N passed, N failed, N skipped".
 */

#include "base/clock.h"
#include "base/num.h"
#include "child.h"
#include "mode.h"
#include "room.h"
#include "scene.h"
#include "selftest.h"
#include "stage.h"
#include "step.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SEED 20261124
#define NS_PER_MS 1000000

struct plan {
	int64_t seed;
	int64_t runs;
	int64_t only; /* 0: all */
	bool is_stepped;
	bool is_self_test;
};

struct tally {
	unsigned passed;
	unsigned failed;
	unsigned kills;
	unsigned late;
	int64_t slowest_ns;
};

/* Spread evenly however many there are: van der Corput's sequence. */
static double
part_of(uint64_t number)
{
	double part = 0;
	double step = 0.5;

	for (; number > 0; number >>= 1, step /= 2)
		if ((number & 1) != 0)
			part += step;
	return (part);
}

static void
run_one(const struct plan *plan, unsigned index, const struct room *room,
    const struct stage *stage, struct tally *tally)
{
	unsigned mode = (index - 1) % mode_count();
	double part = part_of((index - 1) / mode_count() +
	    (uint64_t)plan->seed % 1024);
	struct scene scene;
	const char *text;

	scene_begin(&scene, room, (uint64_t)plan->seed, index);
	text = mode_run(mode, &scene, stage, part);
	(void)printf("%s %u - %s: %s (%.1f s)\n", scene.problems == 0 ? "ok" :
	    "not ok", index, mode_name(mode), text,
	    (double)scene.slowest_ns / NS_PER_MS / 1000);
	if (scene.problems > 0)
		(void)printf("    to repeat: --seed %lld --only %u\n",
		    (long long)plan->seed, index);
	(void)fflush(stdout);
	tally->passed += scene.problems == 0;
	tally->failed += scene.problems > 0;
	tally->kills += scene.kills;
	tally->late += scene.late;
	if (scene.slowest_ns > tally->slowest_ns)
		tally->slowest_ns = scene.slowest_ns;
	scene_end(&scene);
}

static void
run_all(const struct plan *plan, const struct room *room,
    struct tally *tally)
{
	struct stage stage;
	unsigned index;

	if (!stage_prepare(&stage, room)) {
		(void)printf("not ok - without a kill\n");
		tally->failed++;
		return;
	}
	(void)printf("seed %lld; undisturbed: backup %.1f ms, restore %.1f "
	    "ms\n", (long long)plan->seed,
	    (double)stage.backup_ns / NS_PER_MS,
	    (double)stage.restore_ns / NS_PER_MS);
	for (index = 1; index <= plan->runs; index++)
		if (plan->only == 0 || plan->only == index)
			run_one(plan, index, room, &stage, tally);
	(void)printf("%u blows met somebody, %u came late; the slowest "
	    "survivor took %.1f s\n", tally->kills, tally->late,
	    (double)tally->slowest_ns / NS_PER_MS / 1000);
	/* A sweep that hits nobody proves nothing. */
	if (plan->only == 0 && tally->kills < tally->late) {
		(void)printf("not ok - most blows came late\n");
		tally->failed++;
	}
	if (plan->is_stepped)
		step_run_all(room, &stage, &tally->passed, &tally->failed);
	if (plan->is_self_test)
		selftest_run(room, &stage, &tally->passed, &tally->failed);
}

static void
usage(void)
{
	(void)fprintf(stderr, "usage: sweep [--runs N] [--seed S] [--only N] "
	    "[--steps] [--self-test]\n");
	exit(2);
}

static void
parse(struct plan *plan, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		const char *name = argv[i];
		int64_t *number = strcmp(name, "--runs") == 0 ? &plan->runs :
		    strcmp(name, "--seed") == 0 ? &plan->seed :
		    strcmp(name, "--only") == 0 ? &plan->only : NULL;

		if (strcmp(name, "--self-test") == 0)
			plan->is_self_test = true;
		else if (strcmp(name, "--steps") == 0)
			plan->is_stepped = true;
		else if (number == NULL || ++i == argc ||
		    num_parse(argv[i], 0, INT32_MAX, number) != 0)
			usage();
	}
	if (plan->only > plan->runs)
		plan->runs = plan->only;
}

int
main(int argc, char **argv)
{
	struct plan plan = { .seed = DEFAULT_SEED, .runs = 40 };
	struct tally tally = { 0 };
	struct room room;
	const char *engine = getenv("VDI_ENGINE");

	child_stub(argv);
	parse(&plan, argc, argv);
	if (engine == NULL) {
		(void)fprintf(stderr, "sweep: run this from make check\n");
		return (99);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	child_setup(engine);
	room_open(&room);
	run_all(&plan, &room, &tally);
	room_close(&room);
	(void)printf("%u passed, %u failed, 0 skipped\n", tally.passed,
	    tally.failed);
	return (tally.failed == 0 && tally.passed > 0 ? 0 : 1);
}
