/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Folders of a file system: made, proven writable, renamed, removed.
 * Errors are KIND_STORAGE; names in messages are the paths that were given.
 */

/* The folder that a path lies in, owned by the caller (free). */
char *folder_parent(const char *path, struct error *error) MUST_CHECK;

/* Make path and what is missing above it (0700 less the umask), durable. */
int folder_make(const char *path, struct error *error) MUST_CHECK;

/*
 * Bring the names of a folder and of those above it to stable storage, as far
 * up as its file system and our rights go: another run may have made them, and
 * have been killed, or have failed, before they were.
 */
int folder_settle(const char *path, struct error *error) MUST_CHECK;

/*
 * Prove that files can be made in path, by making one, and that need bytes
 * are free.  The file is gone afterwards.
 */
int folder_probe(const char *path, uint64_t need, struct error *error)
    MUST_CHECK;

/* 1: something of that name is there, 0: nothing, -1: cannot tell. */
int folder_has(const char *path, struct error *error) MUST_CHECK;

/* 1: it is a folder, or a link to one; 0: it is not, or not there; -1: cannot
 * tell. */
int folder_is(const char *path, struct error *error) MUST_CHECK;

/*
 * Rename without ever replacing anything, then sync the folder that holds
 * both names.  *renamed tells whether the new name is there, which it may be
 * although the sync failed.
 */
int folder_rename(const char *from, const char *to, bool *renamed,
    struct error *error) MUST_CHECK;

/* Remove a folder that holds nothing but plain files (or links); anything
 * else inside is an error, found before a file is removed. */
int folder_remove(const char *path, struct error *error) MUST_CHECK;

#endif
