/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_REPLAY_H
#define ENGINE_REPLAY_H

#include "engine/stream.h"

/*
 * Replayed databases: streams that were recorded, a file for each device, sent
 * byte by byte as they are.  There have to be as many devices as files.
 *
 * A restore writes what comes into files of these names, which have to be new
 * unless the statement says REPLACE.  Until all of it is on stable storage
 * they are PATH.restoring (target.h); then they take their places, one after
 * another.  VERIFYONLY reads the devices, and that is all.
 */

extern const struct stream_ops replay_ops;

#endif
