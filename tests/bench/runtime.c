/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runtime costs between a server and a client process that do
 * nothing with the commands, beside the least that it could cost.
 *
 *     bench-runtime [OPTION...]      --help has the options
 *
 * Rows:
 *
 *     runtime.trip.idle    a command of 64 KiB and its answer, each side
 *                          asleep before : a bare ping-pong of futexes
 *     runtime.trip.busy    the same, one after another : a ping-pong that
 *                          watches before it sleeps, as the runtime does
 *     runtime.read         rate at which a client reads all of its commands
 *                          of 1 MiB : a bare loop that reads memory
 *     runtime.handover     the same where it reads none of them
 *     runtime.commands     of 64 KiB each second, eight in flight
 */
#include <config.h>

#include "bench/bench.h"

#include "base/clock.h"
#include "base/port/gate.h"
#include "runtime/client.h"
#include "runtime/server.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SMALL 65536u
#define LARGE 1048576u
#define DEPTH 8u
#define BUFFERS 64u /* more than a processor's caches hold, all together */
#define WAIT_NS 1000000000
#define RETRY_NS 1000000
#define IDLE_NS 200000 /* longer than anybody watches before it sleeps */
#define TRIPS 1500u

/* Shared with the child. */
struct common {
	struct port_gate ping;
	char gap[120];
	struct port_gate pong;
	atomic_bool reads; /* the client reads what it gets */
	_Atomic uint64_t sum;
};

struct runtime {
	struct bench_options options;
	struct common *common;
	struct server_set *set;
	struct server_device *device;
	pthread_t agent;
	pid_t child;
	uint8_t *buffers[BUFFERS];
	uint8_t *memory; /* as large as all of the buffers */
	struct port_gate answered;
	cpu_set_t processors;  /* that we may run on */
	double trips[TRIPS]; /* nanoseconds */
};

static struct runtime runtime;

/*
 * Each process has a processor of its own, where there are two: which of them
 * the kernel puts two processes on that wake each other decides as much as
 * anything else, and is not what is to be compared.
 */
static void
take_processor(bool is_first)
{
	cpu_set_t one;
	int cpu = is_first ? 0 : CPU_SETSIZE - 1;

	while (!CPU_ISSET(cpu, &runtime.processors))
		cpu += is_first ? 1 : -1;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		bench_die("cannot choose processor %d", cpu);
}

static void
rest(int64_t ns)
{
	const struct timespec pause = { 0, (long)ns };

	(void)nanosleep(&pause, NULL);
}

static uint64_t
read_all(const uint8_t *bytes, size_t size)
{
	const uint64_t *p = (const uint64_t *)(const void *)bytes;
	uint64_t sums[8] = { 0 };
	size_t i;
	size_t j;

	for (i = 0; i < size / sizeof(*p); i += 8)
		for (j = 0; j < 8; j++)
			sums[j] += p[i + j];
	for (j = 1; j < 8; j++)
		sums[0] += sums[j];
	return (sums[0]);
}

/* ---- bare ---- */

static void
await(struct port_gate *gate, uint32_t seen, bool watches)
{
	while (port_gate_read(gate) == seen)
		if (!watches || !port_gate_spin(gate, seen))
			port_gate_wait(gate, seen, WAIT_NS);
}

/* The other side of the ping-pong: count answers. */
static void
answer_pings(bool watches, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		await(&runtime.common->ping, i, watches);
		port_gate_bump(&runtime.common->pong);
	}
}

