/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/digest.h"

#include "base/port/sha256.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK PORT_SHA256_BLOCK
#define WORDS PORT_SHA256_WORDS
/* The message's length in bits ends the last block. */
#define LENGTH_SIZE 8u

struct digest_sha256 {
	/* By libcrypto; NULL: by ourselves. */
	EVP_MD_CTX *context;
	EVP_MD_CTX *copy; /* so that reading it does not end it */

	/* By ourselves. */
	uint32_t state[WORDS];
	uint8_t begun[BLOCK]; /* a block that is not full yet */
	size_t begun_size;    /* less than a block */
	uint64_t size;
};

/* FIPS 180-4, 5.3.3. */
static const uint32_t initial_state[WORDS] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
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
	struct digest_sha256 *digest;

	if (!port_sha256_is_fast())
		return (digest_sha256_new_library(error));
	digest = calloc(1, sizeof(*digest));
	if (digest == NULL)
		IGNORE_RESULT(error_memory(error));
	else
		memcpy(digest->state, initial_state, sizeof(initial_state));
	return (digest);
}

struct digest_sha256 *
digest_sha256_new_library(struct error *error)
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

/* Put up to a block's rest into the block that is begun. */
static void
begin_block(struct digest_sha256 *digest, const uint8_t **data, size_t *size)
{
	size_t piece = BLOCK - digest->begun_size;

	if (piece > *size)
		piece = *size;
	if (piece > 0)
		memcpy(digest->begun + digest->begun_size, *data, piece);
	digest->begun_size += piece;
	*data += piece;
	*size -= piece;
}

/* Count what comes, and fill the block that is begun, so that what is left of
 * data begins with a block. */
static void
align(struct digest_sha256 *digest, const uint8_t **data, size_t *size)
{
	digest->size += *size;
	if (digest->begun_size == 0)
		return;
	begin_block(digest, data, size);
	if (digest->begun_size < BLOCK)
		return;
	port_sha256_blocks(digest->state, digest->begun, 1);
	digest->begun_size = 0;
}

/* What align left: blocks, and a last one that they begin. */
static void
take(struct digest_sha256 *digest, const uint8_t *data, size_t size)
{
	size_t blocks = size / BLOCK;

	if (blocks > 0)
		port_sha256_blocks(digest->state, data, blocks);
	data += blocks * BLOCK;
	size %= BLOCK;
	begin_block(digest, &data, &size);
}

int
digest_sha256_add(struct digest_sha256 *digest, const void *data, size_t size,
    struct error *error)
{
	const uint8_t *p = data;

	if (digest->context != NULL)
		return (EVP_DigestUpdate(digest->context, data, size) == 1 ?
		    0 : refuse(error));
	align(digest, &p, &size);
	take(digest, p, size);
	return (0);
}

bool
digest_sha256_can_pair(const struct digest_sha256 *digest)
{
	return (digest->context == NULL);
}

int
digest_sha256_add_pair(struct digest_sha256 *a, const void *data_a,
    size_t size_a, struct digest_sha256 *b, const void *data_b,
    size_t size_b, struct error *error)
{
	const uint8_t *pa = data_a;
	const uint8_t *pb = data_b;
	size_t both;

	assert(a != b);
	if (!digest_sha256_can_pair(a) || !digest_sha256_can_pair(b)) {
		if (digest_sha256_add(a, data_a, size_a, error) != 0)
			return (-1);
		return (digest_sha256_add(b, data_b, size_b, error));
	}
	align(a, &pa, &size_a);
	align(b, &pb, &size_b);
	both = (size_a < size_b ? size_a : size_b) / BLOCK;
	if (both > 0)
		port_sha256_pair(a->state, pa, b->state, pb, both);
	both *= BLOCK;
	take(a, pa + both, size_a - both);
	take(b, pb + both, size_b - both);
	return (0);
}

static void
put32(uint8_t *at, uint32_t value)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* FIPS 180-4, 5.1.1: a one bit, zeros, the length. */
static void
end_message(const struct digest_sha256 *digest,
    uint8_t sum[DIGEST_SHA256_SIZE])
{
	uint8_t padded[2 * BLOCK] = { 0 };
	uint32_t state[WORDS];
	uint64_t bits = digest->size * 8;
	size_t blocks;
	unsigned i;

	memcpy(state, digest->state, sizeof(state));
	memcpy(padded, digest->begun, digest->begun_size);
	padded[digest->begun_size] = 0x80;
	blocks = digest->begun_size + 1 + LENGTH_SIZE <= BLOCK ? 1 : 2;
	put32(padded + blocks * BLOCK - 8, (uint32_t)(bits >> 32));
	put32(padded + blocks * BLOCK - 4, (uint32_t)bits);
	port_sha256_blocks(state, padded, blocks);
	for (i = 0; i < WORDS; i++)
		put32(sum + (size_t)4 * i, state[i]);
}

int
digest_sha256_get(const struct digest_sha256 *digest,
    uint8_t sum[DIGEST_SHA256_SIZE], struct error *error)
{
	unsigned size = DIGEST_SHA256_SIZE;

	if (digest->context == NULL) {
		end_message(digest, sum);
		return (0);
	}
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
