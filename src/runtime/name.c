/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/name.h"

#include "base/utf.h"
#include "runtime/layout.h"
#include "runtime/vdi.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define READABLE 160 /* characters; the whole stays far below NAME_MAX */

bool
name_is_device_name(const char *name)
{
	if (name == NULL || name[0] == '\0' || strlen(name) > LAYOUT_NAME)
		return (false);
	return (utf_length_16(name) <= VD_MAX_NAME);
}

bool
name_is_set_name(const char *name)
{
	return (name_is_device_name(name) && strchr(name, '\\') == NULL);
}

/* FNV-1a. */
static uint64_t
digest(const char *name)
{
	uint64_t value = 0xcbf29ce484222325u;

	for (; *name != '\0'; name++) {
		value ^= (uint8_t)*name;
		value *= 0x100000001b3u;
	}
	return (value);
}

static bool
is_plain(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.');
}

void
name_object(const char *name, char object[NAME_OBJECT_SIZE])
{
	static const char hex[] = "0123456789ABCDEF";
	char readable[READABLE + 1];
	const char *from;
	size_t used = 0;

	for (from = name; *from != '\0'; from++) {
		if (is_plain(*from) && used + 1 <= READABLE) {
			readable[used++] = *from;
		} else if (!is_plain(*from) && used + 3 <= READABLE) {
			readable[used++] = '%';
			readable[used++] = hex[(uint8_t)*from >> 4];
			readable[used++] = hex[(uint8_t)*from & 15];
		} else {
			break;
		}
	}
	readable[used] = '\0';
	(void)snprintf(object, NAME_OBJECT_SIZE,
	    "/" NAME_OBJECT_PREFIX "%s-%016" PRIx64, readable, digest(name));
}
