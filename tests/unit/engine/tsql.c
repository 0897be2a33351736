/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: statements mean what SQL Server takes them to mean, and what is wrong
 * with the others is told with its message. */
#include <config.h>

#include "engine/message.h"
#include "engine/tsql.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tsql_statement
parsed(const char *text)
{
	struct tsql_statement statement;
	struct tsql_error error;

	ck_assert_msg(tsql_parse(text, &statement, &error) == 0,
	    "%s: %d %s %s", text, error.number, error.first, error.second);
	return (statement);
}

START_TEST(a_backup_names_its_database_devices_and_options)
{
	struct tsql_statement st = parsed("BACKUP DATABASE [Sales] TO "
	    "VIRTUAL_DEVICE='s', VIRTUAL_DEVICE = N's1' WITH BLOCKSIZE=4096, "
	    "MAXTRANSFERSIZE=1048576, BUFFERCOUNT=10, FORMAT, CHECKSUM, "
	    "COPY_ONLY, STATS=5, NAME=N'a''b', DESCRIPTION='c', "
	    "MEDIANAME='m', MEDIADESCRIPTION='n';");

	ck_assert_int_eq(st.verb, TSQL_BACKUP_DATABASE);
	ck_assert_str_eq(st.database, "Sales");
	ck_assert_uint_eq(st.device_count, 2);
	ck_assert_str_eq(st.devices[0], "s");
	ck_assert_str_eq(st.devices[1], "s1");
	ck_assert_uint_eq(st.block_size, 4096);
	ck_assert_uint_eq(st.transfer_size, 1048576);
	ck_assert_uint_eq(st.buffer_count, 10);
	ck_assert_int_eq(st.checksum, TSQL_YES);
	ck_assert(st.copy_only && !st.differential && !st.compression);
	ck_assert_uint_eq(st.stats, 5);
	ck_assert_str_eq(st.name, "a'b");
	ck_assert_str_eq(st.description, "c");
	ck_assert_str_eq(st.media_name, "m");
	ck_assert_str_eq(st.media_description, "n");
	ck_assert_ptr_null(st.refused);
	tsql_release(&st);
}
END_TEST

START_TEST(what_becomes_of_the_media_is_told)
{
	struct tsql_statement st = parsed("BACKUP DATABASE x TO "
	    "VIRTUAL_DEVICE='v' WITH INIT, SKIP");

	ck_assert(st.init && st.skip && !st.format && !st.snapshot);
	tsql_release(&st);
	st = parsed("BACKUP DATABASE x TO VIRTUAL_DEVICE='v' WITH NOINIT, "
	    "SNAPSHOT");
	ck_assert(!st.init && !st.skip && !st.format && st.snapshot);
	tsql_release(&st);
	st = parsed("RESTORE VERIFYONLY FROM VIRTUAL_DEVICE='v' WITH FILE=7");
	ck_assert_uint_eq(st.file, 7);
	tsql_release(&st);
	/* The one restore that can leave the file alone. */
	st = parsed("RESTORE DATABASE x FROM VIRTUAL_DEVICE='v' WITH "
	    "NORECOVERY, SNAPSHOT");
	ck_assert(st.snapshot && st.norecovery);
	ck_assert_ptr_null(st.refused);
	tsql_release(&st);
	st = parsed("RESTORE DATABASE x FROM VIRTUAL_DEVICE='v' WITH "
	    "NORECOVERY, SNAPSHOT, RESTRICTED_USER");
	ck_assert_str_eq(st.refused, "RESTRICTED_USER");
	tsql_release(&st);
}
END_TEST

