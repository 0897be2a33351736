/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_CLAUSE_H
#define SQL_CLAUSE_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "sql/statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lists in a statement, item by item: the parts before TO and FROM, the
 * devices, the options of WITH.  Errors are KIND_USAGE and name the item;
 * nothing is said where a value is zero or NULL.
 */

/* nvarchar(260), nvarchar(128) and nvarchar(255) of T-SQL. */
#define CLAUSE_PATH 260u
#define CLAUSE_NAME 128u
#define CLAUSE_DESCRIPTION 255u

/* before opens the list, a comma separates: " ", " WITH ". */
struct clause {
	struct str *to;
	const char *before;
	bool any;
};

void clause_word(struct clause *clause, const char *word);
void clause_number(struct clause *clause, const char *name, uint32_t value);
void clause_choice(struct clause *clause, enum statement_choice choice,
    const char *yes, const char *no);
void clause_flag(struct clause *clause, bool is_given, const char *word);

/* NAME=N'value', at most max UTF-16 units and at least one. */
int clause_text(struct clause *clause, const char *name, const char *value,
    size_t max, struct error *error) MUST_CHECK;
/* NAME=N'2026-11-24T07:30:00' of what when.h takes. */
int clause_time(struct clause *clause, const char *name, const char *value,
    struct error *error) MUST_CHECK;
/* The text of --with, checked. */
int clause_extra(struct clause *clause, const char *extra, bool restore,
    struct error *error) MUST_CHECK;

/* FILE=, FILEGROUP= and READ_WRITE_FILEGROUPS. */
int clause_parts(struct clause *clause, const struct statement_parts *parts,
    struct error *error) MUST_CHECK;
/* VIRTUAL_DEVICE= for each. */
int clause_devices(struct clause *clause,
    const struct statement_devices *devices, struct error *error) MUST_CHECK;
/* BLOCKSIZE and its like. */
void clause_sizes(struct clause *clause,
    const struct statement_devices *devices);

/* The word of a NULL-ended list that value is in any case, which is how the
 * server writes it; NULL with the error, which says what there is. */
const char *clause_known(const char *const *words, const char *value,
    const char *what, struct error *error) MUST_CHECK;

#endif
