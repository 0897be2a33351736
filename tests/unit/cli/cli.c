/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the command line means what its help says, and nothing else. */
#include <config.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/common.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/option.h"
#include "cli/status.h"
#include "cli/text.h"
#include "transfer/stripe.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

/* A command line that parses into these. */
static struct arguments arguments;
static struct error error;
static char *words[WORDS_MAX];

/* Split at blanks; "_" stands for an empty word. */
static int
parse(const char *line)
{
	static char copy[1024];
	const struct command *command;
	char *rest = NULL;
	char *word;
	int count = 0;

	error_init(&error);
	arguments_release(&arguments);
	ck_assert_uint_lt(strlen(line), sizeof(copy));
	strcpy(copy, line);
	for (word = strtok_r(copy, " ", &rest);
	    word != NULL && count < WORDS_MAX - 1;
	    word = strtok_r(NULL, " ", &rest))
		words[count++] = strcmp(word, "_") == 0 ? word + 1 : word;
	words[count] = NULL;
	command = command_find(words[0]);
	ck_assert_ptr_nonnull(command);
	return (arguments_parse(&arguments, command, count, words, &error));
}

static void
refused(const char *line, const char *said)
{
	ck_assert_msg(parse(line) == -1, "taken: %s", line);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_msg(strstr(error.text, said) != NULL, "%s: %s", line,
	    error.text);
	ck_assert_msg(strncmp(error.hint, "try 'vdibackup ", 15) == 0, "%s",
	    error.hint);
}

static struct wording wording;
static struct job_backup job;
static struct fault_plan faults;

static int
fill_backup(const char *line)
{
	if (parse(line) != 0)
		return (-1);
	memset(&job, 0, sizeof(job));
	job.devices = 1;
	job.statement.checksum = STATEMENT_YES;
	job.frame_size = STRIPE_DEFAULT_FRAME_SIZE;
	fault_plan_release(&faults);
	fault_plan_init(&faults, NULL, NULL);
	job.common.faults = &faults;
	wording_release(&wording);
	return (common_fill_backup(&job, &arguments, &wording, &error));
}

#define BACKUP "backup -d Shop --engine sqlite:shop.db "

static void
backup_refused(const char *rest, const char *said)
{
	char line[512];

	(void)snprintf(line, sizeof(line), BACKUP "%s", rest);
	ck_assert_msg(fill_backup(line) == -1, "taken: %s", line);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_msg(strstr(error.text, said) != NULL, "%s: %s", line,
	    error.text);
	ck_assert_str_ne(error.hint, "");
}

static struct job_restore restore;
static const char **sources;

static int
fill_restore(const char *line)
{
	if (parse(line) != 0)
		return (-1);
	memset(&restore, 0, sizeof(restore));
	fault_plan_release(&faults);
	fault_plan_init(&faults, NULL, NULL);
	restore.common.faults = &faults;
	free(sources);
	wording_release(&wording);
	return (common_fill_restore(&restore, &arguments, &sources, &wording,
	    &error));
}

START_TEST(options_and_operands_mix)
{
	ck_assert_int_eq(parse("verify a --json b -q -- --c"), 0);
	ck_assert(arguments_has(&arguments, OPTION_JSON));
	ck_assert(arguments_has(&arguments, OPTION_QUIET));
	ck_assert(!arguments_has(&arguments, OPTION_VERBOSE));
	ck_assert_uint_eq(arguments.operand_count, 3);
	ck_assert_str_eq(arguments.operands[0], "a");
	ck_assert_str_eq(arguments.operands[2], "--c");
}
END_TEST

START_TEST(values_come_in_every_form)
{
	ck_assert_int_eq(parse("backup --database=A -n4 -o x --level -7"), 0);
	ck_assert_str_eq(arguments_text(&arguments, OPTION_DATABASE), "A");
	ck_assert_str_eq(arguments_text(&arguments, OPTION_DEVICES), "4");
	ck_assert_str_eq(arguments_text(&arguments, OPTION_TO), "x");
	ck_assert_str_eq(arguments_text(&arguments, OPTION_LEVEL), "-7");
	ck_assert_ptr_null(arguments_text(&arguments, OPTION_SERVER));
}
END_TEST

