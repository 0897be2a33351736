/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_MEMORY_H
#define MEASURE_MEMORY_H

#include "base/attr.h"
#include "base/error.h"
#include "measure/plan.h"
#include "transfer/codec.h"

#include <stdint.h>

/*
 * The memory that a run takes at most, to be held against what it took.
 *
 * With d devices, t threads and frames of f bytes it is the sum of
 *
 *     what a process takes that only reads from a server, without buffers
 *     (measured)
 *   + BUFFERCOUNT * MAXTRANSFERSIZE, the buffers that are shared with the
 *     server; none in verify
 *   + (d + 2 t) * (f + codec_bound(f)), the slots (transfer/slots.h), each with
 *     a frame's raw and stored bytes; none in source
 *   + t * codec_memory, the contexts, where something is compressed
 *   + t * MEMORY_EACH_THREAD + d * MEMORY_EACH_STRIPE
 *
 * A run takes less where commands are as large as frames, since what lies in
 * the server's buffers is not copied, and where the stream is shorter than
 * all of these together.
 */

/* What a thread touches of its stack and heap, a context for reading
 * included; what a stripe has of its own, with its file's buffers. */
#define MEMORY_EACH_THREAD (UINT64_C(256) << 10)
#define MEMORY_EACH_STRIPE (UINT64_C(512) << 10)

struct memory_facts {
	struct codec_settings codec; /* the level is the setting's */
	uint64_t frame_size;
	uint32_t buffer_count;       /* asked for; 0: worked out by the job */
	uint64_t base_bytes;         /* of the process, without buffers */
};

/* BUFFERCOUNT * MAXTRANSFERSIZE; 0 where there is no server. */
uint64_t memory_buffers(const struct memory_facts *facts,
    enum plan_stage stage, const struct plan_setting *setting);

int memory_bound(const struct memory_facts *facts, enum plan_stage stage,
    const struct plan_setting *setting, uint64_t *bytes,
    struct error *error) MUST_CHECK;

#endif
