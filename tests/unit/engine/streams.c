/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: databases that are streams go out as they are and come back as they
 * were, whatever the number of devices; what is wrong is told, and leaves
 * nothing. */
#include <config.h>

#include "unit/engine/fake.h"
#include "unit/engine/room.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define BACKUP "BACKUP DATABASE Tape TO DEVICES WITH MAXTRANSFERSIZE=65536"
#define RESTORE                                                                \
	"RESTORE DATABASE Tape FROM DEVICES WITH MAXTRANSFERSIZE=131072"

static const char *
set_name(void)
{
	static char name[64];

	(void)snprintf(name, sizeof(name), "engine-streams-%ld",
	    (long)getpid());
	return (name);
}

static void
run_well(struct fake *fake, const char *statement)
{
	unsigned i;

	fake_run(fake, statement);
	ck_assert_msg(fake->status == 0, "%s", fake->output);
	for (i = 0; i < fake->devices; i++)
		ck_assert(fake->stripes[i].is_closed);
	ck_assert_int_eq(fake->closed, VD_NOERROR);
}

static void
run_badly(struct fake *fake, const char *statement, int number)
{
	fake_run(fake, statement);
	ck_assert_int_eq(fake->status, 1);
	ck_assert_msg(fake_has_message(fake, number), "%s", fake->output);
	ck_assert_msg(fake_has_message(fake, 3013), "%s", fake->output);
	ck_assert_ptr_null(strstr(fake->output, "successfully"));
}

static void
says(const struct fake *fake, const char *words)
{
	ck_assert_msg(strstr(fake->output, words) != NULL, "\"%s\": %s",
	    words, fake->output);
}

/* --- synthetic ----------------------------------------------------------- */

static void
start_synthetic(struct fake *fake, unsigned devices, const char *text)
{
	fake_init(fake, set_name(), devices, text);
	fake->option = "--synthetic";
}

START_TEST(a_synthetic_database_comes_and_is_known_again)
{
	static const unsigned counts[] = { 1, 2, 3, 64 };
	struct fake fake;
	uint64_t total = 0;
	unsigned i;

	start_synthetic(&fake, counts[_i], "Tape=10000001");
	run_well(&fake, BACKUP ", STATS=25");
	says(&fake, "Processed 1220 pages for database 'Tape'");
	says(&fake, "BACKUP DATABASE successfully processed 1220 pages");
	says(&fake, "25 percent processed.");
	says(&fake, "100 percent processed.");
	for (i = 0; i < fake.devices; i++) {
		const struct fake_stripe *stripe = &fake.stripes[i];

		ck_assert_uint_eq(stripe->writes, (stripe->size + 64 * KIB -
		    1) / (64 * KIB));
		ck_assert_uint_eq(stripe->flushes, 1);
		ck_assert_uint_eq(stripe->completes, 1);
		total += stripe->size;
	}
	ck_assert_uint_eq(total, 10000001);
	fake_rewind(&fake);
	run_well(&fake, RESTORE ", CHECKSUM, STATS=50");
	says(&fake, "RESTORE DATABASE successfully processed 1220 pages");
	says(&fake, "100 percent processed.");
	fake_rewind(&fake);
	run_well(&fake, "RESTORE VERIFYONLY FROM DEVICES");
	says(&fake, "is valid");
	fake_release(&fake);
}
END_TEST

START_TEST(any_end_that_a_client_may_say_is_one)
{
	struct fake fake;

	start_synthetic(&fake, 2, "Tape=1MiB");
	run_well(&fake, BACKUP);
	fake_rewind(&fake);
	fake.end = (enum fake_end)_i;
	fake.short_reads = 20000;
	run_well(&fake, RESTORE ", CHECKSUM");
	fake_release(&fake);
}
END_TEST