/* "server" is whole, and the start of "server-compression". */
static bool
is_option(const char *name)
{
	int id;

	for (id = 0; id < OPTION_COUNT; id++)
		if (strcmp(option_at((enum option_id)id)->name, name) == 0)
			return (true);
	return (false);
}

START_TEST(every_abbreviation_is_refused)
{
	char line[128];
	char name[64];
	int id;
	size_t length;

	for (id = 0; id < OPTION_COUNT; id++) {
		const struct option_entry *entry =
		    option_at((enum option_id)id);

		for (length = 1; length < strlen(entry->name); length++) {
			memcpy(name, entry->name, length);
			name[length] = '\0';
			if (is_option(name))
				continue;
			(void)snprintf(line, sizeof(line),
			    "backup --%s=x", name);
			ck_assert_msg(parse(line) == -1, "%s", line);
			(void)snprintf(line, sizeof(line), "backup --%s",
			    name);
			ck_assert_msg(parse(line) == -1, "%s", line);
			ck_assert_int_eq(error.kind, KIND_USAGE);
		}
	}
	refused("backup --lev 3", "did you mean '--level'?");
	refused("backup --lev=3", "did you mean '--level'?");
	refused("backup --level=3 --jso", "did you mean '--json'?");
	refused("backup --databas", "there is no option '--databas'");
}
END_TEST

START_TEST(a_single_value_is_given_once)
{
	refused("backup --level 3 --level 4", "'--level' is given twice");
	refused("backup -d A --database B", "'--database' is given twice");
	ck_assert_int_eq(parse("backup --inject a --inject b --json --json"),
	    0);
	ck_assert_uint_eq(arguments.counts[OPTION_INJECT], 2);
	ck_assert_str_eq(arguments.lists[OPTION_INJECT][0], "a");
	ck_assert_str_eq(arguments.lists[OPTION_INJECT][1], "b");
	ck_assert_ptr_null(arguments.lists[OPTION_INJECT][2]);
}
END_TEST

START_TEST(an_option_of_another_command_is_named)
{
	refused("verify --level 3 x",
	    "'--level' does not belong to 'verify'; it belongs to 'backup' "
	    "and 'bench'");
	refused("cat -d x y", "it belongs to 'backup', 'restore' and 'bench'");
	refused("cat --json x", "it belongs to 'backup', 'restore', "
	    "'verify', 'show', 'list', 'adopt', 'rehearse' and 'bench'");
}
END_TEST

START_TEST(values_are_demanded_and_refused)
{
	refused("backup --level", "'--level' needs a value: LEVEL");
	refused("backup -d", "'--database' needs a value: NAME");
	refused("backup --json=yes", "'--json' takes no value");
	refused("backup -d _", "'--database' is given an empty value");
	refused("backup --database=", "empty value");
	refused("backup -Z", "there is no option '-Z'");
	refused("backup -qZ", "there is no option '-Z'");
	refused("backup --frobnicate", "there is no option '--frobnicate'");
	refused("backup --password x", "a password never belongs");
}
END_TEST

