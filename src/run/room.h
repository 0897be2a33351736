/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_ROOM_H
#define RUN_ROOM_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Where runs of the programs take place: a folder of its own, and looks at
 * what a run has left.  Any thread.
 */

#define ROOM_PATH 1024

/* Make parent/vdibackup-NAME-XXXXXX; parent NULL: TMPDIR, or /tmp.  The path
 * is owned by the caller (free). */
int room_make(const char *parent, const char *name, char **path,
    struct error *error) MUST_CHECK;

/* Remove a folder with all that is in it, or a file; one that is not there is
 * gone already. */
int room_remove(const char *path, struct error *error) MUST_CHECK;

bool room_exists(const char *path);

/* Whether two files hold the same bytes; *error says why they could not be
 * read. */
bool room_is_same(const char *path, const char *other, struct error *error);

/* Wait until no process has the text in its command line, at most so long;
 * false: there still is one.  Where the system does not show processes there
 * is none. */
bool room_is_quiet(const char *text, int64_t wait_ms);

#endif
