/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_ADAPT_MODEL_H
#define TRANSFER_ADAPT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which level is right: the decision, without clock, threads or data.
 *
 *     adapt_model_init -> adapt_model_decide, for each window of time
 *
 * A window says how busy the threads were and where frames waited.  From it:
 *
 *  - Threads are idle, because the server gives no more or because the sink
 *    takes no more: up, to the highest level at which they would be busy for
 *    MAY_BE_BUSY of the time.  What a level costs is learned from its frames;
 *    for one that was not used yet it is guessed from those that were.
 *  - Frames wait for a thread, all threads are busy, and the sink could take
 *    more: a level down.
 *  - The same where threads look idle but are not given the processors that
 *    they want, since the server, which runs here too, wants them as well: a
 *    thread that waits for a processor counts as busy for that much longer.
 *  - A sink that is busy all the time is what limits the backup, whatever
 *    else is busy: never down, and up as far as the threads keep up, with
 *    the processors that they are given.
 *
 * So that the level does not swing: between the busyness that calls for less
 * and that which allows for more there is a gap; two windows in a row have to
 * say the same; the window after a change, in which frames of both levels were
 * compressed, says nothing; and after a step down the level does not rise for
 * a while, which is twice as long each time that it undid a step up.
 */

struct adapt_bounds {
	int min; /* ADAPT_MODEL_MIN .. max */
	int max; /* .. ADAPT_MODEL_MAX; neither is 0, which is no level of its
	          * own but a name for zstd's default */
};

/* Below it a level is hardly cheaper than the one above it. */
#define ADAPT_MODEL_MIN (-50)
#define ADAPT_MODEL_MAX 22
#define ADAPT_MODEL_LEVELS (ADAPT_MODEL_MAX - ADAPT_MODEL_MIN)

struct adapt_window {
	unsigned threads;
	double busy;    /* of them, that were in work: an average */
	double queued;  /* frames that waited for a thread: an average */
	double storing; /* how much of the time that stripes had frames their
	                 * sinks were at work, 0 to 1 */
	/* The frames that were compressed with the level that now is: */
	uint64_t raw_bytes;
	int64_t work_ns; /* time that passed meanwhile, over all threads */
	int64_t cpu_ns;  /* time that they had a processor */
};

struct adapt_model {
	struct adapt_bounds bounds;
	int level;
	/* Processor time for a byte, by rank; 0: not known. */
	double cost[ADAPT_MODEL_LEVELS];
	bool is_new;         /* no window was seen at this level since it came
	                      * to be */
	bool has_risen;      /* the last change was upwards */
	unsigned crowded;    /* windows in a row that called for less, */
	unsigned idle;       /* or allowed for more */
	unsigned hold;       /* windows until the level may rise */
	unsigned next_hold;
};

/* Begins at level, or the bound that is nearest to it. */
void adapt_model_init(struct adapt_model *model, struct adapt_bounds bounds,
    int level);

/* The level from now on, which is model->level. */
int adapt_model_decide(struct adapt_model *model,
    const struct adapt_window *window);

#endif
