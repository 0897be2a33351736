/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The set's class: construction, life, permissions, secondaries.
 */

#include "abi.h"

#include "runtime/name.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define INFINITE 0xFFFFFFFF

START_TEST(base_variants_are_the_same_functions)
{
	static const char *const pairs[][2] = {
		{ "_ZN22ClientVirtualDeviceSetC1Ev",
		    "_ZN22ClientVirtualDeviceSetC2Ev" },
		{ "_ZN22ClientVirtualDeviceSetD1Ev",
		    "_ZN22ClientVirtualDeviceSetD2Ev" },
		{ "_ZN19ClientVirtualDeviceC1Ev",
		    "_ZN19ClientVirtualDeviceC2Ev" },
		{ "_ZN19ClientVirtualDeviceD1Ev",
		    "_ZN19ClientVirtualDeviceD2Ev" },
	};

	ck_assert_ptr_eq(abi_symbol(pairs[_i][0]), abi_symbol(pairs[_i][1]));
}
END_TEST

START_TEST(objects_take_eight_bytes)
{
	struct VDConfig config = { .deviceCount = 1 };
	struct object set, device;
	char name[64];

	rig_name(name);
	abi_prepare(&set);
	abi_prepare(&device);
	abi.set_construct(&set.inside);
	abi.device_construct(&device.inside);
	ck_assert_int_eq(abi.create(&set.inside, name, &config), VD_NOERROR);
	abi_check(&set);
	ck_assert_int_eq(abi.close(&set.inside), VD_NOERROR);
	abi.device_destroy(&device.inside);
	abi.set_destroy(&set.inside);
	abi_check(&set);
	abi_check(&device);
}
END_TEST

START_TEST(missing_arguments_are_invalid)
{
	struct VDConfig config = { .deviceCount = 1 };
	struct object set;
	void *device = &set;
	char name[64];
	int i;

	rig_name(name);
	abi.set_construct(&set.inside);
	/* Before Create, and after. */
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(abi.create(&set.inside, NULL, &config),
		    VD_E_INVALID);
		ck_assert_int_eq(abi.create(&set.inside, name, NULL),
		    VD_E_INVALID);
		ck_assert_int_eq(abi.get_configuration(&set.inside, 0, NULL),
		    VD_E_INVALID);
		ck_assert_int_eq(abi.open_device(&set.inside, name, NULL),
		    VD_E_INVALID);
		ck_assert_int_eq(abi.open_in_secondary(&set.inside, NULL),
		    VD_E_INVALID);
		ck_assert_int_eq(abi.get_buffer_handle(&set.inside, NULL,
		    NULL), VD_E_INVALID);
		ck_assert_int_eq(abi.map_buffer_handle(&set.inside, 0, NULL),
		    VD_E_INVALID);
		if (i == 0)
			ck_assert_int_eq(abi.create(&set.inside, name,
			    &config), VD_NOERROR);
	}
	ck_assert_int_eq(abi.open_device(&set.inside, NULL, &device),
	    VD_E_PROTOCOL);
	ck_assert_ptr_null(device);
	ck_assert_int_eq(abi.create(NULL, name, &config), VD_E_INVALID);
	ck_assert_int_eq(abi.close(NULL), VD_E_INVALID);
	ck_assert_int_eq(abi.signal_abort(NULL), VD_E_INVALID);
	abi.set_destroy(NULL);
	abi.set_destroy(&set.inside);
}
END_TEST

START_TEST(a_set_without_memory_says_so)
{
	struct VDConfig config = { .deviceCount = 1 };
	void *none = NULL; /* what a constructor leaves that found none */
	unsigned int handle;
	uint8_t *buffer;
	void *device;
	char name[64];

	rig_name(name);
	ck_assert_int_eq(abi.create(&none, name, &config), VD_E_MEMORY);
	ck_assert_int_eq(abi.open_in_secondary(&none, name), VD_E_MEMORY);
	ck_assert_int_eq(abi.get_configuration(&none, 0, &config),
	    VD_E_MEMORY);
	ck_assert_int_eq(abi.open_device(&none, name, &device), VD_E_MEMORY);
	ck_assert_int_eq(abi.get_buffer_handle(&none, (uint8_t *)name,
	    &handle), VD_E_MEMORY);
	ck_assert_int_eq(abi.map_buffer_handle(&none, 0, &buffer),
	    VD_E_MEMORY);
	ck_assert_int_eq(abi.signal_abort(&none), VD_E_MEMORY);
	ck_assert_int_eq(abi.close(&none), VD_E_MEMORY);
	abi.register_device_closed(&none);
	abi.set_destroy(&none);
}
END_TEST

