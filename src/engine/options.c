/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/options.h"

#include "base/num.h"
#include "engine/device.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_STALL_MS 3600000

static int
set_statement(struct options *options, const char *value, struct error *error)
{
	(void)error;
	options->statement = value;
	return (0);
}

/* Takes the next place, which options_release empties. */
static int
add_named(struct options *options, enum database_kind kind, const char *value,
    struct error *error)
{
	const char *equals = strchr(value, '=');
	struct options_database *database;

	if (equals == NULL || equals == value || equals[1] == '\0')
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not NAME=%s", value,
		    kind == DATABASE_SYNTHETIC ? "SIZE" : "PATH"));
	if (options->database_count == OPTIONS_DATABASES_MAX)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "more than %d databases", OPTIONS_DATABASES_MAX));
	database = &options->databases[options->database_count];
	database->name = strndup(value, (size_t)(equals - value));
	if (database->name == NULL)
		return (error_memory(error));
	if (options_find(options, database->name) != NULL) {
		free(database->name);
		database->name = NULL;
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" names a database a second time", value));
	}
	options->database_count++;
	return (database_parse(&database->is, kind, equals + 1, error));
}

static int
add_sqlite(struct options *options, const char *value, struct error *error)
{
	return (add_named(options, DATABASE_SQLITE, value, error));
}

static int
add_replay(struct options *options, const char *value, struct error *error)
{
	return (add_named(options, DATABASE_REPLAY, value, error));
}

static int
add_synthetic(struct options *options, const char *value, struct error *error)
{
	return (add_named(options, DATABASE_SYNTHETIC, value, error));
}

static int
add_fault(struct options *options, const char *value, struct error *error)
{
	return (fault_plan_add(&options->faults, value, error));
}

static int
set_depth(struct options *options, const char *value, struct error *error)
{
	int64_t number;

	if (num_parse(value, 1, DEVICE_DEPTH_MAX, &number) != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not a number from 1 to %u", value,
		    DEVICE_DEPTH_MAX));
	options->queue_depth = (unsigned)number;
	return (0);
}

