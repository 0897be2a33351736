/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct digest_sha256 {
	EVP_MD_CTX *context;
	EVP_MD_CTX *copy; /* so that reading it does not end it */
};

struct digest_xxh128 {
	XXH3_state_t *state;
};

static int
refuse(struct error *error)
{
	return (error_set(error, KIND_STORAGE, ORIGIN_US, 0,
	    "the cryptographic library cannot compute SHA-256"));
}

struct digest_sha256 *
digest_sha256_new(struct error *error)
{
	struct digest_sha256 *digest = calloc(1, sizeof(*digest));

	if (digest == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	digest->context = EVP_MD_CTX_new();
	digest->copy = EVP_MD_CTX_new();
	if (digest->context == NULL || digest->copy == NULL ||
	    EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1) {
		IGNORE_RESULT(refuse(error));
		digest_sha256_free(digest);
		return (NULL);
	}
	return (digest);
}

int
digest_sha256_add(struct digest_sha256 *digest, const void *data, size_t size,
    struct error *error)
{
	if (EVP_DigestUpdate(digest->context, data, size) != 1)
		return (refuse(error));
	return (0);
}

int
digest_sha256_get(const struct digest_sha256 *digest,
    uint8_t sum[DIGEST_SHA256_SIZE], struct error *error)
{
	unsigned size = DIGEST_SHA256_SIZE;

	if (EVP_MD_CTX_copy_ex(digest->copy, digest->context) != 1 ||
	    EVP_DigestFinal_ex(digest->copy, sum, &size) != 1 ||
	    size != DIGEST_SHA256_SIZE)
		return (refuse(error));
	return (0);
}

void
digest_sha256_free(struct digest_sha256 *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->context);
	EVP_MD_CTX_free(digest->copy);
	free(digest);
}

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
	(void)XXH3_128bits_update(digest->state, data, size);
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
