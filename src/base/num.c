/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/num.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Digits at *text into *value; advances *text.  -1: no digit, or too large. */
static int
take_digits(const char **text, uint64_t *value)
{
	const char *p = *text;
	uint64_t sum = 0;

	if (*p < '0' || *p > '9')
		return (-1);
	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (sum > (UINT64_MAX - digit) / 10)
			return (-1);
		sum = sum * 10 + digit;
	}
	*text = p;
	*value = sum;
	return (0);
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* Digits and a unit of the table; the product must fit below max. */
static int
take_with_unit(const char *text, const struct unit *units, size_t count,
    uint64_t max, uint64_t *value)
{
	uint64_t number;
	size_t i;

	if (take_digits(&text, &number) != 0)
		return (-1);
	for (i = 0; i < count; i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		if (number > max / units[i].factor)
			return (-1);
		*value = number * units[i].factor;
		return (0);
	}
	return (-1);
}

int
num_parse(const char *text, int64_t min, int64_t max, int64_t *value)
{
	uint64_t number;
	int64_t signed_number;
	int negative = *text == '-';

	text += negative;
	if (take_digits(&text, &number) != 0 || *text != '\0' ||
	    number > INT64_MAX)
		return (-1);
	signed_number = negative ? -(int64_t)number : (int64_t)number;
	if (signed_number < min || signed_number > max)
		return (-1);
	*value = signed_number;
	return (0);
}

int
num_parse_size(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "KiB", UINT64_C(1) << 10 },
		{ "MiB", UINT64_C(1) << 20 },
		{ "GiB", UINT64_C(1) << 30 },
		{ "TiB", UINT64_C(1) << 40 },
	};

	return (take_with_unit(text, units, ARRAY_COUNT(units), INT64_MAX,
	    bytes));
}

int
num_parse_duration(const char *text, int64_t *timeout_ms)
{
	static const struct unit units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60 * 1000 },
		{ "h", 3600 * 1000 },
		{ "d", 24 * 3600 * 1000 },
	};
	uint64_t value;

	if (take_with_unit(text, units, ARRAY_COUNT(units), INT64_MAX / 1000000,
	        &value) != 0)
		return (-1);
	*timeout_ms = (int64_t)value;
	return (0);
}

const char *
num_format_size(uint64_t bytes, char *buffer, size_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB",
		"PiB" };
	double value = (double)bytes / 1024;
	size_t i;

	if (bytes < 1024) {
		(void)snprintf(buffer, size, "%" PRIu64 " B", bytes);
		return (buffer);
	}
	for (i = 0; value >= 1024 && i + 1 < ARRAY_COUNT(units); i++)
		value /= 1024;
	(void)snprintf(buffer, size, "%.1f %s", value, units[i]);
	return (buffer);
}

const char *
num_format_duration(int64_t ns, char *buffer, size_t size)
{
	int64_t seconds = ns / 1000000000;

	if (seconds < 10)
		(void)snprintf(buffer, size, "%.1f s", (double)ns / 1e9);
	else if (seconds < 60)
		(void)snprintf(buffer, size, "%" PRId64 " s", seconds);
	else if (seconds < 3600)
		(void)snprintf(buffer, size, "%" PRId64 " min %" PRId64 " s",
		    seconds / 60, seconds % 60);
	else
		(void)snprintf(buffer, size, "%" PRId64 " h %" PRId64 " min",
		    seconds / 3600, seconds / 60 % 60);
	return (buffer);
}

const char *
num_format_timeout(int64_t timeout_ms, char *buffer, size_t size)
{
	bool is_whole = timeout_ms % 1000 == 0;

	(void)snprintf(buffer, size, "%" PRId64 " %s",
	    is_whole ? timeout_ms / 1000 : timeout_ms, is_whole ? "s" : "ms");
	return (buffer);
}
