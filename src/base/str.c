/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an empty object shows; never written to. */
static char empty_text[1];

void
str_init(struct str *str)
{
	str->text = empty_text;
	str->length = 0;
	str->room = 0;
	str->failed = 0;
}

void
str_release(struct str *str)
{
	if (str->room > 0)
		free(str->text);
	str_init(str);
}

void
str_clear(struct str *str)
{
	str->length = 0;
	if (str->room > 0)
		str->text[0] = '\0';
}

/* Room for count more bytes and the NUL; -1 marks the object. */
static int
reserve(struct str *str, size_t count)
{
	size_t wanted;
	size_t room = str->room > 0 ? str->room : 64;
	char *text;

	if (str->failed)
		return (-1);
	if (count > SIZE_MAX / 4 - str->length) {
		str->failed = 1;
		return (-1);
	}
	wanted = str->length + count + 1;
	if (wanted <= str->room)
		return (0);
	while (room < wanted)
		room *= 2;
	text = realloc(str->room > 0 ? str->text : NULL, room);
	if (text == NULL) {
		str->failed = 1;
		return (-1);
	}
	if (str->room == 0)
		text[0] = '\0';
	str->text = text;
	str->room = room;
	return (0);
}

void
str_add_bytes(struct str *str, const void *bytes, size_t count)
{
	if (reserve(str, count) != 0)
		return;
	if (count > 0)
		memcpy(str->text + str->length, bytes, count);
	str->length += count;
	str->text[str->length] = '\0';
}

void
str_add(struct str *str, const char *text)
{
	str_add_bytes(str, text, strlen(text));
}

void
str_addf(struct str *str, const char *format, ...)
{
	va_list args;
	int count;

	va_start(args, format);
	count = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (count < 0) {
		str->failed = 1;
		return;
	}
	if (reserve(str, (size_t)count) != 0)
		return;
	va_start(args, format);
	(void)vsnprintf(str->text + str->length, (size_t)count + 1, format,
	    args);
	va_end(args);
	str->length += (size_t)count;
}

int
str_check(const struct str *str, struct error *error)
{
	if (str->failed)
		return (error_memory(error));
	return (0);
}

char *
str_detach(struct str *str, struct error *error)
{
	char *text;

	if (reserve(str, 0) != 0) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	text = str->text;
	str_init(str);
	return (text);
}
