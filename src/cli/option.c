/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/option.h"

#include "cli/command.h"
#include "cli/nearest.h"

#define BACKUP (1u << COMMAND_BACKUP)
#define RESTORE (1u << COMMAND_RESTORE)
#define VERIFY (1u << COMMAND_VERIFY)
#define SHOW (1u << COMMAND_SHOW)
#define CAT (1u << COMMAND_CAT)
#define LIST (1u << COMMAND_LIST)
#define ADOPT (1u << COMMAND_ADOPT)
#define REHEARSE (1u << COMMAND_REHEARSE)
#define BENCH (1u << COMMAND_BENCH)

static const struct option_entry entries[OPTION_COUNT] = {
#define OPTION(id, name, letter, value, arity, commands, group, help)          \
	[OPTION_##id] = { name, letter, value, OPTION_##arity, commands,       \
	    group, help },
#include "cli/option.def"
#undef OPTION
};

static const char *const group_names[GROUP_COUNT] = {
	[GROUP_MAIN] = "What",
	[GROUP_SERVER] = "Which server",
	[GROUP_STREAM] = "The stream",
	[GROUP_PARTS] = "Parts of the database",
	[GROUP_STATE] = "The database afterwards",
	[GROUP_POINT] = "Up to which moment",
	[GROUP_STATEMENT] = "The statement",
	[GROUP_WAIT] = "Waiting",
	[GROUP_BENCH] = "Measuring",
	[GROUP_DRILL] = "Fault drills",
	[GROUP_OUTPUT] = "Output",
};

const char *
option_group_name(enum option_group group)
{
	return (group_names[group]);
}

const struct option_entry *
option_at(enum option_id id)
{
	return (&entries[id]);
}

enum option_id
option_by_letter(int letter)
{
	int id = 0;

	while (id < OPTION_COUNT && entries[id].letter != letter)
		id++;
	return ((enum option_id)id);
}

enum option_id
option_nearest(const char *name)
{
	struct nearest nearest;
	int id;

	nearest_begin(&nearest, name);
	for (id = 0; id < OPTION_COUNT; id++)
		nearest_offer(&nearest, entries[id].name, id);
	return ((enum option_id)nearest_end(&nearest, OPTION_COUNT));
}
