/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Conformance checks 22 to 24, 27, 29 and 32: the server's calls on the set.
 */

#include "checks.h"

#include "rig.h"

#include <check.h>
#include <string.h>

START_TEST(check_22_prefix_zone_lies_below_an_aligned_buffer)
{
	static const uint32_t alignments[] = { 0, 4096, 65536 };
	struct VDC_Command *command;
	struct rig_command sent;
	struct rig rig;
	uint32_t align;
	uint8_t *buffer;

	rig_init(&rig, 1);
	rig.wishes.prefixZoneSize = 100;
	rig.wishes.alignment = 1024;
	rig_connect(&rig);
	ck_assert_int_eq(server_begin_configuration(rig.server, 0, RIG_BLOCK,
	    0, RIG_TRANSFER, 0), VD_NOERROR);
	ck_assert_int_eq(server_request_buffers(rig.server, RIG_TRANSFER,
	    alignments[_i], 3), VD_NOERROR);
	ck_assert_int_eq(server_end_configuration(rig.server), VD_NOERROR);
	rig_start_agent(&rig);
	rig_open_server(&rig);
	rig_open_client(&rig);
	align = alignments[_i] == 0 ? 1024 : alignments[_i];
	ck_assert_int_eq(server_allocate_buffer(rig.server, &buffer,
	    RIG_TRANSFER, alignments[_i]), VD_NOERROR);
	ck_assert_int_eq(server_allocate_buffer(rig.server, &buffer,
	    RIG_TRANSFER, alignments[_i]), VD_NOERROR);
	ck_assert_uint_eq((uintptr_t)buffer % align, 0);
	memset(buffer, 'd', RIG_TRANSFER);
	rig_send(rig.partners[0], &sent, VDC_Write, buffer, RIG_TRANSFER);
	command = rig_next(rig.devices[0]);
	ck_assert_uint_eq((uintptr_t)command->buffer % align, 0);
	ck_assert_ptr_ne(command->buffer, buffer);
	memset(command->buffer - 100, 'p', 100);
	ck_assert_mem_eq(buffer - 100, command->buffer - 100, 100);
	ck_assert_int_eq(command->buffer[0], 'd');
	ck_assert_int_eq(command->buffer[RIG_TRANSFER - 1], 'd');
	rig_complete(rig.devices[0], command, 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(check_23_buffers_requested_later_are_usable_at_once)
{
	struct VDC_Command *command;
	struct rig_command sent;
	uint8_t *buffer;
	uint32_t count;
	struct rig rig;
	unsigned i;

	rig_start(&rig, 1);
	for (i = 0; i < RIG_BUFFERS; i++) {
		rig_send(rig.partners[0], &sent, VDC_Write, rig_buffer(&rig),
		    RIG_BLOCK);
		rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
		ck_assert_uint_eq(rig_answer(&sent), 0);
	}
	ck_assert_int_eq(server_allocate_buffer(rig.server, &buffer,
	    RIG_TRANSFER, 0), VD_E_MEMORY);
	ck_assert_int_eq(server_query_available_buffers(rig.server,
	    RIG_TRANSFER, 0, &count), VD_NOERROR);
	ck_assert_uint_eq(count, 0);
	ck_assert_int_eq(server_request_buffers(rig.server, RIG_TRANSFER, 0,
	    2), VD_NOERROR);
	ck_assert_int_eq(server_query_available_buffers(rig.server,
	    RIG_TRANSFER, 0, &count), VD_NOERROR);
	ck_assert_uint_eq(count, 2);
	buffer = rig_buffer(&rig);
	memset(buffer, 'n', RIG_TRANSFER);
	rig_send(rig.partners[0], &sent, VDC_Write, buffer, RIG_TRANSFER);
	command = rig_next(rig.devices[0]);
	ck_assert_int_eq(command->buffer[RIG_TRANSFER - 1], 'n');
	rig_complete(rig.devices[0], command, 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(check_24_too_little_memory_leaves_the_set_configurable)
{
	struct VDConfig config;
	uint8_t *buffer;
	struct rig rig;

	rig_init(&rig, 1);
	rig_connect(&rig);
	ck_assert_int_eq(server_begin_configuration(rig.server, 0, RIG_BLOCK,
	    0, RIG_TRANSFER, 0), VD_NOERROR);
	ck_assert_int_eq(server_request_buffers(rig.server,
	    VD_MAX_TRANSFER_SIZE, 0, UINT32_MAX), VD_NOERROR);
	ck_assert_int_eq(server_end_configuration(rig.server), VD_E_MEMORY);
	ck_assert_int_ne(server_last_errno(rig.server), 0);
	ck_assert_int_eq(client_get_configuration(rig.client, 0, &config),
	    VD_E_TIMEOUT);
	ck_assert_int_eq(server_request_buffers(rig.server, RIG_TRANSFER, 0,
	    1), VD_NOERROR);
	ck_assert_int_eq(server_end_configuration(rig.server), VD_NOERROR);
	ck_assert_int_eq(client_get_configuration(rig.client, 0, &config),
	    VD_NOERROR);
	ck_assert_int_eq(server_allocate_buffer(rig.server, &buffer,
	    RIG_TRANSFER, 0), VD_NOERROR);
	ck_assert_int_eq(server_free_buffer(rig.server, buffer,
	    RIG_TRANSFER - 1), VD_E_INVALID);
	ck_assert_int_eq(server_free_buffer(rig.server, buffer + 1,
	    RIG_TRANSFER), VD_E_INVALID);
	ck_assert_int_eq(server_free_buffer(rig.server, buffer,
	    RIG_TRANSFER), VD_NOERROR);
	ck_assert_int_eq(server_free_buffer(rig.server, buffer,
	    RIG_TRANSFER), VD_E_INVALID);
	rig_release(&rig);
}
END_TEST

START_TEST(check_27_configuration_values_are_checked)
{
	static const struct {
		uint32_t block, alignment, transfer;
	} bad[] = {
		{ 0, 0, 65536 }, { 256, 0, 65536 }, { 513, 0, 65536 },
		{ 131072, 0, 131072 }, { 512, 256, 65536 },
		{ 512, 768, 65536 }, { 512, 131072, 65536 }, { 512, 0, 0 },
		{ 512, 0, 65535 }, { 512, 0, 98304 }, { 512, 0, 4259840 },
		{ 1024, 512, 65536 },
	};
	struct rig rig;
	size_t i;

	rig_init(&rig, 1);
	rig_connect(&rig);
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		ck_assert_int_eq(server_begin_configuration(rig.server, 0,
		    bad[i].block, bad[i].alignment, bad[i].transfer, 0),
		    VD_E_INVALID);
	ck_assert_int_eq(server_begin_configuration(rig.server, 0, 65536,
	    65536, VD_MAX_TRANSFER_SIZE, 0), VD_NOERROR);
	ck_assert_int_eq(server_begin_configuration(rig.server, 0, 512, 0,
	    65536, 0), VD_E_PROTOCOL);
	rig_release(&rig);
}
END_TEST

START_TEST(check_29_server_close_with_open_devices)
{
	struct rig_command sent;
	struct VDC_Command *command;
	uint8_t *buffer;
	struct rig rig;

	rig_start(&rig, 2);
	buffer = rig_buffer(&rig);
	rig_send(rig.partners[1], &sent, VDC_Write, buffer, RIG_BLOCK);
	ck_assert_int_eq(server_close(rig.server), VD_E_PROTOCOL);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_OPERATION_ABORTED);
	(void)rig_join_agent(&rig);
	ck_assert_int_eq(client_get_command(rig.devices[0], -1, &command),
	    VD_E_ABORT);
	ck_assert_int_eq(server_is_shared_buffer(rig.server, buffer), 0);
	rig_prepare(&sent, VDC_Flush, NULL, 0);
	ck_assert_int_eq(server_send_command(rig.partners[0], &sent.command),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_E_PROTOCOL);
	ck_assert_int_eq(server_close(rig.server), VD_E_PROTOCOL);
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_E_PROTOCOL);
	rig_release(&rig);
}
END_TEST

START_TEST(check_32_shared_buffers_are_told_from_others)
{
	uint8_t *buffer, other = 0;
	struct rig rig;

	rig_start(&rig, 1);
	buffer = rig_buffer(&rig);
	ck_assert_int_eq(server_is_shared_buffer(rig.server, buffer), 1);
	ck_assert_int_eq(server_is_shared_buffer(rig.server,
	    buffer + RIG_TRANSFER - 1), 1);
	ck_assert_int_eq(server_is_shared_buffer(rig.server, &other), 0);
	ck_assert_int_eq(server_is_shared_buffer(rig.server, NULL), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(calls_out_of_order_are_protocol_errors)
{
	struct server_device *device;
	struct VDConfig config;
	uint8_t *buffer;
	struct rig rig;

	rig_init(&rig, 2);
	ck_assert_int_eq(server_open(rig.server, "no such set"), VD_E_INVALID);
	ck_assert_int_eq(server_get_configuration(rig.server, &config),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(server_close(rig.server), VD_E_PROTOCOL);
	rig_connect(&rig);
	ck_assert_int_eq(server_get_configuration(rig.server, &config),
	    VD_NOERROR);
	ck_assert_uint_eq(config.deviceCount, 2);
	ck_assert_int_eq(server_request_buffers(rig.server, 512, 0, 1),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(server_end_configuration(rig.server), VD_E_PROTOCOL);
	ck_assert_int_eq(server_execute_completion_agent(rig.server),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(server_open_device(rig.server, rig.name, &device),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(server_allocate_buffer(rig.server, &buffer, 512, 0),
	    VD_E_PROTOCOL);
	rig_configure(&rig);
	ck_assert_int_eq(server_open_device(rig.server, "not the set",
	    &device), VD_E_INVALID);
	ck_assert_int_eq(server_open_device(rig.server, rig.name, &device),
	    VD_NOERROR);
	ck_assert_int_eq(server_close_device(device), VD_E_PROTOCOL);
	ck_assert_int_eq(server_open_device(rig.server, rig.name, &device),
	    VD_E_INVALID);
	ck_assert_int_eq(server_open_device(rig.server, "second", &device),
	    VD_NOERROR);
	ck_assert_int_eq(server_open_device(rig.server, "third", &device),
	    VD_E_OPEN);
	ck_assert_int_eq(server_wait_for_client(rig.server, 0), VD_E_TIMEOUT);
	rig_release(&rig);
}
END_TEST

/* The Abort columns of the two transition tables (spec 4.3, 4.4). */
START_TEST(only_close_helps_in_the_abort_state)
{
	struct client_device *device;
	struct server_device *partner;
	struct VDConfig config;
	uint8_t *buffer;
	uint32_t count;
	struct rig rig;

	rig_init(&rig, 2);
	rig_connect(&rig);
	rig_configure(&rig);
	buffer = rig_buffer(&rig);
	ck_assert_int_eq(_i == 0 ? server_signal_abort(rig.server) :
	    client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_int_eq(server_signal_abort(rig.server), VD_NOERROR);
	ck_assert_str_eq(client_abort_text(rig.client), _i == 0 ?
	    "the server aborted the device set" :
	    "the client aborted the device set");
	ck_assert_int_eq(client_get_configuration(rig.client, -1, &config),
	    VD_E_ABORT);
	ck_assert_int_eq(client_open_device(rig.client, rig.name, &device),
	    VD_E_ABORT);
	ck_assert_int_eq(server_get_configuration(rig.server, &config),
	    VD_E_ABORT);
	ck_assert_int_eq(server_begin_configuration(rig.server, 0, 512, 0,
	    65536, 0), VD_E_ABORT);
	ck_assert_int_eq(server_request_buffers(rig.server, 512, 0, 1),
	    VD_E_ABORT);
	ck_assert_int_eq(server_query_available_buffers(rig.server, 512, 0,
	    &count), VD_E_ABORT);
	ck_assert_int_eq(server_end_configuration(rig.server), VD_E_ABORT);
	ck_assert_int_eq(server_open_device(rig.server, rig.name, &partner),
	    VD_E_ABORT);
	ck_assert_int_eq(server_execute_completion_agent(rig.server),
	    VD_E_ABORT);
	ck_assert_int_eq(server_free_buffer(rig.server, buffer,
	    RIG_TRANSFER), VD_E_ABORT);
	ck_assert_int_eq(server_allocate_buffer(rig.server, &buffer, 512, 0),
	    VD_E_ABORT);
	ck_assert_int_eq(server_wait_for_client(rig.server, -1), VD_E_ABORT);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

struct closing {
	struct rig *rig;
	vd_status status; /* the agent's thread writes it */
};

static void
close_within(struct VDS_Command *command)
{
	struct closing *closing = command->completionContext;

	if (command->completionCode == 0)
		closing->status = server_close(closing->rig->server);
}

START_TEST(close_from_a_callback_is_refused)
{
	struct rig_command within, after;
	struct closing closing;
	struct rig rig;

	rig_start(&rig, 1);
	closing = (struct closing){ &rig, VD_NOERROR };
	rig_prepare(&within, VDC_Flush, NULL, 0);
	within.command.completionRoutine = close_within;
	within.command.completionContext = &closing;
	ck_assert_int_eq(server_send_command(rig.partners[0],
	    &within.command), VD_NOERROR);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	rig_send(rig.partners[0], &after, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	ck_assert_uint_eq(rig_answer(&after), 0);
	ck_assert_int_eq(closing.status, VD_E_PROTOCOL);
	rig_release(&rig);
}
END_TEST

START_TEST(command_may_be_sent_before_the_agent_runs)
{
	struct rig_command sent, foreign;
	uint8_t outside[RIG_BLOCK];
	struct rig rig;

	rig_init(&rig, 1);
	rig_connect(&rig);
	rig_configure(&rig);
	rig_open_server(&rig);
	rig_open_client(&rig);
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	rig_prepare(&foreign, VDC_Write, outside, RIG_BLOCK);
	ck_assert_int_eq(server_send_command(rig.partners[0],
	    &foreign.command), VD_E_INVALID);
	ck_assert_uint_eq(rig_answer(&foreign), VD_ERROR_INVALID_PARAMETER);
	if (_i == 0) {
		rig_start_agent(&rig);
		ck_assert_uint_eq(rig_answer(&sent), 0);
	} else {
		/* No agent ever: Close calls back. */
		ck_assert_int_eq(server_close(rig.server), VD_E_PROTOCOL);
		ck_assert_uint_eq(rig_answer(&sent),
		    VD_ERROR_OPERATION_ABORTED);
	}
	rig_release(&rig);
}
END_TEST

START_TEST(set_has_one_server_only)
{
	struct server_set *other = server_set_new();
	struct rig rig;

	rig_init(&rig, 1);
	rig_connect(&rig);
	ck_assert_int_eq(server_open(other, rig.name), VD_E_INVALID);
	server_set_free(other);
	rig_release(&rig);
}
END_TEST

TCase *
checks_server(void)
{
	TCase *checks = tcase_create("server");

	tcase_add_loop_test(checks,
	    check_22_prefix_zone_lies_below_an_aligned_buffer, 0, 3);
	tcase_add_test(checks,
	    check_23_buffers_requested_later_are_usable_at_once);
	tcase_add_test(checks,
	    check_24_too_little_memory_leaves_the_set_configurable);
	tcase_add_test(checks, check_27_configuration_values_are_checked);
	tcase_add_test(checks, check_29_server_close_with_open_devices);
	tcase_add_test(checks, check_32_shared_buffers_are_told_from_others);
	tcase_add_test(checks, calls_out_of_order_are_protocol_errors);
	tcase_add_loop_test(checks, only_close_helps_in_the_abort_state, 0,
	    2);
	tcase_add_test(checks, close_from_a_callback_is_refused);
	tcase_add_loop_test(checks,
	    command_may_be_sent_before_the_agent_runs, 0, 2);
	tcase_add_test(checks, set_has_one_server_only);
	return (checks);
}
