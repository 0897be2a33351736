/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: each option is said as T-SQL has it, and values that it cannot have are
 * refused. */
#include <config.h>

#include "sql_tests.h"

#include "sql/statement.h"
#include "sql/when.h"

#include <stdlib.h>
#include <string.h>

static const struct statement_devices one_device = { .set_name = "s",
	.count = 1 };
static const char *const names[] = { "it's", "b" };
static const char *const pages[] = { "1:57", "2:0" };
static const struct statement_move moves[] = { { "d", "/d" },
	{ "l", "/l" } };

#define BACKUP_TO(what, parts, with)                                           \
	"BACKUP " what " [D]" parts " TO VIRTUAL_DEVICE=N's' WITH FORMAT" with
#define RESTORE_FROM(what, with)                                               \
	"RESTORE " what " FROM VIRTUAL_DEVICE=N's'" with
#define Z "COMPRESSION (ALGORITHM = ZSTD"

static const struct {
	struct statement_backup backup;
	const char *text;
} backups[] = {
	{ { .type = STATEMENT_FULL }, BACKUP_TO("DATABASE", "", "") },
	{ { .type = STATEMENT_DIFF },
	    BACKUP_TO("DATABASE", "", ", DIFFERENTIAL") },
	{ { .type = STATEMENT_LOG }, BACKUP_TO("LOG", "", "") },
	{ { .parts = { .files = names, .file_count = 2 } },
	    BACKUP_TO("DATABASE", " FILE=N'it''s', FILE=N'b'", "") },
	{ { .parts = { .filegroups = names, .filegroup_count = 2 } },
	    BACKUP_TO("DATABASE", " FILEGROUP=N'it''s', FILEGROUP=N'b'",
	        "") },
	{ { .parts = { .files = names, .file_count = 1,
	          .filegroups = names + 1, .filegroup_count = 1 },
	      .type = STATEMENT_DIFF },
	    BACKUP_TO("DATABASE", " FILE=N'it''s', FILEGROUP=N'b'",
	        ", DIFFERENTIAL") },
	{ { .parts = { .read_write = true } },
	    BACKUP_TO("DATABASE", " READ_WRITE_FILEGROUPS", "") },
	{ { .parts = { .read_write = true, .filegroups = names + 1,
	          .filegroup_count = 1 } },
	    BACKUP_TO("DATABASE", " READ_WRITE_FILEGROUPS, FILEGROUP=N'b'",
	        "") },
	{ { .copy_only = true }, BACKUP_TO("DATABASE", "", ", COPY_ONLY") },
	{ { .type = STATEMENT_LOG, .tail = true },
	    BACKUP_TO("LOG", "", ", NORECOVERY") },
	{ { .type = STATEMENT_LOG, .standby_file = "/u" },
	    BACKUP_TO("LOG", "", ", STANDBY=N'/u'") },
	{ { .type = STATEMENT_LOG, .tail = true, .standby_file = "/u" },
	    BACKUP_TO("LOG", "", ", STANDBY=N'/u'") },
	{ { .checksum = STATEMENT_YES },
	    BACKUP_TO("DATABASE", "", ", CHECKSUM") },
	{ { .checksum = STATEMENT_NO },
	    BACKUP_TO("DATABASE", "", ", NO_CHECKSUM") },
	{ { .continue_after_error = true },
	    BACKUP_TO("DATABASE", "", ", CONTINUE_AFTER_ERROR") },
	{ { .compression = STATEMENT_YES },
	    BACKUP_TO("DATABASE", "", ", COMPRESSION") },
	{ { .compression = STATEMENT_NO },
	    BACKUP_TO("DATABASE", "", ", NO_COMPRESSION") },
	{ { .compression = STATEMENT_YES, .compression_algorithm = "zstd" },
	    BACKUP_TO("DATABASE", "", ", " Z ")") },
	{ { .compression = STATEMENT_YES, .compression_algorithm = "ZSTD",
	      .compression_level = "low" },
	    BACKUP_TO("DATABASE", "", ", " Z ", LEVEL = LOW)") },
	{ { .compression = STATEMENT_YES,
	      .compression_algorithm = "Ms_Xpress" },
	    BACKUP_TO("DATABASE", "",
	        ", COMPRESSION (ALGORITHM = MS_XPRESS)") },
	{ { .encryption = { "aes_256", "a]b", NULL } },
	    BACKUP_TO("DATABASE", "", ", ENCRYPTION (ALGORITHM = AES_256, "
	        "SERVER CERTIFICATE = [a]]b])") },
	{ { .encryption = { "TRIPLE_DES_3KEY", NULL, "k" } },
	    BACKUP_TO("DATABASE", "", ", ENCRYPTION (ALGORITHM = "
	        "TRIPLE_DES_3KEY, SERVER ASYMMETRIC KEY = [k])") },
	{ { .name = "it's" }, BACKUP_TO("DATABASE", "", ", NAME=N'it''s'") },
	{ { .description = "\xC3\xA4" },
	    BACKUP_TO("DATABASE", "", ", DESCRIPTION=N'\xC3\xA4'") },
	{ { .expire_date = "2027-01-31" },
	    BACKUP_TO("DATABASE", "", ", EXPIREDATE=N'2027-01-31T00:00:00'") },
	{ { .retain_days = 7 }, BACKUP_TO("DATABASE", "", ", RETAINDAYS=7") },
	{ { .stats = 5 }, BACKUP_TO("DATABASE", "", ", STATS=5") },
	{ { .extra = "SKIP" }, BACKUP_TO("DATABASE", "", ", SKIP") },
};

