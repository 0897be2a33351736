/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: every provider keeps the contract of provider/provider.h, against a
 * server in another process. */
#include <config.h>

#include "partner.h"

#include "provider/provider.h"

#include "base/clock.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define STAND_IN "/.libs/libsqlvdi.so"
#define WARDEN "/tests/vendor/.libs/warden.so"

/* The providers that can be driven here; every test runs for each. */
static const struct subject {
	const char *provider;
	const char *library; /* below the build's folder */
} subjects[] = {
	{ .provider = "native" },
#ifdef TEST_SQLVDI
	/* The stand-in for the vendor's library; the same behind one that
	 * watches what its client does (tests/vendor/warden.h). */
	{ .provider = "sqlvdi", .library = STAND_IN },
	{ .provider = "sqlvdi", .library = WARDEN },
#endif
};

static char folder[2048];
static char library[4096];
static struct provider_options options;

struct bench {
	struct provider_set *set;
	char name[64];
	unsigned count;
	struct provider_device *devices[VD_MAX_DEVICES];
	struct VDConfig config;
	pid_t partner;
	struct error error;
};

static void
create(struct bench *bench, const struct subject *subject, unsigned devices)
{
	static unsigned serial;
	const struct provider_ops *ops;

	memset(bench, 0, sizeof(*bench));
	bench->count = devices;
	(void)snprintf(bench->name, sizeof(bench->name), "contract-%ld-%u",
	    (long)getpid(), ++serial);
	if (subject->library != NULL) {
		(void)snprintf(library, sizeof(library), "%s%s", folder,
		    subject->library);
		options.library = library;
	}
	ops = provider_find(subject->provider, &options, &bench->error);
	ck_assert_msg(ops != NULL, "%s", bench->error.text);
	bench->set = provider_set_new(ops, &options, &bench->error);
	ck_assert_ptr_nonnull(bench->set);
	bench->config.deviceCount = devices;
	bench->config.features = VDF_RequestComplete;
	ck_assert_msg(provider_create(bench->set, bench->name, &bench->config,
	    &bench->error) == 0, "%s", bench->error.text);
}

static void
open_devices(struct bench *bench)
{
	char name[80];
	unsigned i;

	ck_assert_int_eq(provider_get_configuration(bench->set, PATIENCE_MS,
	    &bench->config, &bench->error), PROVIDER_COMMAND);
	for (i = 0; i < bench->count; i++) {
		if (i == 0)
			(void)snprintf(name, sizeof(name), "%s", bench->name);
		else
			(void)snprintf(name, sizeof(name), "%s%u",
			    bench->name, i);
		bench->devices[i] = provider_open_device(bench->set, name,
		    &bench->error);
		ck_assert_msg(bench->devices[i] != NULL, "%s",
		    bench->error.text);
	}
}

static void
start(struct bench *bench, const struct subject *subject, unsigned devices,
    enum partner_script script)
{
	create(bench, subject, devices);
	bench->partner = partner_start(bench->name, script);
	open_devices(bench);
}

static void
finish(struct bench *bench)
{
	ck_assert_msg(provider_close(bench->set, &bench->error) == 0, "%s",
	    bench->error.text);
	provider_set_free(bench->set);
}

/* The next command of a device, which must come. */
static struct VDC_Command *
next(struct bench *bench, unsigned device)
{
	struct VDC_Command *command = NULL;
	enum provider_next answer;

	answer = provider_next(bench->devices[device], PATIENCE_MS, &command,
	    &bench->error);
	ck_assert_msg(answer == PROVIDER_COMMAND, "%d: %s", (int)answer,
	    bench->error.text);
	return (command);
}

static void
complete(struct bench *bench, unsigned device, struct VDC_Command *command,
    uint32_t code)
{
	uint32_t moved = command->commandCode == VDC_Write ||
	    command->commandCode == VDC_Read ? (uint32_t)command->size : 0;

	ck_assert_msg(provider_complete(bench->devices[device], command, code,
	    code == 0 ? moved : 0, &bench->error) == 0, "%s",
	    bench->error.text);
}

static void
holds_only(const struct VDC_Command *command, uint8_t byte)
{
	int32_t i;

	for (i = 0; i < command->size; i++)
		if (command->buffer[i] != byte)
			break;
	ck_assert_int_eq(i, command->size);
}

static void
is_closed(struct bench *bench, unsigned device)
{
	struct VDC_Command *command;

	ck_assert_int_eq(provider_next(bench->devices[device], PATIENCE_MS,
	    &command, &bench->error), PROVIDER_CLOSED);
}

