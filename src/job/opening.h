/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_OPENING_H
#define JOB_OPENING_H

#include "base/error.h"
#include "job/lanes.h"

/*
 * Opening every device of a set, under supervision.
 *
 * VDI's OpenDevice takes no time-out (spec 5.4), and it waits for a server
 * that has configured the set and got no further: one that hangs, or that was
 * stopped.  So a thread of its own opens the devices, while the job's thread
 * hears the server and looks at the stop flag, at the latch and at
 * --configure-timeout.  Each of them aborts the set, which ends OpenDevice.
 *
 * Returns with the thread joined: 0, or -1 and the first failure.
 */
int opening_run(struct lanes *lanes, struct error *error) MUST_CHECK;

#endif
