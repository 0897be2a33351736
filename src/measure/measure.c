/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/measure.h"

#include "base/clock.h"
#include "base/database.h"
#include "base/str.h"
#include "measure/shot.h"
#include "run/room.h"
#include "run/self.h"
#include "store/folder.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Beside the stripes: the manifest, and what a file system takes itself. */
#define SPARE_BYTES (UINT64_C(16) << 20)

struct bench {
	const struct measure_options *options;
	struct measure_result *result;
	struct plan plan;
	struct series *series; /* of each row */
	struct memory_facts facts;
	struct shot shot;
	char *folder;          /* NULL: nothing is written */
	char store[ROOM_PATH + 32];
	char copy[ROOM_PATH + 32];
	char program[PATH_MAX];
};

/* The rows of one setting, or NULL. */
struct rows {
	struct measure_row *at[PLAN_STAGES];
};

static bool
is_told_to_stop(const struct bench *bench)
{
	return (bench->options->stop != NULL &&
	    atomic_load(bench->options->stop) != 0);
}

static void
tell(const struct bench *bench, struct str *line, bool is_news)
{
	if (bench->options->tell != NULL && !line->failed)
		bench->options->tell(bench->options->context, line->text,
		    is_news);
	str_release(line);
}

/* "compress with 1 device, 2 threads, level 3, transfers of 4096 KiB" */
static void
describe(struct str *to, enum plan_stage stage,
    const struct plan_setting *setting)
{
	unsigned parts = plan_stage_parts(stage);

	str_addf(to, "%s with %u device%s", plan_stage_name(stage),
	    setting->devices, setting->devices == 1 ? "" : "s");
	if ((parts & PLAN_HAS_THREADS) != 0)
		str_addf(to, ", %u thread%s", setting->threads,
		    setting->threads == 1 ? "" : "s");
	if ((parts & PLAN_HAS_LEVEL) != 0)
		str_addf(to, ", level %d", setting->level);
	if ((parts & PLAN_HAS_TRANSFER) != 0)
		str_addf(to, ", transfers of %u KiB",
		    setting->transfer_size >> 10);
}

/* ---- one run ---- */

/* One run, told of; its failure says which one it was. */
static int
run_once(struct bench *bench, enum plan_stage stage,
    const struct plan_setting *setting, struct series_run *run,
    struct error *error)
{
	struct str line;

	str_init(&line);
	describe(&line, stage, setting);
	if (shot_run(&bench->shot, stage, setting, run, error) != 0) {
		if (!is_told_to_stop(bench) && !line.failed)
			error_context(error, "%s", line.text);
		str_release(&line);
		return (-1);
	}
	str_addf(&line, ": %.1f MB/s", series_rate(run));
	tell(bench, &line, false);
	return (0);
}

/* The row has failed: it is told at once, and measured no more.  -1: all is to
 * end. */
static int
fail_row(struct bench *bench, struct measure_row *row,
    const struct error *error, struct error *fatal)
{
	struct str line;

	if (is_told_to_stop(bench)) {
		*fatal = *error;
		return (-1);
	}
	row->error = *error;
	if (!error_is_set(&bench->result->error))
		bench->result->error = *error;
	str_init(&line);
	str_addf(&line, "failed: %s", error->text);
	tell(bench, &line, true);
	return (0);
}

/* Once more for this row, if it is still measured. */
static int
measure(struct bench *bench, struct measure_row *row, struct error *fatal)
{
	struct series_run run;
	struct error error;

	if (row == NULL || error_is_set(&row->error))
		return (0);
	error_init(&error);
	if (run_once(bench, row->stage, &row->setting, &run, &error) != 0)
		return (fail_row(bench, row, &error, fatal));
	series_add(&bench->series[row - bench->result->rows], &run);
	return (0);
}

/* ---- the way to the store and back ---- */

static bool
is_alive(const struct measure_row *row)
{
	return (row != NULL && !error_is_set(&row->error));
}

/* What the setting's backup takes, and the file that is restored from it. */
static uint64_t
room_needed(const struct bench *bench, const struct rows *rows)
{
	const struct measure_row *row = rows->at[PLAN_COMPRESS];
	const struct series *series = row == NULL ? NULL :
	    &bench->series[row - bench->result->rows];
	uint64_t raw_bytes = bench->result->raw_bytes;
	uint64_t bytes = series != NULL && series->count > 0 ?
	    series->runs[series->count - 1].stored_bytes : raw_bytes;

	bytes += bytes / 16 + SPARE_BYTES;
	if (is_alive(rows->at[PLAN_RESTORE]) &&
	    bench->shot.kind == DATABASE_SQLITE)
		bytes += raw_bytes;
	return (bytes);
}

