/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * doc/states.md as rows.  Its headings say what a table is about:
 *
 *     ## The client        which side the tables below belong to
 *     ### Close            the call, where a table's columns are states
 *
 * Sections that are not listed here are prose, and may hold no table that
 * looks like one of these.
 */

#include "states.h"

#include "base/fd.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 8
#define DOCUMENT_LIMIT (1024 * 1024)

static const char call_header[] =
    "call|state|case|answer|state after|the other side|source|";
static const char command_header[] =
    "command|Active|Errored|Closed|Aborted|set closed|";
static const char race_header[] =
    "side|calls|state|case|answers|state after|the other side|source|";

struct section {
	const char *heading;
	enum states_side side;
	const char *header;
};

static const struct section sections[] = {
	{ "The client", SIDE_CLIENT, call_header },
	{ "A second process of the client", SIDE_SECONDARY, call_header },
	{ "The server", SIDE_SERVER, call_header },
	{ "A device, seen by the client", SIDE_CLIENT_DEVICE, call_header },
	{ "A device, seen by the server", SIDE_SERVER_DEVICE, call_header },
	{ "Commands by the state of the device", SIDE_COMMAND,
	    command_header },
	{ "At the same time", SIDE_RACE, race_header },
};

struct reader {
	struct states_table *table;
	const char *path;
	unsigned line;
	const struct section *section; /* NULL: prose */
	const char *call;              /* the ### heading */
	char *header[COLUMNS];         /* of the table we are in */
	unsigned columns;              /* 0: not in a table */
	bool is_ruled;                 /* the line of dashes has passed */
};

static void NO_RETURN
refuse(const struct reader *reader, const char *what)
{
	errx(EXIT_FAILURE, "%s:%u: %s", reader->path, reader->line, what);
}

static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " ");
	for (length = strlen(text); length > 0 && text[length - 1] == ' ';
	    length--)
		;
	text[length] = '\0';
	return (text);
}

/* "| a | b |" in its cells; their count. */
static unsigned
split(const struct reader *reader, char *line, char *cells[COLUMNS])
{
	unsigned count = 0;
	char *end;

	line++;
	while ((end = strchr(line, '|')) != NULL) {
		if (count == COLUMNS)
			refuse(reader, "too many columns");
		*end = '\0';
		cells[count++] = trim(line);
		line = end + 1;
	}
	if (*trim(line) != '\0')
		refuse(reader, "a row ends with a bar");
	return (count);
}

static void
begin_table(struct reader *reader, char *line)
{
	char joined[200] = "";
	size_t used = 0;
	unsigned i;

	reader->columns = split(reader, line, reader->header);
	reader->is_ruled = false;
	for (i = 0; i < reader->columns && used < sizeof(joined); i++)
		used += (size_t)snprintf(joined + used, sizeof(joined) - used,
		    "%s|", reader->header[i]);
	if (reader->section != NULL &&
	    strcmp(joined, reader->section->header) != 0)
		refuse(reader, "these are not the columns of this section");
	if (reader->section == NULL && (strcmp(joined, call_header) == 0 ||
	    strcmp(joined, command_header) == 0 ||
	    strcmp(joined, race_header) == 0))
		refuse(reader, "a table in a section without a side");
}

static void
add(struct reader *reader, const struct states_row *row)
{
	struct states_table *table = reader->table;

	if (table->count == table->room) {
		table->room = table->room == 0 ? 256 : 2 * table->room;
		table->rows = reallocarray(table->rows, table->room,
		    sizeof(*table->rows));
		if (table->rows == NULL)
			err(EXIT_FAILURE, "states");
	}
	if (row->call[0] == '\0' || row->state[0] == '\0' ||
	    row->answer[0] == '\0')
		refuse(reader, "a cell is empty that may not be");
	table->rows[table->count++] = *row;
}

static bool
is_source(const char *text)
{
	return (strncmp(text, "§", strlen("§")) == 0 ||
	    strcmp(text, "client.h") == 0 || strcmp(text, "server.h") == 0);
}

