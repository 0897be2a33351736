/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_STEP_H
#define TEST_CRASH_STEP_H

#include "room.h"
#include "stage.h"

/*
 * Kills at every step: before the first, the second, ... call to the system
 * that changes something that outlives the process, by ptrace(2).  Where the
 * random moments of the sweep are many, these are all.
 *
 * Which call is the Nth depends on how threads get on, so that one number is
 * not always the same place.
 */

/* Each step of what matters most; adds to the tally. */
void step_run_all(const struct room *room, const struct stage *stage,
    unsigned *passed, unsigned *failed);

#endif