/* A backup that the way back begins with; it counts where write is measured
 * for this setting. */
static int
write_backup(struct bench *bench, const struct rows *rows,
    const struct plan_setting *setting, struct error *error)
{
	struct measure_row *row = rows->at[PLAN_WRITE];
	struct series_run run;

	if (folder_probe(bench->folder, room_needed(bench, rows), error) !=
	        0 ||
	    run_once(bench, PLAN_WRITE, setting, &run, error) != 0)
		return (-1);
	if (row != NULL)
		series_add(&bench->series[row - bench->result->rows], &run);
	return (0);
}

static int
clear(struct bench *bench, struct error *fatal)
{
	return (room_remove(bench->store, fatal) == 0 &&
	    room_remove(bench->copy, fatal) == 0 ? 0 : -1);
}

static int
measure_stored(struct bench *bench, const struct rows *rows,
    const struct plan_setting *setting, struct error *fatal)
{
	struct error error;
	int stage;
	int rc = 0;

	error_init(&error);
	if (!is_alive(rows->at[PLAN_WRITE]) &&
	    !is_alive(rows->at[PLAN_RESTORE]) &&
	    !is_alive(rows->at[PLAN_VERIFY]))
		return (0);
	if (write_backup(bench, rows, setting, &error) != 0) {
		/* Without it there is nothing to read. */
		for (stage = PLAN_WRITE; stage < PLAN_STAGES && rc == 0;
		    stage++)
			if (is_alive(rows->at[stage]))
				rc = fail_row(bench, rows->at[stage], &error,
				    fatal);
	} else if (measure(bench, rows->at[PLAN_RESTORE], fatal) != 0 ||
	    measure(bench, rows->at[PLAN_VERIFY], fatal) != 0) {
		rc = -1;
	}
	if (clear(bench, rc == 0 ? fatal : &error) != 0)
		rc = -1;
	return (rc);
}

/* ---- rounds ---- */

static void
find_rows(const struct bench *bench, size_t setting, struct rows *rows)
{
	size_t i;

	*rows = (struct rows){ { NULL } };
	for (i = 0; i < bench->plan.row_count; i++)
		if (bench->plan.rows[i].setting == setting)
			rows->at[bench->plan.rows[i].stage] =
			    &bench->result->rows[i];
}

static int
run_round(struct bench *bench, struct error *error)
{
	struct rows rows;
	size_t i;

	for (i = 0; i < bench->plan.setting_count; i++) {
		find_rows(bench, i, &rows);
		if (measure(bench, rows.at[PLAN_SOURCE], error) != 0 ||
		    measure(bench, rows.at[PLAN_COMPRESS], error) != 0 ||
		    measure_stored(bench, &rows, &bench->plan.settings[i],
		        error) != 0)
			return (-1);
	}
	return (0);
}

/* The run that does not count. */
static int
run_first(struct bench *bench, struct error *error)
{
	const struct plan_setting *setting = &bench->plan.settings[0];
	struct series_run run;
	uint64_t buffers;

	if (run_once(bench, PLAN_SOURCE, setting, &run, error) != 0)
		return (-1);
	bench->result->raw_bytes = run.raw_bytes;
	buffers = memory_buffers(&bench->facts, PLAN_SOURCE, setting);
	/* A short stream does not touch all of them. */
	if (run.peak_bytes > buffers + bench->facts.base_bytes)
		bench->facts.base_bytes = run.peak_bytes - buffers;
	return (0);
}

static int
run_rounds(struct bench *bench, struct error *error)
{
	unsigned round;

	if (run_first(bench, error) != 0)
		return (-1);
	for (round = 0; round < bench->options->repeat; round++)
		if (run_round(bench, error) != 0)
			return (-1);
	return (0);
}

/* ---- before and after ---- */

static int
make_rows(struct bench *bench, struct error *error)
{
	struct measure_result *result = bench->result;
	struct plan *plan = &bench->plan;
	size_t i;

	if (plan_make(plan, &bench->options->wish, error) != 0)
		return (-1);
	bench->series = calloc(plan->row_count + 1, sizeof(*bench->series));
	result->rows = calloc(plan->row_count + 1, sizeof(*result->rows));
	if (bench->series == NULL || result->rows == NULL)
		return (error_memory(error));
	result->row_count = plan->row_count;
	for (i = 0; i < plan->row_count; i++) {
		result->rows[i].stage = plan->rows[i].stage;
		result->rows[i].setting =
		    plan->settings[plan->rows[i].setting];
		if (series_init(&bench->series[i], bench->options->repeat,
		        error) != 0)
			return (-1);
	}
	return (0);
}

