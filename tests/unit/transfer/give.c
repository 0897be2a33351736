/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: in whatever order frames are found, decompressed and wanted, each
 * room gets its bytes or the error that stands before them, once, and nobody
 * writes into it afterwards.  The threads' steps are made by hand here, so
 * that each order is met for certain. */
#include <config.h>

#include "support.h"

#include "transfer/slots.h"
#include "transfer/stripe_give.h"
#include "transfer/stripe_walk.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FRAME ((size_t)64)
#define MAX_FRAMES 8

static struct slots *slots;
static struct source *source;
static struct stripe_walk walk;
static struct stripe_give give;
static struct slot *frames[MAX_FRAMES];
static unsigned found;
static uint8_t memory[MAX_FRAMES * FRAME];
static struct lent_room rooms[MAX_FRAMES];

static void
begin(void)
{
	struct error error = { 0 };

	support_begin();
	memset(&walk, 0, sizeof(walk));
	walk.form = STRIPE_ZSTD;
	memset(memory, 0, sizeof(memory));
	found = 0;
	slots = slots_new(MAX_FRAMES, &error);
	ck_assert_ptr_nonnull(slots);
	source = source_file_open(support_file("empty", "", 0), &error);
	ck_assert_msg(source != NULL, "%s", error.text);
	ck_assert_int_eq(stripe_give_init(&give, slots, source, &walk,
	    &error), 0);
}

static void
end(void)
{
	stripe_give_release(&give);
	source_close(source);
	slots_free(slots);
	support_end();
}

/* ---- the reading thread, a thread of the pool, and the caller ------ */

/* The next frame is found. */
static void
find(size_t size)
{
	struct slot *slot = slots_take(slots, &give.share, NULL);

	ck_assert_ptr_nonnull(slot);
	ck_assert_uint_lt(found, MAX_FRAMES);
	slot->raw_size = size;
	frames[found++] = slot;
	stripe_give_hold(&give, slot, true);
}

/* Begin with frame nth, from 0; whether it goes into lent room. */
static bool
take_up(unsigned nth)
{
	struct slot *slot = frames[nth];
	uint8_t *place = stripe_give_place(&give, slot);
	bool is_lent = place != NULL;

	if (!is_lent) {
		ck_assert_int_eq(slots_raw_room(slot, FRAME, NULL), 0);
		place = slot->raw;
	}
	if (slot->raw_size > 0)
		memset(place, 'a' + (int)nth, slot->raw_size);
	slot->place = place;
	return (is_lent);
}

static void
get_done(unsigned nth, enum error_kind kind)
{
	if (kind != KIND_NONE)
		IGNORE_RESULT(error_set(&frames[nth]->error, kind, ORIGIN_US,
		    0, "frame %u", nth));
	stripe_give_done(&give, frames[nth]);
}

static bool
decompress(unsigned nth)
{
	bool is_lent = take_up(nth);

	get_done(nth, KIND_NONE);
	return (is_lent);
}

/* Room nth, from 0, which begins at that byte of the memory. */
static void
lend(unsigned nth, size_t at, size_t size)
{
	struct lent_room *lent = &rooms[nth];

	lent_room_init(lent, memory + at, size);
	stripe_give_lend(&give, &lent->room);
}

static bool
is_done(unsigned nth)
{
	ck_assert_uint_le(atomic_load(&rooms[nth].done), 1);
	return (atomic_load(&rooms[nth].done) == 1);
}

static void
expect_filled(unsigned nth, size_t size)
{
	ck_assert(is_done(nth));
	ck_assert_msg(!error_is_set(&rooms[nth].error), "room %u: %s", nth,
	    rooms[nth].error.text);
	ck_assert_uint_eq(rooms[nth].got, size);
}

static void
expect_failed(unsigned nth, enum error_kind kind, const char *words)
{
	ck_assert(is_done(nth));
	ck_assert_int_eq(rooms[nth].error.kind, kind);
	ck_assert_msg(strstr(rooms[nth].error.text, words) != NULL, "%s",
	    rooms[nth].error.text);
}

/* The memory holds frames from that one on. */
static void
expect_frames(unsigned first, size_t size)
{
	size_t i = 0;

	while (i < size && memory[i] == 'a' + first + i / FRAME)
		i++;
	ck_assert_uint_eq(i, size);
}

