/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a backup is complete exactly when its folder has its final name. */
#include <config.h>

#include "store_tests.h"

#include "store/scan.h"
#include "store/store.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRIPES 2u
#define STARTED INT64_C(1795505400)

static struct store_plan
a_plan(void)
{
	struct store_plan plan = { .root = fixture_root, .server = "host",
		.database = "Sales", .type = MANIFEST_FULL, .started = STARTED,
		.stripes = STRIPES };

	return (plan);
}

static struct store_target *
begun(void)
{
	struct store_plan plan = a_plan();
	struct store_target *target;
	struct error error;
	unsigned i;

	error_init(&error);
	target = store_begin(&plan, &error);
	ck_assert_msg(target != NULL, "%s", error.text);
	for (i = 1; i <= STRIPES; i++)
		fixture_write(store_target_stripe(target, i), "abc");
	return (target);
}

static void
write_manifest(struct store_target *target)
{
	struct manifest m;
	struct error error;

	error_init(&error);
	fixture_manifest(&m, STRIPES);
	ck_assert_msg(store_write_manifest(target, &m, &error) == 0, "%s",
	    error.text);
	manifest_release(&m);
}

static bool
there(const char *path)
{
	struct stat st;

	return (lstat(path, &st) == 0);
}

START_TEST(the_rename_comes_last)
{
	struct store_target *target = begun();
	struct error error;
	char manifest[600];

	error_init(&error);
	(void)snprintf(manifest, sizeof(manifest), "%s/manifest.json",
	    store_target_path(target));
	ck_assert_str_eq(store_target_path(target), fixture_path(
	    "host/Sales/20261124T073000Z-full.partial"));
	ck_assert(there(store_target_path(target)));
	ck_assert(!there(manifest) && !there(store_target_final(target)));
	write_manifest(target);
	ck_assert(there(manifest) && !there(store_target_final(target)));
	ck_assert(store_target_has_manifest(target));
	ck_assert_int_eq(store_commit(target, &error), 0);
	ck_assert(there(store_target_final(target)) && !there(manifest));
	ck_assert_str_eq(store_target_path(target), fixture_path(
	    "host/Sales/20261124T073000Z-full"));
	ck_assert_str_eq(store_target_stripe(target, 2), fixture_path(
	    "host/Sales/20261124T073000Z-full/stripe-2of2.bak.zst"));
	store_target_free(target);
}
END_TEST

START_TEST(sha256sum_agrees_with_what_was_written)
{
	struct store_target *target = begun();
	struct error error;
	char command[700];

	error_init(&error);
	write_manifest(target);
	ck_assert_int_eq(store_commit(target, &error), 0);
	(void)snprintf(command, sizeof(command),
	    "cd '%s' && sha256sum --check --strict --quiet SHA256SUMS",
	    store_target_path(target));
	ck_assert_int_eq(system(command), 0);
	fixture_write(store_target_stripe(target, 1), "abd");
	(void)strncat(command, " 2>/dev/null >/dev/null",
	    sizeof(command) - strlen(command) - 1);
	ck_assert_int_ne(system(command), 0);
	store_target_free(target);
}
END_TEST