START_TEST(a_backup_is_described)
{
	ck_assert_int_eq(fill_backup(BACKUP "-S HOST -t diff -n 64 -l 19 "
	    "--to /st --threads 2 --frame-size 1MiB --max-transfer-size "
	    "128KiB --buffer-count 7 --block-size 4KiB --no-checksum "
	    "--server-compression --name N --description D --with MEDIANAME=m "
	    "--limit-rate 1MiB --configure-timeout 90s --stall-timeout 5m "
	    "--lock-wait 2s"), 0);
	ck_assert_str_eq(job.common.server.name, "HOST");
	ck_assert_str_eq(job.common.server.engine, "sqlite:shop.db");
	ck_assert_str_eq(job.common.server.provider, "auto");
	ck_assert_str_eq(job.common.database, "Shop");
	ck_assert_int_eq(job.statement.type, STATEMENT_DIFF);
	ck_assert_int_eq(job.target_kind, JOB_TARGET_STORE);
	ck_assert_uint_eq(job.devices, 64);
	ck_assert_int_eq(job.codec.level, 19);
	ck_assert_uint_eq(job.common.threads, 2);
	ck_assert_uint_eq(job.frame_size, 1u << 20);
	ck_assert_uint_eq(job.common.max_transfer_size, 128u << 10);
	ck_assert_uint_eq(job.common.buffer_count, 7);
	ck_assert_uint_eq(job.common.block_size, 4096);
	ck_assert_int_eq(job.statement.checksum, STATEMENT_NO);
	ck_assert(!job.statement.copy_only);
	ck_assert_int_eq(job.statement.compression, STATEMENT_YES);
	ck_assert_str_eq(job.statement.name, "N");
	ck_assert_str_eq(job.statement.description, "D");
	ck_assert_str_eq(job.statement.extra, "MEDIANAME=m");
	ck_assert_uint_eq(job.limit_rate, 1u << 20);
	ck_assert_int_eq(job.common.configure_timeout_ms, 90000);
	ck_assert_int_eq(job.common.stall_timeout_ms, 300000);
	ck_assert_int_eq(job.common.lock_wait_ms, 2000);
}
END_TEST

START_TEST(what_a_backup_says_is_described)
{
	ck_assert_int_eq(fill_backup(BACKUP "--to /st --file a --file b "
	    "--filegroup g --continue-after-error --server-compression="
	    "ZSTD:LOW --encrypt AES_256,certificate=c=d --retain-days 9"), 0);
	ck_assert_uint_eq(job.statement.parts.file_count, 2);
	ck_assert_str_eq(job.statement.parts.files[1], "b");
	ck_assert_uint_eq(job.statement.parts.filegroup_count, 1);
	ck_assert_str_eq(job.statement.parts.filegroups[0], "g");
	ck_assert(!job.statement.parts.read_write);
	ck_assert(job.statement.continue_after_error);
	ck_assert_int_eq(job.statement.compression, STATEMENT_YES);
	ck_assert_str_eq(job.statement.compression_algorithm, "ZSTD");
	ck_assert_str_eq(job.statement.compression_level, "LOW");
	ck_assert_str_eq(job.statement.encryption.algorithm, "AES_256");
	ck_assert_str_eq(job.statement.encryption.certificate, "c=d");
	ck_assert_ptr_null(job.statement.encryption.asymmetric_key);
	ck_assert_uint_eq(job.statement.retain_days, 9);
	ck_assert_int_eq(fill_backup(BACKUP "--to /st -t log --tail "
	    "--standby /u --server-compression --expire-date 2027-01-01"), 0);
	ck_assert(job.statement.tail);
	ck_assert_str_eq(job.statement.standby_file, "/u");
	ck_assert_ptr_null(job.statement.compression_algorithm);
	ck_assert_str_eq(job.statement.expire_date, "2027-01-01");
	ck_assert_int_eq(fill_backup(BACKUP "--to /st --encrypt "
	    "AES_128,asymmetric-key=k --read-write-filegroups"), 0);
	ck_assert_str_eq(job.statement.encryption.asymmetric_key, "k");
	ck_assert(job.statement.parts.read_write);
}
END_TEST

#define RESTORE "restore -d Shop --engine sqlite:shop.db -f /st "

