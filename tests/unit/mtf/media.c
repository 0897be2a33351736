/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: several sets on a medium, filemarks that are not in the stream, and a
 * stream that goes on on another medium. */
#include <config.h>

#include "support.h"

#include "base/bytes.h"

#include <check.h>
#include <string.h>

static struct sample sample;
static struct heard heard;
static struct str stream;
static struct error error;

static void
enter(void)
{
	sample_init(&sample, 512, 65536, 2, true);
	heard_init(&heard);
	str_init(&stream);
	error_init(&error);
}

static void
leave(void)
{
	heard_release(&heard);
	str_release(&stream);
}

START_TEST(a_set_is_read_behind_the_ones_before_it)
{
	struct mtf_prior prior = { .at = 0 };
	struct mtf_set sets[2];
	uint64_t marks[5] = { 0 };
	unsigned i;

	sample_write(&sample, &stream);
	for (i = 0; i < 2; i++) {
		sets[i] = sample.set;
		prior.at = stream.length;
		prior.address = 70000 + i;
		prior.sets = sets;
		prior.set_count = i + 1;
		prior.marks = marks;
		prior.mark_count = 3 + 2 * i > 5 ? 5 : 3 + 2 * i;
		sample.spec.prior = &prior;
		sample.set.set_guid.bytes[0]++;
		sample_write(&sample, &stream);
	}
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, 0,
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(heard.labels, 1);
	ck_assert_uint_eq(heard.ends, 3);
	ck_assert_uint_eq(heard.mismatches, 0);
	ck_assert_uint_eq(heard.set.position, 3);
	ck_assert_uint_eq(heard.set.address, 70001);
	ck_assert(heard.data_is_sample);
}
END_TEST

START_TEST(the_end_of_an_older_set_is_not_the_end_of_this_one)
{
	struct str older;
	uint64_t head;
	uint64_t tail;

	sample_write(&sample, &stream);
	str_init(&older);
	sample.set.start.second++;
	sample_write(&sample, &older);
	ck_assert_int_eq(mtf_write_sizes(&sample.spec, &head, &tail, &error),
	    0);
	ck_assert_uint_eq(older.length, stream.length);
	memcpy(older.text, stream.text, stream.length - (size_t)tail);
	ck_assert_int_eq(heard_read(&heard, older.text, older.length, 0,
	    &error), -1);
	ck_assert(strstr(error.text, "do not agree") != NULL);
	str_release(&older);
}
END_TEST

START_TEST(filemarks_are_cut_out_and_told_to_the_reader)
{
	struct mtf_cuts cuts = { .soft_size = 0 };
	struct mtf_reader *reader;
	struct str tail;
	size_t at;
	unsigned i;

	cuts.soft_size = _i == 0 ? 0 : 1024;
	sample.spec.cuts = &cuts;
	sample.spec.with_checksum = false;
	ck_assert_int_eq(mtf_write_head(&sample.spec, &stream, &error), 0);
	ck_assert_uint_eq(cuts.count, 1);
	ck_assert_uint_eq(cuts.at[0], mtf_write_label_size(512, false));
	reader = mtf_reader_new(&heard_events, &heard, &error);
	ck_assert_int_eq(mtf_reader_feed(reader, stream.text, cuts.at[0],
	    &error), 0);
	ck_assert_int_eq(mtf_reader_filemark(reader, &error), 0);
	ck_assert_uint_eq(heard.label.block_size, cuts.soft_size);
	ck_assert_int_eq(mtf_reader_feed(reader, stream.text + cuts.at[0],
	    stream.length - cuts.at[0], &error), 0);
	/* Nobody wants the data. */
	ck_assert_uint_eq(mtf_reader_skippable(reader), 2 * 65536);
	mtf_reader_skip(reader, 2 * 65536);

	str_init(&tail);
	ck_assert_int_eq(mtf_write_tail(&sample.spec, &sample.final, 0,
	    &tail, &error), 0);
	ck_assert_uint_eq(cuts.count, 2);
	for (i = 0, at = 0; i < cuts.count; at = cuts.at[i++]) {
		ck_assert(!mtf_reader_is_complete(reader));
		ck_assert_msg(mtf_reader_feed(reader, tail.text + at,
		    cuts.at[i] - at, &error) == 0, "%s", error.text);
		ck_assert_int_eq(mtf_reader_filemark(reader, &error), 0);
	}
	ck_assert_uint_eq(at, tail.length);
	ck_assert(mtf_reader_is_complete(reader));
	ck_assert_int_eq(mtf_reader_finish(reader, &error), 0);
	ck_assert_uint_eq(heard.ends, 1);
	mtf_reader_free(reader);
	str_release(&tail);
}
END_TEST

