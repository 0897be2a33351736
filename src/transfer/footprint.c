/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/footprint.h"

/* Of the level that takes most.  Those below 1 take no more than it. */
static int
largest_context(const struct footprint_plan *plan, size_t *largest,
    struct error *error)
{
	struct codec_settings codec = plan->codec;
	int level = plan->levels != NULL ? plan->levels->min : codec.level;
	int last = plan->levels != NULL ? plan->levels->max : codec.level;
	size_t size;

	*largest = 0;
	if (level < 1 && last >= 1)
		level = 1;
	for (; level <= last; level++) {
		codec.level = level;
		if (codec_memory(&codec, plan->frame_size, &size, error) != 0)
			return (-1);
		if (size > *largest)
			*largest = size;
	}
	return (0);
}

int
footprint_plan(const struct footprint_plan *plan,
    struct footprint *footprint, struct error *error)
{
	uint64_t slots = plan->devices + 2 * (uint64_t)plan->threads;
	size_t context = 0;

	*footprint = (struct footprint){ .buffers = plan->buffer_bytes,
		.rest = plan->threads * FOOTPRINT_EACH_THREAD +
		    plan->devices * FOOTPRINT_EACH_STRIPE };
	if (plan->frame_size == 0)
		return (0);
	footprint->slots = slots * (plan->frame_size +
	    codec_bound(plan->frame_size));
	if (!plan->compresses)
		return (0);
	if (largest_context(plan, &context, error) != 0)
		return (-1);
	footprint->contexts = plan->threads * (uint64_t)context;
	return (0);
}

uint64_t
footprint_sum(const struct footprint *footprint)
{
	return (footprint->buffers + footprint->slots + footprint->contexts +
	    footprint->rest);
}
