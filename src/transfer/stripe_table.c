/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_table.h"

#include "base/bytes.h"
#include "transfer/codec.h"
#include "transfer/digest.h"

#include <stdlib.h>

void
stripe_table_release(struct stripe_table *table)
{
	free(table->entries);
}

static int
add(struct stripe_table *table, const struct stripe_entry *entry,
    struct error *error)
{
	if (table->count == table->room) {
		size_t room = table->room == 0 ? 1024 : table->room * 2;
		struct stripe_entry *entries = realloc(table->entries,
		    room * sizeof(*entries));

		if (entries == NULL)
			return (error_memory(error));
		table->entries = entries;
		table->room = room;
	}
	table->entries[table->count++] = *entry;
	return (0);
}

int
stripe_table_add_frame(struct stripe_table *table, const uint8_t *stored,
    size_t stored_size, size_t raw_size, struct error *error)
{
	struct stripe_entry entry = {
		.stored_bytes = (uint32_t)stored_size,
		.raw_bytes = (uint32_t)raw_size,
		.check = bytes_get32(stored + stored_size -
		    CODEC_CHECKSUM_SIZE),
	};

	return (add(table, &entry, error));
}

int
stripe_table_add_skippable(struct stripe_table *table, size_t stored_size,
    struct error *error)
{
	struct stripe_entry entry = {
		.stored_bytes = (uint32_t)stored_size,
		.check = (uint32_t)digest_xxh64(NULL, 0),
	};

	return (add(table, &entry, error));
}

int
stripe_table_encode(const struct stripe_table *table,
    int (*put)(void *context, const uint8_t *bytes, size_t size,
    struct error *error), void *context, struct error *error)
{
	uint8_t piece[STRIPE_TABLE_PIECE];
	size_t used = 0;
	size_t i;

	stripe_encode_table_head(table->count, piece);
	if (put(context, piece, STRIPE_TABLE_HEAD, error) != 0)
		return (-1);
	for (i = 0; i < table->count; i++) {
		stripe_encode_table_entry(&table->entries[i], piece + used);
		used += STRIPE_TABLE_ENTRY;
		if (used < sizeof(piece) && i + 1 < table->count)
			continue;
		if (put(context, piece, used, error) != 0)
			return (-1);
		used = 0;
	}
	stripe_encode_table_footer(table->count, piece);
	return (put(context, piece, STRIPE_TABLE_FOOTER, error));
}