START_TEST(a_backup_arrives_in_order_on_every_device)
{
	struct bench bench;
	unsigned i;
	unsigned n;

	start(&bench, &subjects[_i], 3, PARTNER_BACKUP);
	ck_assert_uint_eq(bench.config.blockSize, PARTNER_BLOCK);
	ck_assert_uint_eq(bench.config.maxTransferSize, PARTNER_TRANSFER);
	ck_assert(bench.config.features & VDF_WriteMedia);
	ck_assert(bench.config.features & VDF_CompleteEnabled);
	for (i = 0; i < 3; i++) {
		for (n = 0; n < PARTNER_COMMANDS; n++) {
			struct VDC_Command *command = next(&bench, i);

			ck_assert_int_eq(command->commandCode, VDC_Write);
			ck_assert_int_eq(command->size, PARTNER_TRANSFER);
			holds_only(command, partner_byte(i, n));
			complete(&bench, i, command, 0);
		}
		{
			struct VDC_Command *command = next(&bench, i);

			ck_assert_int_eq(command->commandCode, VDC_Flush);
			complete(&bench, i, command, 0);
		}
	}
	for (i = 0; i < 3; i++) {
		struct VDC_Command *command = next(&bench, i);

		ck_assert_int_eq(command->commandCode, VDC_Complete);
		complete(&bench, i, command, 0);
	}
	ck_assert_uint_eq(provider_open_devices(bench.set), 3);
	for (i = 0; i < 3; i++)
		is_closed(&bench, i);
	ck_assert_uint_eq(provider_open_devices(bench.set), 0);
	ck_assert(!provider_is_aborted(bench.set));
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), 0);
}
END_TEST

START_TEST(a_restore_takes_what_the_client_puts_there)
{
	struct bench bench;
	unsigned i;
	unsigned n;

	start(&bench, &subjects[_i], 2, PARTNER_RESTORE);
	ck_assert(bench.config.features & VDF_ReadMedia);
	for (i = 0; i < 2; i++)
		for (n = 0; n < PARTNER_COMMANDS; n++) {
			struct VDC_Command *command = next(&bench, i);

			ck_assert_int_eq(command->commandCode, VDC_Read);
			memset(command->buffer, partner_byte(i, n),
			    (size_t)command->size);
			complete(&bench, i, command, 0);
		}
	is_closed(&bench, 0);
	is_closed(&bench, 1);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), 0);
}
END_TEST

START_TEST(commands_may_be_completed_in_any_order)
{
	struct VDC_Command *held[PARTNER_COMMANDS];
	struct bench bench;
	unsigned n;

	start(&bench, &subjects[_i], 1, PARTNER_RESTORE);
	for (n = 0; n < PARTNER_COMMANDS; n++)
		held[n] = next(&bench, 0);
	for (n = PARTNER_COMMANDS; n-- > 0;) {
		memset(held[n]->buffer, partner_byte(0, n),
		    (size_t)held[n]->size);
		complete(&bench, 0, held[n], 0);
	}
	is_closed(&bench, 0);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), 0);
}
END_TEST

START_TEST(nothing_in_time_is_idle_and_harmless)
{
	struct VDC_Command *command;
	struct bench bench;
	int64_t began;

	create(&bench, &subjects[_i], 1);
	began = clock_now_ns();
	ck_assert_int_eq(provider_get_configuration(bench.set, 50,
	    &bench.config, &bench.error), PROVIDER_IDLE);
	ck_assert_int_ge(clock_now_ns() - began, 50 * 1000000);
	ck_assert_int_eq(provider_get_configuration(bench.set, 0,
	    &bench.config, &bench.error), PROVIDER_IDLE);
	bench.partner = partner_start(bench.name, PARTNER_WAIT);
	open_devices(&bench);
	began = clock_now_ns();
	ck_assert_int_eq(provider_next(bench.devices[0], 50, &command,
	    &bench.error), PROVIDER_IDLE);
	ck_assert_int_ge(clock_now_ns() - began, 50 * 1000000);
	ck_assert_int_eq(provider_next(bench.devices[0], 0, &command,
	    &bench.error), PROVIDER_IDLE);
	ck_assert(!error_is_set(&bench.error));
	provider_signal_abort(bench.set);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner),
	    VD_ERROR_OPERATION_ABORTED);
}
END_TEST

START_TEST(a_failed_command_reaches_the_server_with_its_code)
{
	struct bench bench;
	struct VDC_Command *command;

	start(&bench, &subjects[_i], 1, PARTNER_BACKUP);
	command = next(&bench, 0);
	complete(&bench, 0, command, VD_ERROR_DISK_FULL);
	is_closed(&bench, 0);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), VD_ERROR_DISK_FULL);
}
END_TEST

