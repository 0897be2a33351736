/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_PARSE_H
#define MTF_PARSE_H

#include "base/attr.h"
#include "base/error.h"
#include "mtf/checksum.h"
#include "mtf/order.h"
#include "mtf/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The inside of a reader, for reader.c and parse.c only.
 *
 * The reader uses up bytes in one of three ways until what was wanted is
 * there; the parser then looks at it, tells the events, and says what is
 * wanted next.  Both return -1 with the reason in reader->error.
 */

/* How the bytes at hand are used up. */
enum mtf_taking {
	TAKE_GATHER, /* into the buffer, until `wanted` are there */
	TAKE_SKIP,   /* `left` of them are nobody's */
	TAKE_PASS    /* `left` of them are page or log data */
};

/* What has been taken when that is done. */
enum mtf_step {
	STEP_BLOCK_HEADER,
	STEP_BLOCK,         /* header, fields and texts */
	STEP_FILEMARK,
	STEP_ALIGNMENT,     /* before a stream header */
	STEP_STREAM_HEADER,
	STEP_MEDIA_SET,     /* RAID */
	STEP_CHECKSUM,      /* CSUM */
	STEP_CONTINUATION,  /* VCON */
	STEP_DATA_PAD,
	STEP_DATA,
	STEP_STREAM,        /* a stream that holds nothing for us */
	STEP_LAST_STREAM,   /* SPAD: a block begins behind it */
	STEP_RECORD_HEADER,
	STEP_RECORD,
	STEP_UNKNOWN_RECORD
};

struct mtf_reader {
	struct mtf_events events;
	void *context;
	struct error error; /* the first; the reader is dead then */
	uint64_t offset;    /* bytes taken */

	enum mtf_taking taking;
	enum mtf_step step;
	uint8_t *buffer;
	size_t room;
	size_t filled;
	size_t wanted;
	uint64_t left;
	uint64_t mark;      /* offset of the header or record being taken */

	struct mtf_order order;
	uint32_t block;     /* type of the block under way */
	uint32_t stream;    /* id of the stream under way */
	unsigned ended;     /* sets whose end was reported */

	struct mtf_label label;
	bool has_media_set;
	struct mtf_set set;
	struct mtf_set next; /* a second description of the same set */
	struct mtf_file file;
	char group[MTF_NAME_TEXT];

	uint64_t records_left; /* bytes of the MQCI stream */
	bool has_record;       /* it began with SCIN */

	bool is_open;          /* page data that has to be closed */
	bool has_sum;          /* a CSUM stream has to follow */
	struct mtf_sum sum;
	uint32_t data_id;      /* the data that sum covers */
	uint64_t data_at;
	uint64_t data_length;
};

/* Damage: KIND_INTEGRITY; returns -1. */
int mtf_fail(struct mtf_reader *reader, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* A function of the events has answered; 0 or -1. */
int mtf_called(struct mtf_reader *reader, int result) MUST_CHECK;

/* The header of the first block is wanted. */
int mtf_parse_begin(struct mtf_reader *reader) MUST_CHECK;

/* What was wanted is there. */
int mtf_parse_take(struct mtf_reader *reader) MUST_CHECK;

/* The device's own filemark stands where a block would begin. */
int mtf_parse_filemark(struct mtf_reader *reader) MUST_CHECK;

/* Refuse what does not begin with TAPE, by name where that is known. */
int mtf_foreign_refuse(struct mtf_reader *reader, const uint8_t *begin);

#endif
