/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/advice.h"

#include <stdio.h>

/* The points, and the one that is the best of them until now. */
struct choice {
	const struct advice_point *points;
	size_t count;
	enum plan_stage stage;
	double near;  /* slower ones do not come into question */
	double ratio; /* nor do those that store more than this makes */
};

const char *
advice_limit_name(enum advice_limit limit)
{
	static const char *const names[] = {
		[ADVICE_UNKNOWN] = NULL,
		[ADVICE_SOURCE] = "source",
		[ADVICE_COMPRESSION] = "compression",
		[ADVICE_SINK] = "sink",
	};

	return (names[limit]);
}

static double
best_rate(const struct choice *choice, enum plan_stage stage)
{
	double best = 0;
	size_t i;

	for (i = 0; i < choice->count; i++)
		if (choice->points[i].rates[stage] > best)
			best = choice->points[i].rates[stage];
	return (best);
}

static bool
comes_into_question(const struct choice *choice,
    const struct advice_point *point)
{
	return (point->rates[choice->stage] > 0 &&
	    point->rates[choice->stage] >= choice->near &&
	    point->ratio >= choice->ratio);
}

/* Of two that are as fast and store as little: the one that takes less. */
static bool
takes_less(const struct plan_setting *a, const struct plan_setting *b)
{
	if (a->threads != b->threads)
		return (a->threads < b->threads);
	if (a->devices != b->devices)
		return (a->devices < b->devices);
	if (a->level != b->level)
		return (a->level < b->level);
	return (a->transfer_size < b->transfer_size);
}

static const struct advice_point *
choose(struct choice *choice)
{
	const struct advice_point *best = NULL;
	double ratio = 0;
	size_t i;

	choice->near = ADVICE_NEAR * best_rate(choice, choice->stage);
	for (i = 0; i < choice->count; i++)
		if (comes_into_question(choice, &choice->points[i]) &&
		    choice->points[i].ratio > ratio)
			ratio = choice->points[i].ratio;
	choice->ratio = ratio / ADVICE_RATIO;
	for (i = 0; i < choice->count; i++)
		if (comes_into_question(choice, &choice->points[i]) &&
		    (best == NULL || takes_less(&choice->points[i].setting,
		        &best->setting)))
			best = &choice->points[i];
	return (best);
}

/* Whether one stage is slower than another, and not by chance. */
static bool
is_slower(const struct advice_point *point, enum plan_stage one,
    enum plan_stage other)
{
	return (point->rates[one] < ADVICE_CLEAR * point->rates[other] &&
	    point->fastest[one] < ADVICE_CLEAR * point->fastest[other]);
}

static enum advice_limit
find_limit(const struct advice_point *point)
{
	double source = point->rates[PLAN_SOURCE];
	double compress = point->rates[PLAN_COMPRESS];
	double write = point->rates[PLAN_WRITE];

	if (write > 0 && compress > 0 &&
	    is_slower(point, PLAN_WRITE, PLAN_COMPRESS))
		return (ADVICE_SINK);
	if (source > 0 && (compress > 0 || write > 0) &&
	    !is_slower(point, compress > 0 ? PLAN_COMPRESS : PLAN_WRITE,
	        PLAN_SOURCE))
		return (ADVICE_SOURCE);
	/* A write alone may be slow for either reason. */
	if (source > 0 && compress > 0)
		return (ADVICE_COMPRESSION);
	return (ADVICE_UNKNOWN);
}

static void
tell_limit(struct advice *advice, const struct advice_point *point)
{
	char *text = advice->limit_reason;
	size_t size = sizeof(advice->limit_reason);
	double source = point->rates[PLAN_SOURCE];
	double compress = point->rates[PLAN_COMPRESS];
	double write = point->rates[PLAN_WRITE];

	switch (advice->limit) {
	case ADVICE_SINK:
		(void)snprintf(text, size, "the sink is the limit: %.0f MB/s "
		    "are written, %.0f compressed", write, compress);
		break;
	case ADVICE_SOURCE:
		(void)snprintf(text, size, "the source is the limit: it gives "
		    "%.0f MB/s, and %.0f are %s", source,
		    compress > 0 ? compress : write,
		    compress > 0 ? "compressed" : "written");
		break;
	case ADVICE_COMPRESSION:
		(void)snprintf(text, size, "compression is the limit: the "
		    "source gives %.0f MB/s, %.0f are compressed", source,
		    compress);
		break;
	case ADVICE_UNKNOWN:
		(void)snprintf(text, size, "what limits is not known: that "
		    "takes the stages source and compress");
		break;
	}
}

