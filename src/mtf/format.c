/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/format.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

const char *
mtf_tag_text(uint32_t tag, char text[MTF_TAG_TEXT])
{
	int i;

	for (i = 0; i < 4; i++) {
		uint8_t c = (uint8_t)(tag >> (8 * i));

		text[i] = '?';
		if (c >= ' ' && c < 0x7F)
			text[i] = (char)c;
	}
	text[4] = '\0';
	return (text);
}

uint16_t
mtf_header_xor(const void *header, size_t size)
{
	const uint8_t *p = header;
	uint16_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		sum = (uint16_t)(sum ^ bytes_get16(p + i));
	return (sum);
}

/*
 * From the top bit down: year 14, month 4, day 5, hour 5, minute 6, second 6.
 */
struct mtf_date
mtf_date_get(const void *at)
{
	const uint8_t *p = at;
	struct mtf_date date;
	uint64_t bits = 0;
	int i;

	for (i = 0; i < MTF_DATE_BYTES; i++)
		bits = bits << 8 | p[i];
	date.year = (uint16_t)(bits >> 26 & 0x3FFF);
	date.month = (uint8_t)(bits >> 22 & 0xF);
	date.day = (uint8_t)(bits >> 17 & 0x1F);
	date.hour = (uint8_t)(bits >> 12 & 0x1F);
	date.minute = (uint8_t)(bits >> 6 & 0x3F);
	date.second = (uint8_t)(bits & 0x3F);
	return (date);
}

void
mtf_date_put(void *at, struct mtf_date date)
{
	uint8_t *p = at;
	uint64_t bits;
	int i;

	bits = (uint64_t)(date.year & 0x3FFF) << 26 |
	    (uint64_t)(date.month & 0xF) << 22 |
	    (uint64_t)(date.day & 0x1F) << 17 |
	    (uint64_t)(date.hour & 0x1F) << 12 |
	    (uint64_t)(date.minute & 0x3F) << 6 | (date.second & 0x3F);
	for (i = MTF_DATE_BYTES - 1; i >= 0; i--) {
		p[i] = (uint8_t)bits;
		bits >>= 8;
	}
}

struct mtf_date
mtf_date_from_tm(const struct tm *tm)
{
	struct mtf_date date;

	date.year = (uint16_t)(tm->tm_year + 1900);
	date.month = (uint8_t)(tm->tm_mon + 1);
	date.day = (uint8_t)tm->tm_mday;
	date.hour = (uint8_t)tm->tm_hour;
	date.minute = (uint8_t)tm->tm_min;
	date.second = (uint8_t)tm->tm_sec;
	return (date);
}

bool
mtf_date_is_valid(struct mtf_date date)
{
	return (date.year >= 1 && date.year <= 9999 && date.month >= 1 &&
	    date.month <= 12 && date.day >= 1 && date.day <= 31 &&
	    date.hour <= 23 && date.minute <= 59 && date.second <= 60);
}

const char *
mtf_date_format(struct mtf_date date, char text[MTF_DATE_TEXT])
{
	text[0] = '\0';
	if (mtf_date_is_set(date))
		snprintf(text, MTF_DATE_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u",
		    (unsigned)date.year, (unsigned)date.month,
		    (unsigned)date.day, (unsigned)date.hour,
		    (unsigned)date.minute, (unsigned)date.second);
	return (text);
}

struct mtf_lsn
mtf_lsn_get(const void *at)
{
	const uint8_t *p = at;
	struct mtf_lsn lsn;

	lsn.seq = bytes_get32(p);
	lsn.block = bytes_get32(p + 4);
	lsn.slot = bytes_get16(p + 8);
	return (lsn);
}

void
mtf_lsn_put(void *at, struct mtf_lsn lsn)
{
	uint8_t *p = at;

	bytes_put32(p, lsn.seq);
	bytes_put32(p + 4, lsn.block);
	bytes_put16(p + 8, lsn.slot);
}

int
mtf_lsn_compare(struct mtf_lsn a, struct mtf_lsn b)
{
	if (a.seq != b.seq)
		return (a.seq < b.seq ? -1 : 1);
	if (a.block != b.block)
		return (a.block < b.block ? -1 : 1);
	if (a.slot != b.slot)
		return (a.slot < b.slot ? -1 : 1);
	return (0);
}

const char *
mtf_lsn_format(struct mtf_lsn lsn, char text[MTF_LSN_TEXT])
{
	unsigned long long low = lsn.block * 100000ULL + lsn.slot;

	if (lsn.seq > 0)
		snprintf(text, MTF_LSN_TEXT, "%lu%015llu",
		    (unsigned long)lsn.seq, low);
	else
		snprintf(text, MTF_LSN_TEXT, "%llu", low);
	return (text);
}

int
mtf_lsn_parse(const char *text, struct mtf_lsn *lsn)
{
	size_t length = strlen(text);
	uint64_t parts[3] = { 0, 0, 0 };
	size_t i;

	if (length == 0 || length > 25)
		return (-1);
	for (i = 0; i < length; i++) {
		size_t left = length - i;
		unsigned part = left > 15 ? 0 : left > 5 ? 1 : 2;

		if (text[i] < '0' || text[i] > '9')
			return (-1);
		parts[part] = parts[part] * 10 + (uint64_t)(text[i] - '0');
	}
	if (parts[0] > UINT32_MAX || parts[1] > UINT32_MAX ||
	    parts[2] > UINT16_MAX)
		return (-1);
	lsn->seq = (uint32_t)parts[0];
	lsn->block = (uint32_t)parts[1];
	lsn->slot = (uint16_t)parts[2];
	return (0);
}

struct mtf_guid
mtf_guid_get(const void *at)
{
	struct mtf_guid guid;

	memcpy(guid.bytes, at, MTF_GUID_BYTES);
	return (guid);
}

void
mtf_guid_put(void *at, const struct mtf_guid *guid)
{
	memcpy(at, guid->bytes, MTF_GUID_BYTES);
}

bool
mtf_guid_is_set(const struct mtf_guid *guid)
{
	static const struct mtf_guid none;

	return (!mtf_guid_is_equal(guid, &none));
}

bool
mtf_guid_is_equal(const struct mtf_guid *a, const struct mtf_guid *b)
{
	return (memcmp(a->bytes, b->bytes, MTF_GUID_BYTES) == 0);
}

const char *
mtf_guid_format(const struct mtf_guid *guid, char text[MTF_GUID_TEXT])
{
	const uint8_t *b = guid->bytes;

	snprintf(text, MTF_GUID_TEXT,
	    "%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X",
	    (unsigned long)bytes_get32(b), (unsigned)bytes_get16(b + 4),
	    (unsigned)bytes_get16(b + 6), (unsigned)b[8], (unsigned)b[9],
	    (unsigned)b[10], (unsigned)b[11], (unsigned)b[12],
	    (unsigned)b[13], (unsigned)b[14], (unsigned)b[15]);
	return (text);
}
