/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: writer threads meet, digest two frames as one, and nobody waits for
 * longer, or more often, than the header says. */
#include <config.h>

#include "support.h"

#include "base/port/sha256.h"
#include "transfer/digest.h"
#include "transfer/pairing.h"
#include "transfer/slots.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define SIZE ((size_t)200000)
#define LONG_MS 60000
#define SHORT_MS 1
#define STRIPES 4u
#define FRAMES 25u

static struct slots *slots;
static struct pairing *pairing;

struct writer {
	pthread_t thread;
	unsigned seed;
	uint8_t *data;
	struct digest_sha256 *digest;
	bool may_wait;
	unsigned frames;
};

static void
begin(int64_t wait_ms)
{
	slots = slots_new(1, NULL);
	ck_assert_ptr_nonnull(slots);
	pairing = pairing_new(slots, wait_ms, NULL);
	ck_assert_ptr_nonnull(pairing);
}

static void
end(void)
{
	pairing_free(pairing);
	slots_free(slots);
}

static void
writer_init(struct writer *writer, unsigned seed)
{
	memset(writer, 0, sizeof(*writer));
	writer->seed = seed;
	writer->data = support_data(SIZE, seed);
	writer->digest = digest_sha256_new(NULL);
	ck_assert_ptr_nonnull(writer->digest);
	writer->may_wait = true;
	writer->frames = 1;
}

/* Sizes that differ between stripes and from frame to frame. */
static size_t
frame_size(unsigned seed, unsigned frame)
{
	return (SIZE - (seed * 7919 + frame * 104729) % 120000);
}

static void
writer_release(struct writer *writer)
{
	struct digest_sha256 *digest = digest_sha256_new_library(NULL);
	uint8_t expected[DIGEST_SHA256_SIZE];
	uint8_t sum[DIGEST_SHA256_SIZE];
	unsigned i;

	ck_assert_ptr_nonnull(digest);
	for (i = 0; i < writer->frames; i++)
		ck_assert_int_eq(digest_sha256_add(digest, writer->data,
		    frame_size(writer->seed, i), NULL), 0);
	ck_assert_int_eq(digest_sha256_get(digest, expected, NULL), 0);
	ck_assert_int_eq(digest_sha256_get(writer->digest, sum, NULL), 0);
	ck_assert_mem_eq(sum, expected, sizeof(sum));
	digest_sha256_free(digest);
	digest_sha256_free(writer->digest);
	free(writer->data);
}

static void
add_frame(struct writer *writer, unsigned frame)
{
	struct error error = { 0 };

	ck_assert_msg(pairing_add(pairing, writer->digest, writer->data,
	    frame_size(writer->seed, frame), writer->may_wait, &error) == 0,
	    "%s", error.text);
}

static void *
write_frames(void *context)
{
	struct writer *writer = context;
	unsigned i;

	pairing_join(pairing);
	for (i = 0; i < writer->frames; i++)
		add_frame(writer, i);
	pairing_leave(pairing);
	return (NULL);
}

static void *
write_one(void *context)
{
	add_frame(context, 0);
	return (NULL);
}

static void
start(struct writer *writer, void *(*run)(void *))
{
	ck_assert_int_eq(pthread_create(&writer->thread, NULL, run, writer),
	    0);
}

static bool
somebody_waits(void)
{
	struct pairing_counts counts;

	pairing_look(pairing, &counts);
	return (counts.waiting);
}

static void
expect_counts(unsigned pairs, unsigned alone, unsigned in_vain)
{
	struct pairing_counts counts;

	pairing_look(pairing, &counts);
	ck_assert_uint_eq(counts.pairs, pairs);
	ck_assert_uint_eq(counts.alone, alone);
	ck_assert_uint_eq(counts.in_vain, in_vain);
	ck_assert(!counts.waiting);
}

/* Two stripes are being written; first is on its own thread, and waits. */
static void
begin_waiting(struct writer *first)
{
	begin(LONG_MS);
	writer_init(first, 1);
	pairing_join(pairing);
	pairing_join(pairing);
	start(first, write_one);
	SUPPORT_UNTIL(somebody_waits());
}

START_TEST(two_that_meet_are_a_pair)
{
	struct writer first;
	struct writer second;

	begin_waiting(&first);
	writer_init(&second, 2);
	/* Who must not wait is welcome to whoever does. */
	second.may_wait = _i != 0;
	add_frame(&second, 0);
	(void)pthread_join(first.thread, NULL);
	expect_counts(1, 0, 0);
	pairing_leave(pairing);
	pairing_leave(pairing);
	writer_release(&first);
	writer_release(&second);
	end();
}
END_TEST

START_TEST(who_meets_nobody_goes_on_in_time)
{
	struct writer writer;
	struct writer other;

	begin(SHORT_MS);
	writer_init(&writer, 1);
	writer_init(&other, 2);
	writer.frames = 3;
	pairing_join(pairing);
	pairing_join(pairing);
	add_frame(&writer, 0);
	expect_counts(0, 1, 1);
	/* Nobody has come meanwhile, so nobody is expected. */
	add_frame(&writer, 1);
	expect_counts(0, 2, 1);
	/* Somebody has: there is hope again. */
	other.may_wait = false;
	add_frame(&other, 0);
	add_frame(&writer, 2);
	expect_counts(0, 4, 2);
	pairing_leave(pairing);
	pairing_leave(pairing);
	writer_release(&writer);
	writer_release(&other);
	end();
}
END_TEST

