/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_INPUT_H
#define TRANSFER_STRIPE_INPUT_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/digest.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A source read through a buffer, with the SHA-256 of all that was taken.
 * One thread at a time; the count of bytes taken is for any.
 */

#define STRIPE_INPUT_BUFFER ((size_t)256 << 10)

struct source;

struct stripe_input {
	struct source *source; /* borrowed */
	struct digest_sha256 *digest;
	uint8_t *buffer;
	size_t at;     /* next to be taken */
	size_t end;    /* of what is in the buffer */
	size_t hashed; /* up to here */
	atomic_uint_least64_t offset; /* bytes taken so far */
};

int stripe_input_init(struct stripe_input *input, struct source *source,
    struct error *error) MUST_CHECK;
void stripe_input_release(struct stripe_input *input);

/* Look at the next bytes, at most size of them; *got is less than size (at
 * most STRIPE_INPUT_BUFFER) at the end only.  Valid until the next call. */
int stripe_input_peek(struct stripe_input *input, size_t size,
    const uint8_t **bytes, size_t *got, struct error *error) MUST_CHECK;

/* Step over bytes that peek has shown. */
void stripe_input_skip(struct stripe_input *input, size_t size);

/* Whatever is buffered, at least one byte unless at the end. */
int stripe_input_some(struct stripe_input *input, const uint8_t **bytes,
    size_t *got, struct error *error) MUST_CHECK;

/* Take size bytes, to data unless it is NULL; *got is less at the end. */
int stripe_input_take(struct stripe_input *input, void *data, size_t size,
    size_t *got, struct error *error) MUST_CHECK;

/* SHA-256 of what was taken so far. */
int stripe_input_sha256(struct stripe_input *input,
    uint8_t sum[DIGEST_SHA256_SIZE], struct error *error) MUST_CHECK;

#endif
