/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_store.h"

#include "transfer/digest.h"
#include "transfer/pairing.h"
#include "transfer/sink.h"

#include <string.h>

int
stripe_store_init(struct stripe_store *store, struct sink *sink,
    struct pairing *pairing, struct error *error)
{
	memset(store, 0, sizeof(*store));
	atomic_init(&store->stored_bytes, 0);
	store->sink = sink;
	store->pairing = pairing;
	store->digest = digest_sha256_new(error);
	return (store->digest != NULL ? 0 : -1);
}

void
stripe_store_release(struct stripe_store *store)
{
	digest_sha256_free(store->digest);
	stripe_table_release(&store->table);
}

/* What is in the digest already. */
static int
put_out(struct stripe_store *store, const uint8_t *bytes, size_t size,
    struct error *error)
{
	size_t piece;

	for (; size > 0; bytes += piece, size -= piece) {
		piece = size;
		if (store->pace != NULL && piece > store->piece)
			piece = store->piece;
		if (store->pace != NULL &&
		    store->pace(store->pace_context, piece, error) != 0)
			return (-1);
		if (sink_write(store->sink, bytes, piece, error) != 0)
			return (-1);
		atomic_fetch_add(&store->stored_bytes, piece);
	}
	return (0);
}

static int
put(void *context, const uint8_t *bytes, size_t size, struct error *error)
{
	struct stripe_store *store = context;

	if (digest_sha256_add(store->digest, bytes, size, error) != 0)
		return (-1);
	return (put_out(store, bytes, size, error));
}

int
stripe_store_header(struct stripe_store *store,
    const struct stripe_identity *identity, struct error *error)
{
	uint8_t header[STRIPE_HEADER_MAX];
	size_t size;

	if (stripe_encode_header(identity, header, &size, error) != 0 ||
	    put(store, header, size, error) != 0)
		return (-1);
	return (stripe_table_add_skippable(&store->table, size, error));
}

int
stripe_store_digest(struct stripe_store *store, const uint8_t *stored,
    size_t stored_size, bool may_wait, struct error *error)
{
	return (pairing_add(store->pairing, store->digest, stored,
	    stored_size, may_wait, error));
}

int
stripe_store_frame(struct stripe_store *store, const uint8_t *stored,
    size_t stored_size, size_t raw_size, struct error *error)
{
	if (put_out(store, stored, stored_size, error) != 0)
		return (-1);
	store->frames++;
	store->raw_bytes += raw_size;
	return (stripe_table_add_frame(&store->table, stored, stored_size,
	    raw_size, error));
}

int
stripe_store_end(struct stripe_store *store,
    const uint8_t raw_xxh128[STRIPE_XXH128_SIZE],
    struct stripe_result *result, struct error *error)
{
	struct stripe_closing closing = { .raw_bytes = store->raw_bytes,
		.frames = store->frames };
	uint8_t bytes[STRIPE_CLOSING_SIZE];

	memcpy(closing.raw_xxh128, raw_xxh128, STRIPE_XXH128_SIZE);
	if (digest_sha256_get(store->digest, closing.sha256, error) != 0)
		return (-1);
	stripe_encode_closing(&closing, bytes);
	if (put(store, bytes, sizeof(bytes), error) != 0 ||
	    stripe_table_add_skippable(&store->table, sizeof(bytes),
	    error) != 0 ||
	    stripe_table_encode(&store->table, put, store, error) != 0 ||
	    digest_sha256_get(store->digest, result->sha256, error) != 0)
		return (-1);
	result->raw_bytes = store->raw_bytes;
	result->stored_bytes = atomic_load(&store->stored_bytes);
	result->frames = store->frames;
	memcpy(result->raw_xxh128, raw_xxh128, STRIPE_XXH128_SIZE);
	return (sink_commit(store->sink, error));
}