START_TEST(what_a_restore_says_is_described)
{
	ck_assert_int_eq(fill_restore(RESTORE "--partial --filegroup g "
	    "--norecovery --move a=/x=y --move b=/z --restricted-user "
	    "--broker new --no-checksum"), 0);
	ck_assert_int_eq(restore.statement.verb, STATEMENT_RESTORE_DATABASE);
	ck_assert(!restore.is_type_given);
	ck_assert(restore.statement.partial);
	ck_assert_uint_eq(restore.statement.parts.filegroup_count, 1);
	ck_assert_int_eq(restore.statement.recovery, STATEMENT_NORECOVERY);
	ck_assert_uint_eq(restore.statement.move_count, 2);
	ck_assert_str_eq(restore.statement.moves[0].logical, "a");
	ck_assert_str_eq(restore.statement.moves[0].path, "/x=y");
	ck_assert_str_eq(restore.statement.moves[1].path, "/z");
	ck_assert(restore.statement.restricted_user);
	ck_assert_int_eq(restore.statement.broker, STATEMENT_BROKER_NEW);
	ck_assert_int_eq(restore.statement.checksum, STATEMENT_NO);
	ck_assert_int_eq(fill_restore(RESTORE "-t log --standby /u "
	    "--stop-before-mark m --mark-after 2026-11-24 --page 1:5 "
	    "--keep-replication --keep-cdc"), 0);
	ck_assert_int_eq(restore.statement.verb, STATEMENT_RESTORE_LOG);
	ck_assert(restore.is_type_given);
	ck_assert_int_eq(restore.statement.recovery, STATEMENT_STANDBY);
	ck_assert_str_eq(restore.statement.standby_file, "/u");
	ck_assert_str_eq(restore.statement.stop_before_mark, "m");
	ck_assert_str_eq(restore.statement.mark_after, "2026-11-24");
	ck_assert_uint_eq(restore.statement.page_count, 1);
	ck_assert(restore.statement.keep_replication);
	ck_assert(restore.statement.keep_cdc);
	/* An LSN is no time. */
	ck_assert_int_eq(fill_restore(RESTORE "--stop-at 12"), 0);
	ck_assert_ptr_null(restore.statement.stop_at);
	ck_assert_str_eq(restore.statement.stop_at_mark, "lsn:12");
	ck_assert_int_eq(fill_restore(RESTORE "--stop-at lsn:12"), 0);
	ck_assert_str_eq(restore.statement.stop_at_mark, "lsn:12");
	ck_assert_int_eq(fill_restore(RESTORE "--stop-at 2026-11-24"), 0);
	ck_assert_str_eq(restore.statement.stop_at, "2026-11-24");
	ck_assert_ptr_null(restore.statement.stop_at_mark);
	/* What only a log takes is let pass until the backup is known. */
	ck_assert_int_eq(fill_restore(RESTORE "--stop-at-mark m"), 0);
	ck_assert_int_eq(fill_restore(RESTORE "-t full --stop-at-mark m"),
	    -1);
	ck_assert_int_eq(fill_restore(RESTORE "-t log --partial"), -1);
	ck_assert_int_eq(fill_restore(RESTORE "--partial --stop-at-mark m"),
	    -1);
}
END_TEST

START_TEST(a_value_may_be_optional)
{
	ck_assert_int_eq(parse("backup --long"), 0);
	ck_assert(arguments_has(&arguments, OPTION_LONG));
	ck_assert_ptr_null(arguments_text(&arguments, OPTION_LONG));
	ck_assert_int_eq(parse("backup --long=20"), 0);
	ck_assert_str_eq(arguments_text(&arguments, OPTION_LONG), "20");
	/* It never takes the next word. */
	ck_assert_int_eq(parse("backup --long 20"), 0);
	ck_assert_ptr_null(arguments_text(&arguments, OPTION_LONG));
	ck_assert_uint_eq(arguments.operand_count, 1);
	refused("backup --long=", "'--long' is given an empty value");
	refused("backup --long --long=20", "'--long' is given twice");
	refused("backup --lon=20", "there is no option '--lon'");
	refused("verify --long x", "it belongs to 'backup' and 'bench'");
}
END_TEST

