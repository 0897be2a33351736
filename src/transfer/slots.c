/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/slots.h"

#include "base/clock.h"
#include "base/port/hint.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 1000
#define HUGE_PAGE PORT_HINT_HUGE_PAGE

struct slots {
	pthread_mutex_t lock; /* guards all below and the shares */
	pthread_cond_t room;  /* a slot was given back, a share was woken */
	struct slot *idle;
	unsigned extra;      /* that are not taken */
	unsigned count;      /* that exist */
	unsigned taken;
};

struct slots *
slots_new(unsigned extra, struct error *error)
{
	struct slots *slots = calloc(1, sizeof(*slots));

	if (slots == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	(void)pthread_mutex_init(&slots->lock, NULL);
	(void)clock_cond_init(&slots->room);
	slots->extra = extra;
	return (slots);
}

void
slots_free(struct slots *slots)
{
	struct slot *slot;

	if (slots == NULL)
		return;
	assert(slots->taken == 0);
	while ((slot = slots->idle) != NULL) {
		slots->idle = slot->next;
		free(slot->raw);
		free(slot->stored);
		free(slot);
	}
	(void)pthread_cond_destroy(&slots->room);
	(void)pthread_mutex_destroy(&slots->lock);
	free(slots);
}

void
slots_share_init(struct slots_share *share)
{
	share->held = 0;
	share->stopped = false;
}

static void
clear(struct slot *slot)
{
	struct slot fresh = { 0 };

	fresh.raw = slot->raw;
	fresh.raw_room = slot->raw_room;
	fresh.stored = slot->stored;
	fresh.stored_room = slot->stored_room;
	*slot = fresh;
}

struct slot *
slots_take(struct slots *slots, struct slots_share *share,
    struct error *error)
{
	struct slot *slot = NULL;

	(void)pthread_mutex_lock(&slots->lock);
	while (!share->stopped && share->held > 0 && slots->extra == 0) {
		struct timespec at = clock_timespec(clock_deadline(WAIT_MS));

		(void)pthread_cond_timedwait(&slots->room, &slots->lock, &at);
	}
	if (share->stopped) {
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the transfer was stopped"));
		goto out;
	}
	slot = slots->idle;
	if (slot != NULL)
		slots->idle = slot->next;
	else if ((slot = calloc(1, sizeof(*slot))) != NULL)
		slots->count++;
	if (slot == NULL) {
		IGNORE_RESULT(error_memory(error));
		goto out;
	}
	if (share->held++ > 0)
		slots->extra--;
	slots->taken++;
out:
	(void)pthread_mutex_unlock(&slots->lock);
	if (slot != NULL)
		clear(slot);
	return (slot);
}

void
slots_give(struct slots *slots, struct slots_share *share, struct slot *slot)
{
	(void)pthread_mutex_lock(&slots->lock);
	assert(share->held > 0);
	if (--share->held > 0)
		slots->extra++;
	slots->taken--;
	/* The one that was used last is the one that is still in the cache. */
	slot->next = slots->idle;
	slots->idle = slot;
	(void)pthread_cond_broadcast(&slots->room);
	(void)pthread_mutex_unlock(&slots->lock);
}

void
slots_wake(struct slots *slots, struct slots_share *share)
{
	(void)pthread_mutex_lock(&slots->lock);
	share->stopped = true;
	(void)pthread_cond_broadcast(&slots->room);
	(void)pthread_mutex_unlock(&slots->lock);
}

static int
grow(uint8_t **buffer, size_t *room, size_t size, struct error *error)
{
	void *memory = NULL;
	size_t want = size;

	if (size <= *room)
		return (0);
	if (size >= HUGE_PAGE) {
		want = (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
		if (posix_memalign(&memory, HUGE_PAGE, want) != 0)
			return (error_memory(error));
		port_hint_huge_pages(memory, want);
	} else {
		memory = malloc(want);
		if (memory == NULL)
			return (error_memory(error));
	}
	if (*room > 0)
		memcpy(memory, *buffer, *room);
	free(*buffer);
	*buffer = memory;
	*room = want;
	return (0);
}

int
slots_raw_room(struct slot *slot, size_t size, struct error *error)
{
	return (grow(&slot->raw, &slot->raw_room, size, error));
}

int
slots_stored_room(struct slot *slot, size_t size, struct error *error)
{
	return (grow(&slot->stored, &slot->stored_room, size, error));
}

bool
slots_are_short(struct slots *slots)
{
	bool none;

	(void)pthread_mutex_lock(&slots->lock);
	none = slots->extra == 0;
	(void)pthread_mutex_unlock(&slots->lock);
	return (none);
}

unsigned
slots_count(struct slots *slots)
{
	unsigned count;

	(void)pthread_mutex_lock(&slots->lock);
	count = slots->count;
	(void)pthread_mutex_unlock(&slots->lock);
	return (count);
}