START_TEST(bad_names_and_configurations_are_refused)
{
	struct VDConfig none = { .deviceCount = 0 };
	struct VDConfig many = { .deviceCount = 65 };
	struct VDConfig one = { .deviceCount = 1 };
	struct object set;
	char name[64];

	rig_name(name);
	abi.set_construct(&set.inside);
	ck_assert_int_eq(abi.create(&set.inside, name, &none),
	    VD_E_NOTSUPPORTED);
	ck_assert_int_eq(abi.create(&set.inside, name, &many),
	    VD_E_NOTSUPPORTED);
	ck_assert_int_eq(abi.create(&set.inside, "", &one), VD_E_INVALID);
	ck_assert_int_eq(abi.create(&set.inside, name, &one), VD_NOERROR);
	abi.set_destroy(&set.inside);
}
END_TEST

START_TEST(calls_on_no_set_are_protocol_errors)
{
	struct VDConfig config = { .deviceCount = 1 };
	struct object set;
	unsigned int handle;
	uint8_t *buffer;
	void *device;
	char name[64];
	int i;

	rig_name(name);
	abi.set_construct(&set.inside);
	/* Before Create, and after Close. */
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(abi.close(&set.inside), VD_E_PROTOCOL);
		ck_assert_int_eq(abi.signal_abort(&set.inside), VD_E_PROTOCOL);
		ck_assert_int_eq(abi.get_configuration(&set.inside, 0,
		    &config), VD_E_PROTOCOL);
		ck_assert_int_eq(abi.open_device(&set.inside, name, &device),
		    VD_E_PROTOCOL);
		ck_assert_int_eq(abi.get_buffer_handle(&set.inside,
		    (uint8_t *)name, &handle), VD_E_PROTOCOL);
		ck_assert_int_eq(abi.map_buffer_handle(&set.inside, 0,
		    &buffer), VD_E_PROTOCOL);
		abi.register_device_closed(&set.inside);
		ck_assert_int_eq(abi.create(&set.inside, name, &config),
		    VD_NOERROR);
		ck_assert_int_eq(abi.create(&set.inside, name, &config),
		    VD_E_PROTOCOL);
		ck_assert_int_eq(abi.open_in_secondary(&set.inside, name),
		    VD_E_PROTOCOL);
		ck_assert_int_eq(abi.close(&set.inside), VD_NOERROR);
	}
	abi.set_destroy(&set.inside);
}
END_TEST

START_TEST(create_copies_nothing_back)
{
	struct VDConfig config, before;
	struct object set;
	char name[64];

	memset(&config, 0, sizeof(config));
	config.deviceCount = 2;
	/* The server's fields are nobody's input. */
	config.blockSize = 12345;
	config.maxTransferSize = 77;
	before = config;
	rig_name(name);
	abi.set_construct(&set.inside);
	ck_assert_int_eq(abi.create(&set.inside, name, &config), VD_NOERROR);
	ck_assert_mem_eq(&config, &before, sizeof(config));
	abi.set_destroy(&set.inside);
}
END_TEST

static void *
abort_set(void *set)
{
	return (abi.signal_abort(set) == VD_NOERROR ? set : NULL);
}

START_TEST(configuration_is_waited_for_in_milliseconds_or_for_ever)
{
	static const time_t for_ever[] = { INFINITE, -1, -90000, INT64_MIN };
	struct VDConfig config = { .deviceCount = 1 };
	struct object set;
	pthread_t thread;
	void *result;
	char name[64];
	size_t i;

	rig_name(name);
	abi.set_construct(&set.inside);
	for (i = 0; i < sizeof(for_ever) / sizeof(for_ever[0]); i++) {
		ck_assert_int_eq(abi.create(&set.inside, name, &config),
		    VD_NOERROR);
		ck_assert_int_eq(abi.get_configuration(&set.inside, 0,
		    &config), VD_E_TIMEOUT);
		ck_assert_int_eq(abi.get_configuration(&set.inside, 5,
		    &config), VD_E_TIMEOUT);
		ck_assert_int_eq(pthread_create(&thread, NULL, abort_set,
		    &set.inside), 0);
		ck_assert_int_eq(abi.get_configuration(&set.inside,
		    for_ever[i], &config), VD_E_ABORT);
		ck_assert_int_eq(pthread_join(thread, &result), 0);
		ck_assert_ptr_nonnull(result);
		ck_assert_int_eq(abi.close(&set.inside), VD_NOERROR);
	}
	abi.set_destroy(&set.inside);
}
END_TEST

/* The mode of the set's shared memory, 0 where there is none. */
static mode_t
mode_of(const char *name, gid_t *group)
{
	char object[NAME_OBJECT_SIZE];
	struct stat status = { 0 };
	int fd;

	name_object(name, object);
	fd = shm_open(object, O_RDONLY, 0);
	if (fd == -1)
		return (0);
	ck_assert_int_eq(fstat(fd, &status), 0);
	(void)close(fd);
	*group = status.st_gid;
	return (status.st_mode & 07777);
}

