/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/parse.h"

#include "base/bytes.h"
#include "mtf/decode.h"
#include "mtf/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What two 16-bit numbers of an address can reach. */
#define RECORD_MAX 131072u

int
mtf_fail(struct mtf_reader *r, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return (error_set(&r->error, KIND_INTEGRITY, ORIGIN_US, 0, "%s",
	    text));
}

int
mtf_called(struct mtf_reader *r, int result)
{
	if (result != 0)
		error_set(&r->error, KIND_ABORTED, ORIGIN_US, 0,
		    "the reading was stopped");
	return (result != 0 ? -1 : 0);
}

static int
notice(struct mtf_reader *r, enum mtf_notice_kind kind, uint32_t tag,
    bool is_known, uint64_t length, uint16_t media_bits)
{
	struct mtf_notice n = {
		.kind = kind,
		.tag = tag,
		.is_known = is_known,
		.offset = r->mark,
		.length = length,
		.media_bits = media_bits
	};

	if (r->events.notice == NULL)
		return (0);
	return (mtf_called(r, r->events.notice(r->context, &n, &r->error)));
}

/* The buffer will hold `wanted` bytes; what it holds already counts. */
static int
gather(struct mtf_reader *r, enum mtf_step step, size_t wanted)
{
	uint8_t *buffer;

	if (wanted > r->room) {
		buffer = realloc(r->buffer, wanted);
		if (buffer == NULL)
			return (error_memory(&r->error));
		r->buffer = buffer;
		r->room = wanted;
	}
	r->taking = TAKE_GATHER;
	r->step = step;
	r->wanted = wanted;
	return (0);
}

static int
gather_new(struct mtf_reader *r, enum mtf_step step, size_t wanted)
{
	r->mark = r->offset;
	r->filled = 0;
	return (gather(r, step, wanted));
}

static void
skip(struct mtf_reader *r, enum mtf_step step, uint64_t count)
{
	r->taking = TAKE_SKIP;
	r->step = step;
	r->left = count;
}

static void
want_stream(struct mtf_reader *r)
{
	skip(r, STEP_ALIGNMENT, (0 - r->offset) % MTF_STREAM_ALIGNMENT);
}

/* --- blocks ------------------------------------------------------------- */

static bool
is_tag(uint32_t tag)
{
	int i;

	for (i = 0; i < 32; i += 8) {
		uint8_t c = (uint8_t)(tag >> i);

		if ((c < 'A' || c > 'Z') && (c < '0' || c > '9'))
			return (false);
	}
	return (true);
}

static int
take_block_header(struct mtf_reader *r)
{
	const uint8_t *p = r->buffer;
	uint32_t first = bytes_get16(p + MTF_DBLK_FIRST_EVENT);
	char name[MTF_TAG_TEXT];

	r->block = bytes_get32(p + MTF_DBLK_TYPE);
	if (r->mark == 0 && r->block != MTF_TAPE)
		return (mtf_foreign_refuse(r, p));
	if (!is_tag(r->block))
		return (mtf_fail(r, "there is no block where %s was expected",
		    mtf_order_wanted(&r->order)));
	mtf_tag_text(r->block, name);
	if (mtf_header_xor(p, MTF_DBLK_XOR) != bytes_get16(p + MTF_DBLK_XOR))
		return (mtf_fail(r, "the header of block \"%s\" is damaged: its"
		    " check is %04x where %04x was expected", name,
		    (unsigned)bytes_get16(p + MTF_DBLK_XOR),
		    (unsigned)mtf_header_xor(p, MTF_DBLK_XOR)));
	if (mtf_order_take(&r->order, p, r->mark, r->label.format_block_size,
		&r->error) != 0)
		return (-1);
	if (r->block == MTF_SFMB)
		first = r->label.block_size;
	if (first < MTF_DBLK_HEADER)
		return (mtf_fail(r, "block \"%s\" has its first stream at %lu,"
		    " inside its own header", name, (unsigned long)first));
	if (notice(r, MTF_NOTICE_BLOCK, r->block, mtf_order_knows(r->block),
		first, 0) != 0)
		return (-1);
	if (r->block != MTF_SFMB)
		return (gather(r, STEP_BLOCK, first));
	skip(r, STEP_FILEMARK, first - MTF_DBLK_HEADER);
	return (0);
}

