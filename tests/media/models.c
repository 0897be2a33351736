/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the models of drives behave as the reference says devices do, so that
 * what a server does with them counts. */
#include <config.h>

#include "media/drive.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 512

static char folder[] = "/tmp/vdibackup-models.XXXXXX";
static uint8_t buffer[8 * BLOCK];
static struct drive drive;
static struct drive_answer answer;

static void
enter(void)
{
	(void)strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
leave(void)
{
	char path[sizeof(folder) + 16];
	unsigned volume;

	drive_close(&drive);
	for (volume = 1; volume < 4; volume++) {
		(void)snprintf(path, sizeof(path), "%s/d1-v%u", folder,
		    volume);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static void
start(enum drive_family family, bool is_writing, uint64_t capacity,
    uint64_t warning)
{
	struct drive_config config = { .family = family,
		.is_removable = true, .is_writing = is_writing,
		.folder = folder, .number = 1, .block_size = BLOCK,
		.capacity = capacity, .warning = warning };

	drive_close(&drive);
	ck_assert_int_eq(drive_open(&drive, &config), 0);
}

/* Returns the completion code; the rest is in answer. */
static uint32_t
order(int32_t code, int32_t size, int64_t position)
{
	struct VDC_Command command = { code, size, position, buffer };

	drive_do(&drive, &command, &answer);
	return (answer.code);
}

/* Blocks of one letter each. */
static uint32_t
write_letters(const char *letters, int64_t position)
{
	size_t i;

	for (i = 0; letters[i] != '\0'; i++)
		memset(buffer + i * BLOCK, letters[i], BLOCK);
	return (order(VDC_Write, (int32_t)(i * BLOCK), position));
}

/* What was read, a letter for each block. */
static const char *
letters(void)
{
	static char text[9];
	size_t i;

	for (i = 0; i < answer.bytes / BLOCK; i++)
		text[i] = (char)buffer[i * BLOCK];
	text[i] = '\0';
	return (text);
}

START_TEST(a_read_stops_at_a_filemark_and_goes_on_behind_it)
{
	start(DRIVE_TAPE, true, 0, 0);
	ck_assert_uint_eq(write_letters("ab", 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(order(VDC_WriteMark, 0, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(write_letters("cd", 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(order(VDC_Rewind, 0, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(order(VDC_Read, 4 * BLOCK, 0),
	    VD_ERROR_FILEMARK_DETECTED);
	ck_assert_str_eq(letters(), "ab");
	ck_assert_uint_eq(order(VDC_Read, 4 * BLOCK, 0),
	    VD_ERROR_NO_DATA_DETECTED);
	ck_assert_str_eq(letters(), "cd");
}
END_TEST

START_TEST(marks_are_skipped_both_ways)
{
	start(DRIVE_TAPE, true, 0, 0);
	write_letters("a", 0);
	order(VDC_WriteMark, 0, 0);
	write_letters("b", 0);
	order(VDC_WriteMark, 0, 0);
	write_letters("c", 0);
	order(VDC_Rewind, 0, 0);
	ck_assert_uint_eq(order(VDC_SkipMarks, 2, 0), VD_ERROR_SUCCESS);
	order(VDC_Read, BLOCK, 0);
	ck_assert_str_eq(letters(), "c");
	ck_assert_uint_eq(order(VDC_SkipMarks, 1, 0),
	    VD_ERROR_NO_DATA_DETECTED);
	/* Backward leads before the mark: it is met again. */
	ck_assert_uint_eq(order(VDC_SkipMarks, -1, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(order(VDC_Read, BLOCK, 0),
	    VD_ERROR_FILEMARK_DETECTED);
	order(VDC_Read, BLOCK, 0);
	ck_assert_str_eq(letters(), "c");
	ck_assert_uint_eq(order(VDC_SkipMarks, -3, 0),
	    VD_ERROR_NO_DATA_DETECTED);
}
END_TEST

START_TEST(blocks_are_skipped_as_far_as_the_next_mark)
{
	start(DRIVE_TAPE, true, 0, 0);
	write_letters("abc", 0);
	order(VDC_WriteMark, 0, 0);
	write_letters("d", 0);
	order(VDC_Rewind, 0, 0);
	ck_assert_uint_eq(order(VDC_SkipBlocks, 2, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(order(VDC_SkipBlocks, -1, 0), VD_ERROR_SUCCESS);
	order(VDC_Read, BLOCK, 0);
	ck_assert_str_eq(letters(), "b");
	ck_assert_uint_eq(order(VDC_SkipBlocks, 2, 0),
	    VD_ERROR_FILEMARK_DETECTED);
	order(VDC_Read, BLOCK, 0);
	ck_assert_str_eq(letters(), "d");
	ck_assert_uint_eq(order(VDC_SkipBlocks, 1, 0),
	    VD_ERROR_NO_DATA_DETECTED);
}
END_TEST

START_TEST(a_place_that_was_told_is_found_again)
{
	int64_t place;

	start(DRIVE_TAPE, true, 0, 0);
	write_letters("ab", 0);
	order(VDC_GetPosition, 0, 0);
	place = answer.position;
	write_letters("c", 0);
	order(VDC_Rewind, 0, 0);
	ck_assert_uint_eq(order(VDC_SetPosition, 0, place), VD_ERROR_SUCCESS);
	ck_assert_int_eq(answer.position, place);
	order(VDC_Read, BLOCK, 0);
	ck_assert_str_eq(letters(), "c");
	ck_assert_uint_eq(order(VDC_SetPosition, 0, 0),
	    VD_ERROR_INVALID_PARAMETER);
	/* What is written there is the last. */
	order(VDC_SetPosition, 0, place);
	write_letters("x", 0);
	ck_assert_uint_eq(order(VDC_Read, BLOCK, 0),
	    VD_ERROR_NO_DATA_DETECTED);
}
END_TEST

START_TEST(the_warning_comes_in_the_zone_and_what_does_not_fit_is_left)
{
	start((enum drive_family)_i, true, 6 * BLOCK, 3 * BLOCK);
	ck_assert_uint_eq(write_letters("abc", 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(write_letters("d", 3 * BLOCK),
	    VD_ERROR_END_OF_MEDIA);
	ck_assert_uint_eq(answer.bytes, BLOCK);
	ck_assert_uint_eq(write_letters("efg", 4 * BLOCK),
	    VD_ERROR_END_OF_MEDIA);
	ck_assert_uint_eq(answer.bytes, 2 * BLOCK);
	ck_assert_uint_eq(write_letters("h", 7 * BLOCK),
	    VD_ERROR_END_OF_MEDIA);
	ck_assert_uint_eq(answer.bytes, 0);
	ck_assert_uint_eq(order(VDC_Load, 1, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(drive.volume, 2);
	ck_assert_uint_eq(write_letters("gh", 0), VD_ERROR_SUCCESS);
	order(VDC_Flush, 0, 0);
	start((enum drive_family)_i, false, 0, 0);
	order(VDC_Read, 8 * BLOCK, 0);
	ck_assert_str_eq(letters(), "abcdef");
	ck_assert_uint_eq(order(VDC_Load, 0, 0), VD_ERROR_SUCCESS);
	order(VDC_Read, 8 * BLOCK, 0);
	ck_assert_str_eq(letters(), "gh");
	ck_assert_uint_ne(order(VDC_Load, 0, 0), VD_ERROR_SUCCESS);
}
END_TEST

START_TEST(a_disk_reads_and_writes_where_it_is_told_to)
{
	start(DRIVE_DISK, true, 0, 0);
	write_letters("abcd", 0);
	write_letters("x", BLOCK);
	order(VDC_Read, 4 * BLOCK, 0);
	ck_assert_str_eq(letters(), "axcd");
	ck_assert_uint_eq(order(VDC_SetPosition, 2, -BLOCK),
	    VD_ERROR_SUCCESS);
	ck_assert_int_eq(answer.position, 3 * BLOCK);
	ck_assert_uint_eq(order(VDC_SetPosition, 1, -BLOCK),
	    VD_ERROR_SUCCESS);
	ck_assert_int_eq(answer.position, 2 * BLOCK);
	ck_assert_uint_eq(order(VDC_SetPosition, 0, -1),
	    VD_ERROR_INVALID_PARAMETER);
	/* A flush ends the file behind what was written last. */
	ck_assert_uint_eq(order(VDC_Flush, 0, 0), VD_ERROR_SUCCESS);
	ck_assert_uint_eq(order(VDC_Read, 4 * BLOCK, 0),
	    VD_ERROR_HANDLE_EOF);
	ck_assert_str_eq(letters(), "ax");
}
END_TEST

START_TEST(no_family_knows_more_than_the_support_matrix)
{
	struct drive_config pipe = { .family = DRIVE_PIPE };
	struct drive_config disk = { .family = DRIVE_DISK };
	struct drive_config tape = { .family = DRIVE_TAPE };
	int32_t code;

	for (code = VDC_Read; code <= VDC_Complete; code++) {
		bool is_tapes = code == VDC_Rewind || code == VDC_WriteMark ||
		    code == VDC_SkipMarks || code == VDC_SkipBlocks ||
		    code == VDC_GetPosition || code == VDC_Load;
		bool is_nobodys = code >= VDC_FileInfoBegin &&
		    code <= VDC_GetError;

		ck_assert_int_eq(drive_knows(&pipe, code), !is_tapes &&
		    !is_nobodys && code != VDC_SetPosition);
		ck_assert_int_eq(drive_knows(&disk, code), !is_tapes &&
		    !is_nobodys);
		ck_assert_int_eq(drive_knows(&tape, code), !is_nobodys);
	}
	disk.is_removable = pipe.is_removable = true;
	ck_assert(drive_knows(&pipe, VDC_Load));
	ck_assert(drive_knows(&disk, VDC_Load));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("models of drives");
	TCase *tcase = tcase_create("models");
	SRunner *runner;
	int failed;

	drive.fd = -1;
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase,
	    a_read_stops_at_a_filemark_and_goes_on_behind_it);
	tcase_add_test(tcase, marks_are_skipped_both_ways);
	tcase_add_test(tcase, blocks_are_skipped_as_far_as_the_next_mark);
	tcase_add_test(tcase, a_place_that_was_told_is_found_again);
	tcase_add_loop_test(tcase,
	    the_warning_comes_in_the_zone_and_what_does_not_fit_is_left,
	    DRIVE_PIPE, DRIVE_TAPE + 1);
	tcase_add_test(tcase, a_disk_reads_and_writes_where_it_is_told_to);
	tcase_add_test(tcase, no_family_knows_more_than_the_support_matrix);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed != 0);
}
