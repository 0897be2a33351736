/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DEVICE_H
#define ENGINE_DEVICE_H

#include "base/attr.h"
#include "engine/buffers.h"
#include "engine/stop.h"
#include "runtime/server.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The commands of one virtual device, several of them under way at a time:
 *
 *     command = device_prepare        a buffer to fill
 *     device_send                     to the client
 *     command = device_wait           the oldest one, once it is completed
 *     device_retire                   its buffer is free again
 *
 * Commands are looked at in the order in which they were sent, whatever the
 * order of their completions.  No more than `limit` are under way: with that
 * many, wait comes first.
 *
 * One thread per device; completions come from the runtime's agent.  A
 * command that could not be sent is one that was completed with an error.
 */

#define DEVICE_DEPTH_MAX 64u

struct device;

/* For labels and the like, one for each device that needs it; as large as the
 * smallest of the largest transfers, so never too large for one. */
#define DEVICE_SCRATCH VD_MIN_TRANSFER_SIZE

struct device_command {
	struct VDS_Command vds;
	struct device *device;
	uint8_t *buffer; /* NULL for commands without data */
	uint32_t from;   /* where in the buffer the data begin */
	bool is_pooled;  /* retiring gives the buffer back */
	bool is_done;    /* guarded by the device's lock */
};

struct device {
	unsigned number; /* from 1 */
	const char *name;
	struct server_device *vd;
	struct buffers *buffers;
	struct stop *stop;
	unsigned limit;
	int64_t stall_ms;
	pthread_mutex_t lock; /* guards is_done of the commands */
	pthread_cond_t cond;
	struct device_command ring[DEVICE_DEPTH_MAX];
	unsigned oldest;
	unsigned under_way;
	uint8_t *scratch;  /* NULL: none */
	uint64_t position; /* of the next data command, on its medium */
	uint32_t volume;   /* number of the medium, from 1 */
	bool is_errored;   /* an error came and was not cleared */
	uint64_t sent;     /* commands */
	uint64_t bytes;    /* of data commands that were sent */
};

/* Everything is borrowed; vd is set once the device is open.  stall_ms: how
 * long a client may take for a command. */
void device_init(struct device *device, unsigned number, const char *name,
    struct buffers *buffers, struct stop *stop);
void device_release(struct device *device);

static inline bool
device_is_full(const struct device *device)
{
	return (device->under_way == device->limit);
}

/* The next command, with a buffer if asked for.  NULL: the statement is to
 * stop.  Not while the device is full. */
struct device_command *device_prepare(struct device *device,
    bool with_buffer) MUST_CHECK;
/* Without a buffer, also when the statement is to stop. */
struct device_command *device_prepare_last(struct device *device);
/* code's position argument, if it has one, is in vds.inPosition; Read and
 * Write get the device's. */
void device_send(struct device *device, struct device_command *command,
    enum vdc_code code, uint32_t size);

/* The oldest command that is under way, completed; NULL: the client has taken
 * longer than stall_ms. */
struct device_command *device_wait(struct device *device) MUST_CHECK;

/* The same without waiting; NULL: not completed, or none under way. */
struct device_command *device_peek(struct device *device) MUST_CHECK;

void device_retire(struct device *device, struct device_command *command);

#endif
