/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Other people's bytes on their way to a terminal, to JSON and to UTF-16:
 * what comes out cannot move a cursor, and is well-formed; what was
 * well-formed is not changed.
 */

#include "common.h"

#include "base/utf.h"
#include "cli/nearest.h"
#include "cli/text.h"
#include "mtf/model.h"
#include "store/manifest.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* No control characters; ASCII alone where the locale has no more. */
static bool
is_quiet(const char *text, bool is_ascii)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7F || (is_ascii && c >= 0x80))
			return (false);
		/* C1 controls, and what turns the direction of a line. */
		if ((c == 0xC2 && (unsigned char)text[1] < 0xA0) ||
		    strncmp(text, "\xD8\x9C", 2) == 0 ||
		    (strncmp(text, "\xE2\x80", 2) == 0 &&
		    (unsigned char)text[2] >= 0xA8 &&
		    (unsigned char)text[2] <= 0xAE) ||
		    (strncmp(text, "\xE2\x81", 2) == 0 &&
		    (unsigned char)text[2] >= 0xA6 &&
		    (unsigned char)text[2] <= 0xA9))
			return (false);
	}
	return (true);
}

static void
show(const char *text, bool is_ascii)
{
	static locale_t locales[2];
	locale_t before;
	struct str shown;

	if (locales[is_ascii] == (locale_t)0)
		locales[is_ascii] = newlocale(LC_CTYPE_MASK,
		    is_ascii ? "C" : "C.UTF-8", (locale_t)0);
	FUZZ_CHECK(locales[is_ascii] != (locale_t)0);
	before = uselocale(locales[is_ascii]);
	str_init(&shown);
	text_add_shown(&shown, text);
	FUZZ_CHECK(str_check(&shown, NULL) == 0);
	FUZZ_CHECK(utf_is_valid(shown.text));
	FUZZ_CHECK(is_quiet(shown.text, is_ascii));
	str_release(&shown);
	(void)uselocale(before);
}

static void
convert(const char *text)
{
	struct str wide;
	struct str back;

	str_init(&wide);
	str_init(&back);
	utf_add_16le_from_8(&wide, text);
	FUZZ_CHECK(wide.length == 2 * utf_length_16(text));
	utf_add_16le(&back, wide.text, wide.length);
	FUZZ_CHECK(str_check(&wide, NULL) == 0 && str_check(&back, NULL) == 0);
	FUZZ_CHECK(utf_is_valid(back.text));
	FUZZ_CHECK(!utf_is_valid(text) || strcmp(back.text, text) == 0);
	str_clear(&back);
	text_add_utf8(&back, text);
	FUZZ_CHECK(utf_is_valid(back.text));
	FUZZ_CHECK(!utf_is_valid(text) || strcmp(back.text, text) == 0);
	str_release(&back);
	str_release(&wide);
}

/* Cut to a place of fixed size, between characters. */
static void
cut(const char *text, size_t size)
{
	struct error error;
	char place[64];
	char *kept = NULL;

	error_init(&error);
	size = 1 + size % sizeof(place);
	memset(place, 'x', sizeof(place));
	mtf_text_copy(place, size, text);
	FUZZ_CHECK(memchr(place, '\0', size) != NULL);
	FUZZ_CHECK(strncmp(place, text, strlen(place)) == 0);
	FUZZ_CHECK(!utf_is_valid(text) || utf_is_valid(place));
	FUZZ_CHECK(manifest_text(&kept, text, size, &error) == 0);
	FUZZ_CHECK(strlen(kept) <= size && utf_is_valid(kept));
	free(kept);
}

static void
mean(const char *text)
{
	static const char *const words[] = { "backup", "restore", "ls", "" };
	struct nearest nearest;
	int i;
	int id;

	nearest_begin(&nearest, text);
	for (i = 0; i < 4; i++)
		nearest_offer(&nearest, words[i], i);
	id = nearest_end(&nearest, -1);
	FUZZ_CHECK(id >= -1 && id < 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct str narrow;

	show(text, true);
	show(text, false);
	convert(text);
	cut(text, size);
	mean(text);
	str_init(&narrow);
	utf_add_16le(&narrow, data, size);
	FUZZ_CHECK(utf_is_valid(narrow.text));
	str_release(&narrow);
	free(text);
	return (0);
}
