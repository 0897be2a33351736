/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_QUOTE_H
#define SQL_QUOTE_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"

/*
 * Names and texts as T-SQL takes them; pure functions.  Nothing reaches a
 * statement but through these.  Text that is not UTF-8 is refused, since what
 * the server would make of it is not known.  Errors are KIND_USAGE.
 */

/* sysname: at most 128 UTF-16 units. */
#define QUOTE_MAX_NAME 128u

/* Append [name], ] doubled. */
int quote_identifier(struct str *to, const char *name, struct error *error)
    MUST_CHECK;

/* Append N'text', ' doubled; at most max UTF-16 units.  Control characters are
 * refused: nobody sees them in a log or a history.  (A database may well have
 * them in its name, and has to be backed up all the same.) */
int quote_literal(struct str *to, const char *text, size_t max,
    struct error *error) MUST_CHECK;

#endif