START_TEST(names_may_be_bare_bracketed_or_quoted)
{
	static const struct {
		const char *written;
		const char *name;
	} cases[] = {
		{ "Sales", "Sales" },
		{ "_a1$@#", "_a1$@#" },
		{ "[a]]b c]", "a]b c" },
		{ "\"a\"\"b\"", "a\"b" },
		{ "[with]", "with" },
		{ "[N'x']", "N'x'" },
		{ "[\xc3\xa9t\xc3\xa9]", "\xc3\xa9t\xc3\xa9" },
		{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
	};
	char text[200];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		struct tsql_statement st;

		(void)snprintf(text, sizeof(text), "restore database %s from "
		    "virtual_device = 'v' with replace", cases[i].written);
		st = parsed(text);
		ck_assert_str_eq(st.database, cases[i].name);
		ck_assert_int_eq(st.verb, TSQL_RESTORE_DATABASE);
		ck_assert(st.replace);
		tsql_release(&st);
	}
}
END_TEST

START_TEST(comments_and_white_space_do_not_count)
{
	struct tsql_statement st = parsed("/* a /* nested */ one */ BACKUP\n"
	    "-- a line\n\tDATABASE x TO VIRTUAL_DEVICE/**/='a--b/*c*/'--end");

	ck_assert_str_eq(st.database, "x");
	ck_assert_str_eq(st.devices[0], "a--b/*c*/");
	tsql_release(&st);
}
END_TEST

START_TEST(readings_take_no_database)
{
	static const struct {
		const char *word;
		enum tsql_verb verb;
	} cases[] = {
		{ "VERIFYONLY", TSQL_VERIFYONLY },
		{ "HeaderOnly", TSQL_HEADERONLY },
		{ "filelistonly", TSQL_FILELISTONLY },
		{ "LABELONLY", TSQL_LABELONLY },
	};
	char text[200];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		struct tsql_statement st;

		(void)snprintf(text, sizeof(text), "RESTORE %s FROM "
		    "VIRTUAL_DEVICE='v' WITH NOUNLOAD, BLOCKSIZE=512",
		    cases[i].word);
		st = parsed(text);
		ck_assert_int_eq(st.verb, cases[i].verb);
		ck_assert_ptr_null(st.database);
		tsql_release(&st);
	}
}
END_TEST

START_TEST(moves_stats_and_refused_options_are_told)
{
	struct tsql_statement st = parsed("RESTORE DATABASE x FROM "
	    "VIRTUAL_DEVICE='v' WITH MOVE 'x' TO '/a', MOVE N'y' TO '/b', "
	    "STATS, NO_CHECKSUM, CONTINUE_AFTER_ERROR, NORECOVERY, "
	    "STOPAT='2026-01-01'");

	ck_assert_uint_eq(st.move_count, 2);
	ck_assert_str_eq(st.moves[1].logical, "y");
	ck_assert_str_eq(st.moves[1].path, "/b");
	ck_assert_uint_eq(st.stats, 10);
	ck_assert_int_eq(st.checksum, TSQL_NO);
	ck_assert(st.continue_after_error);
	ck_assert_str_eq(st.refused, "NORECOVERY");
	tsql_release(&st);
	st = parsed("BACKUP LOG x TO VIRTUAL_DEVICE='v'");
	ck_assert_int_eq(st.verb, TSQL_BACKUP_LOG);
	tsql_release(&st);
	st = parsed("BACKUP DATABASE x TO VIRTUAL_DEVICE='v' WITH "
	    "DIFFERENTIAL, COMPRESSION, INIT, SKIP, NOFORMAT, STOP_ON_ERROR");
	ck_assert(st.differential && st.compression);
	tsql_release(&st);
}
END_TEST

