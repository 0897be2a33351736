/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a provider's statuses become the answers that provider.h promises,
 * and the rule about Close holds.  The provider here is a table of answers. */
#include <config.h>

#include "tests.h"

#include "provider/provider.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What the next call of each kind answers, and what was called. */
static struct {
	vd_status create;
	vd_status configuration;
	vd_status open;
	vd_status command;
	vd_status complete;
	vd_status close;
	unsigned aborts;
	unsigned closes;
	unsigned frees;
	unsigned gets;
	const char *advice;
} fake;

static int object;
static struct VDC_Command a_command = { .commandCode = VDC_Write };

static int
fake_probe(const struct provider_options *options, struct error *error)
{
	(void)options;
	(void)error;
	return (0);
}

static void *
fake_set_new(const struct provider_options *options, struct error *error)
{
	(void)options;
	(void)error;
	return (&object);
}

static void
fake_set_free(void *set)
{
	ck_assert_ptr_eq(set, &object);
	fake.frees++;
}

static vd_status
fake_create(void *set, const char *name, const struct VDConfig *config)
{
	ck_assert_ptr_eq(set, &object);
	ck_assert_str_eq(name, "set");
	(void)config;
	return (fake.create);
}

static vd_status
fake_get_configuration(void *set, int64_t timeout_ms, struct VDConfig *config)
{
	(void)set;
	(void)timeout_ms;
	config->blockSize = 512;
	return (fake.configuration);
}

static vd_status
fake_open_device(void *set, const char *name, void **device)
{
	(void)set;
	(void)name;
	*device = fake.open >= 0 ? &object : NULL;
	return (fake.open);
}

static vd_status
fake_get_command(void *device, int64_t timeout_ms,
    struct VDC_Command **command)
{
	ck_assert_ptr_eq(device, &object);
	(void)timeout_ms;
	fake.gets++;
	*command = &a_command;
	return (fake.command);
}

static vd_status
fake_complete_command(void *device, struct VDC_Command *command,
    uint32_t completion_code, uint32_t bytes_transferred, int64_t position)
{
	ck_assert_ptr_eq(device, &object);
	ck_assert_ptr_eq(command, &a_command);
	(void)completion_code;
	(void)bytes_transferred;
	ck_assert_int_eq(position, 0);
	return (fake.complete);
}

static vd_status
fake_signal_abort(void *set)
{
	(void)set;
	fake.aborts++;
	return (VD_NOERROR);
}

static vd_status
fake_close(void *set)
{
	(void)set;
	fake.closes++;
	return (fake.close);
}

static void
fake_advise(void *set, vd_status status, char *buffer, size_t size)
{
	(void)set;
	(void)status;
	(void)snprintf(buffer, size, "%s",
	    fake.advice != NULL ? fake.advice : "");
}

static const struct provider_ops fake_ops = {
	.name = "fake",
	.probe = fake_probe,
	.set_new = fake_set_new,
	.set_free = fake_set_free,
	.create = fake_create,
	.get_configuration = fake_get_configuration,
	.open_device = fake_open_device,
	.get_command = fake_get_command,
	.complete_command = fake_complete_command,
	.signal_abort = fake_signal_abort,
	.close = fake_close,
	.advise = fake_advise,
};

static struct provider_set *set;
static struct provider_device *device;
static struct error error;

static void
set_up(void)
{
	const struct VDConfig config = { .deviceCount = 1 };

	memset(&fake, 0, sizeof(fake));
	error_init(&error);
	set = provider_set_new(&fake_ops, NULL, &error);
	ck_assert_ptr_nonnull(set);
	ck_assert_int_eq(provider_create(set, "set", &config, &error), 0);
	device = provider_open_device(set, "set", &error);
	ck_assert_ptr_nonnull(device);
}

static void
tear_down(void)
{
	provider_set_free(set);
}

START_TEST(providers_are_found_by_name)
{
	ck_assert_str_eq(provider_find("native", NULL, &error)->name, "native");
	ck_assert_ptr_nonnull(provider_find("auto", NULL, &error));
	ck_assert_ptr_null(provider_find("postgres", NULL, &error));
	ck_assert_int_eq(error.kind, KIND_PROVIDER);
	ck_assert_ptr_nonnull(strstr(error.text, "\"postgres\""));
}
END_TEST

START_TEST(a_library_that_is_named_decides)
{
	const struct provider_options options = { .library = "/none/x.so" };

	ck_assert_str_eq(provider_find("auto", NULL, &error)->name, "native");
	ck_assert_str_eq(provider_find("native", &options, &error)->name,
	    "native");
	ck_assert_ptr_null(provider_find("auto", &options, &error));
	ck_assert_int_eq(error.kind, KIND_PROVIDER);
	ck_assert_ptr_nonnull(strstr(error.text, "provider \"sqlvdi\""));
	ck_assert_ptr_nonnull(strstr(error.text, "\"/none/x.so\""));
}
END_TEST

