/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Conformance checks 14 to 17, 25, 26 and 28: commands and completions.
 */

#include "checks.h"

#include "base/clock.h"
#include "rig.h"

#include <check.h>
#include <string.h>
#include <time.h>

START_TEST(check_14_completions_out_of_order_reach_their_callbacks)
{
	static const unsigned backwards[] = { 3, 0, 2, 1 };
	struct rig_command sent[4];
	struct VDC_Command *got[4];
	struct rig rig;
	unsigned i;

	rig_start(&rig, 1);
	for (i = 0; i < 4; i++)
		rig_send(rig.partners[0], &sent[i], VDC_Write,
		    rig_buffer(&rig), RIG_BLOCK * (i + 1));
	for (i = 0; i < 4; i++) {
		got[i] = rig_next(rig.devices[0]);
		/* Delivery is in the order of sending. */
		ck_assert_int_eq(got[i]->size, RIG_BLOCK * (i + 1));
		ck_assert_int_eq(got[i]->commandCode, VDC_Write);
	}
	for (i = 0; i < 4; i++)
		rig_complete(rig.devices[0], got[backwards[i]], 0);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(rig_answer(&sent[i]), 0);
		ck_assert_int_eq(sent[i].command.bytesTransferred,
		    RIG_BLOCK * (i + 1));
		ck_assert(pthread_equal(sent[i].thread, rig.agent));
	}
	for (i = 1; i < 4; i++)
		ck_assert_uint_lt(sent[backwards[i - 1]].order,
		    sent[backwards[i]].order);
	rig_release(&rig);
}
END_TEST

