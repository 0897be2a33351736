/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: each option is said as T-SQL has it, and options that cannot stand
 * together are refused with both of their names, all others taken. */
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

/* ---- which do not stand together ------------------------------------ */

enum said {
	NOTHING,
	DIFF,
	LOG,
	VERIFY,
	HEADER,
	FILELIST,
	LABEL,
	FILES,
	FILEGROUP,
	READ_WRITE,
	PAGE,
	PARTIAL,
	COPY_ONLY,
	TAIL,
	NORECOVERY,
	STANDBY,
	REPLACE,
	MOVE,
	STOP_AT,
	AT_LSN,
	AT_NAME,
	BEFORE_LSN,
	BEFORE_NAME,
	AFTER,
	RESTRICTED,
	REPLICATION,
	CDC,
	BROKER,
	CONTINUE,
	CHECKSUM,
	COMPRESSION,
	XPRESS,
	ZSTD,
	LEVEL,
	ENCRYPT,
	NAME,
	DESCRIPTION,
	EXPIRE,
	RETAIN,
	STATS
};

#define B(said) (UINT64_C(1) << (said))

static const enum said backup_options[] = { NOTHING, DIFF, LOG, FILES,
	FILEGROUP, READ_WRITE, COPY_ONLY, TAIL, STANDBY, CONTINUE, CHECKSUM,
	COMPRESSION, XPRESS, ZSTD, LEVEL, ENCRYPT, NAME, DESCRIPTION, EXPIRE,
	RETAIN, STATS };
static const enum said restore_options[] = { NOTHING, LOG, VERIFY, HEADER,
	FILELIST, LABEL, FILES, FILEGROUP, READ_WRITE, PAGE, PARTIAL,
	NORECOVERY, STANDBY, REPLACE, MOVE, STOP_AT, AT_LSN, AT_NAME,
	BEFORE_LSN, BEFORE_NAME, AFTER, RESTRICTED, REPLICATION, CDC, BROKER,
	CONTINUE, CHECKSUM, STATS };

/* Of these there is one at a time, whatever was said. */
static const uint64_t either[] = {
	B(DIFF) | B(LOG),
	B(LOG) | B(VERIFY) | B(HEADER) | B(FILELIST) | B(LABEL),
	B(NORECOVERY) | B(STANDBY),
	B(AT_LSN) | B(AT_NAME),
	B(BEFORE_LSN) | B(BEFORE_NAME),
	B(XPRESS) | B(ZSTD),
};

/* All of `with`, any of `never` (0: whatever else), none of `unless`. */
struct refused {
	uint64_t with;
	uint64_t never;
	uint64_t unless;
	const char *first;
	const char *second;
};

static const struct refused backup_refusals[] = {
	{ B(TAIL), 0, B(LOG), "'--tail'", "'--type " },
	{ B(STANDBY), 0, B(LOG) | B(TAIL), "'--standby'", "'--type " },
	{ B(STANDBY) | B(TAIL), 0, B(LOG), "'--tail'", "'--type " },
	{ B(LOG), B(FILES), 0, "'--type log'", "'--file'" },
	{ B(LOG), B(FILEGROUP), 0, "'--type log'", "'--filegroup'" },
	{ B(LOG), B(READ_WRITE), 0, "'--type log'",
	    "'--read-write-filegroups'" },
	{ B(READ_WRITE), B(FILES), 0, "'--read-write-filegroups'",
	    "'--file'" },
	{ B(COPY_ONLY), B(DIFF), 0, "'--copy-only'", "'--type diff'" },
	{ B(EXPIRE), B(RETAIN), 0, "'--expire-date'", "'--retain-days'" },
	{ B(XPRESS), 0, B(COMPRESSION), "algorithm",
	    "'--server-compression'" },
	{ B(ZSTD), 0, B(COMPRESSION), "algorithm", "'--server-compression'" },
	{ B(LEVEL), 0, B(ZSTD), "level", "'--server-compression'" },
	{ B(LEVEL), 0, B(COMPRESSION), "level", "'--server-compression'" },
};

#define PARTS_SAID (B(FILES) | B(FILEGROUP) | B(READ_WRITE))
#define MARKS_SAID (B(AT_LSN) | B(AT_NAME) | B(BEFORE_LSN) | B(BEFORE_NAME))
#define RESTORING                                                              \
	(PARTS_SAID | MARKS_SAID | B(PAGE) | B(PARTIAL) | B(NORECOVERY) |      \
	    B(STANDBY) | B(REPLACE) | B(STOP_AT) | B(AFTER) | B(RESTRICTED) |  \
	    B(REPLICATION) | B(CDC) | B(BROKER))
#define READING (B(HEADER) | B(FILELIST) | B(LABEL))
#define NO_DATABASE (B(LOG) | B(VERIFY) | READING)

