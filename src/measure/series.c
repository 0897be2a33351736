/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/series.h"

#include <assert.h>
#include <stdlib.h>

#define GIB 1073741824.0

int
series_init(struct series *series, size_t room, struct error *error)
{
	*series = (struct series){ .room = room };
	series->runs = calloc(room, sizeof(*series->runs));
	return (series->runs != NULL ? 0 : error_memory(error));
}

void
series_release(struct series *series)
{
	free(series->runs);
	*series = (struct series){ .room = 0 };
}

void
series_add(struct series *series, const struct series_run *run)
{
	assert(series->count < series->room);
	series->runs[series->count++] = *run;
}

double
series_rate(const struct series_run *run)
{
	/* A clock may not have moved meanwhile. */
	return ((double)run->raw_bytes * 1e3 /
	    (double)(run->ns > 0 ? run->ns : 1));
}

double
series_ratio(const struct series_run *run)
{
	return (run->stored_bytes == 0 ? 0 :
	    (double)run->raw_bytes / (double)run->stored_bytes);
}

double
series_cpu_per_gib(const struct series_run *run)
{
	return (run->raw_bytes == 0 ? 0 : (double)run->cpu_ns / 1e9 * GIB /
	    (double)run->raw_bytes);
}

/* How many of the runs are slower, or as fast and came before. */
static size_t
rank_of(const struct series *series, size_t index)
{
	double rate = series_rate(&series->runs[index]);
	size_t rank = 0;
	size_t i;

	for (i = 0; i < series->count; i++) {
		double other = series_rate(&series->runs[i]);

		if (other < rate || (!(other > rate) && i < index))
			rank++;
	}
	return (rank);
}

void
series_sum(const struct series *series, struct series_sum *sum)
{
	size_t i;

	assert(series->count > 0);
	*sum = (struct series_sum){ .peak_bytes = 0 };
	for (i = 0; i < series->count; i++) {
		const struct series_run *run = &series->runs[i];
		size_t rank = rank_of(series, i);

		if (rank == 0)
			sum->slowest = series_rate(run);
		if (rank == series->count - 1)
			sum->fastest = series_rate(run);
		if (rank == (series->count - 1) / 2)
			sum->median = *run;
		if (run->peak_bytes > sum->peak_bytes)
			sum->peak_bytes = run->peak_bytes;
	}
}
