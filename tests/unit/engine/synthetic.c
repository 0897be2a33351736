/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: synthetic streams are the same each time and differ everywhere, can be
 * compressed as well as they say, and what is not them is told. */
#include <config.h>

#include "base/bytes.h"
#include "engine/synthetic_page.h"
#include "engine/synthetic_pool.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define PAGE ((size_t)SYNTHETIC_PAGE_SIZE)
#define LAP (64 * MIB)

static struct synthetic_pool *
make(uint64_t bytes, unsigned ratio, uint64_t seed, unsigned devices)
{
	struct database database = { .kind = DATABASE_SYNTHETIC,
		.bytes = bytes, .ratio = ratio, .seed = seed };
	struct synthetic_pool *pool;
	struct error error;

	error_init(&error);
	pool = synthetic_pool_new(&database, devices, &error);
	ck_assert_msg(pool != NULL, "%s", error.text);
	return (pool);
}

static uint8_t *
get(const struct synthetic_pool *pool, unsigned device, uint64_t offset,
    size_t size)
{
	uint8_t *bytes = malloc(size);

	ck_assert_ptr_nonnull(bytes);
	synthetic_pool_get(pool, device, offset, bytes, size);
	return (bytes);
}

START_TEST(it_can_be_compressed_as_it_says)
{
	static const unsigned ratios[] = { 100, 125, 150, 200, 250, 300, 400,
		550, 700, 1000, 1400, 2000 };
	unsigned wanted = ratios[_i / 2];
	size_t frame = 4 * MIB;
	struct synthetic_pool *pool = make(frame, wanted,
	    _i % 2 == 0 ? 1 : 77777, 1);
	uint8_t *bytes = get(pool, 0, 0, frame);
	uint8_t *packed = malloc(ZSTD_compressBound(frame));
	size_t size;
	double got;

	ck_assert_ptr_nonnull(packed);
	size = ZSTD_compress(packed, ZSTD_compressBound(frame), bytes, frame,
	    3);
	ck_assert(!ZSTD_isError(size));
	got = (double)frame * 100 / (double)size;
	ck_assert_msg(got > wanted * 0.9 && got < wanted * 1.1,
	    "%.1f instead of %u hundredths", got, wanted);
	free(packed);
	free(bytes);
	synthetic_pool_free(pool);
}
END_TEST

START_TEST(it_is_the_same_each_time)
{
	struct synthetic_pool *one = make(2 * MIB, 300, 5, 2);
	struct synthetic_pool *other = make(40 * MIB, 300, 5, 4);
	struct synthetic_pool *third = make(2 * MIB, 300, 6, 2);
	struct synthetic_pool *fourth = make(2 * MIB, 310, 5, 2);
	unsigned device;

	for (device = 0; device < 2; device++) {
		uint8_t *bytes = get(one, device, 0, MIB);
		uint8_t *same = get(other, device, 0, MIB);
		uint8_t *seed = get(third, device, 0, MIB);
		uint8_t *ratio = get(fourth, device, 0, MIB);

		ck_assert_mem_eq(bytes, same, MIB);
		ck_assert_mem_ne(bytes, seed, PAGE);
		ck_assert_mem_ne(bytes, ratio, PAGE);
		free(bytes);
		free(same);
		free(seed);
		free(ratio);
	}
	synthetic_pool_free(one);
	synthetic_pool_free(other);
	synthetic_pool_free(third);
	synthetic_pool_free(fourth);
}
END_TEST

static int
compare_hashes(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a;
	uint64_t two = *(const uint64_t *)b;

	return ((one > two) - (one < two));
}

/* Every ratio's pages, but for their numbers, and over the end of the pool. */
START_TEST(nothing_comes_again_within_64_mib)
{
	static const unsigned ratios[] = { 100, 300, 2000 };
	struct synthetic_pool *pool = make(2 * LAP, ratios[_i], 1, 2);
	uint64_t *hashes = calloc(LAP / PAGE, sizeof(*hashes));
	uint8_t page[SYNTHETIC_PAGE_SIZE];
	size_t i;
	size_t k;

	ck_assert_ptr_nonnull(hashes);
	for (i = 0; i < LAP / PAGE; i++) {
		hashes[i] = UINT64_C(14695981039346656037);
		synthetic_pool_get(pool, 1, i * PAGE, page, PAGE);
		for (k = 40; k < 1024; k += 8)
			hashes[i] = (hashes[i] ^ bytes_get64(page + k)) *
			    UINT64_C(1099511628211);
	}
	qsort(hashes, LAP / PAGE, sizeof(*hashes), compare_hashes);
	for (i = 1; i < LAP / PAGE; i++)
		ck_assert_uint_ne(hashes[i - 1], hashes[i]);
	free(hashes);
	synthetic_pool_free(pool);
}
END_TEST

START_TEST(every_page_says_where_it_is)
{
	struct synthetic_pool *pool = make(3 * LAP, 300, 1, 1);
	uint8_t *first = get(pool, 0, MIB, MIB);
	uint8_t *again = get(pool, 0, MIB + LAP, MIB);
	size_t i;

	for (i = 0; i < MIB; i += PAGE) {
		uint8_t *id = again + i + SYNTHETIC_PAGE_ID;

		ck_assert_uint_eq(bytes_get32(first + i + SYNTHETIC_PAGE_ID),
		    (MIB + i) / PAGE);
		ck_assert_uint_eq(bytes_get32(id), (LAP + MIB + i) / PAGE);
		ck_assert_uint_eq(bytes_get16(id + 4), 1);
		memcpy(id, first + i + SYNTHETIC_PAGE_ID,
		    SYNTHETIC_PAGE_ID_SIZE);
	}
	ck_assert_mem_eq(first, again, MIB);
	free(first);
	free(again);
	synthetic_pool_free(pool);
}
END_TEST

