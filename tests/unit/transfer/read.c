/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: wherever reading fails, it is the reading that is told of, whatever
 * form the bytes have, and nothing is proven. */
#include <config.h>

#include "support.h"

#include "base/fault.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than the reader takes at once, so that there are several reads. */
#define SIZE 3000000u

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

/* A stripe file. */
static const char *
ours(void)
{
	struct stripe_write_options options;
	struct memory_sink memory;
	uint8_t *data = support_data(SIZE, 5);
	struct stripe_result result;
	const char *path;

	stripe_write_options_init(&options);
	options.frame_size = 65536;
	memory_sink_init(&memory);
	support_write(pool, &memory, &options, data, SIZE, 65536, &result);
	path = support_file("ours", memory.data, memory.size);
	memory_sink_release(&memory);
	free(data);
	return (path);
}

/* A backup as the server makes it. */
static const char *
plain(void)
{
	uint8_t *data = support_data(SIZE, 6);
	const char *path;

	memcpy(data, "TAPE", 4);
	path = support_file("plain", data, SIZE);
	free(data);
	return (path);
}

/* One zstd frame of unknown size, of raw blocks of 64 KiB. */
static const char *
piped(void)
{
	static const uint8_t head[] = { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50 };
	const size_t block = 3 + 65536;
	const size_t blocks = 40;
	uint8_t *data = calloc(1, sizeof(head) + blocks * block);
	const char *path;
	size_t i;

	ck_assert_ptr_nonnull(data);
	memcpy(data, head, sizeof(head));
	for (i = 0; i < blocks; i++) {
		uint8_t *at = data + sizeof(head) + i * block;
		uint32_t block_head = 65536u << 3 | (i == blocks - 1);

		at[0] = (uint8_t)block_head;
		at[1] = (uint8_t)(block_head >> 8);
		at[2] = (uint8_t)(block_head >> 16);
	}
	path = support_file("piped", data, sizeof(head) + blocks * block);
	free(data);
	return (path);
}

static void
announce(void *context, const char *text, const char *where)
{
	unsigned *times = context;

	(void)text;
	(void)where;
	(*times)++;
}

/* One reading whose nth read fails; whether it came to that. */
static bool
fails_at(const char *path, unsigned nth)
{
	struct stripe_result result;
	struct error error = { 0 };
	struct fault_plan plan;
	struct source *source = source_file_open(path, &error);
	unsigned fired = 0;
	char text[64];
	int rc;

	ck_assert_msg(source != NULL, "%s", error.text);
	(void)snprintf(text, sizeof(text), "sink-error,command=%u", nth);
	fault_plan_init(&plan, announce, &fired);
	ck_assert_int_eq(fault_plan_add(&plan, text, NULL), 0);
	source_drill(source, &plan, 1);
	rc = support_read(pool, source, NULL, NULL, &result, &error);
	fault_plan_release(&plan);
	ck_assert_int_eq(rc, fired > 0 ? -1 : 0);
	if (fired > 0) {
		ck_assert_int_eq(error.kind, KIND_STORAGE);
		ck_assert_int_eq(error.code, EIO);
	}
	return (fired > 0);
}

START_TEST(a_read_that_fails_is_told_wherever_it_does)
{
	const char *(*const forms[])(void) = { ours, plain, piped };
	const char *path = forms[_i]();
	unsigned nth = 1;

	while (fails_at(path, nth))
		nth++;
	ck_assert_uint_gt(nth, 3);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: reads that fail");
	TCase *tcase = tcase_create("reads");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_loop_test(tcase, a_read_that_fails_is_told_wherever_it_does,
	    0, 3);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
