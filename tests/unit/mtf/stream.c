/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what the writer writes, the reader reads, however it is fed. */
#include <config.h>

#include "support.h"

#include "base/bytes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ORDER "TAPE SFMB SSET VOLB MSCI MSDA MSTL MSLS SFMB ESET ESET SFMB"
#define LOG_ORDER "TAPE SFMB SSET VOLB MSCI MSTL MSLS SFMB ESET ESET SFMB"

static struct sample sample;
static struct str stream;
static struct heard heard;
static struct error error;

static void
setup(void)
{
	error_init(&error);
	str_init(&stream);
	heard_init(&heard);
}

static void
teardown(void)
{
	str_release(&stream);
	heard_release(&heard);
}

static void
write_and_read(size_t piece)
{
	sample_write(&sample, &stream);
	ck_assert_msg(heard_read(&heard, stream.text, stream.length, piece,
	    &error) == 0, "%s", error.text);
}

START_TEST(blocks_stand_in_the_servers_order)
{
	sample_init(&sample, 512, 65536, 1, true);
	write_and_read(65536);
	ck_assert_str_eq(heard.order.text, ORDER);
	ck_assert_str_eq(heard.streams.text, "RAID SPAD SPAD SPAD MQCI SPAD"
	    " APAD MQDA CSUM MQDA SPAD SPAD MQCI SPAD OTCP TSMP SPAD SPAD");
	ck_assert_uint_eq(heard.unknown, 0);
}
END_TEST

START_TEST(a_log_backup_carries_log_data)
{
	sample_init(&sample, 4096, 65536, 2, true);
	sample.set.type = 'L';
	write_and_read(0);
	ck_assert_str_eq(heard.order.text, LOG_ORDER);
	ck_assert_uint_eq(heard.log_bytes, 131072);
	ck_assert_uint_eq(heard.data_bytes, 0);
	ck_assert_uint_eq(heard.checksums, 1);
	ck_assert_uint_eq(heard.mismatches, 0);
	ck_assert_int_eq(heard.set.type, 'L');
}
END_TEST

static const uint32_t block_sizes[] = { 512, 1024, 4096, 65536 };
static const uint32_t transfer_sizes[] = { 65536, 4u << 20 };

/* All block sizes, both transfer sizes, with and without checksums. */
START_TEST(every_geometry_round_trips)
{
	uint32_t block = block_sizes[_i / 4];
	bool with_checksum = _i % 2 != 0;
	uint64_t head_bytes;
	uint64_t tail_bytes;

	sample_init(&sample, block, transfer_sizes[_i / 2 % 2],
	    _i / 2 % 2 == 0 ? 3 : 1, with_checksum);
	write_and_read(0);
	ck_assert_str_eq(heard.order.text, ORDER);
	ck_assert_uint_eq(heard.data_bytes, sample.spec.data_bytes);
	ck_assert(heard.data_is_sample);
	ck_assert(!heard.data_has_gap);
	ck_assert_uint_eq(heard.label.block_size, block);
	ck_assert_uint_eq(heard.set.transfer_size, sample.spec.transfer_size);
	ck_assert_uint_eq(heard.checksums, with_checksum ? 1 : 0);
	ck_assert_uint_eq(heard.mismatches, 0);
	ck_assert_int_eq(mtf_set_has_checksum(&heard.set), with_checksum);
	ck_assert_uint_eq(heard.labels, 1);
	ck_assert_uint_eq(heard.sets, 2);
	ck_assert_uint_eq(heard.finals, 1);
	ck_assert_uint_eq(heard.ends, 1);
	ck_assert_uint_eq(heard.files, 2 * SUPPORT_FILES);
	ck_assert_uint_eq(heard.final_files, SUPPORT_FILES);
	ck_assert_int_eq(mtf_write_sizes(&sample.spec, &head_bytes,
	    &tail_bytes, &error), 0);
	ck_assert_uint_eq(head_bytes + sample.spec.data_bytes + tail_bytes,
	    stream.length);
}
END_TEST

/* Places of blocks in ORDER. */
enum { FIRST_MARK = 1, SET = 2, SET_MARK = 8, FIRST_END = 9, LAST_MARK = 11 };

