/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/quote.h"

#include "base/utf.h"

#include <stdbool.h>
#include <string.h>

/* C0 and C1, and DEL, in valid UTF-8. */
static bool
has_control(const char *text)
{
	const unsigned char *p;

	for (p = (const unsigned char *)text; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7F || (*p == 0xC2 && p[1] < 0xA0))
			return (true);
	return (false);
}

static int
check(const char *text, size_t max, const char *what, struct error *error)
{
	if (!utf_is_valid(text))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the %s is not valid UTF-8", what));
	if (utf_length_16(text) > max)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the %s \"%.64s...\" has more than %zu characters", what,
		    text, max));
	return (0);
}

/* Every close in text twice. */
static void
add_doubled(struct str *to, const char *text, char close)
{
	for (; *text != '\0'; text++) {
		if (*text == close)
			str_add_bytes(to, &close, 1);
		str_add_bytes(to, text, 1);
	}
}

int
quote_identifier(struct str *to, const char *name, struct error *error)
{
	if (name[0] == '\0')
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "a name is empty"));
	if (check(name, QUOTE_MAX_NAME, "name", error) != 0)
		return (-1);
	str_add(to, "[");
	add_doubled(to, name, ']');
	str_add(to, "]");
	return (str_check(to, error));
}

int
quote_literal(struct str *to, const char *text, size_t max,
    struct error *error)
{
	if (check(text, max, "text", error) != 0)
		return (-1);
	if (has_control(text))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the text has a control character in it"));
	str_add(to, "N'");
	add_doubled(to, text, '\'');
	str_add(to, "'");
	return (str_check(to, error));
}
