/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever sizes are lent, looked at and skipped, of frames of whatever
 * size, in any form and with any number of threads, the stream is the same. */
#include <config.h>

#include "forms.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_FRAME ((size_t)4096)
/* Of each form. */
#define ROUNDS 3u

static struct pool *pool;
static struct held_pool held;
static struct memory_sink memory;
static struct stripe_read *stripe;
static uint8_t *data; /* what the stripe holds */
static size_t size;

static void
begin(void)
{
	support_begin();
	memory_sink_init(&memory);
}

static void
end(void)
{
	memory_sink_release(&memory);
	support_end();
}

/* One reading of many; its rooms are compared, and freed, when they are done,
 * so that whoever writes into one later is seen by a sanitizer. */
struct sweep {
	unsigned seed;
	unsigned state; /* of the random numbers */
	size_t frame_size;
	size_t at;      /* of the next room */
	unsigned rooms; /* that were lent */
	atomic_uint done;
	atomic_uint wrong;
};

struct sweep_room {
	struct stripe_room room; /* first */
	struct sweep *sweep;
	size_t at;
};

static void
sweep_done(struct stripe_room *room, size_t got, const struct error *error)
{
	struct sweep_room *mine = (struct sweep_room *)room;
	struct sweep *sweep = mine->sweep;
	size_t left = mine->at < size ? size - mine->at : 0;

	if (error != NULL || got != (room->size < left ? room->size : left) ||
	    memcmp(room->data, data + size - left, got) != 0)
		atomic_fetch_add(&sweep->wrong, 1);
	free(room->data);
	free(mine);
	atomic_fetch_add(&sweep->done, 1);
}

static size_t
any_length(struct sweep *sweep)
{
	size_t frame = sweep->frame_size;

	switch (support_random(&sweep->state) % 8) {
	case 0:
		return (0);
	case 1:
		return (1 + support_random(&sweep->state) % 100);
	case 2:
	case 3:
		return (frame);
	case 4:
		return (frame * (2 + support_random(&sweep->state) % 3));
	case 5:
		/* To the end of a frame. */
		return (frame - sweep->at % frame);
	default:
		return (support_random(&sweep->state) % (3 * frame));
	}
}

static void
sweep_lend(struct sweep *sweep)
{
	struct sweep_room *mine = calloc(1, sizeof(*mine));
	size_t length = any_length(sweep);

	ck_assert_ptr_nonnull(mine);
	mine->sweep = sweep;
	mine->at = sweep->at;
	mine->room.data = malloc(length + 1);
	ck_assert_ptr_nonnull(mine->room.data);
	mine->room.size = length;
	mine->room.done = sweep_done;
	sweep->at += length;
	sweep->rooms++;
	stripe_read_lend(stripe, &mine->room);
}

/* Nothing is lent. */
static void
sweep_peek(struct sweep *sweep)
{
	struct error error = { 0 };
	const void *bytes;
	size_t there;
	size_t some;

	ck_assert_msg(stripe_read_peek(stripe, &bytes, &there, &error) == 0,
	    "seed %u: %s", sweep->seed, error.text);
	if (there == 0)
		return;
	ck_assert_uint_le(sweep->at + there, size);
	ck_assert_mem_eq(bytes, data + sweep->at, there);
	some = support_random(&sweep->state) % (there + 1);
	stripe_read_skip(stripe, some);
	sweep->at += some;
}

static void
sweep_all(struct sweep *sweep)
{
	while (sweep->at <= size) {
		unsigned many = 1 + support_random(&sweep->state) % 12;

		while (many-- > 0)
			sweep_lend(sweep);
		if (support_random(&sweep->state) % 3 > 0)
			continue;
		stripe_read_settle(stripe);
		if (sweep->at < size)
			sweep_peek(sweep);
	}
	stripe_read_settle(stripe);
	ck_assert_msg(atomic_load(&sweep->done) == sweep->rooms &&
	    atomic_load(&sweep->wrong) == 0, "seed %u: of %u rooms, %u were "
	    "done, %u wrongly", sweep->seed, sweep->rooms,
	    atomic_load(&sweep->done), atomic_load(&sweep->wrong));
	ck_assert_msg(stripe_read_at_end(stripe), "seed %u", sweep->seed);
}

static void
sweep_run(unsigned seed, enum form form, unsigned threads)
{
	struct sweep sweep = { .seed = seed, .state = seed };
	struct error error = { 0 };

	printf("seed %u, threads %u\n", seed, threads);
	(void)fflush(stdout);
	atomic_init(&sweep.done, 0);
	atomic_init(&sweep.wrong, 0);
	sweep.frame_size = MIN_FRAME + support_random(&sweep.state) %
	    (form < FORM_PIPED ? 9000 : 300000);
	size = 8 + sweep.frame_size * (support_random(&sweep.state) % 20);
	data = forms_store(form, size, sweep.frame_size, seed, &memory);
	held_pool_begin(&held, pool, threads);
	stripe = stripe_read_open(pool, source_file_open(support_file("s",
	    memory.data, memory.size), &error), &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	if (support_random(&sweep.state) % 2 == 0)
		sweep_lend(&sweep);
	held_pool_end(&held);
	sweep_all(&sweep);
	stripe_read_free(stripe);
	free(data);
}

/* Other ones: SWEEP_SEED=N. */
START_TEST(any_sizes_give_the_same_stream)
{
	static const unsigned threads[] = { 1, 2, 8 };
	const char *given = getenv("SWEEP_SEED");
	unsigned seed = given != NULL ?
	    (unsigned)strtoul(given, NULL, 10) : 1;
	unsigned i;

	pool = pool_new(threads[_i], NULL);
	ck_assert_ptr_nonnull(pool);
	for (i = 0; i < ROUNDS * FORMS; i++)
		sweep_run(seed + i, (enum form)(i % FORMS), threads[_i]);
	pool_free(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: any sizes of room");
	TCase *tcase = tcase_create("sweep");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, any_sizes_give_the_same_stream, 0, 3);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
