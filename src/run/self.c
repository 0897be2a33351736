/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "run/self.h"

#include <stdio.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

void
self_find(char *path, size_t size)
{
	ssize_t length = readlink(SELF, path, size - 1);

	if (length > 0)
		path[length] = '\0';
	/* A program that was removed meanwhile still runs from here. */
	if (length <= 0 || access(path, X_OK) != 0)
		(void)snprintf(path, size, SELF);
}