START_TEST(who_must_not_wait_does_not)
{
	struct writer writer;

	/* If it did, for longer than a test may take. */
	begin(LONG_MS);
	writer_init(&writer, 1);
	writer.may_wait = false;
	pairing_join(pairing);
	pairing_join(pairing);
	add_frame(&writer, 0);
	expect_counts(0, 1, 0);
	pairing_leave(pairing);
	pairing_leave(pairing);
	writer_release(&writer);
	end();
}
END_TEST

START_TEST(the_only_stripe_does_not_wait)
{
	struct writer writer;

	begin(LONG_MS);
	writer_init(&writer, 1);
	pairing_join(pairing);
	add_frame(&writer, 0);
	expect_counts(0, 1, 0);
	pairing_leave(pairing);
	writer_release(&writer);
	end();
}
END_TEST

START_TEST(small_pieces_and_the_librarys_digests_do_not_wait)
{
	struct digest_sha256 *own = digest_sha256_new(NULL);
	struct digest_sha256 *library = digest_sha256_new_library(NULL);
	uint8_t *data = support_data(PAIRING_MIN_SIZE, 1);

	begin(LONG_MS);
	pairing_join(pairing);
	pairing_join(pairing);
	ck_assert_int_eq(pairing_add(pairing, own, data,
	    PAIRING_MIN_SIZE - 1, true, NULL), 0);
	ck_assert_int_eq(pairing_add(pairing, library, data, PAIRING_MIN_SIZE,
	    true, NULL), 0);
	expect_counts(0, 0, 0);
	pairing_leave(pairing);
	pairing_leave(pairing);
	end();
	digest_sha256_free(own);
	digest_sha256_free(library);
	free(data);
}
END_TEST

START_TEST(the_last_other_stripe_to_leave_ends_the_wait)
{
	struct writer first;

	begin_waiting(&first);
	pairing_leave(pairing);
	(void)pthread_join(first.thread, NULL);
	expect_counts(0, 1, 0);
	pairing_leave(pairing);
	writer_release(&first);
	end();
}
END_TEST

/* The only extra slot is taken: idle threads then have to wait for a slot. */
static void
take_slots(struct slots_share *share, struct slot *taken[2])
{
	slots_share_init(share);
	taken[0] = slots_take(slots, share, NULL);
	taken[1] = slots_take(slots, share, NULL);
	ck_assert_ptr_nonnull(taken[0]);
	ck_assert_ptr_nonnull(taken[1]);
	ck_assert(slots_are_short(slots));
}

static void
give_slots(struct slots_share *share, struct slot *taken[2])
{
	slots_give(slots, share, taken[0]);
	ck_assert(!slots_are_short(slots));
	slots_give(slots, share, taken[1]);
}

START_TEST(an_idle_thread_without_slots_ends_the_wait)
{
	struct writer first;
	struct slots_share share;
	struct slot *taken[2];

	begin_waiting(&first);
	/* With slots left it does not. */
	pairing_idle_begin(pairing);
	ck_assert(somebody_waits());
	pairing_idle_end(pairing);
	take_slots(&share, taken);
	pairing_idle_begin(pairing);
	(void)pthread_join(first.thread, NULL);
	expect_counts(0, 1, 0);
	pairing_idle_end(pairing);
	give_slots(&share, taken);
	pairing_leave(pairing);
	pairing_leave(pairing);
	writer_release(&first);
	end();
}
END_TEST

START_TEST(no_wait_begins_while_a_thread_is_idle_without_slots)
{
	struct writer writer;
	struct slots_share share;
	struct slot *taken[2];

	begin(LONG_MS);
	writer_init(&writer, 1);
	pairing_join(pairing);
	pairing_join(pairing);
	take_slots(&share, taken);
	pairing_idle_begin(pairing);
	add_frame(&writer, 0);
	expect_counts(0, 1, 0);
	pairing_idle_end(pairing);
	give_slots(&share, taken);
	pairing_leave(pairing);
	pairing_leave(pairing);
	writer_release(&writer);
	end();
}
END_TEST

/* One stripe after the other leaves, in any order, and all sums are right. */
START_TEST(two_three_and_four_stripes_all_get_their_sums)
{
	struct writer writers[STRIPES];
	struct pairing_counts counts;
	unsigned frames = 0;
	unsigned count = (unsigned)_i;
	unsigned i;

	begin(PAIRING_WAIT_MS);
	for (i = 0; i < count; i++) {
		writer_init(&writers[i], i + 1);
		writers[i].frames = FRAMES - 2 * i;
		frames += writers[i].frames;
	}
	for (i = 0; i < count; i++)
		start(&writers[i], write_frames);
	for (i = 0; i < count; i++)
		(void)pthread_join(writers[i].thread, NULL);
	pairing_look(pairing, &counts);
	if (port_sha256_is_fast())
		ck_assert_uint_eq(2 * counts.pairs + counts.alone, frames);
	for (i = 0; i < count; i++)
		writer_release(&writers[i]);
	end();
}
END_TEST

