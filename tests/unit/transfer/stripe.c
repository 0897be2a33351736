/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a stripe file is what doc/format.md says, comes back as it was, and
 * no damage to it goes unseen. */
#include <config.h>

#include "support.h"

#include "base/bytes.h"
#include "base/error.h"
#include "transfer/codec.h"
#include "transfer/digest.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static struct pool *pool;

static void
begin(void)
{
	struct error error = { 0 };

	support_begin();
	pool = pool_new(2, &error);
	ck_assert_msg(pool != NULL, "%s", error.text);
}

static void
end(void)
{
	pool_free(pool);
	support_end();
}

static struct stripe_write_options
options(int level, size_t frame_size)
{
	struct stripe_write_options options;

	stripe_write_options_init(&options);
	options.codec.level = level;
	options.frame_size = frame_size;
	return (options);
}

START_TEST(header_comes_back_as_it_was)
{
	struct stripe_identity identity = support_identity();
	struct stripe_identity found;
	struct error error = { 0 };
	uint8_t bytes[STRIPE_HEADER_MAX];
	size_t size;

	memset(identity.database, 'x', STRIPE_MAX_DATABASE);
	identity.database[STRIPE_MAX_DATABASE] = '\0';
	ck_assert_int_eq(stripe_encode_header(&identity, bytes, &size,
	    &error), 0);
	ck_assert_uint_eq(size, STRIPE_HEADER_MAX);
	memset(&found, 0xFF, sizeof(found));
	ck_assert_int_eq(stripe_decode_header(bytes, size, &found, &error),
	    0);
	ck_assert_uint_eq(found.stripe, 2);
	ck_assert_uint_eq(found.stripes, 4);
	ck_assert_int_eq(found.type, STRIPE_FULL);
	ck_assert_str_eq(found.database, identity.database);
	ck_assert_mem_eq(found.backup_id, identity.backup_id,
	    STRIPE_ID_SIZE);
}
END_TEST

START_TEST(every_type_of_backup_has_its_number)
{
	static const enum stripe_type types[] = { STRIPE_FULL, STRIPE_DIFF,
		STRIPE_LOG, STRIPE_FILE, STRIPE_FILE_DIFF, STRIPE_READ_WRITE,
		STRIPE_READ_WRITE_DIFF };
	struct stripe_identity identity = support_identity();
	struct stripe_identity found;
	struct error error = { 0 };
	uint8_t bytes[STRIPE_HEADER_MAX];
	unsigned i;
	size_t size;

	for (i = 0; i < ARRAY_COUNT(types); i++) {
		ck_assert_uint_eq(types[i], i + 1);
		identity.type = types[i];
		ck_assert_int_eq(stripe_encode_header(&identity, bytes, &size,
		    &error), 0);
		ck_assert_int_eq(stripe_decode_header(bytes, size, &found,
		    &error), 0);
		ck_assert_int_eq(found.type, types[i]);
	}
	identity.type = (enum stripe_type)(STRIPE_READ_WRITE_DIFF + 1);
	ck_assert_int_eq(stripe_encode_header(&identity, bytes, &size,
	    &error), -1);
}
END_TEST

START_TEST(identity_that_cannot_be_is_refused)
{
	struct stripe_identity identity;
	struct error error;
	uint8_t bytes[STRIPE_HEADER_MAX];
	size_t size;
	unsigned i;

	for (i = 0; i < 6; i++) {
		identity = support_identity();
		error_init(&error);
		if (i == 0)
			identity.stripe = 0;
		if (i == 1)
			identity.stripe = 5;
		if (i == 2)
			identity.stripes = 65;
		if (i == 3)
			identity.type = 0;
		if (i == 4)
			strcpy(identity.database, "\xFF");
		if (i == 5)
			memset(identity.database, 'x',
			    sizeof(identity.database));
		ck_assert_int_eq(stripe_encode_header(&identity, bytes, &size,
		    &error), -1);
		ck_assert_int_eq(error.kind, KIND_USAGE);
	}
}
END_TEST

