/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REHEARSE_WORDS_H
#define REHEARSE_WORDS_H

#include "rehearse/matrix.h"
#include "rehearse/trial.h"

#include <stddef.h>

/*
 * The command line of a run.
 *
 *     words_begin -> words_add_faults, words_add -> argv, NULL-ended
 *
 * Texts are borrowed until the run has ended.
 */

#define WORDS_MAX 40
#define WORDS_DATABASE "Sample"
#define WORDS_SERVER "rehearsal"

struct words {
	const char *argv[WORDS_MAX];
	size_t count;
	char engine[ROOM_PATH + 48];
	char devices[16];
	char timeout[16];
};

/* The job of that direction, without a fault; place: where the backup goes, or
 * comes from. */
void words_begin(struct words *words, const struct trial *trial,
    enum fault_direction direction, const char *place);

/* The faults of the row, and short time-outs. */
void words_add_faults(struct words *words, const struct matrix_row *row);

void words_add(struct words *words, const char *word);

#endif
