/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/fault_use.h"

#include <stdio.h>
#include <string.h>

#define COMMAND "command"

static const struct fault_use uses[] = {
#define FAULT(side, direction, kind, places, outcome)                          \
	{ FAULT_SIDE_##side, FAULT_DIRECTION_##direction, FAULT_##kind,        \
	    places, FAULT_OUTCOME_##outcome },
#include "base/fault.def"
#undef FAULT
};

const struct fault_use *
fault_use_at(size_t i)
{
	return (i < ARRAY_COUNT(uses) ? &uses[i] : NULL);
}

bool
fault_outcome_has(enum fault_outcome outcome, enum error_kind kind)
{
	static const unsigned kinds[] = {
		[FAULT_OUTCOME_KILLED] = 1u << KIND_NONE,
		[FAULT_OUTCOME_STATEMENT] = 1u << KIND_STATEMENT,
		[FAULT_OUTCOME_ABORTED] = 1u << KIND_ABORTED,
		[FAULT_OUTCOME_ABORTED_OR_STATEMENT] =
		    1u << KIND_ABORTED | 1u << KIND_STATEMENT,
		[FAULT_OUTCOME_TIMEOUT] = 1u << KIND_TIMEOUT,
		[FAULT_OUTCOME_STORAGE] = 1u << KIND_STORAGE,
		[FAULT_OUTCOME_INTEGRITY] = 1u << KIND_INTEGRITY,
	};

	return ((kinds[outcome] >> kind & 1) != 0);
}

const char *
fault_side_name(enum fault_side side)
{
	return (side == FAULT_SIDE_CLIENT ? "vdibackup" : "vdi-engine");
}

const char *
fault_direction_name(enum fault_direction direction)
{
	return (direction == FAULT_DIRECTION_BACKUP ? "backup" : "restore");
}

bool
fault_use_place(const struct fault_use *use, size_t i, char *place,
    size_t size)
{
	const char *word = use->places;
	size_t length = strcspn(word, " ");

	for (; i > 0 && word[length] != '\0'; i--) {
		word += length + 1;
		length = strcspn(word, " ");
	}
	if (i > 0)
		return (false);
	(void)snprintf(place, size, "%.*s", (int)length, word);
	return (true);
}

static bool
has_place(const struct fault_use *use, const char *wanted)
{
	char place[24];
	size_t i;

	for (i = 0; fault_use_place(use, i, place, sizeof(place)); i++)
		if (strcmp(place, wanted) == 0)
			return (true);
	return (false);
}

static const struct fault_use *
find(enum fault_side side, enum fault_direction direction,
    enum fault_kind kind)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(uses); i++)
		if (uses[i].side == side && uses[i].direction == direction &&
		    uses[i].kind == kind)
			return (&uses[i]);
	return (NULL);
}

/* "vdibackup in a backup, vdi-engine in a restore" */
static int
refuse_fault(const struct fault *fault, enum fault_side side,
    enum fault_direction direction, struct error *error)
{
	char where[200] = "";
	size_t used = 0;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(uses); i++)
		if (uses[i].kind == fault->kind && used < sizeof(where))
			used += (size_t)snprintf(where + used,
			    sizeof(where) - used, "%s%s in a %s",
			    used > 0 ? ", " : "",
			    fault_side_name(uses[i].side),
			    fault_direction_name(uses[i].direction));
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "the fault \"%s\" cannot happen to %s in a %s", fault->text,
	    fault_side_name(side), fault_direction_name(direction)));
	error_hint(error, "%s can happen to: %s",
	    fault_kind_name(fault->kind), where);
	return (-1);
}

/* "a command (device=N, command=N, after=BYTES), at=flush, ..." */
static int
refuse_place(const struct fault *fault, const struct fault_use *use,
    struct error *error)
{
	char where[400] = "";
	char place[24];
	size_t used = 0;
	size_t i;

	for (i = 0; fault_use_place(use, i, place, sizeof(place)) &&
	    used < sizeof(where); i++) {
		bool is_command = strcmp(place, COMMAND) == 0;

		used += (size_t)snprintf(where + used, sizeof(where) - used,
		    "%s%s%s", i > 0 ? ", " : "", is_command ? "" : "at=",
		    is_command ? "a command (device=N, command=N, "
		    "after=BYTES)" : place);
	}
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "there is no such place for the fault \"%s\" in a %s by %s",
	    fault->text, fault_direction_name(use->direction),
	    fault_side_name(use->side)));
	error_hint(error, "%s can be played at: %s",
	    fault_kind_name(fault->kind), where);
	return (-1);
}

/* A phase is the whole job's, a flush or a complete a device's own. */
static int
check_keys(const struct fault *fault, struct error *error)
{
	bool is_command = strcmp(fault->phase, "flush") == 0 ||
	    strcmp(fault->phase, "complete") == 0;

	if (fault->phase[0] == '\0' || (fault->command == 0 &&
	    !fault->has_after && (fault->device == 0 || is_command)))
		return (0);
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "the fault \"%s\" has two places", fault->text));
	error_hint(error, "at=flush and at=complete go with device=N, the "
	    "phases stand alone");
	return (-1);
}

int
fault_plan_check(const struct fault_plan *plan, enum fault_side side,
    enum fault_direction direction, struct error *error)
{
	unsigned i;

	for (i = 0; i < plan->count; i++) {
		const struct fault *fault = &plan->faults[i];
		const struct fault_use *use = find(side, direction,
		    fault->kind);

		if (use == NULL)
			return (refuse_fault(fault, side, direction, error));
		if (!has_place(use, fault->phase[0] != '\0' ? fault->phase :
		    COMMAND))
			return (refuse_place(fault, use, error));
		if (check_keys(fault, error) != 0)
			return (-1);
	}
	return (0);
}