START_TEST(a_backup_says)
{
	struct statement_backup backup = backups[_i].backup;
	struct error error;
	char *text;

	error_init(&error);
	backup.database = "D";
	ck_assert_int_eq(statement_check_backup(&backup, &error), 0);
	backup.devices = one_device;
	text = statement_build_backup(&backup, &error);
	ck_assert_msg(text != NULL, "%s", error.text);
	ck_assert_str_eq(text, backups[_i].text);
	free(text);
}
END_TEST

static const struct {
	struct statement_restore restore;
	const char *text;
} restores[] = {
	{ { .verb = STATEMENT_RESTORE_DATABASE },
	    RESTORE_FROM("DATABASE [D]", " WITH RECOVERY") },
	{ { .verb = STATEMENT_RESTORE_LOG },
	    RESTORE_FROM("LOG [D]", " WITH RECOVERY") },
	{ { .verb = STATEMENT_VERIFYONLY }, RESTORE_FROM("VERIFYONLY", "") },
	{ { .verb = STATEMENT_HEADERONLY }, RESTORE_FROM("HEADERONLY", "") },
	{ { .verb = STATEMENT_FILELISTONLY },
	    RESTORE_FROM("FILELISTONLY", "") },
	{ { .verb = STATEMENT_LABELONLY }, RESTORE_FROM("LABELONLY", "") },
	{ { .verb = STATEMENT_HEADERONLY, .checksum = STATEMENT_YES,
	      .devices = { .block_size = 512 } },
	    RESTORE_FROM("HEADERONLY", " WITH CHECKSUM, BLOCKSIZE=512") },
	{ { .verb = STATEMENT_VERIFYONLY, .moves = moves, .move_count = 1,
	      .stats = 5, .continue_after_error = true },
	    RESTORE_FROM("VERIFYONLY", " WITH MOVE N'd' TO N'/d', "
	        "CONTINUE_AFTER_ERROR, STATS=5") },
	{ { .parts = { .files = names, .file_count = 2 } },
	    RESTORE_FROM("DATABASE [D] FILE=N'it''s', FILE=N'b'",
	        " WITH RECOVERY") },
	{ { .parts = { .filegroups = names, .filegroup_count = 1 },
	      .partial = true },
	    RESTORE_FROM("DATABASE [D] FILEGROUP=N'it''s'",
	        " WITH PARTIAL, RECOVERY") },
	{ { .parts = { .read_write = true }, .partial = true,
	      .recovery = STATEMENT_NORECOVERY },
	    RESTORE_FROM("DATABASE [D] READ_WRITE_FILEGROUPS",
	        " WITH PARTIAL, NORECOVERY") },
	{ { .pages = pages, .page_count = 2,
	      .recovery = STATEMENT_NORECOVERY },
	    RESTORE_FROM("DATABASE [D] PAGE=N'1:57, 2:0'",
	        " WITH NORECOVERY") },
	{ { .verb = STATEMENT_RESTORE_LOG, .pages = pages, .page_count = 1,
	      .parts = { .files = names + 1, .file_count = 1 } },
	    RESTORE_FROM("LOG [D] FILE=N'b', PAGE=N'1:57'",
	        " WITH RECOVERY") },
	{ { .replace = true },
	    RESTORE_FROM("DATABASE [D]", " WITH REPLACE, RECOVERY") },
	{ { .moves = moves, .move_count = 2 },
	    RESTORE_FROM("DATABASE [D]", " WITH MOVE N'd' TO N'/d', "
	        "MOVE N'l' TO N'/l', RECOVERY") },
	{ { .recovery = STATEMENT_STANDBY, .standby_file = "/u" },
	    RESTORE_FROM("DATABASE [D]", " WITH STANDBY=N'/u'") },
	{ { .stop_at = "2026-11-24 07:30" },
	    RESTORE_FROM("DATABASE [D]",
	        " WITH RECOVERY, STOPAT=N'2026-11-24T07:30:00'") },
	{ { .stop_at_mark = "LSN:0012" },
	    RESTORE_FROM("DATABASE [D]",
	        " WITH RECOVERY, STOPATMARK=N'lsn:0012'") },
	{ { .stop_before_mark = "lsn:12", .verb = STATEMENT_RESTORE_LOG },
	    RESTORE_FROM("LOG [D]",
	        " WITH RECOVERY, STOPBEFOREMARK=N'lsn:12'") },
	{ { .stop_before_mark = "it's", .mark_after = "2026-11-24",
	      .verb = STATEMENT_RESTORE_LOG },
	    RESTORE_FROM("LOG [D]", " WITH RECOVERY, "
	        "STOPBEFOREMARK=N'it''s' AFTER N'2026-11-24T00:00:00'") },
	{ { .restricted_user = true, .keep_replication = true,
	      .keep_cdc = true },
	    RESTORE_FROM("DATABASE [D]", " WITH RECOVERY, RESTRICTED_USER, "
	        "KEEP_REPLICATION, KEEP_CDC") },
	{ { .broker = STATEMENT_BROKER_ENABLE },
	    RESTORE_FROM("DATABASE [D]", " WITH RECOVERY, ENABLE_BROKER") },
	{ { .broker = STATEMENT_BROKER_NEW },
	    RESTORE_FROM("DATABASE [D]", " WITH RECOVERY, NEW_BROKER") },
	{ { .broker = STATEMENT_BROKER_ERROR_CONVERSATIONS },
	    RESTORE_FROM("DATABASE [D]",
	        " WITH RECOVERY, ERROR_BROKER_CONVERSATIONS") },
	{ { .checksum = STATEMENT_NO },
	    RESTORE_FROM("DATABASE [D]", " WITH RECOVERY, NO_CHECKSUM") },
};

