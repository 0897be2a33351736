/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_MANIFEST_JSON_H
#define STORE_MANIFEST_JSON_H

#include "store/manifest.h"

/*
 * The manifest's form on disk (vdibackup-manifest(5)); pure functions.
 *
 * Decoding is strict: an unknown schema or field, a missing one, a wrong
 * type, a value out of range, a repeated key, anything after the end is
 * refused as KIND_INTEGRITY, and the message names the field.
 */

/* A manifest file is never larger. */
#define MANIFEST_JSON_MAX (8u << 20)

/* Text with a newline at its end, owned by the caller (free); NULL on error.
 * Checks the manifest first. */
char *manifest_json_encode(const struct manifest *manifest,
    struct error *error) MUST_CHECK;

/* manifest must be initialised and empty; on failure it is empty again. */
int manifest_json_decode(struct manifest *manifest, const char *text,
    size_t size, struct error *error) MUST_CHECK;

#endif
