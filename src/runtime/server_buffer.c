/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/server_private.h"

/* Lock and see whether buffers may be handed out or taken back. */
static vd_status
begin(struct server_set *set)
{
	vd_status status = VD_NOERROR;

	(void)pthread_mutex_lock(&set->lock);
	if (set->state == SERVER_NEW || set->state == SERVER_DONE ||
	    atomic_load(&set->closing))
		status = VD_E_PROTOCOL;
	else if (segment_is_aborted_now(&set->segment))
		status = VD_E_ABORT;
	else if (set->state != SERVER_CONFIGURED)
		status = VD_E_PROTOCOL;
	if (status != VD_NOERROR)
		(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
server_allocate_buffer(struct server_set *set, uint8_t **buffer,
    uint32_t size, uint32_t alignment)
{
	vd_status status;
	uint64_t data;
	uint32_t area;

	*buffer = NULL;
	status = begin(set);
	if (status != VD_NOERROR)
		return (status);
	if (bufpool_needs(&set->pool, size, alignment, 1) == 0)
		status = VD_E_INVALID;
	else if (bufpool_allocate(&set->pool, size, alignment, &area,
	    &data) != 0)
		status = VD_E_MEMORY;
	else
		*buffer = atomic_load(&set->areas.areas[area].base) + data;
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
server_free_buffer(struct server_set *set, uint8_t *buffer, uint32_t size)
{
	vd_status status;
	uint64_t data;
	uint32_t area;

	status = begin(set);
	if (status != VD_NOERROR)
		return (status);
	if (!areas_locate(&set->areas, buffer, size, &area, &data) ||
	    !bufpool_free(&set->pool, area, data, size))
		status = VD_E_INVALID;
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

int
server_is_shared_buffer(struct server_set *set, const uint8_t *buffer)
{
	uint64_t offset;
	uint32_t area;
	int inside;

	(void)pthread_mutex_lock(&set->lock);
	inside = areas_locate(&set->areas, buffer, 1, &area, &offset);
	(void)pthread_mutex_unlock(&set->lock);
	return (inside);
}