START_TEST(a_restore_says)
{
	struct statement_restore restore = restores[_i].restore;
	struct error error;
	char *text;

	error_init(&error);
	restore.database = "D";
	ck_assert_msg(statement_check_restore(&restore, &error) == 0, "%s",
	    error.text);
	restore.devices.set_name = "s";
	restore.devices.count = 1;
	text = statement_build_restore(&restore, &error);
	ck_assert_msg(text != NULL, "%s", error.text);
	ck_assert_str_eq(text, restores[_i].text);
	free(text);
}
END_TEST

/* ---- values --------------------------------------------------------- */

START_TEST(values_are_checked)
{
	static const char *const wrong_pages[] = { "1", "1:", ":1", "1:2:3",
		"1:-1", "0:1", "32768:1", "1:2147483648", " 1:2", "1:2'" };
	struct statement_restore restore = { .database = "D",
		.recovery = STATEMENT_NORECOVERY, .page_count = 1 };
	static const char *const wrong_lsns[] = { "lsn:", "lsn:12a",
		"lsn:-1", "lsn:12345678901234567890123456" };
	static const struct statement_move twice[] = { { "d", "/a" },
		{ "e", "/b" }, { "d", "/c" } };
	static const struct statement_move empty[] = { { "d", "" } };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(wrong_pages); i++) {
		restore.pages = &wrong_pages[i];
		ck_assert_msg(statement_check_restore(&restore, NULL) == -1,
		    "%s", wrong_pages[i]);
	}
	restore.page_count = 0;
	for (i = 0; i < ARRAY_COUNT(wrong_lsns); i++) {
		restore.stop_at_mark = wrong_lsns[i];
		ck_assert_msg(statement_check_restore(&restore, NULL) == -1,
		    "%s", wrong_lsns[i]);
	}
	restore.stop_at_mark = NULL;
	restore.moves = twice;
	restore.move_count = 2;
	ck_assert_int_eq(statement_check_restore(&restore, NULL), 0);
	restore.move_count = 3;
	ck_assert_int_eq(statement_check_restore(&restore, NULL), -1);
	restore.moves = empty;
	restore.move_count = 1;
	ck_assert_int_eq(statement_check_restore(&restore, NULL), -1);
}
END_TEST

START_TEST(a_thousand_pages_and_no_more)
{
	const char *many[1001];
	struct statement_restore restore = { .database = "D",
		.recovery = STATEMENT_NORECOVERY, .pages = many };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(many); i++)
		many[i] = "1:5";
	restore.page_count = 1000;
	ck_assert_int_eq(statement_check_restore(&restore, NULL), 0);
	restore.page_count = 1001;
	ck_assert_int_eq(statement_check_restore(&restore, NULL), -1);
}
END_TEST

