/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_CAPTURE_H
#define ENGINE_CAPTURE_H

#include "engine/operation.h"

/*
 * BACKUP DATABASE ... WITH SNAPSHOT (spec 17): the client copies the file by
 * its own means; what goes through the device only describes it.
 *
 *     the head is written; VDC_PrepareToFreeze, where the client asked for it
 *     writers of the database wait
 *     one extent is written, whose page 0 says what the file is, and the tail
 *     VDC_Flush, VDC_Snapshot: the client takes its copy
 *     writers go on; the device is closed
 *
 * VDC_Complete is not sent: after VDC_Snapshot a client expects the end.
 * What came of it, the operation tells, as with backup_run.
 */
void capture_run(struct operation *operation);

#endif
