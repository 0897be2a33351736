/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what a file system does not let us do is refused with words that say
 * where, and nothing that cannot be seen counts as not there. */
#include <config.h>

#include "store_tests.h"

#include "store/folder.h"
#include "store/lock.h"
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

#define STARTED INT64_C(1795505400)

static struct store_plan
a_plan(void)
{
	struct store_plan plan = { .root = fixture_root, .server = "host",
		.database = "Sales", .type = MANIFEST_FULL, .started = STARTED,
		.stripes = 1 };

	return (plan);
}

static struct store_target *
begun(void)
{
	struct store_plan plan = a_plan();
	struct store_target *target;
	struct error error;

	error_init(&error);
	target = store_begin(&plan, &error);
	ck_assert_msg(target != NULL, "%s", error.text);
	fixture_write(store_target_stripe(target, 1), "abc");
	return (target);
}

/* ---- places where nothing can be stored -------------------------------- */

START_TEST(the_parent_of_a_path_is_a_folder)
{
	static const char *const cases[][2] = { { "/x", "/" }, { "x", "." },
		{ "/a/x", "/a" }, { "a/x", "a" } };
	struct error error;
	size_t i;

	error_init(&error);
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		char *parent = folder_parent(cases[i][0], &error);

		ck_assert_str_eq(parent, cases[i][1]);
		free(parent);
	}
}
END_TEST

START_TEST(slashes_at_the_end_or_twice_name_no_further_folder)
{
	struct error error;

	error_init(&error);
	ck_assert_msg(folder_make(fixture_path("a//b/"), &error) == 0, "%s",
	    error.text);
	ck_assert_int_eq(rmdir(fixture_path("a/b")), 0);
	ck_assert_int_eq(rmdir(fixture_path("a")), 0);
}
END_TEST

