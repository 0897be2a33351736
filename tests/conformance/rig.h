/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_RIG_H
#define TESTS_CONFORMANCE_RIG_H

#include "runtime/client.h"
#include "runtime/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * Both halves of a device set in one process, and what tests do with them
 * over and over.  Nothing here has a test's opinion: failures to set up end
 * the test through Check's assertions.
 */

#define RIG_BLOCK 512u
#define RIG_TRANSFER 65536u
#define RIG_BUFFERS 16u
#define RIG_PATIENCE_MS 20000

/* A command with what became of it. */
struct rig_command {
	struct VDS_Command command; /* first: callbacks get its address */
	_Atomic int calls;          /* how often it was called back */
	pthread_t thread;           /* where */
	unsigned order;             /* 1 for the first callback of the test */
};

struct rig {
	char name[64];
	struct VDConfig wishes;
	struct client_set *client;
	struct server_set *server;
	struct client_device *devices[VD_MAX_DEVICES];
	struct server_device *partners[VD_MAX_DEVICES];
	pthread_t agent;
	bool agent_started;
	vd_status agent_status;
};

/* A name that no other test uses. */
void rig_name(char name[64]);
/* "NAME" for 0, "NAME1", "NAME2" ...: device names as the samples make them. */
void rig_device_name(const struct rig *rig, unsigned index, char name[80]);

/* Objects and wishes for that many devices; nothing is created. */
void rig_init(struct rig *rig, unsigned devices);
/* client_create and server_open. */
void rig_connect(struct rig *rig);
/* Up to the server's EndConfiguration with RIG_BUFFERS buffers. */
void rig_configure(struct rig *rig);
/* Everything open, the agent running. */
void rig_start(struct rig *rig, unsigned devices);
void rig_open_server(struct rig *rig);
void rig_open_client(struct rig *rig);
void rig_start_agent(struct rig *rig);
/* The agent's status once it has returned; fails the test if it does not. */
vd_status rig_join_agent(struct rig *rig);
/* Close whatever is open and free everything. */
void rig_release(struct rig *rig);

/* A command ready to send; buffer may be NULL. */
void rig_prepare(struct rig_command *command, int32_t code, uint8_t *buffer,
    uint32_t size);
/* The same, sent; the status must be VD_NOERROR. */
void rig_send(struct server_device *device, struct rig_command *command,
    int32_t code, uint8_t *buffer, uint32_t size);
/* Wait for the callback; how often it has come, 0 when patience ends. */
int rig_await(struct rig_command *command);
/* The same, once, and its completion code. */
uint32_t rig_answer(struct rig_command *command);
uint8_t *rig_buffer(struct rig *rig);
/* The next command of a device, which must be there in time. */
struct VDC_Command *rig_next(struct client_device *device);
/* Complete it; the status must be VD_NOERROR. */
void rig_complete(struct client_device *device, struct VDC_Command *command,
    uint32_t code);
/* Poll until the condition holds; false when patience ends. */
bool rig_until(bool (*condition)(void *), void *context);

#endif
