/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MEDIUM_H
#define ENGINE_MEDIUM_H

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The families of devices (spec 3.1, 11.3): what their media can do beyond
 * taking and giving a stream, and with which commands it is done.
 *
 *     pipe   nothing: always written anew, read from the start
 *     disk   every Read and Write says where (spec 10.1); VDC_SetPosition
 *     tape   the place is the device's; filemarks, blocks and places are
 *            commands (spec 10.4 to 10.10)
 *
 * Any of them may be removable: the next medium comes with VDC_Load.
 *
 * The functions are sent to a device that has nothing under way, from its own
 * thread.  They keep device->position, the offset of the next byte in the
 * stream of this medium, with filemarks that are commands left out.  0, or -1
 * with the statement failed and told so.
 */

struct device;
struct operation;

struct medium {
	const char *name;
	uint32_t features;  /* that make the family */
	bool can_seek;      /* can be looked at before it is written, and what
	                     * stands before a set can be passed over */
	bool has_offsets;   /* Read and Write say where */
	bool has_marks;     /* filemarks are commands, not blocks */

	/* To the start of the data. */
	int (*rewind)(struct operation *operation, struct device *device);
	/* Behind the last byte, which the stream's `at` bytes lead to. */
	int (*to_end)(struct operation *operation, struct device *device,
	    uint64_t at);
	/* Pass over so many bytes, whole blocks.  *skipped is what was passed
	 * over: maybe nothing, where it cannot be known beforehand whether
	 * they are all on this medium. */
	int (*skip)(struct operation *operation, struct device *device,
	    uint64_t bytes, uint64_t *skipped);
	/* Where the device stands in its own terms, for the tape format's
	 * physical block addresses. */
	int (*where)(struct operation *operation, struct device *device,
	    uint64_t *address);
};

/* The family of these features, VDF_Removable among them or not; NULL: the
 * reference defines no such device. */
const struct medium *medium_find(uint32_t features);

/* The next medium: it is at its start. */
int medium_load(struct operation *operation, struct device *device)
    MUST_CHECK;

/*
 * Read the next whole blocks, up to DEVICE_SCRATCH bytes, into the device's
 * scratch.  *got is less only where the medium ends, or at a filemark.
 */
int medium_read(struct operation *operation, struct device *device,
    uint32_t size, uint32_t *got) MUST_CHECK;

/* One filemark on, when reading. */
int medium_pass_mark(struct operation *operation, struct device *device)
    MUST_CHECK;

#endif