START_TEST(check_15_completing_twice_is_invalid)
{
	struct VDC_Command *got, other;
	struct rig_command sent;
	struct rig rig;

	rig_start(&rig, 1);
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	got = rig_next(rig.devices[0]);
	memcpy(&other, got, sizeof(other));
	ck_assert_int_eq(client_complete_command(rig.devices[0], &other, 0, 0,
	    0), VD_E_INVALID);
	ck_assert_int_eq(client_complete_command(rig.devices[0], NULL, 0, 0,
	    0), VD_E_INVALID);
	rig_complete(rig.devices[0], got, 0);
	ck_assert_int_eq(client_complete_command(rig.devices[0], got, 0, 0,
	    0), VD_E_INVALID);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(more_bytes_than_asked_for_are_refused)
{
	struct VDC_Command *got;
	struct rig_command sent;
	struct rig rig;

	rig_start(&rig, 1);
	rig_send(rig.partners[0], &sent, VDC_Read, rig_buffer(&rig),
	    RIG_BLOCK);
	got = rig_next(rig.devices[0]);
	ck_assert_int_eq(client_complete_command(rig.devices[0], got, 0,
	    RIG_BLOCK + 1, 0), VD_E_INVALID);
	ck_assert_int_eq(client_complete_command(rig.devices[0], got,
	    VD_ERROR_HANDLE_EOF, 100, 0), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_HANDLE_EOF);
	ck_assert_int_eq(sent.command.bytesTransferred, 100);
	rig_release(&rig);
}
END_TEST

START_TEST(position_comes_back)
{
	struct VDC_Command *got;
	struct rig_command sent;
	struct rig rig;

	rig_start(&rig, 1);
	rig_prepare(&sent, VDC_SetPosition, NULL, 0);
	sent.command.inPosition = INT64_C(0x123456789abc);
	ck_assert_int_eq(server_send_command(rig.partners[0], &sent.command),
	    VD_NOERROR);
	got = rig_next(rig.devices[0]);
	ck_assert_int_eq(got->position, INT64_C(0x123456789abc));
	ck_assert_int_eq(client_complete_command(rig.devices[0], got, 0, 0,
	    -7), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	ck_assert_int_eq(sent.command.outPosition, -7);
	rig_release(&rig);
}
END_TEST

START_TEST(check_16_failed_command_bounces_the_queued_ones)
{
	struct rig_command sent[6], clear, after;
	struct VDC_Command *first, *second, *none, *got;
	struct rig rig;
	unsigned i;

	rig_start(&rig, 1);
	for (i = 0; i < 6; i++)
		rig_send(rig.partners[0], &sent[i], VDC_Write,
		    rig_buffer(&rig), RIG_BLOCK);
	first = rig_next(rig.devices[0]);
	second = rig_next(rig.devices[0]);
	rig_complete(rig.devices[0], second, VD_ERROR_DISK_FULL);
	ck_assert_uint_eq(rig_answer(&sent[1]), VD_ERROR_DISK_FULL);
	for (i = 2; i < 6; i++) {
		ck_assert_uint_eq(rig_answer(&sent[i]), VD_ERROR_IO_DEVICE);
		ck_assert_uint_gt(sent[i].order, sent[i - 1].order);
	}
	/* ClearError waits for the command that is still out. */
	rig_send(rig.partners[0], &clear, VDC_ClearError, NULL, 0);
	ck_assert_int_eq(client_get_command(rig.devices[0], 30, &none),
	    VD_E_TIMEOUT);
	ck_assert_int_eq(atomic_load(&sent[0].calls), 0);
	rig_complete(rig.devices[0], first, 0);
	ck_assert_uint_eq(rig_answer(&sent[0]), 0);
	got = rig_next(rig.devices[0]);
	ck_assert_int_eq(got->commandCode, VDC_ClearError);
	rig_complete(rig.devices[0], got, 0);
	ck_assert_uint_eq(rig_answer(&clear), 0);
	rig_send(rig.partners[0], &after, VDC_Flush, NULL, 0);
	got = rig_next(rig.devices[0]);
	ck_assert_int_eq(got->commandCode, VDC_Flush);
	rig_complete(rig.devices[0], got, 0);
	ck_assert_uint_eq(rig_answer(&after), 0);
	rig_release(&rig);
}
END_TEST

/* A client thread that sits in GetCommand while another completes. */
static void *
await_clear(void *context)
{
	struct VDC_Command *command = NULL;

	if (client_get_command(context, RIG_PATIENCE_MS, &command) !=
	    VD_NOERROR || command->commandCode != VDC_ClearError ||
	    client_complete_command(context, command, 0, 0, 0) != VD_NOERROR)
		return (context);
	return (NULL);
}

START_TEST(last_completion_releases_a_waiting_clear_error)
{
	struct VDC_Command *first, *second;
	struct rig_command sent[2], clear;
	pthread_t thread;
	void *failed;
	struct rig rig;

	rig_start(&rig, 1);
	rig_send(rig.partners[0], &sent[0], VDC_Flush, NULL, 0);
	rig_send(rig.partners[0], &sent[1], VDC_Flush, NULL, 0);
	first = rig_next(rig.devices[0]);
	second = rig_next(rig.devices[0]);
	rig_complete(rig.devices[0], first, VD_ERROR_WRITE_FAULT);
	ck_assert_uint_eq(rig_answer(&sent[0]), VD_ERROR_WRITE_FAULT);
	rig_send(rig.partners[0], &clear, VDC_ClearError, NULL, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, await_clear,
	    rig.devices[0]), 0);
	rig_complete(rig.devices[0], second, VD_ERROR_WRITE_FAULT);
	ck_assert_uint_eq(rig_answer(&sent[1]), VD_ERROR_WRITE_FAULT);
	ck_assert_uint_eq(rig_answer(&clear), 0);
	(void)pthread_join(thread, &failed);
	ck_assert_ptr_null(failed);
	rig_release(&rig);
}
END_TEST

START_TEST(error_of_one_device_leaves_the_others_alone)
{
	struct rig_command bad, good;
	struct rig rig;

	rig_start(&rig, 2);
	rig_send(rig.partners[0], &bad, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]),
	    VD_ERROR_NOT_SUPPORTED);
	ck_assert_uint_eq(rig_answer(&bad), VD_ERROR_NOT_SUPPORTED);
	rig_send(rig.partners[1], &good, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[1], rig_next(rig.devices[1]), 0);
	ck_assert_uint_eq(rig_answer(&good), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(check_17_close_device_closes_that_device_only)
{
	struct VDC_Command *command;
	struct rig_command sent, last;
	struct rig rig;

	rig_start(&rig, 2);
	/* A close does not overtake the command before it. */
	rig_send(rig.partners[0], &last, VDC_Flush, NULL, 0);
	command = rig_next(rig.devices[0]);
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_NOERROR);
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_E_CLOSE);
	rig_complete(rig.devices[0], command, 0);
	ck_assert_uint_eq(rig_answer(&last), 0);
	ck_assert_int_eq(client_get_command(rig.devices[0], -1, &command),
	    VD_E_CLOSE);
	ck_assert_int_eq(client_get_command(rig.devices[0], 0, &command),
	    VD_E_CLOSE);
	rig_send(rig.partners[1], &sent, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[1], rig_next(rig.devices[1]), 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(close_device_withdraws_what_is_queued)
{
	struct rig_command delivered, queued, refused;
	struct VDC_Command *command, *none;
	struct rig rig;

	rig_start(&rig, 1);
	rig_send(rig.partners[0], &delivered, VDC_Flush, NULL, 0);
	rig_send(rig.partners[0], &queued, VDC_Flush, NULL, 0);
	command = rig_next(rig.devices[0]);
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&queued), VD_ERROR_OPERATION_ABORTED);
	rig_prepare(&refused, VDC_Flush, NULL, 0);
	ck_assert_int_eq(server_send_command(rig.partners[0],
	    &refused.command), VD_E_PROTOCOL);
	ck_assert_uint_eq(rig_answer(&refused), VD_ERROR_INVALID_HANDLE);
	/* The end is not reported while a command is out. */
	ck_assert_int_eq(client_get_command(rig.devices[0], 10, &none),
	    VD_E_TIMEOUT);
	rig_complete(rig.devices[0], command, 0);
	ck_assert_uint_eq(rig_answer(&delivered), 0);
	ck_assert_int_eq(client_get_command(rig.devices[0], -1, &none),
	    VD_E_CLOSE);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(rig_join_agent(&rig), VD_NOERROR);
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

