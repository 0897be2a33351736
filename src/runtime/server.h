/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SERVER_H
#define RUNTIME_SERVER_H

#include "base/attr.h"
#include "runtime/vdi.h"

/*
 * The server half of the VDI runtime: what a database engine calls.
 *
 *     set = server_set_new
 *     server_open                          finds the client's set by name
 *     server_get_configuration             the client's wishes
 *     server_begin_configuration
 *     server_request_buffers               adds up
 *     server_end_configuration             allocates; releases the client
 *     server_execute_completion_agent      on a thread of the caller's
 *     server_open_device                   once per device, in clause order
 *       server_allocate_buffer / server_free_buffer
 *       server_send_command                callback per command
 *     server_close_device                  each
 *     server_close, server_set_free        the object is single-use
 *
 * Method by method as spec section 6 with the readings of section 26.  The
 * argument order of begin_configuration is the header's (spec 6.3).
 *
 * Callbacks run on the agent's thread, without any lock of the runtime held,
 * except when send_command itself refuses: then on the caller's thread before
 * it returns (spec 6.10); not even then is a lock held, and a callback may
 * send.  A command without a routine: VD_E_INVALID, and no callback.
 * server_close from a callback: VD_E_PROTOCOL, no effect.
 * A command may be sent as soon as every device is open here; its callback
 * waits for the agent.  send_command never blocks.  A VDS_Command belongs
 * to the caller and must live until its callback has run.
 */

struct server_set;
struct server_device;

struct server_set *server_set_new(void) MUST_CHECK;
/* Closes the set if it is open.  Accepts NULL. */
void server_set_free(struct server_set *set);

vd_status server_open(struct server_set *set, const char *name) MUST_CHECK;
vd_status server_get_configuration(struct server_set *set,
    struct VDConfig *config) MUST_CHECK;
vd_status server_begin_configuration(struct server_set *set,
    uint32_t features, uint32_t block_size, uint32_t alignment,
    uint32_t max_transfer_size, uint32_t timeout_ms) MUST_CHECK;
vd_status server_request_buffers(struct server_set *set, uint32_t size,
    uint32_t alignment, uint32_t count) MUST_CHECK;
vd_status server_query_available_buffers(struct server_set *set, uint32_t size,
    uint32_t alignment, uint32_t *count) MUST_CHECK;
vd_status server_end_configuration(struct server_set *set) MUST_CHECK;
/* Returns when all devices are closed, on Close, or on abort; once per set. */
vd_status server_execute_completion_agent(struct server_set *set) MUST_CHECK;
vd_status server_open_device(struct server_set *set, const char *name,
    struct server_device **device) MUST_CHECK;
vd_status server_allocate_buffer(struct server_set *set, uint8_t **buffer,
    uint32_t size, uint32_t alignment) MUST_CHECK;
vd_status server_free_buffer(struct server_set *set, uint8_t *buffer,
    uint32_t size);
/* 1 inside, 0 outside: TRUE and FALSE, not HRESULTs (spec 6.9). */
int server_is_shared_buffer(struct server_set *set, const uint8_t *buffer);
vd_status server_send_command(struct server_device *device,
    struct VDS_Command *command) MUST_CHECK;
vd_status server_close_device(struct server_device *device);
vd_status server_signal_abort(struct server_set *set);
vd_status server_close(struct server_set *set);

/*
 * Wait until the client has opened all devices: VD_NOERROR, VD_E_TIMEOUT, or
 * VD_E_ABORT.  Not in the reference, which leaves to the engine how it
 * learns this (spec 28 #15); send_command may be used without it, commands
 * then wait in the queue.
 */
vd_status server_wait_for_client(struct server_set *set, int64_t timeout_ms)
    MUST_CHECK;

/* Why the last call failed, for a message: an errno value, or 0. */
int server_last_errno(struct server_set *set);
/* Why the set is in the abort state: "the client process died"; or "". */
const char *server_abort_text(struct server_set *set);

#endif
