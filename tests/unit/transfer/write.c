/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a stripe that is written keeps its promises: borrowed memory, order,
 * durability, bounded memory, one error that stands, and being stopped. */
#include <config.h>

#include "support.h"

#include "base/clock.h"
#include "transfer/rate.h"
#include "transfer/slots.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAME 4096u

static struct pool *pool;
static struct memory_sink memory;

static void
begin(void)
{
	struct error error = { 0 };

	support_begin();
	memory_sink_init(&memory);
	pool = pool_new(2, &error);
	ck_assert_msg(pool != NULL, "%s", error.text);
}

static void
end(void)
{
	pool_free(pool);
	memory_sink_release(&memory);
	support_end();
}

static struct stripe_write *
open_stripe(struct memory_sink *to, struct rate *rate, int level)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;
	struct stripe_write *stripe;
	struct error error = { 0 };

	stripe_write_options_init(&options);
	options.frame_size = FRAME;
	options.codec.level = level;
	options.rate = rate;
	stripe = stripe_write_open(pool, memory_sink_open(to), &identity,
	    &options, &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	return (stripe);
}

static void
expect_stream(const uint8_t *stored, size_t stored_size, const uint8_t *data,
    size_t size)
{
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *found = NULL;
	size_t found_size = 0;

	ck_assert_msg(support_read(pool, source_file_open(support_file("s",
	    stored, stored_size), &error), &found, &found_size, &result,
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(found_size, size);
	ck_assert_mem_eq(found, data, size);
	free(found);
}

START_TEST(borrowed_memory_is_free_after_done)
{
	struct counted_borrow borrow;
	struct stripe_result result;
	struct stripe_write *stripe = open_stripe(&memory, NULL, 3);
	uint8_t *data = support_data(2 * FRAME, 1);
	uint8_t *lent = support_data(2 * FRAME, 1);

	/* Nothing gets through to the sink: done does not depend on it. */
	memory_sink_hold(&memory, true);
	counted_borrow_init(&borrow);
	ck_assert_int_eq(stripe_write_borrowed(stripe, lent, 2 * FRAME,
	    &borrow.borrow, NULL), 0);
	SUPPORT_UNTIL(atomic_load(&borrow.done) == 1);
	memset(lent, 0xEE, 2 * FRAME);
	memory_sink_hold(&memory, false);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	ck_assert_uint_eq(atomic_load(&borrow.done), 1);
	stripe_write_free(stripe);
	expect_stream(memory.data, memory.size, data, 2 * FRAME);
	free(lent);
	free(data);
}
END_TEST

START_TEST(hard_frames_do_not_overtake_easy_ones)
{
	struct counted_borrow borrows[8];
	struct stripe_result result;
	struct stripe_write *stripe = open_stripe(&memory, NULL, 19);
	uint8_t *data = support_data(8 * FRAME, 1);
	unsigned i;

	for (i = 1; i < 8; i += 2)
		memset(data + i * FRAME, 0, FRAME);
	for (i = 0; i < 8; i++) {
		counted_borrow_init(&borrows[i]);
		ck_assert_int_eq(stripe_write_borrowed(stripe, data +
		    i * FRAME, FRAME, &borrows[i].borrow, NULL), 0);
	}
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	stripe_write_free(stripe);
	expect_stream(memory.data, memory.size, data, 8 * FRAME);
	free(data);
}
END_TEST

START_TEST(flush_makes_all_before_it_durable)
{
	struct stripe_result result;
	struct stripe_write *stripe = open_stripe(&memory, NULL, 3);
	uint8_t *data = support_data(3 * FRAME + 100, 1);
	uint8_t header[STRIPE_HEADER_MAX];
	size_t header_size;
	struct stripe_identity identity = support_identity();

	ck_assert_int_eq(stripe_encode_header(&identity, header, &header_size,
	    NULL), 0);
	ck_assert_int_eq(stripe_write_copied(stripe, data, 3 * FRAME + 7,
	    NULL), 0);
	ck_assert_int_eq(stripe_write_flush(stripe, NULL), 0);
	ck_assert_uint_eq(memory.syncs, 1);
	ck_assert_uint_eq(memory.synced, memory.size);
	/* What is there, without the header, is the frames of all of it. */
	expect_stream(memory.data + header_size, memory.size - header_size,
	    data, 3 * FRAME + 7);
	/* A flush is not the end. */
	ck_assert_int_eq(stripe_write_copied(stripe, data + 3 * FRAME + 7, 93,
	    NULL), 0);
	ck_assert_int_eq(stripe_write_flush(stripe, NULL), 0);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	ck_assert_uint_eq(memory.commits, 1);
	ck_assert_uint_eq(memory.synced, memory.size);
	stripe_write_free(stripe);
	ck_assert_uint_eq(memory.frees, 1);
	expect_stream(memory.data, memory.size, data, 3 * FRAME + 100);
	free(data);
}
END_TEST

struct writing {
	struct stripe_write *stripe;
	pthread_t thread;
	atomic_size_t written;
	atomic_bool ended;
	int rc;
	struct error error;
};

static void *
write_much(void *context)
{
	struct writing *writing = context;
	uint8_t *data = support_data(FRAME, 2);

	while (writing->rc == 0 && atomic_load(&writing->written) <
	    100 * FRAME) {
		writing->rc = stripe_write_copied(writing->stripe, data,
		    FRAME - 1, &writing->error);
		atomic_fetch_add(&writing->written, FRAME - 1);
	}
	if (writing->rc == 0)
		writing->rc = stripe_write_flush(writing->stripe,
		    &writing->error);
	atomic_store(&writing->ended, true);
	free(data);
	return (NULL);
}

static void
start_writing(struct writing *writing, struct stripe_write *stripe)
{
	memset(writing, 0, sizeof(*writing));
	writing->stripe = stripe;
	atomic_init(&writing->written, 0);
	atomic_init(&writing->ended, false);
	ck_assert_int_eq(pthread_create(&writing->thread, NULL, write_much,
	    writing), 0);
}

/* The second gets on with the one slot that is its own, although the first
 * one has taken all that are shared. */
START_TEST(slots_are_bounded_and_one_is_guaranteed)
{
	struct memory_sink other;
	struct stripe_result result;
	struct stripe_write *first = open_stripe(&memory, NULL, 1);
	struct stripe_write *second;
	struct writing writing;

	memory_sink_init(&other);
	second = open_stripe(&other, NULL, 1);
	memory_sink_hold(&memory, true);
	start_writing(&writing, first);
	SUPPORT_UNTIL(slots_count(pool_slots(pool)) == 1 + 2 * 2);
	write_much(&(struct writing){ .stripe = second });
	ck_assert_int_eq(stripe_write_finish(second, &result, NULL), 0);
	ck_assert_uint_gt(result.raw_bytes, 99 * FRAME);
	ck_assert(!atomic_load(&writing.ended));
	ck_assert_uint_le(slots_count(pool_slots(pool)), 2 + 2 * 2);
	memory_sink_hold(&memory, false);
	ck_assert_int_eq(pthread_join(writing.thread, NULL), 0);
	ck_assert_int_eq(writing.rc, 0);
	ck_assert_int_eq(stripe_write_finish(first, &result, NULL), 0);
	ck_assert_uint_le(slots_count(pool_slots(pool)), 2 + 2 * 2);
	stripe_write_free(first);
	stripe_write_free(second);
	memory_sink_release(&other);
}
END_TEST

START_TEST(stop_ends_a_write_that_waits)
{
	struct stripe_result result;
	struct stripe_write *stripe = open_stripe(&memory, NULL, 1);
	struct writing writing;
	struct error error = { 0 };

	memory_sink_hold(&memory, true);
	start_writing(&writing, stripe);
	memory_sink_wait_held(&memory);
	SUPPORT_UNTIL(slots_count(pool_slots(pool)) == 1 + 2 * 2);
	stripe_write_stop(stripe);
	ck_assert_int_eq(pthread_join(writing.thread, NULL), 0);
	ck_assert_int_eq(writing.rc, -1);
	ck_assert_int_eq(writing.error.kind, KIND_ABORTED);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, &error), -1);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	ck_assert_uint_eq(memory.commits, 0);
	stripe_write_free(stripe);
	ck_assert_uint_eq(memory.abandons, 1);
	ck_assert_uint_eq(memory.frees, 1);
}
END_TEST

