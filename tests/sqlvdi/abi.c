/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "abi.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET "_ZN22ClientVirtualDeviceSet"
#define DEVICE "_ZN19ClientVirtualDevice"
#define CANARY 0xA5

struct abi abi;
static void *library;
static char path[4096];

void *
abi_symbol(const char *name)
{
	void *symbol = dlsym(library, name);

	if (symbol == NULL) {
		printf("%s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	return (symbol);
}

void
abi_load(void)
{
	const char *folder = getenv("top_builddir");

	(void)snprintf(path, sizeof(path), "%s/.libs/libsqlvdi.so",
	    folder != NULL ? folder : ".");
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		printf("%s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	abi.set_construct = abi_symbol(SET "C1Ev");
	abi.set_destroy = abi_symbol(SET "D1Ev");
	abi.create = abi_symbol(SET "6CreateEPcP8VDConfig");
	abi.get_configuration =
	    abi_symbol(SET "16GetConfigurationElP8VDConfig");
	abi.open_device =
	    abi_symbol(SET "10OpenDeviceEPcPP19ClientVirtualDevice");
	abi.close = abi_symbol(SET "5CloseEv");
	abi.signal_abort = abi_symbol(SET "11SignalAbortEv");
	abi.open_in_secondary = abi_symbol(SET "15OpenInSecondaryEPc");
	abi.get_buffer_handle = abi_symbol(SET "15GetBufferHandleEPhPj");
	abi.map_buffer_handle = abi_symbol(SET "15MapBufferHandleEiPPh");
	abi.register_device_closed =
	    abi_symbol(SET "20RegisterDeviceClosedEv");
	abi.device_construct = abi_symbol(DEVICE "C1Ev");
	abi.device_destroy = abi_symbol(DEVICE "D1Ev");
	abi.get_command = abi_symbol(DEVICE "10GetCommandElPP11VDC_Command");
	abi.complete_command =
	    abi_symbol(DEVICE "15CompleteCommandEP11VDC_Commandiml");
}

void
abi_unload(void)
{
	ck_assert_int_eq(dlclose(library), 0);
	ck_assert_ptr_null(dlopen(path, RTLD_NOW | RTLD_NOLOAD));
}

void
abi_prepare(struct object *object)
{
	memset(object, CANARY, sizeof(*object));
}

void
abi_check(const struct object *object)
{
	size_t i;

	for (i = 0; i < sizeof(object->before); i++) {
		ck_assert_uint_eq(object->before[i], CANARY);
		ck_assert_uint_eq(object->after[i], CANARY);
	}
}

void
session_configure(struct session *session, unsigned devices)
{
	struct rig *rig = &session->rig;

	memset(session, 0, sizeof(*session));
	rig_init(rig, devices);
	abi_prepare(&session->set);
	abi.set_construct(&session->set.inside);
	ck_assert_int_eq(abi.create(&session->set.inside, rig->name,
	    &rig->wishes), VD_NOERROR);
	ck_assert_int_eq(server_open(rig->server, rig->name), VD_NOERROR);
	rig_configure(rig);
}

void
session_start(struct session *session, unsigned devices)
{
	struct VDConfig config;
	char name[80];
	unsigned i;

	session_configure(session, devices);
	rig_start_agent(&session->rig);
	rig_open_server(&session->rig);
	ck_assert_int_eq(abi.get_configuration(&session->set.inside,
	    RIG_PATIENCE_MS, &config), VD_NOERROR);
	for (i = 0; i < devices; i++) {
		rig_device_name(&session->rig, i, name);
		ck_assert_int_eq(abi.open_device(&session->set.inside, name,
		    &session->devices[i]), VD_NOERROR);
		ck_assert_ptr_nonnull(session->devices[i]);
	}
}

void
session_end_devices(struct session *session)
{
	struct VDC_Command *command;
	unsigned i;

	for (i = 0; i < session->rig.wishes.deviceCount; i++) {
		ck_assert_int_eq(server_close_device(session->rig.partners[i]),
		    VD_NOERROR);
		ck_assert_int_eq(abi.get_command(session->devices[i],
		    RIG_PATIENCE_MS, &command), VD_E_CLOSE);
	}
}

void
session_release(struct session *session)
{
	abi.set_destroy(&session->set.inside);
	abi_check(&session->set);
	rig_release(&session->rig);
}
