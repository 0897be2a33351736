/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/common.h"

#include "base/database.h"
#include "cli/command.h"
#include "cli/compression.h"
#include "runtime/vdi.h"
#include "transfer/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TARGET_NULL "null:"
#define TARGET_EXEC "exec:"
#define MAX_BUFFERS 65536
#define MAX_RATE (UINT64_C(1) << 50)

int
common_usage(const struct arguments *arguments, struct error *error,
    const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0, "%s", text));
	error_hint(error, "try 'vdibackup %s --help'",
	    arguments->command->name);
	return (-1);
}

static bool
begins_with(const char *text, const char *start)
{
	return (strncmp(text, start, strlen(start)) == 0);
}

/* The name that a store files this machine's backups under. */
static const char *
host_name(void)
{
	static char name[256];

	if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0')
		return ("localhost");
	return (name);
}

const char *const *
common_providers(void)
{
	static const char *const providers[] = { "auto", "native", "sqlvdi",
		NULL };

	return (providers);
}

/* The engine is to find nothing wrong with it that we could have seen. */
static int
check_engine(const struct arguments *arguments, const char *text,
    struct error *error)
{
	struct database database;
	enum database_kind kind;
	const char *place = database_split(text, &kind);
	int result;

	if (place == NULL)
		return (common_usage(arguments, error,
		    "'--engine' cannot be \"%s\": it takes sqlite:PATH, "
		    "replay:PATH[,PATH...] or "
		    "synthetic:SIZE[,ratio=R][,seed=N]", text));
	result = database_parse(&database, kind, place, error);
	database_release(&database);
	if (result != 0)
		error_context(error, "'--engine' cannot be \"%s\"", text);
	return (result);
}

static int
fill_server(struct job_server *server, const struct arguments *arguments,
    struct error *error)
{
	const char *const *providers = common_providers();
	int provider = 0;

	if (arguments_choice(arguments, OPTION_PROVIDER, providers, &provider,
	        error) != 0)
		return (-1);
	server->provider = providers[provider];
	server->library = arguments_text(arguments, OPTION_SQLVDI_LIBRARY);
	if (server->library != NULL &&
	    strcmp(server->provider, "native") == 0)
		return (common_usage(arguments, error,
		    "'--sqlvdi-library' and '--provider native' contradict "
		    "each other: that provider needs no library"));
	server->name = arguments_text(arguments, OPTION_SERVER);
	if (server->name == NULL)
		server->name = host_name();
	server->engine = arguments_text(arguments, OPTION_ENGINE);
	if (server->engine == NULL)
		return (common_usage(arguments, error,
		    "which server is not said; '--engine sqlite:PATH' is the "
		    "one that this build can talk to"));
	if (check_engine(arguments, server->engine, error) != 0)
		return (-1);
	server->engine_faults = (const char *const *)
	    arguments->lists[OPTION_ENGINE_INJECT];
	return (0);
}

int
common_threads(const struct arguments *arguments, unsigned *threads,
    struct error *error)
{
	static const int64_t range[2] = { 1, POOL_MAX_THREADS };
	int64_t value = 0;

	if (arguments_number(arguments, OPTION_THREADS, range, &value,
	        error) != 0)
		return (-1);
	*threads = (unsigned)value;
	return (0);
}

static int
fill_sizes(struct job_common *common, const struct arguments *arguments,
    struct error *error)
{
	static const uint64_t transfers[2] = { VD_MIN_TRANSFER_SIZE,
		VD_MAX_TRANSFER_SIZE };
	static const uint64_t blocks[2] = { VD_MIN_BLOCK_SIZE,
		VD_MAX_BLOCK_SIZE };
	static const int64_t buffers[2] = { 1, MAX_BUFFERS };
	uint64_t transfer_size = common->max_transfer_size;
	uint64_t block_size = common->block_size;
	int64_t buffer_count = common->buffer_count;