static int
set_order(struct options *options, const char *value, struct error *error)
{
	options->complete_in_turn = strcmp(value, "sequential") == 0;
	if (!options->complete_in_turn && strcmp(value, "together") != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not one of together, sequential", value));
	return (0);
}

static int
set_no_complete(struct options *options, const char *value,
    struct error *error)
{
	(void)value;
	(void)error;
	options->no_complete = true;
	return (0);
}

static int
set_late_buffers(struct options *options, const char *value,
    struct error *error)
{
	int64_t number;

	if (num_parse(value, 1, 1024, &number) != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not a number from 1 to 1024", value));
	options->late_buffers = (uint32_t)number;
	return (0);
}

static int
set_flush(struct options *options, const char *value, struct error *error)
{
	if (num_parse_size(value, &options->flush_every) != 0 ||
	    options->flush_every == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not a size such as 64MiB", value));
	return (0);
}

static int
set_odd_command(struct options *options, const char *value,
    struct error *error)
{
	int64_t number;

	if (num_parse(value, VDC_FileInfoBegin, INT32_MAX, &number) != 0 ||
	    number == VDC_Complete)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not the code of a command that clients need "
		    "not know: 16 and above, but not 19", value));
	options->odd_command = (int32_t)number;
	return (0);
}

static int
set_form(struct options *options, const char *value, struct error *error)
{
	options->form = strcmp(value, "json") == 0 ? REPORT_JSON : REPORT_TEXT;
	if (options->form == REPORT_TEXT && strcmp(value, "text") != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not one of text, json", value));
	return (0);
}

static int
set_stall(struct options *options, const char *value, struct error *error)
{
	if (num_parse_duration(value, &options->stall_timeout_ms) != 0 ||
	    options->stall_timeout_ms == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not a duration such as 90s or 5m", value));
	return (0);
}

/* The file's name may have an equals sign, its size has none. */
static int
set_sample(struct options *options, const char *value, struct error *error)
{
	const char *equals = strrchr(value, '=');

	if (equals == NULL || equals == value ||
	    num_parse_size(equals + 1, &options->sample_bytes) != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not FILE=SIZE, such as shop.db=16MiB", value));
	free(options->sample);
	options->sample = strndup(value, (size_t)(equals - value));
	if (options->sample == NULL)
		return (error_memory(error));
	options->action = OPTIONS_SAMPLE;
	return (0);
}

static int
set_help(struct options *options, const char *value, struct error *error)
{
	(void)value;
	(void)error;
	options->action = OPTIONS_HELP;
	return (0);
}

static int
set_version(struct options *options, const char *value, struct error *error)
{
	(void)value;
	(void)error;
	options->action = OPTIONS_VERSION;
	return (0);
}

/* argument NULL: the option takes none. */
static const struct entry {
	const char *name;
	const char *argument;
	int (*set)(struct options *options, const char *value,
	    struct error *error);
	const char *help;
} entries[] = {
	{ "execute", "STATEMENT", set_statement,
	    "the statement; without it, standard input is read" },
	{ "sqlite", "NAME=PATH", add_sqlite,
	    "the SQLite file that stands for a database; repeatable" },
	{ "replay", "NAME=PATH[,PATH...]", add_replay,
	    "recorded streams, one for each device; repeatable" },
	{ "synthetic", "NAME=SIZE[,ratio=R][,seed=N]", add_synthetic,
	    "streams that are made up, for measuring; repeatable" },
	{ "messages", "text|json", set_form,
	    "how messages and results are written" },
	{ "queue-depth", "N", set_depth,
	    "commands under way on a device at a time" },
	{ "complete-order", "together|sequential", set_order,
	    "how VDC_Complete is sent to several devices" },
	{ "no-complete", NULL, set_no_complete,
	    "be a server that does not know VDC_Complete" },
	{ "late-buffers", "N", set_late_buffers,
	    "take N more buffers when the devices are open" },
	{ "flush-every", "SIZE", set_flush,
	    "send VDC_Flush in the midst of a backup as well" },
	{ "send", "CODE", set_odd_command,
	    "send a command that clients need not know, once" },
	{ "stall-timeout", "DURATION", set_stall,
	    "abort when a command takes longer (1h)" },
	{ "inject", "FAULT[,KEY=VALUE...]", add_fault,
	    "play a fault; repeatable" },
	{ "make-sample", "FILE=SIZE", set_sample,
	    "make a sample database, and no more" },
	{ "help", NULL, set_help, "show this and exit" },
	{ "version", NULL, set_version, "show the version and exit" },
};

void
options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->stall_timeout_ms = DEFAULT_STALL_MS;
	fault_plan_init(&options->faults, NULL, NULL);
}

void
options_release(struct options *options)
{
	size_t i;

	for (i = 0; i < options->database_count; i++) {
		free(options->databases[i].name);
		database_release(&options->databases[i].is);
	}
	free(options->sample);
	fault_plan_release(&options->faults);
}

const struct options_database *
options_find(const struct options *options, const char *name)
{
	size_t i;

	for (i = 0; i < options->database_count; i++)
		if (strcasecmp(options->databases[i].name, name) == 0)
			return (&options->databases[i]);
	return (NULL);
}

/* getopt takes any unambiguous beginning of a name; we want the whole. */
static bool
is_whole(const char *word, const char *name)
{
	size_t length = strlen(name);

	return (strncmp(word, "--", 2) == 0 &&
	    strncmp(word + 2, name, length) == 0 &&
	    (word[2 + length] == '\0' || word[2 + length] == '='));
}

static int
fail_word(const char *word, struct error *error)
{
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "\"%s\" is not an option, or its value is missing", word));
	error_hint(error, "vdi-engine --help lists the options");
	return (-1);
}

int
options_parse(struct options *options, int argc, char **argv,
    struct error *error)
{
	struct option table[ARRAY_COUNT(entries) + 1] = { { 0 } };
	int chosen;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(entries); i++) {
		table[i].name = entries[i].name;
		table[i].has_arg = entries[i].argument != NULL ?
		    required_argument : no_argument;
		table[i].val = (int)i + 1;
	}
	opterr = 0;
	optind = 0;
	for (;;) {
		int at = optind > 0 ? optind : 1;
		const struct entry *entry;

		chosen = getopt_long(argc, argv, "+", table, NULL);
		if (chosen == -1)
			break;
		if (chosen < 1 || chosen > (int)ARRAY_COUNT(entries))
			return (fail_word(argv[at], error));
		entry = &entries[chosen - 1];
		if (!is_whole(argv[at], entry->name))
			return (fail_word(argv[at], error));
		if (entry->set(options, optarg, error) != 0) {
			error_context(error, "--%s", entry->name);
			return (-1);
		}
	}
	if (optind < argc)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not an option", argv[optind]));
	return (0);
}

void
options_help(FILE *stream)
{
	size_t i;

	fprintf(stream, "usage: vdi-engine --sqlite NAME=PATH ... "
	    "[--execute STATEMENT] [option ...]\n\n"
	    "Runs one BACKUP or RESTORE statement of T-SQL as a server does, "
	    "on virtual devices.\n\n");
	for (i = 0; i < ARRAY_COUNT(entries); i++) {
		char word[64];

		(void)snprintf(word, sizeof(word), "--%s%s%s",
		    entries[i].name, entries[i].argument != NULL ? " " : "",
		    entries[i].argument != NULL ? entries[i].argument : "");
		fprintf(stream, "  %-42s %s\n", word, entries[i].help);
	}
}
