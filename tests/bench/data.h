/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_DATA_H
#define BENCH_DATA_H

#include "bench/bench.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The bytes that are measured with, in memory, every page touched: those of a
 * file, or pages of rows as a database has them (rising keys, names from a
 * small vocabulary in two bytes a letter, dates, and numbers without any
 * order, as many of them as the ratio asks for), the same for the same size
 * and ratio.
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
