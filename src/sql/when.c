/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* datetime begins there: the calendar of the servers' language. */
#define FIRST_YEAR 1753

struct moment {
	int year, month, day, hour, minute, second, millisecond;
};

/* count digits from *at, which moves on; -1 if one is missing. */
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

static bool
take_sign(const char **at, char sign)
{
	if (**at != sign)
		return (false);
	(*at)++;
	return (true);
}

static bool
take_date(const char **at, struct moment *m)
{
	m->year = take_digits(at, 4);
	if (!take_sign(at, '-'))
		return (false);
	m->month = take_digits(at, 2);
	if (!take_sign(at, '-'))
		return (false);
	m->day = take_digits(at, 2);
	return (true);
}

/* Milliseconds have one to three digits, each worth what it is there. */
static int
take_fraction(const char **at)
{
	int value = take_digits(at, 1);
	int i;

	for (i = 1; i < 3 && value >= 0; i++)
		value = value * 10 +
		    (**at >= '0' && **at <= '9' ? take_digits(at, 1) : 0);
	return (value);
}

static bool
take_time(const char **at, struct moment *m)
{
	if (!take_sign(at, 'T') && !take_sign(at, ' '))
		return (false);
	m->hour = take_digits(at, 2);
	if (!take_sign(at, ':'))
		return (false);
	m->minute = take_digits(at, 2);
	if (take_sign(at, ':'))
		m->second = take_digits(at, 2);
	else
		return (true);
	if (take_sign(at, '.'))
		m->millisecond = take_fraction(at);
	return (true);
}

static int
days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return (days[month - 1] + (month == 2 && is_leap ? 1 : 0));
}

static bool
is_moment(const struct moment *m)
{
	return (m->year >= FIRST_YEAR && m->month >= 1 && m->month <= 12 &&
	    m->day >= 1 && m->day <= days_of_month(m->year, m->month) &&
	    m->hour >= 0 && m->hour < 24 && m->minute >= 0 &&
	    m->minute < 60 && m->second >= 0 && m->second < 60 &&
	    m->millisecond >= 0);
}

int
when_write(char to[WHEN_ROOM], const char *text, struct error *error)
{
	struct moment m = { 0 };
	const char *at = text;
	bool is_right = take_date(&at, &m);
	size_t length;

	if (is_right && *at != '\0')
		is_right = take_time(&at, &m);
	if (!is_right || *at != '\0' || !is_moment(&m))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%.64s\" is not a time of the server's clock, such as "
		    "2026-11-24 or 2026-11-24T07:30:00", text));
	/* Checked above; the remainders tell the compiler that it fits. */
	(void)snprintf(to, WHEN_ROOM, "%04d-%02u-%02uT%02u:%02u:%02u",
	    m.year % 10000, (unsigned)m.month % 100, (unsigned)m.day % 100,
	    (unsigned)m.hour % 100, (unsigned)m.minute % 100,
	    (unsigned)m.second % 100);
	length = strlen(to);
	if (m.millisecond > 0)
		(void)snprintf(to + length, WHEN_ROOM - length, ".%03u",
		    (unsigned)m.millisecond % 1000);
	return (0);
}