static bool
agent_aborted(void *context)
{
	struct rig *rig = context;

	return (server_signal_abort(rig->server) == VD_NOERROR &&
	    strcmp(server_abort_text(rig->server), "") != 0);
}

START_TEST(check_25_server_timeout_fires_after_two_intervals)
{
	const int64_t interval_ns = 200 * INT64_C(1000000);
	const struct timespec pause = { 0, 2 * interval_ns };
	struct rig_command sent;
	struct rig rig;
	int64_t start;

	rig_init(&rig, 1);
	rig.wishes.serverTimeOut = 200;
	rig_connect(&rig);
	rig_configure(&rig);
	rig_start_agent(&rig);
	rig_open_server(&rig);
	rig_open_client(&rig);
	/* More than two intervals with nothing pending mean nothing. */
	(void)nanosleep(&pause, NULL);
	(void)nanosleep(&pause, NULL);
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	start = clock_now_ns();
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_OPERATION_ABORTED);
	ck_assert_int_ge(clock_now_ns() - start, 2 * interval_ns);
	(void)rig_join_agent(&rig);
	ck_assert(agent_aborted(&rig));
	ck_assert_str_eq(server_abort_text(rig.server),
	    "the client completed no command in time");
	rig_release(&rig);
}
END_TEST

START_TEST(check_26_complete_is_sent_only_when_asked_for)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct VDConfig config;
	struct rig rig;

	rig_init(&rig, 1);
	rig.wishes.features = _i == 0 ? 0 : VDF_RequestComplete;
	rig_connect(&rig);
	rig_configure(&rig);
	rig_start_agent(&rig);
	rig_open_server(&rig);
	rig_open_client(&rig);
	ck_assert_int_eq(client_get_configuration(rig.client, 0, &config),
	    VD_NOERROR);
	rig_prepare(&sent, VDC_Complete, NULL, 0);
	if (_i == 0) {
		ck_assert_uint_eq(config.features & VDF_CompleteEnabled, 0);
		ck_assert_int_eq(server_send_command(rig.partners[0],
		    &sent.command), VD_E_NOTSUPPORTED);
		ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_NOT_SUPPORTED);
		ck_assert_int_eq(client_get_command(rig.devices[0], 0,
		    &command), VD_E_TIMEOUT);
	} else {
		ck_assert_uint_eq(config.features, VDF_RequestComplete |
		    VDF_CompleteEnabled | VDF_WriteMedia);
		ck_assert_int_eq(server_send_command(rig.partners[0],
		    &sent.command), VD_NOERROR);
		command = rig_next(rig.devices[0]);
		ck_assert_int_eq(command->commandCode, VDC_Complete);
		rig_complete(rig.devices[0], command, 0);
		ck_assert_uint_eq(rig_answer(&sent), 0);
	}
	rig_release(&rig);
}
END_TEST

