/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SCAN_H
#define STORE_SCAN_H

#include "base/attr.h"
#include "base/error.h"
#include "store/manifest.h"
#include "store/path.h"

/*
 * What a store holds.
 *
 *     scan_store -> look at entries, scan_find -> scan_release
 *
 * A folder that cannot be read or understood is an entry with its problem,
 * never a reason to hide the others; where it is a server's or a database's
 * folder, name is all zero.  Entries are in order of server, database, start.
 * Stripe files are looked at (presence, size), not read.
 */

enum scan_state {
	SCAN_COMPLETE,   /* manifest, all stripes, final name */
	SCAN_ADOPTABLE,  /* the same under the partial name */
	SCAN_UNFINISHED, /* partial, without a manifest */
	SCAN_EXPIRED,    /* its removal was interrupted */
	SCAN_BROKEN      /* see problem */
};

struct scan_entry {
	char *folder;   /* path */
	char *server;   /* of the manifest, or decoded from the path */
	char *database;
	struct path_folder name;
	enum scan_state state;
	struct manifest *manifest; /* NULL: none, or unreadable */
	struct error problem; /* set when state is SCAN_BROKEN */
	uint64_t stored_bytes; /* sizes of the stripe files that are there */
};

struct scan {
	struct scan_entry *entries;
	size_t count;
};

/* root must be a folder; one without backups gives count 0. */
int scan_store(const char *root, struct scan *scan, struct error *error)
    MUST_CHECK;
void scan_release(struct scan *scan);

/*
 * The complete backup that which names: "latest" (the latest full one of the
 * database), an id (or at least 8 digits from its front), or a folder's name.
 * server and database may be NULL where the choice is clear without them.
 * Drills are passed over by "latest".  NULL with KIND_USAGE if there is none
 * or more than one.  The entry belongs to the scan.
 */
const struct scan_entry *scan_find(const struct scan *scan,
    const char *server, const char *database, const char *which,
    struct error *error) MUST_CHECK;

/* "complete", "adoptable", ... */
const char *scan_state_name(enum scan_state state);

#endif
