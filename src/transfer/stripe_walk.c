/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_walk.h"

#include "base/bytes.h"
#include "transfer/codec.h"
#include "transfer/slots.h"
#include "transfer/source.h"

#include <string.h>

/* Raw bytes that are handed over at once where there are no frames. */
#define CHUNK ((size_t)1 << 20)
#define COPY_HINT "this copy is not whole: copy it again, or use another"

int
stripe_walk_init(struct stripe_walk *walk, struct source *source,
    const struct stripe_walk_to *to, void *context, struct error *error)
{
	memset(walk, 0, sizeof(*walk));
	walk->source = source;
	walk->to = to;
	walk->context = context;
	return (stripe_input_init(&walk->input, source, error));
}

void
stripe_walk_release(struct stripe_walk *walk)
{
	stripe_input_release(&walk->input);
	codec_free(walk->codec);
	stripe_table_release(&walk->table);
}

static uint64_t
offset(const struct stripe_walk *walk)
{
	return (atomic_load(&walk->input.offset));
}

static int
cut_short(struct stripe_walk *walk, const char *where, struct error *error)
{
	IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "cut short: it ends at byte %llu, %s",
	    (unsigned long long)offset(walk), where));
	error_hint(error, COPY_HINT);
	return (-1);
}

static int
damaged(struct stripe_walk *walk, const char *what, struct error *error)
{
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "damaged at byte %llu: %s", (unsigned long long)offset(walk),
	    what));
}

/* Exactly size bytes, to data unless it is NULL. */
static int
take(struct stripe_walk *walk, void *data, size_t size, const char *where,
    struct error *error)
{
	size_t got;

	if (stripe_input_take(&walk->input, data, size, &got, error) != 0)
		return (-1);
	return (got == size ? 0 : cut_short(walk, where, error));
}

static int
begin_header(struct stripe_walk *walk, struct error *error)
{
	const uint8_t *bytes;
	uint8_t header[STRIPE_HEADER_MAX];
	uint64_t size;
	size_t got;

	if (stripe_input_peek(&walk->input, STRIPE_HEADER_MAX, &bytes, &got,
	    error) != 0)
		return (-1);
	walk->form = STRIPE_ZSTD;
	if (got < STRIPE_SKIPPABLE_HEAD || bytes_get32(bytes) !=
	    STRIPE_MAGIC_OURS || !stripe_is_header(bytes +
	    STRIPE_SKIPPABLE_HEAD, got - STRIPE_SKIPPABLE_HEAD))
		return (0);
	walk->form = STRIPE_OURS;
	size = STRIPE_SKIPPABLE_HEAD + (uint64_t)bytes_get32(bytes + 4);
	if (size > STRIPE_HEADER_MAX)
		return (damaged(walk, "the stripe's header is too long",
		    error));
	if (take(walk, header, (size_t)size, "in the stripe's header",
	    error) != 0 ||
	    stripe_decode_header(header, (size_t)size, &walk->identity,
	    error) != 0)
		return (-1);
	return (stripe_table_add_skippable(&walk->table, (size_t)size,
	    error));
}

/* A stripe file that lies in a regular file has an end that can be looked at
 * before anything is done with it. */
static int
look_at_end(struct stripe_walk *walk, struct error *error)
{
	uint64_t size = source_size(walk->source);
	uint8_t bytes[STRIPE_CLOSING_SIZE];
	struct stripe_closing closing;
	struct error found = { 0 };
	size_t count;
	size_t got;
	uint64_t end;

	if (!source_is_seekable(walk->source))
		return (0);
	if (size < STRIPE_TABLE_FOOTER)
		goto no_end;
	if (source_read_at(walk->source, size - STRIPE_TABLE_FOOTER, bytes,
	    STRIPE_TABLE_FOOTER, &got, error) != 0)
		return (-1);
	if (got < STRIPE_TABLE_FOOTER ||
	    stripe_decode_table_footer(bytes, &count, &found) != 0)
		goto no_end;
	end = stripe_table_size(count) + STRIPE_CLOSING_SIZE;
	if (size < end)
		goto no_end;
	if (source_read_at(walk->source, size - end, bytes,
	    STRIPE_CLOSING_SIZE, &got, error) != 0)
		return (-1);
	if (got == STRIPE_CLOSING_SIZE && stripe_decode_closing(bytes, got,
	    &closing, &found) == 0 && closing.frames + 2 == count)
		return (0);
no_end:
	IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "cut short at byte %llu, or damaged there: a stripe ends with a "
	    "closing frame and a seek table, and this one does not",
	    (unsigned long long)size));
	error_hint(error, COPY_HINT);
	return (-1);
}

