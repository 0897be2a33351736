/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/utf.h"

#include "base/bytes.h"

#include <stdint.h>

#define REPLACEMENT 0xFFFD

static void
add_code_point(struct str *to, uint32_t c)
{
	char bytes[4];
	size_t count;

	if (c < 0x80) {
		bytes[0] = (char)c;
		count = 1;
	} else if (c < 0x800) {
		bytes[0] = (char)(0xC0 | c >> 6);
		bytes[1] = (char)(0x80 | (c & 0x3F));
		count = 2;
	} else if (c < 0x10000) {
		bytes[0] = (char)(0xE0 | c >> 12);
		bytes[1] = (char)(0x80 | (c >> 6 & 0x3F));
		bytes[2] = (char)(0x80 | (c & 0x3F));
		count = 3;
	} else {
		bytes[0] = (char)(0xF0 | c >> 18);
		bytes[1] = (char)(0x80 | (c >> 12 & 0x3F));
		bytes[2] = (char)(0x80 | (c >> 6 & 0x3F));
		bytes[3] = (char)(0x80 | (c & 0x3F));
		count = 4;
	}
	str_add_bytes(to, bytes, count);
}

void
utf_add_16le(struct str *to, const void *text, size_t size)
{
	const uint8_t *p = text;
	size_t i;

	for (i = 0; i + 1 < size; i += 2) {
		uint32_t c = bytes_get16(p + i);

		if (c == 0)
			return;
		if (c >= 0xD800 && c < 0xDC00 && i + 3 < size &&
		    (bytes_get16(p + i + 2) & 0xFC00) == 0xDC00) {
			c = 0x10000 + ((c & 0x3FF) << 10) +
			    (bytes_get16(p + i + 2) & 0x3FFu);
			i += 2;
		} else if (c >= 0xD800 && c < 0xE000) {
			c = REPLACEMENT;
		}
		add_code_point(to, c);
	}
}

/* One code point at *text, advancing; *valid is cleared on bad input. */
static uint32_t
take_code_point(const char **text, bool *valid)
{
	const uint8_t *p = (const uint8_t *)*text;
	uint32_t c = *p++;
	uint32_t least;
	int more;

	if (c < 0x80) {
		*text = (const char *)p;
		return (c);
	}
	if ((c & 0xE0) == 0xC0) {
		c &= 0x1F;
		more = 1;
		least = 0x80;
	} else if ((c & 0xF0) == 0xE0) {
		c &= 0x0F;
		more = 2;
		least = 0x800;
	} else if ((c & 0xF8) == 0xF0) {
		c &= 0x07;
		more = 3;
		least = 0x10000;
	} else {
		goto bad;
	}
	for (; more > 0; more--, p++) {
		if ((*p & 0xC0) != 0x80)
			goto bad;
		c = c << 6 | (*p & 0x3Fu);
	}
	if (c < least || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		goto bad;
	*text = (const char *)p;
	return (c);
bad:
	*valid = false;
	*text += 1;
	return (REPLACEMENT);
}

void
utf_add_16le_from_8(struct str *to, const char *text)
{
	bool valid = true;
	uint8_t unit[4];

	while (*text != '\0') {
		uint32_t c = take_code_point(&text, &valid);

		if (c < 0x10000) {
			bytes_put16(unit, (uint16_t)c);
			str_add_bytes(to, unit, 2);
			continue;
		}
		c -= 0x10000;
		bytes_put16(unit, (uint16_t)(0xD800 + (c >> 10)));
		bytes_put16(unit + 2, (uint16_t)(0xDC00 + (c & 0x3FF)));
		str_add_bytes(to, unit, 4);
	}
}

bool
utf_is_valid(const char *text)
{
	bool valid = true;

	while (*text != '\0')
		(void)take_code_point(&text, &valid);
	return (valid);
}

size_t
utf_length_16(const char *text)
{
	bool valid = true;
	size_t units = 0;

	while (*text != '\0')
		units += take_code_point(&text, &valid) < 0x10000 ? 1 : 2;
	return (units);
}
