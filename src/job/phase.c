/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/phase.h"

#include <stdio.h>
#include <string.h>

static const char *const names[PHASE_COUNT] = {
	[PHASE_PLAN] = "plan",
	[PHASE_LOCK] = "lock",
	[PHASE_TARGET] = "target",
	[PHASE_CONNECT] = "connect",
	[PHASE_CREATE] = "create",
	[PHASE_STATEMENT] = "statement",
	[PHASE_CONFIGURE] = "configure",
	[PHASE_OPEN] = "open",
	[PHASE_TRANSFER] = "transfer",
	[PHASE_DURABLE] = "durable",
	[PHASE_MANIFEST] = "manifest",
	[PHASE_CLOSED] = "closed",
	[PHASE_RESULT] = "result",
	[PHASE_COMMIT] = "commit",
	[PHASE_DONE] = "done",
};

const char *
phase_name(enum phase phase)
{
	return (names[phase]);
}

int
phase_find(const char *name)
{
	int i;

	for (i = 0; i < PHASE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return (i);
	return (-1);
}

void
phase_list(char *buffer, size_t size)
{
	size_t used = 0;
	int i;

	buffer[0] = '\0';
	for (i = 0; i < PHASE_DONE && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s",
		    i > 0 ? ", " : "", names[i]);
}