START_TEST(other_format_version_is_named)
{
	struct stripe_identity identity = support_identity();
	struct error error = { 0 };
	uint8_t bytes[STRIPE_HEADER_MAX];
	size_t size;

	ck_assert_int_eq(stripe_encode_header(&identity, bytes, &size,
	    &error), 0);
	bytes_put32(bytes + 8 + 8, 7);
	bytes_put64(bytes + size - 8, digest_xxh64(bytes + 8, size - 16));
	ck_assert_int_eq(stripe_decode_header(bytes, size, &identity, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(error.text, "version 7"));
	ck_assert_str_ne(error.hint, "");
}
END_TEST

START_TEST(seek_table_has_the_seekable_format)
{
	static const struct stripe_entry entries[2] = { { 10, 0, 1 },
		{ 20, 30, 2 } };
	uint8_t bytes[64];
	struct error error = { 0 };
	size_t count;

	ck_assert_uint_eq(stripe_table_size(2), 8 + 2 * 12 + 9);
	stripe_encode_table(entries, 2, bytes);
	ck_assert_uint_eq(bytes_get32(bytes), 0x184D2A5E);
	ck_assert_uint_eq(bytes_get32(bytes + 4), 2 * 12 + 9);
	ck_assert_uint_eq(bytes_get32(bytes + 8 + 12), 20);
	ck_assert_uint_eq(bytes_get32(bytes + 8 + 16), 30);
	ck_assert_uint_eq(bytes_get32(bytes + 8 + 20), 2);
	ck_assert_uint_eq(bytes_get32(bytes + 32), 2);
	ck_assert_uint_eq(bytes[36], 0x80);
	ck_assert_uint_eq(bytes_get32(bytes + 37), 0x8F92EAB1);
	ck_assert_int_eq(stripe_decode_table_footer(bytes + 32, &count,
	    &error), 0);
	ck_assert_uint_eq(count, 2);
	bytes[36] = 0;
	ck_assert_int_eq(stripe_decode_table_footer(bytes + 32, &count,
	    &error), -1);
}
END_TEST

/* Sizes around the frame size, commands around it, levels at the ends. */
static const struct {
	size_t size;
	size_t frame_size;
	size_t command_size;
	int level;
	unsigned threads;
} trips[] = {
	{ 0, 4096, 4096, 3, 1 },
	{ 1, 4096, 4096, 3, 1 },
	{ 4095, 4096, 512, 1, 2 },
	{ 4096, 4096, 4096, 3, 2 },
	{ 4097, 4096, 4097, -5, 2 },
	{ 300000, 4096, 65536, 3, 4 },
	{ 300001, 65536, 1000, 5, 3 },
	{ 1000003, 65536, 65536, 19, 2 },
	{ 1000003, 100000, 300007, 1, 4 },
	{ 9000000, 4194304, 4194304, 1, 2 },
	{ 9000000, 4194304, 1048576, -100, 2 },
};

START_TEST(raw_bytes_come_back)
{
	struct stripe_write_options how = options(trips[_i].level,
	    trips[_i].frame_size);
	size_t size = trips[_i].size;
	uint8_t *data = support_data(size, (unsigned)_i);
	struct memory_sink memory;
	struct stripe_result written;
	struct stripe_result read;
	struct error error = { 0 };
	struct pool *own = pool_new(trips[_i].threads, &error);
	uint8_t *found = NULL;
	size_t found_size = 0;
	const char *path;

	ck_assert_ptr_nonnull(own);
	memory_sink_init(&memory);
	support_write(own, &memory, &how, data, size, trips[_i].command_size,
	    &written);
	ck_assert_uint_eq(written.raw_bytes, size);
	ck_assert_uint_eq(written.stored_bytes, memory.size);
	ck_assert_uint_eq(memory.commits, 1);
	ck_assert_uint_eq(memory.abandons, 0);
	path = support_file("trip", memory.data, memory.size);
	ck_assert_msg(support_read(own, source_file_open(path, &error),
	    &found, &found_size, &read, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(found_size, size);
	if (size > 0)
		ck_assert_mem_eq(found, data, size);
	ck_assert_mem_eq(&written, &read, sizeof(read));
	memory_sink_release(&memory);
	pool_free(own);
	free(found);
	free(data);
}
END_TEST

/* Frames of 4 KiB with a short last one, borrowed and gathered. */
static void
small_stripe(struct memory_sink *memory, size_t size)
{
	struct stripe_write_options how = options(3, 4096);
	uint8_t *data = support_data(size, 5);
	struct stripe_result result;

	memory_sink_init(memory);
	support_write(pool, memory, &how, data, size, 4096, &result);
	free(data);
}

/* A source that is not seekable has to find damage as well: a file given by
 * descriptor counts as a stream. */
static int
read_bytes(const uint8_t *bytes, size_t size, bool as_stream,
    struct error *error)
{
	struct stripe_result result;
	FILE *file = NULL;
	struct source *source;
	const char *path = support_file("damaged", bytes, size);
	int rc;

	error_init(error);
	if (as_stream) {
		file = fopen(path, "rb");
		ck_assert_ptr_nonnull(file);
		source = source_fd_open(fileno(file), "stream", NULL);
	} else {
		source = source_file_open(path, NULL);
	}
	rc = support_read(pool, source, NULL, NULL, &result, error);
	if (file != NULL)
		(void)fclose(file);
	return (rc);
}

START_TEST(cut_at_every_byte_is_seen)
{
	struct memory_sink memory;
	struct error error;
	size_t size;

	small_stripe(&memory, 900);
	for (size = 0; size < memory.size; size += 1) {
		ck_assert_msg(read_bytes(memory.data, size, _i == 1, &error) ==
		    -1, "cut at %zu", size);
		ck_assert_msg(error.kind == KIND_INTEGRITY, "cut at %zu: %s",
		    size, error.text);
	}
	ck_assert_int_eq(read_bytes(memory.data, memory.size, _i == 1,
	    &error), 0);
	memory_sink_release(&memory);
}
END_TEST

/* As a stream, where nothing is known of the end beforehand: the harder way. */
START_TEST(every_turned_bit_is_seen)
{
	struct memory_sink memory;
	struct error error;
	size_t bit;

	small_stripe(&memory, 150);
	for (bit = 0; bit < memory.size * 8; bit++) {
		memory.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_msg(read_bytes(memory.data, memory.size, true,
		    &error) == -1, "bit %zu", bit);
		ck_assert_msg(error.kind == KIND_INTEGRITY, "bit %zu: %s",
		    bit, error.text);
		memory.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert_int_eq(read_bytes(memory.data, memory.size, true,
	    &error), 0);
	memory_sink_release(&memory);
}
END_TEST

/* Several bytes at once, and whole ranges moved: never good, never a crash.
 * What is not a stripe to begin with may be taken for good. */
START_TEST(random_damage_is_survived)
{
	struct memory_sink memory;
	struct error error;
	unsigned seed = 17;
	uint8_t *copy;
	size_t size;
	unsigned round;
	unsigned i;

	small_stripe(&memory, 9000);
	copy = malloc(memory.size);
	ck_assert_ptr_nonnull(copy);
	for (round = 0; round < 400; round++) {
		size_t skip = _i == 0 ? 0 : 77;
		unsigned changes = 1 + support_random(&seed) % 4;

		memcpy(copy, memory.data, memory.size);
		for (i = 0; i < changes; i++) {
			size_t to = support_random(&seed) % memory.size;
			size_t from = support_random(&seed) % memory.size;
			size_t length = support_random(&seed) % 40;

			if (to + length > memory.size ||
			    from + length > memory.size)
				length = 1;
			if (support_random(&seed) % 2 == 0)
				memmove(copy + to, copy + from, length);
			else
				copy[to] = (uint8_t)support_random(&seed);
		}
		size = memory.size - skip;
		if (read_bytes(copy + skip, size, round % 2 == 0,
		    &error) == 0)
			ck_assert(_i == 1 ||
			    memcmp(copy, memory.data, size) == 0);
		else
			ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	}
	free(copy);
	memory_sink_release(&memory);
}
END_TEST

START_TEST(bytes_behind_the_end_are_seen)
{
	struct memory_sink memory;
	struct error error;
	uint8_t *longer;

	small_stripe(&memory, 600);
	longer = calloc(1, memory.size + 1);
	ck_assert_ptr_nonnull(longer);
	memcpy(longer, memory.data, memory.size);
	ck_assert_int_eq(read_bytes(longer, memory.size + 1, _i == 1, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	free(longer);
	memory_sink_release(&memory);
}
END_TEST

START_TEST(damaged_frame_is_named_by_number_and_place)
{
	struct memory_sink memory;
	struct error error;

	small_stripe(&memory, 20000);
	/* The second frame of five, behind header and first frame. */
	memory.data[85 + memory.size / 4] ^= 1;
	ck_assert_int_eq(read_bytes(memory.data, memory.size, false, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, "frame 2 at byte") != NULL, "%s",
	    error.text);
	memory_sink_release(&memory);
}
END_TEST

/* Runs a shell command in the test's folder; its exit status. */
static int
shell(const char *text)
{
	char command[1024];
	int status;

	(void)snprintf(command, sizeof(command), "cd '%s' && %s",
	    support_folder, text);
	status = system(command);
	ck_assert(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

START_TEST(zstd_itself_reads_a_stripe)
{
	struct stripe_write_options how = options(3, 65536);
	struct memory_sink memory;
	struct stripe_result result;
	uint8_t *data = support_data(500000, 9);
	char expected[64];
	unsigned i;

	if (shell("command -v zstd >/dev/null") != 0) {
		free(data);
		return;
	}
	memory_sink_init(&memory);
	support_write(pool, &memory, &how, data, 500000, 10000, &result);
	(void)support_file("one.zst", memory.data, memory.size);
	(void)support_file("raw", data, 500000);
	ck_assert_int_eq(shell("zstd -q -d -c one.zst >out && cmp out raw"),
	    0);
	/* Eight frames, two skippable ones of ours and the table: zstd
	 * counts them all, then the skippable ones. */
	ck_assert_int_eq(shell("zstd -l one.zst | "
	    "awk 'NR == 2 { exit !($1 == 11 && $2 == 3) }'"), 0);
	for (i = 0; i < STRIPE_XXH128_SIZE; i++)
		(void)snprintf(expected + 2 * i, 3, "%02x",
		    result.raw_xxh128[i]);
	if (shell("command -v xxh128sum >/dev/null") == 0) {
		(void)support_file("sum", expected, 32);
		ck_assert_int_eq(shell("test \"$(xxh128sum <raw | "
		    "cut -c1-32)\" = \"$(cat sum)\""), 0);
	}
	memory_sink_release(&memory);
	free(data);
}
END_TEST

/* What zstd makes of its standard input has no content size: one stream. */
START_TEST(stripe_of_zstd_itself_is_read)
{
	static const char *const commands[] = {
		"zstd -q -c raw >z",
		"zstd -q -c <raw >z",
		"for i in 1 2 3; do zstd -q -c raw; done >z",
		"zstd -q --no-check -c raw >z",
		"zstd -q --long=24 -c <raw >z",
	};
	size_t size = 3000000;
	uint8_t *data = support_data(size, 3);
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *found = NULL;
	size_t found_size = 0;
	size_t times = _i == 2 ? 3 : 1;
	size_t i;

	if (shell("command -v zstd >/dev/null") != 0) {
		free(data);
		return;
	}
	(void)support_file("raw", data, size);
	ck_assert_int_eq(shell(commands[_i]), 0);
	ck_assert_msg(support_read(pool, source_file_open(support_path("z"),
	    &error), &found, &found_size, &result, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(found_size, times * size);
	for (i = 0; i < times; i++)
		ck_assert_mem_eq(found + i * size, data, size);
	ck_assert_uint_eq(result.frames, times);
	free(found);
	free(data);
}
END_TEST

START_TEST(plain_backup_passes_through)
{
	size_t size = 2500000;
	uint8_t *data = support_data(size, 4);
	struct stripe_result result;
	struct error error = { 0 };
	uint8_t *found = NULL;
	size_t found_size = 0;

	memcpy(data, _i == 0 ? "TAPE" : "MSSQLBAK", _i == 0 ? 4 : 8);
	ck_assert_msg(support_read(pool, source_file_open(support_file("bak",
	    data, size), &error), &found, &found_size, &result, &error) == 0,
	    "%s", error.text);
	ck_assert_uint_eq(found_size, size);
	ck_assert_mem_eq(found, data, size);
	ck_assert_uint_eq(result.stored_bytes, size);
	free(found);
	free(data);
}
END_TEST

START_TEST(what_is_no_backup_is_refused)
{
	static const char text[] = "SQLite format 3 and so on";
	struct error error;

	ck_assert_int_eq(read_bytes((const uint8_t *)text, sizeof(text),
	    false, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(error.text, "neither zstd nor"));
	ck_assert_ptr_nonnull(strstr(error.text, "damaged\""));
	ck_assert_int_eq(read_bytes((const uint8_t *)text, 0, false, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(error.text, "empty"));
}
END_TEST

START_TEST(reader_shows_the_identity)
{
	struct memory_sink memory;
	struct error error = { 0 };
	struct stripe_read *stripe;

	small_stripe(&memory, 5000);
	stripe = stripe_read_open(pool, source_file_open(support_file("id",
	    memory.data, memory.size), &error), &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	ck_assert_int_eq(stripe_read_form(stripe), STRIPE_OURS);
	ck_assert_str_eq(stripe_read_identity(stripe)->database, "Sales");
	ck_assert_uint_eq(stripe_read_identity(stripe)->stripe, 2);
	stripe_read_free(stripe);
	memory_sink_release(&memory);
}
END_TEST

START_TEST(any_read_sizes_give_the_same_stream)
{
	struct stripe_write_options how = options(1, 65536);
	size_t size = 1234567;
	uint8_t *data = support_data(size, 6);
	uint8_t *found = malloc(size + 200000);
	struct memory_sink memory;
	struct stripe_result result;
	struct error error = { 0 };
	struct stripe_read *stripe;
	unsigned seed = (unsigned)_i + 1;
	size_t at = 0;

	ck_assert_ptr_nonnull(found);
	memory_sink_init(&memory);
	support_write(pool, &memory, &how, data, size, 50000, &result);
	stripe = stripe_read_open(pool, source_file_open(support_file("any",
	    memory.data, memory.size), &error), &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	for (;;) {
		size_t want = 1 + support_random(&seed) % (_i == 0 ? 700 :
		    200000);
		size_t got;

		ck_assert_msg(support_fill(stripe, found + at, want, &got,
		    &error) == 0, "%s", error.text);
		at += got;
		if (got < want)
			break;
		ck_assert_uint_le(at, size);
	}
	ck_assert(stripe_read_at_end(stripe));
	ck_assert_uint_eq(at, size);
	ck_assert_mem_eq(found, data, size);
	stripe_read_free(stripe);
	memory_sink_release(&memory);
	free(found);
	free(data);
}
END_TEST

/* The end of the file is damaged: whoever reads never gets the last frame,
 * so that nobody can take the stream for whole. */
START_TEST(last_frame_is_not_given_before_the_end_is_proven)
{
	struct memory_sink memory;
	struct error error = { 0 };
	struct stripe_read *stripe;
	FILE *file;
	uint8_t data[5 * 4096];
	size_t got;

	small_stripe(&memory, sizeof(data));
	memory.data[memory.size - 20] ^= 1;
	file = fopen(support_file("late", memory.data, memory.size), "rb");
	ck_assert_ptr_nonnull(file);
	stripe = stripe_read_open(pool, source_fd_open(fileno(file), "late",
	    &error), &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	ck_assert_int_eq(support_fill(stripe, data, 4 * 4096, &got,
	    &error), 0);
	ck_assert_uint_eq(got, 4 * 4096);
	ck_assert_int_eq(support_fill(stripe, data, 1, &got, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert(!stripe_read_at_end(stripe));
	stripe_read_free(stripe);
	(void)fclose(file);
	memory_sink_release(&memory);
}
END_TEST

static int
refuse_third(void *context, const void *data, size_t size,
    struct error *error)
{
	unsigned *count = context;

	(void)data;
	(void)size;
	if (++*count < 3)
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0, "enough"));
}

START_TEST(consumer_can_end_the_reading)
{
	struct memory_sink memory;
	struct error error = { 0 };
	struct stripe_result result;
	struct stripe_read *stripe;
	unsigned count = 0;

	small_stripe(&memory, 100000);
	stripe = stripe_read_open(pool, source_file_open(support_file("many",
	    memory.data, memory.size), &error), &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	ck_assert_int_eq(stripe_read_all(stripe, refuse_third, &count,
	    &result, &error), -1);
	ck_assert_str_eq(error.text, "enough");
	ck_assert_uint_eq(count, 3);
	stripe_read_free(stripe);
	memory_sink_release(&memory);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: stripe");
	TCase *format = tcase_create("format");
	TCase *files = tcase_create("files");
	SRunner *runner;
	int failed;

	tcase_add_test(format, header_comes_back_as_it_was);
	tcase_add_test(format, every_type_of_backup_has_its_number);
	tcase_add_test(format, identity_that_cannot_be_is_refused);
	tcase_add_test(format, other_format_version_is_named);
	tcase_add_test(format, seek_table_has_the_seekable_format);
	suite_add_tcase(suite, format);

	tcase_add_checked_fixture(files, begin, end);
	/* Thousands of small files, under sanitizers as well. */
	tcase_set_timeout(files, 180);
	tcase_add_loop_test(files, raw_bytes_come_back, 0,
	    (int)ARRAY_COUNT(trips));
	tcase_add_loop_test(files, cut_at_every_byte_is_seen, 0, 2);
	tcase_add_test(files, every_turned_bit_is_seen);
	tcase_add_loop_test(files, random_damage_is_survived, 0, 2);
	tcase_add_loop_test(files, bytes_behind_the_end_are_seen, 0, 2);
	tcase_add_test(files, damaged_frame_is_named_by_number_and_place);
	tcase_add_test(files, zstd_itself_reads_a_stripe);
	tcase_add_loop_test(files, stripe_of_zstd_itself_is_read, 0, 5);
	tcase_add_loop_test(files, plain_backup_passes_through, 0, 2);
	tcase_add_test(files, what_is_no_backup_is_refused);
	tcase_add_test(files, reader_shows_the_identity);
	tcase_add_loop_test(files, any_read_sizes_give_the_same_stream, 0, 3);
	tcase_add_test(files,
	    last_frame_is_not_given_before_the_end_is_proven);
	tcase_add_test(files, consumer_can_end_the_reading);
	suite_add_tcase(suite, files);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
