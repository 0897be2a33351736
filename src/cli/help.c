/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/help.h"

#include "cli/option.h"
#include "cli/status.h"

#include <string.h>

/* Where an option's text begins; names that reach it get a line alone. */
#define TEXT_COLUMN 28

static void
print_commands(FILE *to)
{
	int id;

	for (id = 0; id < COMMAND_COUNT; id++) {
		const struct command *command =
		    command_at((enum command_id)id);

		fprintf(to, "  %-10s%s\n", command->name, command->summary);
	}
}

void
help_short(FILE *to)
{
	fputs("usage: vdibackup COMMAND [OPTION...]\n\n", to);
	print_commands(to);
	fputs("\ntry 'vdibackup --help' or 'vdibackup COMMAND --help'\n", to);
}

void
help_overview(FILE *to)
{
	int kind;

	fputs("usage: vdibackup COMMAND [OPTION...]\n"
	    "       vdibackup help [COMMAND]\n"
	    "       vdibackup --help | --version\n"
	    "\n"
	    "Backs up and restores databases through the Virtual Device "
	    "Interface of SQL\n"
	    "Server, compressed with zstd, and never calls a backup good "
	    "unless it is.\n"
	    "\n"
	    "Commands:\n", to);
	print_commands(to);
	fputs("\nExit statuses:\n", to);
	for (kind = KIND_NONE; kind <= KIND_LOCKED; kind++)
		fprintf(to, "  %2d  %s\n", status_of((enum error_kind)kind),
		    status_meaning((enum error_kind)kind));
	fputs("\n"
	    "'vdibackup COMMAND --help' explains a command; the manual is "
	    "vdibackup(1).\n", to);
}

static void
print_option(FILE *to, const struct option_entry *entry)
{
	char names[64];
	const char *text = entry->help;
	int length;

	length = snprintf(names, sizeof(names), "  %c%c%c --%s%s%s%s",
	    entry->letter != 0 ? '-' : ' ',
	    entry->letter != 0 ? entry->letter : ' ',
	    entry->letter != 0 ? ',' : ' ', entry->name,
	    entry->value == NULL ? "" :
	    entry->arity == OPTION_OPTIONAL ? "[=" : " ",
	    entry->value != NULL ? entry->value : "",
	    entry->arity == OPTION_OPTIONAL ? "]" : "");
	if (length >= TEXT_COLUMN - 1)
		fprintf(to, "%s\n%*s", names, TEXT_COLUMN, "");
	else
		fprintf(to, "%-*s", TEXT_COLUMN, names);
	for (;;) {
		size_t line = strcspn(text, "\n");

		fprintf(to, "%.*s\n", (int)line, text);
		if (text[line] == '\0')
			return;
		text += line + 1;
		fprintf(to, "%*s", TEXT_COLUMN, "");
	}
}

static void
print_group(FILE *to, enum option_group group, unsigned bit)
{
	int is_empty = 1;
	int id;

	for (id = 0; id < OPTION_COUNT; id++) {
		const struct option_entry *entry =
		    option_at((enum option_id)id);

		if (entry->group != group || (entry->commands & bit) == 0)
			continue;
		if (is_empty)
			fprintf(to, "\n%s:\n", option_group_name(group));
		is_empty = 0;
		print_option(to, entry);
	}
}

void
help_command(FILE *to, const struct command *command)
{
	int group;

	fprintf(to, "usage: vdibackup %s %s\n\n%s", command->name,
	    command->synopsis, command->about);
	for (group = 0; group < GROUP_COUNT; group++)
		print_group(to, (enum option_group)group,
		    command_bit(command));
	fprintf(to, "\nExamples:\n%s", command->examples);
}