/* What is known and not done is refused by name, wherever it stands. */
START_TEST(what_is_not_done_is_known_by_its_syntax)
{
	static const struct {
		const char *text;
		const char *refused;
	} cases[] = {
		{ "BACKUP DATABASE x FILE='a', FILEGROUP=N'b' TO", "FILE" },
		{ "BACKUP DATABASE x FILEGROUP='a' TO", "FILEGROUP" },
		{ "BACKUP DATABASE [x] read_write_filegroups, FILEGROUP='a' "
		    "TO", "READ_WRITE_FILEGROUPS" },
		{ "RESTORE DATABASE x PAGE='1:57, 2:3' FROM", "PAGE" },
		{ "RESTORE LOG x PAGE='1:57', FILE='a' FROM", "PAGE" },
	};
	static const char *const backups[] = { "STANDBY='u'", "NORECOVERY",
		"EXPIREDATE='2027-01-01'", "RETAINDAYS=3", "NO_TRUNCATE",
		"ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = c)",
		"ENCRYPTION(algorithm=aes_128,server asymmetric key=[k]]k])" };
	static const char *const restores[] = { "STANDBY=N'u'", "NORECOVERY",
		"STOPAT='2026-11-24'", "STOPATMARK='m'",
		"STOPATMARK='lsn:12' AFTER '2026-11-24'",
		"STOPBEFOREMARK=N'm' AFTER N'2026-11-24'", "RESTRICTED_USER",
		"KEEP_REPLICATION", "KEEP_CDC", "ENABLE_BROKER",
		"NEW_BROKER", "ERROR_BROKER_CONVERSATIONS", "PARTIAL",
		"CREDENTIAL='c'" };
	char text[256];
	struct tsql_statement st;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)snprintf(text, sizeof(text), "%s VIRTUAL_DEVICE='v'",
		    cases[i].text);
		st = parsed(text);
		ck_assert_str_eq(st.refused, cases[i].refused);
		tsql_release(&st);
	}
	for (i = 0; i < ARRAY_COUNT(backups); i++) {
		(void)snprintf(text, sizeof(text), "BACKUP LOG x TO "
		    "VIRTUAL_DEVICE='v' WITH %s, CHECKSUM", backups[i]);
		st = parsed(text);
		ck_assert_int_eq(strncmp(backups[i], st.refused,
		    strlen(st.refused)), 0);
		ck_assert_int_eq(st.checksum, TSQL_YES);
		tsql_release(&st);
	}
	for (i = 0; i < ARRAY_COUNT(restores); i++) {
		(void)snprintf(text, sizeof(text), "RESTORE DATABASE x FROM "
		    "VIRTUAL_DEVICE='v' WITH %s, CHECKSUM", restores[i]);
		st = parsed(text);
		ck_assert_int_eq(strncmp(restores[i], st.refused,
		    strlen(st.refused)), 0);
		ck_assert_int_eq(st.checksum, TSQL_YES);
		tsql_release(&st);
	}
}
END_TEST

START_TEST(compression_may_say_how)
{
	static const char *const ways[] = { "COMPRESSION",
		"COMPRESSION (ALGORITHM = MS_XPRESS)",
		"compression(algorithm=zstd,level=high)" };
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(ways); i++) {
		struct tsql_statement st;

		(void)snprintf(text, sizeof(text), "BACKUP DATABASE x TO "
		    "VIRTUAL_DEVICE='v' WITH %s, CHECKSUM", ways[i]);
		st = parsed(text);
		ck_assert(st.compression);
		ck_assert_ptr_null(st.refused);
		tsql_release(&st);
	}
}
END_TEST

#define LETTERS_43 "a name that has as many letters as this one"
#define LETTERS_129 LETTERS_43 LETTERS_43 LETTERS_43
#define TO_V "BACKUP DATABASE x TO VIRTUAL_DEVICE='v'"
#define FROM_V "RESTORE DATABASE x FROM VIRTUAL_DEVICE='v'"

