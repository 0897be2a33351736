/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_DIGEST_H
#define TRANSFER_DIGEST_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The digests of a stripe: SHA-256 of what is stored (digest_sha256.c),
 * XXH3-128 of what the device sent (as xxh128sum prints it), and the 64-bit
 * XXH64 that zstd frames and headers carry (digest_xxh.c, libxxhash).
 *
 * SHA-256 is computed by the processor's own instructions where it has them
 * (base/port/sha256.h), which then take two streams in hardly more time than
 * one, and by libcrypto everywhere else.
 *
 * One thread at a time for each digest.  Errors: KIND_STORAGE (memory; what
 * libcrypto refuses).
 */

#define DIGEST_SHA256_SIZE 32u
#define DIGEST_XXH128_SIZE 16u

struct digest_sha256;
struct digest_xxh128;

struct digest_sha256 *digest_sha256_new(struct error *error) MUST_CHECK;
/* By libcrypto, whatever the processor has: for tests of that way, and as
 * what the other is held against. */
struct digest_sha256 *digest_sha256_new_library(struct error *error)
    MUST_CHECK;
int digest_sha256_add(struct digest_sha256 *digest, const void *data,
    size_t size, struct error *error) MUST_CHECK;
/* To two different digests, at once as far as both sizes go where both can
 * be paired, else one after the other.  After an error neither digest is good
 * for anything. */
int digest_sha256_add_pair(struct digest_sha256 *a, const void *data_a,
    size_t size_a, struct digest_sha256 *b, const void *data_b,
    size_t size_b, struct error *error) MUST_CHECK;
/* Whether at once is faster than one after the other. */
bool digest_sha256_can_pair(const struct digest_sha256 *digest);
/* The digest so far; more may be added. */
int digest_sha256_get(const struct digest_sha256 *digest,
    uint8_t sum[DIGEST_SHA256_SIZE], struct error *error) MUST_CHECK;
/* Accepts NULL, as the other one. */
void digest_sha256_free(struct digest_sha256 *digest);

struct digest_xxh128 *digest_xxh128_new(struct error *error) MUST_CHECK;
void digest_xxh128_add(struct digest_xxh128 *digest, const void *data,
    size_t size);
void digest_xxh128_get(const struct digest_xxh128 *digest,
    uint8_t sum[DIGEST_XXH128_SIZE]);
void digest_xxh128_free(struct digest_xxh128 *digest);

uint64_t digest_xxh64(const void *data, size_t size);

#endif