int
stripe_walk_begin(struct stripe_walk *walk, struct error *error)
{
	const uint8_t *bytes;
	uint32_t magic;
	size_t got;

	if (stripe_input_peek(&walk->input, 8, &bytes, &got, error) != 0)
		return (-1);
	if (got == 0) {
		IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "empty"));
		error_hint(error, COPY_HINT);
		return (-1);
	}
	magic = got >= 4 ? bytes_get32(bytes) : 0;
	if ((got >= 4 && memcmp(bytes, "TAPE", 4) == 0) ||
	    (got >= 8 && memcmp(bytes, "MSSQLBAK", 8) == 0)) {
		walk->form = STRIPE_PLAIN;
		return (0);
	}
	if (magic == STRIPE_MAGIC_ZSTD || (magic & STRIPE_SKIPPABLE_MASK) ==
	    STRIPE_MAGIC_SKIPPABLE) {
		if (begin_header(walk, error) != 0)
			return (-1);
		return (walk->form == STRIPE_OURS ?
		    look_at_end(walk, error) : 0);
	}
	IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "neither zstd nor a backup: it begins with neither's magic"));
	error_hint(error, "give a stripe file, another zstd file of a backup, "
	    "or a plain backup file");
	return (-1);
}

/* Blocks up to the last, and the checksum, behind the head of a frame. */
static int
take_blocks(struct stripe_walk *walk, struct slot *slot, size_t limit,
    bool has_checksum, struct error *error)
{
	bool last = false;

	while (!last) {
		uint8_t head[CODEC_BLOCK_HEAD];
		uint64_t at = offset(walk);
		size_t follow;

		if (take(walk, head, sizeof(head), "in a frame", error) != 0)
			return (-1);
		if (codec_block_head(head, &follow, &last, error) != 0) {
			error_context(error, "damaged at byte %llu",
			    (unsigned long long)at);
			return (-1);
		}
		if (last && has_checksum)
			follow += CODEC_CHECKSUM_SIZE;
		if (slot->stored_size + sizeof(head) + follow > limit)
			return (damaged(walk, "a frame is longer than its "
			    "content can make it", error));
		if (slots_stored_room(slot, slot->stored_size + sizeof(head) +
		    follow, error) != 0)
			return (-1);
		memcpy(slot->stored + slot->stored_size, head, sizeof(head));
		slot->stored_size += sizeof(head);
		if (take(walk, slot->stored + slot->stored_size, follow,
		    "in a frame", error) != 0)
			return (-1);
		slot->stored_size += follow;
	}
	return (0);
}

static int
take_frame(struct stripe_walk *walk, const struct codec_frame *frame,
    struct error *error)
{
	size_t content = (size_t)frame->content_size;
	size_t bound = codec_bound(content);
	struct slot *slot = walk->to->take(walk->context, error);

	if (slot == NULL)
		return (-1);
	slot->offset = offset(walk);
	slot->number = walk->frames;
	slot->raw_size = content;
	slot->stored_size = frame->head_bytes;
	/* An encoder may spend more blocks than it has to, within reason. */
	if (slots_stored_room(slot, bound, error) != 0 ||
	    take(walk, slot->stored, frame->head_bytes, "in a frame",
	    error) != 0 ||
	    take_blocks(walk, slot, 2 * bound + 1024, frame->has_checksum,
	    error) != 0 ||
	    (walk->form == STRIPE_OURS &&
	    stripe_table_add_frame(&walk->table, slot->stored,
	    slot->stored_size, content, error) != 0)) {
		walk->to->drop(walk->context, slot);
		return (-1);
	}
	walk->to->frame(walk->context, slot);
	return (0);
}

