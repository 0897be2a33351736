/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_SHOT_H
#define MEASURE_SHOT_H

#include "base/attr.h"
#include "base/database.h"
#include "base/error.h"
#include "measure/plan.h"
#include "measure/series.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One run of vdibackup for a stage, and its numbers.
 *
 * Nothing of the database that is measured is ever written: backups are
 * COPY_ONLY; a restore goes to a file of its own where the database is a file,
 * to nowhere where it is made up, and is a RESTORE VERIFYONLY anywhere else.
 */

struct shot {
	const char *program;  /* vdibackup */
	const char *database;
	const char *engine;   /* KIND:PLACE */
	enum database_kind kind;
	const char *store;    /* where backups are written */
	const char *copy;     /* the file that is restored */
	const char *const *words;        /* for backups and restores, too, */
	const char *const *backup_words; /* for backups; NULL-ended */
	int64_t timeout_ms;
	int (*status_of)(enum error_kind kind);
	const atomic_int *stop;
};

/*
 * -1: the run failed, and error is what it said, with the kind of its exit
 * status; KIND_ABORTED where it was told to stop, KIND_TIMEOUT where its time
 * was up.
 */
int shot_run(const struct shot *shot, enum plan_stage stage,
    const struct plan_setting *setting, struct series_run *run,
    struct error *error) MUST_CHECK;

#endif
