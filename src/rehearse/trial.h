/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REHEARSE_TRIAL_H
#define REHEARSE_TRIAL_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "rehearse/matrix.h"
#include "rehearse/rehearse.h"
#include "run/room.h"

#include <stdatomic.h>

/*
 * One run of the matrix, in a folder that no other run uses meanwhile.
 *
 *     trial_prepare, once for the folder -> trial_run, as often as wanted
 *
 * Errors are ours alone: a program that does not start, a folder that cannot
 * be made, KIND_ABORTED.  What a run does is its outcome.
 */

struct trial {
	const char *program; /* vdibackup */
	const char *engine;  /* vdi-engine */
	int (*status_of)(enum error_kind kind);
	unsigned devices;
	const atomic_int *stop;
	char folder[ROOM_PATH];
	char sample[ROOM_PATH + 32];  /* the database */
	char store[ROOM_PATH + 32];
	char copy[ROOM_PATH + 32];    /* what is restored */
	char debris[ROOM_PATH + 48];  /* a restore that was not finished */
	char good[ROOM_PATH + 32];    /* a store with a backup of the sample */
};

/* Make the folder, the sample, and a good backup of it. */
int trial_prepare(struct trial *trial, const char *folder,
    struct error *error) MUST_CHECK;

/* outcome: status, elapsed_ns, seen, left and problem are filled; said gets
 * the messages. */
int trial_run(const struct trial *trial, const struct matrix_row *row,
    struct rehearse_outcome *outcome, struct str *said, struct error *error)
    MUST_CHECK;

#endif