/* Fill one slot with the next bytes of a frame. */
static int
fill_piece(struct stripe_walk *walk, struct slot *slot, bool *ended,
    struct error *error)
{
	if (slots_raw_room(slot, CHUNK, error) != 0)
		return (-1);
	while (!*ended && slot->raw_size < CHUNK) {
		const uint8_t *bytes;
		size_t got;
		size_t taken;
		size_t given;

		if (stripe_input_some(&walk->input, &bytes, &got, error) != 0)
			return (-1);
		if (codec_stream_step(walk->codec, bytes, got, &taken,
		    slot->raw + slot->raw_size, CHUNK - slot->raw_size,
		    &given, ended, error) != 0) {
			error_context(error, "damaged near byte %llu",
			    (unsigned long long)offset(walk));
			return (-1);
		}
		stripe_input_skip(&walk->input, taken);
		slot->raw_size += given;
		if (got == 0 && given == 0 && !*ended)
			return (cut_short(walk, "in a frame", error));
	}
	return (0);
}

/* A frame of unknown or great size. */
static int
take_frame_in_pieces(struct stripe_walk *walk, struct error *error)
{
	bool ended = false;

	if (walk->codec == NULL)
		walk->codec = codec_new(error);
	if (walk->codec == NULL ||
	    codec_stream_begin(walk->codec, error) != 0)
		return (-1);
	while (!ended) {
		struct slot *slot;

		walk->to->more(walk->context);
		slot = walk->to->take(walk->context, error);
		if (slot == NULL)
			return (-1);
		if (fill_piece(walk, slot, &ended, error) != 0) {
			walk->to->drop(walk->context, slot);
			return (-1);
		}
		walk->to->raw(walk->context, slot);
	}
	return (0);
}

static int
walk_frame(struct stripe_walk *walk, struct error *error)
{
	const uint8_t *bytes;
	struct codec_frame frame;
	size_t got;

	if (walk->closed)
		return (damaged(walk, "a frame follows the closing frame",
		    error));
	walk->to->more(walk->context);
	if (stripe_input_peek(&walk->input, CODEC_FRAME_HEAD_MAX, &bytes,
	    &got, error) != 0)
		return (-1);
	if (codec_frame_head(bytes, got, &frame, error) != 0) {
		error_context(error, "damaged at byte %llu",
		    (unsigned long long)offset(walk));
		return (-1);
	}
	walk->frames++;
	if (walk->form == STRIPE_OURS && (!frame.has_content_size ||
	    !frame.has_checksum || frame.has_spare_bit ||
	    frame.content_size == 0 ||
	    frame.content_size > STRIPE_MAX_FRAME_SIZE))
		return (damaged(walk, "the head of the frame is not one that "
		    "a stripe has", error));
	if (frame.has_content_size &&
	    frame.content_size <= STRIPE_MAX_FRAME_SIZE)
		return (take_frame(walk, &frame, error));
	return (take_frame_in_pieces(walk, error));
}

static int
walk_closing(struct stripe_walk *walk, struct error *error)
{
	uint8_t bytes[STRIPE_CLOSING_SIZE];
	uint8_t sha256[STRIPE_SHA256_SIZE];

	if (walk->form != STRIPE_OURS)
		return (damaged(walk, "the end of a stripe file without its "
		    "header", error));
	if (walk->closed)
		return (damaged(walk, "a second closing frame", error));
	if (stripe_input_sha256(&walk->input, sha256, error) != 0 ||
	    take(walk, bytes, sizeof(bytes), "in the closing frame",
	    error) != 0 ||
	    stripe_decode_closing(bytes, sizeof(bytes), &walk->closing,
	    error) != 0)
		return (-1);
	if (walk->closing.frames != walk->frames)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "it holds %llu frames, and %llu were written",
		    (unsigned long long)walk->frames,
		    (unsigned long long)walk->closing.frames));
	if (memcmp(sha256, walk->closing.sha256, sizeof(sha256)) != 0)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "damaged: the SHA-256 of what is stored is not that of "
		    "what was written"));
	walk->closed = true;
	return (stripe_table_add_skippable(&walk->table, sizeof(bytes),
	    error));
}

static int
expect_bytes(void *context, const uint8_t *expected, size_t size,
    struct error *error)
{
	struct stripe_walk *walk = context;
	uint8_t found[STRIPE_TABLE_PIECE];

