/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_APPEND_H
#define ENGINE_APPEND_H

#include "base/attr.h"
#include "engine/operation.h"
#include "mtf/model.h"
#include "mtf/writer.h"

#include <stdbool.h>

/*
 * What is on the media before a backup is written to them (spec 16.5):
 *
 *     FORMAT        nothing of it counts
 *     INIT          the label counts: it stays, and MEDIANAME has to fit
 *                   unless SKIP is said
 *     NOINIT        the sets count as well: the new one comes behind the last
 *
 * append_init -> append_look, per device -> append_match -> append_release.
 * Media that hold nothing at all are formatted.  What does not fit fails the
 * statement, before anything is written.
 */

struct append {
	struct operation *operation;
	struct device *device;
	bool has_label;
	struct mtf_label label;
	struct mtf_set *sets; /* owned */
	unsigned set_count;
	uint64_t *marks;      /* owned; oldest first, and newest first later */
	uint32_t mark_count;
	struct mtf_prior prior; /* what goes to the writer */
};

void append_init(struct append *append, struct operation *operation,
    struct device *device);
void append_release(struct append *append);

/* Leaves the device where the backup is to begin. */
int append_look(struct append *append) MUST_CHECK;

/* Whether the media of all devices belong together; of them, only the first
 * ones of their families can be appended to. */
int append_match(const struct append *all, unsigned count) MUST_CHECK;

#endif
