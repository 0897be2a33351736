/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FAULT_USE_H
#define BASE_FAULT_USE_H

#include "base/attr.h"
#include "base/error.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Where each fault can be played, and what is promised to come of it: the
 * table fault.def, which both programs obey.  Pure; any thread.
 */

enum fault_side {
	FAULT_SIDE_CLIENT, /* vdibackup, --inject */
	FAULT_SIDE_ENGINE  /* vdi-engine; --engine-inject of vdibackup */
};

enum fault_direction {
	FAULT_DIRECTION_BACKUP,
	FAULT_DIRECTION_RESTORE
};

/* How vdibackup ends. */
enum fault_outcome {
	FAULT_OUTCOME_KILLED, /* by SIGKILL, its own */
	FAULT_OUTCOME_STATEMENT,
	FAULT_OUTCOME_ABORTED,
	FAULT_OUTCOME_ABORTED_OR_STATEMENT,
	FAULT_OUTCOME_TIMEOUT,
	FAULT_OUTCOME_STORAGE,
	FAULT_OUTCOME_INTEGRITY
};

struct fault_use {
	enum fault_side side;
	enum fault_direction direction;
	enum fault_kind kind;
	const char *places;      /* words, separated by blanks */
	enum fault_outcome outcome;
};

/* The table's lines, from 0; NULL behind the last. */
const struct fault_use *fault_use_at(size_t i);

/* The place of that number in use->places, from 0, copied; false: there are
 * fewer. */
bool fault_use_place(const struct fault_use *use, size_t i, char *place,
    size_t size);

/* Whether an end of that kind is among what is promised; KIND_NONE: SIGKILL. */
bool fault_outcome_has(enum fault_outcome outcome, enum error_kind kind);

/* KIND_USAGE with the first fault of the plan that this side cannot play
 * where it is told to, and where it could. */
int fault_plan_check(const struct fault_plan *plan, enum fault_side side,
    enum fault_direction direction, struct error *error) MUST_CHECK;

/* "vdibackup", "vdi-engine"; "backup", "restore". */
const char *fault_side_name(enum fault_side side);
const char *fault_direction_name(enum fault_direction direction);

#endif