START_TEST(check_28_refusals_call_back_on_the_calling_thread)
{
	struct rig_command failed, refused;
	struct rig rig;

	rig_start(&rig, 1);
	rig_send(rig.partners[0], &failed, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]),
	    VD_ERROR_WRITE_FAULT);
	ck_assert_uint_eq(rig_answer(&failed), VD_ERROR_WRITE_FAULT);
	rig_prepare(&refused, VDC_Flush, NULL, 0);
	ck_assert_int_eq(server_send_command(rig.partners[0],
	    &refused.command), VD_E_IO_ERROR);
	ck_assert_int_eq(atomic_load(&refused.calls), 1);
	ck_assert(pthread_equal(refused.thread, pthread_self()));
	ck_assert_int_eq(refused.command.completionCode, VD_ERROR_IO_DEVICE);
	ck_assert_int_eq(server_signal_abort(rig.server), VD_NOERROR);
	rig_prepare(&refused, VDC_Flush, NULL, 0);
	ck_assert_int_eq(server_send_command(rig.partners[0],
	    &refused.command), VD_E_ABORT);
	ck_assert_int_eq(atomic_load(&refused.calls), 1);
	ck_assert_int_eq(refused.command.completionCode,
	    VD_ERROR_OPERATION_ABORTED);
	rig_release(&rig);
}
END_TEST

START_TEST(full_queue_refuses_and_recovers)
{
	static struct rig_command sent[1024];
	unsigned count = 0, i;
	vd_status status;
	struct rig rig;

	rig_start(&rig, 1);
	do {
		rig_prepare(&sent[count], VDC_Flush, NULL, 0);
		status = server_send_command(rig.partners[0],
		    &sent[count].command);
		count++;
	} while (status == VD_NOERROR && count < 1024);
	ck_assert_int_eq(status, VD_E_QUEUE_FULL);
	ck_assert_uint_eq(rig_answer(&sent[count - 1]),
	    VD_ERROR_NO_SYSTEM_RESOURCES);
	ck_assert_uint_gt(count, 64);
	for (i = 0; i + 1 < count; i++)
		rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	for (i = 0; i + 1 < count; i++)
		ck_assert_uint_eq(rig_answer(&sent[i]), 0);
	rig_send(rig.partners[0], &sent[0], VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	ck_assert_uint_eq(rig_answer(&sent[0]), 0);
	rig_release(&rig);
}
END_TEST

START_TEST(late_completion_after_an_abort_has_no_effect)
{
	struct VDC_Command *command;
	struct rig_command sent[2];
	struct rig rig;

	rig_start(&rig, 1);
	rig_send(rig.partners[0], &sent[0], VDC_Flush, NULL, 0);
	rig_send(rig.partners[0], &sent[1], VDC_Flush, NULL, 0);
	command = rig_next(rig.devices[0]);
	ck_assert_int_eq(_i == 0 ? server_signal_abort(rig.server) :
	    client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_complete_command(rig.devices[0], command, 0,
	    0, 0), VD_E_ABORT);
	ck_assert_uint_eq(rig_answer(&sent[0]), VD_ERROR_OPERATION_ABORTED);
	ck_assert_uint_eq(rig_answer(&sent[1]), VD_ERROR_OPERATION_ABORTED);
	(void)rig_join_agent(&rig);
	ck_assert_int_eq(client_get_command(rig.devices[0], -1, &command),
	    VD_E_ABORT);
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_E_ABORT);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

TCase *
checks_commands(void)
{
	TCase *checks = tcase_create("commands");

	tcase_add_test(checks,
	    check_14_completions_out_of_order_reach_their_callbacks);
	tcase_add_test(checks, check_15_completing_twice_is_invalid);
	tcase_add_test(checks, more_bytes_than_asked_for_are_refused);
	tcase_add_test(checks, position_comes_back);
	tcase_add_test(checks,
	    check_16_failed_command_bounces_the_queued_ones);
	tcase_add_test(checks,
	    last_completion_releases_a_waiting_clear_error);
	tcase_add_test(checks, error_of_one_device_leaves_the_others_alone);
	tcase_add_test(checks, check_17_close_device_closes_that_device_only);
	tcase_add_test(checks, close_device_withdraws_what_is_queued);
	tcase_add_test(checks,
	    check_25_server_timeout_fires_after_two_intervals);
	tcase_add_loop_test(checks,
	    check_26_complete_is_sent_only_when_asked_for, 0, 2);
	tcase_add_test(checks,
	    check_28_refusals_call_back_on_the_calling_thread);
	tcase_add_test(checks, full_queue_refuses_and_recovers);
	tcase_add_loop_test(checks,
	    late_completion_after_an_abort_has_no_effect, 0, 2);
	return (checks);
}
