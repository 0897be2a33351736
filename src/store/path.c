/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/path.h"

#include "base/num.h"
#include "base/utf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

/* Shorter than the 255 bytes of most file systems, and room for 128 letters
 * of ASCII, which is what a database's name may have. */
#define COMPONENT_MAX 240u
#define CUT_MARK "%~"
#define CUT_DIGITS 16u
#define STRIPE_ENDING ".bak.zst"

static bool
is_device_name(const char *name)
{
	static const char *const devices[] = { "CON", "PRN", "AUX", "NUL",
		"CONIN$", "CONOUT$", "CLOCK$" };
	/* Windows takes the superscript digits for digits here. */
	static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6",
		"7", "8", "9", "\xC2\xB9", "\xC2\xB2", "\xC2\xB3" };
	size_t length = strcspn(name, ".");
	size_t i;

	while (length > 0 && name[length - 1] == ' ')
		length--;
	for (i = 0; i < ARRAY_COUNT(devices); i++)
		if (strlen(devices[i]) == length &&
		    strncasecmp(name, devices[i], length) == 0)
			return (true);
	if (length < 4 || (strncasecmp(name, "COM", 3) != 0 &&
	    strncasecmp(name, "LPT", 3) != 0))
		return (false);
	for (i = 0; i < ARRAY_COUNT(digits); i++)
		if (strlen(digits[i]) == length - 3 &&
		    memcmp(name + 3, digits[i], length - 3) == 0)
			return (true);
	return (false);
}

static void
add_escaped(struct str *to, unsigned char byte)
{
	str_addf(to, "%%%02X", byte);
}

/* Close a name that is too long; start is where it begins in *to. */
static int
cut(struct str *to, size_t start, const char *name, struct error *error)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_size = 0;
	struct str whole;
	size_t keep = COMPONENT_MAX - strlen(CUT_MARK) - CUT_DIGITS;
	const char *text;
	size_t i;
	int rc = -1;

	str_init(&whole);
	if (EVP_Digest(name, strlen(name), digest, &digest_size, EVP_sha256(),
	    NULL) != 1) {
		rc = error_memory(error);
		goto out;
	}
	str_add(&whole, to->text);
	if (str_check(&whole, error) != 0)
		goto out;
	text = whole.text + start;
	/* Neither through an escape nor through a character. */
	if (keep >= 1 && text[keep - 1] == '%')
		keep -= 1;
	else if (keep >= 2 && text[keep - 2] == '%')
		keep -= 2;
	while (keep > 0 && ((unsigned char)text[keep] & 0xC0) == 0x80)
		keep--;
	str_clear(to);
	str_add_bytes(to, whole.text, start + keep);
	str_add(to, CUT_MARK);
	for (i = 0; i < CUT_DIGITS / 2; i++)
		str_addf(to, "%02x", digest[i]);
	rc = str_check(to, error);
out:
	str_release(&whole);
	return (rc);
}

int
path_encode(struct str *to, const char *name, struct error *error)
{
	size_t start = to->length;
	size_t length = strlen(name);
	bool valid = utf_is_valid(name);
	bool device = is_device_name(name);
	size_t i;

	if (length == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "an empty name cannot be part of a path"));
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)name[i];
		bool first = i == 0;
		bool last = i == length - 1;

		if (c < 0x20 || c == 0x7F ||
		    strchr("/\\:*?\"<>|%", c) != NULL ||
		    (c >= 0x80 && !valid) ||
		    (first && (c == '.' || device)) ||
		    (last && (c == '.' || c == ' ')))
			add_escaped(to, c);
		else
			str_add_bytes(to, &name[i], 1);
	}
	if (str_check(to, error) != 0)
		return (-1);
	if (to->length - start > COMPONENT_MAX)
		return (cut(to, start, name, error));
	return (0);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

int
path_decode(struct str *to, const char *component)
{
	struct str again;
	size_t start = to->length;
	const char *p;
	int rc = -1;

	str_init(&again);
	for (p = component; *p != '\0'; p++) {
		char c = *p;

		if (c == '%') {
			int high = hex_digit(p[1]);
			int low = high < 0 ? -1 : hex_digit(p[2]);

			if (low < 0 || (high == 0 && low == 0))
				goto out;
			c = (char)(high << 4 | low);
			p += 2;
		}
		str_add_bytes(to, &c, 1);
	}
	/* Only what path_encode makes: one name has one component. */
	if (str_check(to, NULL) != 0 ||
	    path_encode(&again, to->text + start, NULL) != 0 ||
	    strcmp(again.text, component) != 0)
		goto out;
	rc = 0;
out:
	str_release(&again);
	return (rc);
}

void
path_add_folder(struct str *to, const struct path_folder *folder)
{
	char started[PATH_TIME_ROOM];

	path_format_compact(started, folder->started);
	str_addf(to, "%s-%s", started, manifest_type_name(folder->type));
	if (folder->number > 1)
		str_addf(to, "-%u", folder->number);
	if (folder->stage == PATH_WRITING)
		str_add(to, PATH_PARTIAL);
	else if (folder->stage == PATH_REMOVING)
		str_add(to, PATH_EXPIRED);
}

/* Take an ending off; whether it was there. */
static bool
strip(char *name, const char *ending)
{
	size_t length = strlen(name);
	size_t less = strlen(ending);

	if (length < less || strcmp(name + length - less, ending) != 0)
		return (false);
	name[length - less] = '\0';
	return (true);
}

