/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLVDI_PERMISSION_H
#define SQLVDI_PERMISSION_H

#include <stdint.h>

/*
 * Whom a new set is open to besides its user.
 *
 * The vendor's objects belong to the user and the default group of whoever
 * creates them, and the umask takes the group's bits away; a client that
 * shares with a server under another user therefore clears its umask first
 * (spec 15.3).  The same here: where the umask leaves a group's right to read
 * and to write, the set is open to the effective group (0660), otherwise to
 * its user alone (0600).  It is never open to others, whatever the umask.
 */

/* The group for client_set_group: a gid_t, or -1 for none.  Any thread; the
 * umask is read without being changed. */
int64_t permission_group(void);

#endif
