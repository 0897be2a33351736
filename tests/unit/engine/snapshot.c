/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a copy that is taken while others write is the database as it was at
 * one moment; and a file in pages comes out of them again. */
#include <config.h>

#include "base/fd.h"
#include "engine/message.h"
#include "engine/snapshot.h"
#include "engine/wrap.h"
#include "unit/engine/room.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define LOCK_MS 20000

static struct stop stop;

static void
make(void)
{
	stop_init(&stop);
	room_make();
}

static void
remove_all(void)
{
	room_remove();
	stop_release(&stop);
}

static struct snapshot *
opened(const char *name)
{
	struct error error;
	struct snapshot *snapshot;

	error_init(&error);
	snapshot = snapshot_open(room_path(name), LOCK_MS, &stop, &error);
	ck_assert_msg(snapshot != NULL, "%s", error.text);
	return (snapshot);
}

/* The whole of it into a file, in vectors of odd sizes. */
static void
copy_out(const struct snapshot *snapshot, const char *name)
{
	uint64_t bytes = snapshot_info(snapshot)->bytes;
	char *buffer = malloc(bytes + 1);
	struct iovec vector[64];
	struct error error;
	uint64_t at = 0;
	FILE *file = fopen(room_path(name), "w");

	ck_assert(buffer != NULL && file != NULL);
	error_init(&error);
	while (at < bytes) {
		uint64_t start = at;
		int count = 0;

		while (count < 64 && at < bytes) {
			uint64_t size = 1 + (at * 31 + (uint64_t)count * 7919) %
			    9000;

			size = size < bytes - at ? size : bytes - at;
			vector[count].iov_base = buffer + at;
			vector[count].iov_len = size;
			count++;
			at += size;
		}
		ck_assert_msg(snapshot_read(snapshot, start, vector, count,
		    &error) == 0, "%s", error.text);
	}
	ck_assert_uint_eq(fwrite(buffer, 1, bytes, file), bytes);
	ck_assert_int_eq(fclose(file), 0);
	free(buffer);
}

/*
 * Another process that moves money between accounts, and changes the ballast,
 * until it is killed; a byte through the pipe after each transaction.
 */
static pid_t
start_writer(const char *name, int *progress)
{
	int ends[2];
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		sqlite3 *db = NULL;
		char sql[400];
		unsigned i;

		(void)close(ends[0]);
		if (sqlite3_open(room_path(name), &db) != SQLITE_OK)
			_exit(1);
		(void)sqlite3_busy_timeout(db, 30000);
		for (i = 0; write(ends[1], "x", 1) == 1; i++) {
			(void)snprintf(sql, sizeof(sql), "BEGIN IMMEDIATE; "
			    "UPDATE account SET balance = balance - %u WHERE "
			    "id = %u; UPDATE ballast SET content = "
			    "randomblob(3000) WHERE id %% 50 = %u; INSERT INTO "
			    "ballast(content) VALUES(randomblob(9000)); UPDATE "
			    "account SET balance = balance + %u WHERE id = %u;"
			    " COMMIT", i % 97, i % 100 + 1, i % 50, i % 97,
			    (i * 7 + 3) % 100 + 1);
			if (sqlite3_exec(db, sql, NULL, NULL, NULL) !=
			    SQLITE_OK)
				_exit(2);
			if (i % 16 == 15)
				(void)sqlite3_wal_checkpoint_v2(db, NULL,
				    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		}
		_exit(0);
	}
	(void)close(ends[1]);
	*progress = ends[0];
	return (child);
}

static void
await_writes(int progress, unsigned count)
{
	char byte;

	while (count-- > 0)
		ck_assert_int_eq(read(progress, &byte, 1), 1);
}

static void
stop_writer(pid_t child, int progress)
{
	int status;

	/* Killed between or within transactions: both have to be harmless. */
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	(void)close(progress);
}

START_TEST(a_copy_in_wal_mode_is_of_one_moment_while_others_write)
{
	int progress;
	pid_t writer;
	unsigned i;

	room_database("a.db", "wal", MIB);
	writer = start_writer("a.db", &progress);
	for (i = 0; i < 5; i++) {
		struct snapshot *snapshot;

		await_writes(progress, 20);
		snapshot = opened("a.db");
		ck_assert(snapshot_info(snapshot)->is_wal);
		/* It has to go on, or the test shows nothing. */
		await_writes(progress, 20);
		copy_out(snapshot, "b.db");
		await_writes(progress, 3);
		snapshot_close(snapshot);
		room_check("b.db");
		(void)unlink(room_path("b.db"));
	}
	stop_writer(writer, progress);
	room_check("a.db");
}
END_TEST