/* However a stream is cut, and where the pool ends in the midst of it. */
START_TEST(pieces_are_the_whole)
{
	static const uint64_t starts[] = { 0, 25 * MIB - 3 * PAGE, LAP - 5000 };
	uint64_t start = starts[_i];
	struct synthetic_pool *pool = make(8 * LAP, 300, 1, 4);
	size_t size = 9 * PAGE + 77;
	uint8_t *whole = get(pool, 1, start, size);
	size_t step;

	for (step = 1; step < 20000; step = step * 5 + 3) {
		uint8_t *bytes = calloc(1, size);
		size_t at;

		ck_assert_ptr_nonnull(bytes);
		for (at = 0; at < size; at += step)
			synthetic_pool_get(pool, 1, start + at, bytes + at,
			    size - at < step ? size - at : step);
		ck_assert_mem_eq(bytes, whole, size);
		free(bytes);
	}
	free(whole);
	synthetic_pool_free(pool);
}
END_TEST

START_TEST(shares_are_all_there_is)
{
	static const uint64_t sizes[] = { 1, 8191, 8192, 8193, 100000,
		UINT64_C(5) << 30, (UINT64_C(1) << 40) + 12345 };
	unsigned devices;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(sizes); i++) {
		for (devices = 1; devices <= 64; devices++) {
			uint64_t sum = 0;
			unsigned k;

			for (k = 0; k < devices; k++) {
				uint64_t share = synthetic_pool_share(
				    sizes[i], devices, k);

				ck_assert(share % PAGE == 0 ||
				    k + 1 == devices);
				ck_assert_uint_le(share, sizes[i] / devices +
				    2 * PAGE);
				sum += share;
			}
			ck_assert_uint_eq(sum, sizes[i]);
		}
	}
}
END_TEST

START_TEST(a_wrong_byte_is_found_wherever_it_is)
{
	struct synthetic_pool *pool = make(4 * MIB, 300, 1, 2);
	uint64_t offset = 100 * KIB + 512;
	size_t size = 3 * PAGE + 100;
	uint8_t *bytes = get(pool, 1, offset, size);
	uint64_t at = 0;
	size_t i;

	ck_assert(synthetic_pool_compare(pool, 1, offset, bytes, size,
	    SYNTHETIC_POOL_ALL, &at));
	for (i = 0; i < size; i++) {
		bytes[i] ^= 1;
		ck_assert(!synthetic_pool_compare(pool, 1, offset, bytes,
		    size, SYNTHETIC_POOL_ALL, &at));
		ck_assert_uint_eq(at, offset + i);
		bytes[i] ^= 1;
	}
	free(bytes);
	synthetic_pool_free(pool);
}
END_TEST

/* A block that is another one's, a page of another place or device: one that
 * was passed over would be seen by none of the samples. */
START_TEST(samples_find_what_is_out_of_place)
{
	struct synthetic_pool *pool = make(3 * LAP, 300, 1, 2);
	uint8_t *bytes = get(pool, 0, LAP, MIB);
	uint8_t *early = get(pool, 0, 0, MIB);
	uint8_t *other = get(pool, 1, LAP, MIB);
	uint64_t at = 0;
	size_t i;

	ck_assert(synthetic_pool_compare(pool, 0, LAP, bytes, MIB,
	    SYNTHETIC_POOL_SAMPLES, &at));
	ck_assert(!synthetic_pool_compare(pool, 0, LAP, early, MIB,
	    SYNTHETIC_POOL_SAMPLES, &at));
	ck_assert(!synthetic_pool_compare(pool, 0, LAP, other, MIB,
	    SYNTHETIC_POOL_SAMPLES, &at));
	for (i = 0; i < MIB; i += 4 * KIB) {
		memset(bytes + i, 0x55, 4 * KIB);
		ck_assert(!synthetic_pool_compare(pool, 0, LAP, bytes, MIB,
		    SYNTHETIC_POOL_SAMPLES, &at));
		ck_assert_uint_ge(at, LAP + i);
		ck_assert_uint_lt(at, LAP + i + 4 * KIB);
		synthetic_pool_get(pool, 0, LAP + i, bytes + i, 4 * KIB);
	}
	free(bytes);
	free(early);
	free(other);
	synthetic_pool_free(pool);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: synthetic streams");
	TCase *tests = tcase_create("synthetic");

	tcase_add_loop_test(tests, it_can_be_compressed_as_it_says, 0, 24);
	tcase_add_test(tests, it_is_the_same_each_time);
	tcase_add_loop_test(tests, nothing_comes_again_within_64_mib, 0, 3);
	tcase_add_test(tests, every_page_says_where_it_is);
	tcase_add_loop_test(tests, pieces_are_the_whole, 0, 3);
	tcase_add_test(tests, shares_are_all_there_is);
	tcase_add_test(tests, a_wrong_byte_is_found_wherever_it_is);
	tcase_add_test(tests, samples_find_what_is_out_of_place);
	suite_add_tcase(suite, tests);
	return (suite);
}

int
main(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