START_TEST(statuses_of_next_become_answers)
{
	struct VDC_Command *command = NULL;

	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_COMMAND);
	ck_assert_ptr_eq(command, &a_command);
	fake.command = VD_E_TIMEOUT;
	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_IDLE);
	ck_assert(!error_is_set(&error));
	ck_assert_uint_eq(provider_open_devices(set), 1);
	fake.command = VD_E_CLOSE;
	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_CLOSED);
	ck_assert_uint_eq(provider_open_devices(set), 0);
	/* Once closed, the provider is not asked again. */
	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_CLOSED);
	ck_assert_uint_eq(fake.gets, 3);
	ck_assert_uint_eq(provider_open_devices(set), 0);
	ck_assert_int_eq(provider_close(set, &error), 0);
}
END_TEST

START_TEST(statuses_of_configuration_become_answers)
{
	struct VDConfig config = { 0 };

	ck_assert_int_eq(provider_get_configuration(set, 0, &config, &error),
	    PROVIDER_COMMAND);
	ck_assert_uint_eq(config.blockSize, 512);
	fake.configuration = VD_E_TIMEOUT;
	ck_assert_int_eq(provider_get_configuration(set, 0, &config, &error),
	    PROVIDER_IDLE);
	fake.configuration = VD_E_UNEXPECTED;
	ck_assert_int_eq(provider_get_configuration(set, 0, &config, &error),
	    PROVIDER_FAILED);
	ck_assert_int_eq(error.kind, KIND_PROVIDER);
	ck_assert_str_eq(error.text,
	    "GetConfiguration: VD_E_UNEXPECTED (0x8077000B)");
	provider_signal_abort(set);
	ck_assert_int_eq(provider_close(set, &error), 0);
}
END_TEST

START_TEST(an_abort_is_named_with_its_device_and_remembered)
{
	struct VDC_Command *command;

	ck_assert(!provider_is_aborted(set));
	fake.command = VD_E_ABORT;
	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_FAILED);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	ck_assert_int_eq(error.origin, ORIGIN_VDI);
	ck_assert_int_eq(error.code, 0x80770004);
	ck_assert_str_eq(error.text,
	    "GetCommand on device 1: VD_E_ABORT (0x80770004)");
	ck_assert_ptr_nonnull(strstr(error.hint, "aborted by the server"));
	ck_assert(provider_is_aborted(set));
	/* So that Close need not wait for the device. */
	ck_assert_int_eq(provider_close(set, &error), 0);
	ck_assert_uint_eq(fake.closes, 1);
}
END_TEST

START_TEST(the_server_is_told_of_an_abort_that_was_heard_of)
{
	struct VDC_Command *command;

	fake.command = VD_E_ABORT;
	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_FAILED);
	ck_assert_uint_eq(fake.aborts, 0);
	provider_signal_abort(set);
	provider_signal_abort(set);
	ck_assert_uint_eq(fake.aborts, 1);
	ck_assert_int_eq(provider_close(set, &error), 0);
}
END_TEST

START_TEST(a_call_that_waits_for_nobody_can_be_late)
{
	fake.complete = VD_E_TIMEOUT;
	ck_assert_int_eq(provider_complete(device, &a_command, 0, 1, &error),
	    -1);
	ck_assert_int_eq(error.kind, KIND_TIMEOUT);
	provider_signal_abort(set);
	ck_assert_int_eq(provider_close(set, &error), 0);
}
END_TEST

START_TEST(a_failed_completion_is_an_error)
{
	ck_assert_int_eq(provider_complete(device, &a_command, 0, 1, &error),
	    0);
	fake.complete = VD_E_INVALID;
	ck_assert_int_eq(provider_complete(device, &a_command, 0, 1, &error),
	    -1);
	ck_assert_str_eq(error.text,
	    "CompleteCommand on device 1: VD_E_INVALID (0x80770006)");
	ck_assert(!provider_is_aborted(set));
	error_init(&error);
	fake.complete = VD_E_ABORT;
	ck_assert_int_eq(provider_complete(device, &a_command, 0, 1, &error),
	    -1);
	ck_assert(provider_is_aborted(set));
	ck_assert_int_eq(provider_close(set, &error), 0);
}
END_TEST

