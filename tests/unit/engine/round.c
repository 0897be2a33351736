/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what is backed up comes back, whatever a client may do within the
 * rules; and what goes wrong fails the statement, and leaves nothing. */
#include <config.h>

#include "base/bytes.h"
#include "unit/engine/fake.h"
#include "unit/engine/room.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define BACKUP "BACKUP DATABASE Sales TO DEVICES WITH FORMAT"
#define RESTORE "RESTORE DATABASE Copy FROM DEVICES WITH REPLACE"

/* The set's name, one of its own for every test process. */
static const char *
set_name(void)
{
	static char name[64];

	(void)snprintf(name, sizeof(name), "engine-test-%ld", (long)getpid());
	return (name);
}

static const char *
source(void)
{
	static char text[320];

	(void)snprintf(text, sizeof(text), "Sales=%s", room_path("sales.db"));
	return (text);
}

static const char *
copy(void)
{
	static char text[320];

	(void)snprintf(text, sizeof(text), "Copy=%s", room_path("copy.db"));
	return (text);
}

static void
run_well(struct fake *fake, const char *statement)
{
	unsigned i;

	fake_run(fake, statement);
	ck_assert_msg(fake->status == 0, "%s", fake->output);
	for (i = 0; i < fake->devices; i++)
		ck_assert_msg(fake->stripes[i].is_closed, "device %u: %s",
		    i + 1, vdi_status_name(fake->stripes[i].last));
	ck_assert_int_eq(fake->closed, VD_NOERROR);
}

static void
backup(struct fake *fake, unsigned devices, const char *statement)
{
	fake_init(fake, set_name(), devices, source());
	run_well(fake, statement);
	ck_assert(strstr(fake->output, "BACKUP DATABASE successfully "
	    "processed ") != NULL);
}

static void
restore(struct fake *fake, const char *statement)
{
	fake_rewind(fake);
	fake->sqlite = copy();
	run_well(fake, statement);
	ck_assert(strstr(fake->output, "RESTORE DATABASE successfully "
	    "processed ") != NULL);
	room_check("copy.db");
	ck_assert(!room_has("copy.db.restoring"));
}