static void *
finish(void *context)
{
	struct writing *writing = context;
	struct stripe_result result;

	writing->rc = stripe_write_finish(writing->stripe, &result,
	    &writing->error);
	return (NULL);
}

START_TEST(stop_ends_a_finish_that_waits)
{
	struct stripe_write *stripe = open_stripe(&memory, NULL, 1);
	struct writing writing = { .stripe = stripe };

	memory_sink_hold(&memory, true);
	ck_assert_int_eq(pthread_create(&writing.thread, NULL, finish,
	    &writing), 0);
	memory_sink_wait_held(&memory);
	stripe_write_stop(stripe);
	ck_assert_int_eq(pthread_join(writing.thread, NULL), 0);
	ck_assert_int_eq(writing.rc, -1);
	ck_assert_int_eq(writing.error.kind, KIND_ABORTED);
	stripe_write_free(stripe);
}
END_TEST

START_TEST(stop_ends_the_wait_for_the_rate)
{
	struct rate *rate = rate_new(1, NULL);
	struct stripe_write *stripe;
	struct writing writing;

	ck_assert_ptr_nonnull(rate);
	stripe = open_stripe(&memory, rate, 1);
	start_writing(&writing, stripe);
	/* The header is there; the first frame would take hours. */
	SUPPORT_UNTIL(slots_count(pool_slots(pool)) == 1 + 2 * 2);
	stripe_write_stop(stripe);
	ck_assert_int_eq(pthread_join(writing.thread, NULL), 0);
	ck_assert_int_eq(writing.error.kind, KIND_ABORTED);
	ck_assert_uint_eq(memory.writes, 1);
	stripe_write_free(stripe);
	rate_free(rate);
}
END_TEST

