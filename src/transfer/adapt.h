/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_ADAPT_H
#define TRANSFER_ADAPT_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/adapt_model.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The level that follows what server, threads and sinks can do: one for all
 * stripes of a job.  Measures; transfer/adapt_model.h decides.
 *
 *     adapt_new -> adapt_move, adapt_begin, adapt_end for each frame
 *       -> adapt_summarize -> adapt_free
 *
 * A frame goes from place to place, and whoever moves it says so: how many
 * are at a place, over time, is what the model is given.  A window ends with
 * a frame, after a tenth of a second and as many frames as there are threads,
 * or after a second.
 *
 * Any thread: a lock inside, held to count and to decide, never while a frame
 * is compressed; the level itself is read without it.
 */

struct adapt;

enum adapt_place {
	ADAPT_NOWHERE,
	ADAPT_QUEUED,   /* waits for a thread */
	ADAPT_WORKING,  /* is compressed */
	ADAPT_FINISHED, /* waits for its turn, or for the sink */
	ADAPT_STORING,  /* is written, the wait for a limited rate included */
	ADAPT_PLACE_COUNT
};

/* What one stripe has under way; under the lock of adapt.  All zero first. */
struct adapt_share {
	unsigned frames;
};

/* A frame that is being compressed. */
struct adapt_frame {
	int level;
	int64_t began_ns;
	int64_t cpu_ns;
};

struct adapt_summary {
	struct adapt_bounds bounds;
	int lowest;  /* of the levels that frames were compressed with; all */
	int highest; /* are the first level where there was no frame */
	int last;
	double mean; /* weighted by raw bytes */
};

/* Begins at level, or the nearest bound.  threads: of the pool. */
struct adapt *adapt_new(struct adapt_bounds bounds, int level,
    unsigned threads, struct error *error) MUST_CHECK;
/* Accepts NULL. */
void adapt_free(struct adapt *adapt);

/* Accepts NULL, and does nothing then. */
void adapt_move(struct adapt *adapt, struct adapt_share *share,
    enum adapt_place from, enum adapt_place to);

/* Around the compression of a frame: begin says with which level. */
void adapt_begin(struct adapt *adapt, struct adapt_frame *frame);
void adapt_end(struct adapt *adapt, const struct adapt_frame *frame,
    size_t raw_size);

void adapt_summarize(struct adapt *adapt, struct adapt_summary *summary);

#endif