START_TEST(high_levels_need_ultra)
{
	static const char *const high[] = { "-l 20", "-l 21", "--level=22" };
	char line[256];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(high); i++) {
		(void)snprintf(line, sizeof(line), "%s --to /st %s", BACKUP,
		    high[i]);
		ck_assert_int_eq(fill_backup(line), -1);
		ck_assert_int_eq(error.kind, KIND_USAGE);
		ck_assert_ptr_nonnull(strstr(error.text, "'--ultra'"));
		(void)snprintf(line, sizeof(line), "%s --to /st --ultra %s",
		    BACKUP, high[i]);
		ck_assert_int_eq(fill_backup(line), 0);
		ck_assert_int_eq(job.codec.level, 20 + (int)i);
	}
	ck_assert_int_eq(fill_backup(BACKUP "--to /st --ultra -l -7"), 0);
	ck_assert_int_eq(job.codec.level, -7);
	ck_assert_int_eq(fill_backup(BACKUP "--to /st -l 23 --ultra"), -1);
}
END_TEST

START_TEST(a_level_may_be_left_to_the_program)
{
	static const struct {
		const char *value;
		int min; /* 0: it is refused */
		int max;
	} cases[] = {
		{ "auto", 1, 9 },        { "auto:1..12", 1, 12 },
		{ "auto:-50..19", -50, 19 }, { "auto:-5..-2", -5, -2 },
		{ "auto:7..7", 7, 7 },   { "auto:", 0, 0 },
		{ "auto:1", 0, 0 },      { "auto:1..", 0, 0 },
		{ "auto:..9", 0, 0 },    { "auto:9..1", 0, 0 },
		{ "auto:0..3", 0, 0 },   { "auto:-1..0", 0, 0 },
		{ "auto:-51..3", 0, 0 }, { "auto:1..23", 0, 0 },
		{ "auto:1..9x", 0, 0 },  { "auto:1...9", 0, 0 },
		{ "auto1..9", 0, 0 },    { "automatic", 0, 0 },
		{ "Auto", 0, 0 },        { "auto:0000000000000001..9", 0, 0 },
	};
	char line[256];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)snprintf(line, sizeof(line), "%s --to /st -l %s",
		    BACKUP, cases[i].value);
		ck_assert_msg((fill_backup(line) == 0) == (cases[i].max != 0),
		    "%s", line);
		if (cases[i].max == 0) {
			ck_assert_ptr_nonnull(strstr(error.text, "'--level'"));
			continue;
		}
		ck_assert(job.auto_level);
		ck_assert_int_eq(job.level_bounds.min, cases[i].min);
		ck_assert_int_eq(job.level_bounds.max, cases[i].max);
	}
	ck_assert_int_eq(fill_backup(BACKUP "--to /st -l auto:1..20"), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "'--ultra'"));
	ck_assert_int_eq(fill_backup(BACKUP "--to /st --ultra -l auto:1..20"),
	    0);
	ck_assert_int_eq(fill_backup(BACKUP "--to /st -l 5"), 0);
	ck_assert(!job.auto_level);
}
END_TEST

START_TEST(frames_are_as_large_as_a_long_window)
{
	static const struct {
		const char *options;
		int window_log;
		uint64_t frame_size;
	} cases[] = {
		{ "--long", 27, 64u << 20 },
		{ "--long=31", 31, 64u << 20 },
		{ "--long=26", 26, 64u << 20 },
		{ "--long=24", 24, 16u << 20 },
		{ "--long=22", 22, 4u << 20 },
		/* Never smaller than without. */
		{ "--long=10", 10, 4u << 20 },
		{ "--long --frame-size 1MiB", 27, 1u << 20 },
		{ "--frame-size 8MiB --long=20", 20, 8u << 20 },
	};
	char line[256];

	(void)snprintf(line, sizeof(line), "%s --to /st %s", BACKUP,
	    cases[_i].options);
	ck_assert_int_eq(fill_backup(line), 0);
	ck_assert(job.codec.long_distance);
	ck_assert_int_eq(job.codec.window_log, cases[_i].window_log);
	ck_assert_uint_eq(job.frame_size, cases[_i].frame_size);
	ck_assert_int_eq(fill_backup(BACKUP "--to /st"), 0);
	ck_assert(!job.codec.long_distance);
	ck_assert_int_eq(job.codec.window_log, 0);
	ck_assert_int_eq(fill_backup(BACKUP "--to /st --long=9"), -1);
	ck_assert_ptr_nonnull(strstr(error.text,
	    "'--long' cannot be \"9\": it takes a number from 10 to"));
}
END_TEST

