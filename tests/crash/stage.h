/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_STAGE_H
#define TEST_CRASH_STAGE_H

#include "room.h"

#include <stdbool.h>
#include <stdint.h>

/* What all runs of the sweep start from: backups that are good, and how long
 * things take when nobody disturbs them. */
struct stage {
	char store[300];     /* with one backup of SAMPLE_ONE */
	char backup[400];    /* that backup */
	char adoptable[300]; /* a store with a whole .partial folder */
	char partial[400];   /* that folder */
	int64_t backup_ns;
	int64_t backup_engine_ns; /* of this, the engine's */
	int64_t restore_ns;
	int64_t restore_engine_ns;
	int64_t adopt_ns;
	int64_t verify_ns;
};

/* Makes room_sample_wanted of the WAL sample, too.  False: something does not
 * even work undisturbed; it was told. */
bool stage_prepare(struct stage *stage, const struct room *room);

#endif
