/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "seeds.h"

#include <stdio.h>
#include <string.h>

/*
 * Programs for the targets engine, pump, shm_client and shm_server.  A byte
 * of the last two is a step's number, by its place in the target's table;
 * behind it stand the bytes that the step takes.
 */

#define ALL_OPEN 9 /* so many calls of the set-up have been made */

/* Of shm_server.c. */
enum { SERVER_SEND = 1, SERVER_BUFFER = 3, SERVER_REQUEST, SERVER_AGENT,
	SERVER_WAIT, SERVER_CLOSE_DEVICE, SERVER_CLOSE,
	SERVER_FORGE_COMPLETION, SERVER_SCRIBBLE = 11, SERVER_SCRIBBLE_SET,
	SERVER_AREA = 15, SERVER_SAVE, SERVER_REPLAY, SERVER_GROW,
	SERVER_ABORT, SERVER_TIME, SERVER_GET, SERVER_COMPLETE,
	SERVER_CLIENT_CLOSE, SERVER_CUT };
/* Of shm_client.c. */
enum { CLIENT_GET = 1, CLIENT_COMPLETE = 3, CLIENT_CONFIGURATION,
	CLIENT_HANDLE, CLIENT_SECOND, CLIENT_CLOSE, CLIENT_FORGE_COMMAND,
	CLIENT_AREA = 10, CLIENT_SCRIBBLE, CLIENT_SCRIBBLE_SET,
	CLIENT_SAVE = 15, CLIENT_REPLAY, CLIENT_GROW, CLIENT_ABORT,
	CLIENT_TIME, CLIENT_SEND, CLIENT_BUFFER, CLIENT_CLOSE_DEVICE,
	CLIENT_SERVER_CLOSE, CLIENT_CUT };

#define PUT(target, name, ...)                                                 \
	do {                                                                   \
		static const uint8_t program_[] = { __VA_ARGS__ };             \
		seeds_put(target, name, program_, sizeof(program_));           \
	} while (0)

static void
server_programs(void)
{
	/* A write to each device, answered by the client's own half. */
	PUT("shm_server", "answered", ALL_OPEN, 0,
	    SERVER_BUFFER, 0, 4, SERVER_SEND, 0, 0, 0, SERVER_SEND, 1, 0, 0,
	    SERVER_GET, 0, 1, SERVER_COMPLETE, 0, 0, 8, 0,
	    SERVER_GET, 1, 1, SERVER_COMPLETE, 2, 0, 0, 0,
	    SERVER_CLOSE_DEVICE, 0, SERVER_CLOSE_DEVICE, 1, SERVER_AGENT,
	    SERVER_GET, 0, 1, SERVER_GET, 1, 1, SERVER_CLIENT_CLOSE,
	    SERVER_CLOSE);
	/* The same, answered by forged completions in the agent's waits. */
	PUT("shm_server", "forged", ALL_OPEN, 1,
	    SERVER_BUFFER, 0, 4, SERVER_SEND, 0, 0, 0, SERVER_SEND, 0, 2, 0,
	    SERVER_AGENT,
	    SERVER_FORGE_COMPLETION, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 8, 0, 0,
	    SERVER_FORGE_COMPLETION, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0,
	    SERVER_FORGE_COMPLETION, 0, 2, 0, 1, 0, 1, 0, 0, 0, 0);
	PUT("shm_server", "early", 2, 2, SERVER_SCRIBBLE_SET, 6, 1, 1, 0, 0,
	    0, SERVER_SCRIBBLE_SET, 2, 0, 3, 0, 0, 0, 0, 0);
	PUT("shm_server", "grown", ALL_OPEN, 0, SERVER_GROW, 3,
	    SERVER_REQUEST, 9, 1, SERVER_AREA, 1, 0, 9, 0, 0, 4, 0, 2,
	    SERVER_BUFFER, 1, 200, SERVER_TIME, 200, SERVER_WAIT, 1, 1);
	PUT("shm_server", "cut", ALL_OPEN, 0, SERVER_BUFFER, 0, 4,
	    SERVER_SEND, 0, 0, 0, SERVER_CUT, 16, SERVER_BUFFER, 1, 9,
	    SERVER_SEND, 0, 0, 1, SERVER_CUT, 1, SERVER_AGENT,
	    SERVER_CLOSE_DEVICE, 0);
	PUT("shm_server", "stale", ALL_OPEN, 32, SERVER_SAVE, SERVER_BUFFER,
	    0, 1, SERVER_SEND, 0, 0, 0, SERVER_REPLAY, 0x80, 0x45, 200,
	    SERVER_SEND, 0, 0, 0, SERVER_SCRIBBLE, 0, 0x46, 3, 1, 2, 3,
	    SERVER_ABORT, 1, SERVER_AGENT, SERVER_CLOSE);
}

