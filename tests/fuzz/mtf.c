/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A backup stream, fed whole and in pieces: what the reader says of it, to
 * the last word of its error, must not depend on the pieces.  Who steps over
 * the data hears the same of the rest.  What the reader says is then used as
 * a job uses it: for the facts of a manifest, and for the order of the
 * families.
 *
 * Where MARK stands in the input, the device has met a filemark.
 */

#include "common.h"

#include "cli/columns.h"
#include "job/facts.h"
#include "job/family.h"
#include "mtf/reader.h"
#include "store/manifest_json.h"
#include "transfer/digest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MARK "\xF1MARK\xF1"
#define MARK_SIZE (sizeof(MARK) - 1)
/* Feeding single bytes takes long. */
#define SINGLE_MAX 8192u

/* What was said, as one number. */
struct heard {
	uint64_t digest;
	uint64_t words; /* of label, sets and files alone */
	struct digest_xxh128 *data;
	uint8_t data_sum[DIGEST_XXH128_SIZE];
	uint64_t data_at;
	uint64_t log_at;
	unsigned sets;
	int result;
	struct error error;
};

static void
hear(struct heard *heard, char what, const void *data, size_t size)
{
	heard->digest = fuzz_mix(heard->digest, &what, 1);
	heard->digest = fuzz_mix(heard->digest, data, size);
}

/* As `show --json` would print it.  Takes the object. */
static void
hear_words(struct heard *heard, char what, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	FUZZ_CHECK(text != NULL);
	hear(heard, what, text, strlen(text));
	heard->words = fuzz_mix(heard->words, &what, 1);
	heard->words = fuzz_mix(heard->words, text, strlen(text));
	free(text);
	json_decref(object);
}

static bool
is_text(const char *text, size_t room)
{
	return (memchr(text, '\0', room) != NULL);
}

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	(void)error;
	FUZZ_CHECK(is_text(label->name, sizeof(label->name)));
	FUZZ_CHECK(is_text(label->software, sizeof(label->software)));
	FUZZ_CHECK(label->family_sequence >= 1 &&
	    label->family_sequence <= label->family_count);
	hear_words(context, 'l', columns_of_label(label));
	return (0);
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	FUZZ_CHECK(is_text(set->database, sizeof(set->database)));
	FUZZ_CHECK(is_text(set->server, sizeof(set->server)));
	heard->sets++;
	hear_words(heard, is_final ? 'S' : 's', columns_of_set(set));
	return (0);
}

static int
on_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	FUZZ_CHECK(heard->sets > 0);
	FUZZ_CHECK(is_text(file->physical, sizeof(file->physical)));
	hear_words(heard, is_final ? 'F' : 'f', columns_of_file(file));
	return (0);
}

/* Pieces of one stream follow one another. */
static void
take_piece(struct heard *heard, uint64_t *at, const void *data, size_t size,
    uint64_t offset)
{
	FUZZ_CHECK(size > 0);
	FUZZ_CHECK(offset == *at || offset == 0);
	*at = offset + size;
	digest_xxh128_add(heard->data, data, size);
}

static int
on_data(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	take_piece(heard, &heard->data_at, data, size, offset);
	return (0);
}

static int
on_log(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	take_piece(heard, &heard->log_at, data, size, offset);
	return (0);
}

static int
on_notice(void *context, const struct mtf_notice *notice, struct error *error)
{
	(void)error;
	hear(context, 'n', &notice->tag, sizeof(notice->tag));
	hear(context, 'o', &notice->offset, sizeof(notice->offset));
	hear(context, 'e', &notice->length, sizeof(notice->length));
	return (0);
}

static int
on_checksum(void *context, const struct mtf_checksum *result,
    struct error *error)
{
	(void)error;
	FUZZ_CHECK(result->is_match == (result->expected == result->actual));
	hear(context, 'c', &result->actual, sizeof(result->actual));
	hear(context, 'x', &result->length, sizeof(result->length));
	return (0);
}

static int
on_set_end(void *context, const struct mtf_set *set, struct error *error)
{
	(void)error;
	hear_words(context, 'E', columns_of_set(set));
	return (0);
}

static const struct mtf_events events = {
	.label = on_label,
	.set = on_set,
	.file = on_file,
	.data = on_data,
	.log = on_log,
	.notice = on_notice,
	.checksum = on_checksum,
	.set_end = on_set_end,
};

enum manner { AT_ONCE, IN_PIECES, BYTE_BY_BYTE, STEPPING };

/* How much of size bytes comes next. */
static size_t
next_piece(const struct mtf_reader *reader, enum manner manner, size_t size,
    uint64_t *chance)
{
	size_t piece = size;

	if (manner == BYTE_BY_BYTE)
		piece = 1;
	if (manner == IN_PIECES) {
		*chance = fuzz_mix(*chance, &size, sizeof(size));
		piece = 1 + (size_t)(*chance % (1u << *chance % 16));
	}
	/* Up to where stepping may begin. */
	if (manner == STEPPING && mtf_reader_skippable(reader) == 0)
		piece = 64;
	return (piece < size ? piece : size);
}

static int
feed_bytes(struct heard *heard, struct mtf_reader *reader,
    const uint8_t *data, size_t size, enum manner manner, uint64_t chance)
{
	int result = 0;

	while (size > 0 && result == 0) {
		size_t piece = next_piece(reader, manner, size, &chance);
		uint64_t skippable = mtf_reader_skippable(reader);
		uint8_t *copy;

		if (manner == STEPPING && skippable > 0) {
			piece = size < skippable ? size : (size_t)skippable;
			mtf_reader_skip(reader, piece);
		} else {
			copy = fuzz_copy(data, piece);
			result = mtf_reader_feed(reader, copy, piece,
			    &heard->error);
			free(copy);
		}
		data += piece;
		size -= piece;
	}
	return (result);
}