START_TEST(words_are_known_ones)
{
	static const char *const nameless[] = { "" };
	static const struct statement_backup bad[] = {
		{ .compression = STATEMENT_YES,
		    .compression_algorithm = "GZIP" },
		{ .compression = STATEMENT_YES, .compression_algorithm = "" },
		{ .compression = STATEMENT_YES,
		    .compression_algorithm = "ZSTD",
		    .compression_level = "9" },
		{ .encryption = { "ROT13", "c", NULL } },
		{ .encryption = { "AES_256", NULL, NULL } },
		{ .encryption = { "AES_256", "c", "k" } },
		{ .encryption = { "AES_256", "", NULL } },
		{ .name = "" },
		{ .name = "a\nb" },
		{ .description = "a\xC2\x85z" },
		{ .parts = { .files = nameless, .file_count = 1 } },
		{ .expire_date = "tomorrow" },
		{ .type = STATEMENT_LOG, .standby_file = "" },
	};
	struct error error;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		struct statement_backup backup = bad[i];

		backup.database = "D";
		error_init(&error);
		ck_assert_msg(statement_check_backup(&backup, &error) == -1,
		    "%zu", i);
		ck_assert_int_eq(error.kind, KIND_USAGE);
	}
}
END_TEST

/* Names of every kind end at 128 UTF-16 units. */
START_TEST(names_of_parts_have_limits)
{
	char name[130];
	const char *const one[] = { name };
	struct statement_backup backup = { .database = "D",
		.parts = { .files = one, .file_count = 1 } };

	memset(name, 'x', 128);
	name[128] = '\0';
	ck_assert_int_eq(statement_check_backup(&backup, NULL), 0);
	backup.encryption = (struct statement_encryption){ "AES_256", name,
		NULL };
	ck_assert_int_eq(statement_check_backup(&backup, NULL), 0);
	name[128] = 'x';
	name[129] = '\0';
	backup.parts.file_count = 0;
	ck_assert_int_eq(statement_check_backup(&backup, NULL), -1);
	backup.encryption.algorithm = NULL;
	ck_assert_int_eq(statement_check_backup(&backup, NULL), 0);
	backup.parts.file_count = 1;
	ck_assert_int_eq(statement_check_backup(&backup, NULL), -1);
}
END_TEST

START_TEST(times_come_out_in_one_form)
{
	static const char *const good[][2] = {
		{ "2026-11-24", "2026-11-24T00:00:00" },
		{ "2026-11-24 07:30", "2026-11-24T07:30:00" },
		{ "2026-11-24T07:30:59", "2026-11-24T07:30:59" },
		{ "2026-11-24T07:30:59.1", "2026-11-24T07:30:59.100" },
		{ "2026-11-24 07:30:59.12", "2026-11-24T07:30:59.120" },
		{ "2024-02-29T23:59:59.999", "2024-02-29T23:59:59.999" },
		{ "1753-01-01", "1753-01-01T00:00:00" },
		{ "9999-12-31", "9999-12-31T00:00:00" },
	};
	static const char *const bad[] = { "", "2026", "2026-11", "24.11.2026",
		"2026-13-01", "2026-00-01", "2026-11-31", "2026-02-29",
		"2026-11-24T", "2026-11-24T07", "2026-11-24T24:00",
		"2026-11-24T07:60", "2026-11-24T07:30:60",
		"2026-11-24T07:30:00.", "2026-11-24T07:30:00.1234",
		"2026-11-24T07:30:00Z", "2026-11-24T07:30:00+01:00",
		"1752-12-31", "2026-11-24 ", " 2026-11-24", "2026-1-2",
		"lsn:5" };
	char written[WHEN_ROOM];
	struct error error;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(good); i++) {
		ck_assert_msg(when_write(written, good[i][0], NULL) == 0,
		    "%s", good[i][0]);
		ck_assert_str_eq(written, good[i][1]);
	}
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		error_init(&error);
		ck_assert_msg(when_write(written, bad[i], &error) == -1,
		    "%s", bad[i]);
		ck_assert_int_eq(error.kind, KIND_USAGE);
	}
}
END_TEST

TCase *
options_tests(void)
{
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, a_backup_says, 0, ARRAY_COUNT(backups));
	tcase_add_loop_test(tcase, a_restore_says, 0, ARRAY_COUNT(restores));
	tcase_add_test(tcase, values_are_checked);
	tcase_add_test(tcase, a_thousand_pages_and_no_more);
	tcase_add_test(tcase, words_are_known_ones);
	tcase_add_test(tcase, names_of_parts_have_limits);
	tcase_add_test(tcase, times_come_out_in_one_form);
	return (tcase);
}
