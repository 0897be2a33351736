/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_BACKUP_H
#define ENGINE_BACKUP_H

#include "engine/operation.h"

/*
 * BACKUP DATABASE: a SQLite database as a striped stream (spec 27.3).
 *
 * A thread for each device sends head, page data and tail, then VDC_Flush.
 * When every device has flushed, VDC_Complete is sent where the client asked
 * for it, then the devices are closed.  Whether it was a success, the
 * operation tells; every message but 3013 has been reported.
 */
void backup_run(struct operation *operation);

#endif
