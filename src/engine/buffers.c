/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/buffers.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_AT_STOP_MS 100

void
buffers_init(struct buffers *buffers)
{
	memset(buffers, 0, sizeof(*buffers));
	(void)pthread_mutex_init(&buffers->lock, NULL);
	(void)clock_cond_init(&buffers->cond);
}

void
buffers_release(struct buffers *buffers)
{
	free(buffers->free);
	(void)pthread_cond_destroy(&buffers->cond);
	(void)pthread_mutex_destroy(&buffers->lock);
}

vd_status
buffers_fill(struct buffers *buffers, struct server_set *set, uint32_t size,
    uint32_t total)
{
	uint8_t **room;
	uint8_t *buffer;
	uint32_t i;

	room = realloc(buffers->free, ((size_t)buffers->total + total) *
	    sizeof(*room));
	if (room == NULL)
		return (VD_E_MEMORY);
	buffers->free = room;
	for (i = 0; i < total; i++) {
		vd_status status = server_allocate_buffer(set, &buffer, size,
		    0);

		if (status != VD_NOERROR)
			return (status);
		buffers->total++;
		buffers_give(buffers, buffer);
	}
	return (VD_NOERROR);
}

uint8_t *
buffers_take(struct buffers *buffers, struct stop *stop)
{
	uint8_t *buffer = NULL;

	(void)pthread_mutex_lock(&buffers->lock);
	while (buffers->count == 0 && !stop_is_raised(stop)) {
		struct timespec until = clock_timespec(
		    clock_deadline(LOOK_AT_STOP_MS));

		(void)pthread_cond_timedwait(&buffers->cond, &buffers->lock,
		    &until);
	}
	if (buffers->count > 0)
		buffer = buffers->free[--buffers->count];
	(void)pthread_mutex_unlock(&buffers->lock);
	return (buffer);
}

void
buffers_give(struct buffers *buffers, uint8_t *buffer)
{
	(void)pthread_mutex_lock(&buffers->lock);
	buffers->free[buffers->count++] = buffer;
	(void)pthread_cond_signal(&buffers->cond);
	(void)pthread_mutex_unlock(&buffers->lock);
}
