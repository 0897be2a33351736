/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_FACTS_H
#define JOB_FACTS_H

#include "base/error.h"
#include "store/manifest.h"

#include <stddef.h>

/*
 * What the stream of a backup says of itself, taken while it passes: LSNs,
 * times, ids for the manifest.  A stream that is not understood costs the
 * facts, never the backup.
 *
 * One thread feeds; facts_into after it has ended.
 */

struct facts;

struct facts *facts_new(struct error *error) MUST_CHECK;
/* Accepts NULL. */
void facts_free(struct facts *facts);

/* The next bytes of the first device's raw stream. */
void facts_feed(struct facts *facts, const void *data, size_t size);

/* Into the manifest, if the stream was understood to its final values; *why
 * tells what stood in the way otherwise. */
int facts_into(struct facts *facts, struct manifest *manifest,
    struct error *why);

#endif