static bool
is_same_date(struct mtf_date a, struct mtf_date b)
{
	uint8_t first[MTF_DATE_BYTES];
	uint8_t second[MTF_DATE_BYTES];

	mtf_date_put(first, a);
	mtf_date_put(second, b);
	return (memcmp(first, second, sizeof(first)) == 0);
}

static int
take_set_end(struct mtf_reader *r, const struct mtf_bytes *block)
{
	uint16_t number;

	if (block->size < MTF_ESET_FIXED)
		return (mtf_fail(r,
		    "block \"ESET\" has %zu bytes", block->size));
	number = bytes_get16(block->at + MTF_ESET_NUMBER);
	if (number != r->set.position)
		return (mtf_fail(r,
		    "backup set %u is ended by a block for set %u",
		    (unsigned)r->set.position, (unsigned)number));
	/* What an older backup has left behind a newer one's beginning. */
	if (!is_same_date(mtf_date_get(block->at + MTF_ESET_DATE),
		r->set.start))
		return (mtf_fail(r, "backup set %u is ended by a block of a "
		    "set that was begun at another time",
		    (unsigned)r->set.position));
	return (0);
}

static int
take_block(struct mtf_reader *r)
{
	struct mtf_bytes block = { r->buffer, r->wanted, NULL };
	char tag[MTF_TAG_TEXT];
	char name[24];
	int result = 0;

	snprintf(name, sizeof(name), "block \"%s\"",
	    mtf_tag_text(r->block, tag));
	block.name = name;
	switch (r->block) {
	case MTF_TAPE:
		result = mtf_decode_tape(&block, &r->label, &r->error);
		break;
	case MTF_SSET:
		result = mtf_decode_set_start(&block, &r->set, &r->error);
		r->set.offset = r->mark;
		break;
	case MTF_VOLB:
		result = mtf_decode_volume(&block, &r->set, &r->error);
		break;
	case MTF_ESET:
		result = take_set_end(r, &block);
		break;
	default:
		break;
	}
	r->has_record = false;
	want_stream(r);
	return (result);
}

static int
take_filemark(struct mtf_reader *r)
{
	if (r->order.sets > r->ended) {
		r->ended = r->order.sets;
		if (r->events.set_end != NULL &&
		    mtf_called(r, r->events.set_end(r->context, &r->set,
			&r->error)) != 0)
			return (-1);
	}
	return (gather_new(r, STEP_BLOCK_HEADER, MTF_DBLK_HEADER));
}

int
mtf_parse_filemark(struct mtf_reader *r)
{
	uint8_t header[MTF_DBLK_HEADER] = { 0 };

	if (r->step != STEP_BLOCK_HEADER || r->filled != 0)
		return (mtf_fail(r, "a filemark stands inside a block"));
	r->block = MTF_SFMB;
	bytes_put32(header + MTF_DBLK_TYPE, MTF_SFMB);
	if (mtf_order_take(&r->order, header, r->mark,
		r->label.format_block_size, &r->error) != 0 ||
	    notice(r, MTF_NOTICE_BLOCK, MTF_SFMB, true, 0, 0) != 0)
		return (-1);
	return (take_filemark(r));
}