START_TEST(rate_is_kept)
{
	struct rate *rate = rate_new(1000000, NULL);
	struct stripe_result result;
	struct stripe_write *stripe;
	uint8_t *data = support_data(600000, 1);
	int64_t began = clock_now_ns();

	ck_assert_ptr_nonnull(rate);
	stripe = open_stripe(&memory, rate, 1);
	ck_assert_int_eq(stripe_write_copied(stripe, data, 600000, NULL), 0);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	/* Header, frames and table: every byte has been paid for. */
	ck_assert_int_ge(clock_now_ns() - began,
	    (int64_t)result.stored_bytes * 1000);
	ck_assert_uint_gt(result.stored_bytes, 250000);
	stripe_write_free(stripe);
	rate_free(rate);
	free(data);
}
END_TEST

/* What is stored of one frame of noise; the number of writes. */
static unsigned
store_noise(struct memory_sink *to, struct rate *rate)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;
	struct stripe_result result;
	struct stripe_write *stripe;
	uint8_t noise[65536];
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < sizeof(noise); i++) {
		x = x * 1664525u + 1013904223u;
		noise[i] = (uint8_t)(x >> 24);
	}
	stripe_write_options_init(&options);
	options.rate = rate;
	stripe = stripe_write_open(pool, memory_sink_open(to), &identity,
	    &options, NULL);
	ck_assert_ptr_nonnull(stripe);
	ck_assert_int_eq(stripe_write_copied(stripe, noise, sizeof(noise),
	    NULL), 0);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	stripe_write_free(stripe);
	return (to->writes);
}

/* Or a frame that takes longer than a stall may would look like one. */
START_TEST(a_limited_frame_is_written_in_pieces)
{
	struct rate *rate = rate_new(1000000, NULL);
	struct memory_sink other;
	unsigned whole;

	ck_assert_ptr_nonnull(rate);
	memory_sink_init(&other);
	whole = store_noise(&other, NULL);
	ck_assert_uint_lt(rate_piece(rate), 65536);
	ck_assert_uint_gt(2 * rate_piece(rate), 66000);
	ck_assert_uint_eq(store_noise(&memory, rate), whole + 1);
	ck_assert_uint_eq(memory.size, other.size);
	ck_assert_mem_eq(memory.data, other.data, other.size);
	memory_sink_release(&other);
	rate_free(rate);
}
END_TEST

/* Borrowed and copied writes and flushes, with the Nth call of the sink
 * failing, for every N until all goes well. */
START_TEST(every_failing_call_of_the_sink_is_an_error)
{
	uint8_t *data = support_data(2 * FRAME, 3);
	unsigned fail_call = 0;
	bool failed = true;

	while (failed) {
		struct stripe_identity identity = support_identity();
		struct stripe_write_options options;
		struct counted_borrow borrows[6];
		struct stripe_result result;
		struct stripe_write *stripe;
		struct error error = { 0 };
		unsigned lent = 0;
		unsigned i;
		int rc = 0;

		memory_sink_release(&memory);
		memory_sink_init(&memory);
		memory.fail_call = ++fail_call;
		memory.fail_errno = ENOSPC;
		stripe_write_options_init(&options);
		options.frame_size = FRAME;
		stripe = stripe_write_open(pool, memory_sink_open(&memory),
		    &identity, &options, &error);
		for (i = 0; stripe != NULL && rc == 0 && i < 6; i++) {
			counted_borrow_init(&borrows[i]);
			rc = stripe_write_borrowed(stripe, data, 2 * FRAME,
			    &borrows[i].borrow, &error);
			if (rc == 0)
				lent++;
			if (rc == 0)
				rc = stripe_write_copied(stripe, data, 100,
				    &error);
			if (rc == 0 && i % 2 == 0)
				rc = stripe_write_flush(stripe, &error);
		}
		if (stripe != NULL && rc == 0)
			rc = stripe_write_finish(stripe, &result, &error);
		failed = stripe == NULL || rc != 0;
		if (failed) {
			ck_assert_int_eq(error.kind, KIND_STORAGE);
			ck_assert_int_eq(error.origin, ORIGIN_SYSTEM);
			ck_assert_int_eq(error.code, ENOSPC);
			ck_assert_uint_eq(memory.commits, 0);
		}
		stripe_write_free(stripe);
		for (i = 0; i < lent; i++)
			ck_assert_uint_eq(atomic_load(&borrows[i].done), 1);
		ck_assert_uint_eq(memory.abandons, failed ? 1 : 0);
		ck_assert_uint_eq(memory.frees, 1);
	}
	ck_assert_uint_gt(fail_call, 20);
	ck_assert_uint_eq(memory.commits, 1);
	free(data);
}
END_TEST

