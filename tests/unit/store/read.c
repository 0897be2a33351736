/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: only a whole backup is opened, and the right one is found. */
#include <config.h>

#include "store_tests.h"

#include "store/scan.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRIPES 2u

/* A whole backup; the folder's path is the caller's to free. */
static char *
backup_of(const char *server, const char *database, enum manifest_type type,
    int64_t started, bool drill, bool commit)
{
	struct store_plan plan = { .root = fixture_root, .server = server,
		.database = database, .type = type, .started = started,
		.stripes = STRIPES };
	struct store_target *target;
	struct manifest m;
	struct error error;
	char *path;
	unsigned i;

	error_init(&error);
	fixture_manifest(&m, STRIPES);
	m.type = type;
	ck_assert_int_eq(manifest_text(&m.server, server, 1000, &error), 0);
	ck_assert_int_eq(manifest_text(&m.database, database, 1000, &error),
	    0);
	if (!drill) {
		free(m.faults[0]);
		m.fault_count = 0;
	}
	target = store_begin(&plan, &error);
	ck_assert_msg(target != NULL, "%s", error.text);
	for (i = 1; i <= STRIPES; i++)
		fixture_write(store_target_stripe(target, i), "abc");
	ck_assert_int_eq(store_write_manifest(target, &m, &error), 0);
	if (commit)
		ck_assert_int_eq(store_commit(target, &error), 0);
	path = strdup(store_target_path(target));
	store_target_free(target);
	manifest_release(&m);
	return (path);
}

static char *
a_backup(bool commit)
{
	return (backup_of("host", "Sales", MANIFEST_FULL, 1795505400, false,
	    commit));
}

static const char *
inside(const char *folder, const char *name)
{
	static char path[700];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return (path);
}

