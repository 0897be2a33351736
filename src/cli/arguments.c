/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/arguments.h"

#include "base/num.h"
#include "cli/command.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* getopt's value of an option without regard to letters. */
#define VALUE_BASE 256

struct getopt_tables {
	struct option longs[OPTION_COUNT + 1];
	char shorts[3 * OPTION_COUNT + 2];
};

void
arguments_init(struct arguments *arguments)
{
	memset(arguments, 0, sizeof(*arguments));
}

void
arguments_release(struct arguments *arguments)
{
	int id;

	for (id = 0; id < OPTION_COUNT; id++)
		free(arguments->lists[id]);
	arguments_init(arguments);
}

static int
usage_error(struct error *error, const struct command *command)
{
	error_hint(error, "try 'vdibackup %s --help'", command->name);
	return (-1);
}

static void
fill_tables(struct getopt_tables *tables)
{
	size_t used = 0;
	int id;

	memset(tables, 0, sizeof(*tables));
	/* The colon: a missing value is answered with ':'. */
	tables->shorts[used++] = ':';
	for (id = 0; id < OPTION_COUNT; id++) {
		const struct option_entry *entry =
		    option_at((enum option_id)id);
		int has_arg = entry->arity == OPTION_FLAG ? no_argument :
		    entry->arity == OPTION_OPTIONAL ? optional_argument :
		    required_argument;

		tables->longs[id].name = entry->name;
		tables->longs[id].has_arg = has_arg;
		tables->longs[id].val = VALUE_BASE + id;
		if (entry->letter == 0)
			continue;
		tables->shorts[used++] = (char)entry->letter;
		if (has_arg != no_argument)
			tables->shorts[used++] = ':';
		if (has_arg == optional_argument)
			tables->shorts[used++] = ':';
	}
}

/* getopt_long takes any unambiguous beginning of a name; we do not. */
static int
is_whole_name(const char *word, const char *name)
{
	size_t length = strlen(name);

	return (strncmp(word, "--", 2) == 0 &&
	    strncmp(word + 2, name, length) == 0 &&
	    (word[2 + length] == '\0' || word[2 + length] == '='));
}

static int
unknown_option(const struct command *command, const char *word,
    struct error *error)
{
	char name[64];
	size_t length;
	enum option_id near;

	if (strncmp(word, "--", 2) != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no option '%s'", word));
	length = strcspn(word + 2, "=");
	if (length >= sizeof(name))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no option '%s'", word));
	memcpy(name, word + 2, length);
	name[length] = '\0';
	if (strncmp(name, "password", strlen("password")) == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no option '--%s': a password never belongs on "
		    "a command line", name));
	near = option_nearest(name);
	if (near == OPTION_COUNT ||
	    (option_at(near)->commands & command_bit(command)) == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no option '--%s'", name));
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "there is no option '--%s'; did you mean '--%s'?", name,
	    option_at(near)->name));
}

static int
foreign_option(const struct command *command, const char *shown,
    unsigned commands, struct error *error)
{
	char where[128];

	return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "'%s' does not belong to '%s'; it belongs to %s", shown,
	    command->name, command_names(commands, where, sizeof(where))));
}

static int
add_to_list(struct arguments *arguments, enum option_id id, int argc,
    struct error *error)
{
	if (arguments->lists[id] == NULL)
		arguments->lists[id] = calloc((size_t)argc + 1,
		    sizeof(*arguments->lists[id]));
	if (arguments->lists[id] == NULL)
		return (error_memory(error));
	arguments->lists[id][arguments->counts[id]] = optarg;
	return (0);
}

static int
take_option(struct arguments *arguments, enum option_id id, int argc,
    struct error *error)
{
	const struct option_entry *entry = option_at(id);
	char shown[64];

	(void)snprintf(shown, sizeof(shown), "--%s", entry->name);
	if ((entry->commands & command_bit(arguments->command)) == 0)
		return (foreign_option(arguments->command, shown,
		    entry->commands, error));
	if ((entry->arity == OPTION_SINGLE ||
	    entry->arity == OPTION_OPTIONAL) && arguments->counts[id] > 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "'%s' is given twice", shown));
	if (optarg != NULL && optarg[0] == '\0')
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "'%s' is given an empty value", shown));
	if (entry->arity == OPTION_MANY &&
	    add_to_list(arguments, id, argc, error) != 0)
		return (-1);
	arguments->values[id] = optarg;
	arguments->counts[id]++;
	return (0);
}

/* What getopt refused: optopt is our value, a letter, or 0. */
static int
refused_option(const struct command *command, const char *word,
    struct error *error)
{
	char shown[3] = { '-', (char)optopt, '\0' };

	if (optopt >= VALUE_BASE) {
		const char *name =
		    option_at((enum option_id)(optopt - VALUE_BASE))->name;

		if (!is_whole_name(word, name))
			return (unknown_option(command, word, error));
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "'--%s' takes no value", name));
	}
	return (unknown_option(command, optopt != 0 ? shown : word, error));
}

static int
missing_value(const struct command *command, const char *word,
    struct error *error)
{
	enum option_id id = optopt >= VALUE_BASE ?
	    (enum option_id)(optopt - VALUE_BASE) : option_by_letter(optopt);
	const struct option_entry *entry = option_at(id);

