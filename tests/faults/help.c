/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "help.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
help_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "replay: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(2);
}

void *
help_more(void *list, size_t count, size_t size)
{
	void *bigger = list;

	/* Twice as much whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		bigger = realloc(list, (count > 0 ? 2 * count : 1) * size);
	if (bigger == NULL)
		help_fail("out of memory");
	return (bigger);
}

char *
help_copy(const void *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (copy == NULL)
		help_fail("out of memory");
	else {
		if (size > 0)
			memcpy(copy, data, size);
		copy[size] = '\0';
	}
	return (copy);
}
