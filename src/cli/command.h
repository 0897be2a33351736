/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>

/*
 * The commands by name and in words; cli.c knows what runs each.
 */

enum command_id {
	COMMAND_BACKUP,
	COMMAND_RESTORE,
	COMMAND_VERIFY,
	COMMAND_SHOW,
	COMMAND_CAT,
	COMMAND_LIST,
	COMMAND_ADOPT,
	COMMAND_REHEARSE,
	COMMAND_BENCH,
	COMMAND_COUNT
};

struct command {
	const char *name;
	const char *synopsis; /* what follows "vdibackup NAME" */
	const char *summary;
	const char *about;    /* whole lines for its --help */
	const char *examples; /* whole lines */
};

const struct command *command_at(enum command_id id);

/* Its place in the table, and its bit in option_entry.commands. */
enum command_id command_id_of(const struct command *command);
unsigned command_bit(const struct command *command);

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

/* The nearest in spelling, or NULL. */
const struct command *command_nearest(const char *name);

/* "'backup' and 'restore'" for the bits of some commands; returns buffer. */
const char *command_names(unsigned bits, char *buffer, size_t size);

#endif
