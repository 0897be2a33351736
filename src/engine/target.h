/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_TARGET_H
#define ENGINE_TARGET_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/stop.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * The file that a database is restored into.
 *
 *     target_exists           may it be written at all
 *     target_open             PATH.restoring, beside the file
 *       target_write          anywhere in it, from any thread
 *     target_commit           whole, on stable storage, in the file's place
 *     target_free             removes what was not committed
 *
 * Until target_commit the file that was there, and its journal, are not
 * touched.  Then, with the new one complete on stable storage, the old one is
 * locked, its journal is brought into it, and the new one takes its place: a
 * crash leaves the old database or the new one, and never a journal of the
 * one beside the other.  An old database that stays keeps its journal mode.
 *
 * A file that is no database goes another way from target_write on:
 *
 *     target_finish           whole, on stable storage
 *     target_place            in the file's place
 *
 * Errors: as those of engine/snapshot.h, about the database's file.
 */

struct target;

/* Whether there is a file with anything in it. */
bool target_exists(const char *path);

/*
 * Waits at most lock_ms for another restore of the same file, and not once
 * stop is raised: one whose client has died needs a moment to notice.
 */
struct target *target_open(const char *path, int64_t lock_ms,
    struct stop *stop, struct error *error) MUST_CHECK;

/* The vector is used up. */
int target_write(struct target *target, uint64_t offset,
    struct iovec *vector, int count, struct error *error) MUST_CHECK;

/* bytes: the exact size; page_size: what SQLite has to find in it. */
int target_commit(struct target *target, uint64_t bytes, uint32_t page_size,
    struct error *error) MUST_CHECK;

/* So many bytes are all. */
int target_finish(struct target *target, uint64_t bytes, struct error *error)
    MUST_CHECK;

/* replaces: whatever file is there goes; otherwise there must be none, and
 * there is none if this fails. */
int target_place(struct target *target, bool replaces, struct error *error)
    MUST_CHECK;

/*
 * Where somebody else is to put the file in its place (spec 17.3): lock the
 * database that is there, and take its journals away, until target_free.
 */
int target_vacate(struct target *target, struct error *error) MUST_CHECK;

/* What is in the place now: the file of that size and imprint?  is_opened:
 * and SQLite has to find its schema in it. */
int target_check(const struct target *target, uint64_t bytes,
    uint64_t imprint, bool is_opened, struct error *error) MUST_CHECK;

/* Accepts NULL. */
void target_free(struct target *target);

#endif
