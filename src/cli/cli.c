/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/fd.h"
#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/report_text.h"
#include "cli/signals.h"
#include "cli/status.h"
#include "cli/text.h"
#include "cli/version.h"

#include <stdio.h>
#include <string.h>

typedef int command_function(const struct arguments *arguments,
    struct report *report, struct error *error);

static command_function *const functions[COMMAND_COUNT] = {
	[COMMAND_BACKUP] = command_backup,
	[COMMAND_RESTORE] = command_restore,
	[COMMAND_VERIFY] = command_verify,
	[COMMAND_SHOW] = command_show,
	[COMMAND_CAT] = command_cat,
	[COMMAND_LIST] = command_list,
	[COMMAND_ADOPT] = command_adopt,
	[COMMAND_REHEARSE] = command_rehearse,
	[COMMAND_BENCH] = command_bench,
};

static void
say_error(const struct error *error)
{
	struct str text;

	str_init(&text);
	report_text_error(&text, error);
	if (text.failed)
		text_print_plain(stderr, "error", error->text);
	else
		fprintf(stderr, "vdibackup: %s", text.text);
	str_release(&text);
}

/* The exit status, once what was printed is known to have arrived. */
static int
finish(const struct error *error)
{
	struct error lost;

	error_init(&lost);
	if (output_flush(&lost) == 0 || error_is_set(error))
		return (status_of(error->kind));
	error_hint(&lost, "the work itself was done; what could not be "
	    "written is its result");
	say_error(&lost);
	return (status_of(lost.kind));
}

/* Whether the command line asks for JSON, however wrong the rest of it is. */
static bool
wants_json(char **argv)
{
	for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, "--json") == 0)
			return (true);
	return (false);
}

/* An error from before there was a report. */
static int
fail_early(const char *command, char **argv, const struct error *error)
{
	struct report_options options = {
		.command = command,
		.json = wants_json(argv),
		.progress = PROGRESS_NEVER
	};
	struct report *report = report_open(&options, NULL);

	if (report != NULL)
		report_error(report, error);
	else
		say_error(error);
	report_close(report);
	return (finish(error));
}

/* Where argv[1] is no command. */
static int
refuse_command(char **argv, struct error *error)
{
	const struct command *near = command_nearest(argv[1]);

	if (argv[1][0] == '-')
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "'%s' stands where a command belongs", argv[1]));
	else if (near != NULL)
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no command '%s'; did you mean '%s'?", argv[1],
		    near->name));
	else
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no command '%s'", argv[1]));
	error_hint(error, "try 'vdibackup --help'");
	return (fail_early(NULL, argv, error));
}

static int
run_help(int argc, char **argv, struct error *error)
{
	const struct command *command;

	if (argc < 3) {
		help_overview(stdout);
		return (finish(error));
	}
	command = command_find(argv[2]);
	if (command == NULL)
		return (refuse_command(argv + 1, error));
	help_command(stdout, command);
	return (finish(error));
}

/* --quiet, --progress and so on: what the report needs to know. */
static int
fill_report(struct report_options *options, const struct arguments *arguments,
    struct error *error)
{
	static const char *const whens[] = {
		[PROGRESS_AUTO] = "auto",
		[PROGRESS_ALWAYS] = "always",
		[PROGRESS_NEVER] = "never",
		NULL
	};
	int when = PROGRESS_AUTO;

	if (arguments_exclude(arguments, OPTION_QUIET, OPTION_VERBOSE, NULL,
	        error) != 0 ||
	    arguments_choice(arguments, OPTION_PROGRESS, whens, &when,
	        error) != 0)
		return (-1);
	options->command = arguments->command->name;
	options->json = arguments_has(arguments, OPTION_JSON);
	options->quiet = arguments_has(arguments, OPTION_QUIET);
	options->verbose = arguments_has(arguments, OPTION_VERBOSE);
	options->is_dry_run = arguments_has(arguments, OPTION_DRY_RUN);
	options->progress = (enum progress_when)when;
	options->log_file = arguments_text(arguments, OPTION_LOG_FILE);
	return (0);
}

static int
run_command(const struct arguments *arguments, char **argv,
    int *signal_number, struct error *error)
{
	struct report_options options = { 0 };
	struct report *report;

	if (fill_report(&options, arguments, error) != 0)
		return (fail_early(arguments->command->name, argv, error));
	report = report_open(&options, error);
	if (report == NULL)
		return (fail_early(arguments->command->name, argv, error));
	signals_begin();
	if (functions[command_id_of(arguments->command)](arguments, report,
	        error) != 0)
		report_error(report, error);
	report_close(report);
	/* Work that was done before the signal came is done. */
	if (error_is_set(error))
		*signal_number = signals_caught();
	signals_end();
	return (finish(error));
}

static int
run_arguments(const struct command *command, int argc, char **argv,
    int *signal_number, struct error *error)
{
	struct arguments arguments;
	int status;

	arguments_init(&arguments);
	if (arguments_parse(&arguments, command, argc, argv, error) != 0) {
		status = fail_early(command->name, argv, error);
	} else if (arguments_has(&arguments, OPTION_HELP)) {
		help_command(stdout, command);
		status = finish(error);
	} else if (arguments_has(&arguments, OPTION_VERSION)) {
		version_print(stdout);
		status = finish(error);
	} else {
		status = run_command(&arguments, argv, signal_number, error);
	}
	arguments_release(&arguments);
	return (status);
}

static bool
is_one_of(const char *word, const char *name, const char *letter)
{
	return (strcmp(word, name) == 0 || strcmp(word, letter) == 0);
}

int
cli_run(int argc, char **argv, int *signal_number)
{
	const struct command *command;
	struct error error;

	*signal_number = 0;
	error_init(&error);
	text_init();
	if (fd_occupy_standard(&error) != 0) {
		say_error(&error);
		return (status_of(error.kind));
	}
	if (argc < 2) {
		help_short(stderr);
		return (status_of(KIND_USAGE));
	}
	if (is_one_of(argv[1], "--help", "-h"))
		return (run_help(1, argv, &error));
	if (is_one_of(argv[1], "--version", "-V")) {
		version_print(stdout);
		return (finish(&error));
	}
	if (strcmp(argv[1], "help") == 0)
		return (run_help(argc, argv, &error));
	command = command_find(argv[1]);
	if (command == NULL)
		return (refuse_command(argv, &error));
	return (run_arguments(command, argc - 1, argv + 1, signal_number,
	    &error));
}
