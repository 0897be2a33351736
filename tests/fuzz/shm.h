/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_SHM_H
#define TESTS_FUZZ_SHM_H

#include "common.h"

#include "runtime/client.h"
#include "runtime/layout.h"
#include "runtime/server.h"

#include <stdbool.h>

/*
 * A device set whose shared memory somebody else writes into.  The input is a
 * program: steps of both halves of the runtime, of an intruder with a mapping
 * of his own, and of time, which stands still otherwise (still.h).
 *
 * shm_run runs the program.  Steps are also run from inside the victim's
 * waits, as by other threads and processes.  shm_halves.c has what is promised
 * of the halves, shm_intruder.c the intruder, and each target the steps that
 * belong to its victim.
 */

#define SHM_DEVICES 2u
#define SHM_SENT 64u
#define SHM_HELD 8u
#define SHM_BUFFERS 4u
#define SHM_DEPTH 3u

/* A command with what became of it. */
struct shm_sent {
	struct VDS_Command command; /* first: callbacks get its address */
	unsigned calls;
};

/* A command that the client has. */
struct shm_held {
	unsigned device;
	struct VDC_Command *command;
};

struct shm_buffer {
	uint8_t *at;
	uint32_t size;
};

struct shm_world {
	struct fuzz_input input;
	void (*step)(struct shm_world *world);
	unsigned depth;       /* of waits within waits */
	unsigned idle;        /* waits with nothing more to do */
	char name[64];
	unsigned stage;       /* legitimate calls made so far, see advance */
	struct VDConfig wishes;

	struct client_set *client;
	struct client_set *second; /* another process of the client's */
	struct server_set *server;
	struct client_device *devices[SHM_DEVICES];
	struct server_device *partners[SHM_DEVICES];
	bool getting[SHM_DEVICES]; /* one thread at a time may */
	struct shm_sent sent[SHM_SENT];
	unsigned sent_count;
	struct shm_held held[SHM_HELD];
	unsigned held_count;
	struct shm_buffer buffers[SHM_BUFFERS];

	/* The intruder's. */
	int fd;
	size_t size;
	struct layout_control *control;
	uint8_t *saved; /* the control area as it was once */
};

/* Both halves, the program, and an orderly end of all of it. */
void shm_run(void (*step)(struct shm_world *world), const uint8_t *data,
    size_t size);

/* Which statuses a call may answer with: the status, if it is one of them. */
#define MAY(status) (1u << ((uint32_t)(status) & 15u))
#define MAY_OK MAY(VD_NOERROR)
#define MAY_GONE (MAY(VD_E_PROTOCOL) | MAY(VD_E_ABORT))
#define MAY_SYSTEM                                                             \
	(MAY(VD_E_MEMORY) | MAY(VD_E_SECURITY) | MAY(VD_E_UNEXPECTED))
vd_status shm_expect(vd_status status, unsigned allowed);

/* The next legitimate call of the set-up: create, open, configure, open the
 * devices.  After the last one, nothing. */
void shm_advance(struct shm_world *world);

/* Steps of the client half, each with its promises. */
void shm_client_get(struct shm_world *world);
void shm_client_complete(struct shm_world *world);
void shm_client_configuration(struct shm_world *world);
void shm_client_handle(struct shm_world *world);
void shm_client_second(struct shm_world *world);
void shm_client_close(struct shm_world *world);

/* Steps of the server half. */
void shm_server_send(struct shm_world *world);
void shm_server_buffer(struct shm_world *world);
void shm_server_request(struct shm_world *world);
void shm_server_agent(struct shm_world *world);
void shm_server_wait(struct shm_world *world);
void shm_server_close_device(struct shm_world *world);
void shm_server_close(struct shm_world *world);

void shm_abort(struct shm_world *world);
void shm_time(struct shm_world *world);

/* Steps of the intruder; they need the control area (world->control). */
void shm_scribble(struct shm_world *world);
void shm_scribble_set(struct shm_world *world);
void shm_scribble_device(struct shm_world *world);
void shm_scribble_entry(struct shm_world *world);
void shm_forge_command(struct shm_world *world);
void shm_forge_completion(struct shm_world *world);
void shm_forge_area(struct shm_world *world);
void shm_save(struct shm_world *world);
void shm_replay(struct shm_world *world);
void shm_grow(struct shm_world *world);
void shm_cut(struct shm_world *world);

/* Find the set's object, which has just been made. */
void shm_intrude(struct shm_world *world);
void shm_leave(struct shm_world *world);

#endif