/* ---- order --------------------------------------------------------- */

START_TEST(rooms_are_done_in_order_whatever_frame_is)
{
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 },
		{ 1, 2, 0 }, { 2, 0, 1 } };
	const unsigned *order = orders[_i];
	bool got[3] = { false, false, false };
	unsigned i;

	for (i = 0; i < 3; i++) {
		find(FRAME);
		lend(i, i * FRAME, FRAME);
	}
	stripe_give_end(&give);
	for (i = 0; i < 3; i++) {
		ck_assert(decompress(order[i]));
		got[order[i]] = true;
		ck_assert_int_eq(is_done(0), got[0]);
		ck_assert_int_eq(is_done(1), got[0] && got[1]);
		ck_assert_int_eq(is_done(2), got[0] && got[1] && got[2]);
	}
	for (i = 0; i < 3; i++)
		expect_filled(i, FRAME);
	expect_frames(0, 3 * FRAME);
	ck_assert(stripe_give_at_end(&give));
}
END_TEST

START_TEST(newest_frame_waits_for_what_follows_it)
{
	find(FRAME);
	lend(0, 0, FRAME);
	ck_assert(decompress(0));
	ck_assert(!is_done(0));
	if (_i == 0)
		stripe_give_more(&give);
	else if (_i == 1)
		find(FRAME);
	else
		stripe_give_end(&give);
	expect_filled(0, FRAME);
	expect_frames(0, FRAME);
	if (_i == 1)
		ck_assert(!decompress(1));
	stripe_give_end(&give);
}
END_TEST

START_TEST(frame_without_all_its_room_is_copied)
{
	find(FRAME);
	find(FRAME);
	find(FRAME);
	stripe_give_end(&give);
	/* From the second half of the first one on. */
	lend(0, 0, FRAME / 2);
	ck_assert(!decompress(0));
	expect_filled(0, FRAME / 2);
	lend(1, FRAME / 2, 2 * FRAME);
	ck_assert(decompress(1));
	ck_assert(!decompress(2));
	expect_filled(1, 2 * FRAME);
	lend(2, 2 * FRAME + FRAME / 2, FRAME);
	expect_filled(2, FRAME / 2);
	expect_frames(0, 3 * FRAME);
}
END_TEST

/* A frame without bytes has no part in a room, which may be filled, done and
 * gone while a thread is still at that frame. */
START_TEST(empty_frame_uses_no_room)
{
	lend(0, 0, FRAME);
	if (_i == 0)
		find(0);
	find(FRAME);
	if (_i == 1)
		find(0);
	stripe_give_end(&give);
	ck_assert(take_up(0) == (_i == 1));
	ck_assert(take_up(1) == (_i == 0));
	get_done(_i == 0 ? 1 : 0, KIND_NONE);
	ck_assert_uint_eq(rooms[0].room.users, 0);
	get_done(_i == 0 ? 0 : 1, KIND_NONE);
	expect_filled(0, FRAME);
	lend(1, FRAME, 1);
	expect_filled(1, 0);
	ck_assert(stripe_give_at_end(&give));
}
END_TEST

/* ---- failure ------------------------------------------------------- */

/* What was stored before the damage is good, and the caller gets it; whether
 * it was lent before the damage was met or after. */
START_TEST(damage_comes_behind_the_frames_before_it)
{
	bool is_ahead = _i % 2 == 0;
	unsigned i;

	for (i = 0; i < 4; i++) {
		find(FRAME);
		if (!is_ahead)
			lend(i, i * FRAME, FRAME);
	}
	stripe_give_end(&give);
	if (_i < 2) {
		ck_assert(decompress(0) != is_ahead);
		ck_assert(decompress(1) != is_ahead);
	}
	(void)take_up(2);
	get_done(2, KIND_INTEGRITY);
	if (_i >= 2) {
		ck_assert(decompress(1) != is_ahead);
		ck_assert(decompress(0) != is_ahead);
	}
	(void)decompress(3);
	for (i = 0; i < 4 && is_ahead; i++)
		lend(i, i * FRAME, FRAME);
	expect_filled(0, FRAME);
	expect_filled(1, FRAME);
	expect_frames(0, 2 * FRAME);
	expect_failed(2, KIND_INTEGRITY, "frame 2");
	expect_failed(3, KIND_INTEGRITY, "frame 2");
	lend(4, 0, FRAME);
	expect_failed(4, KIND_INTEGRITY, "frame 2");
	ck_assert(!stripe_give_at_end(&give));
}
END_TEST