static int
make_folder(struct bench *bench, struct error *error)
{
	const struct plan_wish *wish = &bench->options->wish;
	struct str line;

	if (!wish->stages[PLAN_WRITE] && !wish->stages[PLAN_RESTORE] &&
	    !wish->stages[PLAN_VERIFY])
		return (0);
	if (room_make(bench->options->parent, "bench", &bench->folder,
	        error) != 0)
		return (-1);
	(void)snprintf(bench->store, sizeof(bench->store), "%s/store",
	    bench->folder);
	(void)snprintf(bench->copy, sizeof(bench->copy), "%s/copy.db",
	    bench->folder);
	str_init(&line);
	str_addf(&line, "backups are written to \"%s\", and removed",
	    bench->folder);
	tell(bench, &line, true);
	return (0);
}

static int
prepare(struct bench *bench, struct error *error)
{
	const struct measure_options *options = bench->options;
	enum database_kind kind;

	if (database_split(options->engine, &kind) == NULL)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is no database of the embedded engine",
		    options->engine));
	self_find(bench->program, sizeof(bench->program));
	bench->shot = (struct shot){ .program = bench->program,
		.database = options->database, .engine = options->engine,
		.kind = kind, .store = bench->store, .copy = bench->copy,
		.words = options->words,
		.backup_words = options->backup_words,
		.timeout_ms = options->timeout_ms,
		.status_of = options->status_of, .stop = options->stop };
	bench->facts = options->facts;
	if (make_rows(bench, error) != 0)
		return (-1);
	return (make_folder(bench, error));
}

/* The rates of all stages, setting by setting. */
static int
advise(struct bench *bench, struct error *error)
{
	const struct plan *plan = &bench->plan;
	struct advice_point *points = calloc(plan->setting_count + 1,
	    sizeof(*points));
	size_t i;
	int stage;

	if (points == NULL)
		return (error_memory(error));
	for (i = 0; i < plan->setting_count; i++) {
		points[i].setting = plan->settings[i];
		for (stage = 0; stage < PLAN_STAGES; stage++) {
			size_t at = plan_row_of(plan, (enum plan_stage)stage,
			    i);
			const struct measure_row *row =
			    &bench->result->rows[at];

			if (at == plan->row_count || row->runs == 0)
				continue;
			points[i].rates[stage] =
			    series_rate(&row->sum.median);
			points[i].fastest[stage] = row->sum.fastest;
			if (row->sum.median.stored_bytes > 0)
				points[i].ratio =
				    series_ratio(&row->sum.median);
		}
	}
	advice_make(&bench->result->advice, points, plan->setting_count);
	free(points);
	return (0);
}

static void
conclude(struct bench *bench, struct error *error)
{
	struct measure_result *result = bench->result;
	size_t i;

	for (i = 0; bench->series != NULL && i < result->row_count; i++) {
		struct measure_row *row = &result->rows[i];

		row->runs = bench->series[i].count;
		if (row->runs == 0)
			continue;
		series_sum(&bench->series[i], &row->sum);
		IGNORE_RESULT(memory_bound(&bench->facts, row->stage,
		    &row->setting, &row->memory_bound, error));
	}
	if (result->row_count > 0)
		IGNORE_RESULT(advise(bench, error));
	if (bench->folder != NULL && room_remove(bench->folder, error) != 0) {
		result->folder = bench->folder;
		bench->folder = NULL;
	}
	/* What ended the measurement comes before what a row has said. */
	if (error_is_set(error))
		result->error = *error;
	for (i = 0; bench->series != NULL && i < result->row_count; i++)
		series_release(&bench->series[i]);
	free(bench->series);
	free(bench->folder);
	plan_release(&bench->plan);
}

int
measure_run(const struct measure_options *options,
    struct measure_result *result)
{
	struct bench bench = { .options = options, .result = result };
	int64_t began_ns = clock_now_ns();
	struct error error;

	*result = (struct measure_result){ .row_count = 0 };
	error_init(&error);
	if (prepare(&bench, &error) == 0)
		IGNORE_RESULT(run_rounds(&bench, &error));
	conclude(&bench, &error);
	result->elapsed_ns = clock_now_ns() - began_ns;
	return (error_is_set(&result->error) ? -1 : 0);
}

void
measure_result_release(struct measure_result *result)
{
	free(result->rows);
	free(result->folder);
	*result = (struct measure_result){ .row_count = 0 };
}
