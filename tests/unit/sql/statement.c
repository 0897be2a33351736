/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the text that is sent is the one that was meant, whatever the names
 * are. */
#include <config.h>

#include "sql_tests.h"

#include "sql/quote.h"
#include "sql/statement.h"

#include <stdlib.h>
#include <string.h>

static struct statement_backup
a_backup(void)
{
	struct statement_backup backup = { .database = "Sales",
		.devices = { .set_name = "set", .count = 1 } };

	return (backup);
}

static struct statement_restore
a_restore(void)
{
	struct statement_restore restore = { .database = "Sales",
		.devices = { .set_name = "set", .count = 1 } };

	return (restore);
}

static void
backup_is(const struct statement_backup *backup, const char *text)
{
	struct error error;
	char *built;

	error_init(&error);
	built = statement_build_backup(backup, &error);
	ck_assert_msg(built != NULL, "%s", error.text);
	ck_assert_str_eq(built, text);
	free(built);
}

static void
restore_is(const struct statement_restore *restore, const char *text)
{
	struct error error;
	char *built;

	error_init(&error);
	built = statement_build_restore(restore, &error);
	ck_assert_msg(built != NULL, "%s", error.text);
	ck_assert_str_eq(built, text);
	free(built);
}

static void
backup_refused(const struct statement_backup *backup, const char *words)
{
	struct error error;

	error_init(&error);
	ck_assert_ptr_null(statement_build_backup(backup, &error));
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

START_TEST(a_plain_backup)
{
	struct statement_backup backup = a_backup();

	backup_is(&backup, "BACKUP DATABASE [Sales] TO VIRTUAL_DEVICE=N'set' "
	    "WITH FORMAT");
}
END_TEST

START_TEST(a_backup_with_everything)
{
	struct statement_backup backup = a_backup();

	backup.database = "a]b'c";
	backup.type = STATEMENT_DIFF;
	backup.devices.count = 3;
	backup.devices.block_size = 65536;
	backup.devices.transfer_size = 4194304;
	backup.devices.buffer_count = 12;
	backup.checksum = STATEMENT_YES;
	backup.compression = STATEMENT_NO;
	backup.name = "it's";
	backup.description = "d";
	backup.stats = 5;
	backup.extra = "NOSKIP, MEDIANAME=N'a;b'";
	backup_is(&backup, "BACKUP DATABASE [a]]b'c] TO "
	    "VIRTUAL_DEVICE=N'set', VIRTUAL_DEVICE=N'set1', "
	    "VIRTUAL_DEVICE=N'set2' WITH FORMAT, DIFFERENTIAL, "
	    "CHECKSUM, NO_COMPRESSION, BLOCKSIZE=65536, "
	    "MAXTRANSFERSIZE=4194304, BUFFERCOUNT=12, NAME=N'it''s', "
	    "DESCRIPTION=N'd', STATS=5, NOSKIP, MEDIANAME=N'a;b'");
}
END_TEST

START_TEST(a_backup_of_the_tail)
{
	struct statement_backup backup = a_backup();

	backup.type = STATEMENT_LOG;
	backup.tail = true;
	backup.checksum = STATEMENT_NO;
	backup.compression = STATEMENT_YES;
	backup_is(&backup, "BACKUP LOG [Sales] TO VIRTUAL_DEVICE=N'set' WITH "
	    "FORMAT, NORECOVERY, NO_CHECKSUM, COMPRESSION");
	backup.type = STATEMENT_FULL;
	backup_refused(&backup, "only the log has a tail");
}
END_TEST

START_TEST(a_restore_with_everything)
{
	static const struct statement_move moves[] = { { "data", "/d/x.mdf" },
		{ "log's", "/l/x.ldf" } };
	struct statement_restore restore = a_restore();

	restore.devices.count = 2;
	restore.devices.block_size = 512;
	restore.devices.transfer_size = 1048576;
	restore.devices.buffer_count = 6;
	restore.replace = true;
	restore.recovery = STATEMENT_STANDBY;
	restore.standby_file = "/s/undo";
	restore.moves = moves;
	restore.move_count = 2;
	restore.checksum = STATEMENT_YES;
	restore.stop_at = "2026-11-24T07:30:00";
	restore.stats = 10;
	restore.extra = "MEDIANAME='m'";
	restore_is(&restore, "RESTORE DATABASE [Sales] FROM "
	    "VIRTUAL_DEVICE=N'set', VIRTUAL_DEVICE=N'set1' WITH REPLACE, "
	    "MOVE N'data' TO N'/d/x.mdf', MOVE N'log''s' TO N'/l/x.ldf', "
	    "STANDBY=N'/s/undo', STOPAT=N'2026-11-24T07:30:00', CHECKSUM, "
	    "BLOCKSIZE=512, MAXTRANSFERSIZE=1048576, BUFFERCOUNT=6, "
	    "STATS=10, MEDIANAME='m'");
}
END_TEST

START_TEST(a_restore_of_a_log_and_a_verification)
{
	struct statement_restore restore = a_restore();

	restore.verb = STATEMENT_RESTORE_LOG;
	restore.recovery = STATEMENT_NORECOVERY;
	restore_is(&restore, "RESTORE LOG [Sales] FROM "
	    "VIRTUAL_DEVICE=N'set' WITH NORECOVERY");
	restore = a_restore();
	restore_is(&restore, "RESTORE DATABASE [Sales] FROM "
	    "VIRTUAL_DEVICE=N'set' WITH RECOVERY");
	restore.verb = STATEMENT_VERIFYONLY;
	restore.checksum = STATEMENT_YES;
	restore_is(&restore, "RESTORE VERIFYONLY FROM "
	    "VIRTUAL_DEVICE=N'set' WITH CHECKSUM");
	restore.checksum = STATEMENT_UNSAID;
	restore_is(&restore, "RESTORE VERIFYONLY FROM VIRTUAL_DEVICE=N'set'");
}
END_TEST

START_TEST(a_standby_without_a_file_is_refused)
{
	struct statement_restore restore = a_restore();
	struct error error;

	error_init(&error);
	restore.recovery = STATEMENT_STANDBY;
	ck_assert_ptr_null(statement_build_restore(&restore, &error));
	ck_assert_int_eq(error.kind, KIND_USAGE);
}
END_TEST

START_TEST(device_counts_and_set_names_have_limits)
{
	struct statement_backup backup = a_backup();
	char name[400];
	struct error error;
	char *text;

	backup.devices.count = 0;
	backup_refused(&backup, "devices");
	backup.devices.count = 65;
	backup_refused(&backup, "devices");
	backup.devices.count = 64;
	error_init(&error);
	text = statement_build_backup(&backup, &error);
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "VIRTUAL_DEVICE=N'set63'"));
	free(text);
	backup.devices.set_name = "a\\b";
	backup_refused(&backup, "device set");
	backup.devices.set_name = "";
	backup_refused(&backup, "device set");
	memset(name, 'n', sizeof(name));
	name[261] = '\0';
	backup.devices.set_name = name;
	backup_refused(&backup, "more than 260");
	name[261] = 'n';
	name[399] = '\0';
	backup_refused(&backup, "too long");
}
END_TEST

