/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/* Steps of the two halves of the runtime, and what is promised of them. */

#include "shm.h"

#include "runtime/client_private.h"
#include "runtime/server_private.h"

#include <string.h>

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
	status = shm_expect(client_get_command(world->devices[index], timeout,
	    &command), MAY_OK | MAY_GONE | MAY(VD_E_CLOSE) | MAY(VD_E_TIMEOUT));
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
	status = shm_expect(client_complete_command(world->devices[held.device],
	    held.command, code, count, 0), MAY_OK | MAY_GONE |
	    MAY(VD_E_INVALID));
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

	status = shm_expect(client_get_configuration(world->client,
	    fuzz_take8(&world->input), &config), MAY_OK | MAY_GONE |
	    MAY(VD_E_TIMEOUT));
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
		(void)shm_expect(client_get_buffer_handle(world->client,
		    world->held[0].command->buffer, &handle), MAY_OK |
		    MAY(VD_E_PROTOCOL) | MAY(VD_E_INVALID));
	if (shm_expect(client_map_buffer_handle(world->client, handle, &buffer),
	    MAY_OK | MAY(VD_E_PROTOCOL) | MAY(VD_E_INVALID)) != VD_NOERROR)
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
		(void)shm_expect(client_open_in_secondary(world->second,
		    world->name), MAY_OK | MAY_GONE | MAY_SYSTEM);
		break;
	case 1:
		if (shm_expect(client_map_buffer_handle(world->second,
		    fuzz_take16(&world->input), &buffer), MAY_OK |
		    MAY(VD_E_PROTOCOL) | MAY(VD_E_INVALID)) == VD_NOERROR)
			*buffer = 's';
		break;
	case 2:
		(void)shm_expect(client_signal_abort(world->second), MAY_OK |
		    MAY(VD_E_PROTOCOL));
		break;
	default:
		if (world->depth == 0)
			(void)shm_expect(client_close(world->second), MAY_OK |
			    MAY(VD_E_OPEN) | MAY(VD_E_PROTOCOL));
		break;
	}
}

void
shm_client_close(struct shm_world *world)
{
	/* Close waits for the calls of other threads, and this is one. */
	if (world->depth > 0)
		return;
	(void)shm_expect(client_close(world->client), MAY_OK | MAY(VD_E_OPEN) |
	    MAY(VD_E_PROTOCOL));
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
	(void)shm_expect(server_send_command(world->partners[index],
	    &sent->command), MAY_OK | MAY_GONE | MAY(VD_E_IO_ERROR) |
	    MAY(VD_E_INVALID) | MAY(VD_E_NOTSUPPORTED) | MAY(VD_E_QUEUE_FULL));
}

void
shm_server_buffer(struct shm_world *world)
{
	struct shm_buffer *buffer = &world->buffers[fuzz_take_below(
	    &world->input, SHM_BUFFERS)];
	uint64_t offset;
	uint32_t index;

	if (buffer->at != NULL) {
		if (shm_expect(server_free_buffer(world->server, buffer->at,
		    buffer->size), MAY_OK | MAY_GONE) == VD_NOERROR)
			buffer->at = NULL;
		return;
	}
	buffer->size = fuzz_take8(&world->input) * 512u;
	if (shm_expect(server_allocate_buffer(world->server, &buffer->at,
	    buffer->size, 0), MAY_OK | MAY_GONE | MAY(VD_E_INVALID) |
	    MAY(VD_E_MEMORY)) != VD_NOERROR)
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

	(void)shm_expect(server_request_buffers(world->server,
	    fuzz_take8(&world->input) * 512u, 0, 1 +
	    fuzz_take8(&world->input) % 3), MAY_OK | MAY_GONE |
	    MAY(VD_E_INVALID) | MAY(VD_E_MEMORY));
	(void)shm_expect(server_query_available_buffers(world->server,
	    VD_MIN_BLOCK_SIZE, 0, &count), MAY_OK | MAY_GONE |
	    MAY(VD_E_INVALID));
}

void
shm_server_agent(struct shm_world *world)
{
	(void)shm_expect(server_execute_completion_agent(world->server),
	    MAY_OK | MAY_GONE);
}

void
shm_server_wait(struct shm_world *world)
{
	(void)shm_expect(server_wait_for_client(world->server,
	    fuzz_take16(&world->input)), MAY_OK | MAY_GONE | MAY(VD_E_TIMEOUT));
}

void
shm_server_close_device(struct shm_world *world)
{
	unsigned index = fuzz_take_below(&world->input, SHM_DEVICES);

	if (world->partners[index] != NULL)
		(void)shm_expect(server_close_device(world->partners[index]),
		    MAY_OK | MAY_GONE | MAY(VD_E_CLOSE));
}

void
shm_server_close(struct shm_world *world)
{
	if (world->depth > 0)
		return;
	(void)shm_expect(server_close(world->server), MAY_OK |
	    MAY(VD_E_PROTOCOL));
	memset(world->buffers, 0, sizeof(world->buffers));
}
