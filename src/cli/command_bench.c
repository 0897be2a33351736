/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "base/database.h"
#include "base/num.h"
#include "base/port/use.h"
#include "cli/common.h"
#include "cli/compression.h"
#include "cli/measured.h"
#include "cli/signals.h"
#include "cli/status.h"
#include "measure/measure.h"
#include "runtime/vdi.h"
#include "transfer/codec.h"
#include "transfer/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_DATABASE "Synthetic"
#define DEFAULT_SIZE "512MiB"
#define DEFAULT_RATIO "3"
#define DEFAULT_SEED "1"
#define DEFAULT_REPEAT 3
#define DEFAULT_TIMEOUT_MS (INT64_C(60) * 60 * 1000)
#define MAX_REPEAT 100
#define PASSED_ROOM 32

/* What is passed on to the runs, and what the measurement borrows. */
struct bench {
	struct measure_options options;
	struct job_backup job; /* what a run will make of it */
	char synthetic[256];
	const char *words[PASSED_ROOM];
	size_t word_count;
	const char *backup_words[PASSED_ROOM];
	size_t backup_word_count;
	char *owned[2 * PASSED_ROOM];
	size_t owned_count;
	const char *plot;
};

static void
release(struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->owned_count; i++)
		free(bench->owned[i]);
}

/* ---- lists ---- */

static int
bad_list(const struct arguments *arguments, enum option_id id,
    const char *wanted, struct error *error)
{
	return (common_usage(arguments, error, "'--%s' cannot be \"%s\": it "
	    "takes a list of %s", option_at(id)->name,
	    arguments_text(arguments, id), wanted));
}

static int
fill_list(struct list *list, const struct arguments *arguments,
    enum option_id id, const int64_t range[2], struct error *error)
{
	char wanted[96];

	if (!arguments_has(arguments, id) ||
	    list_parse(list, arguments_text(arguments, id), range[0],
	        range[1]) == 0)
		return (0);
	(void)snprintf(wanted, sizeof(wanted), "numbers from %lld to %lld, "
	    "such as 1,3 or 1..3", (long long)range[0], (long long)range[1]);
	return (bad_list(arguments, id, wanted, error));
}

static int
fill_transfers(struct list *list, const struct arguments *arguments,
    struct error *error)
{
	size_t i;

	if (!arguments_has(arguments, OPTION_MAX_TRANSFER_SIZE))
		return (0);
	if (list_parse_sizes(list, arguments_text(arguments,
	        OPTION_MAX_TRANSFER_SIZE), VD_MIN_TRANSFER_SIZE,
	        VD_MAX_TRANSFER_SIZE) != 0)
		list->count = 0;
	for (i = 0; i < list->count; i++)
		if (list->values[i] % VD_MIN_TRANSFER_SIZE != 0)
			list->count = 0;
	return (list->count > 0 ? 0 : bad_list(arguments,
	    OPTION_MAX_TRANSFER_SIZE, "multiples of 64KiB up to 4MiB, such "
	    "as 64KiB,1MiB", error));
}

static int
fill_stages(bool stages[PLAN_STAGES], const struct arguments *arguments,
    struct error *error)
{
	const char *text = arguments_text(arguments, OPTION_STAGES);
	int stage;

	for (stage = 0; stage < PLAN_STAGES; stage++)
		stages[stage] = text == NULL;
	while (text != NULL) {
		size_t length = strcspn(text, ",");

		stage = plan_stage_find(text, length);
		if (stage == PLAN_STAGES)
			return (bad_list(arguments, OPTION_STAGES, "source, "
			    "compress, write, restore and verify", error));
		stages[stage] = true;
		text = text[length] == ',' ? text + length + 1 : NULL;
	}
	return (0);
}

static int
fill_wish(struct plan_wish *wish, const struct arguments *arguments,
    struct error *error)
{
	static const int64_t devices[2] = { 1, VD_MAX_DEVICES };
	static const int64_t threads[2] = { 1, POOL_MAX_THREADS };
	int64_t levels[2] = { codec_min_level(), codec_max_level() };
	size_t i;

	list_set(&wish->devices, 1);
	list_set(&wish->threads, pool_processors());
	list_set(&wish->transfer_sizes, VD_MAX_TRANSFER_SIZE);
	wish->levels = (struct list){ { 1, 3, 9 }, 3 };
	if (fill_list(&wish->devices, arguments, OPTION_DEVICES, devices,
	        error) != 0 ||
	    fill_list(&wish->threads, arguments, OPTION_THREADS, threads,
	        error) != 0 ||
	    fill_list(&wish->levels, arguments, OPTION_LEVEL, levels,
	        error) != 0 ||
	    fill_transfers(&wish->transfer_sizes, arguments, error) != 0)
		return (-1);
	for (i = 0; i < wish->levels.count; i++)
		if (compression_check_level(arguments,
		        (int)wish->levels.values[i], error) != 0)
			return (-1);
	return (fill_stages(wish->stages, arguments, error));
}

/* ---- what is measured ---- */

