/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_WORDING_H
#define CLI_WORDING_H

#include "base/attr.h"
#include "base/error.h"
#include "cli/arguments.h"
#include "sql/statement.h"

#include <stddef.h>

/*
 * From options to what is said to the server: everything in a statement but
 * the database, the devices and their sizes.  What the statement could not be
 * built with is refused here, before anything is looked at: KIND_USAGE.
 *
 *     wording_init -> wording_fill_backup or wording_fill_restore
 *       -> use the statement -> wording_release
 *
 * The statement borrows from the arguments and from the wording, which owns
 * what had to be taken apart.
 */

struct wording {
	char **texts;
	size_t text_count;
	struct statement_move *moves;
};

void wording_init(struct wording *wording);
void wording_release(struct wording *wording);

int wording_fill_backup(struct wording *wording,
    struct statement_backup *statement, const struct arguments *arguments,
    struct error *error) MUST_CHECK;

/* is_type_given: whether --type says what the backup is of. */
int wording_fill_restore(struct wording *wording,
    struct statement_restore *statement, bool *is_type_given,
    const struct arguments *arguments, struct error *error) MUST_CHECK;

#endif
