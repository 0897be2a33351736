/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_SELFTEST_H
#define TEST_CRASH_SELFTEST_H

#include "room.h"
#include "stage.h"

/* Each look at what a kill has left must be able to fail: here is what it
 * must not pass over. */
void selftest_run(const struct room *room, const struct stage *stage,
    unsigned *passed, unsigned *failed);

#endif
