/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: room that is lent to a stripe is filled with the stream, straight from
 * the frames where that can be, whatever the source, the sizes and the number
 * of threads; and left alone once it was said to be done. */
#include <config.h>

#include "forms.h"

#include "transfer/slots.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME ((size_t)4096)
#define MAX_ROOMS 16
/* With one thread: two slots that are shared, and the stripe's own. */
#define SLOTS 3u
#define SCRIBBLE 0x5A

static struct pool *pool;
static struct held_pool held;
static struct memory_sink memory;
static struct stripe_read *stripe;
static uint8_t *data; /* what the stripe holds */
static size_t size;
static uint8_t *found;
static struct lent_room rooms[MAX_ROOMS];
static unsigned lent;
static size_t lent_at;

static void
begin(void)
{
	struct error error = { 0 };

	support_begin();
	memory_sink_init(&memory);
	pool = pool_new(1, &error);
	ck_assert_msg(pool != NULL, "%s", error.text);
	stripe = NULL;
	data = NULL;
	found = NULL;
	lent = 0;
	lent_at = 0;
}

static void
end(void)
{
	stripe_read_free(stripe);
	pool_free(pool);
	memory_sink_release(&memory);
	free(data);
	free(found);
	support_end();
}

static void
store(enum form form, size_t want, size_t frame_size, unsigned seed)
{
	free(data);
	data = forms_store(form, want, frame_size, seed, &memory);
	size = want;
}