START_TEST(counting_touches_no_data)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write_options options;
	struct stripe_result result;
	struct stripe_write *stripe;
	void *forbidden = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(forbidden, MAP_FAILED);
	stripe_write_options_init(&options);
	options.count_only = true;
	stripe = stripe_write_open(pool, sink_null_open(NULL), &identity,
	    &options, NULL);
	ck_assert_ptr_nonnull(stripe);
	ck_assert(!stripe_write_wants_borrow(stripe, 65536));
	ck_assert_int_eq(stripe_write_copied(stripe, forbidden, 65536, NULL),
	    0);
	ck_assert_int_eq(stripe_write_copied(stripe, forbidden, 512, NULL),
	    0);
	ck_assert_int_eq(stripe_write_flush(stripe, NULL), 0);
	ck_assert_int_eq(stripe_write_finish(stripe, &result, NULL), 0);
	ck_assert_uint_eq(result.raw_bytes, 65536 + 512);
	ck_assert_uint_eq(result.stored_bytes, 0);
	stripe_write_free(stripe);
	(void)munmap(forbidden, 65536);
}
END_TEST

/* A reader whose source never ends can be stopped as well. */
static void *
read_some(void *context)
{
	struct stripe_read *stripe = context;
	struct error *error = calloc(1, sizeof(*error));
	struct stripe_result result;

	if (stripe_read_all(stripe, NULL, NULL, &result, error) == 0)
		error->kind = KIND_NONE;
	return (error);
}

START_TEST(stop_ends_a_read_that_waits)
{
	struct stripe_identity identity = support_identity();
	uint8_t header[STRIPE_HEADER_MAX] = { 0 };
	struct stripe_read *stripe;
	struct error error = { 0 };
	void *found = NULL;
	pthread_t thread;
	size_t size;
	int ends[2];

	ck_assert_int_eq(stripe_encode_header(&identity, header, &size,
	    NULL), 0);
	ck_assert_int_eq(pipe(ends), 0);
	/* As long as the longest header, so that opening does not wait. */
	memcpy(header + size, "\x50\x2A\x4D\x18\xFF\xFF\xFF\x7F", 8);
	ck_assert_int_eq(write(ends[1], header, sizeof(header)),
	    sizeof(header));
	stripe = stripe_read_open(pool, source_fd_open(ends[0], "pipe",
	    NULL), &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	ck_assert_int_eq(pthread_create(&thread, NULL, read_some, stripe), 0);
	stripe_read_stop(stripe);
	ck_assert_int_eq(pthread_join(thread, &found), 0);
	ck_assert_int_ne(((struct error *)found)->kind, KIND_NONE);
	free(found);
	stripe_read_free(stripe);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: writing");
	TCase *tcase = tcase_create("write");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, borrowed_memory_is_free_after_done);
	tcase_add_test(tcase, hard_frames_do_not_overtake_easy_ones);
	tcase_add_test(tcase, flush_makes_all_before_it_durable);
	tcase_add_test(tcase, slots_are_bounded_and_one_is_guaranteed);
	tcase_add_test(tcase, stop_ends_a_write_that_waits);
	tcase_add_test(tcase, stop_ends_a_finish_that_waits);
	tcase_add_test(tcase, stop_ends_the_wait_for_the_rate);
	tcase_add_test(tcase, rate_is_kept);
	tcase_add_test(tcase, a_limited_frame_is_written_in_pieces);
	tcase_add_test(tcase, every_failing_call_of_the_sink_is_an_error);
	tcase_add_test(tcase, counting_touches_no_data);
	tcase_add_test(tcase, stop_ends_a_read_that_waits);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