START_TEST(a_copy_with_a_rollback_journal_is_of_one_moment)
{
	int progress;
	pid_t writer;
	unsigned i;

	room_database("a.db", "delete", MIB);
	writer = start_writer("a.db", &progress);
	for (i = 0; i < 5; i++) {
		struct snapshot *snapshot;

		await_writes(progress, 5);
		snapshot = opened("a.db");
		ck_assert(!snapshot_info(snapshot)->is_wal);
		copy_out(snapshot, "b.db");
		snapshot_close(snapshot);
		room_check("b.db");
	}
	stop_writer(writer, progress);
	room_check("a.db");
}
END_TEST

/* Keeps the WAL from being copied by the last close. */
static sqlite3 *
hold(const char *name)
{
	static sqlite3 *db; /* a process that dies has it still */

	ck_assert_int_eq(sqlite3_open(room_path(name), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA wal_autocheckpoint=0; "
	    "UPDATE account SET balance = balance + 1 WHERE id = 1; UPDATE "
	    "account SET balance = balance - 1 WHERE id = 2", NULL, NULL,
	    NULL), SQLITE_OK);
	return (db);
}

START_TEST(pages_that_are_in_the_wal_only_are_found_there)
{
	struct snapshot *snapshot;
	sqlite3 *db;

	room_database("a.db", "wal", MIB);
	db = hold("a.db");
	snapshot = opened("a.db");
	ck_assert_uint_gt(snapshot_info(snapshot)->wal_pages, 0);
	copy_out(snapshot, "b.db");
	snapshot_close(snapshot);
	room_check("b.db");
	ck_assert_int_eq(room_number("b.db",
	    "SELECT balance FROM account WHERE id = 1"), 1001);
	(void)sqlite3_close(db);
}
END_TEST

START_TEST(a_wal_that_was_not_used_yet_has_no_sizes)
{
	struct snapshot *snapshot;

	/* Closed in order: the log is gone, and begins anew. */
	room_database("a.db", "wal", MIB);
	ck_assert_int_eq(room_has("a.db-wal"), 0);
	snapshot = opened("a.db");
	copy_out(snapshot, "b.db");
	snapshot_close(snapshot);
	room_check("b.db");
}
END_TEST

START_TEST(a_link_leads_to_the_wal_as_well)
{
	struct snapshot *snapshot;
	sqlite3 *db;

	room_database("a.db", "wal", MIB);
	ck_assert_int_eq(symlink("a.db", room_path("link.db")), 0);
	db = hold("a.db");
	snapshot = opened("link.db");
	ck_assert_uint_gt(snapshot_info(snapshot)->wal_pages, 0);
	copy_out(snapshot, "b.db");
	snapshot_close(snapshot);
	room_check("b.db");
	(void)sqlite3_close(db);
}
END_TEST

START_TEST(a_checkpoint_meanwhile_does_not_matter)
{
	struct snapshot *snapshot;
	sqlite3 *db;

	room_database("a.db", "wal", MIB);
	db = hold("a.db");
	snapshot = opened("a.db");
	ck_assert_int_eq(sqlite3_exec(db, "UPDATE ballast SET content = "
	    "randomblob(3000); DELETE FROM account WHERE id > 50; PRAGMA "
	    "wal_checkpoint", NULL, NULL, NULL), SQLITE_OK);
	copy_out(snapshot, "b.db");
	snapshot_close(snapshot);
	room_check("b.db");
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)",
	    NULL, NULL, NULL), SQLITE_OK);
	snapshot = opened("a.db");
	ck_assert_uint_eq(snapshot_info(snapshot)->wal_pages, 0);
	/* With everything in the file, the WAL may even be begun anew. */
	ck_assert_int_eq(sqlite3_exec(db, "UPDATE ballast SET content = "
	    "zeroblob(3000)", NULL, NULL, NULL), SQLITE_OK);
	copy_out(snapshot, "c.db");
	snapshot_close(snapshot);
	ck_assert_int_eq(room_number("c.db", "SELECT integrity_check = 'ok' "
	    "FROM pragma_integrity_check"), 1);
	ck_assert_int_eq(room_number("c.db", "SELECT count(*) FROM ballast "
	    "WHERE content = zeroblob(3000)"), 0);
	(void)sqlite3_close(db);
}
END_TEST

