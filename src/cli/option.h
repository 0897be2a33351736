/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stddef.h>

/*
 * The table of options, built from option.def: parser, --help and the checks
 * of manual and completions all come from it.
 */

enum option_id {
#define OPTION(id, name, letter, value, arity, commands, group, help)          \
	OPTION_##id,
#include "cli/option.def"
#undef OPTION
	OPTION_COUNT
};

/* FLAG takes no value; SINGLE one, once; OPTIONAL one behind an equals sign or
 * none, once; MANY one each time. */
enum option_arity {
	OPTION_FLAG,
	OPTION_SINGLE,
	OPTION_OPTIONAL,
	OPTION_MANY
};

/* Headings of --help. */
enum option_group {
	GROUP_MAIN,
	GROUP_SERVER,
	GROUP_STREAM,
	GROUP_PARTS,
	GROUP_STATE,
	GROUP_POINT,
	GROUP_STATEMENT,
	GROUP_WAIT,
	GROUP_BENCH,
	GROUP_DRILL,
	GROUP_OUTPUT,
	GROUP_COUNT
};

struct option_entry {
	const char *name;
	int letter;        /* 0: none */
	const char *value; /* what it is called in help; NULL: a flag */
	enum option_arity arity;
	unsigned commands; /* 1 << COMMAND_* each */
	enum option_group group;
	const char *help;
};

const struct option_entry *option_at(enum option_id id);

/* Its heading: "Which server". */
const char *option_group_name(enum option_group group);

/* OPTION_COUNT: there is none. */
enum option_id option_by_letter(int letter);

/* The option that is nearest in spelling, or OPTION_COUNT. */
enum option_id option_nearest(const char *name);

#endif
