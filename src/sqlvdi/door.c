/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sqlvdi/door.h"

#include <string.h>
#include <unistd.h>

void
door_init(struct door *door)
{
	memset(door, 0, sizeof(*door));
	(void)pthread_mutex_init(&door->lock, NULL);
	(void)pthread_cond_init(&door->empty, NULL);
	door->owner = getpid();
}

void
door_release(struct door *door)
{
	(void)pthread_cond_destroy(&door->empty);
	(void)pthread_mutex_destroy(&door->lock);
}

bool
door_is_ours(const struct door *door)
{
	return (door->owner == getpid());
}

void
door_open(struct door *door)
{
	(void)pthread_mutex_lock(&door->lock);
	door->is_open = true;
	(void)pthread_mutex_unlock(&door->lock);
}

bool
door_enter(struct door *door)
{
	bool entered;

	if (!door_is_ours(door))
		return (false);
	(void)pthread_mutex_lock(&door->lock);
	entered = door->is_open;
	if (entered)
		door->inside++;
	(void)pthread_mutex_unlock(&door->lock);
	return (entered);
}

void
door_leave(struct door *door)
{
	(void)pthread_mutex_lock(&door->lock);
	if (--door->inside == 0)
		(void)pthread_cond_broadcast(&door->empty);
	(void)pthread_mutex_unlock(&door->lock);
}

bool
door_shut(struct door *door)
{
	bool was_open;

	if (!door_is_ours(door))
		return (false);
	(void)pthread_mutex_lock(&door->lock);
	was_open = door->is_open;
	door->is_open = false;
	(void)pthread_mutex_unlock(&door->lock);
	return (was_open);
}

void
door_drain(struct door *door)
{
	(void)pthread_mutex_lock(&door->lock);
	while (door->inside > 0)
		(void)pthread_cond_wait(&door->empty, &door->lock);
	(void)pthread_mutex_unlock(&door->lock);
}