START_TEST(names_have_limits)
{
	struct statement_backup backup = a_backup();
	char name[600];
	unsigned i;

	backup.database = "";
	backup_refused(&backup, "empty");
	backup.database = "bad\xFF";
	backup_refused(&backup, "UTF-8");
	/* 128 UTF-16 units fit, be they one or three bytes each, and a
	 * character beyond the first plane counts twice. */
	memset(name, 'x', 128);
	name[128] = '\0';
	backup.database = name;
	{
		char *text = statement_build_backup(&backup, NULL);

		ck_assert_ptr_nonnull(text);
		free(text);
	}
	name[128] = 'x';
	name[129] = '\0';
	backup_refused(&backup, "more than 128");
	for (i = 0; i < 65; i++)
		memcpy(name + 4 * i, "\xF0\x9F\x92\xBE", 4);
	name[4 * 65] = '\0';
	backup_refused(&backup, "more than 128");
}
END_TEST

/* And are named, with what they are too long for. */
START_TEST(options_have_limits)
{
	char text[600];
	const struct statement_move logical = { text, "/x" };
	const struct statement_move path = { "x", text };
	struct statement_restore restores[] = { a_restore(), a_restore(),
		a_restore(), a_restore(), a_restore() };
	struct statement_backup backup = a_backup();
	size_t i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	backup.name = text;
	backup_refused(&backup, "NAME: ");
	backup.name = NULL;
	backup.description = text;
	backup_refused(&backup, "DESCRIPTION: ");
	restores[0].database = text;
	restores[1].moves = &logical;
	restores[1].move_count = 1;
	restores[2].moves = &path;
	restores[2].move_count = 1;
	restores[3].recovery = STATEMENT_STANDBY;
	restores[3].standby_file = text;
	restores[4].stop_at = text;
	for (i = 0; i < ARRAY_COUNT(restores); i++) {
		static const char *const words[] = { "more than", "MOVE: ",
			"MOVE: ", "STANDBY: ", "STOPAT: " };
		struct error error;

		error_init(&error);
		ck_assert_ptr_null(statement_build_restore(&restores[i],
		    &error));
		ck_assert_int_eq(error.kind, KIND_USAGE);
		ck_assert_msg(strstr(error.text, words[i]) != NULL, "%s",
		    error.text);
	}
}
END_TEST

