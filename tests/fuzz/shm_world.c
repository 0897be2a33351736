/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "shm.h"

#include "base/port/shm.h"
#include "base/port/shmguard.h"
#include "runtime/client_private.h"
#include "runtime/name.h"
#include "runtime/server_private.h"
#include "still.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 512u
#define TRANSFER 65536u
#define NS_PER_MS 1000000
/* After the program's last step a call may go on for this many waits: a device
 * that nobody announces takes the client a minute of quarter seconds. */
#define IDLE_WAITS 1000u

/* Which statuses a call may answer with. */
#define S(status) (1u << ((uint32_t)(status) & 15u))
#define S_OK S(VD_NOERROR)
#define S_GONE (S(VD_E_PROTOCOL) | S(VD_E_ABORT))
#define S_SYSTEM                                                               \
	(S(VD_E_MEMORY) | S(VD_E_SECURITY) | S(VD_E_UNEXPECTED))

static vd_status
expect(vd_status status, unsigned allowed)
{
	FUZZ_CHECK(status == VD_NOERROR ||
	    ((uint32_t)status & ~15u) == 0x80770000u);
	FUZZ_CHECK((allowed & S(status)) != 0);
	return (status);
}

static void
device_name(const struct shm_world *world, unsigned index, char name[80])
{
	if (index == 0)
		(void)snprintf(name, 80, "%s", world->name);
	else
		(void)snprintf(name, 80, "%s%u", world->name, index);
}

/* ---- the set-up ------------------------------------------------------- */

static void
create(struct shm_world *world)
{
	static const uint32_t prefixes[] = { 0, 0, 512, 65536 };
	static const uint32_t timeouts[] = { 0, 0, 100, 60000 };
	uint8_t choice = fuzz_take8(&world->input);

	world->wishes.deviceCount = SHM_DEVICES;
	world->wishes.features = VDF_LikePipe | VDF_RequestComplete;
	world->wishes.prefixZoneSize = prefixes[choice % 4];
	world->wishes.serverTimeOut = timeouts[choice / 4 % 4];
	world->wishes.alignment = (choice & 16) != 0 ? 4096 : 0;
	client_set_keep_name(world->client, (choice & 32) != 0);
	FUZZ_CHECK(client_create(world->client, world->name,
	    &world->wishes) == VD_NOERROR);
	shm_intrude(world);
}

static void
open_client(struct shm_world *world, unsigned index)
{
	char name[80];
	vd_status status;

	device_name(world, index, name);
	status = expect(client_open_device(world->client, name,
	    &world->devices[index]), S_OK | S_GONE | S(VD_E_OPEN) |
	    S(VD_E_INVALID) | S(VD_E_TIMEOUT) | S_SYSTEM);
	FUZZ_CHECK((status == VD_NOERROR) == (world->devices[index] != NULL));
}

static void
open_server(struct shm_world *world, unsigned index)
{
	char name[80];
	vd_status status;

	device_name(world, index, name);
	status = expect(server_open_device(world->server, name,
	    &world->partners[index]), S_OK | S_GONE | S(VD_E_OPEN) |
	    S(VD_E_INVALID));
	FUZZ_CHECK((status == VD_NOERROR) ==
	    (world->partners[index] != NULL));
}

static void
configure(struct shm_world *world)
{
	(void)expect(server_begin_configuration(world->server,
	    VDF_WriteMedia | VDF_CompleteEnabled, BLOCK, 0, TRANSFER, 0),
	    S_OK | S_GONE);
	(void)expect(server_request_buffers(world->server, TRANSFER, 0, 2),
	    S_OK | S_GONE);
}

void
shm_advance(struct shm_world *world)
{
	struct VDConfig config;

	switch (world->stage++) {
	case 0:
		create(world);
		break;
	case 1:
		(void)expect(server_open(world->server, world->name), S_OK |
		    S(VD_E_INVALID) | S_SYSTEM);
		break;
	case 2:
		configure(world);
		break;
	case 3:
		(void)expect(server_end_configuration(world->server), S_OK |
		    S_GONE | S(VD_E_MEMORY));
		break;
	case 4:
		open_server(world, 0);
		break;
	case 5:
		open_server(world, 1);
		break;
	case 6:
		(void)expect(client_get_configuration(world->client, 1000,
		    &config), S_OK | S_GONE | S(VD_E_TIMEOUT));
		break;
	case 7:
		open_client(world, 0);
		break;
	case 8:
		open_client(world, 1);
		break;
	default:
		break;
	}
}

/* ---- the client half --------------------------------------------------- */

static bool
is_data(int32_t code)
{
	return (code == VDC_Read || code == VDC_Write);
}

