/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
error_init(struct error *error)
{
	memset(error, 0, sizeof(*error));
}

const char *
error_reason(int errnum, char *buffer, unsigned long size)
{
	/* The GNU variant may answer with a string of its own. */
	return (strerror_r(errnum, buffer, size));
}

int
error_set(struct error *error, enum error_kind kind, enum error_origin origin,
    long code, const char *format, ...)
{
	va_list args;

	if (error == NULL || error->kind != KIND_NONE)
		return (-1);
	error->kind = kind;
	error->origin = origin;
	error->code = code;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return (-1);
}

int
error_system(struct error *error, enum error_kind kind, int errnum,
    const char *format, ...)
{
	char reason[128];
	const char *words;
	size_t used;
	va_list args;

	if (error == NULL || error->kind != KIND_NONE)
		return (-1);
	words = error_reason(errnum, reason, sizeof(reason));
	error->kind = kind;
	error->origin = ORIGIN_SYSTEM;
	error->code = errnum;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	used = strlen(error->text);
	(void)snprintf(error->text + used, sizeof(error->text) - used, ": %s",
	    words);
	return (-1);
}

int
error_memory(struct error *error)
{
	return (error_system(error, KIND_STORAGE, ENOMEM, "out of memory"));
}

void
error_context(struct error *error, const char *format, ...)
{
	char text[sizeof(error->text)];
	size_t used;
	va_list args;

	if (!error_is_set(error))
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	used = strlen(text);
	(void)snprintf(text + used, sizeof(text) - used, ": %s", error->text);
	memcpy(error->text, text, sizeof(text));
	error->text[sizeof(error->text) - 1] = '\0';
}

void
error_hint(struct error *error, const char *format, ...)
{
	va_list args;

	if (!error_is_set(error) || error->hint[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(error->hint, sizeof(error->hint), format, args);
	va_end(args);
}
