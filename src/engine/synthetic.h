/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SYNTHETIC_H
#define ENGINE_SYNTHETIC_H

#include "engine/stream.h"

/*
 * Synthetic databases: streams that are made up as they are sent
 * (synthetic_pool.h), and known when they come back.
 *
 * A restore writes nothing.  It expects as many bytes of each device as a
 * backup of so many devices has sent, and holds them against what they must
 * be: a part of them, all of them WITH CHECKSUM, none WITH NO_CHECKSUM.  The
 * first that is wrong is told by its device and its page.
 */

extern const struct stream_ops synthetic_ops;

#endif