static void
feed(struct heard *heard, const uint8_t *data, size_t size,
    enum manner manner, uint64_t chance)
{
	struct mtf_reader *reader;
	const uint8_t *mark;
	unsigned sets;

	memset(heard, 0, sizeof(*heard));
	reader = mtf_reader_new(&events, heard, &heard->error);
	heard->data = digest_xxh128_new(NULL);
	FUZZ_CHECK(reader != NULL && heard->data != NULL);
	while (heard->result == 0 && (mark = memmem(data, size, MARK,
	    MARK_SIZE)) != NULL) {
		heard->result = feed_bytes(heard, reader, data,
		    (size_t)(mark - data), manner, chance);
		if (heard->result == 0)
			heard->result = mtf_reader_filemark(reader,
			    &heard->error);
		size -= (size_t)(mark + MARK_SIZE - data);
		data = mark + MARK_SIZE;
	}
	if (heard->result == 0)
		heard->result = feed_bytes(heard, reader, data, size, manner,
		    chance);
	if (heard->result == 0) {
		bool is_complete = mtf_reader_is_complete(reader);

		heard->result = mtf_reader_finish(reader, &heard->error);
		FUZZ_CHECK(is_complete == (heard->result == 0));
	}
	sets = mtf_reader_sets(reader);
	hear(heard, 'z', &sets, sizeof(sets));
	digest_xxh128_get(heard->data, heard->data_sum);
	digest_xxh128_free(heard->data);
	mtf_reader_free(reader);
	if (heard->result != 0)
		FUZZ_CHECK(heard->error.kind == KIND_INTEGRITY);
}

static void
compare(const struct heard *a, const struct heard *b)
{
	FUZZ_CHECK(a->result == b->result);
	FUZZ_CHECK(a->digest == b->digest);
	FUZZ_CHECK(memcmp(a->data_sum, b->data_sum, DIGEST_XXH128_SIZE) == 0);
	FUZZ_CHECK(strcmp(a->error.text, b->error.text) == 0);
	FUZZ_CHECK(strcmp(a->error.hint, b->error.hint) == 0);
}

/* A server's stream may cost a manifest its facts, but never the manifest:
 * whatever facts there are can be stored and read. */
static void
use_facts(const uint8_t *data, size_t size)
{
	struct manifest_stripe stripe = { .stored_bytes = 1 };
	struct facts *facts = facts_new(NULL);
	struct manifest manifest;
	struct manifest again;
	struct error error;
	char file[] = "stripe-1of1.bak.zst";
	char *text = NULL;

	FUZZ_CHECK(facts != NULL);
	error_init(&error);
	manifest_init(&manifest);
	manifest_init(&again);
	facts_feed(facts, data, size);
	if (facts_into(facts, &manifest, &error) != 0)
		goto out;
	stripe.file = file;
	manifest.id[0] = 1;
	manifest.started = manifest.finished = 1;
	manifest.set.devices = 1;
	manifest.set.block_size = 512;
	manifest.set.transfer_size = 65536;
	manifest.frame_size = 4096;
	FUZZ_CHECK(manifest_text(&manifest.tool, "t", 1, NULL) == 0 &&
	    manifest_text(&manifest.server, "s", 1, NULL) == 0 &&
	    manifest_text(&manifest.database, "d", 1, NULL) == 0 &&
	    manifest_text(&manifest.statement, "", 1, NULL) == 0 &&
	    manifest_text(&manifest.set.provider, "p", 1, NULL) == 0 &&
	    manifest_add_stripe(&manifest, &stripe, NULL) == 0);
	text = manifest_json_encode(&manifest, &error);
	FUZZ_CHECK(text != NULL);
	FUZZ_CHECK(manifest_json_decode(&again, text, strlen(text), &error) ==
	    0 && manifest_equal(&manifest, &again));
out:
	free(text);
	manifest_release(&again);
	manifest_release(&manifest);
	facts_free(facts);
}

static void
use_family(const uint8_t *data, size_t size)
{
	char name[] = "a.bak";
	char *names[2] = { name, name };
	struct family families[2];
	struct error error;

	error_init(&error);
	FUZZ_CHECK(family_init(&families[0], NULL) == 0);
	if (family_feed(&families[0], data, size, &error) == 0 &&
	    family_finish(&families[0], &error) == 0) {
		IGNORE_RESULT(family_check_set(families, names, 1, &error));
		error_init(&error);
		/* The same family twice is none. */
		families[1] = families[0];
		FUZZ_CHECK(family_check_set(families, names, 2, &error) != 0);
		error_init(&error);
	} else {
		fuzz_check_error(&error, 1u << KIND_INTEGRITY);
	}
	family_release(&families[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole;
	struct heard parts;
	uint64_t chance = fuzz_mix(1, data + (size < 8 ? 0 : size - 8),
	    size < 8 ? size : 8);

	feed(&whole, data, size, AT_ONCE, 0);
	feed(&parts, data, size, IN_PIECES, chance);
	compare(&whole, &parts);
	if (size <= SINGLE_MAX) {
		feed(&parts, data, size, BYTE_BY_BYTE, 0);
		compare(&whole, &parts);
	}
	feed(&parts, data, size, STEPPING, 0);
	FUZZ_CHECK(whole.result != 0 || (parts.result == 0 &&
	    parts.words == whole.words));
	use_facts(data, size);
	use_family(data, size);
	return (0);
}
