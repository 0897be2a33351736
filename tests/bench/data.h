/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_DATA_H
#define BENCH_DATA_H

#include "bench/bench.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The bytes that are measured with, in memory, every page touched: those of a
 * file, or the pages of a synthetic database (engine/synthetic_page.h), none
 * of which comes twice; the same for the same size and ratio.
 */
struct data {
	const uint8_t *bytes;
	size_t size;
};

void data_open(const struct bench_options *options, struct data *data);
void data_close(struct data *data);

/* The part of device number i, from 0. */
void data_share(const struct data *data, unsigned devices, unsigned i,
    struct data *share);

/* Into a new file. */
void data_write(const struct data *data, const char *path);

#endif