START_TEST(a_stream_may_be_stepped_over_to_its_end)
{
	struct mtf_reader *reader = mtf_reader_new(&heard_events, &heard,
	    &error);
	const char *at;
	size_t left;
	size_t step;

	sample_write(&sample, &stream);
	at = stream.text;
	for (left = stream.length; left > 0; left -= step, at += step) {
		ck_assert(!mtf_reader_is_complete(reader));
		step = (size_t)mtf_reader_skippable(reader);
		if (step > 0) {
			mtf_reader_skip(reader, step);
			continue;
		}
		step = 1;
		ck_assert_msg(mtf_reader_feed(reader, at, 1, &error) == 0,
		    "%s", error.text);
	}
	ck_assert(mtf_reader_is_complete(reader));
	ck_assert_msg(mtf_reader_finish(reader, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(heard.ends, 1);
	mtf_reader_free(reader);
}
END_TEST

START_TEST(a_filemark_in_the_midst_of_a_block_is_damage)
{
	struct mtf_cuts cuts = { .soft_size = 0 };
	struct mtf_reader *reader = mtf_reader_new(&heard_events, &heard,
	    &error);

	sample.spec.cuts = &cuts;
	ck_assert_int_eq(mtf_write_label(&sample.spec, &stream, &error), 0);
	ck_assert_int_eq(mtf_reader_feed(reader, stream.text, 100, &error), 0);
	ck_assert_int_eq(mtf_reader_filemark(reader, &error), -1);
	ck_assert(strstr(error.text, "inside a block") != NULL);
	mtf_reader_free(reader);
}
END_TEST

START_TEST(a_mark_is_no_block_where_the_label_says_so)
{
	struct mtf_cuts cuts = { .soft_size = 0 };

	sample.spec.cuts = &cuts;
	ck_assert_int_eq(mtf_write_label(&sample.spec, &stream, &error), 0);
	sample.spec.cuts = NULL;
	/* The filemark block of an ordinary stream. */
	sample_write(&sample, &stream);
	ck_assert_int_eq(heard_read(&heard, stream.text, stream.length, 0,
	    &error), -1);
}
END_TEST

START_TEST(a_label_tells_where_the_stream_goes_on)
{
	ck_assert_int_eq(mtf_write_continuation(&sample.spec, 7, 123456789,
	    &stream, &error), 0);
	ck_assert_uint_eq(stream.length, mtf_write_label_size(512, true));
	ck_assert_int_eq(heard_read(&heard, stream.text, stream.length, 0,
	    &error), -1);
	ck_assert_uint_eq(heard.labels, 1);
	ck_assert_uint_eq(heard.label.media_sequence, 7);
	ck_assert_uint_eq(heard.label.continued_at, 123456789);
	ck_assert_uint_eq(heard.unknown, 0);
	ck_assert_uint_eq(bytes_get32(stream.text + MTF_DBLK_ATTRIBUTES) &
	    MTF_DBLK_IS_CONTINUED, MTF_DBLK_IS_CONTINUED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mtf-media");
	TCase *tcase = tcase_create("media");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, a_set_is_read_behind_the_ones_before_it);
	tcase_add_test(tcase,
	    the_end_of_an_older_set_is_not_the_end_of_this_one);
	tcase_add_loop_test(tcase,
	    filemarks_are_cut_out_and_told_to_the_reader, 0, 2);
	tcase_add_test(tcase, a_stream_may_be_stepped_over_to_its_end);
	tcase_add_test(tcase, a_filemark_in_the_midst_of_a_block_is_damage);
	tcase_add_test(tcase, a_mark_is_no_block_where_the_label_says_so);
	tcase_add_test(tcase, a_label_tells_where_the_stream_goes_on);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed != 0);
}
