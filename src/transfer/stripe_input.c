/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_input.h"

#include "transfer/source.h"

#include <stdlib.h>
#include <string.h>

int
stripe_input_init(struct stripe_input *input, struct source *source,
    struct error *error)
{
	memset(input, 0, sizeof(*input));
	atomic_init(&input->offset, 0);
	input->source = source;
	input->buffer = malloc(STRIPE_INPUT_BUFFER);
	if (input->buffer == NULL)
		return (error_memory(error));
	input->digest = digest_sha256_new(error);
	return (input->digest != NULL ? 0 : -1);
}

void
stripe_input_release(struct stripe_input *input)
{
	digest_sha256_free(input->digest);
	free(input->buffer);
}

static int
hash(struct stripe_input *input, struct error *error)
{
	if (digest_sha256_add(input->digest, input->buffer + input->hashed,
	    input->at - input->hashed, error) != 0)
		return (-1);
	input->hashed = input->at;
	return (0);
}

/* Read once more into a buffer whose taken bytes are thrown out. */
static int
refill(struct stripe_input *input, size_t *got, struct error *error)
{
	if (hash(input, error) != 0)
		return (-1);
	memmove(input->buffer, input->buffer + input->at,
	    input->end - input->at);
	input->end -= input->at;
	input->at = input->hashed = 0;
	if (source_read(input->source, input->buffer + input->end,
	    STRIPE_INPUT_BUFFER - input->end, got, error) != 0)
		return (-1);
	input->end += *got;
	return (0);
}

int
stripe_input_peek(struct stripe_input *input, size_t size,
    const uint8_t **bytes, size_t *got, struct error *error)
{
	size_t more = 1;

	while (input->end - input->at < size && more > 0)
		if (refill(input, &more, error) != 0)
			return (-1);
	*bytes = input->buffer + input->at;
	*got = input->end - input->at;
	if (*got > size)
		*got = size;
	return (0);
}

void
stripe_input_skip(struct stripe_input *input, size_t size)
{
	input->at += size;
	atomic_fetch_add(&input->offset, size);
}

int
stripe_input_some(struct stripe_input *input, const uint8_t **bytes,
    size_t *got, struct error *error)
{
	if (stripe_input_peek(input, 1, bytes, got, error) != 0)
		return (-1);
	*got = input->end - input->at;
	return (0);
}

int
stripe_input_take(struct stripe_input *input, void *data, size_t size,
    size_t *got, struct error *error)
{
	uint8_t *to = data;

	*got = 0;
	while (*got < size) {
		const uint8_t *bytes;
		size_t piece;

		if (stripe_input_some(input, &bytes, &piece, error) != 0)
			return (-1);
		if (piece == 0)
			break;
		if (piece > size - *got)
			piece = size - *got;
		if (to != NULL)
			memcpy(to + *got, bytes, piece);
		stripe_input_skip(input, piece);
		*got += piece;
	}
	return (0);
}

int
stripe_input_sha256(struct stripe_input *input,
    uint8_t sum[DIGEST_SHA256_SIZE], struct error *error)
{
	if (hash(input, error) != 0)
		return (-1);
	return (digest_sha256_get(input->digest, sum, error));
}
