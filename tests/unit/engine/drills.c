/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: every fault that the server can play fires where it is told to, fails
 * the statement with its message, and leaves no database behind. */
#include <config.h>

#include "base/fault_use.h"
#include "unit/engine/fake.h"
#include "unit/engine/room.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define BACKUP "BACKUP DATABASE Sales TO DEVICES WITH CHECKSUM"
#define RESTORE                                                                \
	"RESTORE DATABASE Copy FROM DEVICES WITH MAXTRANSFERSIZE=65536"

/* A drop ends when the engine has had enough of itself. */
#define STALL_MS 300

static const char *
set_name(void)
{
	static char name[64];

	(void)snprintf(name, sizeof(name), "engine-drills-%ld",
	    (long)getpid());
	return (name);
}

static const char *
file_of(const char *database, const char *name)
{
	static char text[320];

	(void)snprintf(text, sizeof(text), "%s=%s", database,
	    room_path(name));
	return (text);
}

static void
check_failed(const struct fake *fake, int number)
{
	ck_assert_int_eq(fake->status, 1);
	ck_assert_msg(fake_has_message(fake, number), "%s: %s", fake->inject,
	    fake->output);
	ck_assert_msg(fake_has_message(fake, 3013), "%s", fake->output);
	ck_assert_msg(strstr(fake->output, "successfully") == NULL, "%s",
	    fake->output);
}

static void
fail_backup(const char *inject, int number)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	fake_init(&fake, set_name(), 2, file_of("Sales", "sales.db"));
	fake.inject = inject;
	fake.stall_ms = STALL_MS;
	fake_run(&fake, BACKUP);
	check_failed(&fake, number);
	fake_release(&fake);
}

static const struct {
	const char *inject;
	int number;
} backups[] = {
	{ "abort,device=2,command=3", 3202 },
	{ "abort,at=open", 18210 },
	{ "abort,at=devices", 18210 },
	{ "abort,at=transfer", 18210 },
	{ "abort,at=flush,device=2", 3271 },
	{ "abort,at=complete", 3271 },
	{ "abort,at=close", 18210 },
	{ "fail,after=65536,code=crc", 3203 },
	{ "fail,at=configure", 3203 },
	{ "fail,at=flush", 3203 },
	{ "sql-cancel,device=1,command=2", 3204 },
	{ "sql-cancel,at=complete,device=2", 3204 },
	{ "close-early,device=2,command=3", 18210 },
	{ "close-early,at=configure", 18210 },
	{ "close-early,at=devices", 18210 },
	{ "close-early,at=flush", 18210 },
	{ "close-early,at=complete,device=1", 18210 },
	{ "close-early,at=close", 18210 },
	{ "drop,command=2", 3202 },
	{ "drop,at=configure", 18210 },
	{ "drop,at=complete", 3271 },
	{ "sink-error,device=2", 3203 },
};

START_TEST(a_backup_fails_with_its_message)
{
	fail_backup(backups[_i].inject, backups[_i].number);
}
END_TEST

static void
fail_restore(const char *backup, const char *restore, const char *inject,
    int number)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	fake_init(&fake, set_name(), 2, file_of("Sales", "sales.db"));
	fake_run(&fake, backup);
	ck_assert_msg(fake.status == 0, "%s", fake.output);
	fake_rewind(&fake);
	fake.sqlite = file_of("Copy", "copy.db");
	fake.inject = inject;
	fake.stall_ms = STALL_MS;
	fake_run(&fake, restore);
	check_failed(&fake, number);
	ck_assert(!room_has("copy.db") && !room_has("copy.db.restoring"));
	fake_release(&fake);
}

static const struct {
	const char *inject;
	int number;
} restores[] = {
	{ "abort,device=2,command=2", 3203 },
	{ "abort,at=close", 18210 },
	{ "fail", 5123 },
	{ "sql-cancel,at=transfer", 3204 },
	{ "close-early,command=2", 18210 },
	{ "close-early,at=close", 18210 },
	{ "drop,command=3", 3203 },
	{ "drop,at=close", 18210 },
	{ "corrupt", 3183 },
	{ "corrupt,device=2,command=3", 3183 },
	{ "sink-full", 5123 },
	{ "sink-error,at=close", 5123 },
};

START_TEST(a_restore_fails_with_its_message)
{
	fail_restore(BACKUP, RESTORE, restores[_i].inject,
	    restores[_i].number);
}
END_TEST

START_TEST(damage_that_no_checksum_tells_is_not_restored)
{
	if (_i == 0)
		fail_restore("BACKUP DATABASE Sales TO DEVICES WITH "
		    "NO_CHECKSUM", RESTORE, "corrupt", 3189);
	else
		fail_restore(BACKUP, RESTORE ", NO_CHECKSUM", "corrupt",
		    3189);
}
END_TEST

START_TEST(damage_in_a_backup_is_found_by_a_restore)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	fake_init(&fake, set_name(), 2, file_of("Sales", "sales.db"));
	fake.inject = "corrupt,device=2";
	fake_run(&fake, BACKUP);
	ck_assert_msg(fake.status == 0, "%s", fake.output);
	fake_rewind(&fake);
	fake.inject = NULL;
	fake.sqlite = file_of("Copy", "copy.db");
	fake_run(&fake, RESTORE);
	check_failed(&fake, 3183);
	ck_assert(!room_has("copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(a_drill_without_a_place_is_refused_at_once)
{
	static const char *const wrong[] = { "abort,at=flush",
		"sink-full,at=open", "close-early,at=open", "fail,at=plan",
		"stall=1,at=devices,device=2" };
	struct fake fake;

	fake_init(&fake, set_name(), 1, file_of("Copy", "copy.db"));
	fake.inject = wrong[_i];
	fake_run_alone(&fake, RESTORE);
	ck_assert_int_eq(fake.status, -1);
	ck_assert(!room_has("copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(a_stall_delays_and_does_not_fail)
{
	struct fake fake;

	room_database("sales.db", "delete", 100);
	fake_init(&fake, set_name(), 1, file_of("Sales", "sales.db"));
	fake.inject = _i == 0 ? "stall=300ms,command=2" :
	    "stall=300ms,at=flush";
	fake_run(&fake, BACKUP);
	ck_assert_msg(fake.status == 0, "%s", fake.output);
	ck_assert(fake.stripes[0].is_closed);
	fake_release(&fake);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: fault drills");
	TCase *tests = tcase_create("drills");

	tcase_add_checked_fixture(tests, room_make, room_remove);
	tcase_add_loop_test(tests, a_backup_fails_with_its_message, 0,
	    (int)ARRAY_COUNT(backups));
	tcase_add_loop_test(tests, a_restore_fails_with_its_message, 0,
	    (int)ARRAY_COUNT(restores));
	tcase_add_loop_test(tests,
	    damage_that_no_checksum_tells_is_not_restored, 0, 2);
	tcase_add_test(tests, damage_in_a_backup_is_found_by_a_restore);
	tcase_add_loop_test(tests, a_drill_without_a_place_is_refused_at_once,
	    0, 5);
	tcase_add_loop_test(tests, a_stall_delays_and_does_not_fail, 0, 2);
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