START_TEST(targets_are_told_apart)
{
	static const struct {
		const char *to;
		enum job_target_kind kind;
		const char *target;
	} cases[] = {
		{ "-", JOB_TARGET_STDOUT, "-" },
		{ "null:", JOB_TARGET_NULL, "null:" },
		{ "exec:cat", JOB_TARGET_COMMAND, "cat" },
		{ "a.bak.zst", JOB_TARGET_FILE, "a.bak.zst" },
		{ "/b/a.trn.zst", JOB_TARGET_FILE, "/b/a.trn.zst" },
		{ "/backups", JOB_TARGET_STORE, "/backups" },
		{ "null", JOB_TARGET_STORE, "null" },
		{ "./-", JOB_TARGET_STORE, "./-" },
	};
	char line[256];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)snprintf(line, sizeof(line), BACKUP "--to %s",
		    cases[i].to);
		ck_assert_msg(fill_backup(line) == 0, "%s", error.text);
		ck_assert_int_eq(job.target_kind, cases[i].kind);
		ck_assert_str_eq(job.target, cases[i].target);
	}
	backup_refused("", "'--to' is missing");
	backup_refused("--to exec:", "the command is missing");
	backup_refused("--to shop.bak", "ends in .bak.zst");
	backup_refused("/st", "\"/st\" is too much");
}
END_TEST

START_TEST(what_is_thrown_away_moves_nothing)
{
	static const char *const parts[] = { "--file a", "--filegroup a",
		"--read-write-filegroups" };
	char rest[128];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(parts); i++) {
		(void)snprintf(rest, sizeof(rest), "%s--to null: %s", BACKUP,
		    parts[i]);
		ck_assert_int_eq(fill_backup(rest), 0);
		ck_assert(job_backup_is_copy_only(&job));
	}
	/* A differential moves nothing, and COPY_ONLY says nothing of it. */
	ck_assert_int_eq(fill_backup(BACKUP "--to null: -t diff"), 0);
	ck_assert(!job_backup_is_copy_only(&job));
	backup_refused("--to null: --type log --tail", "contradict");
	ck_assert_int_eq(fill_backup(BACKUP "--to null: --source-only -n 3"),
	    0);
	ck_assert(job_backup_is_copy_only(&job));
	ck_assert(job.source_only);
	backup_refused("--to null: --type log", "contradict");
	backup_refused("--to /st --source-only", "'--to null:'");
}
END_TEST

START_TEST(contradictions_are_refused)
{
	backup_refused("--to - -n 2", "takes one stream");
	backup_refused("--to a.bak.zst -n 2", "takes one stream");
	backup_refused("--to exec:cat -n 2", "takes one stream");
	backup_refused("--to - --json", "standard output");
	backup_refused("--to /st --checksum --no-checksum", "contradict");
	ck_assert_int_eq(fill_restore("restore -d A --engine sqlite:a "
	    "--verify-only --replace /st"), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "contradict"));
}
END_TEST

