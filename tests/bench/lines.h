/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include "bench/bench.h"
#include "bench/data.h"
#include "transfer/pool.h"

#include <stdint.h>

/*
 * One run of stripes: to a null sink or to files, and from files; the other
 * side is memory, or a feeder through the devices of a set.  A thread for
 * each device, all on one pool.
 *
 * The span is what the transfer takes: from when everything is open until the
 * last stripe is finished, or the server has got all.
 */

struct feeder;

struct lines {
	struct pool *pool;
	struct feeder *feeder;   /* NULL: from and to memory */
	struct data data;        /* of a backup from memory, and its size */
	unsigned repeat;         /* of a backup from memory: send the data so
	                          * many times more */
	bool in_files;           /* stripes are files of bench_folder, else a
	                          * backup goes to the null sink */
	int level;
	unsigned devices;
	unsigned depth;          /* of the feeder's queue */
	uint32_t command;        /* bytes of each command */
	bool count_only;         /* a backup that touches nothing */
};

/* Stored bytes; raw bytes are checked. */
uint64_t lines_backup(const struct lines *lines, struct bench_span *span);
void lines_restore(const struct lines *lines, struct bench_span *span);

/* The stripe files for a restore of lines->data, made by a child, so that this
 * process stays without threads, and a profile of it without their making. */
void lines_make_files(const struct lines *lines, unsigned threads);
/* The stripe file of device i, from 0. */
void lines_path(unsigned i, char path[BENCH_PATH_ROOM]);

#endif