/* A part of what synthetic data are like is looked at as part of a description
 * that is right otherwise, so that the option is named that is wrong. */
static int
check_part(const struct arguments *arguments, enum option_id id,
    const char *before, struct error *error)
{
	const char *value = arguments_text(arguments, id);
	struct database database;
	struct error why;
	char text[128];
	int rc;

	if (value == NULL)
		return (0);
	if (arguments_has(arguments, OPTION_ENGINE))
		return (arguments_exclude(arguments, OPTION_ENGINE, id,
		    "it is for data that are made up", error));
	error_init(&why);
	(void)snprintf(text, sizeof(text), "%s%s", before, value);
	rc = database_parse(&database, DATABASE_SYNTHETIC, text, &why);
	database_release(&database);
	if (strchr(value, ',') == NULL && rc == 0)
		return (0);
	return (common_usage(arguments, error, "'--%s' cannot be \"%s\": %s",
	    option_at(id)->name, value, rc != 0 ? why.text :
	    "it takes one value"));
}

static const char *
text_or(const struct arguments *arguments, enum option_id id,
    const char *otherwise)
{
	return (arguments_has(arguments, id) ? arguments_text(arguments, id) :
	    otherwise);
}

/* The database, or data that are made up. */
static int
fill_engine(struct bench *bench, const struct arguments *arguments,
    struct error *error)
{
	struct measure_options *options = &bench->options;

	if (check_part(arguments, OPTION_SIZE, "", error) != 0 ||
	    check_part(arguments, OPTION_RATIO, DEFAULT_SIZE ",ratio=",
	        error) != 0 ||
	    check_part(arguments, OPTION_SEED, DEFAULT_SIZE ",seed=",
	        error) != 0)
		return (-1);
	options->database = arguments_text(arguments, OPTION_DATABASE);
	options->engine = arguments_text(arguments, OPTION_ENGINE);
	if (options->engine != NULL)
		return (0);
	if (options->database == NULL)
		options->database = DEFAULT_DATABASE;
	(void)snprintf(bench->synthetic, sizeof(bench->synthetic),
	    "%s:%s,ratio=%s,seed=%s", database_kind_name(DATABASE_SYNTHETIC),
	    text_or(arguments, OPTION_SIZE, DEFAULT_SIZE),
	    text_or(arguments, OPTION_RATIO, DEFAULT_RATIO),
	    text_or(arguments, OPTION_SEED, DEFAULT_SEED));
	options->engine = bench->synthetic;
	return (0);
}

/* What a backup makes of the options that are passed on to it is looked at
 * before there is one, without those that are lists here. */
static int
check_passed(struct bench *bench, const struct arguments *arguments,
    struct error *error)
{
	static const enum option_id ours[] = { OPTION_DEVICES, OPTION_LEVEL,
		OPTION_THREADS, OPTION_MAX_TRANSFER_SIZE };
	struct arguments copy = *arguments;
	struct port_use use;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(ours); i++) {
		copy.counts[ours[i]] = 0;
		copy.values[ours[i]] = NULL;
	}
	copy.counts[OPTION_ENGINE] = 1;
	copy.values[OPTION_ENGINE] = bench->options.engine;
	copy.values[OPTION_DATABASE] = bench->options.database;
	job_backup_init(&bench->job);
	if (common_fill(&bench->job.common, &copy, error) != 0 ||
	    compression_fill(&bench->job, &copy, error) != 0)
		return (-1);
	port_use_look(&use);
	bench->options.facts = (struct memory_facts){
		.codec = bench->job.codec,
		.frame_size = bench->job.frame_size,
		.buffer_count = bench->job.common.buffer_count,
		/* The same program, before it has done anything. */
		.base_bytes = use.peak_bytes };
	return (0);
}

/* "--name=value", or "--name"; 0 where it was not given. */
static int
pass(struct bench *bench, const struct arguments *arguments,
    enum option_id id, bool is_for_all, struct error *error)
{
	const char *value = arguments_text(arguments, id);
	char *word;

	if (!arguments_has(arguments, id))
		return (0);
	if (asprintf(&word, "--%s%s%s", option_at(id)->name,
	    value != NULL ? "=" : "", value != NULL ? value : "") < 0)
		return (error_memory(error));
	bench->owned[bench->owned_count++] = word;
	if (is_for_all)
		bench->words[bench->word_count++] = word;
	else
		bench->backup_words[bench->backup_word_count++] = word;
	return (0);
}

static int
pass_on(struct bench *bench, const struct arguments *arguments,
    struct error *error)
{
	static const enum option_id all[] = { OPTION_PROVIDER,
		OPTION_SQLVDI_LIBRARY, OPTION_BUFFER_COUNT, OPTION_BLOCK_SIZE,
		OPTION_CHECKSUM, OPTION_NO_CHECKSUM, OPTION_CONFIGURE_TIMEOUT,
		OPTION_STALL_TIMEOUT };
	static const enum option_id backup[] = { OPTION_FRAME_SIZE,
		OPTION_ULTRA, OPTION_LONG };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(all); i++)
		if (pass(bench, arguments, all[i], true, error) != 0)
			return (-1);
	for (i = 0; i < ARRAY_COUNT(backup); i++)
		if (pass(bench, arguments, backup[i], false, error) != 0)
			return (-1);
	bench->options.words = bench->words;
	bench->options.backup_words = bench->backup_words;
	return (0);
}

