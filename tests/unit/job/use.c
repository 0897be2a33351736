/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a description that makes no sense is refused before anything is
 * touched, whoever calls; and a stream that nobody understands costs its facts
 * only. */
#include <config.h>

#include "job/facts.h"
#include "job/job.h"
#include "store/manifest.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct job_backup backup;
static struct job_restore restore;
static struct fault_plan faults;

/* What could be done, if there were such a store. */
static void
set_up(void)
{
	job_backup_init(&backup);
	backup.common.server.name = "here";
	backup.common.server.engine = "sqlite:/nonexistent/a.db";
	backup.common.database = "Sales";
	backup.target = "/nonexistent/store";
	backup.common.dry_run = true;
	job_restore_init(&restore);
	restore.common = backup.common;
	fault_plan_init(&faults, NULL, NULL);
}

static void
tear_down(void)
{
	fault_plan_release(&faults);
}

static void
is_refused(int rc, struct job_result *result, enum error_kind kind,
    const char *words)
{
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(result->error.kind, kind);
	ck_assert_msg(strstr(result->error.text, words) != NULL, "%s",
	    result->error.text);
	job_result_release(result);
}

static void
backup_is_refused(enum error_kind kind, const char *words)
{
	struct job_result result;

	is_refused(job_backup_run(&backup, &result), &result, kind, words);
}

START_TEST(a_backup_names_its_database)
{
	backup.common.database = NULL;
	backup_is_refused(KIND_USAGE, "no database");
	backup.common.database = "";
	backup_is_refused(KIND_USAGE, "no database");
}
END_TEST

START_TEST(a_set_has_1_to_64_devices)
{
	backup.devices = 0;
	backup_is_refused(KIND_USAGE, "0 devices");
	backup.devices = 65;
	backup_is_refused(KIND_USAGE, "65 devices");
}
END_TEST

START_TEST(a_log_is_not_thrown_away)
{
	backup.statement.type = STATEMENT_LOG;
	backup.target_kind = JOB_TARGET_NULL;
	backup_is_refused(KIND_USAGE, "log chain");
}
END_TEST

START_TEST(options_that_the_statement_cannot_have_are_refused)
{
	backup.statement.extra = "DIFFERENTIAL; DROP DATABASE x";
	backup_is_refused(KIND_USAGE, "");
}
END_TEST

START_TEST(a_drill_of_the_engine_is_checked_first)
{
	const char *const bad[] = { "nonsense", NULL };

	backup.common.server.engine_faults = bad;
	backup_is_refused(KIND_USAGE, "'--engine-inject' cannot be");
}
END_TEST

/* The server comes after the target: one that is thrown away will do. */
START_TEST(a_server_is_named_and_known)
{
	backup.common.dry_run = false;
	backup.target_kind = JOB_TARGET_NULL;
	backup.common.server.engine = NULL;
	backup_is_refused(KIND_USAGE, "no server");
	backup.common.server.engine = "oracle:x";
	backup_is_refused(KIND_USAGE, "no embedded engine");
	backup.common.server.engine = "sqlite:";
	backup_is_refused(KIND_USAGE, "no embedded engine");
	backup.common.server.engine = "sqlite:x";
	backup.common.server.provider = "sqlvdj";
	ck_assert_int_eq(setenv("VDIBACKUP_ENGINE", "/bin/true", 1), 0);
	backup_is_refused(KIND_PROVIDER, "there is no provider \"sqlvdj\"");
}
END_TEST

START_TEST(a_restore_names_its_source)
{
	struct job_result result;

	is_refused(job_restore_run(&restore, &result), &result, KIND_USAGE,
	    "no backup was named");
}
END_TEST

/* A server's name is not needed for a look at what would be done. */
START_TEST(a_dry_run_touches_nothing)
{
	static const struct {
		enum job_target_kind kind;
		const char *target;
		const char *path;
	} cases[] = {
		{ JOB_TARGET_STORE, "/nonexistent/store",
		    "/nonexistent/store/" },
		{ JOB_TARGET_FILE, "/nonexistent/a.bak.zst",
		    "/nonexistent/a.bak.zst" },
		{ JOB_TARGET_STDOUT, "-", "standard output" },
		{ JOB_TARGET_NULL, "null:", "null:" },
		{ JOB_TARGET_COMMAND, "cat", "cat" },
	};
	struct job_result result;

	backup.common.server.name = _i == 0 ? "here" : NULL;
	backup.target_kind = cases[_i].kind;
	backup.target = cases[_i].target;
	ck_assert_int_eq(job_backup_run(&backup, &result), 0);
	ck_assert_ptr_nonnull(strstr(result.statement,
	    "BACKUP DATABASE [Sales]"));
	ck_assert_str_ne(result.backup_id, "");
	ck_assert_int_eq(strncmp(result.path, cases[_i].path,
	    strlen(cases[_i].path)), 0);
	job_result_release(&result);
}
END_TEST

/* ---- facts -------------------------------------------------------------- */

START_TEST(a_stream_without_an_end_has_no_facts)
{
	struct manifest manifest;
	struct error error;
	struct facts *facts;

	error_init(&error);
	manifest_init(&manifest);
	facts = facts_new(&error);
	ck_assert_ptr_nonnull(facts);
	ck_assert_int_eq(facts_into(facts, &manifest, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(error.text, "final values"));
	ck_assert(!manifest.has_stream);
	facts_free(facts);
	facts_free(NULL);
	manifest_release(&manifest);
}
END_TEST

START_TEST(nonsense_has_no_facts)
{
	uint8_t nonsense[8192];
	struct manifest manifest;
	struct error error;
	struct facts *facts;

	memset(nonsense, 0x5A, sizeof(nonsense));
	error_init(&error);
	manifest_init(&manifest);
	facts = facts_new(&error);
	ck_assert_ptr_nonnull(facts);
	facts_feed(facts, nonsense, sizeof(nonsense));
	/* Nothing more is looked at. */
	facts_feed(facts, nonsense, sizeof(nonsense));
	ck_assert_int_eq(facts_into(facts, &manifest, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert(!manifest.has_stream);
	facts_free(facts);
	manifest_release(&manifest);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("job: use");
	TCase *tcase = tcase_create("use");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_backup_names_its_database);
	tcase_add_test(tcase, a_set_has_1_to_64_devices);
	tcase_add_test(tcase, a_log_is_not_thrown_away);
	tcase_add_test(tcase,
	    options_that_the_statement_cannot_have_are_refused);
	tcase_add_test(tcase, a_drill_of_the_engine_is_checked_first);
	tcase_add_test(tcase, a_server_is_named_and_known);
	tcase_add_test(tcase, a_restore_names_its_source);
	tcase_add_loop_test(tcase, a_dry_run_touches_nothing, 0, 5);
	tcase_add_test(tcase, a_stream_without_an_end_has_no_facts);
	tcase_add_test(tcase, nonsense_has_no_facts);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
