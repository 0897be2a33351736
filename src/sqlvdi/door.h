/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLVDI_DOOR_H
#define SQLVDI_DOOR_H

#include "base/attr.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Who is inside an object of the runtime, so that Close frees it only when
 * the last caller has left.
 *
 *     door_init
 *       door_open                   there is something behind it
 *         door_enter ... door_leave   around each call
 *       door_shut                   nobody comes in any more
 *       door_drain                  and everybody has left
 *     door_release
 *
 * Any thread may call.  In a child of fork the door of the parent stays shut,
 * and no lock is touched: a thread that is not there may hold it.
 */

struct door {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t empty;
	bool is_open;
	unsigned inside;
	pid_t owner; /* the process that made it; never changes */
};

void door_init(struct door *door);
void door_release(struct door *door);
/* Is this the process that made it? */
bool door_is_ours(const struct door *door);

void door_open(struct door *door);
bool door_enter(struct door *door) MUST_CHECK;
void door_leave(struct door *door);
/* false: it was shut already, by another thread or for ever. */
bool door_shut(struct door *door);
/* Wait until nobody is inside.  Whoever shut the door has seen to it that
 * those inside return. */
void door_drain(struct door *door);

#endif
