/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/adapt.h"

#include "base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_NS 100000000
#define WINDOW_MAX_NS 1000000000

struct adapt {
	atomic_int level; /* the model's, for threads that begin a frame */
	unsigned threads;

	pthread_mutex_t lock; /* guards what follows, and the shares */
	struct adapt_model model;
	unsigned at[ADAPT_PLACE_COUNT]; /* frames */
	unsigned active;                /* stripes that have any */
	int64_t now_ns;                 /* up to when was counted; 0: nothing */

	/* The window: frames and stripes times nanoseconds, */
	int64_t began_ns;
	double spent[ADAPT_PLACE_COUNT];
	double active_spent;
	unsigned frames; /* and what was compressed */
	uint64_t raw_bytes;
	int64_t work_ns;
	int64_t cpu_ns;

	/* The summary. */
	bool has_frames;
	int lowest;
	int highest;
	int last;
	double weight;
	double weighted;
};

struct adapt *
adapt_new(struct adapt_bounds bounds, int level, unsigned threads,
    struct error *error)
{
	struct adapt *adapt = calloc(1, sizeof(*adapt));

	if (adapt == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	(void)pthread_mutex_init(&adapt->lock, NULL);
	adapt->threads = threads;
	adapt_model_init(&adapt->model, bounds, level);
	atomic_init(&adapt->level, adapt->model.level);
	return (adapt);
}

void
adapt_free(struct adapt *adapt)
{
	if (adapt == NULL)
		return;
	(void)pthread_mutex_destroy(&adapt->lock);
	free(adapt);
}

/* Up to now, everything is where it was. */
static void
count(struct adapt *adapt)
{
	int64_t now_ns = clock_now_ns();
	double ns = (double)(now_ns - adapt->now_ns);
	unsigned i;

	if (adapt->now_ns == 0) {
		adapt->began_ns = now_ns;
		ns = 0;
	}
	for (i = ADAPT_QUEUED; i < ADAPT_PLACE_COUNT; i++)
		adapt->spent[i] += ns * adapt->at[i];
	adapt->active_spent += ns * adapt->active;
	adapt->now_ns = now_ns;
}

static void
decide(struct adapt *adapt)
{
	double ns = (double)(adapt->now_ns - adapt->began_ns);
	struct adapt_window window = { .threads = adapt->threads,
		.busy = adapt->spent[ADAPT_WORKING] / ns,
		.queued = adapt->spent[ADAPT_QUEUED] / ns,
		.storing = adapt->active_spent > 0 ?
		    adapt->spent[ADAPT_STORING] / adapt->active_spent : 0,
		.raw_bytes = adapt->raw_bytes,
		.work_ns = adapt->work_ns,
		.cpu_ns = adapt->cpu_ns };

	atomic_store(&adapt->level,
	    adapt_model_decide(&adapt->model, &window));
	memset(adapt->spent, 0, sizeof(adapt->spent));
	adapt->active_spent = 0;
	adapt->began_ns = adapt->now_ns;
	adapt->frames = 0;
	adapt->raw_bytes = 0;
	adapt->work_ns = 0;
	adapt->cpu_ns = 0;
}

void
adapt_move(struct adapt *adapt, struct adapt_share *share,
    enum adapt_place from, enum adapt_place to)
{
	if (adapt == NULL)
		return;
	(void)pthread_mutex_lock(&adapt->lock);
	count(adapt);
	if (from == ADAPT_NOWHERE) {
		if (share->frames++ == 0)
			adapt->active++;
	} else {
		assert(adapt->at[from] > 0);
		adapt->at[from]--;
	}
	if (to != ADAPT_NOWHERE)
		adapt->at[to]++;
	else if (--share->frames == 0)
		adapt->active--;
	(void)pthread_mutex_unlock(&adapt->lock);
}

void
adapt_begin(struct adapt *adapt, struct adapt_frame *frame)
{
	frame->level = atomic_load(&adapt->level);
	frame->began_ns = clock_now_ns();
	frame->cpu_ns = clock_thread_ns();
}

static void
note(struct adapt *adapt, int level, size_t raw_size)
{
	if (!adapt->has_frames || level < adapt->lowest)
		adapt->lowest = level;
	if (!adapt->has_frames || level > adapt->highest)
		adapt->highest = level;
	adapt->has_frames = true;
	adapt->last = level;
	adapt->weight += (double)raw_size;
	adapt->weighted += (double)raw_size * level;
}

void
adapt_end(struct adapt *adapt, const struct adapt_frame *frame,
    size_t raw_size)
{
	int64_t cpu_ns = clock_thread_ns() - frame->cpu_ns;
	int64_t passed_ns;

	(void)pthread_mutex_lock(&adapt->lock);
	count(adapt);
	note(adapt, frame->level, raw_size);
	adapt->frames++;
	if (frame->level == adapt->model.level) {
		adapt->raw_bytes += raw_size;
		adapt->work_ns += adapt->now_ns - frame->began_ns;
		adapt->cpu_ns += cpu_ns;
	}
	passed_ns = adapt->now_ns - adapt->began_ns;
	if (adapt->raw_bytes > 0 && (passed_ns >= WINDOW_MAX_NS ||
	    (passed_ns >= WINDOW_NS && adapt->frames >= adapt->threads)))
		decide(adapt);
	(void)pthread_mutex_unlock(&adapt->lock);
}

void
adapt_summarize(struct adapt *adapt, struct adapt_summary *summary)
{
	(void)pthread_mutex_lock(&adapt->lock);
	summary->bounds = adapt->model.bounds;
	summary->last = adapt->has_frames ? adapt->last : adapt->model.level;
	summary->lowest = adapt->has_frames ? adapt->lowest : summary->last;
	summary->highest = adapt->has_frames ? adapt->highest : summary->last;
	summary->mean = adapt->weight > 0 ?
	    adapt->weighted / adapt->weight : summary->last;
	(void)pthread_mutex_unlock(&adapt->lock);
}