	if (arguments_size(arguments, OPTION_MAX_TRANSFER_SIZE, transfers,
	        &transfer_size, error) != 0 ||
	    arguments_size(arguments, OPTION_BLOCK_SIZE, blocks, &block_size,
	        error) != 0 ||
	    arguments_number(arguments, OPTION_BUFFER_COUNT, buffers,
	        &buffer_count, error) != 0)
		return (-1);
	if (transfer_size % VD_MIN_TRANSFER_SIZE != 0)
		return (common_usage(arguments, error,
		    "'--max-transfer-size' cannot be \"%s\": it takes a "
		    "multiple of 64KiB",
		    arguments_text(arguments, OPTION_MAX_TRANSFER_SIZE)));
	if ((block_size & (block_size - 1)) != 0)
		return (common_usage(arguments, error,
		    "'--block-size' cannot be \"%s\": it takes a power of two",
		    arguments_text(arguments, OPTION_BLOCK_SIZE)));
	common->max_transfer_size = (uint32_t)transfer_size;
	common->block_size = (uint32_t)block_size;
	common->buffer_count = (uint32_t)buffer_count;
	return (0);
}

static int
fill_faults(struct job_common *common, const struct arguments *arguments,
    struct error *error)
{
	unsigned i;

	for (i = 0; i < arguments->counts[OPTION_INJECT]; i++) {
		const char *text = arguments->lists[OPTION_INJECT][i];

		if (fault_plan_add(common->faults, text, error) == 0)
			continue;
		error_context(error, "'--inject' cannot be \"%s\"", text);
		return (-1);
	}
	return (0);
}

int
common_fill(struct job_common *common, const struct arguments *arguments,
    struct error *error)
{
	common->database = arguments_text(arguments, OPTION_DATABASE);
	if (common->database == NULL)
		return (common_usage(arguments, error,
		    "which database is not said; '--database' is missing"));
	common->dry_run = arguments_has(arguments, OPTION_DRY_RUN);
	if (fill_server(&common->server, arguments, error) != 0 ||
	    common_threads(arguments, &common->threads, error) != 0 ||
	    fill_sizes(common, arguments, error) != 0 ||
	    arguments_duration(arguments, OPTION_CONFIGURE_TIMEOUT,
	        &common->configure_timeout_ms, error) != 0 ||
	    arguments_duration(arguments, OPTION_STALL_TIMEOUT,
	        &common->stall_timeout_ms, error) != 0 ||
	    arguments_duration(arguments, OPTION_LOCK_WAIT,
	        &common->lock_wait_ms, error) != 0 ||
	    arguments_exclude(arguments, OPTION_CHECKSUM, OPTION_NO_CHECKSUM,
	        NULL, error) != 0)
		return (-1);
	return (fill_faults(common, arguments, error));
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t end_length = strlen(end);

	return (length > end_length &&
	    strcmp(text + length - end_length, end) == 0);
}

/* What --to means; a folder's name may be anything but a backup file's. */
static int
fill_target(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	const char *to = arguments_text(arguments, OPTION_TO);

	if (to == NULL)
		return (common_usage(arguments, error,
		    "where to is not said; '--to' is missing"));
	job->target = to;
	if (strcmp(to, "-") == 0) {
		job->target_kind = JOB_TARGET_STDOUT;
	} else if (strcmp(to, TARGET_NULL) == 0) {
		job->target_kind = JOB_TARGET_NULL;
	} else if (begins_with(to, TARGET_EXEC)) {
		job->target_kind = JOB_TARGET_COMMAND;
		job->target = to + strlen(TARGET_EXEC);
		if (job->target[0] == '\0')
			return (common_usage(arguments, error,
			    "'--to' cannot be \"%s\": the command is missing",
			    to));
	} else if (ends_with(to, ".zst")) {
		job->target_kind = JOB_TARGET_FILE;
	} else if (ends_with(to, ".bak") || ends_with(to, ".trn")) {
		return (common_usage(arguments, error,
		    "'--to' cannot be \"%s\": a file is compressed, and its "
		    "name ends in .bak.zst", to));
	} else {
		job->target_kind = JOB_TARGET_STORE;
	}
	return (0);
}

/* What some targets cannot do, or must. */
static int
check_target(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	const char *to = arguments_text(arguments, OPTION_TO);

	if (job->devices > 1 && job->target_kind != JOB_TARGET_STORE &&
	    job->target_kind != JOB_TARGET_NULL)
		return (common_usage(arguments, error,
		    "'--devices %u' and '--to %s' contradict each other: that "
		    "target takes one stream; give a folder instead",
		    job->devices, to));
	if (job->source_only && job->target_kind != JOB_TARGET_NULL)
		return (common_usage(arguments, error,
		    "'--source-only' stores nothing: it needs '--to null:'"));
	/* What is thrown away must not move the log chain; that it does not
	 * move the differential base, job_backup_is_copy_only sees to. */
	if (job->target_kind == JOB_TARGET_NULL &&
	    job->statement.type == STATEMENT_LOG)
		return (common_usage(arguments, error,
		    "'--to null:' and '--type log' contradict each other: the "
		    "log would be lost"));
	if (job->target_kind == JOB_TARGET_STDOUT && !job->common.dry_run &&
	    arguments_has(arguments, OPTION_JSON))
		return (common_usage(arguments, error,
		    "'--to -' and '--json' contradict each other: both write "
		    "to standard output"));
	return (0);
}

