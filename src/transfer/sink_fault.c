/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/sink.h"

#include "base/fault.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

struct drill {
	struct sink *inner;
	struct fault_plan *plan;
	unsigned device;
	bool begun; /* the header is written */
	uint64_t writes;
	uint64_t bytes;
};

/* All of it, with one bit of the byte in the middle turned over. */
static int
write_corrupt(struct drill *drill, const uint8_t *data, size_t size,
    struct error *error)
{
	size_t at = size / 2;
	uint8_t wrong = data[at] ^ 0x10;

	if (sink_write(drill->inner, data, at, error) != 0 ||
	    sink_write(drill->inner, &wrong, 1, error) != 0)
		return (-1);
	return (sink_write(drill->inner, data + at + 1, size - at - 1,
	    error));
}

static int
drill_write(void *state, const void *data, size_t size, struct error *error)
{
	struct drill *drill = state;
	const struct fault *fault = NULL;
	int rc;

	if (drill->begun && size > 0)
		fault = fault_at_command(drill->plan,
		    FAULT_MASK(FAULT_SINK_FULL) |
		    FAULT_MASK(FAULT_SINK_ERROR) | FAULT_MASK(FAULT_CORRUPT),
		    drill->device, ++drill->writes, drill->bytes);
	drill->begun = true;
	if (fault == NULL)
		rc = sink_write(drill->inner, data, size, error);
	else if (fault->kind == FAULT_CORRUPT)
		rc = write_corrupt(drill, data, size, error);
	else
		rc = error_system(error, KIND_STORAGE,
		    fault->kind == FAULT_SINK_FULL ? ENOSPC : EIO,
		    "cannot write \"%s\" (drill \"%s\")",
		    sink_name(drill->inner), fault->text);
	if (rc == 0)
		drill->bytes += size;
	return (rc);
}

static int
drill_sync(void *state, struct error *error)
{
	struct drill *drill = state;

	return (sink_sync(drill->inner, error));
}

static int
drill_commit(void *state, struct error *error)
{
	struct drill *drill = state;

	return (sink_commit(drill->inner, error));
}

static void
drill_interrupt(void *state)
{
	struct drill *drill = state;

	sink_interrupt(drill->inner);
}

static void
drill_free(void *state)
{
	struct drill *drill = state;

	sink_free(drill->inner);
	free(drill);
}

static const struct sink_ops drill_ops = {
	.kind = "fault",
	.write = drill_write,
	.sync = drill_sync,
	.commit = drill_commit,
	.interrupt = drill_interrupt,
	.free = drill_free,
};

struct sink *
sink_fault_open(struct sink *inner, struct fault_plan *plan, unsigned device,
    struct error *error)
{
	struct drill *drill = calloc(1, sizeof(*drill));

	if (drill == NULL) {
		sink_free(inner);
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	drill->inner = inner;
	drill->plan = plan;
	drill->device = device;
	return (sink_new(&drill_ops, drill, sink_name(inner), error));
}
