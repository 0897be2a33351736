/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CLIENT_PRIVATE_H
#define RUNTIME_CLIENT_PRIVATE_H

#include "runtime/areas.h"
#include "runtime/client.h"
#include "runtime/segment.h"

#include <pthread.h>

/*
 * The client half's own memory.  client.c has the set, client_device.c the
 * devices.
 *
 * A call on the set or on a device counts itself as a user while it may touch
 * shared memory outside the lock; client_close marks everything as gone,
 * wakes the waiters by an abort and unmaps when the last user has left.
 */

/* A delivered command; the caller's pointer is that of its first member. */
struct client_command {
	struct VDC_Command given;
	uint32_t slot, ticket;
	bool outstanding;
};

enum client_device_state {
	CLIENT_DEVICE_OPEN,
	CLIENT_DEVICE_ENDED, /* has reported VD_E_CLOSE */
	CLIENT_DEVICE_GONE   /* its set was closed */
};

struct client_device {
	struct client_set *set;
	struct client_device *next; /* all that the set object ever opened */
	uint32_t index;
	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t idle;  /* users became 0 */
	enum client_device_state state;
	unsigned users;
	struct layout_device *shared;
	uint32_t head; /* position of the next command */
	uint32_t tail; /* position of the next completion */
	bool errored;  /* IO-ERROR (spec 9.4) */
	unsigned outstanding;
	struct client_command commands[LAYOUT_QUEUE];
};

struct client_set {
	pthread_mutex_t lock; /* guards everything that does not say more */
	pthread_cond_t idle;  /* users became 0 */
	bool open;
	bool closing;
	unsigned users;
	bool keeps_name;
	int64_t group;
	_Atomic int last_errno;
	bool configured;
	struct VDConfig wishes, decision;
	struct segment segment; /* no lock, see there */
	struct areas areas;     /* has its own */
	struct client_device *devices; /* changes under lock */
};

/* Make the configuration known if the server has decided.  Set lock held. */
bool client_sync(struct client_set *set);

struct client_device *client_device_new(struct client_set *set,
    uint32_t index) MUST_CHECK;
void client_device_free(struct client_device *device);
/* Make the device unusable; it was open and had not ended: true. */
bool client_device_retire(struct client_device *device);
/* Wait until no call is inside. */
void client_device_drain(struct client_device *device);

#endif
