/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SERVER_PRIVATE_H
#define RUNTIME_SERVER_PRIVATE_H

#include "runtime/areas.h"
#include "runtime/bufpool.h"
#include "runtime/segment.h"
#include "runtime/server.h"

#include <pthread.h>

/*
 * The server half's own memory.  server.c has the set, server_buffer.c its
 * buffers, server_device.c the devices' queues, server_agent.c the agent.
 *
 * Locks: the set's before a device's.  Neither is held during a callback.
 */

enum server_slot_state {
	SLOT_FREE = 0,
	SLOT_SENT,   /* queued or delivered; the shared word knows which */
	SLOT_DECIDED /* withdrawn; the agent has yet to call back */
};

/* A command between send and callback. */
struct server_slot {
	enum server_slot_state state;
	uint32_t ticket; /* position in the queue: tells reuses apart */
	uint32_t code;   /* SLOT_DECIDED: what to call back with */
	struct VDS_Command *command;
};

enum server_device_state {
	SERVER_DEVICE_NONE = 0,
	SERVER_DEVICE_OPEN,
	SERVER_DEVICE_CLOSED,
	SERVER_DEVICE_GONE /* the set was closed */
};

struct server_device {
	struct server_set *set;
	uint32_t index;
	struct layout_device *shared;
	pthread_mutex_t lock; /* guards everything below */
	enum server_device_state state;
	bool errored;  /* IO-ERROR (spec 9.4) */
	uint32_t tail; /* position of the next command */
	uint32_t head; /* position of the next completion */
	struct server_slot slots[LAYOUT_QUEUE];
	uint8_t free_slots[LAYOUT_QUEUE];
	unsigned free_count;
	uint8_t slot_at[LAYOUT_QUEUE]; /* by position % LAYOUT_QUEUE */
	uint8_t decided[LAYOUT_QUEUE]; /* slots, in the order of sending */
	unsigned decided_count;
	/* Written under the lock, read without it. */
	_Atomic unsigned pending; /* slots that are not free */
	_Atomic int64_t since_ns; /* when pending last left 0 */
};

enum server_state {
	SERVER_NEW,
	SERVER_CONNECTED,
	SERVER_CONFIGURABLE,
	SERVER_CONFIGURED,
	SERVER_DONE /* closed; the object is of no further use */
};

struct server_set {
	pthread_mutex_t lock; /* guards what does not say otherwise */
	pthread_cond_t idle;  /* users became 0 */
	enum server_state state;
	unsigned users;
	_Atomic bool closing;
	int last_errno;
	struct VDConfig wishes, decision;
	uint64_t requested; /* bytes that EndConfiguration is to allocate */
	struct bufpool pool;
	struct areas areas;
	struct segment segment;
	uint32_t opened; /* devices */
	_Atomic uint32_t closed;
	_Atomic bool active; /* all devices have been opened */
	bool agent_running;
	bool agent_ended; /* there is one per set */
	pthread_t agent; /* while agent_running */
	struct server_device devices[VD_MAX_DEVICES];
};

/* A callback that is due. */
struct server_due {
	struct VDS_Command *command;
	uint32_t code, bytes;
	int64_t position;
};

#define SERVER_BATCH 32

/* Call back, without any lock. */
void server_device_call_back(const struct server_due *due);
/* Take completions and withdrawn commands off the device, up to SERVER_BATCH;
 * the count.  *damaged: the client sent nonsense. */
unsigned server_device_collect(struct server_device *device,
    struct server_due due[SERVER_BATCH], bool *damaged);
/* Take everything off it, whatever its state, as aborted. */
unsigned server_device_collect_all(struct server_device *device,
    struct server_due due[LAYOUT_QUEUE]);
void server_device_retire(struct server_device *device);
/* In the abort state: call back for everything that is outstanding. */
void server_agent_finish(struct server_set *set);
/* Has every device been closed, and every command been called back? */
bool server_agent_is_through(struct server_set *set);

/* Count the caller as a user; false: the set is not open. */
bool server_enter(struct server_set *set);
void server_leave(struct server_set *set);

#endif