START_TEST(peek_gives_what_comes_before_damage)
{
	const void *data;
	size_t size;
	struct error error = { 0 };

	find(FRAME);
	find(FRAME);
	find(FRAME);
	(void)decompress(0);
	(void)take_up(1);
	get_done(1, KIND_INTEGRITY);
	ck_assert_int_eq(stripe_give_peek(&give, &data, &size, &error), 0);
	ck_assert_uint_eq(size, FRAME);
	ck_assert_int_eq(*(const uint8_t *)data, 'a');
	stripe_give_skip(&give, size);
	ck_assert_int_eq(stripe_give_peek(&give, &data, &size, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	(void)decompress(2);
}
END_TEST

/* A room that spans good bytes and bad ones is worth nothing. */
START_TEST(room_with_a_damaged_part_fails_as_a_whole)
{
	find(FRAME);
	find(FRAME);
	find(FRAME);
	lend(0, 0, FRAME + FRAME / 2);
	ck_assert(decompress(0));
	ck_assert(!take_up(1));
	get_done(1, KIND_INTEGRITY);
	expect_failed(0, KIND_INTEGRITY, "frame 1");
	(void)decompress(2);
}
END_TEST

/* The reading thread meets something bad behind frames that are good. */
START_TEST(what_the_reader_met_comes_behind_its_frames)
{
	struct error error = { 0 };

	find(FRAME);
	find(FRAME);
	lend(0, 0, FRAME);
	lend(1, FRAME, FRAME);
	ck_assert(decompress(1));
	IGNORE_RESULT(error_set(&error, KIND_STORAGE, ORIGIN_SYSTEM, EIO,
	    "cannot read"));
	/* The newest one's own damage is the better word for it. */
	if (_i == 1) {
		find(FRAME);
		(void)take_up(2);
		get_done(2, KIND_INTEGRITY);
	}
	stripe_give_break(&give, &error);
	ck_assert(!is_done(0));
	ck_assert(decompress(0));
	expect_filled(0, FRAME);
	if (_i == 0) {
		expect_failed(1, KIND_STORAGE, "cannot read");
	} else {
		expect_filled(1, FRAME);
		lend(2, 0, FRAME);
		expect_failed(2, KIND_INTEGRITY, "frame 2");
	}
}
END_TEST

/* ---- who is at work in a room -------------------------------------- */

START_TEST(room_in_use_outlasts_a_failure)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		find(FRAME);
	lend(0, 0, FRAME);
	lend(1, FRAME, 2 * FRAME);
	ck_assert(take_up(0));
	ck_assert(take_up(1));
	get_done(0, KIND_INTEGRITY);
	expect_failed(0, KIND_INTEGRITY, "frame 0");
	ck_assert(!is_done(1));
	/* Nobody begins with it now. */
	ck_assert(!decompress(2));
	ck_assert(!is_done(1));
	get_done(1, KIND_NONE);
	expect_failed(1, KIND_INTEGRITY, "frame 0");
	ck_assert_int_eq(memory[2 * FRAME], 0);
	/* There is no room any more. */
	lend(2, 3 * FRAME, FRAME);
	expect_failed(2, KIND_INTEGRITY, "frame 0");
	ck_assert(!decompress(3));
	ck_assert_int_eq(memory[3 * FRAME], 0);
}
END_TEST

static void *
settle(void *context)
{
	atomic_bool *settled = context;

	stripe_give_settle(&give);
	atomic_store(settled, true);
	return (NULL);
}

START_TEST(room_in_use_outlasts_a_stop)
{
	pthread_t thread;
	atomic_bool settled;

	atomic_init(&settled, false);
	find(FRAME);
	find(FRAME);
	lend(0, 0, FRAME);
	lend(1, FRAME, FRAME);
	ck_assert(take_up(1));
	stripe_give_stop(&give);
	/* Whoever stops may hold locks: nobody is told by him. */
	ck_assert(!is_done(0));
	ck_assert_int_eq(pthread_create(&thread, NULL, settle, &settled), 0);
	SUPPORT_UNTIL(is_done(0));
	ck_assert(!is_done(1));
	ck_assert(!atomic_load(&settled));
	ck_assert(!decompress(0));
	ck_assert(!is_done(1));
	get_done(1, KIND_NONE);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	expect_failed(0, KIND_ABORTED, "stopped");
	expect_failed(1, KIND_ABORTED, "stopped");
	ck_assert_int_eq(memory[0], 0);
}
END_TEST

/* ---- the end ------------------------------------------------------- */

static bool
refuse(void *context, struct error *error)
{
	unsigned *times = context;

	++*times;
	IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "another backup"));
	return (true);
}

