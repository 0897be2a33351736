/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MTF_SUPPORT_H
#define TESTS_MTF_SUPPORT_H

#include "base/error.h"
#include "base/str.h"
#include "mtf/model.h"
#include "mtf/reader.h"
#include "mtf/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Streams to test with, and a listener that keeps what a reader says.  What
 * goes wrong in making a stream ends the test.
 */

#define SUPPORT_FILES 3
#define SUPPORT_BLOCKS 16

struct sample {
	struct mtf_label label;
	struct mtf_set set;
	struct mtf_file files[SUPPORT_FILES];
	struct mtf_final final;
	struct mtf_spec spec;
};

/*
 * A full backup of two data files in two groups and a log file; every field
 * has a value of its own.  transfers: of page data.
 */
void sample_init(struct sample *sample, uint32_t block_size,
    uint32_t transfer_size, unsigned transfers, bool with_checksum);

/* The whole stream, with page data of known content. */
void sample_write(const struct sample *sample, struct str *out);

/* Byte `at` of the page data of every sample. */
uint8_t sample_byte(uint64_t at);

struct heard {
	struct str order;   /* the types of all blocks, each after a space */
	uint64_t block_at[SUPPORT_BLOCKS]; /* the places of the first ones */
	unsigned blocks;
	struct str streams; /* the ids of all streams */
	unsigned labels;
	unsigned sets;      /* set events */
	unsigned finals;
	unsigned ends;
	unsigned files;     /* file events */
	unsigned final_files;
	unsigned checksums;
	unsigned mismatches;
	unsigned unknown;   /* notices of unknown kinds */
	struct mtf_label label;
	struct mtf_set set;      /* the latest */
	struct mtf_set early;    /* from MSCI */
	struct mtf_file file[SUPPORT_FILES]; /* the latest of each place */
	unsigned file_at;
	uint64_t data_bytes;
	uint64_t data_at;   /* where the next piece must begin */
	uint64_t log_bytes;
	bool data_is_sample; /* page data was that of the samples */
	bool data_has_gap;
};

void heard_init(struct heard *heard);
void heard_release(struct heard *heard);
extern const struct mtf_events heard_events;

/* Feed it in pieces of `piece` bytes (0: of random sizes) and finish. */
int heard_read(struct heard *heard, const void *data, size_t size,
    size_t piece, struct error *error);

#endif