START_TEST(a_backup_leaves_the_wal_as_it_is)
{
	struct snapshot *snapshot;
	sqlite3 *db;
	pid_t child;
	int status;

	room_database("a.db", "wal", 100);
	/* A process that dies leaves its WAL behind. */
	child = fork();
	if (child == 0) {
		db = hold("a.db");
		_exit(db == NULL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert(room_has("a.db-wal"));
	snapshot = opened("a.db");
	ck_assert_uint_gt(snapshot_info(snapshot)->wal_pages, 0);
	snapshot_close(snapshot);
	ck_assert(room_has("a.db-wal"));
	room_check("a.db");
}
END_TEST

START_TEST(a_locked_database_is_waited_for_and_no_longer)
{
	struct error error;
	sqlite3 *db = NULL;

	room_database("a.db", "delete", 100);
	ck_assert_int_eq(sqlite3_open(room_path("a.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL,
	    NULL), SQLITE_OK);
	error_init(&error);
	ck_assert_ptr_null(snapshot_open(room_path("a.db"), 100, &stop,
	    &error));
	ck_assert_int_eq(error.code, MESSAGE_LOCK_TIMEOUT);
	/* A stop ends the wait at once. */
	stop_raise(&stop);
	error_init(&error);
	ck_assert_ptr_null(snapshot_open(room_path("a.db"), 3600000, &stop,
	    &error));
	(void)sqlite3_close(db);
}
END_TEST

START_TEST(a_writer_waits_for_a_reader_of_a_rollback_journal)
{
	struct snapshot *snapshot;
	sqlite3 *db = NULL;

	room_database("a.db", "delete", 100);
	snapshot = opened("a.db");
	ck_assert_int_eq(sqlite3_open(room_path("a.db"), &db), SQLITE_OK);
	/* The lock holds although descriptors of ours are open beside it. */
	ck_assert_int_eq(sqlite3_exec(db, "UPDATE account SET balance = 0",
	    NULL, NULL, NULL), SQLITE_BUSY);
	snapshot_close(snapshot);
	ck_assert_int_eq(sqlite3_exec(db, "UPDATE account SET balance = 0",
	    NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}
END_TEST

START_TEST(a_file_cut_short_is_an_error)
{
	struct snapshot *snapshot;
	struct error error;
	struct iovec item;
	static char buffer[65536];
	uint64_t bytes;

	room_database("a.db", "delete", MIB);
	snapshot = opened("a.db");
	bytes = snapshot_info(snapshot)->bytes;
	ck_assert_int_eq(truncate(room_path("a.db"), (off_t)bytes - 4096), 0);
	item.iov_base = buffer;
	item.iov_len = sizeof(buffer);
	error_init(&error);
	ck_assert_int_eq(snapshot_read(snapshot, bytes - sizeof(buffer),
	    &item, 1, &error), -1);
	ck_assert_int_eq(error.code, MESSAGE_READ_FAILED);
	snapshot_close(snapshot);
	error_init(&error);
	ck_assert_ptr_null(snapshot_open(room_path("a.db"), 100, &stop,
	    &error));
	ck_assert_int_eq(error.code, MESSAGE_BAD_DATABASE);
}
END_TEST

START_TEST(pages_are_dealt_out_in_whole_extents)
{
	static const struct {
		uint64_t bytes;
		uint64_t pages;
	} cases[] = {
		{ 0, 8 }, { 1, 8 }, { 8096 * 7, 8 }, { 8096 * 7 + 1, 16 },
		{ (uint64_t)1 << 40, 135809248 },
	};
	struct wrap_plan plan;
	struct error error;
	size_t i;

	error_init(&error);
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		ck_assert_uint_eq(wrap_pages(cases[i].bytes), cases[i].pages);
		ck_assert_int_eq(wrap_plan_make(&plan, cases[i].bytes, 131072,
		    3, &error), 0);
		ck_assert_uint_eq(plan.per_transfer, 16);
		ck_assert_uint_ge(plan.transfers * 16, plan.pages);
		ck_assert_uint_ge(plan.quota * 3, plan.transfers);
		ck_assert_uint_lt((plan.quota - 1) * 3, plan.transfers);
	}
	ck_assert_int_eq(wrap_plan_make(&plan, (uint64_t)1 << 50, 65536, 1,
	    &error), -1);
}
END_TEST

START_TEST(page_0_says_what_the_file_is)
{
	static uint8_t content[MTF_PAGE_CONTENT];
	struct wrap_meta meta = { .bytes = 12345, .page_size = 4096,
		.is_wal = true, .version = "1.2.3" };
	struct wrap_meta back;
	struct error error;

	error_init(&error);
	ck_assert_int_eq(wrap_meta_get(content, &back, &error), -1);
	wrap_meta_put(content, &meta);
	error_init(&error);
	ck_assert_int_eq(wrap_meta_get(content, &back, &error), 0);
	ck_assert_uint_eq(back.bytes, 12345);
	ck_assert_uint_eq(back.page_size, 4096);
	ck_assert(back.is_wal);
	ck_assert_str_eq(back.version, "1.2.3");
}
END_TEST

START_TEST(a_files_bytes_go_around_the_page_headers)
{
	static uint8_t buffer[65536];
	struct wrap_plan plan;
	struct iovec vector[8];
	struct error error;
	uint64_t offset;
	int i;

	error_init(&error);
	ck_assert_int_eq(wrap_plan_make(&plan, 8096 * 2 + 5, 65536, 1,
	    &error), 0);
	memset(buffer, 0xff, sizeof(buffer));
	ck_assert_int_eq(wrap_vector(&plan, 0, 8, buffer, vector, &offset),
	    3);
	ck_assert_uint_eq(offset, 0);
	ck_assert_ptr_eq(vector[0].iov_base, buffer + 8192 + 96);
	ck_assert_uint_eq(vector[0].iov_len, 8096);
	ck_assert_uint_eq(vector[2].iov_len, 5);
	/* No memory of the server's gets into what is not carried. */
	for (i = 3 * 8192 + 96 + 5; i < 4 * 8192; i++)
		ck_assert_uint_eq(buffer[i], 0);
	wrap_stamp(0, 8, buffer, true);
	for (i = 0; i < 8; i++) {
		const uint8_t *page = buffer + (size_t)i * 8192;

		ck_assert_int_eq(mtf_page_check(page, (unsigned)i),
		    MTF_PAGE_IS_GOOD);
		ck_assert_uint_eq(mtf_page_id(page), (unsigned)i);
	}
	ck_assert_uint_eq(mtf_page_type(buffer), MTF_PAGE_FILE_HEADER);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: snapshots and pages");
	TCase *tests = tcase_create("snapshot");
	TCase *pages = tcase_create("wrap");

	tcase_add_checked_fixture(tests, make, remove_all);
	tcase_add_test(tests,
	    a_copy_in_wal_mode_is_of_one_moment_while_others_write);
	tcase_add_test(tests, a_copy_with_a_rollback_journal_is_of_one_moment);
	tcase_add_test(tests, pages_that_are_in_the_wal_only_are_found_there);
	tcase_add_test(tests, a_wal_that_was_not_used_yet_has_no_sizes);
	tcase_add_test(tests, a_link_leads_to_the_wal_as_well);
	tcase_add_test(tests, a_checkpoint_meanwhile_does_not_matter);
	tcase_add_test(tests, a_backup_leaves_the_wal_as_it_is);
	tcase_add_test(tests, a_locked_database_is_waited_for_and_no_longer);
	tcase_add_test(tests,
	    a_writer_waits_for_a_reader_of_a_rollback_journal);
	tcase_add_test(tests, a_file_cut_short_is_an_error);
	suite_add_tcase(suite, tests);
	tcase_add_test(pages, pages_are_dealt_out_in_whole_extents);
	tcase_add_test(pages, page_0_says_what_the_file_is);
	tcase_add_test(pages, a_files_bytes_go_around_the_page_headers);
	suite_add_tcase(suite, pages);
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