static const struct refused restore_refusals[] = {
	{ B(VERIFY), RESTORING, 0, "'--verify-only'", "" },
	{ B(HEADER), RESTORING | B(MOVE) | B(STATS), 0, "reading", "" },
	{ B(FILELIST), RESTORING | B(MOVE) | B(STATS), 0, "reading", "" },
	{ B(LABEL), RESTORING | B(MOVE) | B(STATS), 0, "reading", "" },
	{ B(STOP_AT), MARKS_SAID, 0, "'--stop-at'", "mark'" },
	{ B(AT_LSN), B(BEFORE_LSN) | B(BEFORE_NAME), 0, "'--stop-at-mark'",
	    "'--stop-before-mark'" },
	{ B(AT_NAME), B(BEFORE_LSN) | B(BEFORE_NAME), 0, "'--stop-at-mark'",
	    "'--stop-before-mark'" },
	{ B(AFTER), 0, MARKS_SAID, "'--mark-after'", "no mark" },
	{ B(LOG), B(PARTIAL), 0, "'--type log'", "'--partial'" },
	{ B(LOG), B(READ_WRITE), 0, "'--type log'",
	    "'--read-write-filegroups'" },
	{ B(LOG), B(BROKER), 0, "'--type log'", "'--broker'" },
	{ B(AT_NAME), 0, NO_DATABASE, "database", "mark" },
	{ B(BEFORE_NAME), 0, NO_DATABASE, "database", "mark" },
	{ B(PAGE), B(READ_WRITE), 0, "'--page'",
	    "'--read-write-filegroups'" },
	{ B(PAGE), B(PARTIAL), 0, "'--page'", "'--partial'" },
	{ B(PAGE), 0, NO_DATABASE | B(NORECOVERY), "'--page'", "" },
	{ B(STOP_AT), PARTS_SAID | B(PAGE), NO_DATABASE | B(PARTIAL),
	    "'--stop-at'", "" },
	{ B(AT_LSN), PARTS_SAID | B(PAGE), NO_DATABASE | B(PARTIAL),
	    "'--stop-at-mark'", "" },
	{ B(BEFORE_LSN), PARTS_SAID | B(PAGE), NO_DATABASE | B(PARTIAL),
	    "'--stop-before-mark'", "" },
	{ B(STANDBY), PARTS_SAID, NO_DATABASE | B(PARTIAL), "'--standby'",
	    "" },
	{ B(NORECOVERY), B(REPLICATION), 0, "'--norecovery'",
	    "'--keep-replication'" },
	{ B(NORECOVERY), B(CDC), 0, "'--norecovery'", "'--keep-cdc'" },
};

static const struct refused *
find_refusal(const struct refused *table, size_t count, uint64_t said)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((said & table[i].with) == table[i].with &&
		    (table[i].never == 0 || (said & table[i].never) != 0) &&
		    (said & table[i].unless) == 0)
			return (&table[i]);
	return (NULL);
}

static bool
are_all_there(uint64_t said)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(either); i++) {
		uint64_t some = said & either[i];

		if ((some & (some - 1)) != 0)
			return (false);
	}
	return (true);
}

static bool
is_said(uint64_t said, enum said what)
{
	return ((said & B(what)) != 0);
}

static int
try_backup(uint64_t said, struct error *error)
{
	struct statement_backup backup = { .database = "D" };

	backup.type = is_said(said, DIFF) ? STATEMENT_DIFF :
	    is_said(said, LOG) ? STATEMENT_LOG : STATEMENT_FULL;
	backup.parts.files = backup.parts.filegroups = names;
	backup.parts.file_count = is_said(said, FILES);
	backup.parts.filegroup_count = is_said(said, FILEGROUP);
	backup.parts.read_write = is_said(said, READ_WRITE);
	backup.copy_only = is_said(said, COPY_ONLY);
	backup.tail = is_said(said, TAIL);
	backup.standby_file = is_said(said, STANDBY) ? "/u" : NULL;
	backup.continue_after_error = is_said(said, CONTINUE);
	backup.checksum = is_said(said, CHECKSUM) ? STATEMENT_YES :
	    STATEMENT_UNSAID;
	backup.compression = is_said(said, COMPRESSION) ? STATEMENT_YES :
	    STATEMENT_NO;
	backup.compression_algorithm = is_said(said, ZSTD) ? "ZSTD" :
	    is_said(said, XPRESS) ? "MS_XPRESS" : NULL;
	backup.compression_level = is_said(said, LEVEL) ? "HIGH" : NULL;
	if (is_said(said, ENCRYPT))
		backup.encryption = (struct statement_encryption){ "AES_128",
			"c", NULL };
	backup.name = is_said(said, NAME) ? "n" : NULL;
	backup.description = is_said(said, DESCRIPTION) ? "d" : NULL;
	backup.expire_date = is_said(said, EXPIRE) ? "2027-01-01" : NULL;
	backup.retain_days = is_said(said, RETAIN) ? 3 : 0;
	backup.stats = is_said(said, STATS) ? 5 : 0;
	return (statement_check_backup(&backup, error));
}

