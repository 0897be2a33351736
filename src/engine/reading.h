/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_READING_H
#define ENGINE_READING_H

#include "base/attr.h"
#include "engine/operation.h"
#include "mtf/model.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The stream of one device on its way from the client, with several reads
 * under way, from medium to medium where it has several, into a sink.
 *
 *     reading_init -> reading_run, once for each stream
 *
 * What a client may answer (spec 10.1, 12): short counts with success, the end
 * of the data in several ways, filemarks where the family has them.
 *
 * One thread.  Functions that return int: -1: the statement has failed, and
 * was told so.
 */

/*
 * Who takes the bytes.  The functions get the context that goes with them.
 * Those from `is_complete` on but for `end`, and `mark`, may be NULL where no
 * media are removable; `skippable` and `skip` where is_passing never is true.
 */
struct reading_sink {
	int (*feed)(void *context, const void *data, size_t size);
	/* The device has met a filemark. */
	int (*mark)(void *context);
	/* As much has come as is wanted. */
	bool (*is_over)(void *context);
	/* What comes now is looked at and not kept: so no more is read at a
	 * time than is needed, and what can be passed over is. */
	bool (*is_passing)(void *context);
	uint64_t (*skippable)(void *context);
	void (*skip)(void *context, uint64_t bytes);
	/* The stream could end here. */
	bool (*is_complete)(void *context);
	/* There is no more: -1 if there should be. */
	int (*end)(void *context);
	/* The physical block size that the stream's label names; 0: none. */
	uint32_t (*block_size)(void *context);
	/* The label of another medium that has come in its place: -1 if it is
	 * not the one on which the stream goes on. */
	int (*next_label)(void *context, const struct mtf_label *label);
};

struct reading {
	struct operation *operation;
	struct device *device;
	const struct reading_sink *sink;
	void *context;
	uint64_t count;    /* reads that were sent */
	uint64_t position; /* of the next byte for the sink on this medium */
	bool is_small;     /* the sink wants few bytes: read few at a time */
	bool is_plain;     /* full transfers only, for speed */
	bool is_ended;     /* the medium has no more */
	bool is_broken;    /* no more reads until the error is cleared */
	bool has_gap;      /* reads under way are of places further on */
};

/* sink, context: borrowed. */
void reading_init(struct reading *reading, struct operation *operation,
    struct device *device, const struct reading_sink *sink, void *context);

/* From where the device stands until the sink has enough or the stream ends.
 * Nothing is under way afterwards, and the device is without error. */
int reading_run(struct reading *reading) MUST_CHECK;

#endif
