/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/attr.h"
#include "base/error.h"
#include "store/manifest.h"
#include "store/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where backups lie, and the order in which one becomes complete.
 *
 * Writing:
 *
 *     store_probe                early: can this place be written at all
 *     store_begin[_file]         ....partial is there, empty
 *       store_target_stripe      where each stripe goes; the caller writes and
 *                                syncs the files
 *     store_write_manifest       SHA256SUMS and manifest.json, durable, still
 *                                under the partial name
 *     store_commit               renamed into place, folder synced
 *     store_target_free
 *
 * A folder without ".partial" that holds manifest.json is complete; nothing
 * else is.  store_target_free without store_commit leaves everything where it
 * is (store_target_path names it), since a finished transfer may be the only
 * copy of a log; store_discard removes what provably did not finish.
 *
 * In the single-file form the target is FILE, written as FILE.partial, or as
 * FILE.2.partial where an earlier run has left the first; there is no manifest
 * beside it, and store_write_manifest checks the file and syncs its folder.
 * An existing FILE is never replaced.
 *
 * Reading:
 *
 *     store_open -> store_backup -> store_backup_free
 *     scan.h tells what a store holds and finds the latest
 *
 * Errors: KIND_STORAGE for the file system, KIND_INTEGRITY for contents.
 * One owning thread per object.
 */

#define STORE_MANIFEST "manifest.json"
#define STORE_SUMS "SHA256SUMS"

struct store_target;

/*
 * Make the folder for this server's and database's backups and prove that it
 * can be written to and has room for at least need bytes (0: for anything).
 */
int store_probe(const char *root, const char *server, const char *database,
    uint64_t need, struct error *error) MUST_CHECK;

/* The same for the single-file form; an existing FILE is refused. */
int store_probe_file(const char *file, uint64_t need, struct error *error)
    MUST_CHECK;

/* STORE/<server>/<database>, encoded, owned by the caller (free). */
char *store_database_folder(const char *root, const char *server,
    const char *database, struct error *error) MUST_CHECK;

struct store_plan {
	const char *root;
	const char *server;
	const char *database;
	enum manifest_type type;
	int64_t started; /* seconds since 1970, UTC */
	unsigned stripes;
};

struct store_target *store_begin(const struct store_plan *plan,
    struct error *error) MUST_CHECK;
struct store_target *store_begin_file(const char *file, struct error *error)
    MUST_CHECK;

/* The name that is on disk now: with ".partial" until store_commit. */
const char *store_target_path(const struct store_target *target);
/* The name that store_commit gives it. */
const char *store_target_final(const struct store_target *target);
/* Path of stripe index (from 1), as it is on disk now. */
const char *store_target_stripe(const struct store_target *target,
    unsigned index);
/* Its name inside the folder, as the manifest has it. */
const char *store_target_stripe_name(const struct store_target *target,
    unsigned index);
/* Whether store_write_manifest has succeeded: from then on the leftovers may
 * be adopted and must not be discarded. */
bool store_target_has_manifest(const struct store_target *target);

int store_write_manifest(struct store_target *target,
    const struct manifest *manifest, struct error *error) MUST_CHECK;
int store_commit(struct store_target *target, struct error *error) MUST_CHECK;
/* Remove the target of a transfer that did not finish; refused once there is
 * a manifest. */
int store_discard(struct store_target *target, struct error *error)
    MUST_CHECK;
/* Accepts NULL; touches nothing on disk. */
void store_target_free(struct store_target *target);
/* The same, but what store_target_path said is the caller's to free. */
char *store_target_end(struct store_target *target) MUST_CHECK;

/* A backup folder that was opened for reading. */
struct store_backup {
	char *folder;
	bool partial;
	struct manifest manifest;
	char **stripes; /* paths, in order of devices; manifest.stripe_count */
};

enum store_open_flags {
	STORE_OPEN_COMPLETE = 0, /* refuse ".partial"; check files and sizes */
	STORE_OPEN_PARTIAL = 1,  /* a partial folder with a manifest will do */
	STORE_OPEN_UNCHECKED = 2 /* do not look at the stripe files */
};

/*
 * Read the manifest (checked against SHA256SUMS), and check that each stripe
 * is there with the size that the manifest states.
 */
struct store_backup *store_open(const char *folder, unsigned flags,
    struct error *error) MUST_CHECK;
void store_backup_free(struct store_backup *backup);
/* Presence and size of one stripe, index from 1. */
int store_check_stripe(const struct store_backup *backup, unsigned index,
    struct error *error) MUST_CHECK;

/* 1: a folder whose name is a backup folder's, at whatever stage; 0: not; -1:
 * cannot tell.  What is not there is none. */
int store_is_backup_folder(const char *path, struct error *error) MUST_CHECK;

/* Stripe files that were given by name, with the identity that each file
 * states of itself. */
struct store_file {
	const char *path;
	uint8_t id[16];
	unsigned index; /* from 1 */
	unsigned count;
};

/* Put them in order; KIND_INTEGRITY unless they are one whole backup. */
int store_order_files(struct store_file *files, size_t count,
    struct error *error) MUST_CHECK;

/*
 * The path that a backup folder has at another stage (path.h), owned by the
 * caller (free): the same but for the suffix of its name, and without slashes
 * at its end.  KIND_USAGE if the name is not a backup folder's.
 */
char *store_stage_path(const char *folder, enum path_stage stage,
    struct error *error) MUST_CHECK;

/*
 * Turn a partial folder that has a manifest and all its stripes into a
 * complete backup; *final (may be NULL) is owned by the caller (free).
 * Contents are the caller's to verify before.
 */
int store_adopt(const char *folder, char **final, struct error *error)
    MUST_CHECK;

/*
 * Remove a backup folder, complete or not: renamed to ".expired" first, so
 * that no half of a backup is ever seen as a whole.  Only the plain files of
 * a folder with a backup folder's name are removed.
 */
int store_remove(const char *folder, struct error *error) MUST_CHECK;

#endif
