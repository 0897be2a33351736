/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * How fast commands travel between a server and a client process that does
 * nothing with them, beside a bare ping-pong over the same gates.  A report
 * for people; no test depends on it.
 *
 *     bench-runtime [ROUNDS]
 */

#include "base/clock.h"
#include "base/num.h"
#include "base/port/gate.h"
#include "runtime/client.h"
#include "runtime/server.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SMALL 65536u
#define LARGE 1048576u
#define DEPTH 8u
#define LARGE_COUNT 1024u /* times LARGE: 1 GiB */
#define WAIT_NS 1000000000
#define RETRY_NS 1000000

static void
fail(const char *what)
{
	(void)fprintf(stderr, "bench-runtime: %s failed\n", what);
	_exit(1);
}

static int
compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return ((left > right) - (left < right));
}

static int64_t
median(int64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	return (times[count / 2]);
}

static void
await(struct port_gate *gate, uint32_t seen)
{
	while (port_gate_read(gate) == seen)
		if (!port_gate_spin(gate, seen))
			port_gate_wait(gate, seen, WAIT_NS);
}

/* The least that a round trip between two processes can cost with these
 * waits. */
static int64_t
ping_pong(int64_t *times, size_t rounds)
{
	struct port_gate *gates;
	int64_t start;
	uint32_t seen;
	size_t i;
	pid_t child;

	gates = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (gates == MAP_FAILED)
		fail("mmap");
	child = fork();
	if (child == 0) {
		for (i = 0; i < rounds; i++) {
			await(&gates[0], (uint32_t)i);
			port_gate_bump(&gates[64]);
		}
		_exit(0);
	}
	for (i = 0; i < rounds; i++) {
		seen = (uint32_t)i;
		start = clock_now_ns();
		port_gate_bump(&gates[0]);
		await(&gates[64], seen);
		times[i] = clock_now_ns() - start;
	}
	(void)waitpid(child, NULL, 0);
	(void)munmap(gates, 4096);
	return (median(times, rounds));
}

static void
run_client(const char *name)
{
	struct VDConfig config = { .deviceCount = 1 };
	struct client_device *device;
	struct VDC_Command *command;
	struct client_set *set;
	vd_status status;

	set = client_set_new();
	if (set == NULL || client_create(set, name, &config) != VD_NOERROR ||
	    client_get_configuration(set, -1, &config) != VD_NOERROR ||
	    client_open_device(set, name, &device) != VD_NOERROR)
		fail("client");
	while ((status = client_get_command(device, -1, &command)) ==
	    VD_NOERROR)
		if (client_complete_command(device, command, 0,
		    (uint32_t)command->size, 0) != VD_NOERROR)
			fail("complete");
	if (status != VD_E_CLOSE || client_close(set) != VD_NOERROR)
		fail("end");
	client_set_free(set);
}

static struct port_gate answered;

/* Send, call back, send from the callback: nobody else takes part. */
struct chain {
	struct server_device *device;
	int64_t *times, start; /* times: NULL where only the whole counts */
	size_t sent, done, rounds;
};

static void
on_link(struct VDS_Command *command)
{
	struct chain *chain = command->completionContext;
	int64_t now = clock_now_ns();

	if (chain->times != NULL)
		chain->times[chain->done] = now - chain->start;
	if (++chain->done == chain->rounds) {
		/* The chain is gone as soon as this is seen. */
		port_gate_bump(&answered);
		return;
	}
	if (chain->sent == chain->rounds)
		return;
	chain->sent++;
	if (chain->times != NULL)
		chain->start = now;
	if (server_send_command(chain->device, command) != VD_NOERROR)
		fail("send");
}

static void *
run_agent(void *set)
{
	if (server_execute_completion_agent(set) != VD_NOERROR)
		fail("agent");
	return (NULL);
}