/* Median nanoseconds; idle_ns: a pause before each. */
static double
ping_pong(int64_t idle_ns)
{
	struct common *common = runtime.common;
	bool watches = idle_ns == 0;
	pid_t child;
	unsigned i;

	memset(&common->ping, 0, sizeof(common->ping));
	memset(&common->pong, 0, sizeof(common->pong));
	child = fork();
	if (child < 0)
		bench_die("cannot start a process");
	if (child == 0) {
		take_processor(false);
		answer_pings(watches, TRIPS);
		_exit(0);
	}
	for (i = 0; i < TRIPS; i++) {
		int64_t start;

		if (idle_ns > 0)
			rest(idle_ns);
		start = clock_now_ns();
		port_gate_bump(&common->ping);
		await(&common->pong, i, watches);
		runtime.trips[i] = (double)(clock_now_ns() - start);
	}
	(void)waitpid(child, NULL, 0);
	return (bench_median(runtime.trips, TRIPS));
}

static void
run_bare_read(struct bench_case *self)
{
	uint64_t left = runtime.options.size;
	uint64_t sum = 0;

	bench_begin(&self->span);
	while (left > 0) {
		uint64_t size = (uint64_t)BUFFERS * LARGE;

		if (size > left)
			size = left;
		sum += read_all(runtime.memory, (size_t)size);
		left -= size;
	}
	bench_end(&self->span);
	(void)atomic_fetch_add(&runtime.common->sum, sum);
}

/* ---- the client's process ---- */

static void
run_client(const char *name)
{
	struct VDConfig config = { .deviceCount = 1 };
	struct common *common = runtime.common;
	struct client_device *device;
	struct VDC_Command *command;
	struct client_set *set;
	vd_status status;

	set = client_set_new();
	if (set == NULL || client_create(set, name, &config) != VD_NOERROR ||
	    client_get_configuration(set, -1, &config) != VD_NOERROR ||
	    client_open_device(set, name, &device) != VD_NOERROR)
		bench_die("the client cannot begin");
	while ((status = client_get_command(device, -1, &command)) ==
	    VD_NOERROR) {
		if (atomic_load(&common->reads))
			(void)atomic_fetch_add(&common->sum, read_all(
			    command->buffer, (size_t)command->size));
		if (client_complete_command(device, command, 0,
		    (uint32_t)command->size, 0) != VD_NOERROR)
			bench_die("the client cannot complete");
	}
	if (status != VD_E_CLOSE || client_close(set) != VD_NOERROR)
		bench_die("the client cannot end");
	client_set_free(set);
}

/* ---- the server ---- */

/* Send, call back, send from the callback: nobody else takes part. */
struct chain {
	uint32_t size;
	unsigned sent;
	unsigned done;
	unsigned count;
	double *times; /* NULL where only the whole counts */
	int64_t start;
};

static void
send_link(struct VDS_Command *command)
{
	struct chain *chain = command->completionContext;

	command->buffer = runtime.buffers[chain->sent++ % BUFFERS];
	command->size = (int32_t)chain->size;
	chain->start = clock_now_ns();
	if (server_send_command(runtime.device, command) != VD_NOERROR)
		bench_die("the server cannot send");
}

static void
on_link(struct VDS_Command *command)
{
	struct chain *chain = command->completionContext;

	if (chain->times != NULL)
		chain->times[chain->done] =
		    (double)(clock_now_ns() - chain->start);
	if (++chain->done == chain->count) {
		/* The chain is gone as soon as this is seen. */
		port_gate_bump(&runtime.answered);
		return;
	}
	if (chain->sent < chain->count)
		send_link(command);
}

/* Keep depth commands of that size under way. */
static void
run_chain(uint32_t size, unsigned depth, unsigned count, double *times)
{
	struct VDS_Command commands[DEPTH];
	struct chain chain = { .size = size, .count = count, .times = times };
	uint32_t seen = port_gate_read(&runtime.answered);
	unsigned i;

	memset(commands, 0, sizeof(commands));
	/* All of what the callbacks need, before the first can come. */
	for (i = 0; i < depth; i++) {
		commands[i].commandCode = VDC_Write;
		commands[i].completionRoutine = on_link;
		commands[i].completionContext = &chain;
		commands[i].buffer = runtime.buffers[i];
		commands[i].size = (int32_t)size;
	}
	chain.sent = depth;
	chain.start = clock_now_ns();
	for (i = 0; i < depth; i++)
		if (server_send_command(runtime.device, &commands[i]) !=
		    VD_NOERROR)
			bench_die("the server cannot send");
	/* Asleep, not at the gate: its spinning would take a processor. */
	while (port_gate_read(&runtime.answered) == seen)
		port_gate_wait(&runtime.answered, seen, WAIT_NS);
}