/* What the reader does not need, but whoever seeks does. */
START_TEST(positions_are_those_of_the_stream)
{
	const uint8_t *p;
	const uint64_t *at = heard.block_at;

	sample_init(&sample, block_sizes[_i], 65536, 1, true);
	write_and_read(0);
	ck_assert_uint_eq(heard.blocks, LAST_MARK + 1);
	p = (const uint8_t *)stream.text;
	ck_assert_uint_eq(bytes_get64(p + at[SET] + MTF_SSET_PBA), at[SET]);
	ck_assert_uint_eq(
	    bytes_get32(p + at[FIRST_MARK] + MTF_SFMB_USED), 0);
	ck_assert_uint_eq(bytes_get32(p + at[SET_MARK] + MTF_SFMB_USED), 1);
	ck_assert_uint_eq(bytes_get64(p + at[SET_MARK] + MTF_SFMB_TABLE),
	    at[FIRST_MARK]);
	ck_assert_uint_eq(bytes_get32(p + at[LAST_MARK] + MTF_SFMB_USED), 2);
	ck_assert_uint_eq(bytes_get64(p + at[LAST_MARK] + MTF_SFMB_TABLE),
	    at[SET_MARK]);
	ck_assert_uint_eq(bytes_get64(p + at[LAST_MARK] + MTF_SFMB_TABLE + 8),
	    at[FIRST_MARK]);
	ck_assert_uint_eq(bytes_get64(p + at[FIRST_END + 1] + MTF_ESET_FIRST),
	    at[FIRST_END]);
	ck_assert_uint_eq(at[SET_MARK] % block_sizes[_i], 0);
	ck_assert_uint_eq(at[LAST_MARK] + block_sizes[_i], stream.length);
}
END_TEST

static const size_t pieces[] = { 1, 511, 512, 65536, 0 };

START_TEST(pieces_may_be_of_any_size)
{
	sample_init(&sample, 512, 65536, 2, true);
	write_and_read(pieces[_i]);
	ck_assert_str_eq(heard.order.text, ORDER);
	ck_assert_uint_eq(heard.data_bytes, 131072);
	ck_assert(heard.data_is_sample);
	ck_assert(!heard.data_has_gap);
	ck_assert_uint_eq(heard.checksums, 1);
	ck_assert_uint_eq(heard.mismatches, 0);
}
END_TEST

START_TEST(the_label_is_read_back)
{
	sample_init(&sample, 512, 65536, 1, false);
	write_and_read(0);
	ck_assert_uint_eq(heard.label.family_id, sample.label.family_id);
	ck_assert(mtf_guid_is_equal(&heard.label.set_id,
	    &sample.label.set_id));
	ck_assert_str_eq(heard.label.name, sample.label.name);
	ck_assert_str_eq(heard.label.description, sample.label.description);
	ck_assert_str_eq(heard.label.software, MTF_SOFTWARE);
	ck_assert_uint_eq(heard.label.vendor_id, MTF_VENDOR_ID);
	ck_assert_uint_eq(heard.label.date.second, sample.label.date.second);
	ck_assert_uint_eq(heard.label.media_sequence, 1);
	ck_assert_uint_eq(heard.label.format_block_size, 1024);
	ck_assert(!heard.label.has_password);
}
END_TEST

START_TEST(each_of_four_families_names_itself)
{
	unsigned i;

	for (i = 1; i <= 4; i++) {
		sample_init(&sample, 4096, 65536, 1, true);
		sample.label.family_count = 4;
		sample.label.family_sequence = (uint16_t)i;
		sample.label.family_id += i;
		teardown();
		setup();
		write_and_read(0);
		ck_assert_uint_eq(heard.label.family_count, 4);
		ck_assert_uint_eq(heard.label.family_sequence, i);
		ck_assert_uint_eq(
		    heard.label.family_id, sample.label.family_id);
	}
}
END_TEST

/*
 * Every field of the sample has a value of its own, so a stream written from
 * what was read differs if one was lost or taken for another.
 */
START_TEST(what_was_read_can_be_written_again)
{
	struct sample copy;
	struct str again;

	sample_init(&sample, 512, 65536, 1, true);
	write_and_read(0);
	copy = sample;
	copy.label = heard.label;
	copy.set = heard.early;
	memcpy(copy.files, heard.file, sizeof(copy.files));
	copy.final.finish = heard.set.finish;
	copy.final.backup_size = heard.set.backup_size;
	copy.final.compressed_size = heard.set.compressed_size;
	copy.final.first_lsn = heard.set.first_lsn;
	copy.final.last_lsn = heard.set.last_lsn;
	copy.final.checkpoint_lsn = heard.set.checkpoint_lsn;
	copy.spec.label = &copy.label;
	copy.spec.set = &copy.set;
	copy.spec.files = copy.files;
	str_init(&again);
	sample_write(&copy, &again);
	ck_assert_uint_eq(again.length, stream.length);
	ck_assert_mem_eq(again.text, stream.text, stream.length);
	str_release(&again);
}
END_TEST

