/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "shm.h"

#include "base/port/shm.h"
#include "base/port/shmguard.h"
#include "runtime/name.h"
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

vd_status
shm_expect(vd_status status, unsigned allowed)
{
	FUZZ_CHECK(status == VD_NOERROR ||
	    ((uint32_t)status & ~15u) == 0x80770000u);
	FUZZ_CHECK((allowed & MAY(status)) != 0);
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
	status = shm_expect(client_open_device(world->client, name,
	    &world->devices[index]), MAY_OK | MAY_GONE | MAY(VD_E_OPEN) |
	    MAY(VD_E_INVALID) | MAY(VD_E_TIMEOUT) | MAY_SYSTEM);
	FUZZ_CHECK((status == VD_NOERROR) == (world->devices[index] != NULL));
}

static void
open_server(struct shm_world *world, unsigned index)
{
	char name[80];
	vd_status status;

	device_name(world, index, name);
	status = shm_expect(server_open_device(world->server, name,
	    &world->partners[index]), MAY_OK | MAY_GONE | MAY(VD_E_OPEN) |
	    MAY(VD_E_INVALID));
	FUZZ_CHECK((status == VD_NOERROR) ==
	    (world->partners[index] != NULL));
}

static void
configure(struct shm_world *world)
{
	(void)shm_expect(server_begin_configuration(world->server,
	    VDF_WriteMedia | VDF_CompleteEnabled, BLOCK, 0, TRANSFER, 0),
	    MAY_OK | MAY_GONE);
	(void)shm_expect(server_request_buffers(world->server, TRANSFER, 0, 2),
	    MAY_OK | MAY_GONE);
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
		(void)shm_expect(server_open(world->server, world->name),
		    MAY_OK | MAY(VD_E_INVALID) | MAY_SYSTEM);
		break;
	case 2:
		configure(world);
		break;
	case 3:
		(void)shm_expect(server_end_configuration(world->server),
		    MAY_OK | MAY_GONE | MAY(VD_E_MEMORY));
		break;
	case 4:
		open_server(world, 0);
		break;
	case 5:
		open_server(world, 1);
		break;
	case 6:
		(void)shm_expect(client_get_configuration(world->client, 1000,
		    &config), MAY_OK | MAY_GONE | MAY(VD_E_TIMEOUT));
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

/* ---- both ---------------------------------------------------------------- */

void
shm_abort(struct shm_world *world)
{
	if (fuzz_take8(&world->input) % 2 == 0) {
		if (shm_expect(client_signal_abort(world->client), MAY_OK |
		    MAY(VD_E_PROTOCOL)) == VD_NOERROR)
			FUZZ_CHECK(client_abort_text(world->client)[0] !=
			    '\0');
	} else {
		if (shm_expect(server_signal_abort(world->server), MAY_OK |
		    MAY(VD_E_PROTOCOL)) == VD_NOERROR)
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
