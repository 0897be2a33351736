/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_READER_H
#define MTF_READER_H

#include "base/attr.h"
#include "base/error.h"
#include "mtf/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A parser of backup streams that is fed: SQL Server's own backups of 2005 to
 * 2025, plain (not compressed by the server), and ours.
 *
 *     mtf_reader_new -> mtf_reader_feed ... -> mtf_reader_finish
 *                    -> mtf_reader_free
 *
 * Pieces may be of any size from one byte; nothing is sought, page data is
 * handed on where it lies, and memory stays under 256 KiB.  One reader per
 * stream (stripe); one thread at a time.
 *
 * What is checked: the order of the blocks, the XOR of every block and stream
 * header, positions, that names and records lie inside what holds them, the
 * backup checksum where there is one, and, at the end, that every set is
 * complete and the stream ends with its last filemark.  Blocks and streams of
 * unknown kinds are skipped by their length and noticed as such.
 *
 * Errors are KIND_INTEGRITY with the byte offset and what was expected there;
 * files of other kinds (a compressed backup, a zstd file, a database file) are
 * refused by name.  After an error the reader stays failed.
 */

struct mtf_reader;

enum mtf_notice_kind {
	MTF_NOTICE_BLOCK,  /* a DBLK begins at offset */
	MTF_NOTICE_STREAM  /* a stream's header is at offset */
};

struct mtf_notice {
	enum mtf_notice_kind kind;
	uint32_t tag;        /* MTF_TAPE .., MTF_RAID ..; mtf_tag_text */
	bool is_known;
	uint64_t offset;     /* of its header in the whole stream */
	uint64_t length;     /* stream: of its data; block: to its streams */
	uint16_t media_bits; /* stream: MTF_MEDIA_* */
};

struct mtf_checksum {
	uint32_t stream;   /* MTF_MQDA or MTF_MQTL */
	uint64_t offset;   /* of the data that it covers */
	uint64_t length;
	uint32_t expected; /* in the CSUM stream */
	uint32_t actual;   /* of the data */
	bool is_match;
};

/*
 * All are optional.  What they are given is borrowed until they return.  0
 * goes on; -1 stops the reader, with what the function put into error.
 */
struct mtf_events {
	/* After TAPE and its RAID stream. */
	int (*label)(void *context, const struct mtf_label *label,
	    struct error *error);

	/*
	 * From MSCI (is_final false: LSNs, sizes and the finish date are not
	 * to be relied upon), and again from MSLS (true).  Each time followed
	 * by a file event for each file, data files first.
	 */
	int (*set)(void *context, const struct mtf_set *set, bool is_final,
	    struct error *error);
	int (*file)(void *context, const struct mtf_file *file, bool is_final,
	    struct error *error);

	/*
	 * Page data and log data, in pieces as they were fed; offset counts
	 * from the start of this stream's data, its pad bytes left out.  A
	 * set may have several page data streams: offset 0 begins each.
	 */
	int (*data)(void *context, const void *data, size_t size,
	    uint64_t offset, struct error *error);
	int (*log)(void *context, const void *data, size_t size,
	    uint64_t offset, struct error *error);

	/* Each block and each stream, before its content's events. */
	int (*notice)(void *context, const struct mtf_notice *notice,
	    struct error *error);

	/*
	 * The verdict of a CSUM stream.  The function decides what a mismatch
	 * means; without one, a mismatch is an error.
	 */
	int (*checksum)(void *context, const struct mtf_checksum *result,
	    struct error *error);

	/* After the filemark that closes a set: it is complete. */
	int (*set_end)(void *context, const struct mtf_set *set,
	    struct error *error);
};

/* events is copied; context is handed to every function. */
struct mtf_reader *mtf_reader_new(const struct mtf_events *events,
    void *context, struct error *error) MUST_CHECK;

int mtf_reader_feed(struct mtf_reader *reader, const void *data, size_t size,
    struct error *error) MUST_CHECK;

/* Between two feeds: the device has met a filemark of its own (a label that
 * says that filemarks are blocks of the stream has none of these). */
int mtf_reader_filemark(struct mtf_reader *reader, struct error *error)
    MUST_CHECK;

/*
 * How many bytes follow that hold nothing but data of the kind that is under
 * way, or padding; whoever can seek and does not want them steps over some or
 * all of them.  The data's checksum is then not looked at.
 */
uint64_t mtf_reader_skippable(const struct mtf_reader *reader);
void mtf_reader_skip(struct mtf_reader *reader, uint64_t size);

/* The stream has ended: 0 if it was complete, else what is missing. */
int mtf_reader_finish(struct mtf_reader *reader, struct error *error)
    MUST_CHECK;

/* Bytes taken so far. */
uint64_t mtf_reader_offset(const struct mtf_reader *reader);

/* Whether it may end here: what finish would say, without saying it. */
bool mtf_reader_is_complete(const struct mtf_reader *reader);

/* Sets that were complete so far. */
unsigned mtf_reader_sets(const struct mtf_reader *reader);

void mtf_reader_free(struct mtf_reader *reader);

#endif
