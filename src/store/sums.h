/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "base/attr.h"
#include "base/error.h"
#include "store/manifest.h"

#include <stddef.h>

/*
 * SHA256SUMS of a backup folder, as sha256sum -c takes it: a line for each
 * stripe and one for the manifest's own bytes.  For the store's files only.
 */

/* Write it for a manifest and its bytes, durable. */
int sums_write(const char *folder, const struct manifest *manifest,
    const char *text, size_t size, struct error *error) MUST_CHECK;

/* Remove it, if it is there. */
int sums_remove(const char *folder, struct error *error) MUST_CHECK;

/*
 * Check the manifest's bytes, which catches a flipped digit that is valid
 * JSON.  A folder without sums is good: the stripes' digests are in the
 * manifest itself.
 */
int sums_check(const char *folder, const char *text, size_t size,
    struct error *error) MUST_CHECK;

#endif