	if (optopt >= VALUE_BASE && !is_whole_name(word, entry->name))
		return (unknown_option(command, word, error));
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "'--%s' needs a value: %s", entry->name, entry->value));
}

/* The word of argv that getopt_long just answered for. */
static const char *
current_word(char **argv, const char *value)
{
	const char *last = argv[optind - 1];

	/* A value of its own stands behind the option. */
	if (value != NULL && value == last && optind >= 2)
		return (argv[optind - 2]);
	return (last);
}

static int
parse_next(struct arguments *arguments, int answer, int argc, char **argv,
    struct error *error)
{
	const char *word = current_word(argv, optarg);
	enum option_id id;

	if (answer == '?')
		return (refused_option(arguments->command, word, error));
	if (answer == ':')
		return (missing_value(arguments->command, word, error));
	if (answer < VALUE_BASE)
		return (take_option(arguments, option_by_letter(answer), argc,
		    error));
	id = (enum option_id)(answer - VALUE_BASE);
	if (!is_whole_name(word, option_at(id)->name))
		return (unknown_option(arguments->command, word, error));
	return (take_option(arguments, id, argc, error));
}

int
arguments_parse(struct arguments *arguments, const struct command *command,
    int argc, char **argv, struct error *error)
{
	struct getopt_tables tables;
	int answer;

	arguments->command = command;
	fill_tables(&tables);
	opterr = 0;
	optind = 0; /* start over, and forget what an earlier call kept */
	while ((answer = getopt_long(argc, argv, tables.shorts, tables.longs,
	    NULL)) != -1)
		if (parse_next(arguments, answer, argc, argv, error) != 0)
			return (usage_error(error, command));
	arguments->operands = (const char *const *)argv + optind;
	arguments->operand_count = (size_t)(argc - optind);
	return (0);
}

bool
arguments_has(const struct arguments *arguments, enum option_id id)
{
	return (arguments->counts[id] > 0);
}

const char *
arguments_text(const struct arguments *arguments, enum option_id id)
{
	return (arguments->values[id]);
}

static int
bad_value(const struct arguments *arguments, enum option_id id,
    const char *wanted, struct error *error)
{
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "'--%s' cannot be \"%s\": %s", option_at(id)->name,
	    arguments->values[id], wanted));
	return (usage_error(error, arguments->command));
}

int
arguments_number(const struct arguments *arguments, enum option_id id,
    const int64_t range[2], int64_t *value, struct error *error)
{
	char wanted[96];

	if (!arguments_has(arguments, id) ||
	    num_parse(arguments->values[id], range[0], range[1], value) == 0)
		return (0);
	(void)snprintf(wanted, sizeof(wanted),
	    "it takes a number from %" PRId64 " to %" PRId64, range[0],
	    range[1]);
	return (bad_value(arguments, id, wanted, error));
}

/* "64KiB": how a user would write it. */
static const char *
size_text(uint64_t bytes, char *buffer, size_t size)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	while (bytes != 0 && bytes % 1024 == 0 &&
	    unit + 1 < ARRAY_COUNT(units)) {
		bytes /= 1024;
		unit++;
	}
	(void)snprintf(buffer, size, "%" PRIu64 "%s", bytes, units[unit]);
	return (buffer);
}

int
arguments_size(const struct arguments *arguments, enum option_id id,
    const uint64_t range[2], uint64_t *value, struct error *error)
{
	char wanted[128];
	char low[32];
	char high[32];
	uint64_t bytes;

	if (!arguments_has(arguments, id))
		return (0);
	if (num_parse_size(arguments->values[id], &bytes) != 0)
		return (bad_value(arguments, id,
		    "it takes bytes, or a number with KiB, MiB or GiB",
		    error));
	if (bytes >= range[0] && bytes <= range[1]) {
		*value = bytes;
		return (0);
	}
	(void)snprintf(wanted, sizeof(wanted), "it takes %s to %s",
	    size_text(range[0], low, sizeof(low)),
	    size_text(range[1], high, sizeof(high)));
	return (bad_value(arguments, id, wanted, error));
}

int
arguments_duration(const struct arguments *arguments, enum option_id id,
    int64_t *value, struct error *error)
{
	if (!arguments_has(arguments, id) ||
	    num_parse_duration(arguments->values[id], value) == 0)
		return (0);
	return (bad_value(arguments, id,
	    "it takes a number with ms, s, m, h or d, such as 90s", error));
}

int
arguments_choice(const struct arguments *arguments, enum option_id id,
    const char *const *words, int *value, struct error *error)
{
	char wanted[128] = "it takes ";
	size_t used;
	int i;

	if (!arguments_has(arguments, id))
		return (0);
	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(arguments->values[id], words[i]) == 0) {
			*value = i;
			return (0);
		}
		used = strlen(wanted);
		(void)snprintf(wanted + used, sizeof(wanted) - used, "%s%s",
		    i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ",
		    words[i]);
	}
	return (bad_value(arguments, id, wanted, error));
}

int
arguments_exclude(const struct arguments *arguments, enum option_id a,
    enum option_id b, const char *reason, struct error *error)
{
	if (!arguments_has(arguments, a) || !arguments_has(arguments, b))
		return (0);
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "'--%s' and '--%s' contradict each other%s%s", option_at(a)->name,
	    option_at(b)->name, reason != NULL ? ": " : "",
	    reason != NULL ? reason : ""));
	return (usage_error(error, arguments->command));
}
