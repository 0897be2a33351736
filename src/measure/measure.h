/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include "base/attr.h"
#include "base/error.h"
#include "measure/advice.h"
#include "measure/memory.h"
#include "measure/plan.h"
#include "measure/series.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A measurement: the stages of a backup and of the way back, over the product
 * of some settings, each a number of times.
 *
 *     measure_run -> look at the result -> measure_result_release
 *
 * The programs run as children, as they are installed, one at a time.  Rounds
 * go over all settings, so that a machine that gets slower meanwhile is slower
 * for all of them.  Before the first round there is a run that does not count:
 * it brings the database into memory and tells its size.
 *
 * A run that fails ends its row, and what needs its backup; the others go on.
 * Backups are written to a folder of its own, removed once they were read, and
 * not begun where there is too little room.
 */

struct measure_options {
	struct plan_wish wish;
	unsigned repeat;      /* rounds, 1.. */
	const char *database;
	const char *engine;   /* KIND:PLACE */
	const char *parent;   /* where backups are written; NULL: TMPDIR */
	/* Options that are passed on, as "--name=value", NULL-ended; NULL:
	 * none.  To backups and restores, and to backups alone. */
	const char *const *words;
	const char *const *backup_words;
	/* What they amount to, for the bound on memory. */
	struct memory_facts facts;
	int64_t timeout_ms;   /* of one run */
	int (*status_of)(enum error_kind kind);
	const atomic_int *stop;
	/* A line about what is going on, on the caller's thread; is_news:
	 * for everybody, not only for who wants details. */
	void (*tell)(void *context, const char *line, bool is_news);
	void *context;
};

struct measure_row {
	enum plan_stage stage;
	struct plan_setting setting;
	size_t runs;           /* that ended well; of them: */
	struct series_sum sum;
	uint64_t memory_bound;
	struct error error;    /* KIND_NONE, or why there are no more */
};

struct measure_result {
	struct error error; /* KIND_NONE: every row was measured */
	struct measure_row *rows;
	size_t row_count;
	struct advice advice; /* of what was measured */
	uint64_t raw_bytes;   /* of one backup; 0: it did not come to that */
	int64_t elapsed_ns;
	char *folder;         /* it could not be removed; NULL: gone */
};

/* 0, or -1: result->error says why; what was measured until then is there. */
int measure_run(const struct measure_options *options,
    struct measure_result *result) MUST_CHECK;
void measure_result_release(struct measure_result *result);

#endif