START_TEST(a_refused_set_or_device_is_named)
{
	const struct VDConfig config = { .deviceCount = 1 };
	struct provider_set *other = provider_set_new(&fake_ops, NULL, &error);

	fake.create = VD_E_PROTOCOL;
	ck_assert_int_eq(provider_create(other, "set", &config, &error), -1);
	ck_assert_str_eq(error.text,
	    "device set \"set\": Create: VD_E_PROTOCOL (0x8077000C)");
	ck_assert_int_eq(error.kind, KIND_PROVIDER);
	error_init(&error);
	fake.create = VD_E_INSTANCE_NAME;
	ck_assert_int_eq(provider_create(other, "set", &config, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.hint, "the instance's name"));
	error_init(&error);
	/* The provider may know better. */
	fake.advice = "turn it on";
	ck_assert_int_eq(provider_create(other, "set", &config, &error), -1);
	ck_assert_str_eq(error.hint, "turn it on");
	error_init(&error);
	fake.open = VD_E_INVALID;
	ck_assert_ptr_null(provider_open_device(set, "nix", &error));
	ck_assert_str_eq(error.text,
	    "device \"nix\": OpenDevice on device 2: "
	    "VD_E_INVALID (0x80770006)");
	ck_assert_uint_eq(provider_open_devices(set), 1);
	provider_set_free(other);
	provider_set_free(NULL);
	ck_assert_uint_eq(fake.frees, 1);
}
END_TEST

START_TEST(signalling_an_abort_happens_once)
{
	provider_signal_abort(set);
	provider_signal_abort(set);
	ck_assert_uint_eq(fake.aborts, 1);
	ck_assert(provider_is_aborted(set));
	ck_assert_int_eq(provider_close(set, &error), 0);
}
END_TEST

/* Ends with SIGABRT: the test case says so. */
START_TEST(close_with_an_open_device_is_our_mistake)
{
	IGNORE_RESULT(provider_close(set, &error));
}
END_TEST

START_TEST(abandon_may_break_the_rule)
{
	fake.close = VD_E_OPEN;
	ck_assert_int_eq(provider_abandon(set, &error), -1);
	ck_assert_int_eq(error.code, 0x8077000D);
	ck_assert_int_eq(error.kind, KIND_PROVIDER);
	ck_assert(provider_is_aborted(set));
}
END_TEST

START_TEST(a_device_of_a_closed_set_is_refused_without_being_asked)
{
	struct VDC_Command *command;

	provider_signal_abort(set);
	ck_assert_int_eq(provider_close(set, &error), 0);
	ck_assert_int_eq(provider_next(device, 0, &command, &error),
	    PROVIDER_FAILED);
	ck_assert_uint_eq(fake.gets, 0);
	error_init(&error);
	ck_assert_int_eq(provider_complete(device, &a_command, 0, 0, &error),
	    -1);
	ck_assert_int_eq(error.code, 0x8077000C);
}
END_TEST

START_TEST(a_new_set_on_the_same_object_starts_afresh)
{
	const struct VDConfig config = { .deviceCount = 1 };

	provider_signal_abort(set);
	ck_assert_int_eq(provider_close(set, &error), 0);
	ck_assert_int_eq(provider_create(set, "set", &config, &error), 0);
	ck_assert(!provider_is_aborted(set));
	ck_assert_uint_eq(provider_open_devices(set), 0);
	ck_assert_int_eq(provider_close(set, &error), 0);
	ck_assert_uint_eq(fake.closes, 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("provider");
	TCase *tcase = tcase_create("provider");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, tests_access());
	suite_add_tcase(suite, tests_patience());
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, providers_are_found_by_name);
	tcase_add_test(tcase, a_library_that_is_named_decides);
	tcase_add_test(tcase, statuses_of_next_become_answers);
	tcase_add_test(tcase, statuses_of_configuration_become_answers);
	tcase_add_test(tcase, an_abort_is_named_with_its_device_and_remembered);
	tcase_add_test(tcase, a_failed_completion_is_an_error);
	tcase_add_test(tcase, a_refused_set_or_device_is_named);
	tcase_add_test(tcase, signalling_an_abort_happens_once);
	tcase_add_test(tcase,
	    the_server_is_told_of_an_abort_that_was_heard_of);
	tcase_add_test(tcase, a_call_that_waits_for_nobody_can_be_late);
	tcase_add_test_raise_signal(tcase,
	    close_with_an_open_device_is_our_mistake, SIGABRT);
	tcase_add_test(tcase, abandon_may_break_the_rule);
	tcase_add_test(tcase,
	    a_device_of_a_closed_set_is_refused_without_being_asked);
	tcase_add_test(tcase, a_new_set_on_the_same_object_starts_afresh);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
