/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RESTORE_H
#define ENGINE_RESTORE_H

#include "engine/operation.h"

/*
 * RESTORE DATABASE, VERIFYONLY, HEADERONLY, FILELISTONLY and LABELONLY: all
 * of them read the devices (spec 16.3, 16.4).
 *
 * A thread for each device keeps several reads under way, of sizes that are
 * unlike those of the writes, and takes short counts and ends of file as a
 * client may report them (spec 10.1).  A restore is in place, and on stable
 * storage, when 3014 is reported.  Whether it was a success, the operation
 * tells; every message but 3013 has been reported.
 */
void restore_run(struct operation *operation);

#endif
