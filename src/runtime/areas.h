/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_AREAS_H
#define RUNTIME_AREAS_H

#include "base/attr.h"
#include "runtime/segment.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * The buffer areas of a set as this process has them mapped.  Areas are added
 * to the set while it is in use, and mapped here when something first refers
 * to them (spec 8.3); they stay until areas_release, whatever the peer does.
 *
 * Any thread may look up; a lock inside serialises mapping.
 */

struct area {
	_Atomic(uint8_t *) base; /* NULL: not mapped */
	uint64_t length;         /* valid where base is not NULL */
	uint64_t offset;         /* in the object */
};

struct areas {
	pthread_mutex_t lock; /* guards changes of areas and count */
	_Atomic uint32_t count; /* no area at or above is mapped */
	struct area areas[LAYOUT_AREAS];
};

void areas_init(struct areas *areas);
/* Unmap all; the object may be used again. */
void areas_clear(struct areas *areas);
void areas_release(struct areas *areas);

/*
 * The area, mapped now if need be, or NULL: *errnum is what the system said,
 * 0 where the index or the table entry is nonsense.
 */
const struct area *areas_get(struct areas *areas,
    const struct segment *segment, uint32_t index, int *errnum) MUST_CHECK;

/* Map whatever the set has by now, so that the first commands need not. */
void areas_map_all(struct areas *areas, const struct segment *segment);

/* Server half: enlarge the object by an area and publish it.  0 or errno. */
int areas_add(struct areas *areas, struct segment *segment, uint64_t length,
    uint32_t *index) MUST_CHECK;

/* Which mapped area holds these bytes, and where.  false: none. */
bool areas_locate(struct areas *areas, const uint8_t *at, uint64_t size,
    uint32_t *index, uint64_t *offset);

#endif
