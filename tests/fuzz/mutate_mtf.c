/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Every other change is made in what says something: a block, a stream's
 * header, a record, and not in the pages between them.  After each, the checks
 * of the headers and the checksums of the data are put right again.
 */

#include "mutate.h"

#include "base/bytes.h"
#include "mtf/checksum.h"
#include "mtf/format.h"

#include <stdbool.h>
#include <string.h>

static bool
is_one_of(uint32_t tag, const uint32_t *tags, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (tags[i] == tag)
			return (true);
	return (false);
}

static bool
is_block(uint32_t tag)
{
	static const uint32_t blocks[] = { MTF_TAPE, MTF_SFMB, MTF_SSET,
		MTF_VOLB, MTF_MSCI, MTF_MSDA, MTF_MSTL, MTF_MSLS, MTF_ESET,
		MTF_EOTM };

	return (is_one_of(tag, blocks, sizeof(blocks) / sizeof(blocks[0])));
}

static bool
is_stream(uint32_t tag)
{
	static const uint32_t streams[] = { MTF_RAID, MTF_MQCI, MTF_APAD,
		MTF_MQDA, MTF_MQTL, MTF_CSUM, MTF_OTCP, MTF_TSMP, MTF_SPAD };

	return (is_one_of(tag, streams, sizeof(streams) /
	    sizeof(streams[0])));
}

static bool
is_record(uint32_t tag)
{
	return (tag == MTF_SCIN || tag == MTF_SFGI || tag == MTF_SFIN);
}

#define PLACES_MAX 128
#define PLACE_SIZE 420u

/* Change one of the places where something begins. */
static void
change_place(uint8_t *data, size_t size, unsigned seed)
{
	size_t places[PLACES_MAX];
	size_t count = 0;
	size_t length = PLACE_SIZE;
	size_t at;

	for (at = 0; at + 4 <= size && count < PLACES_MAX;
	    at += MTF_STREAM_ALIGNMENT / 2) {
		uint32_t tag = bytes_get32(data + at);

		if (is_block(tag) || is_stream(tag) || is_record(tag))
			places[count++] = at;
	}
	if (count == 0)
		return;
	at = places[seed % count];
	if (length > size - at)
		length = size - at;
	(void)LLVMFuzzerMutate(data + at, length, length);
}

/* The data of a stream whose header stands at at: its checksum, and where it
 * ends. */
static size_t
sum_data(const uint8_t *data, size_t size, size_t at, uint32_t *sum)
{
	uint64_t length = bytes_get64(data + at + MTF_STREAM_LENGTH);
	size_t begin = at + MTF_STREAM_HEADER;
	struct mtf_sum running;

	if (length < MTF_DATA_PAD || length > size - begin)
		return (begin);
	mtf_sum_init(&running);
	mtf_sum_add(&running, data + begin + MTF_DATA_PAD,
	    (size_t)length - MTF_DATA_PAD);
	*sum = mtf_sum_value(&running);
	return (begin + (size_t)length);
}

static void
repair(uint8_t *data, size_t size)
{
	uint32_t sum = 0;
	size_t at = 0;

	while (at + MTF_DBLK_HEADER <= size) {
		uint32_t tag = bytes_get32(data + at);

		if (is_block(tag)) {
			bytes_put16(data + at + MTF_DBLK_XOR,
			    mtf_header_xor(data + at, MTF_DBLK_XOR));
			at += MTF_DBLK_HEADER;
		} else if (is_stream(tag)) {
			bytes_put16(data + at + MTF_STREAM_XOR,
			    mtf_header_xor(data + at, MTF_STREAM_XOR));
			if (tag == MTF_CSUM)
				bytes_put32(data + at + MTF_STREAM_HEADER,
				    sum);
			if (tag == MTF_MQDA || tag == MTF_MQTL)
				at = sum_data(data, size, at, &sum);
			else
				at += MTF_STREAM_HEADER;
			at = (at + 3) & ~(size_t)3;
		} else {
			at += MTF_STREAM_ALIGNMENT;
		}
	}
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
    unsigned seed)
{
	if (seed / 8 % 2 == 0)
		change_place(data, size, seed / 16);
	else
		size = LLVMFuzzerMutate(data, size, room);
	if (seed % 8 != 0)
		repair(data, size);
	return (size);
}
