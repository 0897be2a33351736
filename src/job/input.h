/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_INPUT_H
#define JOB_INPUT_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/stripe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a user names as the place of a backup, turned into its stripes in the
 * order of their devices: a backup folder, a store, stripe files, plain
 * files, "-" for standard input.
 *
 *     input_resolve -> input_open per stripe -> input_settle
 *       -> read the stripes -> input_check per stripe -> input_release
 *
 * Errors: KIND_STORAGE (cannot read), KIND_INTEGRITY (not what it should be),
 * KIND_USAGE (names nothing).
 */

struct fault_plan;
struct pool;
struct store_backup;
struct stripe_read;

struct input_wish {
	const char *const *paths;
	size_t count;
	const char *server;   /* for a store; may be NULL */
	const char *database; /* for a store; may be NULL */
	const char *backup;   /* id, folder name, "latest", or NULL */
	bool partial;         /* take a partial folder that has a manifest */
};

struct input {
	char *path;                  /* of the whole, for people */
	char warning[512];           /* what the choice passed over, or "" */
	char **paths;                /* count of them */
	size_t count;
	struct store_backup *backup; /* the manifest, or NULL */
	struct stripe_read **stripes; /* owned; count of them */
	/* Set after input_resolve: whether a wait for standard input or a
	 * pipe is to end.  May be NULL. */
	bool (*must_stop)(void *context);
	void *context;
	/* The same: fault drills on what is read.  May be NULL. */
	struct fault_plan *faults;
};

int input_resolve(struct input *input, const struct input_wish *wish,
    struct error *error) MUST_CHECK;
void input_release(struct input *input);

/* Open every stripe; the first that cannot be opened is the error. */
int input_open(struct input *input, struct pool *pool, struct error *error)
    MUST_CHECK;
/* Open stripe index (from 0) only. */
int input_open_one(struct input *input, size_t index, struct pool *pool,
    struct error *error) MUST_CHECK;

/*
 * Put stripe files in the order of their devices, and hold what each says of
 * itself against the others and the manifest: all of one backup, none
 * missing, none twice.
 */
int input_settle(struct input *input, struct error *error) MUST_CHECK;

/* Hold a stripe that was read to its end against the manifest, if any. */
int input_check(const struct input *input, size_t index,
    const struct stripe_result *result, struct error *error) MUST_CHECK;

/* Whether the backup says of itself, by its manifest or its stripes, what it
 * is of; *is_log then tells whether it is of a log.  After input_settle. */
bool input_knows_log(const struct input *input, bool *is_log);

/* The sizes that the backup was made with; 0 where nobody knows. */
uint32_t input_block_size(struct input *input, struct error *error);
uint32_t input_transfer_size(const struct input *input);

enum input_kind {
	INPUT_UNKNOWN = -1, /* the error says why */
	INPUT_FILE,         /* or nothing, or "-": who opens it will see */
	INPUT_BACKUP,       /* a folder with a manifest, or named like one */
	INPUT_STORE         /* any other folder */
};

enum input_kind input_kind(const char *path, struct error *error) MUST_CHECK;

#endif
