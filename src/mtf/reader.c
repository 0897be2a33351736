/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/reader.h"

#include "mtf/parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool
is_taken(const struct mtf_reader *r)
{
	if (r->taking == TAKE_GATHER)
		return (r->filled == r->wanted);
	return (r->left == 0);
}

static int
pass(struct mtf_reader *r, const uint8_t *data, size_t size)
{
	uint64_t at = r->data_length - r->left;
	int result = 0;

	if (r->has_sum)
		mtf_sum_add(&r->sum, data, size);
	if (r->data_id == MTF_MQDA && r->events.data != NULL)
		result = r->events.data(r->context, data, size, at,
		    &r->error);
	if (r->data_id == MTF_MQTL && r->events.log != NULL)
		result = r->events.log(r->context, data, size, at, &r->error);
	return (mtf_called(r, result));
}

/* Use up to size bytes; *used tells how many. */
static int
use(struct mtf_reader *r, const uint8_t *data, size_t size, size_t *used)
{
	size_t count = size;

	if (r->taking == TAKE_GATHER) {
		if (count > r->wanted - r->filled)
			count = r->wanted - r->filled;
		memcpy(r->buffer + r->filled, data, count);
		r->filled += count;
	} else {
		if (count > r->left)
			count = (size_t)r->left;
		if (r->taking == TAKE_PASS && pass(r, data, count) != 0)
			return (-1);
		r->left -= count;
	}
	r->offset += count;
	*used = count;
	return (0);
}

/* Hand the first error to the caller, who may be told again and again. */
static int
report(struct mtf_reader *r, struct error *error)
{
	if (error != NULL && !error_is_set(error))
		*error = r->error;
	return (-1);
}

struct mtf_reader *
mtf_reader_new(const struct mtf_events *events, void *context,
    struct error *error)
{
	struct mtf_reader *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		error_memory(error);
		return (NULL);
	}
	r->events = *events;
	r->context = context;
	error_init(&r->error);
	if (mtf_parse_begin(r) != 0) {
		report(r, error);
		mtf_reader_free(r);
		return (NULL);
	}
	return (r);
}

/* Say where the damage is, and what that means. */
static void
add_place(struct mtf_reader *r)
{
	if (r->error.kind != KIND_INTEGRITY)
		return;
	error_context(&r->error, "at byte %llu", (unsigned long long)r->mark);
	error_hint(&r->error, "What is stored is not what the server sent:"
	    " use another copy or another backup.");
}

int
mtf_reader_feed(struct mtf_reader *r, const void *data, size_t size,
    struct error *error)
{
	const uint8_t *p = data;

	if (error_is_set(&r->error))
		return (report(r, error));
	for (;;) {
		size_t used = 0;
		int result;

		if (is_taken(r)) {
			result = mtf_parse_take(r);
			if (result != 0)
				add_place(r);
		} else if (size > 0) {
			result = use(r, p, size, &used);
			p += used;
			size -= used;
		} else {
			return (0);
		}
		if (result != 0)
			return (report(r, error));
	}
}

int
mtf_reader_filemark(struct mtf_reader *r, struct error *error)
{
	if (error_is_set(&r->error))
		return (report(r, error));
	if (mtf_reader_feed(r, NULL, 0, error) != 0)
		return (-1);
	if (mtf_parse_filemark(r) == 0)
		return (0);
	add_place(r);
	return (report(r, error));
}

uint64_t
mtf_reader_skippable(const struct mtf_reader *r)
{
	return (r->taking == TAKE_GATHER ? 0 : r->left);
}

void
mtf_reader_skip(struct mtf_reader *r, uint64_t size)
{
	assert(size <= mtf_reader_skippable(r));
	if (r->taking == TAKE_PASS && size > 0)
		r->has_sum = false;
	r->left -= size;
	r->offset += size;
}

/* Where the stream has broken off, in words. */
static int
fail_short(struct mtf_reader *r)
{
	char block[MTF_TAG_TEXT];
	char stream[MTF_TAG_TEXT];
	unsigned long long at = r->offset;

	mtf_tag_text(r->block, block);
	mtf_tag_text(r->stream, stream);
	if (r->offset == 0)
		return (mtf_fail(r, "the stream is empty"));
	if (r->mark == 0 && r->step == STEP_BLOCK_HEADER)
		return (mtf_fail(r,
		    "the stream ends after %llu bytes, inside its"
		    " first block", at));
	switch (r->step) {
	case STEP_BLOCK_HEADER:
		return (mtf_fail(r, "the stream ends after %llu bytes where %s"
		    " was expected", at, mtf_order_wanted(&r->order)));
	case STEP_BLOCK:
		return (mtf_fail(r, "the stream ends after %llu bytes, inside"
		    " block \"%s\"", at, block));
	case STEP_FILEMARK:
		return (mtf_fail(r, "the stream ends after %llu bytes, inside a"
		    " filemark", at));
	case STEP_ALIGNMENT:
	case STEP_STREAM_HEADER:
		return (mtf_fail(r, "the stream ends after %llu bytes where a"
		    " stream of block \"%s\" was expected", at, block));
	case STEP_DATA:
		return (mtf_fail(r, "the stream ends after %llu bytes: the last"
		    " %llu bytes of the %s data are missing", at,
		    (unsigned long long)r->left,
		    r->data_id == MTF_MQTL ? "log" : "page"));
	default:
		return (mtf_fail(r, "the stream ends after %llu bytes, inside"
		    " stream \"%s\" of block \"%s\"", at, stream, block));
	}
}

bool
mtf_reader_is_complete(const struct mtf_reader *r)
{
	/* The last filemark may have been stepped over, and not been taken. */
	bool is_behind = r->step == STEP_BLOCK_HEADER ? r->filled == 0 :
	    r->step == STEP_FILEMARK && r->left == 0;

	return (!error_is_set(&r->error) && is_behind &&
	    mtf_order_is_complete(&r->order));
}

int
mtf_reader_finish(struct mtf_reader *r, struct error *error)
{
	if (mtf_reader_feed(r, NULL, 0, error) != 0)
		return (-1);
	if (mtf_reader_is_complete(r))
		return (0);
	fail_short(r);
	if (r->order.place > MTF_PLACE_SET)
		error_context(&r->error, "backup set %u is incomplete",
		    (unsigned)r->set.position);
	error_hint(&r->error, "The backup is cut short: it was still being"
	    " written, or the copy was interrupted; use another copy.");
	return (report(r, error));
}

uint64_t
mtf_reader_offset(const struct mtf_reader *r)
{
	return (r->offset);
}

unsigned
mtf_reader_sets(const struct mtf_reader *r)
{
	return (r->order.sets);
}

void
mtf_reader_free(struct mtf_reader *r)
{
	if (r == NULL)
		return;
	free(r->buffer);
	free(r);
}