START_TEST(bad_values_name_option_and_value)
{
	static const struct {
		const char *rest;
		const char *said;
	} cases[] = {
		{ "-n 0", "'--devices' cannot be \"0\"" },
		{ "-n 65", "it takes a number from 1 to 64" },
		{ "-n four", "'--devices' cannot be \"four\"" },
		{ "-n 1x", "\"1x\"" },
		{ "--level 23", "'--level' cannot be \"23\"" },
		{ "--level 3.5", "\"3.5\"" },
		{ "--frame-size 4MB", "\"4MB\": it takes bytes, or a number "
		    "with KiB, MiB or GiB" },
		{ "--frame-size 65MiB", "it takes 4KiB to 64MiB" },
		{ "--frame-size -1", "\"-1\"" },
		{ "--frame-size 99999999999999999999GiB", "KiB, MiB or GiB" },
		{ "--max-transfer-size 65KiB", "a multiple of 64KiB" },
		{ "--max-transfer-size 8MiB", "it takes 64KiB to 4MiB" },
		{ "--block-size 768", "a power of two" },
		{ "--block-size 256", "it takes 512 to 64KiB" },
		{ "--buffer-count 0", "'--buffer-count' cannot be \"0\"" },
		{ "--threads 0", "'--threads' cannot be \"0\"" },
		{ "--threads 257", "1 to 256" },
		{ "--stall-timeout 5", "\"5\": it takes a number with ms" },
		{ "--type weekly", "it takes full, diff or log" },
		{ "--provider com", "it takes auto, native or sqlvdi" },
		{ "--inject boom", "\"boom\"" },
		{ "--inject abort,device=65", "device=65" },
	};
	char rest[128];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)snprintf(rest, sizeof(rest), "--to /st %s",
		    cases[i].rest);
		backup_refused(rest, cases[i].said);
	}
}
END_TEST

START_TEST(server_and_database_are_demanded)
{
	ck_assert_int_eq(fill_backup("backup --engine sqlite:a --to b"), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "'--database' is missing"));
	ck_assert_int_eq(fill_backup("backup -d a --to b"), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "--engine sqlite:PATH"));
	ck_assert_int_eq(fill_backup("backup -d a --engine oracle:x --to b"),
	    -1);
	ck_assert_ptr_nonnull(strstr(error.text, "sqlite:PATH"));
	ck_assert_int_eq(fill_backup("backup -d a --engine sqlite: --to b"),
	    -1);
}
END_TEST

START_TEST(a_restore_gathers_its_sources)
{
	ck_assert_int_eq(fill_restore("restore -d A --engine sqlite:a c "
	    "-f a --from b d --replace"), 0);
	ck_assert_uint_eq(restore.from_count, 4);
	ck_assert_str_eq(restore.from[0], "a");
	ck_assert_str_eq(restore.from[1], "b");
	ck_assert_str_eq(restore.from[2], "c");
	ck_assert_str_eq(restore.from[3], "d");
	ck_assert(restore.statement.replace);
	ck_assert_int_eq(fill_restore("restore -d A --engine sqlite:a"), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "'--from' is missing"));
	ck_assert_int_eq(fill_restore("restore -d A --engine sqlite:a - b"),
	    -1);
	ck_assert_ptr_nonnull(strstr(error.text, "one stream"));
	ck_assert_int_eq(fill_restore("restore -d A --engine sqlite:a - "
	    "--backup latest"), -1);
}
END_TEST

START_TEST(faults_reach_the_plan)
{
	ck_assert_int_eq(fill_backup(BACKUP "--to s --inject abort,device=2 "
	    "--inject stall=3 --engine-inject kill"), 0);
	ck_assert_uint_eq(faults.count, 2);
	ck_assert_int_eq(faults.faults[1].kind, FAULT_STALL);
	ck_assert_str_eq(job.common.server.engine_faults[0], "kill");
	ck_assert_ptr_null(job.common.server.engine_faults[1]);
}
END_TEST

START_TEST(the_nearest_word_is_meant)
{
	ck_assert_str_eq(command_nearest("bakup")->name, "backup");
	ck_assert_str_eq(command_nearest("restoer")->name, "restore");
	ck_assert_str_eq(command_nearest("ver")->name, "verify");
	ck_assert_ptr_null(command_nearest("frobnicate"));
	ck_assert_ptr_null(command_nearest("x"));
	ck_assert_int_eq(option_nearest("devcies"), OPTION_DEVICES);
	ck_assert_int_eq(option_nearest("foo"), OPTION_COUNT);
}
END_TEST

START_TEST(each_kind_has_its_own_status)
{
	int kind;

	for (kind = KIND_NONE; kind <= KIND_LOCKED; kind++) {
		ck_assert_int_eq(status_of((enum error_kind)kind), kind);
		ck_assert_str_ne(status_name((enum error_kind)kind), "");
		ck_assert_str_ne(status_meaning((enum error_kind)kind), "");
	}
}
END_TEST