START_TEST(a_synthetic_restore_tells_what_is_wrong)
{
	struct fake fake;
	struct fake_stripe *stripe = &fake.stripes[1];

	start_synthetic(&fake, 2, "Tape=2MiB,ratio=4,seed=9");
	run_well(&fake, BACKUP);
	/* One byte, which is not among the samples. */
	stripe->bytes[300 * KIB + 1000] ^= 1;
	fake_rewind(&fake);
	run_well(&fake, RESTORE);
	fake_rewind(&fake);
	run_badly(&fake, RESTORE ", CHECKSUM", 3183);
	says(&fake, "page (2:37)");
	stripe->bytes[300 * KIB + 1000] ^= 1;
	/* A page of the same stream in another one's place. */
	memmove(stripe->bytes + 80 * KIB, stripe->bytes + 160 * KIB, 8 * KIB);
	fake_rewind(&fake);
	run_badly(&fake, RESTORE, 3183);
	says(&fake, "page (2:10)");
	fake_rewind(&fake);
	run_badly(&fake, "RESTORE VERIFYONLY FROM DEVICES", 3183);
	fake_rewind(&fake);
	run_well(&fake, RESTORE ", NO_CHECKSUM");
	fake_release(&fake);
}
END_TEST

START_TEST(a_synthetic_restore_wants_all_and_no_more)
{
	struct fake fake;

	start_synthetic(&fake, 2, "Tape=2MiB");
	run_well(&fake, BACKUP);
	fake_rewind(&fake);
	fake.stripes[0].size--;
	run_badly(&fake, RESTORE, 3189);
	says(&fake, "ends before the 1048576 bytes");
	fake_rewind(&fake);
	fake.stripes[0].size++;
	fake.sqlite = "Tape=2097151";
	run_badly(&fake, RESTORE, 3189);
	says(&fake, "goes on behind the 1048575 bytes");
	/* The other device's stream. */
	fake_rewind(&fake);
	fake.sqlite = "Tape=2MiB";
	fake.order[0] = 1;
	fake.order[1] = 0;
	run_badly(&fake, RESTORE, 3183);
	fake.order[0] = 0;
	fake.order[1] = 1;
	fake_rewind(&fake);
	fake.sqlite = "Tape=2MiB,seed=2";
	run_badly(&fake, RESTORE, 3183);
	fake_release(&fake);
}
END_TEST

START_TEST(as_many_commands_as_may_are_under_way)
{
	struct fake fake;
	unsigned i;

	start_synthetic(&fake, 2, "Tape=4MiB");
	fake.depth = fake.hold = (unsigned)_i;
	run_well(&fake, BACKUP);
	for (i = 0; i < 2; i++)
		ck_assert(fake.stripes[i].was_full);
	fake_rewind(&fake);
	run_well(&fake, RESTORE);
	for (i = 0; i < 2; i++)
		ck_assert(fake.stripes[i].was_full);
	fake_release(&fake);
}
END_TEST

START_TEST(reads_of_a_sqlite_database_are_as_many)
{
	char text[320];
	struct fake fake;
	unsigned i;

	room_database("sales.db", "delete", 4 * MIB);
	(void)snprintf(text, sizeof(text), "Tape=%s", room_path("sales.db"));
	fake_init(&fake, set_name(), 2, text);
	run_well(&fake, BACKUP);
	fake_rewind(&fake);
	(void)snprintf(text, sizeof(text), "Tape=%s", room_path("new.db"));
	fake.depth = fake.hold = 9;
	run_well(&fake, RESTORE);
	for (i = 0; i < 2; i++)
		ck_assert(fake.stripes[i].was_full);
	fake_release(&fake);
}
END_TEST

/* --- what has no meaning for streams ------------------------------------- */

START_TEST(what_streams_do_not_have_is_refused)
{
	static const struct {
		const char *statement;
		int number;
	} cases[] = {
		{ BACKUP ", SNAPSHOT", 40517 },
		{ BACKUP ", COMPRESSION", 1844 },
		{ RESTORE ", MOVE 'a' TO 'b'", 3234 },
		{ RESTORE ", FILE=2", 4038 },
		{ "BACKUP DATABASE Other TO DEVICES", 911 },
	};
	struct fake fake;

	start_synthetic(&fake, 1, "Tape=1MiB");
	fake_run_alone(&fake, cases[_i].statement);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, cases[_i].number), "%s",
	    fake.output);
	fake_release(&fake);
}
END_TEST

