/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: options that cannot stand together are refused with both of their
 * names, and all others are taken, whatever three of them there are. */
#include <config.h>

#include "sql_tests.h"

#include "sql/statement.h"

#include <string.h>

static const char *const names[] = { "a" };
static const char *const pages[] = { "1:57" };
static const struct statement_move moves[] = { { "d", "/d" } };

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

TCase *
rule_tests(void)
{
	TCase *tcase = tcase_create("rule");

	tcase_add_test(tcase,
	    options_of_a_backup_stand_together_or_are_refused);
	tcase_add_test(tcase,
	    options_of_a_restore_stand_together_or_are_refused);
	tcase_add_test(tcase, a_refusal_names_both);
	return (tcase);
}