START_TEST(help_fits_a_terminal)
{
	char *text = NULL;
	size_t size = 0;
	int id;

	for (id = 0; id < COMMAND_COUNT; id++) {
		FILE *to = open_memstream(&text, &size);
		char *rest = NULL;
		char *line;

		ck_assert_ptr_nonnull(to);
		help_command(to, command_at((enum command_id)id));
		ck_assert_int_eq(fclose(to), 0);
		for (line = strtok_r(text, "\n", &rest); line != NULL;
		    line = strtok_r(NULL, "\n", &rest))
			ck_assert_msg(strlen(line) <= 80, "%s", line);
		free(text);
	}
}
END_TEST

START_TEST(letters_and_names_are_unique)
{
	int a;
	int b;

	for (a = 0; a < OPTION_COUNT; a++)
		for (b = a + 1; b < OPTION_COUNT; b++) {
			const struct option_entry *one =
			    option_at((enum option_id)a);
			const struct option_entry *other =
			    option_at((enum option_id)b);

			ck_assert_str_ne(one->name, other->name);
			ck_assert(one->letter == 0 ||
			    one->letter != other->letter);
		}
}
END_TEST

static void
shown_as(const char *text, const char *shown)
{
	struct str str;

	str_init(&str);
	text_add_shown(&str, text);
	ck_assert_str_eq(str.text, shown);
	str_release(&str);
}

START_TEST(odd_bytes_are_escaped)
{
	shown_as("plain", "plain");
	shown_as("a\nb\tc\033[2J", "a\\nb\\tc\\x1b[2J");
	shown_as("\xFF\xC3", "\\xff\\xc3");
	/* The test runs in the C locale, which has no such letters. */
	shown_as("\xC3\xA4", "\\u00e4");
	shown_as("\xF0\x9F\x92\xBE", "\\U0001f4be");
	shown_as("\xE2\x80\xAE", "\\u202e");
}
END_TEST

START_TEST(json_text_is_always_utf_8)
{
	struct str str;

	str_init(&str);
	text_add_utf8(&str, "\xC3\xA4\xFFz");
	ck_assert_str_eq(str.text, "\xC3\xA4\xEF\xBF\xBDz");
	str_release(&str);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tcase = tcase_create("cli");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, options_and_operands_mix);
	tcase_add_test(tcase, values_come_in_every_form);
	tcase_add_test(tcase, every_abbreviation_is_refused);
	tcase_add_test(tcase, a_single_value_is_given_once);
	tcase_add_test(tcase, an_option_of_another_command_is_named);
	tcase_add_test(tcase, values_are_demanded_and_refused);
	tcase_add_test(tcase, what_a_backup_says_is_described);
	tcase_add_test(tcase, what_a_restore_says_is_described);
	tcase_add_test(tcase, a_value_may_be_optional);
	tcase_add_test(tcase, high_levels_need_ultra);
	tcase_add_test(tcase, a_level_may_be_left_to_the_program);
	tcase_add_loop_test(tcase, frames_are_as_large_as_a_long_window, 0, 8);
	tcase_add_test(tcase, a_backup_is_described);
	tcase_add_test(tcase, targets_are_told_apart);
	tcase_add_test(tcase, what_is_thrown_away_moves_nothing);
	tcase_add_test(tcase, contradictions_are_refused);
	tcase_add_test(tcase, bad_values_name_option_and_value);
	tcase_add_test(tcase, server_and_database_are_demanded);
	tcase_add_test(tcase, a_restore_gathers_its_sources);
	tcase_add_test(tcase, faults_reach_the_plan);
	tcase_add_test(tcase, the_nearest_word_is_meant);
	tcase_add_test(tcase, each_kind_has_its_own_status);
	tcase_add_test(tcase, help_fits_a_terminal);
	tcase_add_test(tcase, letters_and_names_are_unique);
	tcase_add_test(tcase, odd_bytes_are_escaped);
	tcase_add_test(tcase, json_text_is_always_utf_8);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