static void
client_programs(void)
{
	PUT("shm_client", "served", ALL_OPEN, 0, CLIENT_CONFIGURATION, 9,
	    CLIENT_BUFFER, 0, 4, CLIENT_SEND, 0, 0, 0, CLIENT_SEND, 1, 1, 0,
	    CLIENT_GET, 0, 1, CLIENT_HANDLE, 0, 0, 0, 0, CLIENT_COMPLETE, 0,
	    0, 8, 0, CLIENT_GET, 1, 3, CLIENT_COMPLETE, 2, 0, 0, 0,
	    CLIENT_CLOSE_DEVICE, 0, CLIENT_CLOSE_DEVICE, 1,
	    CLIENT_GET, 0, 3, CLIENT_GET, 1, 3, CLIENT_CLOSE);
	PUT("shm_client", "forged", ALL_OPEN, 2,
	    CLIENT_FORGE_COMMAND, 0, 0, 0, 0, 2, 3, 0, 2, 0, 0, 3, 0, 2, 0,
	    0, 0, 0, 1,
	    CLIENT_GET, 0, 3, CLIENT_COMPLETE, 0, 0, 2, 0,
	    CLIENT_FORGE_COMMAND, 0, 1, 0, 1, 12, 0, 0, 0, 0, 2, 23, 1,
	    CLIENT_GET, 0, 3);
	PUT("shm_client", "areas", ALL_OPEN, 0,
	    CLIENT_AREA, 1, 0, 1, 0, 0, 1, 0, 2, CLIENT_GROW, 16,
	    CLIENT_FORGE_COMMAND, 1, 0, 0, 0, 1, 0, 9, 0, 9, 0, 1, 1,
	    CLIENT_GET, 1, 2, CLIENT_SECOND, 0, CLIENT_SECOND, 1, 4, 1,
	    CLIENT_SECOND, 3);
	PUT("shm_client", "unnamed", 4, 0, CLIENT_SCRIBBLE_SET, 17, 0, 3, 0,
	    0, 0, 0, 0, 0, CLIENT_TIME, 9, CLIENT_CONFIGURATION, 1);
	PUT("shm_client", "cut", ALL_OPEN, 0, CLIENT_BUFFER, 0, 4,
	    CLIENT_SEND, 0, 0, 0, CLIENT_CUT, 16, CLIENT_GET, 0, 1,
	    CLIENT_COMPLETE, 0, 0, 0, 0, CLIENT_CUT, 0, CLIENT_GET, 0, 3);
	PUT("shm_client", "stale", ALL_OPEN, 48, CLIENT_SAVE, CLIENT_BUFFER,
	    0, 1, CLIENT_SEND, 0, 0, 0, CLIENT_GET, 0, 0, CLIENT_REPLAY, 0x80,
	    0x45, 200, CLIENT_GET, 0, 1, CLIENT_SCRIBBLE, 0, 0x46, 3, 1, 2,
	    3, CLIENT_ABORT, 1, CLIENT_GET, 0, 3, CLIENT_SERVER_CLOSE);
}

/* Each statement on each kind of device, with the truth and without. */
static void
engine_programs(void)
{
	enum { STATEMENTS = 11, DEVICES = 24 };
	uint8_t program[40];
	char name[16];
	unsigned i;
	size_t k;

	for (i = 0; i < STATEMENTS * 3; i++) {
		memset(program, 0, sizeof(program));
		program[0] = (uint8_t)(i % STATEMENTS);
		program[1] = (uint8_t)(i * 5 % DEVICES);
		(void)snprintf(name, sizeof(name), "plays-%u", i);
		for (k = 2; k < sizeof(program) && i >= STATEMENTS; k++)
			program[k] = k % 7 == i % 7 ? (uint8_t)(128 + k) :
			    (uint8_t)(k % 3);
		seeds_put("engine", name, program, sizeof(program));
	}
}

/* Commands of target pump: writes of all sizes, flushes, the end; reads. */
static void
pump_programs(void)
{
	uint8_t program[81];
	char name[16];
	unsigned i;
	size_t k;

	for (i = 0; i < 6; i++) {
		memset(program, 0, sizeof(program));
		for (k = 1; k < sizeof(program); k++)
			program[k] = (uint8_t)(k % 2 == 1 && k % (11 + i) == 0 ?
			    160 + (k + i) % 11 : k * (37 + i * 20) % 251);
		(void)snprintf(name, sizeof(name), "pumped-%u", i);
		seeds_put("pump", name, program, sizeof(program));
	}
}

void
seeds_programs(void)
{
	engine_programs();
	pump_programs();
	server_programs();
	client_programs();
}