/* The kernel's own file systems have no files without names, nor others. */
START_TEST(a_folder_of_the_kernel_is_no_target)
{
	struct error error;

	error_init(&error);
	ck_assert_int_eq(folder_probe("/proc", 0, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_msg(strstr(error.text, "cannot create a file in \"/proc\"") !=
	    NULL, "%s", error.text);
	error_init(&error);
	ck_assert_int_eq(folder_probe(fixture_path("none"), 0, &error), -1);
	ck_assert_int_eq(error.code, ENOENT);
}
END_TEST

/* Making a file is not enough: it must take what is written into it. */
START_TEST(a_folder_whose_files_cannot_grow_is_no_target)
{
	struct rlimit limit;
	struct error error;
	int rc;

	error_init(&error);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 100;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = folder_probe(fixture_root, 0, &error);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EFBIG);
}
END_TEST

START_TEST(a_name_that_is_a_folders_is_no_single_file)
{
	struct error error;

	error_init(&error);
	ck_assert_int_eq(store_probe_file(fixture_path("x/"), 0, &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	error_init(&error);
	ck_assert_int_eq(store_probe_file("", 0, &error), -1);
	ck_assert_int_eq(error.kind, KIND_USAGE);
}
END_TEST

START_TEST(a_lock_that_is_a_folder_is_refused)
{
	struct lock_request request = { .file = fixture_path("x"),
		.what = "backup" };
	struct error error;

	error_init(&error);
	ck_assert_int_eq(mkdir(fixture_path("x.lock"), 0700), 0);
	request.file = fixture_path("x");
	ck_assert_ptr_null(lock_acquire(&request, &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EISDIR);
}
END_TEST

START_TEST(a_hundred_backups_of_one_second_are_too_many)
{
	struct store_plan plan = a_plan();
	struct store_target *target = begun();
	struct error error;
	char path[600];
	unsigned i;

	error_init(&error);
	for (i = 2; i <= 99; i++) {
		(void)snprintf(path, sizeof(path), "%s-%u.partial",
		    store_target_final(target), i);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	ck_assert_ptr_null(store_begin(&plan, &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_ptr_nonnull(strstr(error.text, "in the same second"));
	store_target_free(target);
}
END_TEST

/* The old sums must be gone before the manifest changes; where they cannot
 * go, the manifest stays what it was. */
START_TEST(sums_that_cannot_be_removed_keep_the_manifest)
{
	struct store_target *target = begun();
	struct store_backup *backup;
	struct manifest m;
	struct error error;
	char path[600];

	error_init(&error);
	fixture_manifest(&m, 1);
	ck_assert_int_eq(store_write_manifest(target, &m, &error), 0);
	(void)snprintf(path, sizeof(path), "%s/" STORE_SUMS,
	    store_target_path(target));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	m.finished++;
	ck_assert_int_eq(store_write_manifest(target, &m, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_ptr_nonnull(strstr(error.text, "cannot remove"));
	ck_assert_int_eq(rmdir(path), 0);
	error_init(&error);
	backup = store_open(store_target_path(target), STORE_OPEN_PARTIAL,
	    &error);
	ck_assert_msg(backup != NULL, "%s", error.text);
	ck_assert_int_eq(backup->manifest.finished, m.finished - 1);
	store_backup_free(backup);
	manifest_release(&m);
	store_target_free(target);
}
END_TEST

/* ---- what a user without rights meets ---------------------------------- */

/* Root may do anything, so this runs as somebody else; act gives 0, or where
 * it went wrong. */
static void
as_nobody(int (*act)(void *context), void *context)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(99);
		_exit(act(context));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static int
is_denied(const struct error *error, const char *words)
{
	return (error->kind == KIND_STORAGE && error->code == EACCES &&
	    strstr(error->text, words) != NULL);
}

static int
write_without_rights(void *context)
{
	struct store_plan plan = a_plan();
	struct lock_request request = { .root = fixture_root,
		.server = "host", .database = "Sales", .what = "backup" };
	struct store_target *single = context;
	struct error error;

	error_init(&error);
	if (store_begin(&plan, &error) != NULL ||
	    !is_denied(&error, "cannot make the folder"))
		return (1);
	error_init(&error);
	if (lock_acquire(&request, &error) != NULL ||
	    !is_denied(&error, "cannot open the lock"))
		return (2);
	error_init(&error);
	if (store_discard(single, &error) == 0 ||
	    !is_denied(&error, "cannot remove"))
		return (3);
	return (0);
}

START_TEST(nothing_is_written_where_there_is_no_right_to)
{
	struct store_target *target = begun();
	struct store_target *single;
	struct error error;

	error_init(&error);
	single = store_begin_file(fixture_path("x.bak.zst"), &error);
	ck_assert_msg(single != NULL, "%s", error.text);
	fixture_write(store_target_stripe(single, 1), "abc");
	ck_assert_int_eq(chmod(fixture_path("host/Sales"), 0555), 0);
	ck_assert_int_eq(chmod(fixture_path("host"), 0555), 0);
	ck_assert_int_eq(chmod(fixture_root, 0555), 0);
	as_nobody(write_without_rights, single);
	ck_assert_int_eq(chmod(fixture_root, 0755), 0);
	ck_assert_int_eq(chmod(fixture_path("host"), 0755), 0);
	ck_assert_int_eq(chmod(fixture_path("host/Sales"), 0755), 0);
	store_target_free(single);
	store_target_free(target);
}
END_TEST

static int
remove_without_rights(void *context)
{
	const char *folder = context;
	struct error error;

	error_init(&error);
	if (folder_remove(folder, &error) == 0)
		return (1);
	return (is_denied(&error, "cannot remove") ||
	    is_denied(&error, "cannot look at") ? 0 : 2);
}

START_TEST(a_backup_that_may_not_be_removed_is_told_of)
{
	/* Nothing inside may be removed, nor looked at; all may but it. */
	static const mode_t inside[] = { 0555, 0444, 0777 };
	struct store_target *target = begun();
	char folder[600];

	strcpy(folder, store_target_path(target));
	ck_assert_int_eq(chmod(folder, inside[_i]), 0);
	ck_assert_int_eq(chmod(fixture_path("host/Sales"), 0555), 0);
	ck_assert_int_eq(chmod(fixture_path("host"), 0755), 0);
	ck_assert_int_eq(chmod(fixture_root, 0755), 0);
	as_nobody(remove_without_rights, folder);
	ck_assert_int_eq(chmod(fixture_path("host/Sales"), 0755), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(access(store_target_stripe(target, 1), F_OK),
	    _i < 2 ? 0 : -1);
	store_target_free(target);
}
END_TEST

/* A path may not be looked at, and a folder may be one that cannot be read:
 * either is told of, and neither counts as empty. */
static int
look_without_rights(void *context)
{
	const char *folder = context;
	struct scan scan;
	struct error error;

	error_init(&error);
	if (folder_remove(folder, &error) == 0 ||
	    !is_denied(&error, "cannot open the folder"))
		return (1);
	error_init(&error);
	if (store_open(folder, STORE_OPEN_PARTIAL, &error) != NULL ||
	    !is_denied(&error, "cannot look at"))
		return (2);
	error_init(&error);
	if (scan_store(fixture_root, &scan, &error) != 0 || scan.count != 1 ||
	    scan.entries[0].state != SCAN_BROKEN ||
	    scan.entries[0].stored_bytes != 0)
		return (3);
	scan_release(&scan);
	return (0);
}

START_TEST(what_may_not_be_looked_at_is_not_taken_for_empty)
{
	struct store_target *target = begun();
	char folder[600];

	strcpy(folder, store_target_path(target));
	ck_assert_int_eq(chmod(folder, 0), 0);
	ck_assert_int_eq(chmod(fixture_path("host/Sales"), 0755), 0);
	ck_assert_int_eq(chmod(fixture_path("host"), 0755), 0);
	ck_assert_int_eq(chmod(fixture_root, 0755), 0);
	as_nobody(look_without_rights, folder);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	store_target_free(target);
}
END_TEST

/* ---- what others put into a store -------------------------------------- */

START_TEST(a_scan_shows_names_that_are_not_ours_as_they_are)
{
	struct error error;
	struct scan scan;

	error_init(&error);
	ck_assert_int_eq(mkdir(fixture_path("%ZZ"), 0700), 0);
	ck_assert_int_eq(mkdir(fixture_path("%ZZ/d"), 0700), 0);
	ck_assert_int_eq(mkdir(fixture_path(
	    "%ZZ/d/20261124T073000Z-log.expired"), 0700), 0);
	ck_assert_int_eq(scan_store(fixture_root, &scan, &error), 0);
	ck_assert_uint_eq(scan.count, 1);
	ck_assert_str_eq(scan.entries[0].server, "%ZZ");
	ck_assert_int_eq(scan.entries[0].state, SCAN_EXPIRED);
	ck_assert_str_eq(scan_state_name(SCAN_EXPIRED), "expired");
	scan_release(&scan);
}
END_TEST

TCase *
refuse_tests(void)
{
	TCase *tcase = tcase_create("refuse");

	tcase_add_checked_fixture(tcase, fixture_begin, fixture_end);
	tcase_add_test(tcase, the_parent_of_a_path_is_a_folder);
	tcase_add_test(tcase,
	    slashes_at_the_end_or_twice_name_no_further_folder);
	tcase_add_test(tcase, a_folder_of_the_kernel_is_no_target);
	tcase_add_test(tcase, a_folder_whose_files_cannot_grow_is_no_target);
	tcase_add_test(tcase, a_name_that_is_a_folders_is_no_single_file);
	tcase_add_test(tcase, a_lock_that_is_a_folder_is_refused);
	tcase_add_test(tcase, a_hundred_backups_of_one_second_are_too_many);
	tcase_add_test(tcase, sums_that_cannot_be_removed_keep_the_manifest);
	tcase_add_test(tcase, nothing_is_written_where_there_is_no_right_to);
	tcase_add_loop_test(tcase,
	    a_backup_that_may_not_be_removed_is_told_of, 0, 3);
	tcase_add_test(tcase,
	    what_may_not_be_looked_at_is_not_taken_for_empty);
	tcase_add_test(tcase,
	    a_scan_shows_names_that_are_not_ours_as_they_are);
	return (tcase);
}