static int
try_restore(uint64_t said, struct error *error)
{
	struct statement_restore restore = { .database = "D",
		.standby_file = "/u", .moves = moves, .pages = pages };

	restore.verb = is_said(said, LOG) ? STATEMENT_RESTORE_LOG :
	    is_said(said, VERIFY) ? STATEMENT_VERIFYONLY :
	    is_said(said, HEADER) ? STATEMENT_HEADERONLY :
	    is_said(said, FILELIST) ? STATEMENT_FILELISTONLY :
	    is_said(said, LABEL) ? STATEMENT_LABELONLY :
	    STATEMENT_RESTORE_DATABASE;
	restore.parts.files = restore.parts.filegroups = names;
	restore.parts.file_count = is_said(said, FILES);
	restore.parts.filegroup_count = is_said(said, FILEGROUP);
	restore.parts.read_write = is_said(said, READ_WRITE);
	restore.page_count = is_said(said, PAGE);
	restore.partial = is_said(said, PARTIAL);
	restore.recovery = is_said(said, NORECOVERY) ? STATEMENT_NORECOVERY :
	    is_said(said, STANDBY) ? STATEMENT_STANDBY : STATEMENT_RECOVERY;
	restore.replace = is_said(said, REPLACE);
	restore.move_count = is_said(said, MOVE);
	restore.stop_at = is_said(said, STOP_AT) ? "2026-11-24" : NULL;
	restore.stop_at_mark = is_said(said, AT_LSN) ? "lsn:1" :
	    is_said(said, AT_NAME) ? "m" : NULL;
	restore.stop_before_mark = is_said(said, BEFORE_LSN) ? "lsn:1" :
	    is_said(said, BEFORE_NAME) ? "m" : NULL;
	restore.mark_after = is_said(said, AFTER) ? "2026-11-23" : NULL;
	restore.restricted_user = is_said(said, RESTRICTED);
	restore.keep_replication = is_said(said, REPLICATION);
	restore.keep_cdc = is_said(said, CDC);
	restore.broker = is_said(said, BROKER) ? STATEMENT_BROKER_ENABLE :
	    STATEMENT_BROKER_UNSAID;
	restore.continue_after_error = is_said(said, CONTINUE);
	restore.checksum = is_said(said, CHECKSUM) ? STATEMENT_YES :
	    STATEMENT_UNSAID;
	restore.stats = is_said(said, STATS) ? 5 : 0;
	return (statement_check_restore(&restore, error));
}

static void
try_set(uint64_t said, bool is_backup)
{
	const struct refused *refused = is_backup ?
	    find_refusal(backup_refusals, ARRAY_COUNT(backup_refusals), said) :
	    find_refusal(restore_refusals, ARRAY_COUNT(restore_refusals),
	        said);
	struct error error;
	int result;

	error_init(&error);
	result = is_backup ? try_backup(said, &error) :
	    try_restore(said, &error);
	ck_assert_msg((result == 0) == (refused == NULL), "%#llx: %s",
	    (unsigned long long)said, error.text);
	if (refused == NULL)
		return;
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_ptr_nonnull(strstr(error.text, " contradict each other: "));
}

/* Every three of them. */
static void
try_all(const enum said *options, size_t count, bool is_backup)
{
	size_t i;
	size_t j;
	size_t k;

	for (i = 0; i < count; i++)
		for (j = i; j < count; j++)
			for (k = j; k < count; k++) {
				uint64_t said = B(options[i]) |
				    B(options[j]) | B(options[k]);

				if (are_all_there(said))
					try_set(said, is_backup);
			}
}

START_TEST(options_of_a_backup_stand_together_or_are_refused)
{
	try_all(backup_options, ARRAY_COUNT(backup_options), true);
}
END_TEST

START_TEST(options_of_a_restore_stand_together_or_are_refused)
{
	try_all(restore_options, ARRAY_COUNT(restore_options), false);
}
END_TEST

/* The least that each rule speaks of: it names what it is about. */
static void
names_both(const struct refused *table, size_t count, bool is_backup)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct refused *rule = &table[i];
		uint64_t never = rule->never;
		struct error error;
		uint64_t said;

		do {
			/* One of them after the other. */
			said = rule->with | (never & (~never + 1));
			never &= never - 1;
			if (find_refusal(table, count, said) != rule)
				continue;
			error_init(&error);
			ck_assert_int_eq(is_backup ?
			    try_backup(said, &error) :
			    try_restore(said, &error), -1);
			ck_assert_msg(strstr(error.text, rule->first) !=
			    NULL, "%s: %s", rule->first, error.text);
			ck_assert_msg(strstr(error.text, rule->second) !=
			    NULL, "%s: %s", rule->second, error.text);
		} while (never != 0);
	}
}

START_TEST(a_refusal_names_both)
{
	names_both(backup_refusals, ARRAY_COUNT(backup_refusals), true);
	names_both(restore_refusals, ARRAY_COUNT(restore_refusals), false);
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
	tcase_add_test(tcase,
	    options_of_a_backup_stand_together_or_are_refused);
	tcase_add_test(tcase,
	    options_of_a_restore_stand_together_or_are_refused);
	tcase_add_test(tcase, a_refusal_names_both);
	tcase_add_test(tcase, values_are_checked);
	tcase_add_test(tcase, a_thousand_pages_and_no_more);
	tcase_add_test(tcase, words_are_known_ones);
	tcase_add_test(tcase, names_of_parts_have_limits);
	tcase_add_test(tcase, times_come_out_in_one_form);
	return (tcase);
}