static void
refused(const char *folder, unsigned flags, enum error_kind kind,
    const char *words)
{
	struct error error;

	error_init(&error);
	ck_assert_ptr_null(store_open(folder, flags, &error));
	ck_assert_int_eq(error.kind, kind);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

START_TEST(a_complete_backup_opens_with_its_stripes_in_order)
{
	char *folder = a_backup(true);
	struct store_backup *backup;
	struct error error;
	char slashed[700];

	error_init(&error);
	(void)snprintf(slashed, sizeof(slashed), "%s//", folder);
	backup = store_open(slashed, STORE_OPEN_COMPLETE, &error);
	ck_assert_msg(backup != NULL, "%s", error.text);
	ck_assert(!backup->partial);
	ck_assert_uint_eq(backup->manifest.stripe_count, 2);
	ck_assert_str_eq(backup->stripes[0], inside(folder,
	    "stripe-1of2.bak.zst"));
	ck_assert_str_eq(backup->stripes[1], inside(folder,
	    "stripe-2of2.bak.zst"));
	ck_assert_int_eq(store_is_backup_folder(slashed, &error), 1);
	ck_assert_int_eq(store_is_backup_folder(fixture_root, &error), 0);
	ck_assert_int_eq(store_is_backup_folder("no/such/folder", &error), 0);
	store_backup_free(backup);
	store_backup_free(NULL);
	free(folder);
}
END_TEST

START_TEST(a_partial_backup_opens_only_when_asked_for)
{
	char *folder = a_backup(false);
	struct store_backup *backup;
	struct error error;

	error_init(&error);
	refused(folder, STORE_OPEN_COMPLETE, KIND_INTEGRITY, "not completed");
	backup = store_open(folder, STORE_OPEN_PARTIAL, &error);
	ck_assert_ptr_nonnull(backup);
	ck_assert(backup->partial);
	store_backup_free(backup);
	free(folder);
}
END_TEST

START_TEST(a_missing_or_cut_stripe_is_named)
{
	char *folder = a_backup(true);
	struct store_backup *backup;
	struct error error;

	fixture_write(inside(folder, "stripe-2of2.bak.zst"), "ab");
	refused(folder, 0, KIND_INTEGRITY, "stripe 2 of 2");
	ck_assert_int_eq(unlink(inside(folder, "stripe-2of2.bak.zst")), 0);
	refused(folder, 0, KIND_INTEGRITY, "stripe-2of2.bak.zst");
	error_init(&error);
	backup = store_open(folder, STORE_OPEN_UNCHECKED, &error);
	ck_assert_ptr_nonnull(backup);
	ck_assert_int_eq(store_check_stripe(backup, 1, &error), 0);
	ck_assert_int_eq(store_check_stripe(backup, 2, &error), -1);
	store_backup_free(backup);
	ck_assert_int_eq(mkdir(inside(folder, "stripe-2of2.bak.zst"), 0700),
	    0);
	refused(folder, 0, KIND_INTEGRITY, "not a regular file");
	free(folder);
}
END_TEST

START_TEST(a_manifest_that_was_changed_is_refused)
{
	char *folder = a_backup(true);
	char command[900];

	/* Valid JSON still, and a number that nothing else contradicts. */
	(void)snprintf(command, sizeof(command),
	    "sed -i 's/\"raw_bytes\": 4096/\"raw_bytes\": 4097/' "
	    "'%s/manifest.json'", folder);
	ck_assert_int_eq(system(command), 0);
	refused(folder, 0, KIND_INTEGRITY, "was changed");
	/* Without the sums the manifest has to speak for itself. */
	ck_assert_int_eq(unlink(inside(folder, "SHA256SUMS")), 0);
	{
		struct error error;
		struct store_backup *backup;

		error_init(&error);
		backup = store_open(folder, 0, &error);
		ck_assert_msg(backup != NULL, "%s", error.text);
		store_backup_free(backup);
	}
	fixture_write(inside(folder, "SHA256SUMS"), "nonsense\n");
	refused(folder, 0, KIND_INTEGRITY, "has no line");
	free(folder);
}
END_TEST

START_TEST(a_folder_without_a_manifest_is_no_backup)
{
	char *folder = a_backup(true);

	ck_assert_int_eq(unlink(inside(folder, "manifest.json")), 0);
	refused(folder, 0, KIND_INTEGRITY, "manifest.json");
	refused(inside(folder, "stripe-1of2.bak.zst"), 0, KIND_STORAGE,
	    "not a backup's folder");
	refused(inside(folder, "nothing"), 0, KIND_STORAGE, "cannot open");
	fixture_write(inside(folder, "manifest.json"), "{}\n");
	ck_assert_int_eq(unlink(inside(folder, "SHA256SUMS")), 0);
	refused(folder, 0, KIND_INTEGRITY, "\"schema\" is missing");
	free(folder);
}
END_TEST

START_TEST(a_whole_partial_backup_is_adopted)
{
	char *folder = a_backup(false);
	struct store_backup *backup;
	struct error error;
	char *final = NULL;

	error_init(&error);
	ck_assert_msg(store_adopt(folder, &final, &error) == 0, "%s",
	    error.text);
	ck_assert_int_eq(strncmp(folder, final, strlen(final)), 0);
	backup = store_open(final, 0, &error);
	ck_assert_ptr_nonnull(backup);
	store_backup_free(backup);
	ck_assert_int_eq(store_adopt(final, NULL, &error), -1);
	ck_assert_int_eq(error.kind, KIND_NOTHING);
	free(final);
	free(folder);
}
END_TEST

START_TEST(half_a_backup_is_not_adopted)
{
	char *folder = a_backup(false);
	struct error error;

	error_init(&error);
	fixture_write(inside(folder, "stripe-1of2.bak.zst"), "ab");
	ck_assert_int_eq(store_adopt(folder, NULL, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_int_eq(access(folder, F_OK), 0);
	free(folder);
}
END_TEST

START_TEST(a_removed_backup_is_gone)
{
	char *folder = a_backup(true);
	struct error error;

	error_init(&error);
	ck_assert_msg(store_remove(folder, &error) == 0, "%s", error.text);
	ck_assert_int_eq(access(folder, F_OK), -1);
	/* The folder above is empty: nothing is left under another name. */
	ck_assert_int_eq(rmdir(fixture_path("host/Sales")), 0);
	free(folder);
}
END_TEST

START_TEST(only_plain_files_of_a_backup_are_removed)
{
	char *folder = a_backup(true);
	struct error error;
	struct scan scan;

	error_init(&error);
	ck_assert_int_eq(mkdir(inside(folder, "mine"), 0700), 0);
	ck_assert_int_eq(store_remove(folder, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "mine"));
	error_init(&error);
	ck_assert_int_eq(scan_store(fixture_root, &scan, &error), 0);
	ck_assert_uint_eq(scan.count, 1);
	ck_assert_int_eq(scan.entries[0].state, SCAN_EXPIRED);
	/* Nothing had been removed, and once mine is away it goes on. */
	ck_assert_uint_eq(scan.entries[0].stored_bytes, 6);
	ck_assert_int_eq(rmdir(inside(scan.entries[0].folder, "mine")), 0);
	ck_assert_int_eq(store_remove(scan.entries[0].folder, &error), 0);
	scan_release(&scan);
	ck_assert_int_eq(store_remove(fixture_root, &error), -1);
	ck_assert_int_eq(access(fixture_root, F_OK), 0);
	free(folder);
}
END_TEST

START_TEST(a_scan_tells_what_is_what)
{
	char *full = backup_of("host", "Sales", MANIFEST_FULL, 1795505400,
	    false, true);
	char *half = backup_of("host", "Sales", MANIFEST_LOG, 1795505500,
	    false, false);
	char *bad = backup_of("host", "a/b", MANIFEST_DIFF, 1795505600, false,
	    true);
	struct error error;
	struct scan scan;

	error_init(&error);
	fixture_write(inside(bad, "manifest.json"), "{");
	ck_assert_int_eq(mkdir(fixture_path(
	    "host/Sales/20270101T000000Z-log.partial"), 0700), 0);
	ck_assert_int_eq(mkdir(fixture_path("host/Sales/other"), 0700), 0);
	fixture_write(fixture_path("host/note"), "x");
	ck_assert_msg(scan_store(fixture_root, &scan, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(scan.count, 4);
	ck_assert_str_eq(scan.entries[0].folder, full);
	ck_assert_int_eq(scan.entries[0].state, SCAN_COMPLETE);
	ck_assert_str_eq(scan.entries[1].folder, half);
	ck_assert_int_eq(scan.entries[1].state, SCAN_ADOPTABLE);
	ck_assert_int_eq(scan.entries[2].state, SCAN_UNFINISHED);
	ck_assert_int_eq(scan.entries[3].state, SCAN_BROKEN);
	ck_assert_str_eq(scan.entries[3].database, "a/b");
	ck_assert(error_is_set(&scan.entries[3].problem));
	ck_assert_str_eq(scan_state_name(SCAN_BROKEN), "broken");
	scan_release(&scan);
	ck_assert_int_eq(scan_store(fixture_path("none"), &scan, &error), -1);
	free(bad);
	free(half);
	free(full);
}
END_TEST

/* Root may read anything, so this runs as somebody else. */
START_TEST(a_folder_that_cannot_be_read_hides_no_other)
{
	static char *folder; /* the child leaves them as they are */
	static struct scan scan;
	int status;
	pid_t pid;

	folder = a_backup(true);
	ck_assert_int_eq(chmod(fixture_root, 0755), 0);
	ck_assert_int_eq(mkdir(fixture_path("lost+found"), 0700), 0);
	ck_assert_int_eq(mkdir(fixture_path("open"), 0755), 0);
	ck_assert_int_eq(mkdir(fixture_path("open/shut"), 0), 0);
	ck_assert_int_eq(mkdir(fixture_path("shut"), 0), 0);
	ck_assert_int_eq(chmod(fixture_path("host"), 0755), 0);
	ck_assert_int_eq(chmod(fixture_path("host/Sales"), 0755), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		if (scan_store(fixture_root, &scan, NULL) != 0 ||
		    scan.count != 3)
			_exit(3);
		if (strcmp(scan.entries[0].folder, folder) != 0 ||
		    scan.entries[1].state != SCAN_BROKEN ||
		    strcmp(scan.entries[1].database, "shut") != 0 ||
		    scan.entries[2].state != SCAN_BROKEN ||
		    strcmp(scan.entries[2].server, "shut") != 0 ||
		    scan.entries[2].problem.code != EACCES)
			_exit(4);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	free(folder);
}
END_TEST

/* A link to itself: nobody can tell what it is. */
START_TEST(what_cannot_be_looked_at_is_listed_where_a_backup_could_be)
{
	char *folder = a_backup(true);
	struct scan scan;
	struct error error;

	error_init(&error);
	ck_assert_int_eq(symlink("loop", fixture_path("host/Sales/loop")), 0);
	ck_assert_int_eq(symlink("20300101T000000Z-log",
	    fixture_path("host/Sales/20300101T000000Z-log")), 0);
	ck_assert_int_eq(symlink("loop", fixture_path("host/loop")), 0);
	ck_assert_int_eq(symlink("none", fixture_path("host/dangling")), 0);
	ck_assert_int_eq(scan_store(fixture_root, &scan, &error), 0);
	ck_assert_uint_eq(scan.count, 3);
	ck_assert_str_eq(scan.entries[0].folder, folder);
	ck_assert_int_eq(scan.entries[1].state, SCAN_BROKEN);
	ck_assert_int_eq(scan.entries[1].name.type, MANIFEST_LOG);
	ck_assert_int_eq(scan.entries[1].problem.code, ELOOP);
	ck_assert_str_eq(scan.entries[2].database, "loop");
	ck_assert_int_eq(scan.entries[2].problem.code, ELOOP);
	scan_release(&scan);
	ck_assert_int_eq(store_is_backup_folder(
	    fixture_path("host/loop"), &error), -1);
	ck_assert_int_eq(error.code, ELOOP);
	free(folder);
}
END_TEST

START_TEST(latest_is_the_last_complete_full_backup)
{
	struct error error;
	struct scan scan;
	const struct scan_entry *found;
	char *right;

	error_init(&error);
	free(backup_of("h", "S", MANIFEST_FULL, 1795505400, false, true));
	right = backup_of("h", "S", MANIFEST_FULL, 1795505500, false, true);
	free(backup_of("h", "S", MANIFEST_FULL, 1795505600, false, false));
	free(backup_of("h", "S", MANIFEST_FULL, 1795505700, true, true));
	free(backup_of("h", "S", MANIFEST_DIFF, 1795505800, false, true));
	/* Parts of a database are no full backup. */
	free(backup_of("h", "S", MANIFEST_FILE, 1795505810, false, true));
	free(backup_of("h", "S", MANIFEST_FILE_DIFF, 1795505820, false,
	    true));
	free(backup_of("h", "S", MANIFEST_READ_WRITE, 1795505830, false,
	    true));
	free(backup_of("h", "S", MANIFEST_READ_WRITE_DIFF, 1795505840, false,
	    true));
	free(backup_of("h", "T", MANIFEST_FULL, 1795505900, false, true));
	ck_assert_int_eq(scan_store(fixture_root, &scan, &error), 0);
	found = scan_find(&scan, NULL, "S", "latest", &error);
	ck_assert_msg(found != NULL, "%s", error.text);
	ck_assert_str_eq(found->folder, right);
	ck_assert_ptr_null(scan_find(&scan, NULL, NULL, "latest", &error));
	ck_assert_int_eq(error.kind, KIND_USAGE);
	error_init(&error);
	ck_assert_ptr_null(scan_find(&scan, NULL, "U", "latest", &error));
	ck_assert_ptr_nonnull(strstr(error.text, "\"U\""));
	scan_release(&scan);
	free(right);
}
END_TEST

START_TEST(a_backup_is_found_by_id_or_folder)
{
	char *folder = a_backup(true);
	struct error error;
	struct scan scan;
	char id[MANIFEST_ID_ROOM];

	error_init(&error);
	ck_assert_int_eq(scan_store(fixture_root, &scan, &error), 0);
	manifest_format_id(id, scan.entries[0].manifest->id);
	ck_assert_ptr_eq(scan_find(&scan, NULL, NULL, id, &error),
	    &scan.entries[0]);
	id[8] = '\0';
	ck_assert_ptr_eq(scan_find(&scan, NULL, NULL, id, &error),
	    &scan.entries[0]);
	ck_assert_ptr_eq(scan_find(&scan, "host", "Sales",
	    "20261124T073000Z-full", &error), &scan.entries[0]);
	id[7] = '\0';
	ck_assert_ptr_null(scan_find(&scan, NULL, NULL, id, &error));
	scan_release(&scan);
	free(folder);
}
END_TEST

static int
order(unsigned a, unsigned b, unsigned c, unsigned count,
    struct error *error)
{
	struct store_file files[3] = {
		{ .path = "a", .index = a, .count = count },
		{ .path = "b", .index = b, .count = count },
		{ .path = "c", .index = c, .count = count },
	};
	size_t i;

	error_init(error);
	if (store_order_files(files, 3, error) != 0)
		return (-1);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(files[i].index, i + 1);
	return (0);
}

START_TEST(files_are_ordered_by_what_they_say_of_themselves)
{
	struct error error;

	ck_assert_int_eq(order(3, 1, 2, 3, &error), 0);
	ck_assert_int_eq(order(1, 2, 2, 3, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "both stripe 2"));
	ck_assert_int_eq(order(1, 2, 3, 4, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "stripe 4 of 4 is missing"));
	ck_assert_int_eq(order(1, 3, 4, 4, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "stripe 2 of 4 is missing"));
	ck_assert_int_eq(order(0, 1, 2, 3, &error), -1);
	ck_assert_int_eq(order(1, 2, 4, 3, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
}
END_TEST

START_TEST(files_of_two_backups_are_not_mixed)
{
	struct store_file files[2] = {
		{ .path = "a", .index = 1, .count = 2 },
		{ .path = "b", .index = 2, .count = 2, .id = { 1 } },
	};
	struct error error;

	error_init(&error);
	ck_assert_int_eq(store_order_files(files, 2, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "different backups"));
	files[1].id[0] = 0;
	files[1].count = 3;
	error_init(&error);
	ck_assert_int_eq(store_order_files(files, 2, &error), -1);
	ck_assert_int_eq(store_order_files(files, 0, &error), -1);
}
END_TEST

TCase *
read_tests(void)
{
	TCase *tcase = tcase_create("read");

	tcase_add_checked_fixture(tcase, fixture_begin, fixture_end);
	tcase_add_test(tcase,
	    a_complete_backup_opens_with_its_stripes_in_order);
	tcase_add_test(tcase, a_partial_backup_opens_only_when_asked_for);
	tcase_add_test(tcase, a_missing_or_cut_stripe_is_named);
	tcase_add_test(tcase, a_manifest_that_was_changed_is_refused);
	tcase_add_test(tcase, a_folder_without_a_manifest_is_no_backup);
	tcase_add_test(tcase, a_whole_partial_backup_is_adopted);
	tcase_add_test(tcase, half_a_backup_is_not_adopted);
	tcase_add_test(tcase, a_removed_backup_is_gone);
	tcase_add_test(tcase, only_plain_files_of_a_backup_are_removed);
	tcase_add_test(tcase, a_scan_tells_what_is_what);
	tcase_add_test(tcase, a_folder_that_cannot_be_read_hides_no_other);
	tcase_add_test(tcase,
	    what_cannot_be_looked_at_is_listed_where_a_backup_could_be);
	tcase_add_test(tcase, latest_is_the_last_complete_full_backup);
	tcase_add_test(tcase, a_backup_is_found_by_id_or_folder);
	tcase_add_test(tcase,
	    files_are_ordered_by_what_they_say_of_themselves);
	tcase_add_test(tcase, files_of_two_backups_are_not_mixed);
	return (tcase);
}
