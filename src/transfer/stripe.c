/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "transfer/digest.h"

#include <string.h>

#define TAG_SIZE 8u
static const uint8_t header_tag[TAG_SIZE + 1] = "VDISTRIP";
static const uint8_t closing_tag[TAG_SIZE + 1] = "VDICLOSE";

/* The header, behind the skippable frame's head. */
#define H_VERSION 8u
#define H_TYPE 12u
#define H_STRIPE 16u
#define H_STRIPES 20u
#define H_BACKUP_ID 24u
#define H_NAME_SIZE 40u
#define H_RESERVED 44u
#define H_RESERVED_SIZE 12u
#define H_NAME 56u
#define H_CHECK_SIZE 8u

/* The closing frame, likewise. */
#define C_RAW_BYTES 8u
#define C_FRAMES 16u
#define C_XXH128 24u
#define C_SHA256 40u
#define C_CHECK 72u
#define C_SIZE 80u

#define MAX_STRIPES 64u
#define TABLE_CHECKSUM_FLAG 0x80u
/* The seekable format's own limit. */
#define MAX_ENTRIES 0x8000000u

_Static_assert(STRIPE_HEADER_MAX ==
    STRIPE_SKIPPABLE_HEAD + H_NAME + STRIPE_MAX_DATABASE + H_CHECK_SIZE,
    "the longest header");
_Static_assert(STRIPE_CLOSING_SIZE == STRIPE_SKIPPABLE_HEAD + C_SIZE,
    "the closing frame");
_Static_assert(DIGEST_SHA256_SIZE == STRIPE_SHA256_SIZE, "SHA-256");
_Static_assert(DIGEST_XXH128_SIZE == STRIPE_XXH128_SIZE, "XXH3-128");

static void
put_skippable_head(uint8_t *bytes, uint32_t magic, size_t payload)
{
	bytes_put32(bytes, magic);
	bytes_put32(bytes + 4, (uint32_t)payload);
}

static int
damaged(struct error *error, const char *what)
{
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0, "%s", what));
}

/* What an identity has to be, whether it is to be written or was read. */
static const char *
identity_fault(const struct stripe_identity *identity)
{
	if (identity->stripes < 1 || identity->stripes > MAX_STRIPES ||
	    identity->stripe < 1 || identity->stripe > identity->stripes)
		return ("the number of the stripe is out of range");
	if (identity->type < STRIPE_FULL ||
	    identity->type > STRIPE_READ_WRITE_DIFF)
		return ("the backup type is none that there is");
	if (!utf_is_valid(identity->database))
		return ("the name of the database is not UTF-8");
	return (NULL);
}

int
stripe_encode_header(const struct stripe_identity *identity, uint8_t *bytes,
    size_t *size, struct error *error)
{
	uint8_t *p = bytes + STRIPE_SKIPPABLE_HEAD;
	size_t name = strnlen(identity->database,
	    sizeof(identity->database));
	const char *fault = "the name of the database is too long";
	size_t checked = H_NAME + name;

	if (name <= STRIPE_MAX_DATABASE)
		fault = identity_fault(identity);
	if (fault != NULL)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "cannot make a stripe header: %s", fault));
	memset(p, 0, H_NAME);
	memcpy(p, header_tag, TAG_SIZE);
	bytes_put32(p + H_VERSION, STRIPE_FORMAT_VERSION);
	bytes_put32(p + H_TYPE, (uint32_t)identity->type);
	bytes_put32(p + H_STRIPE, identity->stripe);
	bytes_put32(p + H_STRIPES, identity->stripes);
	memcpy(p + H_BACKUP_ID, identity->backup_id, STRIPE_ID_SIZE);
	bytes_put32(p + H_NAME_SIZE, (uint32_t)name);
	memcpy(p + H_NAME, identity->database, name);
	bytes_put64(p + checked, digest_xxh64(p, checked));
	put_skippable_head(bytes, STRIPE_MAGIC_OURS, checked + H_CHECK_SIZE);
	*size = STRIPE_SKIPPABLE_HEAD + checked + H_CHECK_SIZE;
	return (0);
}

int
stripe_is_header(const uint8_t *bytes, size_t size)
{
	return (size >= TAG_SIZE && memcmp(bytes, header_tag, TAG_SIZE) == 0);
}

int
stripe_is_closing(const uint8_t *bytes, size_t size)
{
	return (size >= TAG_SIZE && memcmp(bytes, closing_tag, TAG_SIZE) == 0);
}

int
stripe_decode_header(const uint8_t *bytes, size_t size,
    struct stripe_identity *identity, struct error *error)
{
	const uint8_t *p = bytes + STRIPE_SKIPPABLE_HEAD;
	static const uint8_t zeros[H_RESERVED_SIZE];
	struct stripe_identity found = { 0 };
	const char *fault;
	uint32_t version;
	size_t name;
	size_t payload;