/* Whatever the server said: it lies in an area, prefix zone and all. */
static void
check_command(struct shm_world *world, const struct VDC_Command *command)
{
	uint32_t prefix = world->wishes.prefixZoneSize;
	uint64_t size = 1;
	uint64_t offset;
	uint32_t index;
	unsigned i;

	for (i = 0; i < world->held_count; i++)
		FUZZ_CHECK(world->held[i].command != command);
	if (is_data(command->commandCode)) {
		FUZZ_CHECK(command->buffer != NULL && command->size >= 0);
		size = (uint64_t)command->size;
	}
	if (command->buffer == NULL)
		return;
	FUZZ_CHECK(areas_locate(&world->client->areas, command->buffer,
	    size, &index, &offset));
	FUZZ_CHECK(offset >= prefix);
	memset(command->buffer - prefix, 'p', prefix);
	if (is_data(command->commandCode))
		memset(command->buffer, 'c', (size_t)size);
}

void
shm_client_get(struct shm_world *world)
{
	static const int64_t timeouts[] = { 0, 1, 1000, -1 };
	unsigned index = fuzz_take_below(&world->input, SHM_DEVICES);
	int64_t timeout = timeouts[fuzz_take_below(&world->input, 4)];
	struct VDC_Command *command;
	vd_status status;

	if (world->devices[index] == NULL || world->getting[index] ||
	    world->held_count == SHM_HELD)
		return;
	world->getting[index] = true;
	status = expect(client_get_command(world->devices[index], timeout,
	    &command), S_OK | S_GONE | S(VD_E_CLOSE) | S(VD_E_TIMEOUT));
	world->getting[index] = false;
	FUZZ_CHECK(timeout >= 0 || status != VD_E_TIMEOUT);
	FUZZ_CHECK((status == VD_NOERROR) == (command != NULL));
	if (status != VD_NOERROR || world->held_count == SHM_HELD)
		return;
	check_command(world, command);
	world->held[world->held_count].device = index;
	world->held[world->held_count++].command = command;
}

void
shm_client_complete(struct shm_world *world)
{
	static const uint32_t codes[] = { VD_ERROR_SUCCESS, VD_ERROR_SUCCESS,
		VD_ERROR_DISK_FULL, VD_ERROR_HANDLE_EOF };
	uint32_t code = codes[fuzz_take_below(&world->input, 4)];
	uint32_t count = fuzz_take16(&world->input);
	struct shm_held held;
	unsigned which;
	vd_status status;

	if (world->held_count == 0)
		return;
	which = fuzz_take_below(&world->input, world->held_count);
	held = world->held[which];
	status = expect(client_complete_command(world->devices[held.device],
	    held.command, code, count, 0), S_OK | S_GONE | S(VD_E_INVALID));
	/* Refused for what it says of itself, it stays outstanding. */
	if (status == VD_E_INVALID && is_data(held.command->commandCode))
		FUZZ_CHECK(count > (uint32_t)held.command->size);
	else
		world->held[which] = world->held[--world->held_count];
}

void
shm_client_configuration(struct shm_world *world)
{
	struct VDConfig config = { 0 };
	vd_status status;

	status = expect(client_get_configuration(world->client,
	    fuzz_take8(&world->input), &config), S_OK | S_GONE |
	    S(VD_E_TIMEOUT));
	if (status != VD_NOERROR)
		return;
	FUZZ_CHECK(config.deviceCount == SHM_DEVICES);
	FUZZ_CHECK(config.prefixZoneSize == world->wishes.prefixZoneSize);
	FUZZ_CHECK(config.maxTransferSize <= VD_MAX_TRANSFER_SIZE);
	FUZZ_CHECK(config.blockSize >= VD_MIN_BLOCK_SIZE &&
	    config.blockSize <= VD_MAX_BLOCK_SIZE);
}

void
shm_client_handle(struct shm_world *world)
{
	uint32_t handle = fuzz_take32(&world->input);
	uint8_t *buffer = NULL;
	uint64_t offset;
	uint32_t index;

	if (world->held_count > 0)
		(void)expect(client_get_buffer_handle(world->client,
		    world->held[0].command->buffer, &handle), S_OK |
		    S(VD_E_PROTOCOL) | S(VD_E_INVALID));
	if (expect(client_map_buffer_handle(world->client, handle, &buffer),
	    S_OK | S(VD_E_PROTOCOL) | S(VD_E_INVALID)) != VD_NOERROR)
		return;
	FUZZ_CHECK(areas_locate(&world->client->areas, buffer, 1, &index,
	    &offset));
	*buffer = 'h';
}

