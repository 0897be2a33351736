/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REHEARSE_MATRIX_H
#define REHEARSE_MATRIX_H

#include "base/attr.h"
#include "base/error.h"
#include "base/fault_use.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What is rehearsed: every fault at every place of the table base/fault.def,
 * on both sides and in both directions, a command in several ways; and some
 * faults that meet another one.
 *
 *     matrix_make -> rows -> matrix_release
 */

/* Of one run: a fault, or two that meet. */
#define MATRIX_FAULTS 2

struct matrix_fault {
	enum fault_side side;
	enum fault_kind kind;
	enum fault_outcome outcome; /* what is promised */
	char text[64];           /* for --inject or --engine-inject */
	char place[24];          /* "command", "flush", a phase */
};

struct matrix_row {
	enum fault_direction direction;
	struct matrix_fault faults[MATRIX_FAULTS];
	size_t count;
};

struct matrix {
	struct matrix_row *rows;
	size_t count;
};

struct matrix_wish {
	const char *const *only; /* names of faults, NULL-ended; NULL: all */
	const char *direction;   /* "backup", "restore"; NULL: both */
	bool is_quick;           /* each fault at few places */
	unsigned devices;
};

/* KIND_USAGE: a fault or a direction that there is not. */
int matrix_make(struct matrix *matrix, const struct matrix_wish *wish,
    struct error *error) MUST_CHECK;
void matrix_release(struct matrix *matrix);

#endif