START_TEST(a_database_comes_back_over_any_number_of_devices)
{
	static const unsigned counts[] = { 1, 2, 3, 7, 64 };
	unsigned devices = counts[_i];
	struct fake fake;
	unsigned i;

	room_database("sales.db", "delete", 2 * MIB);
	backup(&fake, devices, "BACKUP DATABASE Sales TO DEVICES WITH FORMAT, "
	    "MAXTRANSFERSIZE=65536");
	ck_assert_uint_eq(fake.config.features, VDF_RequestComplete |
	    VDF_CompleteEnabled | VDF_WriteMedia);
	ck_assert_uint_eq(fake.config.maxTransferSize, 65536);
	for (i = 0; i < devices; i++) {
		ck_assert_uint_eq(fake.stripes[i].flushes, 1);
		ck_assert_uint_eq(fake.stripes[i].completes, 1);
		ck_assert_uint_eq(fake.stripes[i].size_or % 512, 0);
		ck_assert_uint_le(fake.stripes[i].size_max, 65536);
		ck_assert_uint_eq(fake.stripes[i].size, fake.stripes[0].size);
	}
	restore(&fake, RESTORE);
	ck_assert(room_same("sales.db", "copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(sizes_are_the_statements)
{
	static const struct {
		const char *options;
		uint32_t block;
		uint32_t most;
	} cases[] = {
		{ "BLOCKSIZE=65536, MAXTRANSFERSIZE=65536, BUFFERCOUNT=1",
		    65536, 65536 },
		{ "BLOCKSIZE=4096, MAXTRANSFERSIZE=4194304, BUFFERCOUNT=3",
		    4096, 4194304 },
		{ "BLOCKSIZE=512, MAXTRANSFERSIZE=131072, BUFFERCOUNT=200",
		    512, 131072 },
	};
	char statement[200];
	struct fake fake;

	room_database("sales.db", "wal", 3 * MIB);
	(void)snprintf(statement, sizeof(statement), "BACKUP DATABASE Sales "
	    "TO DEVICES WITH CHECKSUM, %s", cases[_i].options);
	backup(&fake, 2, statement);
	ck_assert_uint_eq(fake.config.blockSize, cases[_i].block);
	ck_assert_uint_eq(fake.config.maxTransferSize, cases[_i].most);
	ck_assert_uint_eq(fake.stripes[0].size_or % cases[_i].block, 0);
	(void)snprintf(statement, sizeof(statement), "RESTORE DATABASE Copy "
	    "FROM DEVICES WITH CHECKSUM, %s", cases[_i].options);
	restore(&fake, statement);
	ck_assert_uint_eq(fake.stripes[0].size_or % cases[_i].block, 0);
	fake_release(&fake);
}
END_TEST

START_TEST(clients_may_end_and_shorten_reads_as_they_do)
{
	static const struct {
		enum fake_end end;
		size_t most;
		bool in_reverse;
	} cases[] = {
		{ FAKE_END_EOF, 0, false },
		{ FAKE_END_SHORT, 0, false },
		{ FAKE_END_NO_DATA, 0, false },
		{ FAKE_END_SHORT, 1000, false },
		{ FAKE_END_NO_DATA, 7777, false },
		{ FAKE_END_EOF, 0, true },
	};
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	backup(&fake, 2, BACKUP);
	fake.end = cases[_i].end;
	fake.short_reads = cases[_i].most;
	fake.in_reverse = cases[_i].in_reverse;
	restore(&fake, RESTORE);
	ck_assert(room_same("sales.db", "copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(completions_in_any_order_make_the_same_backup)
{
	struct fake fake;

	room_database("sales.db", "delete", 3 * MIB);
	fake_init(&fake, set_name(), 2, source());
	fake.in_reverse = true;
	run_well(&fake, "BACKUP DATABASE Sales TO DEVICES WITH "
	    "MAXTRANSFERSIZE=65536, CHECKSUM");
	restore(&fake, RESTORE);
	ck_assert(room_same("sales.db", "copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(stripes_may_be_given_in_any_order)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	backup(&fake, 3, BACKUP);
	fake.order[0] = 2;
	fake.order[1] = 0;
	fake.order[2] = 1;
	restore(&fake, RESTORE);
	fake_release(&fake);
}
END_TEST

START_TEST(an_empty_database_comes_back_empty)
{
	struct fake fake;
	FILE *file = fopen(room_path("sales.db"), "w");

	ck_assert_ptr_nonnull(file);
	(void)fclose(file);
	backup(&fake, 2, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = copy();
	run_well(&fake, RESTORE);
	ck_assert(room_same("sales.db", "copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(complete_is_sent_as_it_was_asked_for)
{
	struct fake fake;

	room_database("sales.db", "delete", 100);
	fake_init(&fake, set_name(), 2, source());
	fake.complete_in_turn = true;
	run_well(&fake, BACKUP);
	ck_assert_uint_eq(fake.stripes[1].completes, 1);
	fake_release(&fake);

	fake_init(&fake, set_name(), 2, source());
	fake.no_complete = true;
	run_well(&fake, BACKUP);
	ck_assert_uint_eq(fake.stripes[0].completes, 0);
	ck_assert_uint_eq(fake.config.features & VDF_CompleteEnabled, 0);
	fake_release(&fake);

	fake_init(&fake, set_name(), 2, source());
	fake.features = 0;
	run_well(&fake, BACKUP);
	ck_assert_uint_eq(fake.stripes[0].completes, 0);
	ck_assert_uint_eq(fake.config.features, VDF_WriteMedia);
	fake_release(&fake);
}
END_TEST

START_TEST(a_refused_command_fails_the_backup)
{
	static const struct {
		int32_t command;
		uint32_t code;
		int number;
	} cases[] = {
		{ VDC_Write, VD_ERROR_DISK_FULL, 3202 },
		{ VDC_Flush, VD_ERROR_IO_DEVICE, 18210 },
		{ VDC_Complete, VD_ERROR_WRITE_FAULT, 18210 },
	};
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	fake_init(&fake, set_name(), 2, source());
	fake.fail_device = 2;
	fake.fail_code = cases[_i].command;
	fake.fail_with = cases[_i].code;
	fake_run(&fake, BACKUP);
	ck_assert_int_eq(fake.status, 1);
	ck_assert(fake_has_message(&fake, cases[_i].number));
	ck_assert(fake_has_message(&fake, 18210));
	ck_assert(fake_has_message(&fake, 3013));
	ck_assert(strstr(fake.output, "successfully") == NULL);
	ck_assert(fake.stripes[0].is_aborted && fake.stripes[1].is_aborted);
	fake_release(&fake);
}
END_TEST

START_TEST(an_abort_of_the_client_fails_the_statement)
{
	struct fake fake;

	room_database("sales.db", "delete", 4 * MIB);
	fake_init(&fake, set_name(), 2, source());
	fake.abort_device = 1;
	fake_run(&fake, "BACKUP DATABASE Sales TO DEVICES WITH "
	    "MAXTRANSFERSIZE=65536");
	ck_assert_int_eq(fake.status, 1);
	ck_assert(fake_has_message(&fake, 3271));
	ck_assert(strstr(fake.output, "995(") != NULL);
	fake_release(&fake);

	backup(&fake, 2, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake.abort_device = 2;
	fake_run(&fake, "RESTORE DATABASE Copy FROM DEVICES WITH "
	    "MAXTRANSFERSIZE=65536");
	ck_assert_int_eq(fake.status, 1);
	/* Met by a read, or by the ClearError after the last one. */
	ck_assert(fake_has_message(&fake, 3271));
	ck_assert(!room_has("copy.db") && !room_has("copy.db.restoring"));
	fake_release(&fake);
}
END_TEST

START_TEST(a_client_that_stalls_is_given_up)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	fake_init(&fake, set_name(), 2, source());
	fake.drop_device = 2;
	fake.stall_ms = 300;
	fake_run(&fake, BACKUP);
	ck_assert_int_eq(fake.status, 1);
	ck_assert(strstr(fake.output, "121(") != NULL);
	ck_assert(fake.stripes[0].is_aborted && fake.stripes[1].is_aborted);
	fake_release(&fake);
}
END_TEST

START_TEST(a_signal_cancels_the_statement)
{
	struct fake fake;

	room_database("sales.db", "delete", 4 * MIB);
	fake_init(&fake, set_name(), 2, source());
	fake.signal_device = 2;
	fake_run(&fake, "BACKUP DATABASE Sales TO DEVICES WITH "
	    "MAXTRANSFERSIZE=65536, BUFFERCOUNT=2");
	ck_assert_int_eq(fake.status, 1);
	ck_assert(fake_has_message(&fake, 3204));
	ck_assert(fake.stripes[0].is_aborted && fake.stripes[1].is_aborted);
	fake_release(&fake);
}
END_TEST

START_TEST(more_buffers_than_memory_are_refused)
{
	struct fake fake;

	room_database("sales.db", "delete", 100);
	fake_init(&fake, set_name(), 1, source());
	fake_run(&fake, "BACKUP DATABASE Sales TO DEVICES WITH "
	    "MAXTRANSFERSIZE=4194304, BUFFERCOUNT=2147483647");
	ck_assert_int_eq(fake.status, 1);
	ck_assert(strstr(fake.output, "VD_E_MEMORY") != NULL);
	ck_assert_int_eq(fake.configured, VD_E_ABORT);
	fake_release(&fake);
}
END_TEST

START_TEST(a_database_in_use_is_not_replaced)
{
	struct fake fake;
	sqlite3 *db = NULL;

	room_database("sales.db", "delete", MIB);
	room_database("copy.db", _i == 0 ? "wal" : "delete", 100);
	backup(&fake, 1, BACKUP);
	ck_assert_int_eq(sqlite3_open(room_path("copy.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN; UPDATE account SET balance "
	    "= balance", NULL, NULL, NULL), SQLITE_OK);
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake_run(&fake, RESTORE);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, 3101), "%s", fake.output);
	ck_assert(!room_has("copy.db.restoring"));
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	room_check("copy.db");
	restore(&fake, RESTORE);
	fake_release(&fake);
}
END_TEST

START_TEST(a_database_that_cannot_be_locked_is_not_replaced)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	room_database("copy.db", "wal", 100);
	/* SQLite can open the database and not its WAL. */
	ck_assert_int_eq(mkdir(room_path("copy.db-wal"), 0700), 0);
	backup(&fake, 1, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake_run(&fake, RESTORE);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, 5120), "%s", fake.output);
	ck_assert(!room_has("copy.db.restoring"));
	ck_assert_int_eq(rmdir(room_path("copy.db-wal")), 0);
	ck_assert(!room_same("sales.db", "copy.db"));
	room_check("copy.db");
	fake_release(&fake);
}
END_TEST

START_TEST(a_damaged_database_can_be_replaced)
{
	struct fake fake;
	FILE *file;

	room_database("sales.db", "delete", MIB);
	backup(&fake, 1, BACKUP);
	file = fopen(room_path("copy.db"), "w");
	ck_assert_ptr_nonnull(file);
	(void)fprintf(file, "no database any more");
	(void)fclose(file);
	file = fopen(room_path("copy.db-wal"), "w");
	ck_assert_ptr_nonnull(file);
	(void)fprintf(file, "nor a journal");
	(void)fclose(file);
	restore(&fake, RESTORE);
	ck_assert(room_same("sales.db", "copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(an_existing_database_needs_replace)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	room_database("copy.db", "wal", 100);
	backup(&fake, 1, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake_run(&fake, "RESTORE DATABASE Copy FROM DEVICES");
	ck_assert_int_eq(fake.status, 1);
	ck_assert(fake_has_message(&fake, 3159));
	ck_assert_int_eq(fake.configured, VD_E_TIMEOUT);
	ck_assert(!room_same("sales.db", "copy.db"));
	restore(&fake, RESTORE);
	ck_assert(room_same("sales.db", "copy.db"));
	ck_assert(!room_has("copy.db-wal"));
	fake_release(&fake);
}
END_TEST

START_TEST(damage_is_found_and_the_old_database_stays)
{
	static const struct {
		const char *options;
		size_t at; /* which byte is changed; 1: SSET's first */
		int number;
	} cases[] = {
		{ "CHECKSUM", 300000, 3183 },   /* in a page */
		{ "CHECKSUM", 0, 3242 },        /* the first one */
		{ "NO_CHECKSUM", 1, 3241 },     /* in a header */
	};
	struct fake fake;
	char statement[100];
	uint8_t *at;

	room_database("sales.db", "delete", MIB);
	room_database("copy.db", "delete", 100);
	(void)snprintf(statement, sizeof(statement), "%s, %s", BACKUP,
	    cases[_i].options);
	backup(&fake, 1, statement);
	at = fake.stripes[0].bytes + cases[_i].at;
	if (cases[_i].at == 1)
		at = memmem(fake.stripes[0].bytes, 65536, "SSET", 4);
	ck_assert_ptr_nonnull(at);
	*at ^= 1;
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake_run(&fake, RESTORE);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, cases[_i].number), "%s",
	    fake.output);
	ck_assert(!room_has("copy.db.restoring"));
	room_check("copy.db");
	fake_rewind(&fake);
	fake_run(&fake, "RESTORE VERIFYONLY FROM DEVICES");
	ck_assert_int_eq(fake.status, 1);
	fake_release(&fake);
}
END_TEST

START_TEST(a_stream_cut_short_anywhere_is_not_restored)
{
	static const size_t cuts[] = { 0, 1, 511, 512, 5000, 100000, 1000000 };
	struct fake fake;
	size_t size;

	room_database("sales.db", "delete", MIB);
	backup(&fake, 2, BACKUP);
	size = fake.stripes[1].size;
	fake.stripes[1].size = _i < (int)ARRAY_COUNT(cuts) ? cuts[_i] :
	    size - 1;
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake_run(&fake, RESTORE);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, 3203), "%s", fake.output);
	ck_assert(!room_has("copy.db") && !room_has("copy.db.restoring"));
	fake_release(&fake);
}
END_TEST

START_TEST(the_families_of_one_set_are_needed_each_once)
{
	struct fake fake;
	struct fake other;

	room_database("sales.db", "delete", MIB);
	backup(&fake, 2, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake.devices = 1;
	fake_run(&fake, RESTORE);
	ck_assert_int_eq(fake.status, 1);
	ck_assert(fake_has_message(&fake, 3132));

	fake_release(&fake);

	backup(&fake, 2, BACKUP);
	backup(&other, 2, BACKUP);
	free(fake.stripes[1].bytes);
	fake.stripes[1] = other.stripes[1];
	other.stripes[1].bytes = NULL;
	fake_rewind(&fake);
	fake.sqlite = copy();
	fake_run(&fake, RESTORE);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, 3258), "%s", fake.output);
	fake_release(&fake);

	free(other.stripes[1].bytes);
	other.stripes[1] = other.stripes[0];
	other.stripes[1].bytes = malloc(other.stripes[0].size);
	memcpy(other.stripes[1].bytes, other.stripes[0].bytes,
	    other.stripes[0].size);
	fake_rewind(&other);
	other.sqlite = copy();
	fake_run(&other, RESTORE);
	ck_assert_int_eq(other.status, 1);
	ck_assert_msg(fake_has_message(&other, 3227), "%s", other.output);
	ck_assert(!room_has("copy.db"));
	fake_release(&other);
}
END_TEST

START_TEST(what_is_on_the_media_is_shown)
{
	struct fake fake;

	room_database("sales.db", "delete", MIB);
	backup(&fake, 2, "BACKUP DATABASE Sales TO DEVICES WITH NAME=N'a name',"
	    " DESCRIPTION='it is', MEDIANAME='med', CHECKSUM, COPY_ONLY, "
	    "STATS=25, MAXTRANSFERSIZE=65536");
	ck_assert(strstr(fake.output, "25 percent processed.") != NULL);
	ck_assert(strstr(fake.output, "100 percent processed.") != NULL);
	fake.form = REPORT_JSON;
	fake.sqlite = NULL;
	fake_rewind(&fake);
	run_well(&fake, "RESTORE LABELONLY FROM DEVICES");
	ck_assert_ptr_nonnull(strstr(fake.output, "\"MediaSetId\""));
	ck_assert_ptr_nonnull(strstr(fake.output, "\"med\""));
	ck_assert_ptr_nonnull(strstr(fake.output,
	    "{\"event\":\"done\",\"status\":0}"));
	ck_assert_uint_eq(fake.stripes[0].reads, 1);
	ck_assert_uint_eq(fake.stripes[0].at, 65536);
	ck_assert_uint_eq(fake.stripes[1].reads, 0);
	fake_rewind(&fake);
	run_well(&fake, "RESTORE HEADERONLY FROM DEVICES");
	ck_assert_ptr_nonnull(strstr(fake.output, "\"a name\",\"it is\","
	    "\"1\""));
	ck_assert_ptr_nonnull(strstr(fake.output, "\"Sales\""));
	ck_assert_ptr_nonnull(strstr(fake.output, "\"SIMPLE\""));
	fake_rewind(&fake);
	run_well(&fake, "RESTORE FILELISTONLY FROM DEVICES");
	ck_assert_ptr_nonnull(strstr(fake.output, "\"LogicalName\""));
	ck_assert_ptr_nonnull(strstr(fake.output, "sales.db\",\"D\","
	    "\"PRIMARY\""));
	ck_assert_uint_eq(fake.stripes[0].at, 65536);
	fake_rewind(&fake);
	fake.form = REPORT_TEXT;
	run_well(&fake, "RESTORE VERIFYONLY FROM DEVICES WITH CHECKSUM");
	ck_assert_ptr_nonnull(strstr(fake.output,
	    "The backup set on file 1 is valid."));
	fake_release(&fake);
}
END_TEST

START_TEST(a_move_writes_elsewhere_and_has_to_name_the_file)
{
	struct fake fake;
	char statement[500];

	room_database("sales.db", "delete", MIB);
	backup(&fake, 1, BACKUP);
	fake_rewind(&fake);
	fake.sqlite = copy();
	(void)snprintf(statement, sizeof(statement), "RESTORE DATABASE Copy "
	    "FROM DEVICES WITH MOVE 'Other' TO '%s'", room_path("moved.db"));
	fake_run(&fake, statement);
	ck_assert_int_eq(fake.status, 1);
	ck_assert(fake_has_message(&fake, 3234));
	ck_assert(!room_has("moved.db") && !room_has("moved.db.restoring"));
	fake_rewind(&fake);
	(void)snprintf(statement, sizeof(statement), "RESTORE DATABASE Copy "
	    "FROM DEVICES WITH MOVE 'Sales' TO '%s'", room_path("moved.db"));
	run_well(&fake, statement);
	ck_assert(room_same("sales.db", "moved.db"));
	ck_assert(!room_has("copy.db"));
	fake_release(&fake);
}
END_TEST

START_TEST(statements_that_cannot_be_done_are_refused_at_once)
{
	static const struct {
		const char *text;
		int number;
	} cases[] = {
		{ "BACKUP DATABASE Other TO DEVICES", 911 },
		{ "RESTORE DATABASE Other FROM DEVICES", 911 },
		{ "BACKUP LOG Sales TO DEVICES", 4208 },
		{ "RESTORE LOG Sales FROM DEVICES", 40510 },
		{ "BACKUP DATABASE Sales TO DEVICES WITH DIFFERENTIAL",
		    3035 },
		{ "BACKUP DATABASE Sales TO DEVICES WITH COMPRESSION", 1844 },
		{ "RESTORE DATABASE Sales FROM DEVICES WITH NORECOVERY",
		    40517 },
		{ "BACKUP DATABASE Sales TO DEVICES WITH FOO", 155 },
		{ "RESTORE VERIFYONLY FROM DEVICES", 18210 },
		{ "BACKUP DATABASE Sales TO DEVICES", 18210 },
	};
	struct fake fake;

	room_database("sales.db", "delete", 100);
	fake_init(&fake, set_name(), 1, source());
	fake_run_alone(&fake, cases[_i].text);
	ck_assert_int_eq(fake.status, 1);
	ck_assert_msg(fake_has_message(&fake, cases[_i].number), "%s",
	    fake.output);
	ck_assert_int_eq(fake_has_message(&fake, 3013), cases[_i].number !=
	    155);
	fake_release(&fake);
}
END_TEST

START_TEST(files_that_are_no_databases_are_told)
{
	struct fake fake;
	FILE *file;

	fake_init(&fake, set_name(), 1, source());
	fake_run_alone(&fake, BACKUP);
	ck_assert(fake_has_message(&fake, 5120));
	ck_assert(!room_has("sales.db"));
	file = fopen(room_path("sales.db"), "w");
	ck_assert_ptr_nonnull(file);
	(void)fprintf(file, "%0*d", 10000, 7);
	(void)fclose(file);
	fake_run_alone(&fake, BACKUP);
	ck_assert(fake_has_message(&fake, 5172));
	ck_assert(fake_has_message(&fake, 3013));
	fake_release(&fake);
}
END_TEST

START_TEST(the_set_has_to_have_as_many_devices)
{
	struct fake fake;

	room_database("sales.db", "delete", 100);
	fake_init(&fake, set_name(), 2, source());
	fake_run(&fake, "BACKUP DATABASE Sales TO VIRTUAL_DEVICE='x'");
	ck_assert(fake_has_message(&fake, 18210));
	fake_release(&fake);
}
END_TEST

static Suite *
make_suite(void)
{
	Suite *suite = suite_create("engine: backup and restore");
	TCase *tests = tcase_create("round");

	tcase_add_checked_fixture(tests, room_make, room_remove);
	tcase_add_loop_test(tests,
	    a_database_comes_back_over_any_number_of_devices, 0, 5);
	tcase_add_loop_test(tests, sizes_are_the_statements, 0, 3);
	tcase_add_loop_test(tests,
	    clients_may_end_and_shorten_reads_as_they_do, 0, 6);
	tcase_add_test(tests, completions_in_any_order_make_the_same_backup);
	tcase_add_test(tests, stripes_may_be_given_in_any_order);
	tcase_add_test(tests, an_empty_database_comes_back_empty);
	tcase_add_test(tests, complete_is_sent_as_it_was_asked_for);
	tcase_add_loop_test(tests, a_refused_command_fails_the_backup, 0, 3);
	tcase_add_test(tests, an_abort_of_the_client_fails_the_statement);
	tcase_add_test(tests, a_client_that_stalls_is_given_up);
	tcase_add_test(tests, a_signal_cancels_the_statement);
	tcase_add_test(tests, more_buffers_than_memory_are_refused);
	tcase_add_loop_test(tests, a_database_in_use_is_not_replaced, 0, 2);
	tcase_add_test(tests,
	    a_database_that_cannot_be_locked_is_not_replaced);
	tcase_add_test(tests, a_damaged_database_can_be_replaced);
	tcase_add_test(tests, an_existing_database_needs_replace);
	tcase_add_loop_test(tests, damage_is_found_and_the_old_database_stays,
	    0, 3);
	tcase_add_loop_test(tests, a_stream_cut_short_anywhere_is_not_restored,
	    0, 8);
	tcase_add_test(tests, the_families_of_one_set_are_needed_each_once);
	tcase_add_test(tests, what_is_on_the_media_is_shown);
	tcase_add_test(tests, a_move_writes_elsewhere_and_has_to_name_the_file);
	tcase_add_loop_test(tests,
	    statements_that_cannot_be_done_are_refused_at_once, 0, 10);
	tcase_add_test(tests, files_that_are_no_databases_are_told);
	tcase_add_test(tests, the_set_has_to_have_as_many_devices);
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
