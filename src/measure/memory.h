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
 * It is what transfer/footprint.h says of the job, and what a process takes
 * that only reads from a server, without buffers, which is measured.  There
 * are no buffers in verify, and no slots in source.  Whatever does more than
 * source has more of the program and its libraries in memory: MEMORY_CODE.
 */

#define MEMORY_CODE (UINT64_C(3) << 20)

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