/* The next level above, with everything else the same; NULL: not measured. */
static const struct advice_point *
next_level(const struct choice *choice, const struct advice_point *point)
{
	const struct advice_point *next = NULL;
	size_t i;

	for (i = 0; i < choice->count; i++) {
		const struct advice_point *other = &choice->points[i];
		struct plan_setting same = other->setting;

		same.level = point->setting.level;
		if (other->setting.level <= point->setting.level ||
		    takes_less(&same, &point->setting) ||
		    takes_less(&point->setting, &same) ||
		    !(other->rates[choice->stage] > 0) ||
		    (next != NULL && next->setting.level <
		        other->setting.level))
			continue;
		next = other;
	}
	return (next);
}

static bool
has_levels(const struct choice *choice)
{
	size_t i;

	for (i = 1; i < choice->count; i++)
		if (choice->points[i].setting.level !=
		    choice->points[0].setting.level)
			return (true);
	return (false);
}

static void
tell_level(struct advice *advice, const struct choice *choice,
    const struct advice_point *point)
{
	const struct advice_point *next = next_level(choice, point);
	char *text = advice->reason;
	size_t size = sizeof(advice->reason);
	int level = point->setting.level;

	if (advice->limit == ADVICE_SINK)
		(void)snprintf(text, size, "level auto: it finds what the sink "
		    "can take; of the levels that were measured that is %d",
		    level);
	else if (!has_levels(choice))
		(void)snprintf(text, size, "level %d: the only one that was "
		    "measured", level);
	else if (advice->limit == ADVICE_SOURCE)
		(void)snprintf(text, size, "level %d: the highest level that "
		    "is still not slower than the source", level);
	else if (next == NULL)
		(void)snprintf(text, size, "level %d: the highest one, and not "
		    "slower than the others", level);
	else
		(void)snprintf(text, size, "level %d: as fast as any; level "
		    "%d has %.0f %% of its rate, and stores %.1f %% less",
		    level, next->setting.level,
		    100 * next->rates[choice->stage] /
		        point->rates[choice->stage],
		    next->ratio > 0 ? 100 - 100 * point->ratio / next->ratio :
		    0.0);
}

static void
tell_source(struct advice *advice)
{
	(void)snprintf(advice->reason, sizeof(advice->reason),
	    "%u device%s: the source gives no more with others; threads and "
	    "levels take the stage compress or write",
	    advice->setting.devices, advice->setting.devices == 1 ? "" : "s");
}

void
advice_make(struct advice *advice, const struct advice_point *points,
    size_t count)
{
	struct choice choice = { .points = points, .count = count };
	const struct advice_point *point;

	*advice = (struct advice){ .limit = ADVICE_UNKNOWN };
	choice.stage = best_rate(&choice, PLAN_WRITE) > 0 ? PLAN_WRITE :
	    best_rate(&choice, PLAN_COMPRESS) > 0 ? PLAN_COMPRESS :
	    PLAN_SOURCE;
	point = choose(&choice);
	if (point == NULL)
		return;
	advice->is_given = true;
	advice->setting = point->setting;
	advice->stage = choice.stage;
	advice->rate = point->rates[choice.stage];
	advice->ratio = point->ratio;
	advice->limit = find_limit(point);
	advice->is_auto = advice->limit == ADVICE_SINK;
	tell_limit(advice, point);
	if (choice.stage == PLAN_SOURCE)
		tell_source(advice);
	else
		tell_level(advice, &choice, point);
}
