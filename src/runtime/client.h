/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CLIENT_H
#define RUNTIME_CLIENT_H

#include "base/attr.h"
#include "runtime/vdi.h"

#include <stdbool.h>

/*
 * The client half of the VDI runtime: what a backup program calls.
 *
 *     set = client_set_new
 *     client_create                       names the set; the server may come
 *     client_get_configuration            blocks until the server configured
 *     client_open_device                  once per device
 *       client_get_command                until VD_E_CLOSE
 *       client_complete_command           once per command, in any order
 *     client_close                        a new client_create may follow
 *     client_set_free
 *
 * Method by method as spec section 5 with the readings of section 26; the
 * statuses are those listed there.
 *
 * client_close, in particular:
 *     never created / already closed       VD_E_PROTOCOL, no effect
 *     after VD_E_CLOSE on every device     VD_NOERROR, everything released
 *     with a device still open             VD_E_OPEN, abort signalled, released
 *     in the abort state, devices open     VD_NOERROR, released, no wait
 *     any device call after Close          VD_E_PROTOCOL, never a crash
 *     a GetCommand that Close finds waiting: VD_E_ABORT
 *     Create after Close                   VD_NOERROR, a new set
 *
 * Ownership: device pointers belong to the set object and stay valid memory
 * until client_set_free (so that a call after Close can be answered); a
 * command and its buffer belong to the client from get until complete.  The
 * caller must have ended its own work on buffers before client_close.
 * Threads: any thread may call on the set; a device's get_command from one
 * thread at a time; complete_command and signal_abort from any.
 * A device's end is reported only when its last command is complete.
 * More bytes_transferred than a Read or Write asked for: VD_E_INVALID, and
 * the command stays outstanding.
 * fork: a child has no part in its parent's set and must not use the object.
 * Time-outs: milliseconds; negative waits for ever; 0 polls.  However long
 * the wait, an abort or the death of the peer ends it within a second; and
 * calls that need not wait look for the server all the same, so that a client
 * which always has something to do does not go on without one.
 */

struct client_set;
struct client_device;

/* NULL: out of memory. */
struct client_set *client_set_new(void) MUST_CHECK;
/* Closes the set if it is open.  Accepts NULL. */
void client_set_free(struct client_set *set);

/* Folder and permission of the names that later Creates make: group (gid_t)
 * -1 for 0600, otherwise 0660 with that group. */
void client_set_group(struct client_set *set, int64_t group);

/*
 * The set's name disappears as soon as every device is open, so that a crash
 * leaves nothing behind.  A client whose other processes attach later than
 * that keeps it until Close with this call, made before.
 */
void client_set_keep_name(struct client_set *set, bool keep);

vd_status client_create(struct client_set *set, const char *name,
    const struct VDConfig *config) MUST_CHECK;
vd_status client_get_configuration(struct client_set *set, int64_t timeout_ms,
    struct VDConfig *config) MUST_CHECK;
vd_status client_open_device(struct client_set *set, const char *name,
    struct client_device **device) MUST_CHECK;
vd_status client_get_command(struct client_device *device, int64_t timeout_ms,
    struct VDC_Command **command) MUST_CHECK;
vd_status client_complete_command(struct client_device *device,
    struct VDC_Command *command, uint32_t completion_code,
    uint32_t bytes_transferred, int64_t position) MUST_CHECK;
vd_status client_signal_abort(struct client_set *set);
vd_status client_close(struct client_set *set);

/*
 * Other processes of the same client (spec 5.9 to 5.11): they attach to the
 * primary's set once it is configured, and then use it as a thread of the
 * primary would.  Their Close only detaches; with a device still open it
 * aborts the set, too.  Their death means nothing by itself.
 */
vd_status client_open_in_secondary(struct client_set *set, const char *name)
    MUST_CHECK;
/* A number by which another process of the client finds the buffer of a
 * command that this one holds. */
vd_status client_get_buffer_handle(struct client_set *set,
    const uint8_t *buffer, uint32_t *handle) MUST_CHECK;
vd_status client_map_buffer_handle(struct client_set *set, uint32_t handle,
    uint8_t **buffer) MUST_CHECK;

/* Why the set is, or was last, in the abort state: "the server process
 * died"; "" if it was not. */
const char *client_abort_text(struct client_set *set);

/* Why the last call on this set failed, for a message: an errno value, or 0
 * where the status says all there is. */
int client_last_errno(const struct client_set *set);

#endif