/* The identifier or literal read as T-SQL reads it: the text, or NULL where
 * the quote ends elsewhere than at the end. */
static char *
unquoted(const char *text, char close)
{
	char *out = malloc(strlen(text) + 1);
	char *to = out;

	for (; *text != '\0'; text++) {
		if (*text == close) {
			if (text[1] == '\0') {
				*to = '\0';
				return (out);
			}
			if (*++text != close)
				break;
		}
		*to++ = *text;
	}
	free(out);
	return (NULL);
}

/* Whatever the text is, the server reads it back, and the quote ends where
 * ours does. */
START_TEST(no_text_breaks_out_of_its_quotes)
{
	static const char alphabet[] = "]['\"; -*/\\Na";
	size_t n = sizeof(alphabet) - 1;
	unsigned seed = 12345;
	unsigned round;

	for (round = 0; round < 20000; round++) {
		char text[20];
		struct str name;
		struct str literal;
		char *back;
		size_t length = 1 + round % 12;
		size_t i;

		for (i = 0; i < length; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = alphabet[(seed >> 16) % n];
		}
		text[length] = '\0';
		str_init(&name);
		str_init(&literal);
		ck_assert_int_eq(quote_identifier(&name, text, NULL), 0);
		ck_assert_int_eq(name.text[0], '[');
		back = unquoted(name.text + 1, ']');
		ck_assert_str_eq(back, text);
		free(back);
		ck_assert_int_eq(quote_literal(&literal, text, 100, NULL), 0);
		ck_assert_int_eq(strncmp(literal.text, "N'", 2), 0);
		back = unquoted(literal.text + 2, '\'');
		ck_assert_str_eq(back, text);
		free(back);
		str_release(&literal);
		str_release(&name);
	}
}
END_TEST

START_TEST(what_the_stream_needs_cannot_be_contradicted)
{
	static const char *const backup[] = { "NOINIT", "format",
		"MEDIANAME='m', Blocksize = 512", "STATS", "COPY_ONLY",
		"CREDENTIAL='x'", "COMPRESSION (ALGORITHM = ZSTD)",
		"NAME=N'x'", "norecovery", "REWIND", "SNAPSHOT",
		"ENCRYPTION (ALGORITHM = AES_256)", "EXPIREDATE='x'",
		"RETAINDAYS=3", "CONTINUE_AFTER_ERROR", "STOP_ON_ERROR",
		"READ_WRITE_FILEGROUPS", "FILEGROUP='x'" };
	static const char *const restore[] = { "STOPAT='x'", "FILE=2",
		"MOVE 'a' TO 'b'", "RECOVERY", "REPLACE", "BUFFERCOUNT=1",
		"STOPATMARK='m'", "stopbeforemark='m'", "PARTIAL",
		"RESTRICTED_USER", "KEEP_REPLICATION", "KEEP_CDC",
		"ENABLE_BROKER", "NEW_BROKER", "ERROR_BROKER_CONVERSATIONS",
		"PAGE='1:1'", "CONTINUE_AFTER_ERROR", "NORECOVERY",
		"STANDBY='x'" };
	struct error error;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(backup); i++) {
		error_init(&error);
		ck_assert_msg(statement_check_extra(backup[i], false,
		    &error) == -1, "%s", backup[i]);
		ck_assert_int_eq(error.kind, KIND_USAGE);
	}
	for (i = 0; i < ARRAY_COUNT(restore); i++)
		ck_assert_msg(statement_check_extra(restore[i], true,
		    &error) == -1, "%s", restore[i]);
	error_init(&error);
	ck_assert_int_eq(statement_check_extra("A=1, BLOCKSIZE=1", false,
	    &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "BLOCKSIZE"));
	ck_assert_ptr_nonnull(strstr(error.text, "--block-size"));
}
END_TEST

