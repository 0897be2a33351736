/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/memory.h"

#include "job/control.h"
#include "sql/statement.h"
#include "transfer/footprint.h"

uint64_t
memory_buffers(const struct memory_facts *facts, enum plan_stage stage,
    const struct plan_setting *setting)
{
	uint32_t frame_size = stage == PLAN_RESTORE ? 0 :
	    (uint32_t)facts->frame_size;
	uint32_t count = facts->buffer_count;

	if (stage == PLAN_VERIFY)
		return (0);
	if (count == 0)
		count = statement_buffer_count(setting->devices,
		    setting->threads, setting->transfer_size, frame_size,
		    CONTROL_BUFFER_BYTES);
	return ((uint64_t)count * setting->transfer_size);
}

int
memory_bound(const struct memory_facts *facts, enum plan_stage stage,
    const struct plan_setting *setting, uint64_t *bytes, struct error *error)
{
	bool compresses = stage == PLAN_COMPRESS || stage == PLAN_WRITE;
	struct footprint_plan plan = { .devices = setting->devices,
		.threads = setting->threads,
		.buffer_bytes = memory_buffers(facts, stage, setting),
		.frame_size = stage == PLAN_SOURCE ? 0 :
		    (size_t)facts->frame_size,
		.compresses = compresses,
		.codec = facts->codec };
	struct footprint footprint;

	plan.codec.level = setting->level;
	if (footprint_plan(&plan, &footprint, error) != 0)
		return (-1);
	*bytes = facts->base_bytes + footprint_sum(&footprint) +
	    (stage == PLAN_SOURCE ? 0 : MEMORY_CODE);
	return (0);
}