/* ---- where to ---- */

static int
fill_parent(struct measure_options *options,
    const struct arguments *arguments, struct error *error)
{
	const char *to = arguments_text(arguments, OPTION_TO);
	size_t length = to != NULL ? strlen(to) : 0;

	options->parent = to;
	if (to == NULL || (strcmp(to, "-") != 0 &&
	    strcmp(to, "null:") != 0 && strncmp(to, "exec:", 5) != 0 &&
	    (length < 4 || strcmp(to + length - 4, ".zst") != 0)))
		return (0);
	return (common_usage(arguments, error, "'--to' cannot be \"%s\": "
	    "'bench' takes a folder, for backups that it removes", to));
}

/* Nobody wants to hear of it after an hour of measuring. */
static int
check_plot(struct bench *bench, const struct arguments *arguments,
    struct error *error)
{
	const bool *stages = bench->options.wish.stages;

	bench->plot = arguments_text(arguments, OPTION_PLOT);
	if (bench->plot == NULL)
		return (0);
	if (!stages[PLAN_COMPRESS] && !stages[PLAN_WRITE])
		return (common_usage(arguments, error, "'--plot' draws ratios: "
		    "it needs the stage compress or write"));
	if (access(bench->plot, F_OK) != 0)
		return (0);
	IGNORE_RESULT(error_system(error, KIND_STORAGE, EEXIST,
	    "cannot create \"%s\"", bench->plot));
	error_hint(error, "a file that is there is never overwritten; name "
	    "another one or move it away");
	return (-1);
}

static int
fill(struct bench *bench, const struct arguments *arguments,
    struct error *error)
{
	static const int64_t repeats[2] = { 1, MAX_REPEAT };
	struct measure_options *options = &bench->options;
	int64_t repeat = DEFAULT_REPEAT;

	options->timeout_ms = DEFAULT_TIMEOUT_MS;
	options->stop = signals_stop();
	options->status_of = status_of;
	if (arguments->operand_count > 0)
		return (common_usage(arguments, error, "\"%s\" is too much; "
		    "'bench' takes options alone", arguments->operands[0]));
	if (fill_wish(&options->wish, arguments, error) != 0 ||
	    arguments_number(arguments, OPTION_REPEAT, repeats, &repeat,
	        error) != 0 ||
	    arguments_duration(arguments, OPTION_RUN_TIMEOUT,
	        &options->timeout_ms, error) != 0 ||
	    fill_engine(bench, arguments, error) != 0 ||
	    check_passed(bench, arguments, error) != 0 ||
	    pass_on(bench, arguments, error) != 0 ||
	    fill_parent(options, arguments, error) != 0)
		return (-1);
	options->repeat = (unsigned)repeat;
	return (check_plot(bench, arguments, error));
}

/* ---- the work ---- */

static void
tell(void *context, const char *line, bool is_news)
{
	if (is_news)
		report_line(context, line, false);
	else
		report_detail(context, "%s", line);
}

static void
conclude(const struct bench *bench, struct report *report,
    struct measure_result *result)
{
	struct measured measured = { .result = result,
		.engine = bench->options.engine,
		.repeat = bench->options.repeat };
	char duration[32];
	char size[32];
	char line[256];

	port_machine_look(&measured.machine);
	measured_tell(report, &measured);
	/* What could be measured is drawn, whatever else went wrong. */
	if (bench->plot != NULL && result->advice.is_given)
		IGNORE_RESULT(measured_plot(&measured, bench->plot,
		    &result->error));
	(void)snprintf(line, sizeof(line), "bench done: %zu measurements of "
	    "%s, %u round%s, in %s", result->row_count,
	    num_format_size(result->raw_bytes, size, sizeof(size)),
	    bench->options.repeat, bench->options.repeat == 1 ? "" : "s",
	    num_format_duration(result->elapsed_ns, duration,
	    sizeof(duration)));
	report_count_result(report, &result->error, line,
	    report_is_json(report) ? measured_object(&measured) : NULL);
}

int
command_bench(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct measure_result result;
	int status = -1;

	if (bench == NULL)
		return (error_memory(error));
	if (fill(bench, arguments, error) != 0)
		goto out;
	bench->options.tell = tell;
	bench->options.context = report;
	report_begin(report, bench->options.database, bench->options.engine);
	IGNORE_RESULT(measure_run(&bench->options, &result));
	/* The caller tells of a wrong command line. */
	if (result.error.kind != KIND_USAGE)
		conclude(bench, report, &result);
	*error = result.error;
	status = error_is_set(error) ? -1 : 0;
	measure_result_release(&result);
out:
	release(bench);
	free(bench);
	return (status);
}
