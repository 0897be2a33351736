/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "rig.h"

#include "base/clock.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t called = PTHREAD_COND_INITIALIZER;
static unsigned order; /* guarded by lock */

static void
on_completion(struct VDS_Command *command)
{
	struct rig_command *own = (struct rig_command *)command;

	(void)pthread_mutex_lock(&lock);
	own->thread = pthread_self();
	own->order = ++order;
	(void)atomic_fetch_add(&own->calls, 1);
	(void)pthread_cond_broadcast(&called);
	(void)pthread_mutex_unlock(&lock);
}

void
rig_name(char name[64])
{
	static _Atomic unsigned count;

	(void)snprintf(name, 64, "conformance-%ld-%u", (long)getpid(),
	    atomic_fetch_add(&count, 1));
}

void
rig_device_name(const struct rig *rig, unsigned index, char name[80])
{
	if (index == 0)
		(void)snprintf(name, 80, "%s", rig->name);
	else
		(void)snprintf(name, 80, "%s%u", rig->name, index);
}

void
rig_init(struct rig *rig, unsigned devices)
{
	memset(rig, 0, sizeof(*rig));
	rig_name(rig->name);
	rig->wishes.deviceCount = devices;
	rig->client = client_set_new();
	rig->server = server_set_new();
	ck_assert_ptr_nonnull(rig->client);
	ck_assert_ptr_nonnull(rig->server);
}

void
rig_connect(struct rig *rig)
{
	ck_assert_int_eq(client_create(rig->client, rig->name, &rig->wishes),
	    VD_NOERROR);
	ck_assert_int_eq(server_open(rig->server, rig->name), VD_NOERROR);
}

void
rig_configure(struct rig *rig)
{
	ck_assert_int_eq(server_begin_configuration(rig->server,
	    VDF_WriteMedia | VDF_CompleteEnabled, RIG_BLOCK, 0, RIG_TRANSFER,
	    0), VD_NOERROR);
	ck_assert_int_eq(server_request_buffers(rig->server, RIG_TRANSFER, 0,
	    RIG_BUFFERS), VD_NOERROR);
	ck_assert_int_eq(server_end_configuration(rig->server), VD_NOERROR);
}

void
rig_open_server(struct rig *rig)
{
	char name[80];
	unsigned i;

	for (i = 0; i < rig->wishes.deviceCount; i++) {
		rig_device_name(rig, i, name);
		ck_assert_int_eq(server_open_device(rig->server, name,
		    &rig->partners[i]), VD_NOERROR);
	}
}

void
rig_open_client(struct rig *rig)
{
	char name[80];
	unsigned i;

	for (i = 0; i < rig->wishes.deviceCount; i++) {
		rig_device_name(rig, i, name);
		ck_assert_int_eq(client_open_device(rig->client, name,
		    &rig->devices[i]), VD_NOERROR);
	}
}

static void *
run_agent(void *context)
{
	struct rig *rig = context;

	rig->agent_status = server_execute_completion_agent(rig->server);
	return (NULL);
}

void
rig_start_agent(struct rig *rig)
{
	ck_assert_int_eq(pthread_create(&rig->agent, NULL, run_agent, rig), 0);
	rig->agent_started = true;
}

vd_status
rig_join_agent(struct rig *rig)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_PATIENCE_MS / 1000;
	ck_assert_int_eq(pthread_timedjoin_np(rig->agent, NULL, &until), 0);
	rig->agent_started = false;
	return (rig->agent_status);
}

void
rig_start(struct rig *rig, unsigned devices)
{
	rig_init(rig, devices);
	rig_connect(rig);
	rig_configure(rig);
	rig_start_agent(rig);
	rig_open_server(rig);
	rig_open_client(rig);
}

void
rig_release(struct rig *rig)
{
	(void)client_close(rig->client);
	(void)server_close(rig->server);
	if (rig->agent_started)
		(void)rig_join_agent(rig);
	client_set_free(rig->client);
	server_set_free(rig->server);
}

void
rig_prepare(struct rig_command *command, int32_t code, uint8_t *buffer,
    uint32_t size)
{
	memset(command, 0, sizeof(*command));
	command->command.commandCode = code;
	command->command.size = (int32_t)size;
	command->command.buffer = buffer;
	command->command.completionRoutine = on_completion;
	command->command.completionCode = -1;
}

void
rig_send(struct server_device *device, struct rig_command *command,
    int32_t code, uint8_t *buffer, uint32_t size)
{
	rig_prepare(command, code, buffer, size);
	ck_assert_int_eq(server_send_command(device, &command->command),
	    VD_NOERROR);
}

int
rig_await(struct rig_command *command)
{
	struct timespec until;
	int code = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_PATIENCE_MS / 1000;
	(void)pthread_mutex_lock(&lock);
	while (atomic_load(&command->calls) == 0 && code == 0)
		code = pthread_cond_timedwait(&called, &lock, &until);
	(void)pthread_mutex_unlock(&lock);
	return (atomic_load(&command->calls));
}

uint32_t
rig_answer(struct rig_command *command)
{
	ck_assert_int_eq(rig_await(command), 1);
	return ((uint32_t)command->command.completionCode);
}

uint8_t *
rig_buffer(struct rig *rig)
{
	uint8_t *buffer;

	ck_assert_int_eq(server_allocate_buffer(rig->server, &buffer,
	    RIG_TRANSFER, 0), VD_NOERROR);
	return (buffer);
}

struct VDC_Command *
rig_next(struct client_device *device)
{
	struct VDC_Command *command;

	ck_assert_int_eq(client_get_command(device, RIG_PATIENCE_MS, &command),
	    VD_NOERROR);
	return (command);
}

void
rig_complete(struct client_device *device, struct VDC_Command *command,
    uint32_t code)
{
	ck_assert_int_eq(client_complete_command(device, command, code,
	    code == VD_ERROR_SUCCESS ? (uint32_t)command->size : 0, 0),
	    VD_NOERROR);
}

bool
rig_until(bool (*condition)(void *), void *context)
{
	const struct timespec pause = { 0, 1000000 };
	struct deadline deadline = clock_deadline(RIG_PATIENCE_MS);

	while (!condition(context)) {
		if (clock_has_passed(deadline))
			return (false);
		(void)nanosleep(&pause, NULL);
	}
	return (true);
}
