/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: SHA-256 is SHA-256, by the processor as by the library, in whatever
 * pieces and pairs the data come; so is XXH3. */
#include <config.h>

#include "support.h"

#include "base/attr.h"
#include "base/port/sha256.h"
#include "transfer/digest.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define SIZES 300u

/* The kinds of digest that there are, for loop tests. */
static struct digest_sha256 *(*const kinds[])(struct error *error) = {
	digest_sha256_new, digest_sha256_new_library
};

static struct digest_sha256 *
open_digest(unsigned kind)
{
	struct error error = { 0 };
	struct digest_sha256 *digest = kinds[kind](&error);

	ck_assert_msg(digest != NULL, "%s", error.text);
	return (digest);
}

static void
add(struct digest_sha256 *digest, const void *data, size_t size)
{
	ck_assert_int_eq(digest_sha256_add(digest, data, size, NULL), 0);
}

static void
expect(const struct digest_sha256 *digest,
    const uint8_t expected[DIGEST_SHA256_SIZE])
{
	uint8_t sum[DIGEST_SHA256_SIZE];

	ck_assert_int_eq(digest_sha256_get(digest, sum, NULL), 0);
	ck_assert_mem_eq(sum, expected, DIGEST_SHA256_SIZE);
}

/* The library's sum of data in one piece. */
static void
by_library(const void *data, size_t size, uint8_t sum[DIGEST_SHA256_SIZE])
{
	struct digest_sha256 *digest = open_digest(1);

	add(digest, data, size);
	ck_assert_int_eq(digest_sha256_get(digest, sum, NULL), 0);
	digest_sha256_free(digest);
}

static void
expect_hex(const struct digest_sha256 *digest, const char *expected)
{
	uint8_t sum[DIGEST_SHA256_SIZE];
	char hex[2 * DIGEST_SHA256_SIZE + 1];
	unsigned i;

	ck_assert_int_eq(digest_sha256_get(digest, sum, NULL), 0);
	for (i = 0; i < DIGEST_SHA256_SIZE; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	ck_assert_str_eq(hex, expected);
}

/* The examples that NIST publishes for the standard. */
START_TEST(published_examples_come_out)
{
	static const struct {
		const char *message;
		const char *sum;
	} examples[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		      "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
			 "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039"
		  "a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b049237"
		  "0b249b11e8f07a51afac45037afee9d1" }
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(examples); i++) {
		struct digest_sha256 *digest = open_digest((unsigned)_i);

		add(digest, examples[i].message, strlen(examples[i].message));
		expect_hex(digest, examples[i].sum);
		digest_sha256_free(digest);
	}
}
END_TEST

START_TEST(a_million_times_a_comes_out)
{
	struct digest_sha256 *digest = open_digest((unsigned)_i);
	char piece[1000];
	unsigned i;

	memset(piece, 'a', sizeof(piece));
	for (i = 0; i < 1000; i++)
		add(digest, piece, sizeof(piece));
	expect_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67"
			   "f1809a48a497200e046d39ccc7112cd0");
	digest_sha256_free(digest);
}
END_TEST

START_TEST(every_small_size_is_the_librarys)
{
	uint8_t *data = support_data(SIZES + 1, 1);
	uint8_t sum[DIGEST_SHA256_SIZE];
	size_t size;

	for (size = 0; size <= SIZES; size++) {
		struct digest_sha256 *digest = open_digest(0);

		/* Nothing asks for any alignment. */
		add(digest, data + size % 2, size);
		by_library(data + size % 2, size, sum);
		expect(digest, sum);
		digest_sha256_free(digest);
	}
	free(data);
}
END_TEST

START_TEST(pieces_of_any_size_make_the_same)
{
	size_t size = (size_t)1 << 20;
	uint8_t *data = support_data(size, 2);
	uint8_t sum[DIGEST_SHA256_SIZE];
	unsigned seed = 7;
	unsigned round;

	by_library(data, size, sum);
	for (round = 0; round < 20; round++) {
		struct digest_sha256 *digest = open_digest((unsigned)_i);
		unsigned most = 1u << (5 + round % 10);
		size_t at;
		size_t piece;

		for (at = 0; at < size; at += piece) {
			piece = support_random(&seed) % most;
			if (piece > size - at)
				piece = size - at;
			add(digest, data + at, piece);
		}
		expect(digest, sum);
		digest_sha256_free(digest);
	}
	free(data);
}
END_TEST

START_TEST(a_sum_on_the_way_ends_nothing)
{
	struct digest_sha256 *digest = open_digest((unsigned)_i);
	uint8_t *data = support_data(SIZES, 3);
	uint8_t sum[DIGEST_SHA256_SIZE];
	size_t size;

	for (size = 1; size <= SIZES; size++) {
		add(digest, data + size - 1, 1);
		by_library(data, size, sum);
		expect(digest, sum);
		expect(digest, sum);
	}
	digest_sha256_free(digest);
	free(data);
}
END_TEST

