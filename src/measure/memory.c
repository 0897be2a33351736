/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/memory.h"

#include "job/control.h"
#include "sql/statement.h"

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
	struct codec_settings codec = facts->codec;
	uint64_t slots = setting->devices + 2 * (uint64_t)setting->threads;
	size_t context = 0;

	*bytes = facts->base_bytes + memory_buffers(facts, stage, setting) +
	    setting->threads * MEMORY_EACH_THREAD +
	    setting->devices * MEMORY_EACH_STRIPE;
	if (stage == PLAN_SOURCE)
		return (0);
	*bytes += slots * (facts->frame_size +
	    codec_bound((size_t)facts->frame_size));
	if (stage != PLAN_COMPRESS && stage != PLAN_WRITE)
		return (0);
	codec.level = setting->level;
	if (codec_memory(&codec, (size_t)facts->frame_size, &context,
	    error) != 0)
		return (-1);
	*bytes += setting->threads * (uint64_t)context;
	return (0);
}