START_TEST(other_options_are_the_servers_to_judge)
{
	static const char *const good[] = { "NO_TRUNCATE",
		"SKIP, MEDIADESCRIPTION=N'x -- y; /* z */'",
		"SOMETHING (A = B, C = [a,b])", "  NOSKIP  ",
		"MEDIANAME='it''s'",
		"SOME_FUTURE_OPTION = ON" };
	struct error error;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(good); i++) {
		error_init(&error);
		ck_assert_msg(statement_check_extra(good[i], false,
		    &error) == 0, "%s: %s", good[i], error.text);
	}
	ck_assert_int_eq(statement_check_extra("MEDIANAME='m', LOADHISTORY",
	    true, NULL), 0);
}
END_TEST

START_TEST(text_that_could_end_the_statement_is_refused)
{
	static const char *const bad[] = { "", " ", "A,", ",A", "A,,B",
		"A; DROP DATABASE x", "A -- b", "A /* b", "A='", "A='''",
		"A=[b", "A=\"b", "A=(b", "A=b)", "A=(b))", "A\nGO",
		"A='\n'", "A\x01", "A\xFF", "=1", "'x'", "A='x', 'y'" };
	struct error error;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		error_init(&error);
		ck_assert_msg(statement_check_extra(bad[i], false,
		    &error) == -1, "%s", bad[i]);
		ck_assert_int_eq(error.kind, KIND_USAGE);
	}
}
END_TEST

START_TEST(buffers_are_enough_and_bounded)
{
	const uint32_t mib = 1u << 20;

	/* Three a device where commands are gathered into frames. */
	ck_assert_uint_eq(statement_buffer_count(4, 8, mib, 4 * mib, 0), 12);
	/* One more under each thread where a command is a frame. */
	ck_assert_uint_eq(statement_buffer_count(4, 8, 4 * mib, 4 * mib, 0),
	    20);
	ck_assert_uint_eq(statement_buffer_count(4, 8, 4 * mib, 4 * mib,
	    (uint64_t)40 * mib), 10);
	/* The limit does not go below what keeps devices moving. */
	ck_assert_uint_eq(statement_buffer_count(4, 8, 4 * mib, 4 * mib, 1),
	    8);
	ck_assert_uint_eq(statement_buffer_count(64, 128, 4 * mib, mib, 0),
	    320);
}
END_TEST

TCase *
statement_tests(void)
{
	TCase *tcase = tcase_create("statement");

	tcase_add_test(tcase, a_plain_backup);
	tcase_add_test(tcase, a_backup_with_everything);
	tcase_add_test(tcase, a_backup_of_the_tail);
	tcase_add_test(tcase, a_restore_with_everything);
	tcase_add_test(tcase, a_restore_of_a_log_and_a_verification);
	tcase_add_test(tcase, a_standby_without_a_file_is_refused);
	tcase_add_test(tcase, device_counts_and_set_names_have_limits);
	tcase_add_test(tcase, names_have_limits);
	tcase_add_test(tcase, options_have_limits);
	tcase_add_test(tcase, no_text_breaks_out_of_its_quotes);
	tcase_add_test(tcase, what_the_stream_needs_cannot_be_contradicted);
	tcase_add_test(tcase, other_options_are_the_servers_to_judge);
	tcase_add_test(tcase, text_that_could_end_the_statement_is_refused);
	tcase_add_test(tcase, buffers_are_enough_and_bounded);
	return (tcase);
}