START_TEST(more_than_32_bits_of_length_count)
{
	struct digest_sha256 *digest = open_digest(0);
	struct digest_sha256 *library = open_digest(1);
	size_t size = (size_t)8 << 20;
	uint8_t *data = calloc(1, size);
	uint8_t sum[DIGEST_SHA256_SIZE];
	unsigned i;

	ck_assert_ptr_nonnull(data);
	/* 512 MiB are 2^32 bits. */
	for (i = 0; i < 65; i++) {
		add(digest, data, size);
		add(library, data, size);
	}
	ck_assert_int_eq(digest_sha256_get(library, sum, NULL), 0);
	expect(digest, sum);
	digest_sha256_free(digest);
	digest_sha256_free(library);
	free(data);
}
END_TEST

/* Both begin with so much, then come together as a pair, and end with what
 * is left. */
static void
check_pair(unsigned kind_a, unsigned kind_b, const uint8_t *data,
    const size_t begin[2], const size_t middle[2])
{
	struct digest_sha256 *digests[2] = { open_digest(kind_a),
		open_digest(kind_b) };
	const uint8_t *from[2] = { data, data + 1 };
	uint8_t sum[DIGEST_SHA256_SIZE];
	unsigned i;

	for (i = 0; i < 2; i++)
		add(digests[i], from[i], begin[i]);
	ck_assert_int_eq(digest_sha256_add_pair(digests[0],
	    from[0] + begin[0], middle[0], digests[1], from[1] + begin[1],
	    middle[1], NULL), 0);
	for (i = 0; i < 2; i++) {
		size_t size = begin[i] + middle[i];

		by_library(from[i], size, sum);
		expect(digests[i], sum);
		add(digests[i], from[i] + size, 77);
		by_library(from[i], size + 77, sum);
		expect(digests[i], sum);
		digest_sha256_free(digests[i]);
	}
}

START_TEST(pairs_of_any_sizes_are_two_sums)
{
	uint8_t *data = support_data(4096, 4);
	unsigned seed = 5;
	unsigned i;

	for (i = 0; i < 3000; i++) {
		unsigned most = 1 + 1500 / (1 + i % 7);
		size_t begin[2] = { support_random(&seed) % 130,
			support_random(&seed) % 130 };
		size_t middle[2] = { support_random(&seed) % most,
			support_random(&seed) % most };

		check_pair((unsigned)_i & 1, (unsigned)_i >> 1, data, begin,
		    middle);
	}
	free(data);
}
END_TEST

START_TEST(pairs_around_a_block_are_two_sums)
{
	uint8_t *data = support_data(1024, 6);
	unsigned i;

	for (i = 0; i < 5 * 5 * 5 * 5; i++) {
		static const size_t sizes[5] = { 0, 1, 63, 64, 65 };
		size_t begin[2] = { sizes[i % 5], sizes[i / 5 % 5] };
		size_t middle[2] = { sizes[i / 25 % 5], sizes[i / 125] };

		check_pair(0, 0, data, begin, middle);
	}
	free(data);
}
END_TEST

START_TEST(pairs_are_for_processors_that_have_them)
{
	struct digest_sha256 *own = open_digest(0);
	struct digest_sha256 *library = open_digest(1);

	ck_assert(digest_sha256_can_pair(own) == port_sha256_is_fast());
	ck_assert(!digest_sha256_can_pair(library));
	digest_sha256_free(own);
	digest_sha256_free(library);
}
END_TEST

START_TEST(xxh3_in_pieces_is_the_librarys)
{
	size_t size = (size_t)1 << 20;
	uint8_t *data = support_data(size, 8);
	uint8_t sum[DIGEST_XXH128_SIZE];
	XXH128_canonical_t whole;
	unsigned seed = 9;
	unsigned round;

	XXH128_canonicalFromHash(&whole, XXH3_128bits(data, size));
	for (round = 0; round < 10; round++) {
		struct digest_xxh128 *digest = digest_xxh128_new(NULL);
		size_t at;
		size_t piece;

		ck_assert_ptr_nonnull(digest);
		for (at = 0; at < size; at += piece) {
			piece = support_random(&seed) % (1u << (6 + round));
			if (piece > size - at)
				piece = size - at;
			digest_xxh128_add(digest, data + at, piece);
		}
		digest_xxh128_get(digest, sum);
		ck_assert_mem_eq(sum, whole.digest, DIGEST_XXH128_SIZE);
		digest_xxh128_free(digest);
	}
	free(data);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: digest");
	TCase *tcase = tcase_create("digest");
	SRunner *runner = srunner_create(suite);
	int kind_count = (int)ARRAY_COUNT(kinds);
	int failed;

	tcase_add_loop_test(tcase, published_examples_come_out, 0,
	    kind_count);
	tcase_add_loop_test(tcase, a_million_times_a_comes_out, 0,
	    kind_count);
	tcase_add_test(tcase, every_small_size_is_the_librarys);
	tcase_add_loop_test(tcase, pieces_of_any_size_make_the_same, 0,
	    kind_count);
	tcase_add_loop_test(tcase, a_sum_on_the_way_ends_nothing, 0,
	    kind_count);
	tcase_add_test(tcase, more_than_32_bits_of_length_count);
	tcase_add_loop_test(tcase, pairs_of_any_sizes_are_two_sums, 0,
	    kind_count * kind_count);
	tcase_add_test(tcase, pairs_around_a_block_are_two_sums);
	tcase_add_test(tcase, pairs_are_for_processors_that_have_them);
	tcase_add_test(tcase, xxh3_in_pieces_is_the_librarys);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