START_TEST(the_set_is_read_back)
{
	struct mtf_set *set = &heard.early;

	sample_init(&sample, 512, 65536, 1, false);
	write_and_read(0);
	ck_assert_uint_eq(set->offset, 1536);
	ck_assert_uint_eq(set->position, 1);
	ck_assert_uint_eq(set->vendor_id, MTF_VENDOR_ID);
	ck_assert_uint_eq(set->attributes, MTF_SSET_FLAGS_FULL);
	ck_assert_uint_eq(set->data_files, 2);
	ck_assert_uint_eq(set->log_files, 1);
	ck_assert_int_eq(set->time_zone, sample.set.time_zone);
	ck_assert_uint_eq(set->expiration.year, 2099);
	ck_assert_uint_eq(set->compatibility, sample.set.compatibility);
	ck_assert_str_eq(set->name, sample.set.name);
	ck_assert_str_eq(set->description, sample.set.description);
	ck_assert_str_eq(set->user, sample.set.user);
	ck_assert_str_eq(set->machine, sample.set.machine);
	ck_assert_str_eq(set->device, sample.set.device);
	ck_assert_str_eq(set->database, sample.set.database);
	ck_assert_str_eq(set->server, sample.set.server);
	ck_assert(mtf_set_is_copy_only(set));
	ck_assert_str_eq(mtf_set_recovery_model(set), "SIMPLE");
}
END_TEST

START_TEST(final_values_come_from_the_end)
{
	sample_init(&sample, 512, 65536, 1, false);
	write_and_read(0);
	ck_assert(!mtf_date_is_set(heard.early.finish));
	ck_assert_int_eq(mtf_lsn_compare(heard.early.first_lsn,
	    sample.set.first_lsn), 0);
	ck_assert_uint_eq(heard.early.backup_size, sample.set.backup_size);
	ck_assert_uint_eq(
	    heard.set.finish.minute, sample.final.finish.minute);
	ck_assert_int_eq(mtf_lsn_compare(heard.set.first_lsn,
	    sample.final.first_lsn), 0);
	ck_assert_int_eq(mtf_lsn_compare(heard.set.last_lsn,
	    sample.final.last_lsn), 0);
	ck_assert_int_eq(mtf_lsn_compare(heard.set.checkpoint_lsn,
	    sample.final.checkpoint_lsn), 0);
	ck_assert_uint_eq(heard.set.backup_size, sample.final.backup_size);
	ck_assert_str_eq(heard.set.name, sample.set.name);
}
END_TEST

START_TEST(the_files_are_read_back)
{
	unsigned i;

	sample_init(&sample, 512, 65536, 1, false);
	write_and_read(0);
	for (i = 0; i < SUPPORT_FILES; i++) {
		const struct mtf_file *want = &sample.files[i];
		const struct mtf_file *file = &heard.file[i];

		ck_assert_str_eq(file->logical, want->logical);
		ck_assert_str_eq(file->physical, want->physical);
		ck_assert_str_eq(file->group, want->group);
		ck_assert_int_eq(file->type, want->type);
		ck_assert_uint_eq(file->file_id, want->file_id);
		ck_assert_uint_eq(file->group_id, want->group_id);
		ck_assert_uint_eq(file->pages, want->pages);
		ck_assert_uint_eq(file->size, want->size);
		ck_assert_uint_eq(file->max_size, want->max_size);
	}
}
END_TEST

