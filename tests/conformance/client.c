/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Conformance checks 1 to 13 and 31: the client's calls on set and device.
 * The numbers are those of the VDI reference's list of minimum checks (spec
 * 27.4); checks.h says where the others are.
 */

#include "checks.h"

#include "rig.h"

#include <check.h>

START_TEST(check_01_close_before_create_is_a_protocol_error)
{
	struct client_set *set = client_set_new();

	ck_assert_int_eq(client_close(set), VD_E_PROTOCOL);
	client_set_free(set);
}
END_TEST

START_TEST(check_02_second_close_is_a_protocol_error)
{
	struct rig rig;

	rig_init(&rig, 1);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_close(rig.client), VD_E_PROTOCOL);
	rig_release(&rig);
}
END_TEST

START_TEST(check_03_close_with_open_device_says_so_and_aborts)
{
	struct rig_command command;
	struct rig rig;

	rig_start(&rig, 2);
	rig_send(rig.partners[0], &command, VDC_Write, rig_buffer(&rig),
	    RIG_TRANSFER);
	ck_assert_int_eq(client_close(rig.client), VD_E_OPEN);
	ck_assert_uint_eq(rig_answer(&command), VD_ERROR_OPERATION_ABORTED);
	(void)rig_join_agent(&rig);
	rig_name(rig.name);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	rig_release(&rig);
}
END_TEST

static void
close_all(struct rig *rig)
{
	struct VDC_Command *command;
	unsigned i;

	for (i = 0; i < rig->wishes.deviceCount; i++)
		ck_assert_int_eq(server_close_device(rig->partners[i]),
		    VD_NOERROR);
	for (i = 0; i < rig->wishes.deviceCount; i++)
		ck_assert_int_eq(client_get_command(rig->devices[i],
		    RIG_PATIENCE_MS, &command), VD_E_CLOSE);
}

START_TEST(check_04_close_after_every_device_closed_succeeds)
{
	struct rig_command command;
	struct rig rig;

	rig_start(&rig, 3);
	rig_send(rig.partners[1], &command, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[1], rig_next(rig.devices[1]),
	    VD_ERROR_SUCCESS);
	ck_assert_uint_eq(rig_answer(&command), VD_ERROR_SUCCESS);
	close_all(&rig);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(rig_join_agent(&rig), VD_NOERROR);
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	ck_assert_str_eq(server_abort_text(rig.server), "");
	rig_release(&rig);
}
END_TEST