/* SPAD has come: is all there that the block needs? */
static int
end_block(struct mtf_reader *r)
{
	char name[MTF_TAG_TEXT];

	if (r->is_open)
		return (mtf_fail(r,
		    "the page data of block \"%s\" is not closed",
		    mtf_tag_text(r->block, name)));
	if ((r->block == MTF_MSCI || r->block == MTF_MSLS) && !r->has_record)
		return (mtf_fail(r,
		    "block \"%s\" has no description of the set",
		    mtf_tag_text(r->block, name)));
	if (r->block != MTF_TAPE)
		return (0);
	if (!r->has_media_set)
		return (mtf_fail(r,
		    "this is a tape archive of \"%s\", not a SQL"
		    " Server backup", r->label.software));
	if (r->events.label == NULL)
		return (0);
	return (mtf_called(r,
	    r->events.label(r->context, &r->label, &r->error)));
}

/* --- streams ------------------------------------------------------------ */

static bool
is_known_stream(uint32_t id)
{
	static const uint32_t known[] = {
		MTF_RAID, MTF_MQCI, MTF_APAD, MTF_MQDA, MTF_MQTL, MTF_CSUM,
		MTF_OTCP, MTF_TSMP, MTF_SPAD, MTF_VCON
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(known); i++)
		if (known[i] == id)
			return (true);
	return (false);
}

static int
begin_data(struct mtf_reader *r, uint16_t bits, uint64_t length)
{
	char name[MTF_TAG_TEXT];

	if (length == 0) {
		if ((bits & MTF_MEDIA_LAST) != 0)
			r->is_open = false;
		want_stream(r);
		return (0);
	}
	if (length < MTF_DATA_PAD || (r->stream == MTF_MQDA &&
		(length - MTF_DATA_PAD) % MTF_PAGE_SIZE != 0))
		return (mtf_fail(r,
		    "stream \"%s\" has %llu bytes, which are not"
		    " whole pages", mtf_tag_text(r->stream, name),
		    (unsigned long long)length));
	r->is_open = (bits & MTF_MEDIA_VARIABLE) != 0 &&
	    (bits & MTF_MEDIA_LAST) == 0;
	r->has_sum = (bits & MTF_MEDIA_CHECKSUM) != 0;
	mtf_sum_init(&r->sum);
	r->data_id = r->stream;
	r->data_at = r->offset + MTF_DATA_PAD;
	r->data_length = length - MTF_DATA_PAD;
	skip(r, STEP_DATA_PAD, MTF_DATA_PAD);
	return (0);
}

static int
want_record(struct mtf_reader *r)
{
	if (r->records_left == 0) {
		want_stream(r);
		return (0);
	}
	if (r->records_left < MTF_RECORD_HEADER)
		return (mtf_fail(r, "%llu bytes are left behind the last record"
		    " of stream \"MQCI\"",
		    (unsigned long long)r->records_left));
	return (gather_new(r, STEP_RECORD_HEADER, MTF_RECORD_HEADER));
}

static int
begin_stream(struct mtf_reader *r, uint16_t bits, uint64_t length)
{
	bool is_config = r->block == MTF_MSCI || r->block == MTF_MSLS;

	switch (r->stream) {
	case MTF_SPAD:
		skip(r, STEP_LAST_STREAM, length);
		return (end_block(r));
	case MTF_MQDA:
		if (r->block == MTF_MSDA)
			return (begin_data(r, bits, length));
		break;
	case MTF_MQTL:
		if (r->block == MTF_MSTL)
			return (begin_data(r, bits, length));
		break;
	case MTF_MQCI:
		if (!is_config || r->has_record)
			break;
		r->records_left = length;
		r->group[0] = '\0';
		return (want_record(r));
	case MTF_RAID:
		if (r->block != MTF_TAPE)
			break;
		if (length < MTF_RAID_SIZE || length > RECORD_MAX)
			return (mtf_fail(r, "stream \"RAID\" has %llu bytes",
			    (unsigned long long)length));
		return (gather_new(r, STEP_MEDIA_SET, (size_t)length));
	case MTF_VCON:
		if (r->block != MTF_TAPE || length != MTF_VCON_SIZE)
			break;
		return (gather_new(r, STEP_CONTINUATION, MTF_VCON_SIZE));
	case MTF_CSUM:
		if (!r->has_sum)
			break;
		if (length != 4)
			return (mtf_fail(r, "stream \"CSUM\" has %llu bytes",
			    (unsigned long long)length));
		return (gather_new(r, STEP_CHECKSUM, 4));
	default:
		break;
	}
	skip(r, STEP_STREAM, length);
	return (0);
}

