/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_DATABASE_H
#define BASE_DATABASE_H

#include "base/attr.h"
#include "base/error.h"

#include <stdint.h>

/*
 * How a command line names what stands for a database of the embedded server.
 * One grammar for both programs:
 *
 *     sqlite     PATH
 *     replay     PATH[,PATH...]   a file for each device; in a path %2C is a
 *                                 comma and %25 a percent sign, and so is any
 *                                 byte written as % and two hex digits
 *     synthetic  SIZE[,ratio=R][,seed=N]   R from 1 to 20 with at most two
 *                                 decimals, N from 0
 *
 * database_parse fills what database_release frees.  Errors: KIND_USAGE.
 * Pure; any thread.
 */

#define DATABASE_PATHS_MAX 64u

/* The ratio is in hundredths. */
#define DATABASE_RATIO_MIN 100u
#define DATABASE_RATIO_MAX 2000u

enum database_kind {
	DATABASE_SQLITE,
	DATABASE_REPLAY,
	DATABASE_SYNTHETIC
};

#define DATABASE_KINDS (DATABASE_SYNTHETIC + 1)

struct database {
	enum database_kind kind;
	char **paths;        /* of files; none for a synthetic one */
	unsigned path_count;
	uint64_t bytes;      /* synthetic: of all devices together */
	unsigned ratio;      /* how well they can be compressed */
	uint64_t seed;
};

/* Release is due in any case. */
int database_parse(struct database *database, enum database_kind kind,
    const char *text, struct error *error) MUST_CHECK;
void database_release(struct database *database);

/* "sqlite", "replay", "synthetic". */
const char *database_kind_name(enum database_kind kind);

/* KIND:REST, with a rest that is not empty and is not looked at; or NULL. */
const char *database_split(const char *text, enum database_kind *kind);

#endif