void
shm_client_second(struct shm_world *world)
{
	uint8_t *buffer;

	switch (fuzz_take8(&world->input) % 4) {
	case 0:
		(void)expect(client_open_in_secondary(world->second,
		    world->name), S_OK | S_GONE | S_SYSTEM);
		break;
	case 1:
		if (expect(client_map_buffer_handle(world->second,
		    fuzz_take16(&world->input), &buffer), S_OK |
		    S(VD_E_PROTOCOL) | S(VD_E_INVALID)) == VD_NOERROR)
			*buffer = 's';
		break;
	case 2:
		(void)expect(client_signal_abort(world->second), S_OK |
		    S(VD_E_PROTOCOL));
		break;
	default:
		if (world->depth == 0)
			(void)expect(client_close(world->second), S_OK |
			    S(VD_E_OPEN) | S(VD_E_PROTOCOL));
		break;
	}
}

void
shm_client_close(struct shm_world *world)
{
	/* Close waits for the calls of other threads, and this is one. */
	if (world->depth > 0)
		return;
	(void)expect(client_close(world->client), S_OK | S(VD_E_OPEN) |
	    S(VD_E_PROTOCOL));
	world->held_count = 0;
}

/* ---- the server half ---------------------------------------------------- */

static void
on_completion(struct VDS_Command *command)
{
	struct shm_sent *sent = (struct shm_sent *)command;

	sent->calls++;
	FUZZ_CHECK(sent->calls == 1);
	FUZZ_CHECK(command->bytesTransferred >= 0);
	FUZZ_CHECK(command->bytesTransferred <=
	    (is_data(command->commandCode) ? command->size : 0));
}

void
shm_server_send(struct shm_world *world)
{
	static const int32_t codes[] = { VDC_Write, VDC_Read, VDC_Flush,
		VDC_Complete, VDC_ClearError, VDC_Write, 0, 99 };
	unsigned index = fuzz_take_below(&world->input, SHM_DEVICES);
	int32_t code = codes[fuzz_take_below(&world->input, 8)];
	struct shm_buffer *buffer = &world->buffers[fuzz_take_below(
	    &world->input, SHM_BUFFERS)];
	struct shm_sent *sent;

	if (world->partners[index] == NULL || world->sent_count == SHM_SENT)
		return;
	sent = &world->sent[world->sent_count++];
	sent->command.commandCode = code;
	sent->command.completionRoutine = on_completion;
	if (is_data(code)) {
		sent->command.buffer = buffer->at;
		sent->command.size = (int32_t)buffer->size;
	}
	(void)expect(server_send_command(world->partners[index],
	    &sent->command), S_OK | S_GONE | S(VD_E_IO_ERROR) |
	    S(VD_E_INVALID) | S(VD_E_NOTSUPPORTED) | S(VD_E_QUEUE_FULL));
}

void
shm_server_buffer(struct shm_world *world)
{
	struct shm_buffer *buffer = &world->buffers[fuzz_take_below(
	    &world->input, SHM_BUFFERS)];
	uint64_t offset;
	uint32_t index;

	if (buffer->at != NULL) {
		if (expect(server_free_buffer(world->server, buffer->at,
		    buffer->size), S_OK | S_GONE) == VD_NOERROR)
			buffer->at = NULL;
		return;
	}
	buffer->size = fuzz_take8(&world->input) * 512u;
	if (expect(server_allocate_buffer(world->server, &buffer->at,
	    buffer->size, 0), S_OK | S_GONE | S(VD_E_INVALID) |
	    S(VD_E_MEMORY)) != VD_NOERROR)
		return;
	FUZZ_CHECK(areas_locate(&world->server->areas, buffer->at,
	    buffer->size, &index, &offset));
	FUZZ_CHECK(offset >= world->wishes.prefixZoneSize);
	FUZZ_CHECK(server_is_shared_buffer(world->server, buffer->at) == 1);
	memset(buffer->at, 'b', buffer->size);
}

void
shm_server_request(struct shm_world *world)
{
	uint32_t count = 0;

	(void)expect(server_request_buffers(world->server,
	    fuzz_take8(&world->input) * 512u, 0, 1 +
	    fuzz_take8(&world->input) % 3), S_OK | S_GONE | S(VD_E_INVALID) |
	    S(VD_E_MEMORY));
	(void)expect(server_query_available_buffers(world->server, BLOCK, 0,
	    &count), S_OK | S_GONE | S(VD_E_INVALID));
}

void
shm_server_agent(struct shm_world *world)
{
	(void)expect(server_execute_completion_agent(world->server), S_OK |
	    S_GONE);
}