START_TEST(bad_statements_are_told_with_their_message)
{
	static const struct {
		const char *text;
		int number;
		const char *first;
	} cases[] = {
		{ "", 102, "the end of the statement" },
		{ "SELECT 1", 102, "SELECT" },
		{ "BACKUP", 102, "the end of the statement" },
		{ "BACKUP VERIFYONLY FROM VIRTUAL_DEVICE='v'", 102,
		    "VERIFYONLY" },
		{ "BACKUP DATABASE 'x' TO VIRTUAL_DEVICE='v'", 102, "x" },
		{ "BACKUP DATABASE 9 TO VIRTUAL_DEVICE='v'", 102, "9" },
		{ "BACKUP DATABASE x FROM VIRTUAL_DEVICE='v'", 102, "FROM" },
		{ "RESTORE DATABASE x TO VIRTUAL_DEVICE='v'", 102, "TO" },
		{ "BACKUP DATABASE x TO", 102, "the end of the statement" },
		{ "BACKUP DATABASE x TO VIRTUAL_DEVICE", 102,
		    "the end of the statement" },
		{ "BACKUP DATABASE x TO VIRTUAL_DEVICE=v", 102, "v" },
		{ "BACKUP DATABASE x TO VIRTUAL_DEVICE=[v]", 102, "v" },
		{ "BACKUP DATABASE x TO VIRTUAL_DEVICE=''", 3044, "" },
		{ "BACKUP DATABASE x TO DISK='v'", 40517, "DISK" },
		{ TO_V ",", 102, "the end of the statement" },
		{ TO_V ", VIRTUAL_DEVICE='v'", 3031, "VIRTUAL_DEVICE" },
		{ TO_V " WITH", 102, "the end of the statement" },
		{ TO_V " WITH INIT,", 102, "the end of the statement" },
		{ TO_V " WITH INIT NOSKIP", 102, "NOSKIP" },
		{ TO_V " WITH [INIT]", 102, "INIT" },
		{ TO_V " INIT", 102, "INIT" },
		{ TO_V "; BACKUP", 102, "BACKUP" },
		{ TO_V " WITH NONSENSE", 155, "NONSENSE" },
		{ TO_V " WITH REPLACE", 155, "REPLACE" },
		{ FROM_V " WITH INIT", 155, "INIT" },
		{ TO_V " WITH BLOCKSIZE", 102, "the end of the statement" },
		{ TO_V " WITH BLOCKSIZE=", 102, "the end of the statement" },
		{ TO_V " WITH BLOCKSIZE='512'", 102, "512" },
		{ TO_V " WITH BLOCKSIZE=-1", 102, "-" },
		{ TO_V " WITH BLOCKSIZE=1x", 102, "1x" },
		{ TO_V " WITH BLOCKSIZE=99999999999999999999", 102,
		    "99999999999999999999" },
		{ TO_V " WITH BLOCKSIZE=256", 153, "BLOCKSIZE" },
		{ TO_V " WITH BLOCKSIZE=131072", 153, "BLOCKSIZE" },
		{ TO_V " WITH BLOCKSIZE=1000", 153, "BLOCKSIZE" },
		{ TO_V " WITH BLOCKSIZE=0", 153, "BLOCKSIZE" },
		{ TO_V " WITH MAXTRANSFERSIZE=65537", 153, "MAXTRANSFERSIZE" },
		{ TO_V " WITH MAXTRANSFERSIZE=4259840", 153,
		    "MAXTRANSFERSIZE" },
		{ TO_V " WITH BUFFERCOUNT=0", 153, "BUFFERCOUNT" },
		{ TO_V " WITH BUFFERCOUNT=4294967296", 153, "BUFFERCOUNT" },
		{ TO_V " WITH STATS=0", 153, "STATS" },
		{ TO_V " WITH STATS=101", 153, "STATS" },
		{ FROM_V " WITH FILE=0", 153, "FILE" },
		{ FROM_V " WITH FILE=65536", 153, "FILE" },
		{ TO_V " WITH SNAPSHOT, DIFFERENTIAL", 3031, "SNAPSHOT" },
		{ TO_V " WITH FORMAT, NOINIT", 3031, "FORMAT" },
		{ TO_V " WITH MEDIANAME='" LETTERS_129 "'", 153,
		    "MEDIANAME" },
		{ TO_V " WITH DESCRIPTION='" LETTERS_129 LETTERS_129 "'", 153,
		    "DESCRIPTION" },
		{ TO_V " WITH CHECKSUM, NO_CHECKSUM", 3031, "CHECKSUM" },
		{ TO_V " WITH INIT, INIT", 3031, "INIT" },
		{ TO_V " WITH NAME=x", 102, "x" },
		{ FROM_V " WITH MOVE 'a'", 102, "the end of the statement" },
		{ FROM_V " WITH MOVE 'a' TO b", 102, "b" },
		{ FROM_V " WITH STANDBY=", 102, "the end of the statement" },
		{ FROM_V " WITH STANDBY", 102, "the end of the statement" },
		{ FROM_V " WITH STANDBY=3", 102, "3" },
		{ FROM_V " WITH STOPATMARK='m' AFTER", 102,
		    "the end of the statement" },
		{ FROM_V " WITH STOPATMARK='m' AFTER 3", 102, "3" },
		{ FROM_V " WITH STOPAT='a' AFTER 'b'", 102, "AFTER" },
		{ FROM_V " WITH NORECOVERY, STANDBY='u'", 3031, "NORECOVERY" },
		{ FROM_V " WITH KEEP_CDC, NORECOVERY", 3031, "NORECOVERY" },
		{ FROM_V " WITH NEW_BROKER, ENABLE_BROKER", 3031,
		    "ENABLE_BROKER" },
		{ FROM_V " WITH STOPATMARK='m', STOPAT='a'", 3031, "STOPAT" },
		{ TO_V " WITH RETAINDAYS=1, EXPIREDATE='a'", 3031,
		    "EXPIREDATE" },
		{ TO_V " WITH RETAINDAYS='1'", 102, "1" },
		{ TO_V " WITH KEEP_CDC", 155, "KEEP_CDC" },
		{ FROM_V " WITH ENCRYPTION", 155, "ENCRYPTION" },
		{ TO_V " WITH ENCRYPTION", 102, "the end of the statement" },
		{ TO_V " WITH ENCRYPTION (ALGORITHM = AES_256)", 102, ")" },
		{ TO_V " WITH ENCRYPTION (ALGORITHM = ROT13, SERVER "
		    "CERTIFICATE = c)", 102, "ROT13" },
		{ TO_V " WITH ENCRYPTION (ALGORITHM = AES_256, CERTIFICATE = "
		    "c)", 102, "CERTIFICATE" },
		{ TO_V " WITH ENCRYPTION (ALGORITHM = AES_256, SERVER "
		    "ASYMMETRIC = c)", 102, "=" },
		{ TO_V " WITH ENCRYPTION (ALGORITHM = AES_256, SERVER "
		    "CERTIFICATE = 'c')", 102, "c" },
		{ TO_V " WITH COMPRESSION (", 102,
		    "the end of the statement" },
		{ TO_V " WITH COMPRESSION (ALGORITHM = ZSTD", 102,
		    "the end of the statement" },
		{ TO_V " WITH COMPRESSION (LEVEL = LOW)", 102, "LEVEL" },
		{ TO_V " WITH COMPRESSION (ALGORITHM = ZSTD, LEVEL = 3)", 102,
		    "3" },
		{ "BACKUP DATABASE x FILE TO VIRTUAL_DEVICE='v'", 102, "TO" },
		{ "BACKUP DATABASE x FILE=a TO VIRTUAL_DEVICE='v'", 102,
		    "a" },
		{ "BACKUP DATABASE x FILE='a', TO VIRTUAL_DEVICE='v'", 102,
		    "TO" },
		{ "BACKUP DATABASE x FILE='a' FILE='b' TO VIRTUAL_DEVICE='v'",
		    102, "FILE" },
		{ "BACKUP DATABASE x PAGE='1:2' TO VIRTUAL_DEVICE='v'", 102,
		    "PAGE" },
		{ "BACKUP LOG x FILE='a' TO VIRTUAL_DEVICE='v'", 102, "FILE" },
		{ "RESTORE LOG x READ_WRITE_FILEGROUPS FROM "
		    "VIRTUAL_DEVICE='v'", 102, "READ_WRITE_FILEGROUPS" },
		{ "RESTORE HEADERONLY FILE='a' FROM VIRTUAL_DEVICE='v'", 102,
		    "FILE" },
		{ "BACKUP DATABASE [x TO VIRTUAL_DEVICE='v'", 105,
		    "x TO VIRTUAL_DEVICE='v'" },
		{ "BACKUP DATABASE x TO VIRTUAL_DEVICE='v", 105, "v" },
		{ "/* BACKUP", 113, "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		struct tsql_statement st;
		struct tsql_error error;

		ck_assert_msg(tsql_parse(cases[i].text, &st, &error) == -1,
		    "%s", cases[i].text);
		tsql_release(&st);
		ck_assert_msg(error.number == cases[i].number, "%s: %d",
		    cases[i].text, error.number);
		ck_assert_str_eq(error.first, cases[i].first);
		ck_assert_int_ge(message_level(error.number), 15);
	}
}
END_TEST

static char *
statement_with_devices(unsigned count)
{
	struct str text;
	struct error error;
	unsigned i;

	str_init(&text);
	error_init(&error);
	str_add(&text, "BACKUP DATABASE x TO ");
	for (i = 0; i < count; i++)
		str_addf(&text, "%sVIRTUAL_DEVICE='d%u'", i ? "," : "", i);
	return (str_detach(&text, &error));
}

START_TEST(sixty_four_devices_and_no_more)
{
	struct tsql_statement st;
	struct tsql_error error;
	char *text = statement_with_devices(64);

	st = parsed(text);
	ck_assert_uint_eq(st.device_count, 64);
	ck_assert_str_eq(st.devices[63], "d63");
	tsql_release(&st);
	free(text);
	text = statement_with_devices(65);
	ck_assert_int_eq(tsql_parse(text, &st, &error), -1);
	ck_assert_int_eq(error.number, MESSAGE_TOO_MANY_DEVICES);
	tsql_release(&st);
	free(text);
}
END_TEST

START_TEST(messages_take_their_values_where_they_belong)
{
	static const char *const args[] = { "7", "Sales", "Sales", "1" };
	struct str text;

	str_init(&text);
	message_format(&text, MESSAGE_FILE_PROCESSED, args, 4);
	ck_assert_str_eq(text.text, "Processed 7 pages for database 'Sales', "
	    "file 'Sales' on file 1.");
	str_clear(&text);
	message_format(&text, MESSAGE_PERCENT, args, 1);
	ck_assert_str_eq(text.text, "7 percent processed.");
	str_clear(&text);
	message_format(&text, MESSAGE_PERCENT, args, 0);
	ck_assert_str_eq(text.text, " percent processed.");
	str_clear(&text);
	message_code(&text, 112, "There is no room.");
	ck_assert_str_eq(text.text, "112(There is no room.)");
	str_release(&text);
	ck_assert_int_eq(message_level(MESSAGE_PROCESSED), 0);
	ck_assert_int_eq(message_level(MESSAGE_TERMINATING), 16);
	ck_assert_int_eq(message_level(1), -1);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: statements and messages");
	TCase *tests = tcase_create("tsql");

	tcase_add_test(tests, a_backup_names_its_database_devices_and_options);
	tcase_add_test(tests, what_becomes_of_the_media_is_told);
	tcase_add_test(tests, names_may_be_bare_bracketed_or_quoted);
	tcase_add_test(tests, comments_and_white_space_do_not_count);
	tcase_add_test(tests, readings_take_no_database);
	tcase_add_test(tests, moves_stats_and_refused_options_are_told);
	tcase_add_test(tests, what_is_not_done_is_known_by_its_syntax);
	tcase_add_test(tests, compression_may_say_how);
	tcase_add_test(tests, bad_statements_are_told_with_their_message);
	tcase_add_test(tests, sixty_four_devices_and_no_more);
	tcase_add_test(tests, messages_take_their_values_where_they_belong);
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
