/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a restored file takes the old database's place, or the old one stays
 * as it is: its content, its journal's content, and how it keeps a journal. */
#include <config.h>

#include "engine/target.h"

#include "base/fd.h"
#include "engine/message.h"
#include "unit/engine/room.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 30)

/* What becomes of the rename that puts the new file in place. */
static enum { RENAME_WORKS, RENAME_FAILS, RENAME_KILLS } fate;

/* In the C library's place. */
int
rename(const char *from, const char *to)
{
	if (fate == RENAME_KILLS)
		(void)raise(SIGKILL);
	if (fate == RENAME_FAILS) {
		errno = EIO;
		return (-1);
	}
	return (renameat(AT_FDCWD, from, AT_FDCWD, to));
}

static const char *const modes[] = { "wal", "delete", "persist" };

/* old.db, whose last transaction is in its WAL alone where it has one. */
static void
make_old(const char *mode)
{
	sqlite3 *db = NULL;
	char pragma[40];

	(void)snprintf(pragma, sizeof(pragma), "PRAGMA journal_mode=%s",
	    mode);
	room_database("old.db", mode, 100);
	ck_assert_int_eq(sqlite3_open(room_path("old.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_db_config(db,
	    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, pragma, NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "CREATE TABLE last(word); INSERT "
	    "INTO last VALUES('kept')", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	ck_assert_int_eq(room_has("old.db-wal"), strcmp(mode, "wal") == 0);
	ck_assert_int_eq(room_has("old.db-journal"),
	    strcmp(mode, "persist") == 0);
}

/* What a restore does once all has come; 0 or -1. */
static int
replace(struct error *error)
{
	struct target *target;
	struct stop stop;
	struct iovec vector;
	char *bytes = NULL;
	size_t size = 0;
	int rc;

	ck_assert_int_eq(fd_read_file(room_path("new.db"), FILE_MAX, &bytes,
	    &size, NULL), 0);
	stop_init(&stop);
	target = target_open(room_path("old.db"), 0, &stop, error);
	ck_assert_ptr_nonnull(target);
	vector = (struct iovec){ bytes, size };
	ck_assert_int_eq(target_write(target, 0, &vector, 1, error), 0);
	rc = target_commit(target, size, 4096, error);
	target_free(target);
	stop_release(&stop);
	free(bytes);
	return (rc);
}

static void
check_old(const char *mode)
{
	/* The mode that the file itself says: others are a connection's. */
	ck_assert_int_eq(room_number("old.db", "SELECT journal_mode = 'wal' "
	    "FROM pragma_journal_mode"), strcmp(mode, "wal") == 0);
	ck_assert_int_eq(room_number("old.db", "SELECT word = 'kept' FROM "
	    "last"), 1);
	room_check("old.db");
}

/* The same again without a failure. */
static void
check_next(void)
{
	struct error error;

	error_init(&error);
	fate = RENAME_WORKS;
	ck_assert_msg(replace(&error) == 0, "%s", error.text);
	ck_assert(room_same("old.db", "new.db"));
	ck_assert(!room_has("old.db-wal"));
	ck_assert(!room_has("old.db-shm"));
	ck_assert(!room_has("old.db-journal"));
	ck_assert(!room_has("old.db.restoring"));
	room_check("old.db");
}

START_TEST(a_new_file_takes_the_place)
{
	room_database("new.db", "delete", 8192);
	make_old(modes[_i]);
	check_next();
}
END_TEST

START_TEST(a_failure_leaves_the_old_one_as_it_was)
{
	struct error error;

	error_init(&error);
	room_database("new.db", "delete", 8192);
	make_old(modes[_i]);
	fate = RENAME_FAILS;
	ck_assert_int_eq(replace(&error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "5("));
	ck_assert(!room_has("old.db.restoring"));
	check_old(modes[_i]);
	check_next();
}
END_TEST

START_TEST(a_kill_leaves_the_old_one_as_it_was)
{
	struct error error;
	int status = 0;
	pid_t child;

	room_database("new.db", "delete", 8192);
	make_old(modes[_i]);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		error_init(&error);
		fate = RENAME_KILLS;
		_exit(replace(&error) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert(room_has("old.db.restoring"));
	check_old(modes[_i]);
	check_next();
}
END_TEST

/* Another restore's file, locked. */
static int
hold_partial(void)
{
	int fd = open(room_path("old.db.restoring"), O_RDWR | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	return (fd);
}

START_TEST(another_restore_is_not_disturbed)
{
	int held = hold_partial();
	struct target *target;
	struct error error;
	struct stop stop;

	error_init(&error);
	stop_init(&stop);
	target = target_open(room_path("old.db"), 0, &stop, &error);
	ck_assert_ptr_null(target);
	ck_assert_int_eq(error.code, MESSAGE_IN_USE);
	ck_assert(room_has("old.db.restoring"));
	/* Nor is it waited for once the statement is to end. */
	error_init(&error);
	stop_raise(&stop);
	target = target_open(room_path("old.db"), 3600000, &stop, &error);
	ck_assert_ptr_null(target);
	stop_release(&stop);
	(void)close(held);
}
END_TEST

struct other {
	const char *partial;
	int held;
};

/* As a restore does that fails. */
static void *
let_go(void *context)
{
	struct other *other = context;

	(void)unlink(other->partial);
	(void)close(other->held);
	return (NULL);
}

START_TEST(a_restore_that_is_ending_is_waited_for)
{
	struct other other = { room_path("old.db.restoring"),
		hold_partial() };
	const char *path = room_path("old.db");
	struct target *target;
	struct error error;
	struct stop stop;
	pthread_t thread;

	error_init(&error);
	stop_init(&stop);
	ck_assert_int_eq(pthread_create(&thread, NULL, let_go, &other), 0);
	target = target_open(path, 50000, &stop, &error);
	ck_assert_msg(target != NULL, "%s", error.text);
	(void)pthread_join(thread, NULL);
	ck_assert(room_has("old.db.restoring"));
	target_free(target);
	ck_assert(!room_has("old.db.restoring"));
	stop_release(&stop);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: the file of a restore");
	TCase *tests = tcase_create("target");

	tcase_add_checked_fixture(tests, room_make, room_remove);
	tcase_add_loop_test(tests, a_new_file_takes_the_place, 0, 3);
	tcase_add_loop_test(tests, a_failure_leaves_the_old_one_as_it_was, 0,
	    3);
	tcase_add_loop_test(tests, a_kill_leaves_the_old_one_as_it_was, 0, 3);
	tcase_add_test(tests, another_restore_is_not_disturbed);
	tcase_add_test(tests, a_restore_that_is_ending_is_waited_for);
	suite_add_tcase(suite, tests);
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