static int
take_stream_header(struct mtf_reader *r)
{
	const uint8_t *p = r->buffer;
	uint16_t bits = bytes_get16(p + MTF_STREAM_MEDIA_BITS);
	uint64_t length = bytes_get64(p + MTF_STREAM_LENGTH);
	uint16_t stored = bytes_get16(p + MTF_STREAM_XOR);
	uint16_t actual = mtf_header_xor(p, MTF_STREAM_XOR);
	char block[MTF_TAG_TEXT];
	char name[MTF_TAG_TEXT];

	r->stream = bytes_get32(p + MTF_STREAM_ID);
	mtf_tag_text(r->block, block);
	mtf_tag_text(r->stream, name);
	if (!is_tag(r->stream))
		return (mtf_fail(r,
		    "there is no stream where one of block \"%s\""
		    " was expected", block));
	if (stored != actual)
		return (mtf_fail(r,
		    "the header of stream \"%s\" of block \"%s\""
		    " is damaged: its check is %04x where %04x was expected",
		    name, block, (unsigned)stored, (unsigned)actual));
	if (r->has_sum && r->stream != MTF_CSUM)
		return (mtf_fail(r, "stream \"%s\" stands where the checksum of"
		    " the data was expected", name));
	if (notice(r, MTF_NOTICE_STREAM, r->stream,
		is_known_stream(r->stream), length, bits) != 0)
		return (-1);
	return (begin_stream(r, bits, length));
}

static int
take_media_set(struct mtf_reader *r)
{
	struct mtf_bytes stream = { r->buffer, r->wanted, "stream \"RAID\"" };

	r->has_media_set = true;
	want_stream(r);
	return (mtf_decode_raid(&stream, &r->label, &r->error));
}

static int
take_checksum(struct mtf_reader *r)
{
	struct mtf_checksum result = {
		.stream = r->data_id,
		.offset = r->data_at,
		.length = r->data_length,
		.expected = bytes_get32(r->buffer),
		.actual = mtf_sum_value(&r->sum)
	};

	result.is_match = result.expected == result.actual;
	r->has_sum = false;
	want_stream(r);
	if (r->events.checksum != NULL)
		return (mtf_called(r, r->events.checksum(r->context, &result,
		    &r->error)));
	if (result.is_match)
		return (0);
	return (mtf_fail(r,
	    "the backup checksum of the %llu bytes from byte %llu"
	    " on is %08lx where %08lx was expected",
	    (unsigned long long)result.length,
	    (unsigned long long)result.offset, (unsigned long)result.actual,
	    (unsigned long)result.expected));
}

/* --- records of MQCI ---------------------------------------------------- */

static int
take_record_header(struct mtf_reader *r)
{
	uint32_t tag = bytes_get32(r->buffer);
	uint32_t length = bytes_get32(r->buffer + 4);
	char name[MTF_TAG_TEXT];

	mtf_tag_text(tag, name);
	if (length < MTF_RECORD_HEADER || length > r->records_left)
		return (mtf_fail(r,
		    "record \"%s\" has a length of %lu where %llu"
		    " bytes are left", name, (unsigned long)length,
		    (unsigned long long)r->records_left));
	if (r->has_record == (tag == MTF_SCIN))
		return (mtf_fail(r,
		    "record \"%s\" stands where record \"%s\" was"
		    " expected", name, r->has_record ? "SFIN" : "SCIN"));
	r->records_left -= length;
	if (tag != MTF_SCIN && tag != MTF_SFGI && tag != MTF_SFIN) {
		skip(r, STEP_UNKNOWN_RECORD, length - MTF_RECORD_HEADER);
		return (0);
	}
	if (length > RECORD_MAX)
		return (mtf_fail(r, "record \"%s\" has a length of %lu", name,
		    (unsigned long)length));
	return (gather(r, STEP_RECORD, length));
}

