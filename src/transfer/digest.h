/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_DIGEST_H
#define TRANSFER_DIGEST_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The digests of a stripe: SHA-256 of what is stored (libcrypto), XXH3-128 of
 * what the device sent (libxxhash; as xxh128sum prints it), and the 64-bit
 * XXH64 that zstd frames and headers carry.
 */

#define DIGEST_SHA256_SIZE 32u
#define DIGEST_XXH128_SIZE 16u

struct digest_sha256;
struct digest_xxh128;

struct digest_sha256 *digest_sha256_new(struct error *error) MUST_CHECK;
int digest_sha256_add(struct digest_sha256 *digest, const void *data,
    size_t size, struct error *error) MUST_CHECK;
/* The digest so far; more may be added. */
int digest_sha256_get(const struct digest_sha256 *digest,
    uint8_t sum[DIGEST_SHA256_SIZE], struct error *error) MUST_CHECK;
void digest_sha256_free(struct digest_sha256 *digest);

struct digest_xxh128 *digest_xxh128_new(struct error *error) MUST_CHECK;
void digest_xxh128_add(struct digest_xxh128 *digest, const void *data,
    size_t size);
void digest_xxh128_get(const struct digest_xxh128 *digest,
    uint8_t sum[DIGEST_XXH128_SIZE]);
void digest_xxh128_free(struct digest_xxh128 *digest);

uint64_t digest_xxh64(const void *data, size_t size);

#endif
