/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A name as a component of a path and back, and a component that somebody
 * else made.  What comes out is one component that no file system objects to.
 */

#include "common.h"

#include "store/path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT_LIMIT 255u

static bool
is_safe(const char *component)
{
	size_t length = strlen(component);
	size_t i;

	if (length == 0 || length > COMPONENT_LIMIT || component[0] == '.' ||
	    component[length - 1] == '.' || component[length - 1] == ' ')
		return (false);
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)component[i];

		if (c < 0x20 || c == 0x7F || strchr("/\\:*?\"<>|", c) != NULL)
			return (false);
	}
	return (true);
}

static void
encode(const char *name)
{
	struct error error;
	struct str component;
	struct str again;

	error_init(&error);
	str_init(&component);
	str_init(&again);
	if (path_encode(&component, name, &error) != 0) {
		fuzz_check_error(&error, 1u << KIND_USAGE);
		FUZZ_CHECK(name[0] == '\0');
		goto out;
	}
	FUZZ_CHECK(is_safe(component.text));
	/* Only what was cut does not come back. */
	if (path_decode(&again, component.text) == 0)
		FUZZ_CHECK(strcmp(again.text, name) == 0);
	else
		FUZZ_CHECK(strstr(component.text, "%~") != NULL);
out:
	str_release(&again);
	str_release(&component);
}

static void
decode(const char *component)
{
	struct str name;
	struct str again;

	str_init(&name);
	str_init(&again);
	if (path_decode(&name, component) == 0) {
		FUZZ_CHECK(is_safe(component));
		FUZZ_CHECK(path_encode(&again, name.text, NULL) == 0);
		FUZZ_CHECK(strcmp(again.text, component) == 0);
	}
	str_release(&again);
	str_release(&name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	encode(text);
	decode(text);
	free(text);
	return (0);
}