/* ---- whole stripes on a pool ---- */

#define STRIPE_FRAME ((size_t)512 << 10)
#define STRIPE_FRAMES 8u

static struct stripe_write *
open_stripe(struct pool *pool, struct memory_sink *memory)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;
	struct stripe_write *stripe;
	struct error error = { 0 };

	stripe_write_options_init(&options);
	options.frame_size = STRIPE_FRAME;
	memory_sink_init(memory);
	stripe = stripe_write_open(pool, memory_sink_open(memory), &identity,
	    &options, &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	return (stripe);
}

START_TEST(stripes_of_a_pool_have_the_sums_of_their_files)
{
	struct pool *pool = pool_new(2, NULL);
	struct memory_sink memory[STRIPES];
	struct stripe_write *stripes[STRIPES];
	uint8_t *data = support_data(STRIPE_FRAME, 1);
	unsigned frame;
	unsigned i;

	ck_assert_ptr_nonnull(pool);
	for (i = 0; i < STRIPES; i++)
		stripes[i] = open_stripe(pool, &memory[i]);
	for (frame = 0; frame < STRIPE_FRAMES; frame++)
		for (i = 0; i < STRIPES; i++)
			ck_assert_int_eq(stripe_write_copied(stripes[i], data,
			    STRIPE_FRAME - i * 4096, NULL), 0);
	for (i = 0; i < STRIPES; i++) {
		struct digest_sha256 *digest = digest_sha256_new_library(NULL);
		struct stripe_result result;
		uint8_t sum[DIGEST_SHA256_SIZE];

		ck_assert_ptr_nonnull(digest);
		ck_assert_int_eq(stripe_write_finish(stripes[i], &result,
		    NULL), 0);
		stripe_write_free(stripes[i]);
		ck_assert_int_eq(digest_sha256_add(digest, memory[i].data,
		    memory[i].size, NULL), 0);
		ck_assert_int_eq(digest_sha256_get(digest, sum, NULL), 0);
		ck_assert_mem_eq(result.sha256, sum, sizeof(sum));
		digest_sha256_free(digest);
		memory_sink_release(&memory[i]);
	}
	pool_free(pool);
	free(data);
}
END_TEST

/* One is stopped, at any moment of it; the other one does not notice. */
START_TEST(a_stopped_stripe_holds_nobody_up)
{
	struct pool *pool = pool_new(2, NULL);
	struct memory_sink memory[2];
	struct stripe_write *stripes[2];
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *data = support_data(STRIPE_FRAME, 1);
	unsigned i;

	ck_assert_ptr_nonnull(pool);
	for (i = 0; i < 2; i++)
		stripes[i] = open_stripe(pool, &memory[i]);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(stripe_write_copied(stripes[0], data,
		    STRIPE_FRAME, NULL), 0);
		if (i < (unsigned)_i)
			ck_assert_int_eq(stripe_write_copied(stripes[1], data,
			    STRIPE_FRAME, NULL), 0);
	}
	stripe_write_stop(stripes[1]);
	ck_assert_int_eq(stripe_write_finish(stripes[1], &result, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	ck_assert_int_eq(stripe_write_finish(stripes[0], &result, NULL), 0);
	ck_assert_uint_eq(result.raw_bytes, 4 * STRIPE_FRAME);
	for (i = 0; i < 2; i++) {
		stripe_write_free(stripes[i]);
		memory_sink_release(&memory[i]);
	}
	pool_free(pool);
	free(data);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: pairing");
	TCase *tcase = tcase_create("pairing");
	SRunner *runner;
	int failed;

	/* Where nothing can be paired, nobody ever waits. */
	if (port_sha256_is_fast()) {
		tcase_add_loop_test(tcase, two_that_meet_are_a_pair, 0, 2);
		tcase_add_test(tcase, who_meets_nobody_goes_on_in_time);
		tcase_add_test(tcase, who_must_not_wait_does_not);
		tcase_add_test(tcase, the_only_stripe_does_not_wait);
		tcase_add_test(tcase,
		    the_last_other_stripe_to_leave_ends_the_wait);
		tcase_add_test(tcase,
		    an_idle_thread_without_slots_ends_the_wait);
		tcase_add_test(tcase,
		    no_wait_begins_while_a_thread_is_idle_without_slots);
	}
	tcase_add_test(tcase,
	    small_pieces_and_the_librarys_digests_do_not_wait);
	tcase_add_loop_test(tcase,
	    two_three_and_four_stripes_all_get_their_sums, 2, STRIPES + 1);
	tcase_add_test(tcase, stripes_of_a_pool_have_the_sums_of_their_files);
	tcase_add_loop_test(tcase, a_stopped_stripe_holds_nobody_up, 0, 4);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