	if (size < STRIPE_SKIPPABLE_HEAD + H_NAME + H_CHECK_SIZE)
		return (damaged(error, "the stripe's header is cut short"));
	payload = size - STRIPE_SKIPPABLE_HEAD;
	if (bytes_get32(bytes) != STRIPE_MAGIC_OURS ||
	    bytes_get32(bytes + 4) != payload ||
	    !stripe_is_header(p, payload) ||
	    bytes_get64(p + payload - H_CHECK_SIZE) !=
	    digest_xxh64(p, payload - H_CHECK_SIZE))
		return (damaged(error, "the stripe's header is damaged"));
	version = bytes_get32(p + H_VERSION);
	if (version != STRIPE_FORMAT_VERSION) {
		IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the stripe has format version %u, and this program reads "
		    "version %u", version, STRIPE_FORMAT_VERSION));
		error_hint(error, "use the version of this program that "
		    "wrote it");
		return (-1);
	}
	name = bytes_get32(p + H_NAME_SIZE);
	if (name > STRIPE_MAX_DATABASE ||
	    payload != H_NAME + name + H_CHECK_SIZE ||
	    memcmp(p + H_RESERVED, zeros, H_RESERVED_SIZE) != 0)
		return (damaged(error, "the stripe's header is damaged"));
	memcpy(found.backup_id, p + H_BACKUP_ID, STRIPE_ID_SIZE);
	found.stripe = bytes_get32(p + H_STRIPE);
	found.stripes = bytes_get32(p + H_STRIPES);
	found.type = (enum stripe_type)bytes_get32(p + H_TYPE);
	memcpy(found.database, p + H_NAME, name);
	fault = identity_fault(&found);
	if (fault != NULL || strlen(found.database) != name)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the stripe's header is wrong: %s", fault != NULL ?
		    fault : "the name of the database holds a NUL"));
	*identity = found;
	return (0);
}

void
stripe_encode_closing(const struct stripe_closing *closing, uint8_t *bytes)
{
	uint8_t *p = bytes + STRIPE_SKIPPABLE_HEAD;

	put_skippable_head(bytes, STRIPE_MAGIC_OURS, C_SIZE);
	memcpy(p, closing_tag, TAG_SIZE);
	bytes_put64(p + C_RAW_BYTES, closing->raw_bytes);
	bytes_put64(p + C_FRAMES, closing->frames);
	memcpy(p + C_XXH128, closing->raw_xxh128, STRIPE_XXH128_SIZE);
	memcpy(p + C_SHA256, closing->sha256, STRIPE_SHA256_SIZE);
	bytes_put64(p + C_CHECK, digest_xxh64(p, C_CHECK));
}

int
stripe_decode_closing(const uint8_t *bytes, size_t size,
    struct stripe_closing *closing, struct error *error)
{
	const uint8_t *p = bytes + STRIPE_SKIPPABLE_HEAD;

	if (size != STRIPE_CLOSING_SIZE ||
	    bytes_get32(bytes) != STRIPE_MAGIC_OURS ||
	    bytes_get32(bytes + 4) != C_SIZE ||
	    !stripe_is_closing(p, C_SIZE) ||
	    bytes_get64(p + C_CHECK) != digest_xxh64(p, C_CHECK))
		return (damaged(error, "the closing frame is damaged"));
	closing->raw_bytes = bytes_get64(p + C_RAW_BYTES);
	closing->frames = bytes_get64(p + C_FRAMES);
	memcpy(closing->raw_xxh128, p + C_XXH128, STRIPE_XXH128_SIZE);
	memcpy(closing->sha256, p + C_SHA256, STRIPE_SHA256_SIZE);
	return (0);
}

size_t
stripe_table_size(size_t entries)
{
	return (STRIPE_TABLE_HEAD + entries * STRIPE_TABLE_ENTRY +
	    STRIPE_TABLE_FOOTER);
}

void
stripe_encode_table_head(size_t count, uint8_t *bytes)
{
	put_skippable_head(bytes, STRIPE_MAGIC_TABLE,
	    stripe_table_size(count) - STRIPE_TABLE_HEAD);
}

void
stripe_encode_table_entry(const struct stripe_entry *entry, uint8_t *bytes)
{
	bytes_put32(bytes, entry->stored_bytes);
	bytes_put32(bytes + 4, entry->raw_bytes);
	bytes_put32(bytes + 8, entry->check);
}

void
stripe_encode_table_footer(size_t count, uint8_t *bytes)
{
	bytes_put32(bytes, (uint32_t)count);
	bytes[4] = TABLE_CHECKSUM_FLAG;
	bytes_put32(bytes + 5, STRIPE_MAGIC_FOOTER);
}

void
stripe_encode_table(const struct stripe_entry *entries, size_t count,
    uint8_t *bytes)
{
	size_t i;

	stripe_encode_table_head(count, bytes);
	bytes += STRIPE_TABLE_HEAD;
	for (i = 0; i < count; i++, bytes += STRIPE_TABLE_ENTRY)
		stripe_encode_table_entry(&entries[i], bytes);
	stripe_encode_table_footer(count, bytes);
}

int
stripe_decode_table_footer(const uint8_t *bytes, size_t *count,
    struct error *error)
{
	uint32_t found = bytes_get32(bytes);

	if (bytes_get32(bytes + 5) != STRIPE_MAGIC_FOOTER ||
	    bytes[4] != TABLE_CHECKSUM_FLAG || found > MAX_ENTRIES)
		return (damaged(error, "there is no seek table at its end"));
	*count = found;
	return (0);
}
