/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/text.h"

#include "base/utf.h"

#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

void
text_init(void)
{
	/* Where the locale is not installed, the C locale stays. */
	(void)setlocale(LC_CTYPE, "");
}

/* How many bytes the character at text takes; 0: it is not UTF-8. */
static size_t
character_size(const char *text)
{
	char copy[5] = { 0 };
	unsigned char first = (unsigned char)text[0];
	size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 :
	    first < 0xF0 ? 3 : 4;
	size_t i;

	for (i = 0; i < size && text[i] != '\0'; i++)
		copy[i] = text[i];
	return (i == size && utf_is_valid(copy) ? size : 0);
}

/* The code point of a well-formed character. */
static uint32_t
code_point(const char *text, size_t size)
{
	static const unsigned char masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t c = (unsigned char)text[0] & masks[size];
	size_t i;

	for (i = 1; i < size; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3Fu);
	return (c);
}

/* C0 and C1 controls, and what turns the direction of a line. */
static bool
is_control(uint32_t c)
{
	return (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C ||
	    (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2066 && c <= 0x2069));
}

static void
add_escape(struct str *to, uint32_t c)
{
	if (c == '\n')
		str_add(to, "\\n");
	else if (c == '\r')
		str_add(to, "\\r");
	else if (c == '\t')
		str_add(to, "\\t");
	else if (c < 0x80)
		str_addf(to, "\\x%02x", (unsigned)c);
	else
		str_addf(to, c > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)c);
}

static void
add_character(struct str *to, uint32_t c)
{
	char bytes[MB_LEN_MAX];
	mbstate_t state;
	size_t count;

	if (is_control(c)) {
		add_escape(to, c);
		return;
	}
	memset(&state, 0, sizeof(state));
	count = wcrtomb(bytes, (wchar_t)c, &state);
	if (count == (size_t)-1)
		add_escape(to, c);
	else
		str_add_bytes(to, bytes, count);
}

void
text_add_shown(struct str *to, const char *text)
{
	while (*text != '\0') {
		size_t size = character_size(text);

		if (size == 0) {
			str_addf(to, "\\x%02x", (unsigned char)*text);
			text++;
			continue;
		}
		add_character(to, code_point(text, size));
		text += size;
	}
}

void
text_add_utf8(struct str *to, const char *text)
{
	while (*text != '\0') {
		size_t size = character_size(text);

		if (size == 0) {
			str_add(to, "\xEF\xBF\xBD");
			text++;
			continue;
		}
		str_add_bytes(to, text, size);
		text += size;
	}
}

void
text_print_plain(FILE *to, const char *what, const char *text)
{
	fprintf(to, "vdibackup: %s: ", what);
	for (; *text != '\0'; text++)
		(void)fputc(*text >= ' ' && *text <= '~' ? *text : '?', to);
	(void)fputc('\n', to);
}
