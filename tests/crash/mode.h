/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_MODE_H
#define TEST_CRASH_MODE_H

#include "scene.h"
#include "stage.h"

/*
 * What is going on when it is struck: a table of modes.  Each run of one sets
 * its scene, strikes, and looks at what is left.
 */

unsigned mode_count(void);
const char *mode_name(unsigned mode);

/* part: where in its time the program is struck, from 0 to 1.  The text says
 * what was done; valid until scene_end. */
const char *mode_run(unsigned mode, struct scene *scene,
    const struct stage *stage, double part);

#endif