START_TEST(check_05_close_after_abort_does_not_wait)
{
	struct rig rig;

	rig_start(&rig, 2);
	ck_assert_int_eq(client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

START_TEST(check_06_device_pointers_are_dead_after_close)
{
	struct client_device *old;
	struct VDC_Command *command, *held;
	struct rig_command sent;
	struct rig rig, next;

	rig_start(&rig, 1);
	old = rig.devices[0];
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	held = rig_next(old);
	ck_assert_int_eq(client_close(rig.client), VD_E_OPEN);
	ck_assert_int_eq(client_get_command(old, 0, &command), VD_E_PROTOCOL);
	ck_assert_ptr_null(command);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_OPERATION_ABORTED);
	ck_assert_int_eq(client_complete_command(old, held, 0, 0, 0),
	    VD_E_PROTOCOL);

	/* The same object, a new set: the old pointer stays dead. */
	rig_init(&next, 1);
	client_set_free(next.client);
	next.client = rig.client;
	rig_connect(&next);
	rig_configure(&next);
	rig_start_agent(&next);
	rig_open_server(&next);
	rig_open_client(&next);
	rig_send(next.partners[0], &sent, VDC_Flush, NULL, 0);
	ck_assert_int_eq(client_get_command(old, 0, &command), VD_E_PROTOCOL);
	rig_complete(next.devices[0], rig_next(next.devices[0]), 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	rig_release(&next);
	rig.client = NULL;
	(void)server_close(rig.server);
	(void)rig_join_agent(&rig);
	server_set_free(rig.server);
}
END_TEST

START_TEST(check_07_create_twice_is_a_protocol_error)
{
	struct client_set *other = client_set_new();
	struct rig rig;

	rig_init(&rig, 1);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	ck_assert_int_eq(client_create(rig.client, "another", &rig.wishes),
	    VD_E_PROTOCOL);
	/* The name is in use by a living set. */
	ck_assert_int_eq(client_create(other, rig.name, &rig.wishes),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_create(other, rig.name, &rig.wishes),
	    VD_NOERROR);
	client_set_free(other);
	rig_release(&rig);
}
END_TEST

START_TEST(check_08_device_count_out_of_range_is_not_supported)
{
	static const uint32_t counts[] = { 0, 65, UINT32_MAX };
	struct rig rig;

	rig_init(&rig, counts[_i]);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_E_NOTSUPPORTED);
	rig_release(&rig);
}
END_TEST

START_TEST(check_09_get_configuration_can_be_repeated_after_a_timeout)
{
	struct VDConfig config;
	struct rig rig;

	rig_init(&rig, 1);
	rig_connect(&rig);
	ck_assert_int_eq(client_get_configuration(rig.client, 0, &config),
	    VD_E_TIMEOUT);
	ck_assert_int_eq(client_get_configuration(rig.client, 30, &config),
	    VD_E_TIMEOUT);
	rig_configure(&rig);
	ck_assert_int_eq(client_get_configuration(rig.client, -1, &config),
	    VD_NOERROR);
	ck_assert_uint_eq(config.maxTransferSize, RIG_TRANSFER);
	ck_assert_uint_eq(config.blockSize, RIG_BLOCK);
	ck_assert_uint_eq(config.features, VDF_WriteMedia);
	rig_release(&rig);
}
END_TEST

static void *
abort_client(void *context)
{
	struct rig *rig = context;

	(void)client_signal_abort(rig->client);
	return (NULL);
}

static void *
abort_server(void *context)
{
	struct rig *rig = context;

	(void)server_signal_abort(rig->server);
	return (NULL);
}

START_TEST(check_10_get_configuration_is_woken_by_an_abort)
{
	struct VDConfig config;
	pthread_t thread;
	struct rig rig;

	rig_init(&rig, 1);
	rig_connect(&rig);
	ck_assert_int_eq(pthread_create(&thread, NULL,
	    _i == 0 ? abort_client : abort_server, &rig), 0);
	ck_assert_int_eq(client_get_configuration(rig.client, -1, &config),
	    VD_E_ABORT);
	(void)pthread_join(thread, NULL);
	rig_release(&rig);
}
END_TEST

START_TEST(check_11_unknown_device_name_is_invalid)
{
	struct client_device *device = (struct client_device *)&device;
	struct rig rig;

	rig_init(&rig, 2);
	ck_assert_int_eq(client_open_device(rig.client, rig.name, &device),
	    VD_E_PROTOCOL);
	ck_assert_ptr_null(device);
	rig_connect(&rig);
	ck_assert_int_eq(client_open_device(rig.client, rig.name, &device),
	    VD_E_PROTOCOL);
	rig_configure(&rig);
	rig_open_server(&rig);
	device = (struct client_device *)&device;
	ck_assert_int_eq(client_open_device(rig.client, "no such", &device),
	    VD_E_INVALID);
	ck_assert_ptr_null(device);
	rig_release(&rig);
}
END_TEST

START_TEST(check_12_device_opened_twice)
{
	struct client_device *device;
	struct rig rig;

	rig_init(&rig, 2);
	rig_connect(&rig);
	rig_configure(&rig);
	rig_open_server(&rig);
	ck_assert_int_eq(client_open_device(rig.client, rig.name, &device),
	    VD_NOERROR);
	ck_assert_int_eq(client_open_device(rig.client, rig.name, &device),
	    VD_E_PROTOCOL);
	ck_assert_ptr_null(device);
	rig.wishes.deviceCount = 2;
	{
		char name[80];

		rig_device_name(&rig, 1, name);
		ck_assert_int_eq(client_open_device(rig.client, name, &device),
		    VD_NOERROR);
		ck_assert_int_eq(client_open_device(rig.client, name, &device),
		    VD_E_OPEN);
	}
	rig_release(&rig);
}
END_TEST

START_TEST(check_13_get_command_polls)
{
	struct VDC_Command *command;
	struct rig rig;

	rig_start(&rig, 1);
	ck_assert_int_eq(client_get_command(rig.devices[0], 0, &command),
	    VD_E_TIMEOUT);
	ck_assert_ptr_null(command);
	ck_assert_int_eq(client_get_command(rig.devices[0], 20, &command),
	    VD_E_TIMEOUT);
	rig_release(&rig);
}
END_TEST

START_TEST(check_31_configuration_reports_the_historical_values)
{
	struct VDConfig config;
	struct rig rig;

	rig_init(&rig, 7);
	rig_connect(&rig);
	rig_configure(&rig);
	ck_assert_int_eq(client_get_configuration(rig.client, 0, &config),
	    VD_NOERROR);
	ck_assert_uint_eq(config.maxIODepth, 4);
	ck_assert_uint_eq(config.bufferAreaSize, RIG_TRANSFER * 4 * 7);
	rig_release(&rig);
}
END_TEST

TCase *
checks_client(void)
{
	TCase *checks = tcase_create("client");

	tcase_add_test(checks,
	    check_01_close_before_create_is_a_protocol_error);
	tcase_add_test(checks, check_02_second_close_is_a_protocol_error);
	tcase_add_test(checks,
	    check_03_close_with_open_device_says_so_and_aborts);
	tcase_add_test(checks,
	    check_04_close_after_every_device_closed_succeeds);
	tcase_add_test(checks, check_05_close_after_abort_does_not_wait);
	tcase_add_test(checks,
	    check_06_device_pointers_are_dead_after_close);
	tcase_add_test(checks, check_07_create_twice_is_a_protocol_error);
	tcase_add_loop_test(checks,
	    check_08_device_count_out_of_range_is_not_supported, 0, 3);
	tcase_add_test(checks,
	    check_09_get_configuration_can_be_repeated_after_a_timeout);
	tcase_add_loop_test(checks,
	    check_10_get_configuration_is_woken_by_an_abort, 0, 2);
	tcase_add_test(checks, check_11_unknown_device_name_is_invalid);
	tcase_add_test(checks, check_12_device_opened_twice);
	tcase_add_test(checks, check_13_get_command_polls);
	tcase_add_test(checks,
	    check_31_configuration_reports_the_historical_values);
	return (checks);
}
