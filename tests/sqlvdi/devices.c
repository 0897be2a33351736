/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The device's class, and what Close does to its objects.
 */

#include "abi.h"

#include "base/clock.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS 1000000
#define FOR_EVER (-1)

START_TEST(a_device_that_was_never_opened_is_no_open_device)
{
	struct VDC_Command *command = (struct VDC_Command *)&command;
	struct object device;

	abi_prepare(&device);
	abi.device_construct(&device.inside);
	ck_assert_int_eq(abi.get_command(&device.inside, 0, &command),
	    VD_E_PROTOCOL);
	ck_assert_ptr_null(command);
	ck_assert_int_eq(abi.complete_command(&device.inside, NULL, 0, 0, 0),
	    VD_E_PROTOCOL);
	abi.device_destroy(&device.inside);
	abi_check(&device);
	ck_assert_int_eq(abi.get_command(NULL, 0, &command), VD_E_INVALID);
	ck_assert_int_eq(abi.complete_command(NULL, NULL, 0, 0, 0),
	    VD_E_INVALID);
	abi.device_destroy(NULL);
}
END_TEST

START_TEST(a_command_goes_there_and_back)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct session session;
	uint8_t *buffer;

	session_start(&session, 1);
	buffer = rig_buffer(&session.rig);
	memset(buffer, 42, RIG_TRANSFER);
	rig_send(session.rig.partners[0], &sent, VDC_Write, buffer,
	    RIG_TRANSFER);
	ck_assert_int_eq(abi.get_command(session.devices[0], FOR_EVER,
	    &command), VD_NOERROR);
	ck_assert_int_eq(command->commandCode, VDC_Write);
	ck_assert_int_eq(command->size, RIG_TRANSFER);
	ck_assert_uint_eq(command->buffer[RIG_TRANSFER - 1], 42);

	/* What 32 bits do not hold moves nothing, and completes nothing. */
	ck_assert_int_eq(abi.complete_command(session.devices[0], command, 0,
	    RIG_TRANSFER + 0x100000000, 0), VD_E_INVALID);
	ck_assert_int_eq(abi.complete_command(session.devices[0], command, 0,
	    RIG_TRANSFER + 1, 0), VD_E_INVALID);
	ck_assert_int_eq(abi.complete_command(session.devices[0], NULL, 0, 0,
	    0), VD_E_INVALID);
	ck_assert_int_eq(abi.get_command(session.devices[0], 0, NULL),
	    VD_E_INVALID);
	ck_assert_int_eq(abi.complete_command(session.devices[0], command, 0,
	    RIG_TRANSFER, 0), VD_NOERROR);
	ck_assert_int_eq(abi.complete_command(session.devices[0], command, 0,
	    RIG_TRANSFER, 0), VD_E_INVALID);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_SUCCESS);
	ck_assert_int_eq(sent.command.bytesTransferred, RIG_TRANSFER);
	session_end_devices(&session);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_NOERROR);
	session_release(&session);
}
END_TEST

START_TEST(code_and_position_reach_the_server_whole)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct session session;

	session_start(&session, 1);
	rig_send(session.rig.partners[0], &sent, VDC_GetPosition, NULL, 0);
	ck_assert_int_eq(abi.get_command(session.devices[0], RIG_PATIENCE_MS,
	    &command), VD_NOERROR);
	ck_assert_int_eq(abi.complete_command(session.devices[0], command, 0,
	    0, INT64_MAX - 1), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	ck_assert_int_eq(sent.command.outPosition, INT64_MAX - 1);
	rig_send(session.rig.partners[0], &sent, VDC_Flush, NULL, 0);
	ck_assert_int_eq(abi.get_command(session.devices[0], RIG_PATIENCE_MS,
	    &command), VD_NOERROR);
	ck_assert_int_eq(abi.complete_command(session.devices[0], command,
	    VD_ERROR_DISK_FULL, 0, 0), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_DISK_FULL);
	session_end_devices(&session);
	session_release(&session);
}
END_TEST

START_TEST(a_command_is_waited_for_in_milliseconds)
{
	struct VDC_Command *command;
	struct session session;
	int64_t start;

	session_start(&session, 1);
	start = clock_now_ns();
	ck_assert_int_eq(abi.get_command(session.devices[0], 90, &command),
	    VD_E_TIMEOUT);
	ck_assert_int_ge(clock_now_ns() - start, (int64_t)90 * NS_PER_MS);
	/* Seconds would be more than Check's own patience. */
	ck_assert_int_eq(abi.get_command(session.devices[0], 0, &command),
	    VD_E_TIMEOUT);
	session_end_devices(&session);
	session_release(&session);
}
END_TEST

START_TEST(close_with_an_open_device_says_so_and_aborts)
{
	struct rig_command sent;
	struct session session;

	session_start(&session, 2);
	/* No call of the client's can make it look closed. */
	abi.register_device_closed(&session.set.inside);
	abi.register_device_closed(&session.set.inside);
	rig_send(session.rig.partners[1], &sent, VDC_Flush, NULL, 0);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_E_OPEN);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_OPERATION_ABORTED);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_E_PROTOCOL);
	session_release(&session);
}
END_TEST

