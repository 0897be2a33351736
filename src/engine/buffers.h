/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_BUFFERS_H
#define ENGINE_BUFFERS_H

#include "base/attr.h"
#include "engine/stop.h"
#include "runtime/server.h"

#include <pthread.h>
#include <stdint.h>

/*
 * The statement's BUFFERCOUNT buffers, each of MAXTRANSFERSIZE bytes, in
 * shared memory.  They belong to all devices together (spec 7.2).  The one
 * that was given back last is handed out first: it is warm.
 *
 * take and give may be called from any thread.
 */

struct buffers {
	pthread_mutex_t lock; /* guards free and count */
	pthread_cond_t cond;
	uint8_t **free;
	uint32_t count;
	uint32_t total;
};

void buffers_init(struct buffers *buffers);
void buffers_release(struct buffers *buffers);

/* Take `total` buffers of `size` bytes from the set, beyond those that were
 * taken before; not while others use them.  VD_E_MEMORY and the like; what was
 * taken goes with the set. */
vd_status buffers_fill(struct buffers *buffers, struct server_set *set,
    uint32_t size, uint32_t total) MUST_CHECK;

/* Waits for one; NULL when the statement is to stop. */
uint8_t *buffers_take(struct buffers *buffers, struct stop *stop) MUST_CHECK;
void buffers_give(struct buffers *buffers, uint8_t *buffer);

#endif