static void
open_stripe(void)
{
	struct error error = { 0 };
	const char *path = support_file("s", memory.data, memory.size);

	stripe = stripe_read_open(pool, source_file_open(path, &error),
	    &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	free(found);
	found = calloc(1, size + MAX_ROOMS * FRAME);
	ck_assert_ptr_nonnull(found);
}

/* ---- rooms --------------------------------------------------------- */

/* The next room, behind those that were lent. */
static void
lend(size_t length)
{
	ck_assert_uint_lt(lent, MAX_ROOMS);
	lent_room_init(&rooms[lent], found + lent_at, length);
	lent_at += length;
	stripe_read_lend(stripe, &rooms[lent++].room);
}

static bool
is_done(unsigned nth)
{
	ck_assert_uint_le(atomic_load(&rooms[nth].done), 1);
	return (atomic_load(&rooms[nth].done) == 1);
}

/* All that was lent is done, with what there was to fill it with. */
static void
expect_filled(void)
{
	size_t left = size;
	unsigned i;

	for (i = 0; i < lent; i++) {
		size_t want = rooms[i].room.size < left ? rooms[i].room.size :
		    left;

		ck_assert(is_done(i));
		ck_assert_msg(!error_is_set(&rooms[i].error), "room %u: %s",
		    i, rooms[i].error.text);
		ck_assert_uint_eq(rooms[i].got, want);
		left -= want;
	}
	ck_assert_mem_eq(found, data, size - left);
}

/* Slots that have a raw buffer: as many frames were not decompressed straight
 * into room, at least.  When the stripe is closed. */
static unsigned
raw_buffers(void)
{
	struct slots *slots = pool_slots(pool);
	struct slots_share share;
	struct slot *taken[SLOTS];
	unsigned count = slots_count(slots);
	unsigned with = 0;
	unsigned i;

	ck_assert_uint_le(count, SLOTS);
	slots_share_init(&share);
	for (i = 0; i < count; i++) {
		taken[i] = slots_take(slots, &share, NULL);
		ck_assert_ptr_nonnull(taken[i]);
		with += taken[i]->raw != NULL;
	}
	while (i-- > 0)
		slots_give(slots, &share, taken[i]);
	return (with);
}

static void
close_stripe(void)
{
	stripe_read_free(stripe);
	stripe = NULL;
}

/* Every room is written over; what the pool still has to do then is done. */
static void
scribble(void)
{
	memset(found, SCRIBBLE, size + MAX_ROOMS * FRAME);
}

static void
expect_scribble(void)
{
	size_t room = size + MAX_ROOMS * FRAME;
	size_t i = 0;

	held_pool_begin(&held, pool, 1);
	held_pool_end(&held);
	while (i < room && found[i] == SCRIBBLE)
		i++;
	ck_assert_uint_eq(i, room);
}

/* ---- straight, and copied ------------------------------------------ */

START_TEST(room_that_waits_is_filled_straight)
{
	static const size_t lengths[] = { FRAME, 2 * FRAME, 5 * FRAME,
		12 * FRAME };
	enum form form = _i % 2 == 0 ? FORM_OURS : FORM_FOREIGN;

	store(form, 10 * FRAME + 100, FRAME, 1);
	held_pool_begin(&held, pool, 1);
	open_stripe();
	while (lent_at <= size)
		lend(lengths[_i / 2]);
	ck_assert(!is_done(0));
	held_pool_end(&held);
	stripe_read_settle(stripe);
	expect_filled();
	ck_assert(stripe_read_at_end(stripe));
	close_stripe();
	ck_assert_uint_eq(raw_buffers(), 0);
}
END_TEST

START_TEST(frames_that_were_read_ahead_are_copied)
{
	store(FORM_OURS, SLOTS * FRAME, FRAME, 1);
	open_stripe();
	/* All frames are, so the end is proven, with nobody who wants it. */
	SUPPORT_UNTIL(stripe_read_is_proven(stripe));
	ck_assert(!stripe_read_at_end(stripe));
	lend(FRAME);
	ck_assert(is_done(0));
	lend(SLOTS * FRAME);
	ck_assert(is_done(1));
	expect_filled();
	ck_assert(stripe_read_at_end(stripe));
	close_stripe();
	ck_assert_uint_eq(raw_buffers(), SLOTS);
}
END_TEST

/* Of the frames, one lies in two rooms; or each of them does. */
START_TEST(frame_in_two_rooms_is_copied)
{
	static const struct {
		size_t lengths[4];
		unsigned copied;
	} cases[] = {
		{ { 10 * FRAME, FRAME, 0, 0 }, 0 },
		{ { FRAME, FRAME + 1, 20 * FRAME, 0 }, 1 },
		{ { 2 * FRAME - 1, 1, 20 * FRAME, 0 }, 1 },
		{ { 3 * FRAME, FRAME / 2, FRAME / 4, 20 * FRAME }, 1 },
	};
	unsigned i;

	store(FORM_OURS, 10 * FRAME, FRAME, 1);
	held_pool_begin(&held, pool, 1);
	open_stripe();
	if (_i < 4) {
		for (i = 0; i < 4; i++)
			lend(cases[_i].lengths[i]);
	} else {
		for (lend(1); lent_at < size; )
			lend(FRAME);
		/* Each slot has a frame. */
		SUPPORT_UNTIL(slots_count(pool_slots(pool)) == SLOTS);
	}
	held_pool_end(&held);
	stripe_read_settle(stripe);
	expect_filled();
	close_stripe();
	ck_assert_uint_eq(raw_buffers(), _i < 4 ? cases[_i].copied : SLOTS);
}
END_TEST

/* The first frames are there before anybody asks, the others find room. */
START_TEST(frames_ahead_and_frames_into_room_make_one_stream)
{
	store(FORM_OURS, 12 * FRAME + 5, FRAME, 1);
	open_stripe();
	lend(100);
	stripe_read_settle(stripe);
	held_pool_begin(&held, pool, 1);
	lend(3 * FRAME);
	lend(FRAME - 100);
	while (lent_at <= size)
		lend(FRAME);
	held_pool_end(&held);
	stripe_read_settle(stripe);
	expect_filled();
	ck_assert(stripe_read_at_end(stripe));
}
END_TEST

START_TEST(settle_waits_for_the_last_room)
{
	store(FORM_OURS, 6 * FRAME, FRAME, 1);
	open_stripe();
	while (lent_at < size)
		lend(FRAME);
	stripe_read_settle(stripe);
	expect_filled();
	/* Nothing is lent: there is nothing to wait for. */
	held_pool_begin(&held, pool, 1);
	stripe_read_settle(stripe);
	held_pool_end(&held);
}
END_TEST

/* ---- forms --------------------------------------------------------- */

static void
skip(size_t most)
{
	struct error error = { 0 };
	const void *bytes;
	size_t there;

	ck_assert_msg(stripe_read_peek(stripe, &bytes, &there, &error) == 0,
	    "%s", error.text);
	if (there > most)
		there = most;
	if (there > 0)
		ck_assert_mem_eq(bytes, data + lent_at, there);
	stripe_read_skip(stripe, there);
	memcpy(found + lent_at, data + lent_at, there);
	lent_at += there;
}

/* What was looked at and not taken is lent's. */
START_TEST(peek_first_and_lend_afterwards)
{
	struct error error = { 0 };
	size_t at;

	store((enum form)_i, 700000, 65536, 3);
	open_stripe();
	skip(0);
	skip(1000);
	at = lent_at;
	lend(500);
	lend(3 * 65536);
	stripe_read_settle(stripe);
	skip(0);
	skip(777);
	skip(SIZE_MAX);
	lend(1);
	lend(300000);
	stripe_read_settle(stripe);
	while (lent_at < size)
		skip(SIZE_MAX);
	lend(10);
	stripe_read_settle(stripe);
	ck_assert_uint_eq(at, 1000);
	ck_assert_uint_eq(rooms[4].got, 0);
	for (at = 0; at < lent; at++)
		ck_assert_msg(!error_is_set(&rooms[at].error), "%s",
		    rooms[at].error.text);
	ck_assert_mem_eq(found, data, size);
	ck_assert(stripe_read_at_end(stripe));
	ck_assert(!stripe_read_failed(stripe, &error));
}
END_TEST

START_TEST(every_form_fills_rooms)
{
	static const size_t lengths[] = { 1, 65536, 300000, 0, 4095, 65537,
		1 << 20, 7, 3 << 20 };
	struct stripe_result result;
	size_t i;

	store((enum form)_i, 3000001, 65536, 4);
	open_stripe();
	found = realloc(found, 6 << 20);
	ck_assert_ptr_nonnull(found);
	for (i = 0; i < ARRAY_COUNT(lengths); i++)
		lend(lengths[i]);
	stripe_read_settle(stripe);
	expect_filled();
	ck_assert(stripe_read_at_end(stripe));
	stripe_read_result(stripe, &result);
	ck_assert_uint_eq(result.raw_bytes, size);
	ck_assert_uint_eq(result.stored_bytes, memory.size);
}
END_TEST

/* ---- stop and failure ---------------------------------------------- */

/* While no thread of the pool can lend a hand. */
START_TEST(stop_gives_every_room_back)
{
	unsigned i;

	store(FORM_OURS, 10 * FRAME, FRAME, 1);
	held_pool_begin(&held, pool, 1);
	open_stripe();
	for (i = 0; i < 5; i++)
		lend(FRAME);
	stripe_read_stop(stripe);
	stripe_read_settle(stripe);
	lend(FRAME);
	for (i = 0; i < lent; i++) {
		ck_assert(is_done(i));
		ck_assert_int_eq(rooms[i].error.kind, KIND_ABORTED);
	}
	scribble();
	held_pool_end(&held);
	expect_scribble();
}
END_TEST

/* In every place; with frames that find room, and with frames read ahead. */
START_TEST(rooms_before_the_damage_are_filled)
{
	unsigned bad = (unsigned)_i / 2; /* from 0 */
	struct error error = { 0 };
	char words[32];
	unsigned i;

	store(FORM_FOREIGN, 6 * FRAME, FRAME, 1);
	/* They are of about one length. */
	memory.data[memory.size * (2 * bad + 1) / 12] ^= 1;
	if (_i % 2 == 0)
		held_pool_begin(&held, pool, 1);
	open_stripe();
	for (i = 0; i < 7; i++)
		lend(FRAME);
	if (_i % 2 == 0)
		held_pool_end(&held);
	stripe_read_settle(stripe);
	(void)snprintf(words, sizeof(words), "frame %u at byte", bad + 1);
	for (i = 0; i < lent; i++) {
		ck_assert(is_done(i));
		ck_assert_uint_eq(error_is_set(&rooms[i].error), i >= bad);
		if (i < bad)
			continue;
		ck_assert_int_eq(rooms[i].error.kind, KIND_INTEGRITY);
		ck_assert_msg(strstr(rooms[i].error.text, words) != NULL,
		    "%s", rooms[i].error.text);
	}
	ck_assert_mem_eq(found, data, bad * FRAME);
	ck_assert(stripe_read_failed(stripe, &error));
	ck_assert(!stripe_read_at_end(stripe));
	scribble();
	expect_scribble();
}
END_TEST

/* Though the reading thread meets the other one first. */
START_TEST(damage_of_the_last_frame_comes_before_what_is_behind_it)
{
	static const char garbage[] = "no frame";
	size_t frames;

	store(FORM_FOREIGN, 2 * FRAME, FRAME, 1);
	frames = memory.size;
	memory.data[frames - 100] ^= 1;
	memory.data = realloc(memory.data, frames + sizeof(garbage));
	ck_assert_ptr_nonnull(memory.data);
	memcpy(memory.data + frames, garbage, sizeof(garbage));
	memory.size += sizeof(garbage);
	held_pool_begin(&held, pool, 1);
	open_stripe();
	SUPPORT_UNTIL(stripe_read_stored_bytes(stripe) == frames);
	lend(FRAME);
	lend(FRAME);
	held_pool_end(&held);
	stripe_read_settle(stripe);
	ck_assert(is_done(0) && !error_is_set(&rooms[0].error));
	ck_assert(is_done(1));
	ck_assert_int_eq(rooms[1].error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(rooms[1].error.text, "frame 2 at byte") != NULL,
	    "%s", rooms[1].error.text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: lent room");
	TCase *tcase = tcase_create("lend");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, room_that_waits_is_filled_straight, 0, 8);
	tcase_add_test(tcase, frames_that_were_read_ahead_are_copied);
	tcase_add_loop_test(tcase, frame_in_two_rooms_is_copied, 0, 5);
	tcase_add_test(tcase,
	    frames_ahead_and_frames_into_room_make_one_stream);
	tcase_add_test(tcase, settle_waits_for_the_last_room);
	tcase_add_loop_test(tcase, peek_first_and_lend_afterwards, 0, FORMS);
	tcase_add_loop_test(tcase, every_form_fills_rooms, 0, FORMS);
	tcase_add_test(tcase, stop_gives_every_room_back);
	tcase_add_loop_test(tcase, rooms_before_the_damage_are_filled, 0, 12);
	tcase_add_test(tcase,
	    damage_of_the_last_frame_comes_before_what_is_behind_it);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
