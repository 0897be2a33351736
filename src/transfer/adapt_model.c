/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/adapt_model.h"

#include <assert.h>
#include <string.h>

/* Threads may be busy for so much of the time after a step up, */
#define MAY_BE_BUSY 0.90
/* and have too much to do from here on. */
#define ALL_BUSY 0.95
#define WANT_MORE 1.10
/* A sink is the limit when it works for so much of the time. */
#define SINK_BUSY 0.90
/* Frames that wait for each thread when there are too many. */
#define QUEUED 0.5
#define AGREE 2
#define HOLD_FIRST 4
#define HOLD_MAX 256
/* How much of a learned cost the next window replaces. */
#define LEARN 0.25
/* A level that is not cheaper than this is no way out. */
#define CHEAPER 0.98

static int
rank_of(int level)
{
	return (level > 0 ? level - 1 : level);
}

static int
level_of(int rank)
{
	return (rank >= 0 ? rank + 1 : rank);
}

static double *
cost_at(struct adapt_model *model, int rank)
{
	return (&model->cost[rank - ADAPT_MODEL_MIN]);
}

/* What levels cost beside each other, roughly, with frames of some MiB.  No
 * more than a first guess, and for levels that were never used the last. */
static double
guess(int rank)
{
	static const double costs[] = { 1, 1.2, 1.6, 2, 3, 4, 5, 6, 7, 9, 12,
		14, 20, 25, 32, 42, 52, 65, 90, 100, 110, 120 };

	return (rank >= 0 ? costs[rank] : 1 / (1 - 0.1 * rank));
}

/* From what is known nearest. */
static double
predict(struct adapt_model *model, int rank)
{
	int low = rank_of(model->bounds.min);
	int high = rank_of(model->bounds.max);
	int away;

	for (away = 0; away <= high - low; away++) {
		if (rank - away >= low && *cost_at(model, rank - away) > 0)
			return (*cost_at(model, rank - away) * guess(rank) /
			    guess(rank - away));
		if (rank + away <= high && *cost_at(model, rank + away) > 0)
			return (*cost_at(model, rank + away) * guess(rank) /
			    guess(rank + away));
	}
	return (guess(rank));
}

/*
 * The first window at a level says what it costs beside the others.  What
 * changes later comes from the data, and changes for all levels alike.
 */
static void
learn(struct adapt_model *model, const struct adapt_window *window)
{
	double *known = cost_at(model, rank_of(model->level));
	double seen;
	double factor;
	int i;

	if (window->raw_bytes == 0 || window->cpu_ns <= 0)
		return;
	seen = (double)window->cpu_ns / (double)window->raw_bytes;
	if (*known == 0) {
		*known = seen;
	} else if (model->is_new) {
		*known = (*known + seen) / 2;
	} else {
		factor = 1 + LEARN * (seen / *known - 1);
		for (i = 0; i < ADAPT_MODEL_LEVELS; i++)
			model->cost[i] *= factor;
	}
}

void
adapt_model_init(struct adapt_model *model, struct adapt_bounds bounds,
    int level)
{
	assert(bounds.min >= ADAPT_MODEL_MIN && bounds.min <= bounds.max &&
	    bounds.max <= ADAPT_MODEL_MAX && bounds.min != 0 &&
	    bounds.max != 0);
	memset(model, 0, sizeof(*model));
	model->bounds = bounds;
	model->level = level < bounds.min ? bounds.min :
	    level > bounds.max ? bounds.max : level;
	model->is_new = true;
	model->next_hold = HOLD_FIRST;
}

static void
change(struct adapt_model *model, int rank)
{
	model->has_risen = rank > rank_of(model->level);
	model->level = level_of(rank);
	model->is_new = true;
	model->crowded = 0;
	model->idle = 0;
}

/* The rank to climb to, or the one that is. */
static int
climb(struct adapt_model *model, double pressure)
{
	int rank = rank_of(model->level);
	int best = rank;
	double now = predict(model, rank);

	while (best < rank_of(model->bounds.max) &&
	    pressure * predict(model, best + 1) / now <= MAY_BE_BUSY)
		best++;
	/* Half of the way, where it is only guessed. */
	if (best > rank + 1 && *cost_at(model, best) == 0)
		best = rank + (best - rank) / 2;
	return (best);
}

static void
descend(struct adapt_model *model)
{
	int rank = rank_of(model->level);

	if (model->level == model->bounds.min ||
	    predict(model, rank - 1) >= CHEAPER * predict(model, rank))
		return;
	if (model->has_risen && model->next_hold < HOLD_MAX)
		model->next_hold *= 2;
	model->hold = model->next_hold;
	change(model, rank - 1);
}

int
adapt_model_decide(struct adapt_model *model,
    const struct adapt_window *window)
{
	double load = window->busy / window->threads;
	double pressure = load;
	bool sink_is_limit = window->storing >= SINK_BUSY;
	bool was_new = model->is_new;
	bool is_crowded;
	int best;

	learn(model, window);
	model->is_new = false;
	if (was_new)
		return (model->level);
	if (!sink_is_limit && window->cpu_ns > 0 &&
	    window->work_ns > window->cpu_ns)
		pressure *= (double)window->work_ns / (double)window->cpu_ns;
	is_crowded = !sink_is_limit && (pressure >= WANT_MORE ||
	    (load >= ALL_BUSY && window->queued >= QUEUED * window->threads));
	best = is_crowded ? rank_of(model->level) : climb(model, pressure);
	model->crowded = is_crowded ? model->crowded + 1 : 0;
	model->idle = best > rank_of(model->level) ? model->idle + 1 : 0;
	if (model->hold > 0)
		model->hold--;
	if (model->crowded >= AGREE)
		descend(model);
	else if (model->idle >= AGREE && model->hold == 0)
		change(model, best);
	return (model->level);
}