static int
fill_devices(unsigned *devices, const struct arguments *arguments,
    struct error *error)
{
	static const int64_t range[2] = { 1, VD_MAX_DEVICES };
	int64_t count = *devices;

	if (arguments_number(arguments, OPTION_DEVICES, range, &count,
	        error) != 0)
		return (-1);
	*devices = (unsigned)count;
	return (0);
}

static int
fill_stream(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	static const uint64_t rates[2] = { 1024, MAX_RATE };

	if (fill_devices(&job->devices, arguments, error) != 0 ||
	    compression_fill(job, arguments, error) != 0)
		return (-1);
	return (arguments_size(arguments, OPTION_LIMIT_RATE, rates,
	    &job->limit_rate, error));
}

int
common_fill_backup(struct job_backup *job, const struct arguments *arguments,
    struct wording *wording, struct error *error)
{
	if (arguments->operand_count > 0)
		return (common_usage(arguments, error,
		    "\"%s\" is too much; a backup's place is given with '--to'",
		    arguments->operands[0]));
	if (common_fill(&job->common, arguments, error) != 0 ||
	    wording_fill_backup(wording, &job->statement, arguments,
	        error) != 0 ||
	    fill_stream(job, arguments, error) != 0 ||
	    fill_target(job, arguments, error) != 0)
		return (-1);
	job->source_only = arguments_has(arguments, OPTION_SOURCE_ONLY);
	return (check_target(job, arguments, error));
}

static int
check_sources(const struct job_restore *job,
    const struct arguments *arguments, struct error *error)
{
	size_t i;

	if (job->from_count == 0)
		return (common_usage(arguments, error,
		    "where from is not said; '--from' is missing"));
	for (i = 0; i < job->from_count; i++) {
		if (job->from[i][0] == '\0')
			return (common_usage(arguments, error,
			    "a source is empty"));
		if (strcmp(job->from[i], "-") == 0 && job->from_count > 1)
			return (common_usage(arguments, error,
			    "standard input is one stream and cannot be "
			    "joined with other sources"));
	}
	if (strcmp(job->from[0], "-") == 0 && job->backup != NULL)
		return (common_usage(arguments, error,
		    "'--from -' and '--backup' contradict each other: "
		    "standard input is one backup"));
	return (0);
}

int
common_fill_restore(struct job_restore *job,
    const struct arguments *arguments, const char ***sources,
    struct wording *wording, struct error *error)
{
	size_t given = arguments->counts[OPTION_FROM];
	size_t i;

	*sources = calloc(given + arguments->operand_count + 1,
	    sizeof(**sources));
	if (*sources == NULL)
		return (error_memory(error));
	for (i = 0; i < given; i++)
		(*sources)[i] = arguments->lists[OPTION_FROM][i];
	for (i = 0; i < arguments->operand_count; i++)
		(*sources)[given + i] = arguments->operands[i];
	job->from = *sources;
	job->from_count = given + arguments->operand_count;
	if (common_fill(&job->common, arguments, error) != 0 ||
	    fill_devices(&job->devices, arguments, error) != 0 ||
	    wording_fill_restore(wording, &job->statement,
	        &job->is_type_given, arguments, error) != 0)
		return (-1);
	job->backup = arguments_text(arguments, OPTION_BACKUP);
	return (check_sources(job, arguments, error));
}

int
common_fill_inspect(struct inspect_options *options,
    const struct arguments *arguments, struct error *error)
{
	size_t i;

	memset(options, 0, sizeof(*options));
	if (arguments->operand_count == 0)
		return (common_usage(arguments, error,
		    "which backup is not said; '%s' takes at least one path",
		    arguments->command->name));
	for (i = 0; i < arguments->operand_count; i++)
		if (arguments->operands[i][0] == '\0')
			return (common_usage(arguments, error,
			    "a path is empty"));
	return (common_threads(arguments, &options->threads, error));
}