static double
trips_idle(void)
{
	unsigned i;

	for (i = 0; i < TRIPS; i++) {
		rest(IDLE_NS);
		run_chain(SMALL, 1, 1, &runtime.trips[i]);
	}
	return (bench_median(runtime.trips, TRIPS));
}

static double
trips_busy(void)
{
	run_chain(SMALL, 1, TRIPS, runtime.trips);
	return (bench_median(runtime.trips, TRIPS));
}

static unsigned
large_count(void)
{
	uint64_t count = runtime.options.size / LARGE;

	return (count < DEPTH ? DEPTH : (unsigned)count);
}

static void
run_large(struct bench_case *self)
{
	atomic_store(&runtime.common->reads, self->level != 0);
	bench_begin(&self->span);
	run_chain(LARGE, DEPTH, large_count(), NULL);
	bench_end(&self->span);
	atomic_store(&runtime.common->reads, false);
}

static void *
run_agent(void *set)
{
	if (server_execute_completion_agent(set) != VD_NOERROR)
		bench_die("the agent failed");
	return (NULL);
}

static void
start(void)
{
	static unsigned number;
	struct server_set *set = server_set_new();
	char name[64];
	int tries;
	unsigned i;

	(void)snprintf(name, sizeof(name), "bench-%ld-%u", (long)getpid(),
	    number++);
	runtime.child = fork();
	if (runtime.child == 0) {
		take_processor(false);
		run_client(name);
		_exit(0);
	}
	runtime.set = set;
	if (set == NULL || runtime.child < 0)
		bench_die("cannot start a process");
	for (tries = 0; server_open(set, name) != VD_NOERROR; tries++) {
		if (tries == 5000)
			bench_die("the server does not find the client");
		rest(RETRY_NS);
	}
	if (server_begin_configuration(set, VDF_WriteMedia, 512, 0, LARGE,
	    0) != VD_NOERROR ||
	    server_request_buffers(set, LARGE, 0, BUFFERS) != VD_NOERROR ||
	    server_end_configuration(set) != VD_NOERROR ||
	    pthread_create(&runtime.agent, NULL, run_agent, set) != 0 ||
	    server_open_device(set, name, &runtime.device) != VD_NOERROR ||
	    server_wait_for_client(set, 10000) != VD_NOERROR)
		bench_die("the server cannot start");
	for (i = 0; i < BUFFERS; i++) {
		if (server_allocate_buffer(set, &runtime.buffers[i], LARGE,
		    0) != VD_NOERROR)
			bench_die("the server has no buffer");
		memset(runtime.buffers[i], (int)i, LARGE);
	}
}

static void
stop(void)
{
	int status;

	if (server_close_device(runtime.device) != VD_NOERROR)
		bench_die("the server cannot close its device");
	(void)pthread_join(runtime.agent, NULL);
	if (server_close(runtime.set) != VD_NOERROR)
		bench_die("the server cannot close the set");
	server_set_free(runtime.set);
	if (waitpid(runtime.child, &status, 0) != runtime.child ||
	    status != 0)
		bench_die("the client failed");
}

static void *
map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		bench_die("cannot map %zu bytes", size);
	return (memory);
}