START_TEST(close_after_an_abort_does_not_wait)
{
	struct VDC_Command *command;
	struct session session;

	session_start(&session, 2);
	ck_assert_int_eq(abi.signal_abort(&session.set.inside), VD_NOERROR);
	ck_assert_int_eq(abi.get_command(session.devices[1], FOR_EVER,
	    &command), VD_E_ABORT);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_NOERROR);
	session_release(&session);
}
END_TEST

START_TEST(destruction_closes)
{
	struct rig_command sent;
	struct session session;

	session_start(&session, 1);
	rig_send(session.rig.partners[0], &sent, VDC_Flush, NULL, 0);
	abi.set_destroy(&session.set.inside);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_OPERATION_ABORTED);
	session_release(&session);
}
END_TEST

START_TEST(devices_are_dead_after_close)
{
	struct VDC_Command *command;
	struct session session;
	void *old;

	session_start(&session, 1);
	old = session.devices[0];
	session_end_devices(&session);
	ck_assert_int_eq(abi.get_command(old, 0, &command), VD_E_CLOSE);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_NOERROR);
	ck_assert_int_eq(abi.get_command(old, FOR_EVER, &command),
	    VD_E_PROTOCOL);
	ck_assert_ptr_null(command);

	/* A new set on the same object, and none at all. */
	rig_name(session.rig.name);
	ck_assert_int_eq(abi.create(&session.set.inside, session.rig.name,
	    &session.rig.wishes), VD_NOERROR);
	ck_assert_int_eq(abi.get_command(old, 0, &command), VD_E_PROTOCOL);
	session_release(&session);
	ck_assert_int_eq(abi.complete_command(old, NULL, 0, 0, 0),
	    VD_E_PROTOCOL);
}
END_TEST

static void *
wait_for_command(void *device)
{
	struct VDC_Command *command;

	return ((void *)(intptr_t)abi.get_command(device, FOR_EVER,
	    &command));
}

START_TEST(close_sends_home_who_waits)
{
	pthread_t threads[4];
	struct session session;
	void *result;
	int i, status;

	session_start(&session, 4);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
		    wait_for_command, session.devices[i]), 0);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_E_OPEN);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(threads[i], &result), 0);
		status = (int)(intptr_t)result;
		ck_assert(status == VD_E_PROTOCOL || status == VD_E_ABORT);
	}
	session_release(&session);
}
END_TEST

START_TEST(only_the_last_devices_of_a_long_run_are_remembered)
{
	struct VDC_Command *command;
	struct session session;
	unsigned round, i;

	/* 1088 devices; a sanitizer would see what is lost or used late. */
	for (round = 0; round < 17; round++) {
		session_start(&session, VD_MAX_DEVICES);
		ck_assert_int_eq(abi.close(&session.set.inside), VD_E_OPEN);
		for (i = 0; i < VD_MAX_DEVICES; i++)
			ck_assert_int_eq(abi.get_command(session.devices[i],
			    0, &command), VD_E_PROTOCOL);
		session_release(&session);
	}
}
END_TEST

static void *
run_sessions(void *unused)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct session session;
	int round;

	for (round = 0; round < 10; round++) {
		session_start(&session, 2);
		rig_send(session.rig.partners[1], &sent, VDC_Write,
		    rig_buffer(&session.rig), RIG_TRANSFER);
		ck_assert_int_eq(abi.get_command(session.devices[1],
		    RIG_PATIENCE_MS, &command), VD_NOERROR);
		ck_assert_int_eq(abi.complete_command(session.devices[1],
		    command, 0, RIG_TRANSFER, 0), VD_NOERROR);
		ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_SUCCESS);
		session_end_devices(&session);
		ck_assert_int_eq(abi.close(&session.set.inside), VD_NOERROR);
		session_release(&session);
	}
	return (unused);
}

START_TEST(several_sets_live_in_one_process)
{
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
		    run_sessions, NULL), 0);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

START_TEST(unloading_leaves_nothing_behind)
{
	struct session session;
	pid_t child;
	int status;

	session_start(&session, 3);
	session_end_devices(&session);
	session_release(&session);
	abi_unload();
	/* What it asked to be called at a fork is forgotten as well. */
	child = fork();
	if (child == 0)
		_exit(42);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	abi_load();
}
END_TEST

TCase *
abi_devices(void)
{
	TCase *tcase = tcase_create("devices");

	tcase_add_test(tcase,
	    a_device_that_was_never_opened_is_no_open_device);
	tcase_add_test(tcase, a_command_goes_there_and_back);
	tcase_add_test(tcase, code_and_position_reach_the_server_whole);
	tcase_add_test(tcase, a_command_is_waited_for_in_milliseconds);
	tcase_add_test(tcase, close_with_an_open_device_says_so_and_aborts);
	tcase_add_test(tcase, close_after_an_abort_does_not_wait);
	tcase_add_test(tcase, destruction_closes);
	tcase_add_test(tcase, devices_are_dead_after_close);
	tcase_add_test(tcase, close_sends_home_who_waits);
	tcase_add_test(tcase,
	    only_the_last_devices_of_a_long_run_are_remembered);
	tcase_add_test(tcase, several_sets_live_in_one_process);
	tcase_add_test(tcase, unloading_leaves_nothing_behind);
	return (tcase);
}