static int
take_set_record(struct mtf_reader *r, const struct mtf_bytes *record)
{
	bool is_final = r->block == MTF_MSLS;

	r->has_record = true;
	r->next = r->set;
	if (mtf_decode_set(record, &r->next, &r->error) != 0)
		return (-1);
	if (is_final && (r->next.type != r->set.type ||
		!is_same_date(r->next.start, r->set.start) ||
		strcmp(r->next.database, r->set.database) != 0 ||
		strcmp(r->next.server, r->set.server) != 0 ||
		!mtf_guid_is_equal(&r->next.family_guid,
		    &r->set.family_guid)))
		return (mtf_fail(r,
		    "the two descriptions of backup set %u do not"
		    " agree", (unsigned)r->set.position));
	r->set = r->next;
	if (r->events.set == NULL)
		return (0);
	return (mtf_called(r, r->events.set(r->context, &r->set, is_final,
	    &r->error)));
}

static int
take_file_record(struct mtf_reader *r, const struct mtf_bytes *record)
{
	if (mtf_decode_file(record, r->group, &r->file, &r->error) != 0)
		return (-1);
	if (r->events.file == NULL)
		return (0);
	return (mtf_called(r, r->events.file(r->context, &r->file,
	    r->block == MTF_MSLS, &r->error)));
}

static int
take_record(struct mtf_reader *r)
{
	uint32_t tag = bytes_get32(r->buffer);
	struct mtf_bytes record = { r->buffer, r->wanted, NULL };
	int result;

	if (tag == MTF_SCIN) {
		record.name = "record \"SCIN\"";
		result = take_set_record(r, &record);
	} else if (tag == MTF_SFGI) {
		record.name = "record \"SFGI\"";
		result = mtf_decode_group(&record, r->group, &r->error);
	} else {
		record.name = "record \"SFIN\"";
		result = take_file_record(r, &record);
	}
	return (result != 0 ? -1 : want_record(r));
}

/* --- what comes next ---------------------------------------------------- */

int
mtf_parse_begin(struct mtf_reader *r)
{
	return (gather_new(r, STEP_BLOCK_HEADER, MTF_DBLK_HEADER));
}

int
mtf_parse_take(struct mtf_reader *r)
{
	switch (r->step) {
	case STEP_BLOCK_HEADER:
		return (take_block_header(r));
	case STEP_BLOCK:
		return (take_block(r));
	case STEP_FILEMARK:
		return (take_filemark(r));
	case STEP_ALIGNMENT:
		return (gather_new(r, STEP_STREAM_HEADER, MTF_STREAM_HEADER));
	case STEP_STREAM_HEADER:
		return (take_stream_header(r));
	case STEP_MEDIA_SET:
		return (take_media_set(r));
	case STEP_CHECKSUM:
		return (take_checksum(r));
	case STEP_CONTINUATION:
		r->label.continued_at = bytes_get64(r->buffer);
		want_stream(r);
		return (0);
	case STEP_DATA_PAD:
		r->taking = TAKE_PASS;
		r->step = STEP_DATA;
		r->left = r->data_length;
		return (0);
	case STEP_DATA:
	case STEP_STREAM:
		want_stream(r);
		return (0);
	case STEP_LAST_STREAM:
		return (gather_new(r, STEP_BLOCK_HEADER, MTF_DBLK_HEADER));
	case STEP_RECORD_HEADER:
		return (take_record_header(r));
	case STEP_RECORD:
		return (take_record(r));
	case STEP_UNKNOWN_RECORD:
		return (want_record(r));
	}
	return (0);
}
