/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_ADVICE_H
#define MEASURE_ADVICE_H

#include "measure/plan.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What to use, made of what was measured and of nothing else.
 *
 * A setting is worth considering where its rate is within ADVICE_NEAR of the
 * best one: with the write stage if that was measured, else with compress,
 * else with source.  Of those the one is advised that stores least; of equals,
 * the one with the fewest threads, devices, the lowest level, the smallest
 * transfers, in this order.
 *
 * What limits is told by comparing the stages of that setting: a write that is
 * clearly slower than compressing alone, both in the median and where each was
 * the fastest, is held up by the sink; a backup that is about as fast as the
 * source by the source; any other by compression.
 *
 * A sink is not as fast at all times.  Where it limits, the level that follows
 * it is advised, rather than the one that was right while it was measured.
 */

#define ADVICE_NEAR 0.95  /* of the best: as fast */
#define ADVICE_CLEAR 0.90 /* of another stage: clearly slower */
#define ADVICE_RATIO 1.005 /* a ratio that is better by less is no better */

struct advice_point {
	struct plan_setting setting;
	double rates[PLAN_STAGES]; /* medians, MB/s; 0: not measured */
	double fastest[PLAN_STAGES];
	double ratio;              /* 0: not measured */
};

enum advice_limit {
	ADVICE_UNKNOWN,
	ADVICE_SOURCE,
	ADVICE_COMPRESSION,
	ADVICE_SINK
};

struct advice {
	bool is_given;  /* something was measured */
	struct plan_setting setting;
	bool is_auto;   /* a level that follows the sink, instead of that one */
	enum plan_stage stage; /* that it goes by; of source alone neither
	                        * threads nor level are known */
	enum advice_limit limit;
	double rate;
	double ratio;
	char reason[256];
	char limit_reason[256];
};

void advice_make(struct advice *advice, const struct advice_point *points,
    size_t count);

/* "source", "compression", "sink"; NULL: unknown. */
const char *advice_limit_name(enum advice_limit limit);

#endif
