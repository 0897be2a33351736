/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/areas.h"

#include "base/port/shm.h"

#include <errno.h>
#include <string.h>

void
areas_init(struct areas *areas)
{
	memset(areas, 0, sizeof(*areas));
	(void)pthread_mutex_init(&areas->lock, NULL);
}

void
areas_clear(struct areas *areas)
{
	uint32_t i;

	for (i = 0; i < atomic_load(&areas->count); i++) {
		port_shm_unmap(atomic_load(&areas->areas[i].base),
		    areas->areas[i].length);
		atomic_store(&areas->areas[i].base, NULL);
	}
	atomic_store(&areas->count, 0);
}

void
areas_release(struct areas *areas)
{
	areas_clear(areas);
	(void)pthread_mutex_destroy(&areas->lock);
}

/* Lock held. */
static int
map(struct areas *areas, const struct segment *segment, uint32_t index,
    const struct layout_area *entry)
{
	struct area *area = &areas->areas[index];
	uint64_t size = 0;
	void *base;
	int code;

	code = port_shm_size(segment->fd, &size);
	if (code != 0)
		return (code);
	if (entry->length == 0 || entry->length % LAYOUT_UNIT != 0 ||
	    entry->offset % LAYOUT_UNIT != 0 ||
	    entry->offset < segment->control_size || entry->offset > size ||
	    entry->length > size - entry->offset)
		return (EINVAL);
	if (entry->length > SIZE_MAX / 4)
		return (ENOMEM);
	code = port_shm_map(segment->fd, entry->offset,
	    (size_t)entry->length, VD_MAX_ALIGNMENT, true, &base);
	if (code != 0)
		return (code);
	area->length = entry->length;
	area->offset = entry->offset;
	if (atomic_load(&areas->count) <= index)
		atomic_store(&areas->count, index + 1);
	atomic_store_explicit(&area->base, base, memory_order_release);
	return (0);
}

const struct area *
areas_get(struct areas *areas, const struct segment *segment, uint32_t index,
    int *errnum)
{
	struct layout_area entry;
	struct area *area;

	*errnum = 0;
	if (index >= LAYOUT_AREAS)
		return (NULL);
	area = &areas->areas[index];
	if (atomic_load_explicit(&area->base, memory_order_acquire) != NULL)
		return (area);
	if (index >= atomic_load(&segment->control->area_count))
		return (NULL);
	entry = segment->control->areas[index];
	atomic_signal_fence(memory_order_seq_cst);
	(void)pthread_mutex_lock(&areas->lock);
	if (atomic_load(&area->base) == NULL)
		*errnum = map(areas, segment, index, &entry);
	(void)pthread_mutex_unlock(&areas->lock);
	if (*errnum == EINVAL)
		*errnum = 0;
	return (atomic_load(&area->base) != NULL ? area : NULL);
}

void
areas_map_all(struct areas *areas, const struct segment *segment)
{
	uint32_t count = atomic_load(&segment->control->area_count);
	uint32_t i;
	int errnum;

	for (i = 0; i < count && i < LAYOUT_AREAS; i++)
		if (areas_get(areas, segment, i, &errnum) == NULL)
			break;
}

int
areas_add(struct areas *areas, struct segment *segment, uint64_t length,
    uint32_t *index)
{
	struct layout_control *control = segment->control;
	struct layout_area entry;
	uint32_t next;
	int code;

	(void)pthread_mutex_lock(&areas->lock);
	next = atomic_load(&areas->count);
	code = next < LAYOUT_AREAS ? 0 : ENOMEM;
	if (code == 0)
		code = port_shm_size(segment->fd, &entry.offset);
	if (code == 0 && entry.offset % LAYOUT_UNIT != 0)
		code = EINVAL;
	if (code == 0) {
		entry.length = length;
		code = port_shm_grow(segment->fd, entry.offset + length);
	}
	if (code == 0)
		code = map(areas, segment, next, &entry);
	if (code == 0) {
		control->areas[next] = entry;
		atomic_store(&control->area_count, next + 1);
		*index = next;
	}
	(void)pthread_mutex_unlock(&areas->lock);
	return (code);
}

bool
areas_locate(struct areas *areas, const uint8_t *at, uint64_t size,
    uint32_t *index, uint64_t *offset)
{
	uint32_t count = atomic_load_explicit(&areas->count,
	    memory_order_acquire);
	uintptr_t base, where = (uintptr_t)at;
	uint32_t i;

	for (i = 0; i < count; i++) {
		base = (uintptr_t)atomic_load_explicit(&areas->areas[i].base,
		    memory_order_acquire);
		if (base == 0 || where < base ||
		    where - base >= areas->areas[i].length)
			continue;
		if (size > areas->areas[i].length - (where - base))
			return (false);
		*index = i;
		*offset = where - base;
		return (true);
	}
	return (false);
}