void
shm_server_wait(struct shm_world *world)
{
	(void)expect(server_wait_for_client(world->server,
	    fuzz_take16(&world->input)), S_OK | S_GONE | S(VD_E_TIMEOUT));
}

void
shm_server_close_device(struct shm_world *world)
{
	unsigned index = fuzz_take_below(&world->input, SHM_DEVICES);

	if (world->partners[index] != NULL)
		(void)expect(server_close_device(world->partners[index]),
		    S_OK | S_GONE | S(VD_E_CLOSE));
}

void
shm_server_close(struct shm_world *world)
{
	if (world->depth > 0)
		return;
	(void)expect(server_close(world->server), S_OK | S(VD_E_PROTOCOL));
	memset(world->buffers, 0, sizeof(world->buffers));
}

/* ---- both ---------------------------------------------------------------- */

void
shm_abort(struct shm_world *world)
{
	if (fuzz_take8(&world->input) % 2 == 0) {
		if (expect(client_signal_abort(world->client), S_OK |
		    S(VD_E_PROTOCOL)) == VD_NOERROR)
			FUZZ_CHECK(client_abort_text(world->client)[0] !=
			    '\0');
	} else {
		if (expect(server_signal_abort(world->server), S_OK |
		    S(VD_E_PROTOCOL)) == VD_NOERROR)
			FUZZ_CHECK(server_abort_text(world->server)[0] !=
			    '\0');
	}
}

void
shm_time(struct shm_world *world)
{
	still_pass((int64_t)fuzz_take8(&world->input) * 50 * NS_PER_MS);
}

/* Somebody waits: another thread or process does the next step.  When there
 * is none, both halves are aborted, and the wait has to end. */
static void
work_meanwhile(void *context)
{
	struct shm_world *world = context;

	if (world->input.left > 0 && world->depth < SHM_DEPTH) {
		world->depth++;
		world->step(world);
		world->depth--;
		return;
	}
	if (world->idle++ == 0) {
		(void)client_signal_abort(world->client);
		(void)server_signal_abort(world->server);
	}
	FUZZ_CHECK(world->idle < IDLE_WAITS);
}

/* A set that was closed is of no use, and no danger. */
static void
use_afterwards(struct shm_world *world)
{
	struct VDC_Command *command;
	unsigned i;

	for (i = 0; i < SHM_DEVICES; i++) {
		if (world->devices[i] != NULL) {
			FUZZ_CHECK(client_get_command(world->devices[i], -1,
			    &command) == VD_E_PROTOCOL);
			FUZZ_CHECK(client_complete_command(world->devices[i],
			    NULL, 0, 0, 0) == VD_E_PROTOCOL);
		}
		if (world->partners[i] != NULL)
			FUZZ_CHECK(server_close_device(world->partners[i]) ==
			    VD_E_PROTOCOL);
	}
	for (i = 0; i < world->sent_count; i++)
		FUZZ_CHECK(world->sent[i].calls == 1);
}

static void
end(struct shm_world *world)
{
	char object[NAME_OBJECT_SIZE];
	int fd;

	(void)client_close(world->second);
	(void)client_close(world->client);
	(void)server_close(world->server);
	use_afterwards(world);
	client_set_free(world->second);
	client_set_free(world->client);
	server_set_free(world->server);
	shm_leave(world);
	name_object(world->name, object);
	FUZZ_CHECK(port_shm_open(object, &fd) == ENOENT);
}

/* As our programs do. */
static void
survive(void)
{
	static bool is_installed;

	if (!is_installed)
		FUZZ_CHECK(port_shmguard_install() == 0);
	is_installed = true;
}

void
shm_run(void (*step)(struct shm_world *world), const uint8_t *data,
    size_t size)
{
	struct shm_world *world = calloc(1, sizeof(*world));
	unsigned steps;

	FUZZ_CHECK(world != NULL);
	survive();
	world->input.at = data;
	world->input.left = size;
	world->step = step;
	world->fd = -1;
	(void)snprintf(world->name, sizeof(world->name), "fuzz-%ld",
	    (long)getpid());
	world->client = client_set_new();
	world->second = client_set_new();
	world->server = server_set_new();
	FUZZ_CHECK(world->client != NULL && world->second != NULL &&
	    world->server != NULL);
	still_while_waiting(work_meanwhile, world);
	for (steps = fuzz_take8(&world->input) % 10; steps > 0; steps--)
		shm_advance(world);
	/* The intruder needs something to intrude into. */
	if (world->stage == 0)
		shm_advance(world);
	while (world->input.left > 0)
		step(world);
	still_while_waiting(NULL, NULL);
	end(world);
	free(world);
}