int
path_parse_folder(const char *name, struct path_folder *folder)
{
	struct path_folder found = { .number = 1, .stage = PATH_FINAL };
	char copy[64];
	char *type;
	char *number;
	int64_t value;

	if (strlen(name) >= sizeof(copy))
		return (-1);
	strcpy(copy, name);
	if (strip(copy, PATH_PARTIAL))
		found.stage = PATH_WRITING;
	else if (strip(copy, PATH_EXPIRED))
		found.stage = PATH_REMOVING;
	type = strchr(copy, '-');
	if (type == NULL)
		return (-1);
	*type++ = '\0';
	number = strchr(type, '-');
	if (number != NULL) {
		*number++ = '\0';
		if (number[0] < '1' || number[0] > '9' ||
		    num_parse(number, 2, 9999, &value) != 0)
			return (-1);
		found.number = (unsigned)value;
	}
	if (path_parse_compact(copy, &found.started) != 0 ||
	    manifest_parse_type(type, &found.type) != 0)
		return (-1);
	*folder = found;
	return (0);
}

void
path_stripe_name(char name[PATH_STRIPE_ROOM], unsigned index, unsigned count)
{
	(void)snprintf(name, PATH_STRIPE_ROOM, "stripe-%uof%u" STRIPE_ENDING,
	    index, count);
}

/* Days since 1970 of a date of the Gregorian calendar; years start in March,
 * so that the leap day is a year's last. */
static int64_t
days_from_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
	    day - 1;

	return (y * 365 + y / 4 - y / 100 + y / 400 + in_year - 719468);
}

struct moment {
	int year, month, day, hour, minute, second;
};

static struct moment
split_time(int64_t seconds)
{
	struct moment m = { .year = 1970, .month = 1, .day = 1 };
	int64_t left;
	int64_t days;

	/* Outside what four digits of a year can say: the end that is near. */
	if (seconds < 0)
		seconds = 0;
	if (seconds > INT64_C(253402300799))
		seconds = INT64_C(253402300799);
	days = seconds / 86400;
	left = seconds % 86400;
	m.year = 1970 + (int)(days / 366);
	while (days_from_date(m.year + 1, 1, 1) <= days)
		m.year++;
	while (m.month < 12 && days_from_date(m.year, m.month + 1, 1) <= days)
		m.month++;
	m.day = (int)(days - days_from_date(m.year, m.month, 1)) + 1;
	m.hour = (int)(left / 3600);
	m.minute = (int)(left / 60 % 60);
	m.second = (int)(left % 60);
	return (m);
}

void
path_format_compact(char text[PATH_TIME_ROOM], int64_t seconds)
{
	struct moment m = split_time(seconds);

	(void)snprintf(text, PATH_TIME_ROOM, "%04u%02u%02uT%02u%02u%02uZ",
	    (unsigned)m.year % 10000, (unsigned)m.month % 100,
	    (unsigned)m.day % 100, (unsigned)m.hour % 100,
	    (unsigned)m.minute % 100, (unsigned)m.second % 100);
}

void
path_format_time(char text[PATH_TIME_ROOM], int64_t seconds)
{
	struct moment m = split_time(seconds);

	(void)snprintf(text, PATH_TIME_ROOM, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    (unsigned)m.year % 10000, (unsigned)m.month % 100,
	    (unsigned)m.day % 100, (unsigned)m.hour % 100,
	    (unsigned)m.minute % 100, (unsigned)m.second % 100);
}

/* Digits of one field from *at, which moves on; -1 if one is missing. */
static int
take_digits(const char **at, int count)
{
	int value = 0;

	while (count-- > 0) {
		if (**at < '0' || **at > '9')
			return (-1);
		value = value * 10 + (*(*at)++ - '0');
	}
	return (value);
}

/* pattern: Y M D h m s for the fields, anything else for itself. */
static int
parse_pattern(const char *text, const char *pattern, int64_t *seconds)
{
	struct moment m = { 0 };
	char again[PATH_TIME_ROOM];
	int64_t value;

	for (const char *p = text; *pattern != '\0'; pattern++) {
		int *field = *pattern == 'Y' ? &m.year :
		    *pattern == 'M' ? &m.month : *pattern == 'D' ? &m.day :
		    *pattern == 'h' ? &m.hour : *pattern == 'm' ? &m.minute :
		    *pattern == 's' ? &m.second : NULL;

		if (field == NULL) {
			if (*p++ != *pattern)
				return (-1);
			continue;
		}
		*field = take_digits(&p, *pattern == 'Y' ? 4 : 2);
		if (*field < 0)
			return (-1);
	}
	if (m.year < 1970 || m.month < 1 || m.month > 12 || m.day < 1 ||
	    m.day > 31 || m.hour > 23 || m.minute > 59 || m.second > 59)
		return (-1);
	value = days_from_date(m.year, m.month, m.day) * 86400 +
	    m.hour * 3600 + m.minute * 60 + m.second;
	/* The 31st of June comes back as the 1st of July; so does a tail. */
	if (text[4] == '-')
		path_format_time(again, value);
	else
		path_format_compact(again, value);
	if (strcmp(again, text) != 0)
		return (-1);
	*seconds = value;
	return (0);
}

int
path_parse_compact(const char *text, int64_t *seconds)
{
	return (parse_pattern(text, "YMDThmsZ", seconds));
}

int
path_parse_time(const char *text, int64_t *seconds)
{
	return (parse_pattern(text, "Y-M-DTh:m:sZ", seconds));
}