/* Nanoseconds of a trip and of the bare one, in turn: a ratio. */
static void
compare_trips(const char *name, double (*trips)(void), int64_t idle_ns,
    double target)
{
	double ours[BENCH_ROUNDS_MAX];
	double bare[BENCH_ROUNDS_MAX];
	double ratios[BENCH_ROUNDS_MAX];
	unsigned rounds = (unsigned)runtime.options.rounds;
	struct bench_row row = { .median = -1, .unit = "us" };
	char text[64];
	unsigned i;

	for (i = 0; i < rounds; i++) {
		stop();
		bare[i] = ping_pong(idle_ns);
		start();
		ours[i] = trips();
		ratios[i] = ours[i] / bare[i];
	}
	row.name = text;
	(void)snprintf(text, sizeof(text), "%s.bare", name);
	row.value = bench_median(bare, rounds) / 1e3;
	bench_row(&runtime.options, &row);
	(void)snprintf(text, sizeof(text), "%s.ours", name);
	row.value = bench_median(ours, rounds) / 1e3;
	bench_row(&runtime.options, &row);
	row.name = name;
	row.unit = "ratio";
	row.value = row.median = bench_median(ratios, rounds);
	row.aim = target > 0 ? BENCH_AT_MOST : BENCH_INFO;
	row.target = target;
	bench_row(&runtime.options, &row);
}

static void
compare_reads(void)
{
	static const char *const names[] = { "runtime.handover",
		"runtime.read" };
	static struct bench_case cases[3];
	struct bench_row row = { .name = "runtime.read.bare", .median = -1,
		.unit = "MB/s" };
	int i;

	cases[2].run = run_bare_read;
	(void)strcpy(cases[2].name, "bare");
	for (i = 0; i < 2; i++) {
		(void)strcpy(cases[i].name, names[i] + strlen("runtime."));
		cases[i].run = run_large;
		cases[i].level = i;
	}
	if (bench_interleave(cases, 3, &runtime.options))
		return;
	row.value = bench_rate(runtime.options.size,
	    bench_best_ns(&cases[2]));
	bench_row(&runtime.options, &row);
	for (i = 0; i < 2; i++) {
		row.name = names[i];
		row.unit = "ratio";
		row.value = bench_speed(&cases[i], &cases[2]);
		row.median = bench_speed_median(&cases[i], &cases[2]);
		row.aim = BENCH_AT_LEAST;
		row.target = 0.9;
		bench_row(&runtime.options, &row);
	}
}

static void
count_commands(void)
{
	struct bench_row row = { .name = "runtime.commands", .median = -1,
		.unit = "/s" };
	struct bench_span span;

	bench_begin(&span);
	run_chain(SMALL, DEPTH, TRIPS * 8, NULL);
	bench_end(&span);
	row.value = (double)TRIPS * 8 * 1e9 / (double)span.ns;
	bench_row(&runtime.options, &row);
}

int
main(int argc, char **argv)
{
	bench_options_init(&runtime.options, "bench-runtime");
	runtime.options.size = (uint64_t)1 << 30;
	bench_options_read(&runtime.options, argc, argv,
	    "What it costs to hand commands over.");
	if (runtime.options.size < (uint64_t)DEPTH * LARGE)
		runtime.options.size = (uint64_t)DEPTH * LARGE;
	runtime.options.size -= runtime.options.size % LARGE;
	runtime.common = map(sizeof(*runtime.common));
	runtime.memory = map((size_t)BUFFERS * LARGE);
	memset(runtime.memory, 1, (size_t)BUFFERS * LARGE);
	if (sched_getaffinity(0, sizeof(runtime.processors),
	    &runtime.processors) != 0)
		bench_die("cannot tell which processors there are");
	take_processor(true);
	start();
	compare_reads();
	if (runtime.options.only == NULL) {
		compare_trips("runtime.trip.idle", trips_idle, IDLE_NS, 1.5);
		compare_trips("runtime.trip.busy", trips_busy, 0, 0);
		count_commands();
	}
	stop();
	(void)munmap(runtime.memory, (size_t)BUFFERS * LARGE);
	(void)munmap(runtime.common, sizeof(*runtime.common));
	return (0);
}
