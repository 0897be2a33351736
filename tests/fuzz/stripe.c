/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A stripe file, or whatever stands where one is expected: its header,
 * closing frame and table by themselves, then the whole way through it, from
 * a file and from a pipe, which have to come to the same end.  What passes as
 * a stripe is one: any other byte in it, and it does not.
 */

#include "common.h"

#include "transfer/codec.h"
#include "transfer/digest.h"
#include "transfer/slots.h"
#include "transfer/source.h"
#include "transfer/stripe_walk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So much comes out of an input at most; it is enough to see. */
#define RAW_MAX ((size_t)1 << 20)

/* Where the frames of a walk end: checked, digested, thrown away. */
struct drain {
	struct slot slot;
	struct codec *codec;
	struct digest_xxh128 *digest;
	size_t raw_bytes;
	bool is_taken;
	bool is_bad;  /* a frame could not be decompressed */
	bool is_full; /* more than we want to see */
};

static void
drain_more(void *context)
{
	(void)context;
}

static struct slot *
drain_take(void *context, struct error *error)
{
	struct drain *drain = context;
	struct slot fresh = { 0 };

	FUZZ_CHECK(!drain->is_taken);
	drain->is_full = drain->raw_bytes > RAW_MAX;
	if (drain->is_full) {
		IGNORE_RESULT(error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "enough"));
		return (NULL);
	}
	drain->is_taken = true;
	fresh.raw = drain->slot.raw;
	fresh.raw_room = drain->slot.raw_room;
	fresh.stored = drain->slot.stored;
	fresh.stored_room = drain->slot.stored_room;
	drain->slot = fresh;
	return (&drain->slot);
}

static void
drain_drop(void *context, struct slot *slot)
{
	struct drain *drain = context;

	FUZZ_CHECK(drain->is_taken && slot == &drain->slot);
	drain->is_taken = false;
}

static void
drain_raw(void *context, struct slot *slot)
{
	struct drain *drain = context;

	FUZZ_CHECK(slot->raw_size <= slot->raw_room);
	digest_xxh128_add(drain->digest, slot->raw, slot->raw_size);
	drain->raw_bytes += slot->raw_size;
	drain_drop(context, slot);
}

static void
drain_frame(void *context, struct slot *slot)
{
	struct drain *drain = context;

	FUZZ_CHECK(slot->stored_size <= slot->stored_room);
	if (codec_decompress(drain->codec, slot->stored, slot->stored_size,
	    slot->raw, slot->raw_size, &slot->error) != 0) {
		drain->is_bad = true;
		slot->raw_size = 0;
	}
	drain_raw(context, slot);
}

static const struct stripe_walk_to drain_to = {
	.more = drain_more,
	.take = drain_take,
	.drop = drain_drop,
	.frame = drain_frame,
	.raw = drain_raw,
};

/* How a walk ended. */
struct verdict {
	bool is_full;
	bool is_good; /* a whole stripe or file */
	enum stripe_form form;
	uint64_t raw_bytes;
	uint8_t sha256[STRIPE_SHA256_SIZE];
	uint8_t xxh128[STRIPE_XXH128_SIZE];
};

static bool
is_proven(const struct stripe_walk *walk, const struct verdict *verdict)
{
	return (walk->form != STRIPE_OURS || (walk->closed &&
	    walk->closing.raw_bytes == verdict->raw_bytes &&
	    memcmp(walk->closing.raw_xxh128, verdict->xxh128,
	    STRIPE_XXH128_SIZE) == 0));
}

static struct verdict
walk(struct source *source)
{
	struct verdict verdict = { 0 };
	struct stripe_walk walk;
	struct drain drain = { 0 };
	struct error error;
	int rc;

	error_init(&error);
	FUZZ_CHECK(source != NULL);
	drain.codec = codec_new(NULL);
	drain.digest = digest_xxh128_new(NULL);
	FUZZ_CHECK(drain.codec != NULL && drain.digest != NULL);
	rc = stripe_walk_init(&walk, source, &drain_to, &drain, &error);
	if (rc == 0)
		rc = stripe_walk_begin(&walk, &error);
	if (rc == 0)
		rc = stripe_walk_rest(&walk, &error);
	FUZZ_CHECK(!drain.is_taken);
	if (rc != 0)
		fuzz_check_error(&error, 1u << KIND_INTEGRITY |
		    1u << KIND_STORAGE | (unsigned)drain.is_full <<
		    KIND_ABORTED);
	verdict.is_full = drain.is_full;
	verdict.form = walk.form;
	verdict.raw_bytes = drain.raw_bytes;
	digest_xxh128_get(drain.digest, verdict.xxh128);
	memcpy(verdict.sha256, walk.sha256, sizeof(verdict.sha256));
	verdict.is_good = rc == 0 && !drain.is_bad &&
	    is_proven(&walk, &verdict);
	stripe_walk_release(&walk);
	source_close(source);
	digest_xxh128_free(drain.digest);
	codec_free(drain.codec);
	free(drain.slot.raw);
	free(drain.slot.stored);
	return (verdict);
}