	if (take(walk, found, size, "in the seek table", error) != 0)
		return (-1);
	if (memcmp(found, expected, size) != 0)
		return (damaged(walk, "the seek table does not fit the "
		    "frames", error));
	return (0);
}

/* The table has to be the one that the frames make, to the bit. */
static int
walk_table(struct stripe_walk *walk, struct error *error)
{
	const uint8_t *bytes;
	size_t got;

	if (!walk->closed)
		return (damaged(walk, "the seek table comes before the "
		    "closing frame", error));
	if (stripe_table_encode(&walk->table, expect_bytes, walk,
	    error) != 0 ||
	    stripe_input_peek(&walk->input, 1, &bytes, &got, error) != 0)
		return (-1);
	if (got != 0)
		return (damaged(walk, "bytes follow the seek table", error));
	return (0);
}

static int
walk_skippable(struct stripe_walk *walk, uint32_t magic, bool *ended,
    struct error *error)
{
	const uint8_t *bytes;
	uint64_t size;
	size_t got;

	if (stripe_input_peek(&walk->input, STRIPE_CLOSING_SIZE, &bytes, &got,
	    error) != 0)
		return (-1);
	if (got < STRIPE_SKIPPABLE_HEAD)
		return (cut_short(walk, "in the head of a frame", error));
	if (magic == STRIPE_MAGIC_OURS && stripe_is_closing(bytes +
	    STRIPE_SKIPPABLE_HEAD, got - STRIPE_SKIPPABLE_HEAD))
		return (walk_closing(walk, error));
	if (walk->form == STRIPE_OURS && magic == STRIPE_MAGIC_TABLE) {
		*ended = true;
		return (walk_table(walk, error));
	}
	if (walk->form == STRIPE_OURS)
		return (damaged(walk, "a frame that a stripe does not have",
		    error));
	size = STRIPE_SKIPPABLE_HEAD + (uint64_t)bytes_get32(bytes + 4);
	return (take(walk, NULL, (size_t)size, "in a skippable frame",
	    error));
}

static int
walk_frames(struct stripe_walk *walk, struct error *error)
{
	bool ended = false;

	while (!ended) {
		const uint8_t *bytes;
		uint32_t magic;
		size_t got;

		if (stripe_input_peek(&walk->input, 4, &bytes, &got,
		    error) != 0)
			return (-1);
		if (got == 0 && walk->form != STRIPE_OURS)
			break;
		if (got < 4)
			return (cut_short(walk, walk->closed ?
			    "before the seek table" : "before its end",
			    error));
		magic = bytes_get32(bytes);
		if (magic == STRIPE_MAGIC_ZSTD) {
			if (walk_frame(walk, error) != 0)
				return (-1);
		} else if ((magic & STRIPE_SKIPPABLE_MASK) ==
		    STRIPE_MAGIC_SKIPPABLE) {
			if (walk_skippable(walk, magic, &ended, error) != 0)
				return (-1);
		} else {
			return (damaged(walk, "no frame begins here", error));
		}
	}
	return (0);
}

static int
walk_plain(struct stripe_walk *walk, struct error *error)
{
	for (;;) {
		const uint8_t *bytes;
		struct slot *slot;
		size_t got;

		if (stripe_input_peek(&walk->input, 1, &bytes, &got,
		    error) != 0)
			return (-1);
		if (got == 0)
			return (0);
		walk->to->more(walk->context);
		slot = walk->to->take(walk->context, error);
		if (slot == NULL)
			return (-1);
		if (slots_raw_room(slot, CHUNK, error) != 0 ||
		    stripe_input_take(&walk->input, slot->raw, CHUNK,
		    &slot->raw_size, error) != 0) {
			walk->to->drop(walk->context, slot);
			return (-1);
		}
		walk->to->raw(walk->context, slot);
	}
}

int
stripe_walk_rest(struct stripe_walk *walk, struct error *error)
{
	int rc;

	rc = walk->form == STRIPE_PLAIN ? walk_plain(walk, error) :
	    walk_frames(walk, error);
	if (rc != 0)
		return (-1);
	return (stripe_input_sha256(&walk->input, walk->sha256, error));
}