START_TEST(the_longest_texts_round_trip)
{
	sample_init(&sample, 512, 65536, 1, false);
	memset(sample.label.name, 'k', 128);
	memset(sample.label.description, 'b', 255);
	memset(sample.set.name, 'n', sizeof(sample.set.name) - 1);
	memset(sample.set.description, 'd',
	    sizeof(sample.set.description) - 1);
	memset(sample.set.user, 'u', sizeof(sample.set.user) - 1);
	memset(sample.set.machine, 'm', sizeof(sample.set.machine) - 1);
	memset(sample.set.device, 'v', sizeof(sample.set.device) - 1);
	memset(sample.files[0].physical, 'p',
	    sizeof(sample.files[0].physical) - 1);
	memset(sample.files[0].logical, 'l',
	    sizeof(sample.files[0].logical) - 1);
	write_and_read(0);
	ck_assert_str_eq(heard.label.name, sample.label.name);
	ck_assert_str_eq(heard.label.description, sample.label.description);
	ck_assert_str_eq(heard.set.name, sample.set.name);
	ck_assert_str_eq(heard.set.description, sample.set.description);
	ck_assert_str_eq(heard.set.user, sample.set.user);
	ck_assert_str_eq(heard.set.machine, sample.set.machine);
	ck_assert_str_eq(heard.file[0].physical, sample.files[0].physical);
}
END_TEST

START_TEST(a_differential_says_so)
{
	sample_init(&sample, 512, 65536, 1, false);
	sample.set.type = 'I';
	write_and_read(0);
	ck_assert_int_eq(heard.set.type, 'I');
	ck_assert_uint_eq(
	    heard.set.attributes, MTF_SSET_FLAGS_DIFFERENTIAL);
	ck_assert(heard.set.flags & MTF_SCIN_IS_DIFFERENTIAL);
}
END_TEST

START_TEST(a_family_without_data_is_complete)
{
	sample_init(&sample, 512, 65536, 0, true);
	write_and_read(0);
	ck_assert_str_eq(heard.order.text, ORDER);
	ck_assert_uint_eq(heard.data_bytes, 0);
	ck_assert_uint_eq(heard.checksums, 1);
	ck_assert_uint_eq(heard.mismatches, 0);
}
END_TEST

START_TEST(a_stream_goes_behind_what_the_text_holds)
{
	struct str alone;

	sample_init(&sample, 512, 65536, 1, false);
	str_init(&alone);
	sample_write(&sample, &alone);
	str_add(&stream, "seven b");
	ck_assert_int_eq(mtf_write_head(&sample.spec, &stream, &error), 0);
	ck_assert_uint_gt(stream.length, 7);
	ck_assert_mem_eq(stream.text + 7, alone.text, stream.length - 7);
	str_release(&alone);
}
END_TEST

START_TEST(a_spec_that_cannot_be_is_refused)
{
	sample_init(&sample, 512, 65536, 1, false);
	switch (_i) {
	case 0:
		sample.spec.block_size = 1000;
		break;
	case 1:
		sample.spec.block_size = 131072;
		break;
	case 2:
		sample.spec.transfer_size = 1000;
		break;
	case 3:
		sample.spec.data_bytes++;
		break;
	case 4:
		sample.set.type = 'X';
		break;
	case 5:
		memset(sample.label.name, 'k', 129);
		break;
	case 6:
		memset(sample.label.description, 'b', 256);
		break;
	default:
		sample.label.family_sequence = 2;
		break;
	}
	ck_assert_int_eq(mtf_write_head(&sample.spec, &stream, &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_uint_eq(stream.length, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mtf-stream");
	TCase *tcase = tcase_create("mtf-stream");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, blocks_stand_in_the_servers_order);
	tcase_add_test(tcase, a_log_backup_carries_log_data);
	tcase_add_loop_test(tcase, every_geometry_round_trips, 0, 16);
	tcase_add_loop_test(tcase, positions_are_those_of_the_stream, 0, 4);
	tcase_add_loop_test(tcase, pieces_may_be_of_any_size, 0, 5);
	tcase_add_test(tcase, the_label_is_read_back);
	tcase_add_test(tcase, each_of_four_families_names_itself);
	tcase_add_test(tcase, what_was_read_can_be_written_again);
	tcase_add_test(tcase, the_set_is_read_back);
	tcase_add_test(tcase, final_values_come_from_the_end);
	tcase_add_test(tcase, the_files_are_read_back);
	tcase_add_test(tcase, the_longest_texts_round_trip);
	tcase_add_test(tcase, a_differential_says_so);
	tcase_add_test(tcase, a_family_without_data_is_complete);
	tcase_add_test(tcase, a_stream_goes_behind_what_the_text_holds);
	tcase_add_loop_test(tcase, a_spec_that_cannot_be_is_refused, 0, 8);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