START_TEST(the_umask_says_whether_the_group_shares)
{
	static const struct {
		mode_t mask, mode;
	} cases[] = { { 0, 0660 }, { 022, 0600 }, { 07, 0660 }, { 077, 0600 },
		{ 040, 0600 }, { 020, 0600 }, { 002, 0660 } };
	struct VDConfig config = { .deviceCount = 1 };
	struct object set;
	char name[64];
	gid_t group = 0;

	rig_name(name);
	abi.set_construct(&set.inside);
	(void)umask(cases[_i].mask);
	ck_assert_int_eq(abi.create(&set.inside, name, &config), VD_NOERROR);
	ck_assert_uint_eq(mode_of(name, &group), cases[_i].mode);
	ck_assert_uint_eq(group, getegid());
	ck_assert_uint_eq(umask(0), cases[_i].mask);
	abi.set_destroy(&set.inside);
	ck_assert_uint_eq(mode_of(name, &group), 0);
}
END_TEST

START_TEST(the_name_lasts_until_close)
{
	struct session session;
	gid_t group;

	session_start(&session, 2);
	ck_assert_uint_ne(mode_of(session.rig.name, &group), 0);
	session_end_devices(&session);
	ck_assert_uint_ne(mode_of(session.rig.name, &group), 0);
	ck_assert_int_eq(abi.close(&session.set.inside), VD_NOERROR);
	ck_assert_uint_eq(mode_of(session.rig.name, &group), 0);
	session_release(&session);
}
END_TEST

START_TEST(secondaries_attach_once_configured_and_as_late_as_they_like)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct session session;
	struct object other;
	struct VDConfig config = { .deviceCount = 1 };
	unsigned int handle;
	uint8_t *buffer, *theirs;
	char early[64], upper[64];
	void *device;

	abi.set_construct(&other.inside);
	rig_name(early);
	ck_assert_int_eq(abi.open_in_secondary(&other.inside, early),
	    VD_E_PROTOCOL);

	session_start(&session, 1);
	(void)snprintf(upper, sizeof(upper), "%s", session.rig.name);
	upper[0] = 'C';
	ck_assert_int_eq(abi.open_in_secondary(&other.inside, upper),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(abi.open_in_secondary(&other.inside,
	    session.rig.name), VD_NOERROR);
	ck_assert_int_eq(abi.get_configuration(&other.inside, INFINITE,
	    &config), VD_NOERROR);
	ck_assert_int_eq(abi.open_device(&other.inside, session.rig.name,
	    &device), VD_E_OPEN);

	buffer = rig_buffer(&session.rig);
	memset(buffer, 7, RIG_TRANSFER);
	rig_send(session.rig.partners[0], &sent, VDC_Write, buffer,
	    RIG_TRANSFER);
	ck_assert_int_eq(abi.get_command(session.devices[0], RIG_PATIENCE_MS,
	    &command), VD_NOERROR);
	ck_assert_int_eq(abi.get_buffer_handle(&session.set.inside,
	    command->buffer + 1, &handle), VD_E_INVALID);
	ck_assert_int_eq(abi.get_buffer_handle(&session.set.inside,
	    command->buffer, &handle), VD_NOERROR);
	ck_assert_int_eq(abi.map_buffer_handle(&other.inside, (int)handle,
	    &theirs), VD_NOERROR);
	ck_assert_ptr_ne(theirs, command->buffer);
	ck_assert_uint_eq(theirs[0], 7);
	ck_assert_uint_eq(theirs[RIG_TRANSFER - 1], 7);
	ck_assert_int_eq(abi.map_buffer_handle(&other.inside, -1, &theirs),
	    VD_E_INVALID);
	ck_assert_ptr_null(theirs);
	ck_assert_int_eq(abi.close(&other.inside), VD_NOERROR);
	ck_assert_int_eq(abi.complete_command(session.devices[0], command, 0,
	    RIG_TRANSFER, 0), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&sent), VD_ERROR_SUCCESS);
	session_end_devices(&session);
	abi.set_destroy(&other.inside);
	session_release(&session);
}
END_TEST

TCase *
abi_sets(void)
{
	TCase *tcase = tcase_create("sets");

	tcase_add_loop_test(tcase, base_variants_are_the_same_functions, 0, 4);
	tcase_add_test(tcase, objects_take_eight_bytes);
	tcase_add_test(tcase, missing_arguments_are_invalid);
	tcase_add_test(tcase, a_set_without_memory_says_so);
	tcase_add_test(tcase, bad_names_and_configurations_are_refused);
	tcase_add_test(tcase, calls_on_no_set_are_protocol_errors);
	tcase_add_test(tcase, create_copies_nothing_back);
	tcase_add_test(tcase,
	    configuration_is_waited_for_in_milliseconds_or_for_ever);
	tcase_add_loop_test(tcase, the_umask_says_whether_the_group_shares, 0,
	    7);
	tcase_add_test(tcase, the_name_lasts_until_close);
	tcase_add_test(tcase,
	    secondaries_attach_once_configured_and_as_late_as_they_like);
	return (tcase);
}
