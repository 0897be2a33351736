/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "rehearse/matrix.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "command"
/* Longer than any time-out of a rehearsal. */
#define STALL "stall=60"

/* A command, in the ways that it can be named; the first for all. */
static const char *const commands[] = { "", ",command=2", ",after=128KiB",
	",device=2" };

/* Faults that meet: the second one fires while the first is at work, or the
 * job ends before it can. */
static const struct {
	enum fault_direction direction;
	enum fault_side sides[MATRIX_FAULTS];
	const char *texts[MATRIX_FAULTS];
} meetings[] = {
#define MEET(direction, side, text, other_side, other_text)                    \
	{ FAULT_DIRECTION_##direction, { FAULT_SIDE_##side,                    \
	    FAULT_SIDE_##other_side }, { text, other_text } }
	MEET(BACKUP, CLIENT, "fail,device=1,command=2", CLIENT,
	    STALL ",device=2,command=2"),
	MEET(BACKUP, CLIENT, "sink-error", CLIENT, "abort,at=flush"),
	MEET(BACKUP, CLIENT, "abort,command=3", ENGINE, STALL ",command=3"),
	MEET(BACKUP, CLIENT, "drop,command=2", ENGINE, "kill,command=5"),
	MEET(BACKUP, CLIENT, STALL ",command=3", ENGINE, "abort,command=5"),
	MEET(BACKUP, CLIENT, "sql-cancel,command=2", ENGINE,
	    "drop,command=3"),
	MEET(BACKUP, CLIENT, "close-early,command=3", ENGINE,
	    "close-early,command=4"),
	MEET(BACKUP, CLIENT, "corrupt", ENGINE, "abort,at=close"),
	MEET(BACKUP, CLIENT, "kill,command=3", ENGINE, STALL ",command=2"),
	MEET(BACKUP, CLIENT, "kill,at=configure", ENGINE, "drop,at=open"),
	MEET(BACKUP, CLIENT, STALL ",at=durable", ENGINE, "kill,at=close"),
	MEET(BACKUP, CLIENT, "fail,at=commit", CLIENT, "sink-full,at=commit"),
	MEET(RESTORE, CLIENT, "sink-error,command=2", ENGINE, "sink-full"),
	MEET(RESTORE, CLIENT, "fail,command=3", ENGINE, "drop,command=5"),
	MEET(RESTORE, CLIENT, "kill,command=3", ENGINE, STALL ",command=2"),
	MEET(RESTORE, CLIENT, STALL ",command=2", ENGINE, "abort,command=8"),
	MEET(RESTORE, CLIENT, "corrupt,command=2", CLIENT,
	    "close-early,command=3"),
#undef MEET
};

static bool
is_wanted(const struct matrix_wish *wish, enum fault_kind kind)
{
	size_t i;

	if (wish->only == NULL)
		return (true);
	for (i = 0; wish->only[i] != NULL; i++)
		if (strcmp(wish->only[i], fault_kind_name(kind)) == 0)
			return (true);
	return (false);
}

static bool
goes_there(const struct matrix_wish *wish, enum fault_direction direction)
{
	return (wish->direction == NULL || strcmp(wish->direction,
	    fault_direction_name(direction)) == 0);
}

static int
check_wish(const struct matrix_wish *wish, struct error *error)
{
	size_t i;
	int kind;

	if (!goes_there(wish, FAULT_DIRECTION_BACKUP) &&
	    !goes_there(wish, FAULT_DIRECTION_RESTORE))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is no direction", wish->direction));
	for (i = 0; wish->only != NULL && wish->only[i] != NULL; i++) {
		for (kind = 0; kind < FAULT_KINDS; kind++)
			if (strcmp(wish->only[i],
			    fault_kind_name((enum fault_kind)kind)) == 0)
				break;
		if (kind < FAULT_KINDS)
			continue;
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is no fault", wish->only[i]));
		error_hint(error, "faults are abort, fail, stall, kill, "
		    "close-early, drop, corrupt, sink-full, sink-error and "
		    "sql-cancel");
		return (-1);
	}
	return (0);
}

static struct matrix_row *
add_row(struct matrix *matrix, enum fault_direction direction,
    struct error *error)
{
	struct matrix_row *rows = realloc(matrix->rows,
	    (matrix->count + 1) * sizeof(*rows));

	if (rows == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	matrix->rows = rows;
	rows += matrix->count++;
	memset(rows, 0, sizeof(*rows));
	rows->direction = direction;
	return (rows);
}

static void
fill_fault(struct matrix_fault *fault, const struct fault_use *use,
    const char *place, const char *rest)
{
	bool is_command = strcmp(place, COMMAND) == 0;

	fault->side = use->side;
	fault->kind = use->kind;
	fault->outcome = use->outcome;
	(void)snprintf(fault->place, sizeof(fault->place), "%s", place);
	(void)snprintf(fault->text, sizeof(fault->text), "%s%s%s%s",
	    use->kind == FAULT_STALL ? STALL : fault_kind_name(use->kind),
	    is_command ? "" : ",at=", is_command ? "" : place, rest);
}

static int
add_place(struct matrix *matrix, const struct matrix_wish *wish,
    const struct fault_use *use, const char *place, struct error *error)
{
	size_t count = strcmp(place, COMMAND) != 0 || wish->is_quick ? 1 :
	    ARRAY_COUNT(commands);
	struct matrix_row *row;
	size_t i;

	for (i = 0; i < count; i++) {
		if (wish->devices < 2 && strstr(commands[i], "device"))
			continue;
		row = add_row(matrix, use->direction, error);
		if (row == NULL)
			return (-1);
		fill_fault(&row->faults[row->count++], use, place,
		    commands[i]);
	}
	return (0);
}

/* The quick form: the first place, and one of the others for each fault, so
 * that all places have their turn. */
static bool
is_skipped(const struct matrix_wish *wish, const struct fault_use *use,
    size_t number, size_t place)
{
	char word[24];
	size_t count = 1;

	if (!wish->is_quick || place == 0)
		return (false);
	while (fault_use_place(use, count, word, sizeof(word)))
		count++;
	return (place != 1 + number * 5 % (count - 1));
}

static int
add_use(struct matrix *matrix, const struct matrix_wish *wish, size_t number,
    struct error *error)
{
	const struct fault_use *use = fault_use_at(number);
	char place[24];
	size_t i;

	if (!is_wanted(wish, use->kind) || !goes_there(wish, use->direction))
		return (0);
	for (i = 0; fault_use_place(use, i, place, sizeof(place)); i++)
		if (!is_skipped(wish, use, number, i) &&
		    add_place(matrix, wish, use, place, error) != 0)
			return (-1);
	return (0);
}

static const struct fault_use *
find_use(enum fault_side side, enum fault_direction direction,
    const char *text)
{
	size_t length = strcspn(text, "=,");
	const struct fault_use *use;
	size_t i;

	for (i = 0; (use = fault_use_at(i)) != NULL; i++) {
		const char *name = fault_kind_name(use->kind);

		if (use->side == side && use->direction == direction &&
		    strlen(name) == length && strncmp(name, text, length) ==
		    0)
			return (use);
	}
	return (NULL);
}

static int
add_meeting(struct matrix *matrix, const struct matrix_wish *wish,
    size_t number, struct error *error)
{
	enum fault_direction direction = meetings[number].direction;
	const struct fault_use *uses[MATRIX_FAULTS];
	struct matrix_row *row;
	bool is_needless = true;
	size_t i;

	for (i = 0; i < MATRIX_FAULTS; i++) {
		uses[i] = find_use(meetings[number].sides[i], direction,
		    meetings[number].texts[i]);
		if (uses[i] != NULL && is_wanted(wish, uses[i]->kind))
			is_needless = false;
		if (strstr(meetings[number].texts[i], "device=2") != NULL &&
		    wish->devices < 2)
			return (0);
	}
	if (is_needless || !goes_there(wish, direction))
		return (0);
	row = add_row(matrix, direction, error);
	if (row == NULL)
		return (-1);
	for (i = 0; i < MATRIX_FAULTS; i++) {
		struct matrix_fault *fault = &row->faults[row->count++];

		assert(uses[i] != NULL);
		fill_fault(fault, uses[i], COMMAND, "");
		(void)snprintf(fault->text, sizeof(fault->text), "%s",
		    meetings[number].texts[i]);
	}
	return (0);
}

int
matrix_make(struct matrix *matrix, const struct matrix_wish *wish,
    struct error *error)
{
	size_t i;

	*matrix = (struct matrix){ 0 };
	if (check_wish(wish, error) != 0)
		return (-1);
	for (i = 0; fault_use_at(i) != NULL; i++)
		if (add_use(matrix, wish, i, error) != 0)
			return (-1);
	for (i = 0; i < ARRAY_COUNT(meetings); i++) {
		if (wish->is_quick && i % 4 != 0)
			continue;
		if (add_meeting(matrix, wish, i, error) != 0)
			return (-1);
	}
	if (matrix->count == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "no such fault can happen there"));
	return (0);
}

void
matrix_release(struct matrix *matrix)
{
	free(matrix->rows);
	*matrix = (struct matrix){ 0 };
}
