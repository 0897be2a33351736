/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The server half, and a client that is none: its entries are forged and its
 * words scribbled on between the server's calls and inside its waits.
 */

#include "shm.h"

static void
step(struct shm_world *world)
{
	static void (*const steps[])(struct shm_world *) = {
		shm_advance,
		shm_server_send,
		shm_server_send,
		shm_server_buffer,
		shm_server_request,
		shm_server_agent,
		shm_server_wait,
		shm_server_close_device,
		shm_server_close,
		shm_forge_completion,
		shm_forge_completion,
		shm_scribble,
		shm_scribble_set,
		shm_scribble_device,
		shm_scribble_entry,
		shm_forge_area,
		shm_save,
		shm_replay,
		shm_grow,
		shm_abort,
		shm_time,
		shm_client_get,
		shm_client_complete,
		shm_client_close,
		shm_cut,
	};

	steps[fuzz_take8(&world->input) % ARRAY_COUNT(steps)](world);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	shm_run(step, data, size);
	return (0);
}