static struct verdict
walk_file(const void *data, size_t size)
{
	IGNORE_RESULT(fuzz_file(data, size) == -1);
	return (walk(source_file_open(fuzz_file_path(), NULL)));
}

static struct verdict
walk_pipe(const void *data, size_t size)
{
	int fd = fuzz_file(data, size);

	FUZZ_CHECK(lseek(fd, 0, SEEK_SET) == 0);
	return (walk(source_fd_open(fd, "pipe", NULL)));
}

static void
try_header(const void *data, size_t size)
{
	struct stripe_identity identity = { 0 };
	uint8_t again[STRIPE_HEADER_MAX];
	uint8_t *bytes = fuzz_copy(data, size);
	struct error error;
	size_t again_size;

	error_init(&error);
	if (stripe_decode_header(bytes, size, &identity, &error) == 0) {
		FUZZ_CHECK(stripe_encode_header(&identity, again, &again_size,
		    &error) == 0);
		FUZZ_CHECK(again_size == size &&
		    memcmp(again, bytes, size) == 0);
	} else {
		fuzz_check_error(&error, 1u << KIND_INTEGRITY);
	}
	FUZZ_CHECK(!stripe_is_header(bytes, size) ||
	    !stripe_is_closing(bytes, size));
	free(bytes);
}

static void
try_ends(const void *data, size_t size)
{
	struct stripe_closing closing;
	uint8_t again[STRIPE_CLOSING_SIZE];
	uint8_t *bytes = fuzz_copy(data, size);
	struct error error;
	size_t count;

	error_init(&error);
	if (stripe_decode_closing(bytes, size, &closing, &error) == 0) {
		stripe_encode_closing(&closing, again);
		FUZZ_CHECK(memcmp(again, bytes, sizeof(again)) == 0);
	} else {
		fuzz_check_error(&error, 1u << KIND_INTEGRITY);
	}
	if (size >= STRIPE_TABLE_FOOTER) {
		uint8_t *footer = fuzz_copy(bytes, STRIPE_TABLE_FOOTER);

		if (stripe_decode_table_footer(footer, &count, &error) != 0)
			fuzz_check_error(&error, 1u << KIND_INTEGRITY);
		free(footer);
	}
	free(bytes);
}

/* One bit of one byte, which follows from the content. */
static void
try_damage(const uint8_t *data, size_t size, const struct verdict *good)
{
	uint8_t *bytes = fuzz_copy(data, size);
	uint64_t chance = fuzz_mix(size, data, size);
	struct verdict bad;

	bytes[chance % size] ^= (uint8_t)(1u << (chance >> 32) % 8);
	bad = walk_file(bytes, size);
	/* A header that is none any more makes it somebody else's file. */
	FUZZ_CHECK(!bad.is_good || bad.form != STRIPE_OURS);
	FUZZ_CHECK(memcmp(bad.sha256, good->sha256, sizeof(bad.sha256)) != 0);
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict from_file;
	struct verdict from_pipe;

	try_header(data, size);
	try_ends(data, size);
	from_file = walk_file(data, size);
	from_pipe = walk_pipe(data, size);
	if (from_file.is_full || from_pipe.is_full)
		return (0);
	FUZZ_CHECK(from_file.is_good == from_pipe.is_good);
	if (!from_file.is_good)
		return (0);
	FUZZ_CHECK(memcmp(&from_file.sha256, &from_pipe.sha256,
	    sizeof(from_file.sha256)) == 0);
	FUZZ_CHECK(from_file.raw_bytes == from_pipe.raw_bytes);
	if (from_file.form == STRIPE_OURS)
		try_damage(data, size, &from_file);
	return (0);
}