static bool
accept(void *context, struct error *error)
{
	unsigned *times = context;

	(void)error;
	++*times;
	return (false);
}

START_TEST(end_is_asked_for_once_before_the_last_frame)
{
	unsigned times = 0;

	stripe_give_ask(&give, _i == 0 ? accept : refuse, &times);
	find(FRAME);
	find(FRAME);
	lend(0, 0, FRAME);
	ck_assert(decompress(0));
	expect_filled(0, FRAME);
	(void)decompress(1);
	stripe_give_end(&give);
	/* Nobody wants it yet. */
	ck_assert_uint_eq(times, 0);
	ck_assert(stripe_give_is_proven(&give));
	lend(1, FRAME, FRAME);
	lend(2, 2 * FRAME, FRAME);
	ck_assert_uint_eq(times, 1);
	if (_i == 0) {
		expect_filled(1, FRAME);
		expect_filled(2, 0);
		expect_frames(0, 2 * FRAME);
	} else {
		expect_failed(1, KIND_INTEGRITY, "another backup");
		expect_failed(2, KIND_INTEGRITY, "another backup");
	}
	ck_assert_int_eq(stripe_give_at_end(&give), _i == 0);
}
END_TEST

START_TEST(end_is_asked_for_where_there_is_nothing_else)
{
	unsigned times = 0;

	stripe_give_ask(&give, refuse, &times);
	stripe_give_end(&give);
	lend(0, 0, FRAME);
	ck_assert_uint_eq(times, 1);
	expect_failed(0, KIND_INTEGRITY, "another backup");
	ck_assert(!stripe_give_at_end(&give));
}
END_TEST

START_TEST(room_of_no_bytes_is_done_in_its_turn)
{
	find(FRAME);
	lend(0, 0, 0);
	lend(1, 0, FRAME);
	lend(2, FRAME, 0);
	lend(3, FRAME, FRAME);
	lend(4, FRAME, 0);
	expect_filled(0, 0);
	ck_assert(!is_done(2));
	stripe_give_end(&give);
	ck_assert(decompress(0));
	expect_filled(1, FRAME);
	expect_filled(2, 0);
	expect_filled(3, 0);
	expect_filled(4, 0);
	expect_frames(0, FRAME);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: frames into lent room");
	TCase *tcase = tcase_create("give");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, rooms_are_done_in_order_whatever_frame_is,
	    0, 4);
	tcase_add_loop_test(tcase, newest_frame_waits_for_what_follows_it, 0,
	    3);
	tcase_add_test(tcase, frame_without_all_its_room_is_copied);
	tcase_add_loop_test(tcase, empty_frame_uses_no_room, 0, 2);
	tcase_add_loop_test(tcase, damage_comes_behind_the_frames_before_it,
	    0, 4);
	tcase_add_test(tcase, peek_gives_what_comes_before_damage);
	tcase_add_test(tcase, room_with_a_damaged_part_fails_as_a_whole);
	tcase_add_loop_test(tcase, what_the_reader_met_comes_behind_its_frames,
	    0, 2);
	tcase_add_test(tcase, room_in_use_outlasts_a_failure);
	tcase_add_test(tcase, room_in_use_outlasts_a_stop);
	tcase_add_loop_test(tcase,
	    end_is_asked_for_once_before_the_last_frame, 0, 2);
	tcase_add_test(tcase, end_is_asked_for_where_there_is_nothing_else);
	tcase_add_test(tcase, room_of_no_bytes_is_done_in_its_turn);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
