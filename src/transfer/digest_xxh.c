/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/digest.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
#include <xxh_x86dispatch.h>
#endif

struct digest_xxh128 {
	XXH3_state_t *state;
};

struct digest_xxh128 *
digest_xxh128_new(struct error *error)
{
	struct digest_xxh128 *digest = calloc(1, sizeof(*digest));

	if (digest != NULL)
		digest->state = XXH3_createState();
	if (digest == NULL || digest->state == NULL) {
		IGNORE_RESULT(error_memory(error));
		free(digest);
		return (NULL);
	}
	(void)XXH3_128bits_reset(digest->state);
	return (digest);
}

void
digest_xxh128_add(struct digest_xxh128 *digest, const void *data, size_t size)
{
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
	/* The library is compiled for every processor of its family; this
	 * one asks which it runs on, and uses its widest registers. */
	(void)XXH3_128bits_update_dispatch(digest->state, data, size);
#else
	(void)XXH3_128bits_update(digest->state, data, size);
#endif
}

void
digest_xxh128_get(const struct digest_xxh128 *digest,
    uint8_t sum[DIGEST_XXH128_SIZE])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical,
	    XXH3_128bits_digest(digest->state));
	memcpy(sum, canonical.digest, DIGEST_XXH128_SIZE);
}

void
digest_xxh128_free(struct digest_xxh128 *digest)
{
	if (digest == NULL)
		return;
	(void)XXH3_freeState(digest->state);
	free(digest);
}

uint64_t
digest_xxh64(const void *data, size_t size)
{
	return (XXH64(data, size, 0));
}
