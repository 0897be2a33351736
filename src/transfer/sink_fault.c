/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/sink.h"

#include "base/fault.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SINK_FAULTS (FAULT_MASK(FAULT_SINK_FULL) | FAULT_MASK(FAULT_SINK_ERROR))

struct drill {
	struct sink *inner;
	struct fault_plan *plan;
	unsigned device;
	bool begun; /* the header is written */
	uint64_t writes;
	uint64_t bytes;
};

static const struct fault *
ask(struct drill *drill, unsigned mask, const char *name)
{
	struct fault_place place = { .device = drill->device,
		.command = drill->writes, .bytes = drill->bytes,
		.name = name };

	return (fault_at_command(drill->plan, mask, &place));
}

static int
fail(struct drill *drill, const struct fault *fault, const char *doing,
    struct error *error)
{
	IGNORE_RESULT(error_system(error, KIND_STORAGE,
	    fault->kind == FAULT_SINK_FULL ? ENOSPC : EIO,
	    "cannot %s \"%s\" (fault drill \"%s\")", doing,
	    sink_name(drill->inner), fault->text));
	return (-1);
}

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

	if (drill->begun && size > 0) {
		drill->writes++;
		fault = ask(drill, SINK_FAULTS | FAULT_MASK(FAULT_CORRUPT),
		    NULL);
	}
	drill->begun = true;
	if (fault == NULL)
		rc = sink_write(drill->inner, data, size, error);
	else if (fault->kind == FAULT_CORRUPT)
		rc = write_corrupt(drill, data, size, error);
	else
		rc = fail(drill, fault, "write", error);
	if (rc == 0)
		drill->bytes += size;
	return (rc);
}

/* What a disk without room keeps for itself it tells at the sync. */
static int
drill_sync(void *state, struct error *error)
{
	struct drill *drill = state;
	const struct fault *fault = ask(drill, SINK_FAULTS, "flush");

	if (fault != NULL)
		return (fail(drill, fault, "sync", error));
	return (sink_sync(drill->inner, error));
}

static int
drill_commit(void *state, struct error *error)
{
	struct drill *drill = state;
	const struct fault *fault = ask(drill, SINK_FAULTS, "complete");

	if (fault != NULL)
		return (fail(drill, fault, "finish", error));
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