START_TEST(removable_media_are_refused)
{
	struct fake fake;

	start_synthetic(&fake, 1, "Tape=1MiB");
	fake.features = VDF_RequestComplete | VDF_Removable;
	run_badly(&fake, BACKUP, 18210);
	says(&fake, "50(");
	fake_release(&fake);
}
END_TEST

/* --- replay -------------------------------------------------------------- */

static void
write_file(const char *name, const void *bytes, size_t size)
{
	FILE *file = fopen(room_path(name), "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

/* Three of sizes that nothing divides, one of them empty. */
static void
write_recordings(void)
{
	static uint8_t bytes[700001];
	uint32_t state = 1;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(state >> 24);
	}
	write_file("one", bytes, sizeof(bytes));
	write_file("two", bytes + 77, 65536);
	write_file("three", bytes, 0);
}

static const char *
recordings(const char *first, const char *second, const char *third)
{
	static char text[1200];

	(void)snprintf(text, sizeof(text), "Tape=%s", room_path(first));
	if (second != NULL) {
		(void)strcat(text, ",");
		(void)strcat(text, room_path(second));
	}
	if (third != NULL) {
		(void)strcat(text, ",");
		(void)strcat(text, room_path(third));
	}
	return (text);
}

static void
start_replay(struct fake *fake, unsigned devices)
{
	write_recordings();
	fake_init(fake, set_name(), devices, devices == 3 ?
	    recordings("one", "two", "three") : recordings("one", NULL, NULL));
	fake->option = "--replay";
}

/* Files whose names begin so. */
static unsigned
count_files(const char *start)
{
	DIR *dir = opendir(room_path("."));
	struct dirent *entry;
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		count += strncmp(entry->d_name, start, strlen(start)) == 0;
	(void)closedir(dir);
	return (count);
}

START_TEST(recordings_come_back_byte_by_byte)
{
	unsigned devices = _i == 0 ? 1 : 3;
	struct fake fake;

	start_replay(&fake, devices);
	run_well(&fake, BACKUP ", CHECKSUM, STATS");
	says(&fake, "CHECKSUM has no effect");
	says(&fake, "100 percent processed.");
	ck_assert_uint_eq(fake.stripes[0].size, 700001);
	ck_assert_uint_eq(fake.stripes[0].writes, 11);
	ck_assert_uint_eq(fake.stripes[0].size_max, 65536);
	fake_rewind(&fake);
	run_well(&fake, "RESTORE VERIFYONLY FROM DEVICES");
	ck_assert_uint_eq(count_files("new"), 0);
	fake_rewind(&fake);
	fake.sqlite = devices == 3 ? recordings("new1", "new2", "new3") :
	    recordings("new1", NULL, NULL);
	run_well(&fake, RESTORE ", STATS=10");
	says(&fake, "100 percent processed.");
	ck_assert(room_same("one", "new1"));
	ck_assert_uint_eq(count_files("new"), devices);
	if (devices == 3) {
		ck_assert(room_same("two", "new2"));
		ck_assert(room_same("three", "new3"));
	}
	fake_release(&fake);
}
END_TEST

START_TEST(every_kind_of_backup_may_have_been_recorded)
{
	struct fake fake;

	start_replay(&fake, 1);
	run_well(&fake, "BACKUP LOG Tape TO DEVICES");
	says(&fake, "BACKUP LOG successfully processed");
	fake_rewind(&fake);
	fake.sqlite = recordings("new", NULL, NULL);
	run_well(&fake, "RESTORE LOG Tape FROM DEVICES");
	ck_assert(room_same("one", "new"));
	fake.stripes[0].size = 0;
	fake.sqlite = recordings("one", NULL, NULL);
	run_well(&fake, "BACKUP DATABASE Tape TO DEVICES WITH DIFFERENTIAL");
	ck_assert_uint_eq(fake.stripes[0].size, 700001);
	fake_release(&fake);
}
END_TEST

START_TEST(there_are_as_many_devices_as_files)
{
	struct fake fake;

	start_replay(&fake, 3);
	fake.devices = 2;
	run_badly(&fake, BACKUP, 3132);
	run_badly(&fake, RESTORE, 3132);
	fake.devices = 4;
	run_badly(&fake, BACKUP, 3231);
	run_badly(&fake, RESTORE, 3231);
	fake_release(&fake);
}
END_TEST

START_TEST(files_that_are_there_stay_without_replace)
{
	struct fake fake;

	start_replay(&fake, 1);
	run_well(&fake, BACKUP);
	write_file("old", "old", 3);
	write_file("same", "old", 3);
	write_file("empty", "", 0);
	fake_rewind(&fake);
	fake.sqlite = recordings("old", NULL, NULL);
	run_badly(&fake, RESTORE, 3159);
	ck_assert(room_same("old", "same"));
	fake.sqlite = recordings("empty", NULL, NULL);
	run_badly(&fake, RESTORE, 5123);
	ck_assert_int_eq(mkdir(room_path("folder"), 0700), 0);
	fake.sqlite = recordings("folder", NULL, NULL);
	run_badly(&fake, RESTORE ", REPLACE", 5123);
	ck_assert_int_eq(rmdir(room_path("folder")), 0);
	fake.sqlite = recordings("old", NULL, NULL);
	run_well(&fake, RESTORE ", REPLACE");
	ck_assert(room_same("old", "one"));
	ck_assert(!room_has("old.restoring"));
	fake_release(&fake);
}
END_TEST

START_TEST(files_that_cannot_be_read_are_told)
{
	struct fake fake;

	start_replay(&fake, 1);
	fake.sqlite = recordings("nowhere", NULL, NULL);
	run_badly(&fake, BACKUP, 5120);
	fake.sqlite = recordings(".", NULL, NULL);
	run_badly(&fake, BACKUP, 5120);
	says(&fake, "it is not a regular file");
	ck_assert_int_eq(mkfifo(room_path("fifo"), 0600), 0);
	fake.sqlite = recordings("fifo", NULL, NULL);
	run_badly(&fake, BACKUP, 5120);
	fake_release(&fake);
}
END_TEST

/* Another one came there while the data did: nothing of the first is left
 * either. */
START_TEST(files_that_came_meanwhile_stay)
{
	struct fake fake;

	start_replay(&fake, 3);
	run_well(&fake, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = recordings("new1", "new2", "new3");
	fake.touch = room_path("new2");
	run_badly(&fake, RESTORE, 5123);
	ck_assert(!room_has("new1"));
	ck_assert(room_has("new2"));
	ck_assert_uint_eq(count_files("new"), 1);
	fake_release(&fake);
}
END_TEST

/* What a restore leaves that was killed between its two last steps is the
 * file itself, under two names. */
START_TEST(a_leftover_that_is_the_file_itself_is_no_room_to_write)
{
	struct fake fake;

	start_replay(&fake, 1);
	run_well(&fake, BACKUP);
	write_file("old", "old", 3);
	write_file("same", "old", 3);
	ck_assert_int_eq(link(room_path("old"), room_path("old.restoring")),
	    0);
	fake_rewind(&fake);
	fake.inject = "sink-error,command=3";
	fake.sqlite = recordings("old", NULL, NULL);
	run_badly(&fake, RESTORE ", REPLACE", 5123);
	ck_assert(room_same("old", "same"));
	ck_assert(!room_has("old.restoring"));
	fake_release(&fake);
}
END_TEST

/* --- drills -------------------------------------------------------------- */

static const struct {
	const char *inject;
	int backup;  /* message; 0: not played there */
	int restore;
} drills[] = {
	{ "abort", 3202, 3203 },
	{ "abort,device=2,command=3", 3202, 3203 },
	{ "abort,at=open", 18210, 18210 },
	{ "abort,at=configure", 18210, 18210 },
	{ "abort,at=devices", 18210, 18210 },
	{ "abort,at=transfer", 18210, 18210 },
	{ "abort,at=flush,device=2", 3271, 0 },
	{ "abort,at=complete", 3271, 0 },
	{ "abort,at=close", 18210, 18210 },
	{ "fail,after=65536,code=crc", 3203, 5123 },
	{ "drop,command=2", 3202, 3203 },
	{ "close-early,command=2", 18210, 18210 },
	{ "sink-error,device=2", 3203, 5123 },
	{ "sink-full,at=close", 0, 5123 },
	{ "sql-cancel,command=2", 3204, 3204 },
	{ "corrupt,command=2", -1, 3189 },
};

START_TEST(a_drill_fails_a_replay_and_leaves_nothing)
{
	struct fake fake;

	write_recordings();
	fake_init(&fake, set_name(), 2, recordings("one", "one", NULL));
	fake.option = "--replay";
	fake.stall_ms = 300;
	fake.inject = drills[_i].inject;
	if (drills[_i].backup > 0)
		run_badly(&fake, BACKUP, drills[_i].backup);
	fake_release(&fake);
	fake_init(&fake, set_name(), 2, recordings("one", "one", NULL));
	fake.option = "--replay";
	run_well(&fake, BACKUP);
	fake_rewind(&fake);
	fake.stall_ms = 300;
	fake.inject = drills[_i].inject;
	fake.sqlite = recordings("new1", "new2", NULL);
	if (drills[_i].restore > 0)
		run_badly(&fake, RESTORE, drills[_i].restore);
	ck_assert_uint_eq(count_files("new"), 0);
	fake_release(&fake);
}
END_TEST

/* A bit that was turned is among what is looked at, on either side. */
START_TEST(damage_by_a_drill_is_found)
{
	struct fake fake;

	start_synthetic(&fake, 2, "Tape=2MiB");
	fake.inject = "corrupt,device=2,command=2";
	run_well(&fake, BACKUP);
	fake.inject = NULL;
	fake_rewind(&fake);
	run_badly(&fake, RESTORE ", CHECKSUM", 3183);
	says(&fake, "page (2:12)");
	fake_release(&fake);
	start_synthetic(&fake, 2, "Tape=2MiB");
	run_well(&fake, BACKUP);
	fake_rewind(&fake);
	fake.inject = "corrupt,device=2,command=2";
	run_badly(&fake, _i == 0 ? RESTORE ", CHECKSUM" :
	    RESTORE ", NO_CHECKSUM", _i == 0 ? 3183 : 3189);
	fake_release(&fake);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: stream databases");
	TCase *tests = tcase_create("streams");

	tcase_add_checked_fixture(tests, room_make, room_remove);
	tcase_add_loop_test(tests,
	    a_synthetic_database_comes_and_is_known_again, 0, 4);
	tcase_add_loop_test(tests, any_end_that_a_client_may_say_is_one, 0, 3);
	tcase_add_test(tests, a_synthetic_restore_tells_what_is_wrong);
	tcase_add_test(tests, a_synthetic_restore_wants_all_and_no_more);
	tcase_add_loop_test(tests, as_many_commands_as_may_are_under_way, 1,
	    14);
	tcase_add_test(tests, reads_of_a_sqlite_database_are_as_many);
	tcase_add_loop_test(tests, what_streams_do_not_have_is_refused, 0, 5);
	tcase_add_test(tests, removable_media_are_refused);
	tcase_add_loop_test(tests, recordings_come_back_byte_by_byte, 0, 2);
	tcase_add_test(tests, every_kind_of_backup_may_have_been_recorded);
	tcase_add_test(tests, there_are_as_many_devices_as_files);
	tcase_add_test(tests, files_that_are_there_stay_without_replace);
	tcase_add_test(tests, files_that_cannot_be_read_are_told);
	tcase_add_test(tests, files_that_came_meanwhile_stay);
	tcase_add_test(tests,
	    a_leftover_that_is_the_file_itself_is_no_room_to_write);
	tcase_add_loop_test(tests, a_drill_fails_a_replay_and_leaves_nothing,
	    0, (int)ARRAY_COUNT(drills));
	tcase_add_loop_test(tests, damage_by_a_drill_is_found, 0, 2);
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
