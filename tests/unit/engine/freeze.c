/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a frozen database is all in its file, nobody writes to it until it is
 * let go, and its imprint is that of the bytes. */
#include <config.h>

#include "engine/freeze.h"
#include "engine/imprint.h"
#include "engine/message.h"
#include "unit/engine/room.h"

#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_MS 10000

static struct stop stop;
static struct error error;
static sqlite3 *db;

static void
enter(void)
{
	room_make();
	stop_init(&stop);
	error_init(&error);
	db = NULL;
}

static void
leave(void)
{
	(void)sqlite3_close(db);
	stop_release(&stop);
	room_remove();
}

static void
connect_to(const char *mode)
{
	room_database("a.db", mode, 100000);
	ck_assert_int_eq(sqlite3_open(room_path("a.db"), &db), SQLITE_OK);
	(void)sqlite3_exec(db, "CREATE TABLE IF NOT EXISTS t (x)", NULL, NULL,
	    NULL);
}

static int
write_row(void)
{
	return (sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL,
	    NULL));
}

START_TEST(writers_wait_until_it_is_let_go)
{
	struct freeze *freeze;

	connect_to(_i == 0 ? "delete" : "wal");
	ck_assert_int_eq(write_row(), SQLITE_OK);
	freeze = freeze_begin(room_path("a.db"), LOCK_MS, &stop, &error);
	ck_assert_msg(freeze != NULL, "%s", error.text);
	ck_assert_int_eq(freeze_info(freeze)->file.is_wal, _i == 1);
	ck_assert_int_eq(write_row(), SQLITE_BUSY);
	ck_assert_int_eq(sqlite3_exec(db, "SELECT * FROM t", NULL, NULL,
	    NULL), SQLITE_OK);
	freeze_end(freeze);
	ck_assert_int_eq(write_row(), SQLITE_OK);
}
END_TEST

START_TEST(all_of_it_is_in_the_file)
{
	struct freeze *freeze;
	struct freeze_info info;
	uint64_t imprint;
	uint64_t bytes;
	struct stat wal;
	int fd;

	connect_to("wal");
	ck_assert_int_eq(write_row(), SQLITE_OK);
	ck_assert_int_eq(stat(room_path("a.db-wal"), &wal), 0);
	ck_assert_int_gt(wal.st_size, 0);
	freeze = freeze_begin(room_path("a.db"), LOCK_MS, &stop, &error);
	ck_assert_msg(freeze != NULL, "%s", error.text);
	info = *freeze_info(freeze);
	ck_assert_int_eq(stat(room_path("a.db-wal"), &wal), 0);
	ck_assert_int_eq(wal.st_size, 0);
	ck_assert_uint_eq(info.file.bytes % info.file.page_size, 0);
	freeze_end(freeze);
	fd = open(room_path("a.db"), O_RDONLY);
	ck_assert_int_eq(imprint_take(fd, &bytes, &imprint), 0);
	(void)close(fd);
	ck_assert_uint_eq(bytes, info.file.bytes);
	ck_assert_uint_eq(imprint, info.imprint);
}
END_TEST

START_TEST(whoever_holds_the_lock_is_waited_for_and_named)
{
	connect_to("delete");
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	ck_assert_ptr_null(freeze_begin(room_path("a.db"), 50, &stop,
	    &error));
	ck_assert_int_eq(error.code, MESSAGE_LOCK_TIMEOUT);
}
END_TEST

START_TEST(a_reader_of_an_older_state_is_waited_for)
{
	sqlite3 *reader;

	connect_to("wal");
	ck_assert_int_eq(sqlite3_open(room_path("a.db"), &reader), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(reader, "BEGIN; SELECT * FROM t", NULL,
	    NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(write_row(), SQLITE_OK);
	ck_assert_ptr_null(freeze_begin(room_path("a.db"), 50, &stop,
	    &error));
	ck_assert_int_eq(error.code, MESSAGE_LOCK_TIMEOUT);
	(void)sqlite3_close(reader);
	/* And the attempt holds nothing. */
	ck_assert_int_eq(write_row(), SQLITE_OK);
}
END_TEST

START_TEST(what_is_no_database_is_not_frozen)
{
	ck_assert_ptr_null(freeze_begin(room_path("none.db"), 50, &stop,
	    &error));
	ck_assert_int_eq(error.code, MESSAGE_CANNOT_OPEN_FILE);
}
END_TEST

START_TEST(an_imprint_tells_any_byte)
{
	static const char text[] = "nine and some more bytes than eight";
	char other[sizeof(text)];
	uint64_t first;
	uint64_t second;
	uint64_t bytes;
	size_t i;
	int fd = open(room_path("x"), O_RDWR | O_CREAT, 0600);

	ck_assert_int_eq(pwrite(fd, text, sizeof(text), 0), sizeof(text));
	ck_assert_int_eq(imprint_take(fd, &bytes, &first), 0);
	ck_assert_uint_eq(bytes, sizeof(text));
	for (i = 0; i < sizeof(text); i++) {
		memcpy(other, text, sizeof(text));
		other[i] ^= 4;
		ck_assert_int_eq(pwrite(fd, other, sizeof(other), 0),
		    sizeof(other));
		ck_assert_int_eq(imprint_take(fd, &bytes, &second), 0);
		ck_assert(first != second);
	}
	(void)close(fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("engine: freezing");
	TCase *tcase = tcase_create("freeze");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_loop_test(tcase, writers_wait_until_it_is_let_go, 0, 2);
	tcase_add_test(tcase, all_of_it_is_in_the_file);
	tcase_add_test(tcase,
	    whoever_holds_the_lock_is_waited_for_and_named);
	tcase_add_test(tcase, a_reader_of_an_older_state_is_waited_for);
	tcase_add_test(tcase, what_is_no_database_is_not_frozen);
	tcase_add_test(tcase, an_imprint_tells_any_byte);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed != 0);
}