static void
add_row(struct reader *reader, char *cells[COLUMNS])
{
	struct states_row row = { .line = reader->line,
		.side = reader->section->side, .who = "" };
	unsigned i = 0;

	if (row.side == SIDE_COMMAND) {
		row.call = reader->call;
		row.variant = cells[0];
		row.after = row.other = row.source = "";
		for (i = 1; i < reader->columns; i++) {
			row.state = reader->header[i];
			row.answer = cells[i];
			add(reader, &row);
		}
		return;
	}
	if (row.side == SIDE_RACE)
		row.who = cells[i++];
	row.call = cells[i++];
	row.state = cells[i++];
	row.variant = cells[i++];
	row.answer = cells[i++];
	row.after = cells[i++];
	row.other = cells[i++];
	row.source = cells[i];
	if (!is_source(row.source))
		refuse(reader, "the source is neither a section nor a header");
	if (row.after[0] == '\0' || row.other[0] == '\0')
		refuse(reader, "a cell is empty that may not be");
	if (row.side != SIDE_RACE && strcmp(row.call, reader->call) != 0)
		refuse(reader, "the call is not the heading's");
	add(reader, &row);
}

static void
read_row(struct reader *reader, char *line)
{
	char *cells[COLUMNS];

	if (!reader->is_ruled) {
		if (strspn(line, "|-") != strlen(line))
			refuse(reader, "no rule below the columns' names");
		reader->is_ruled = true;
		return;
	}
	if (split(reader, line, cells) != reader->columns)
		refuse(reader, "not as many cells as the table has columns");
	if (reader->section != NULL)
		add_row(reader, cells);
}

static void
read_heading(struct reader *reader, const char *line)
{
	size_t i;

	if (strncmp(line, "### ", 4) == 0) {
		reader->call = line + 4;
		return;
	}
	if (strncmp(line, "## ", 3) != 0)
		return;
	reader->call = "";
	reader->section = NULL;
	for (i = 0; i < ARRAY_COUNT(sections); i++)
		if (strcmp(sections[i].heading, line + 3) == 0)
			reader->section = &sections[i];
}

void
states_table_read(struct states_table *table, const char *path)
{
	struct reader reader = { .table = table, .path = path, .call = "" };
	char *line, *next;
	size_t size;

	memset(table, 0, sizeof(*table));
	if (fd_read_file(path, DOCUMENT_LIMIT, &table->text, &size, NULL) != 0)
		errx(EXIT_FAILURE, "cannot read %s", path);
	for (line = table->text; line != NULL; line = next) {
		reader.line++;
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (line[0] == '|' && reader.columns > 0)
			read_row(&reader, line);
		else if (line[0] == '|')
			begin_table(&reader, line);
		else
			reader.columns = 0;
		if (line[0] == '#')
			read_heading(&reader, line);
	}
	if (table->count == 0)
		errx(EXIT_FAILURE, "%s: no rows", path);
}

void
states_table_release(struct states_table *table)
{
	free(table->rows);
	free(table->text);
}

/* ---- names of states ---- */

struct state_name {
	unsigned sides;
	enum half_state state;
	const char *name;
};

#define SETS (ON(SIDE_CLIENT) | ON(SIDE_SECONDARY) | ON(SIDE_SERVER))
#define DEVICES                                                                \
	(ON(SIDE_CLIENT_DEVICE) | ON(SIDE_SERVER_DEVICE) | ON(SIDE_COMMAND))

static const struct state_name names[] = {
	{ ON(SIDE_CLIENT), STATE_NEVER, "never created" },
	{ ON(SIDE_SECONDARY), STATE_NEVER, "never attached" },
	{ ON(SIDE_SERVER), STATE_NEVER, "never opened" },
	{ ON(SIDE_SERVER), STATE_CONNECTED, "Connected" },
	{ SETS, STATE_CONFIGURABLE, "Configurable" },
	{ SETS, STATE_INITIALIZING, "Initializing" },
	{ SETS | DEVICES, STATE_ACTIVE, "Active" },
	{ SETS, STATE_TERMINATED, "Normally Terminated" },
	{ SETS, STATE_ABORT, "Abort" },
	{ ON(SIDE_CLIENT) | ON(SIDE_SERVER), STATE_CLOSED, "closed" },
	{ ON(SIDE_SECONDARY), STATE_CLOSED, "detached" },
	{ DEVICES, STATE_ERRORED, "Errored" },
	{ DEVICES, STATE_ENDED, "Closed" },
	{ DEVICES, STATE_ABORT, "Aborted" },
	{ ON(SIDE_COMMAND), STATE_CLOSED, "set closed" },
};

enum half_state
states_state(enum states_side side, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++)
		if ((names[i].sides & ON(side)) != 0 &&
		    strcmp(names[i].name, name) == 0)
			return (names[i].state);
	return (STATE_NONE);
}

const char *
states_state_name(enum states_side side, enum half_state state)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++)
		if ((names[i].sides & ON(side)) != 0 &&
		    names[i].state == state)
			return (names[i].name);
	return ("no state");
}
