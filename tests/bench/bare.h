/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "bench/data.h"

#include <stdint.h>

/*
 * The limit: nothing but libzstd.  Threads take frames of 4 MiB from a
 * counter, compress them from memory with a content checksum, as the program
 * zstd does, and throw the result away.  Contexts and buffers are reused from
 * run to run, and so are touched already when it counts.
 */
struct bare;

struct bare *bare_new(unsigned threads);
void bare_free(struct bare *bare);

/* Stored bytes. */
uint64_t bare_compress(struct bare *bare, int level,
    const struct data *data);

/* What the contexts of all threads take. */
uint64_t bare_memory(const struct bare *bare);

#endif