static void
is_aborted(struct bench *bench, unsigned device)
{
	struct VDC_Command *command;

	error_init(&bench->error);
	ck_assert_int_eq(provider_next(bench->devices[device], PATIENCE_MS,
	    &command, &bench->error), PROVIDER_FAILED);
	ck_assert_int_eq(bench->error.kind, KIND_ABORTED);
	ck_assert_int_eq(bench->error.origin, ORIGIN_VDI);
	ck_assert_int_eq(bench->error.code, (long)(uint32_t)VD_E_ABORT);
	ck_assert(bench->error.hint[0] != '\0');
	ck_assert(provider_is_aborted(bench->set));
	error_init(&bench->error);
}

START_TEST(the_servers_abort_ends_every_device)
{
	struct bench bench;

	start(&bench, &subjects[_i], 2, PARTNER_ABORT);
	complete(&bench, 0, next(&bench, 0), 0);
	is_aborted(&bench, 0);
	is_aborted(&bench, 1);
	/* No device said closed, and still Close is right. */
	ck_assert_uint_eq(provider_open_devices(bench.set), 2);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), 0);
}
END_TEST

START_TEST(the_servers_death_is_noticed)
{
	struct bench bench;

	start(&bench, &subjects[_i], 1, PARTNER_DIE);
	complete(&bench, 0, next(&bench, 0), 0);
	is_aborted(&bench, 0);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), 128 + SIGKILL);
}
END_TEST

static void *
wait_on_device(void *context)
{
	struct provider_device *device = context;
	struct VDC_Command *command;
	enum provider_next answer;

	answer = provider_next(device, PATIENCE_MS, &command, NULL);
	return (answer == PROVIDER_FAILED ? NULL : (void *)"not woken");
}

START_TEST(our_abort_wakes_whoever_waits)
{
	struct bench bench;
	pthread_t threads[2];
	unsigned i;

	start(&bench, &subjects[_i], 2, PARTNER_WAIT);
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
		    wait_on_device, bench.devices[i]), 0);
	provider_signal_abort(bench.set);
	provider_signal_abort(bench.set);
	for (i = 0; i < 2; i++) {
		void *why = NULL;

		ck_assert_int_eq(pthread_join(threads[i], &why), 0);
		ck_assert_msg(why == NULL, "%s", (const char *)why);
	}
	ck_assert_int_eq(provider_get_configuration(bench.set, PATIENCE_MS,
	    &bench.config, &bench.error), PROVIDER_FAILED);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	error_init(&bench.error);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner),
	    VD_ERROR_OPERATION_ABORTED);
}
END_TEST

START_TEST(a_completion_after_an_abort_is_an_error_and_harmless)
{
	struct VDC_Command *command;
	struct bench bench;

	start(&bench, &subjects[_i], 1, PARTNER_BACKUP);
	command = next(&bench, 0);
	provider_signal_abort(bench.set);
	/* The buffer is ours until Close. */
	holds_only(command, partner_byte(0, 0));
	ck_assert_int_eq(provider_complete(bench.devices[0], command, 0,
	    PARTNER_TRANSFER, &bench.error), -1);
	ck_assert_int_eq(bench.error.kind, KIND_ABORTED);
	error_init(&bench.error);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner),
	    VD_ERROR_OPERATION_ABORTED);
}
END_TEST

START_TEST(closing_early_aborts_the_server)
{
	struct bench bench;

	start(&bench, &subjects[_i], 2, PARTNER_BACKUP);
	IGNORE_RESULT(next(&bench, 0) == NULL);
	ck_assert_int_eq(provider_abandon(bench.set, &bench.error), -1);
	ck_assert_int_eq(bench.error.code, (long)(uint32_t)VD_E_OPEN);
	ck_assert(provider_is_aborted(bench.set));
	ck_assert_int_eq(partner_join(bench.partner),
	    VD_ERROR_OPERATION_ABORTED);
	provider_set_free(bench.set);
}
END_TEST

START_TEST(a_wrong_device_name_is_refused)
{
	struct bench bench;

	start(&bench, &subjects[_i], 1, PARTNER_WAIT);
	ck_assert_ptr_null(provider_open_device(bench.set, "no-such-device",
	    &bench.error));
	ck_assert_int_eq(bench.error.kind, KIND_PROVIDER);
	ck_assert_ptr_nonnull(strstr(bench.error.text, "no-such-device"));
	error_init(&bench.error);
	provider_signal_abort(bench.set);
	finish(&bench);
	IGNORE_RESULT(partner_join(bench.partner));
}
END_TEST

