/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * manifest.json: what is decoded passes the checks, and encoded and decoded
 * once more is the same; what is refused leaves nothing behind.
 */

#include "common.h"

#include "store/manifest_json.h"

#include <stdlib.h>
#include <string.h>

static void
check_manifest(const struct manifest *manifest)
{
	struct manifest again;
	struct error error;
	char *text;

	error_init(&error);
	manifest_init(&again);
	FUZZ_CHECK(manifest_check(manifest, &error) == 0);
	text = manifest_json_encode(manifest, &error);
	FUZZ_CHECK(text != NULL);
	/* Escapes make a text longer than it was. */
	if (strlen(text) <= MANIFEST_JSON_MAX) {
		FUZZ_CHECK(manifest_json_decode(&again, text, strlen(text),
		    &error) == 0);
		FUZZ_CHECK(manifest_equal(manifest, &again));
	}
	free(text);
	manifest_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct manifest empty = { .schema = MANIFEST_SCHEMA };
	struct manifest manifest;
	struct error error;
	char *text = fuzz_copy(data, size);

	error_init(&error);
	manifest_init(&manifest);
	if (manifest_json_decode(&manifest, text, size, &error) == 0) {
		check_manifest(&manifest);
	} else {
		fuzz_check_error(&error, 1u << KIND_INTEGRITY);
		FUZZ_CHECK(memcmp(&manifest, &empty, sizeof(empty)) == 0);
	}
	manifest_release(&manifest);
	free(text);
	return (0);
}