/* Killed after that many steps of a backup. */
static void
run_and_die(unsigned steps)
{
	/* Whoever is killed has lost nothing. */
	static struct store_target *target;
	struct error error;
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		target = begun();
		if (steps > 1)
			write_manifest(target);
		if (steps > 2 && store_commit(target, &error) != 0)
			_exit(1);
		(void)raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

START_TEST(a_kill_at_any_step_leaves_no_half_that_looks_whole)
{
	static const enum scan_state states[] = { SCAN_UNFINISHED,
		SCAN_ADOPTABLE, SCAN_COMPLETE };
	struct scan scan;
	struct error error;
	unsigned steps;

	for (steps = 1; steps <= 3; steps++) {
		error_init(&error);
		run_and_die(steps);
		ck_assert_int_eq(scan_store(fixture_root, &scan, &error), 0);
		ck_assert_uint_eq(scan.count, steps);
		ck_assert_int_eq(scan.entries[steps - 1].state,
		    states[steps - 1]);
		ck_assert_uint_eq(scan.entries[steps - 1].stored_bytes, 6);
		scan_release(&scan);
	}
}
END_TEST

START_TEST(two_that_start_in_one_second_get_two_folders)
{
	struct store_target *one = begun();
	struct store_target *two = begun();
	struct store_target *three;
	struct error error;

	error_init(&error);
	ck_assert_str_eq(store_target_path(two), fixture_path(
	    "host/Sales/20261124T073000Z-full-2.partial"));
	write_manifest(one);
	ck_assert_int_eq(store_commit(one, &error), 0);
	three = begun();
	ck_assert_str_eq(store_target_path(three), fixture_path(
	    "host/Sales/20261124T073000Z-full-3.partial"));
	store_target_free(three);
	store_target_free(two);
	store_target_free(one);
}
END_TEST

START_TEST(commit_replaces_nothing)
{
	struct store_target *target = begun();
	struct error error;

	error_init(&error);
	write_manifest(target);
	ck_assert_int_eq(mkdir(store_target_final(target), 0700), 0);
	ck_assert_int_eq(store_commit(target, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert(there(store_target_path(target)));
	store_target_free(target);
}
END_TEST

START_TEST(a_manifest_that_lies_about_a_file_is_refused)
{
	struct store_target *target = begun();
	struct manifest m;
	struct error error;

	error_init(&error);
	fixture_manifest(&m, STRIPES);
	fixture_write(store_target_stripe(target, 2), "abcd");
	ck_assert_int_eq(store_write_manifest(target, &m, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert(!store_target_has_manifest(target));
	ck_assert_int_eq(unlink(store_target_stripe(target, 2)), 0);
	error_init(&error);
	ck_assert_int_eq(store_write_manifest(target, &m, &error), -1);
	manifest_release(&m);
	store_target_free(target);
}
END_TEST

START_TEST(a_manifest_that_cannot_be_written_is_not_there)
{
	struct rlimit limit;
	struct store_target *target = begun();
	struct manifest m;
	struct error error;

	error_init(&error);
	fixture_manifest(&m, STRIPES);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 100;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(store_write_manifest(target, &m, &error), -1);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EFBIG);
	ck_assert(!store_target_has_manifest(target));
	error_init(&error);
	ck_assert_msg(store_discard(target, &error) == 0, "%s", error.text);
	store_target_free(target);
	manifest_release(&m);
}
END_TEST

/* A whole backup in a process that may open only so many files at a time;
 * its exit status is 0 if every step said that it succeeded. */
static int
back_up_with_few_files(rlim_t files)
{
	struct store_plan plan = a_plan();
	/* A process that ends in mid-work has lost nothing. */
	static struct store_target *target;
	static struct manifest m;
	struct rlimit limit;
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		unsigned i;

		fixture_manifest(&m, STRIPES);
		if (store_probe(fixture_root, "host", "Sales", 0, NULL) == 0)
			target = store_begin(&plan, NULL);
		for (i = 1; target != NULL && i <= STRIPES; i++)
			fixture_write(store_target_stripe(target, i), "abc");
		if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
			_exit(2);
		limit.rlim_cur = files;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			_exit(2);
		status = target != NULL &&
		    store_write_manifest(target, &m, NULL) == 0 &&
		    store_commit(target, NULL) == 0 ? 0 : 1;
		limit.rlim_cur = limit.rlim_max;
		_exit(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? status : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
	return (WEXITSTATUS(status));
}

START_TEST(a_step_that_fails_leaves_nothing_broken)
{
	unsigned good = 0;
	unsigned bad = 0;
	struct scan scan;
	size_t i;
	rlim_t files;

	for (files = 0; files < 24; files++)
		if (back_up_with_few_files(files) == 0)
			good++;
		else
			bad++;
	ck_assert_uint_gt(good, 0);
	ck_assert_uint_gt(bad, 0);
	ck_assert_int_eq(scan_store(fixture_root, &scan, NULL), 0);
	ck_assert_uint_eq(scan.count, good + bad);
	for (i = 0; i < scan.count; i++) {
		ck_assert_int_ne(scan.entries[i].state, SCAN_BROKEN);
		good -= scan.entries[i].state == SCAN_COMPLETE && good > 0;
	}
	/* Each success is there as a complete backup. */
	ck_assert_uint_eq(good, 0);
	scan_release(&scan);
}
END_TEST

START_TEST(a_manifest_that_cannot_be_replaced_stays_adoptable)
{
	struct store_target *target = begun();
	struct store_backup *backup;
	struct manifest m;
	struct error error;
	char path[600];
	char *final = NULL;

	write_manifest(target);
	(void)snprintf(path, sizeof(path), "%s/manifest.json.new",
	    store_target_path(target));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	error_init(&error);
	fixture_manifest(&m, STRIPES);
	m.finished++;
	ck_assert_int_eq(store_write_manifest(target, &m, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(rmdir(path), 0);

	error_init(&error);
	ck_assert_msg(store_adopt(store_target_path(target), &final,
	    &error) == 0, "%s", error.text);
	(void)snprintf(path, sizeof(path), "%s/" STORE_SUMS, final);
	ck_assert(there(path));
	backup = store_open(final, STORE_OPEN_COMPLETE, &error);
	ck_assert_msg(backup != NULL, "%s", error.text);
	ck_assert_int_eq(backup->manifest.finished, m.finished - 1);
	store_backup_free(backup);
	free(final);
	manifest_release(&m);
	store_target_free(target);
}
END_TEST

START_TEST(only_an_unfinished_transfer_is_discarded)
{
	struct store_target *target = begun();
	struct error error;
	char path[600];

	error_init(&error);
	strcpy(path, store_target_path(target));
	ck_assert_int_eq(store_discard(target, &error), 0);
	ck_assert(!there(path));
	store_target_free(target);

	target = begun();
	write_manifest(target);
	ck_assert_int_eq(store_discard(target, &error), -1);
	ck_assert(there(store_target_stripe(target, 1)));
	store_target_free(target);

	/* Not even where the failure came after the manifest's rename. */
	target = begun();
	(void)snprintf(path, sizeof(path), "%s/manifest.json",
	    store_target_path(target));
	fixture_write(path, "x");
	error_init(&error);
	ck_assert_int_eq(store_discard(target, &error), -1);
	ck_assert(there(store_target_stripe(target, 1)));
	store_target_free(target);
}
END_TEST

START_TEST(letting_go_touches_nothing)
{
	struct store_target *target = begun();
	char path[600];

	strcpy(path, store_target_stripe(target, 1));
	store_target_free(target);
	ck_assert(there(path));
	store_target_free(NULL);
}
END_TEST

START_TEST(a_single_file_is_renamed_last_and_never_replaces)
{
	struct store_target *target;
	struct manifest m;
	struct error error;
	char file[600];

	error_init(&error);
	strcpy(file, fixture_path("sales.bak.zst"));
	ck_assert_int_eq(store_probe_file(file, 0, &error), 0);
	target = store_begin_file(file, &error);
	ck_assert_ptr_nonnull(target);
	ck_assert_str_eq(store_target_stripe_name(target, 1), "sales.bak.zst");
	ck_assert_str_eq(store_target_stripe(target, 1),
	    fixture_path("sales.bak.zst.partial"));
	fixture_write(store_target_stripe(target, 1), "abc");
	fixture_manifest(&m, 1);
	free(m.stripes[0].file);
	m.stripes[0].file = strdup("sales.bak.zst");
	ck_assert_int_eq(store_write_manifest(target, &m, &error), 0);
	ck_assert(!there(file));
	ck_assert_int_eq(store_commit(target, &error), 0);
	ck_assert(there(file));
	ck_assert_str_eq(store_target_stripe(target, 1), file);
	store_target_free(target);
	ck_assert_ptr_null(store_begin_file(file, &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	manifest_release(&m);
}
END_TEST

START_TEST(leftovers_of_a_single_file_are_stepped_over)
{
	struct store_target *target;
	struct error error;
	char file[600];
	char name[700];
	unsigned i;

	error_init(&error);
	strcpy(file, fixture_path("sales.bak.zst"));
	for (i = 1; i <= 99; i++) {
		(void)snprintf(name, sizeof(name), i == 1 ? "%s.partial" :
		    "%s.%u.partial", file, i);
		ck_assert_int_eq(store_probe_file(file, 0, &error), 0);
		target = store_begin_file(file, &error);
		ck_assert_ptr_nonnull(target);
		ck_assert_str_eq(store_target_stripe(target, 1), name);
		fixture_write(name, "left");
		store_target_free(target);
	}
	ck_assert_ptr_null(store_begin_file(file, &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EEXIST);
}
END_TEST

START_TEST(a_probe_makes_the_folders_and_leaves_no_file)
{
	struct error error;

	error_init(&error);
	ck_assert_msg(store_probe(fixture_path("a/b/c"), "h", "d", 1,
	    &error) == 0, "%s", error.text);
	ck_assert(there(fixture_path("a/b/c/h/d")));
	/* Only an empty folder can be removed. */
	ck_assert_int_eq(rmdir(fixture_path("a/b/c/h/d")), 0);
}
END_TEST

START_TEST(a_target_that_is_a_file_is_found_out_early)
{
	struct error error;

	error_init(&error);
	fixture_write(fixture_path("file"), "x");
	ck_assert_int_eq(store_probe(fixture_path("file"), "h", "d", 0,
	    &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, ENOTDIR);
	ck_assert(error.hint[0] != '\0');
	error_init(&error);
	ck_assert_int_eq(store_probe_file(fixture_path("file"), 0, &error),
	    -1);
	ck_assert_int_eq(error.code, EEXIST);
}
END_TEST

START_TEST(a_target_without_room_is_found_out_early)
{
	struct error error;

	error_init(&error);
	ck_assert_int_eq(store_probe(fixture_root, "h", "d", UINT64_MAX,
	    &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, ENOSPC);
	ck_assert(error.hint[0] != '\0');
}
END_TEST

/* Root may write anywhere, so this runs as somebody else. */
START_TEST(a_target_without_permission_is_found_out_early)
{
	struct error error;
	int status;
	pid_t pid;

	error_init(&error);
	ck_assert_int_eq(chmod(fixture_root, 0755), 0);
	ck_assert_int_eq(mkdir(fixture_path("ro"), 0555), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		if (store_probe(fixture_path("ro"), "h", "d", 0, &error) == 0)
			_exit(3);
		_exit(error.kind == KIND_STORAGE && error.code == EACCES &&
		    error.hint[0] != '\0' ? 0 : 4);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

TCase *
target_tests(void)
{
	TCase *tcase = tcase_create("target");

	tcase_add_checked_fixture(tcase, fixture_begin, fixture_end);
	tcase_add_test(tcase, the_rename_comes_last);
	tcase_add_test(tcase, sha256sum_agrees_with_what_was_written);
	tcase_add_test(tcase,
	    a_kill_at_any_step_leaves_no_half_that_looks_whole);
	tcase_add_test(tcase, two_that_start_in_one_second_get_two_folders);
	tcase_add_test(tcase, commit_replaces_nothing);
	tcase_add_test(tcase, a_manifest_that_lies_about_a_file_is_refused);
	tcase_add_test(tcase, a_manifest_that_cannot_be_written_is_not_there);
	tcase_add_test(tcase, a_step_that_fails_leaves_nothing_broken);
	tcase_add_test(tcase,
	    a_manifest_that_cannot_be_replaced_stays_adoptable);
	tcase_add_test(tcase, only_an_unfinished_transfer_is_discarded);
	tcase_add_test(tcase, letting_go_touches_nothing);
	tcase_add_test(tcase, a_single_file_is_renamed_last_and_never_replaces);
	tcase_add_test(tcase, leftovers_of_a_single_file_are_stepped_over);
	tcase_add_test(tcase, a_probe_makes_the_folders_and_leaves_no_file);
	tcase_add_test(tcase, a_target_that_is_a_file_is_found_out_early);
	tcase_add_test(tcase, a_target_without_room_is_found_out_early);
	tcase_add_test(tcase, a_target_without_permission_is_found_out_early);
	return (tcase);
}
