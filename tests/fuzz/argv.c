/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A command line, one word a line, the first of them the command: parsed and
 * turned into the description of a job.  A description that is made keeps to
 * the limits of each option; one that is refused is a usage error.
 */

#include "common.h"

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/common.h"
#include "runtime/vdi.h"
#include "transfer/codec.h"
#include "transfer/pool.h"
#include "transfer/stripe.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 200
/* What --dry-run and the like do not promise, no check is made of. */
#define USAGE (1u << KIND_USAGE)

static void
check_common(const struct job_common *common)
{
	FUZZ_CHECK(common->database != NULL);
	FUZZ_CHECK(common->server.name != NULL);
	FUZZ_CHECK(common->server.engine != NULL);
	FUZZ_CHECK(common->server.provider != NULL);
	FUZZ_CHECK(common->threads <= POOL_MAX_THREADS);
	FUZZ_CHECK(common->max_transfer_size >= VD_MIN_TRANSFER_SIZE &&
	    common->max_transfer_size <= VD_MAX_TRANSFER_SIZE &&
	    common->max_transfer_size % VD_MIN_TRANSFER_SIZE == 0);
	FUZZ_CHECK(common->block_size == 0 ||
	    (common->block_size >= VD_MIN_BLOCK_SIZE &&
	    common->block_size <= VD_MAX_BLOCK_SIZE &&
	    (common->block_size & (common->block_size - 1)) == 0));
	FUZZ_CHECK(common->configure_timeout_ms >= 0);
	FUZZ_CHECK(common->stall_timeout_ms >= 0);
	FUZZ_CHECK(common->lock_wait_ms >= 0);
	FUZZ_CHECK(common->faults->count <= FAULT_MAX);
}

static void
fill_backup(const struct arguments *arguments, struct fault_plan *faults,
    struct error *error)
{
	struct wording wording;
	struct job_backup job;

	wording_init(&wording);
	job_backup_init(&job);
	job.common.faults = faults;
	if (common_fill_backup(&job, arguments, &wording, error) != 0) {
		fuzz_check_error(error, USAGE);
		wording_release(&wording);
		return;
	}
	check_common(&job.common);
	FUZZ_CHECK(job.target != NULL && job.target[0] != '\0');
	FUZZ_CHECK(job.devices >= 1 && job.devices <= VD_MAX_DEVICES);
	FUZZ_CHECK(job.codec.level >= codec_min_level() &&
	    job.codec.level <= codec_max_level());
	FUZZ_CHECK(!job.auto_level ||
	    (job.level_bounds.min >= ADAPT_MODEL_MIN &&
	    job.level_bounds.min <= job.level_bounds.max &&
	    job.level_bounds.max <= ADAPT_MODEL_MAX &&
	    job.level_bounds.min != 0 && job.level_bounds.max != 0));
	FUZZ_CHECK(job.frame_size >= STRIPE_MIN_FRAME_SIZE &&
	    job.frame_size <= STRIPE_MAX_FRAME_SIZE);
	/* What is thrown away may move nothing at the server. */
	FUZZ_CHECK(job.target_kind != JOB_TARGET_NULL || (
	    job.statement.type != STATEMENT_LOG &&
	    job_backup_is_copy_only(&job) ==
	    (job.statement.type == STATEMENT_FULL)));
	FUZZ_CHECK(job.devices == 1 || job.target_kind == JOB_TARGET_STORE ||
	    job.target_kind == JOB_TARGET_NULL);
	FUZZ_CHECK(statement_check_backup(&job.statement, NULL) == 0);
	wording_release(&wording);
}

static void
fill_restore(const struct arguments *arguments, struct fault_plan *faults,
    struct error *error)
{
	struct wording wording;
	struct job_restore job;
	const char **sources = NULL;
	size_t i;

	wording_init(&wording);
	job_restore_init(&job);
	job.common.faults = faults;
	if (common_fill_restore(&job, arguments, &sources, &wording,
	        error) != 0) {
		fuzz_check_error(error, USAGE);
	} else {
		check_common(&job.common);
		FUZZ_CHECK(job.from_count > 0);
		for (i = 0; i < job.from_count; i++)
			FUZZ_CHECK(job.from[i] != NULL);
		FUZZ_CHECK(job.statement.verb != STATEMENT_VERIFYONLY ||
		    !job.statement.replace);
	}
	wording_release(&wording);
	free(sources);
}

static void
fill(const struct arguments *arguments, struct error *error)
{
	struct inspect_options options;
	struct fault_plan faults;

	fault_plan_init(&faults, NULL, NULL);
	switch (command_id_of(arguments->command)) {
	case COMMAND_BACKUP:
		fill_backup(arguments, &faults, error);
		break;
	case COMMAND_RESTORE:
		fill_restore(arguments, &faults, error);
		break;
	default:
		if (common_fill_inspect(&options, arguments, error) != 0)
			fuzz_check_error(error, USAGE);
		else
			FUZZ_CHECK(options.threads <= POOL_MAX_THREADS);
		break;
	}
	fault_plan_release(&faults);
}

static void
parse(const struct command *command, int argc, char **argv)
{
	struct arguments arguments;
	struct error error;
	int id;

	error_init(&error);
	arguments_init(&arguments);
	if (arguments_parse(&arguments, command, argc, argv, &error) != 0) {
		fuzz_check_error(&error, USAGE);
		goto out;
	}
	for (id = 0; id < OPTION_COUNT; id++) {
		const struct option_entry *entry =
		    option_at((enum option_id)id);

		FUZZ_CHECK(arguments.counts[id] == 0 ||
		    (entry->commands & command_bit(command)) != 0);
		FUZZ_CHECK(entry->arity == OPTION_FLAG ||
		    (arguments.counts[id] > 0) ==
		    (arguments.values[id] != NULL));
		FUZZ_CHECK(entry->arity != OPTION_SINGLE ||
		    arguments.counts[id] <= 1);
	}
	FUZZ_CHECK(arguments.operand_count < (size_t)argc);
	fill(&arguments, &error);
out:
	arguments_release(&arguments);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	const struct command *command;
	char *argv[WORDS_MAX + 1] = { NULL };
	/* getopt puts operands last. */
	char *owned[WORDS_MAX];
	int argc = 0;
	int i;

	while (argc < WORDS_MAX &&
	    (argv[argc] = fuzz_take_line(&input)) != NULL) {
		owned[argc] = argv[argc];
		argc++;
	}
	if (argc > 0) {
		argv[argc] = NULL;
		command = command_find(argv[0]);
		if (command != NULL)
			parse(command, argc, argv);
		else
			IGNORE_RESULT(command_nearest(argv[0]) == NULL);
	}
	for (i = 0; i < argc; i++)
		free(owned[i]);
	return (0);
}
