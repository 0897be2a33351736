/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_FOOTPRINT_H
#define TRANSFER_FOOTPRINT_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/adapt_model.h"
#include "transfer/codec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The memory that a job takes at most.
 *
 * With d devices, t threads and frames of f bytes it is the sum of
 *
 *     BUFFERCOUNT * MAXTRANSFERSIZE, the buffers that are shared with the
 *     server
 *   + (d + 2 t) * (f + codec_bound(f)), the slots (transfer/slots.h), each with
 *     a frame's raw and stored bytes
 *   + t * codec_memory, the contexts, where something is compressed; where the
 *     level may change, that of the level that takes most
 *   + t * FOOTPRINT_EACH_THREAD + d * FOOTPRINT_EACH_STRIPE
 *
 * and what the program takes by itself, some MiB, which is not counted here.
 * A job takes less where commands are as large as frames, since what lies in
 * the server's buffers is not copied, and where the stream is shorter than
 * all of these together.
 */

/* What a thread touches of its stack and heap, a context for reading
 * included; what a stripe has of its own, with its file's buffers. */
#define FOOTPRINT_EACH_THREAD (UINT64_C(256) << 10)
#define FOOTPRINT_EACH_STRIPE (UINT64_C(512) << 10)

struct footprint_plan {
	unsigned devices;
	unsigned threads;
	uint64_t buffer_bytes; /* shared with the server */
	size_t frame_size;     /* 0: no frames, the data is not looked at */
	bool compresses;
	struct codec_settings codec;
	const struct adapt_bounds *levels; /* NULL: the codec's level stays */
};

struct footprint {
	uint64_t buffers;
	uint64_t slots;
	uint64_t contexts;
	uint64_t rest;
};

int footprint_plan(const struct footprint_plan *plan,
    struct footprint *footprint, struct error *error) MUST_CHECK;

uint64_t footprint_sum(const struct footprint *footprint);

#endif