static struct server_set *
start_server(const char *name, struct server_device **device,
    pthread_t *agent)
{
	const struct timespec pause = { 0, RETRY_NS };
	struct server_set *set;
	int tries;

	set = server_set_new();
	if (set == NULL)
		fail("server");
	for (tries = 0; server_open(set, name) != VD_NOERROR; tries++) {
		if (tries == 5000)
			fail("server open");
		(void)nanosleep(&pause, NULL);
	}
	if (server_begin_configuration(set, VDF_WriteMedia, 512, 0,
	    LARGE, 0) != VD_NOERROR ||
	    server_request_buffers(set, LARGE, 0, DEPTH) != VD_NOERROR ||
	    server_end_configuration(set) != VD_NOERROR ||
	    pthread_create(agent, NULL, run_agent, set) != 0 ||
	    server_open_device(set, name, device) != VD_NOERROR ||
	    server_wait_for_client(set, 10000) != VD_NOERROR)
		fail("server start");
	return (set);
}

/* Keep depth commands of that size under way; nanoseconds for all.  times
 * takes one per command where depth is 1. */
static int64_t
stream(struct server_device *device, uint8_t **buffers, unsigned depth,
    uint32_t size, size_t count, int64_t *times)
{
	struct chain chain = { device, times, clock_now_ns(), depth, 0,
		count };
	struct VDS_Command commands[DEPTH];
	uint32_t seen = port_gate_read(&answered);
	int64_t start = clock_now_ns();
	unsigned i;

	memset(commands, 0, sizeof(commands));
	for (i = 0; i < depth; i++) {
		commands[i].commandCode = VDC_Write;
		commands[i].size = (int32_t)size;
		commands[i].buffer = buffers[i];
		commands[i].completionRoutine = on_link;
		commands[i].completionContext = &chain;
		if (server_send_command(device, &commands[i]) != VD_NOERROR)
			fail("send");
	}
	/* Asleep, not at the gate: its spinning would take a processor. */
	while (port_gate_read(&answered) == seen)
		port_gate_wait(&answered, seen, WAIT_NS);
	return (clock_now_ns() - start);
}

int
main(int argc, char **argv)
{
	struct server_device *device;
	struct server_set *set;
	uint8_t *buffers[DEPTH];
	pthread_t agent;
	char name[64];
	int64_t rounds = 20000, bare, trip, ns, *times;
	pid_t child;
	size_t i;

	if (argc > 2 || (argc == 2 &&
	    num_parse(argv[1], 100, 10000000, &rounds) != 0)) {
		(void)fprintf(stderr, "usage: bench-runtime [ROUNDS]\n");
		return (2);
	}
	times = calloc((size_t)rounds, sizeof(*times));
	if (times == NULL)
		fail("calloc");
	(void)snprintf(name, sizeof(name), "bench-%ld", (long)getpid());
	bare = ping_pong(times, (size_t)rounds);
	child = fork();
	if (child == 0) {
		run_client(name);
		_exit(0);
	}
	set = start_server(name, &device, &agent);
	for (i = 0; i < DEPTH; i++)
		if (server_allocate_buffer(set, &buffers[i], LARGE, 0) !=
		    VD_NOERROR)
			fail("allocate");
	(void)stream(device, buffers, 1, SMALL, (size_t)rounds, times);
	trip = median(times, (size_t)rounds);
	(void)printf("bare ping-pong     %6.2f us median\n",
	    (double)bare / 1e3);
	(void)printf("command round trip %6.2f us median (p99 %.2f), "
	    "%.1f times the bare one\n", (double)trip / 1e3,
	    (double)times[(size_t)rounds * 99 / 100] / 1e3,
	    (double)trip / (double)bare);
	ns = stream(device, buffers, DEPTH, SMALL, (size_t)rounds, NULL);
	(void)printf("64 KiB, %u under way: %.0f commands/s\n", DEPTH,
	    (double)rounds * 1e9 / (double)ns);
	ns = stream(device, buffers, DEPTH, LARGE, LARGE_COUNT, NULL);
	(void)printf("1 GiB in 1 MiB commands: %.2f ms, %.0f GiB/s "
	    "(handed over, not read)\n", (double)ns / 1e6,
	    1e9 / (double)ns);
	if (server_close_device(device) != VD_NOERROR)
		fail("close device");
	(void)pthread_join(agent, NULL);
	if (server_close(set) != VD_NOERROR)
		fail("close");
	server_set_free(set);
	(void)waitpid(child, NULL, 0);
	free(times);
	return (0);
}
