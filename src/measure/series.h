/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_SERIES_H
#define MEASURE_SERIES_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The runs of one row, and what is told of them: the run whose rate is the
 * median stands for all, so that its bytes, its time and its rate belong
 * together; the slowest and the fastest say how far they lie apart.
 *
 *     series_init -> series_add, at most room times -> series_sum
 *       -> series_release
 */

struct series_run {
	uint64_t raw_bytes;
	uint64_t stored_bytes; /* 0: nothing was stored */
	int64_t ns;            /* in which the raw bytes went through */
	int64_t cpu_ns;        /* of the whole process */
	uint64_t peak_bytes;
};

struct series {
	struct series_run *runs;
	size_t count;
	size_t room;
};

struct series_sum {
	struct series_run median; /* of an even number the slower one */
	double slowest;           /* rates, MB/s */
	double fastest;
	uint64_t peak_bytes;      /* of all runs */
};

int series_init(struct series *series, size_t room, struct error *error)
    MUST_CHECK;
void series_release(struct series *series);

void series_add(struct series *series, const struct series_run *run);

/* There is at least one run. */
void series_sum(const struct series *series, struct series_sum *sum);

/* Millions of bytes to a second. */
double series_rate(const struct series_run *run);

/* Raw bytes to one that is stored; 0: nothing was stored. */
double series_ratio(const struct series_run *run);

/* Seconds of the processor for 1 GiB. */
double series_cpu_per_gib(const struct series_run *run);

#endif