START_TEST(a_set_that_no_server_came_for_can_be_closed)
{
	const struct VDConfig config = { .deviceCount = 1 };
	struct bench bench;

	create(&bench, &subjects[_i], 1);
	ck_assert_int_eq(provider_close(bench.set, &bench.error), 0);
	/* Its name is free again, for this object and for others. */
	ck_assert_msg(provider_create(bench.set, bench.name, &config,
	    &bench.error) == 0, "%s", bench.error.text);
	finish(&bench);
}
END_TEST

START_TEST(an_object_serves_one_set_after_another)
{
	struct bench bench;
	unsigned n;

	start(&bench, &subjects[_i], 1, PARTNER_ABORT);
	complete(&bench, 0, next(&bench, 0), 0);
	is_aborted(&bench, 0);
	ck_assert_int_eq(provider_close(bench.set, &bench.error), 0);
	ck_assert_int_eq(partner_join(bench.partner), 0);

	memset(&bench.config, 0, sizeof(bench.config));
	bench.config.deviceCount = 1;
	ck_assert_int_eq(provider_create(bench.set, bench.name, &bench.config,
	    &bench.error), 0);
	bench.partner = partner_start(bench.name, PARTNER_BACKUP);
	open_devices(&bench);
	/* This one did not ask for VDC_Complete: writes and a flush. */
	for (n = 0; n < PARTNER_COMMANDS + 1; n++)
		complete(&bench, 0, next(&bench, 0), 0);
	is_closed(&bench, 0);
	finish(&bench);
	ck_assert_int_eq(partner_join(bench.partner), 0);
}
END_TEST

START_TEST(a_device_after_close_is_refused)
{
	struct VDC_Command *command;
	struct bench bench;

	start(&bench, &subjects[_i], 1, PARTNER_WAIT);
	provider_signal_abort(bench.set);
	ck_assert_int_eq(provider_close(bench.set, &bench.error), 0);
	ck_assert_int_eq(provider_next(bench.devices[0], PATIENCE_MS, &command,
	    &bench.error), PROVIDER_FAILED);
	ck_assert_int_eq(bench.error.code, (long)(uint32_t)VD_E_PROTOCOL);
	provider_set_free(bench.set);
	ck_assert_int_eq(partner_join(bench.partner),
	    VD_ERROR_OPERATION_ABORTED);
}
END_TEST

START_TEST(a_name_in_use_is_refused)
{
	const struct VDConfig config = { .deviceCount = 1 };
	struct provider_set *other;
	struct bench bench;

	create(&bench, &subjects[_i], 1);
	other = provider_set_new(provider_find(subjects[_i].provider,
	    &options, NULL), &options, &bench.error);
	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(provider_create(other, bench.name, &config,
	    &bench.error), -1);
	ck_assert_int_eq(bench.error.kind, KIND_PROVIDER);
	ck_assert_ptr_nonnull(strstr(bench.error.text, bench.name));
	error_init(&bench.error);
	provider_set_free(other);
	finish(&bench);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_backup_arrives_in_order_on_every_device,
		a_restore_takes_what_the_client_puts_there,
		commands_may_be_completed_in_any_order,
		nothing_in_time_is_idle_and_harmless,
		a_failed_command_reaches_the_server_with_its_code,
		the_servers_abort_ends_every_device,
		the_servers_death_is_noticed,
		our_abort_wakes_whoever_waits,
		a_completion_after_an_abort_is_an_error_and_harmless,
		closing_early_aborts_the_server,
		a_wrong_device_name_is_refused,
		a_set_that_no_server_came_for_can_be_closed,
		an_object_serves_one_set_after_another,
		a_device_after_close_is_refused,
		a_name_in_use_is_refused,
	};
	Suite *suite = suite_create("contract");
	TCase *tcase = tcase_create("provider");
	SRunner *runner = srunner_create(suite);
	const char *build = getenv("top_builddir");
	size_t i;
	int failed;

	(void)snprintf(folder, sizeof(folder), "%s",
	    build != NULL ? build : ".");
	(void)snprintf(library, sizeof(library), "%s" STAND_IN, folder);
	if (setenv("WARDEN_LIBRARY", library, 1) != 0)
		return (1);

	suite_add_tcase(suite, tcase);
	for (i = 0; i < ARRAY_COUNT(tests); i++)
		tcase_add_loop_test(tcase, tests[i], 0,
		    (int)ARRAY_COUNT(subjects));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
