/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pump_pending.h"

#include <stdlib.h>

struct pump_pending *
pump_pending_take(struct pump *pump, const struct pump_command *command)
{
	struct pump_pending *pending;

	(void)pthread_mutex_lock(&pump->lock);
	pending = pump->idle;
	if (pending != NULL)
		pump->idle = pending->next;
	(void)pthread_mutex_unlock(&pump->lock);
	if (pending == NULL)
		pending = calloc(1, sizeof(*pending));
	if (pending == NULL)
		return (NULL);
	pending->pump = pump;
	pending->command = *command;
	return (pending);
}

void
pump_pending_give(struct pump_pending *pending)
{
	struct pump *pump = pending->pump;

	(void)pthread_mutex_lock(&pump->lock);
	pending->next = pump->idle;
	pump->idle = pending;
	(void)pthread_mutex_unlock(&pump->lock);
}

void
pump_pending_release(struct pump *pump)
{
	struct pump_pending *pending;

	while ((pending = pump->idle) != NULL) {
		pump->idle = pending->next;
		free(pending);
	}
}
