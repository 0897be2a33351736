/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: of all that a server says, the cause is told first. */
#include <config.h>

#include "sql_tests.h"

#include "sql/message.h"

#include <stdio.h>
#include <string.h>

static void
add(struct message_list *list, int number, int level, const char *text)
{
	char copy[200];
	struct message message = { .number = number, .level = level,
		.text = copy };

	strcpy(copy, text);
	ck_assert_int_eq(message_list_add(list, &message, NULL), 0);
}

START_TEST(messages_fall_into_classes)
{
	ck_assert_int_eq(message_classify(4035, 0), MESSAGE_INFO);
	ck_assert_int_eq(message_classify(5701, 10), MESSAGE_INFO);
	ck_assert_int_eq(message_classify(3211, 0), MESSAGE_PERCENT);
	ck_assert_int_eq(message_classify(3014, 0), MESSAGE_SUCCESS);
	ck_assert_int_eq(message_classify(3262, 0), MESSAGE_SUCCESS);
	ck_assert_int_eq(message_classify(50000, 5), MESSAGE_WARNING);
	ck_assert_int_eq(message_classify(3013, 16), MESSAGE_ERROR);
	/* However it is numbered, an error is an error. */
	ck_assert_int_eq(message_classify(3014, 16), MESSAGE_ERROR);
	ck_assert_int_eq(message_classify(3211, 11), MESSAGE_ERROR);
}
END_TEST

START_TEST(a_percentage_is_read_in_any_language)
{
	ck_assert_int_eq(message_percent("10 percent processed."), 10);
	ck_assert_int_eq(message_percent("100 Prozent verarbeitet."), 100);
	ck_assert_int_eq(message_percent("101 percent"), -1);
	ck_assert_int_eq(message_percent("1000 percent"), -1);
	ck_assert_int_eq(message_percent("percent 10"), -1);
	ck_assert_int_eq(message_percent(""), -1);
	ck_assert_int_eq(message_percent("-1 percent"), -1);
}
END_TEST

START_TEST(the_story_begins_with_the_cause_and_ends_with_3013)
{
	struct message_list list;
	struct error error;

	error_init(&error);
	message_list_init(&list);
	add(&list, 3013, 16, "BACKUP DATABASE is terminating abnormally.");
	add(&list, 3211, 0, "10 percent processed.");
	add(&list, 18210, 16, "Flush failure on device. OS error 995(x).");
	add(&list, 3203, 16, "Read on \"a.mdf\" failed: 23(crc)");
	message_story(&list, &error);
	ck_assert_str_eq(error.text, "Read on \"a.mdf\" failed: 23(crc) "
	    "(3203); Flush failure on device. OS error 995(x) (18210); "
	    "BACKUP DATABASE is terminating abnormally (3013)");
	ck_assert_int_eq(error.kind, KIND_STATEMENT);
	ck_assert_int_eq(error.origin, ORIGIN_SERVER);
	ck_assert_int_eq(error.code, 3203);
	message_list_release(&list);
}
END_TEST

START_TEST(an_abort_is_no_cause)
{
	struct message_list list;

	message_list_init(&list);
	ck_assert(!message_has_cause(&list));
	add(&list, 3204, 16, "The backup or restore was aborted.");
	add(&list, 18210, 16, "Flush failure on device. OS error 995(x).");
	add(&list, 3041, 16, "BACKUP failed to complete.");
	add(&list, 3013, 16, "BACKUP DATABASE is terminating abnormally.");
	add(&list, 4035, 0, "Processed 1 pages.");
	ck_assert(!message_has_cause(&list));
	add(&list, 18210, 16, "Flush failure on device. OS error 112(x).");
	ck_assert(message_has_cause(&list));
	message_list_release(&list);
}
END_TEST

START_TEST(a_name_with_the_abort_s_number_is_no_abort)
{
	struct message_list list;

	message_list_init(&list);
	add(&list, 18210, 16, "Close failure on backup device 'x-1995a'. "
	    "Operating system error 112(full).");
	ck_assert(message_has_cause(&list));
	message_list_release(&list);
}
END_TEST

START_TEST(the_story_says_what_to_do_where_we_know)
{
	struct message_list list;
	struct error error;

	error_init(&error);
	message_list_init(&list);
	add(&list, 3035, 16, "Cannot perform a differential backup.");
	add(&list, 3013, 16, "x");
	message_story(&list, &error);
	ck_assert_str_eq(error.hint, "make a full backup first");
	message_list_release(&list);
}
END_TEST

START_TEST(without_errors_there_is_no_story)
{
	struct message_list list;
	struct error error;

	error_init(&error);
	message_list_init(&list);
	message_story(&list, &error);
	add(&list, 3014, 0, "done");
	message_story(&list, &error);
	ck_assert(!error_is_set(&error));
	message_list_release(&list);
}
END_TEST

START_TEST(a_flood_keeps_its_beginning_and_its_end)
{
	struct message_list list;
	int i;

	message_list_init(&list);
	for (i = 0; i < (int)MESSAGE_MAX + 50; i++)
		add(&list, i, 0, "x");
	ck_assert_uint_eq(list.count, MESSAGE_MAX);
	ck_assert_int_eq(list.items[0].number, 0);
	ck_assert_int_eq(list.items[MESSAGE_MAX - 1].number,
	    MESSAGE_MAX + 49);
	message_list_release(&list);
}
END_TEST

TCase *
message_tests(void)
{
	TCase *tcase = tcase_create("message");

	tcase_add_test(tcase, messages_fall_into_classes);
	tcase_add_test(tcase, a_percentage_is_read_in_any_language);
	tcase_add_test(tcase,
	    the_story_begins_with_the_cause_and_ends_with_3013);
	tcase_add_test(tcase, an_abort_is_no_cause);
	tcase_add_test(tcase, a_name_with_the_abort_s_number_is_no_abort);
	tcase_add_test(tcase, the_story_says_what_to_do_where_we_know);
	tcase_add_test(tcase, without_errors_there_is_no_story);
	tcase_add_test(tcase, a_flood_keeps_its_beginning_and_its_end);
	return (tcase);
}
