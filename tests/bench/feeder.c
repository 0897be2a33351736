/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/feeder.h"

#include "base/port/gate.h"
#include "runtime/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 64u
#define OPEN_TRIES 10000
#define OPEN_PAUSE_NS 1000000
#define CLIENT_MS 30000
#define SLICE_NS 1000000000

struct feeder {
	struct data data;
	pid_t child;
	int fd;
};

struct work;

/* One device of the set. */
struct outlet {
	struct work *work;
	/* Commands go in order, the first ones from one thread while the
	 * agent's already sends others. */
	pthread_mutex_t lock;
	struct server_device *device;
	struct data share;
	size_t at;      /* sent, or asked for */
	uint64_t moved; /* answered */
	uint8_t *taken; /* restore: where it is copied to */
	struct VDS_Command commands[DEPTH_MAX];
};

struct work {
	struct feeder_order order;
	struct server_set *set;
	struct outlet outlets[VD_MAX_DEVICES];
	pthread_t agent;
	atomic_uint busy; /* commands in flight */
	struct port_gate idle; /* moves when that is 0 */
};

void
feeder_device_name(const char *set, unsigned i, char name[72])
{
	if (i == 0)
		(void)snprintf(name, 72, "%s", set);
	else
		(void)snprintf(name, 72, "%s%u", set, i);
}

/* Send a command for what is next; false at the end.  Under the lock. */
static bool
send_locked(struct outlet *outlet, struct VDS_Command *command)
{
	size_t left = outlet->share.size - outlet->at;
	size_t size = outlet->work->order.command;

	if (size > left)
		size = left;
	if (size == 0)
		return (false);
	if (!outlet->work->order.is_restore)
		memcpy(command->buffer, outlet->share.bytes + outlet->at,
		    size);
	outlet->at += size;
	command->size = (int32_t)size;
	if (server_send_command(outlet->device, command) != VD_NOERROR)
		bench_die("the feeder cannot send");
	return (true);
}

static bool
send_next(struct outlet *outlet, struct VDS_Command *command)
{
	bool was_sent;

	(void)pthread_mutex_lock(&outlet->lock);
	was_sent = send_locked(outlet, command);
	(void)pthread_mutex_unlock(&outlet->lock);
	return (was_sent);
}

static void
on_done(struct VDS_Command *command)
{
	struct outlet *outlet = command->completionContext;

	if (command->completionCode != (int32_t)VD_ERROR_SUCCESS ||
	    command->bytesTransferred != command->size)
		bench_die("the client answered with %s",
		    vdi_completion_name((uint32_t)command->completionCode));
	if (outlet->work->order.is_restore)
		memcpy(outlet->taken, command->buffer, (size_t)command->size);
	outlet->moved += (uint64_t)command->size;
	if (!send_next(outlet, command) &&
	    atomic_fetch_sub(&outlet->work->busy, 1) == 1)
		port_gate_bump(&outlet->work->idle);
}

static void *
run_agent(void *context)
{
	struct work *work = context;

	if (server_execute_completion_agent(work->set) != VD_NOERROR)
		bench_die("the feeder's agent failed");
	return (NULL);
}

static void
open_set(struct work *work)
{
	const struct timespec pause = { 0, OPEN_PAUSE_NS };
	const struct feeder_order *order = &work->order;
	struct VDConfig wishes;
	int tries;

	work->set = server_set_new();
	if (work->set == NULL)
		bench_die("out of memory");
	for (tries = 0; server_open(work->set, order->name) != VD_NOERROR;
	    tries++) {
		if (tries == OPEN_TRIES)
			bench_die("the feeder does not find its client");
		(void)nanosleep(&pause, NULL);
	}
	if (server_get_configuration(work->set, &wishes) != VD_NOERROR ||
	    wishes.deviceCount != order->devices ||
	    server_begin_configuration(work->set, order->is_restore ?
	    VDF_ReadMedia : VDF_WriteMedia, 65536, 0,
	    order->command, 0) != VD_NOERROR ||
	    server_request_buffers(work->set, order->command, 0,
	    order->devices * order->depth) != VD_NOERROR ||
	    server_end_configuration(work->set) != VD_NOERROR)
		bench_die("the feeder cannot configure the set");
}

static void
open_devices(struct work *work, const struct data *data)
{
	const struct feeder_order *order = &work->order;
	struct data part = { data->bytes, (size_t)order->bytes };
	char name[72];
	unsigned i;
	unsigned j;

	for (i = 0; i < order->devices; i++) {
		struct outlet *outlet = &work->outlets[i];

		outlet->work = work;
		(void)pthread_mutex_init(&outlet->lock, NULL);
		data_share(&part, order->devices, i, &outlet->share);
		outlet->taken = bench_alloc(1, order->command);
		feeder_device_name(order->name, i, name);
		if (server_open_device(work->set, name, &outlet->device) !=
		    VD_NOERROR)
			bench_die("the feeder cannot open a device");
		for (j = 0; j < order->depth; j++) {
			struct VDS_Command *command = &outlet->commands[j];

			command->commandCode = order->is_restore ?
			    VDC_Read : VDC_Write;
			command->completionRoutine = on_done;
			command->completionContext = outlet;
			if (server_allocate_buffer(work->set,
			    &command->buffer, order->command, 0) !=
			    VD_NOERROR)
				bench_die("the feeder has no buffer");
			/* Touched before the clock runs, as the buffers of a
			 * server that is at work. */
			memset(command->buffer, 1, order->command);
		}
	}
}

static void
feed(struct work *work)
{
	uint32_t seen = port_gate_read(&work->idle);
	unsigned i;
	unsigned j;

	/* One for this thread, until all are on the way. */
	atomic_store(&work->busy, 1);
	for (i = 0; i < work->order.devices; i++) {
		struct outlet *outlet = &work->outlets[i];

		for (j = 0; j < work->order.depth; j++) {
			(void)atomic_fetch_add(&work->busy, 1);
			if (!send_next(outlet, &outlet->commands[j]))
				(void)atomic_fetch_sub(&work->busy, 1);
		}
	}
	if (atomic_fetch_sub(&work->busy, 1) == 1)
		return;
	while (port_gate_read(&work->idle) == seen)
		port_gate_wait(&work->idle, seen, SLICE_NS);
}

static uint64_t
serve(const struct feeder_order *order, const struct data *data)
{
	struct work *work = bench_alloc(1, sizeof(*work));
	uint64_t moved = 0;
	unsigned i;

	work->order = *order;
	open_set(work);
	if (pthread_create(&work->agent, NULL, run_agent, work) != 0)
		bench_die("cannot start a thread");
	open_devices(work, data);
	if (server_wait_for_client(work->set, CLIENT_MS) != VD_NOERROR)
		bench_die("the feeder's client does not come");
	feed(work);
	for (i = 0; i < order->devices; i++) {
		if (server_close_device(work->outlets[i].device) !=
		    VD_NOERROR)
			bench_die("the feeder cannot close a device");
		moved += work->outlets[i].moved;
	}
	(void)pthread_join(work->agent, NULL);
	for (i = 0; i < order->devices; i++) {
		free(work->outlets[i].taken);
		(void)pthread_mutex_destroy(&work->outlets[i].lock);
	}
	if (server_close(work->set) != VD_NOERROR)
		bench_die("the feeder cannot close the set");
	server_set_free(work->set);
	free(work);
	return (moved);
}

static void
run_orders(int fd, const struct data *data)
{
	struct feeder_order order;
	ssize_t got;

	while ((got = recv(fd, &order, sizeof(order), 0)) ==
	    (ssize_t)sizeof(order)) {
		uint64_t moved = serve(&order, data);

		if (send(fd, &moved, sizeof(moved), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(moved))
			bench_die("the feeder cannot report");
	}
	_exit(got == 0 ? 0 : 1);
}

struct feeder *
feeder_start(const struct data *data)
{
	struct feeder *feeder = bench_alloc(1, sizeof(*feeder));
	int ends[2];

	feeder->data = *data;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		bench_die("cannot make a socket");
	feeder->child = fork();
	if (feeder->child < 0)
		bench_die("cannot start a process");
	if (feeder->child == 0) {
		(void)close(ends[0]);
		run_orders(ends[1], &feeder->data);
	}
	(void)close(ends[1]);
	feeder->fd = ends[0];
	return (feeder);
}

void
feeder_order(struct feeder *feeder, const struct feeder_order *order)
{
	if (order->depth > DEPTH_MAX || order->devices > VD_MAX_DEVICES ||
	    order->bytes > feeder->data.size)
		bench_die("the feeder has %u devices, a depth of %u and %zu "
		    "bytes at most", VD_MAX_DEVICES, DEPTH_MAX,
		    feeder->data.size);
	if (send(feeder->fd, order, sizeof(*order), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(*order))
		bench_die("the feeder is gone");
}

uint64_t
feeder_end(struct feeder *feeder)
{
	uint64_t moved;

	if (recv(feeder->fd, &moved, sizeof(moved), 0) !=
	    (ssize_t)sizeof(moved))
		bench_die("the feeder is gone");
	return (moved);
}

void
feeder_stop(struct feeder *feeder)
{
	int status;

	(void)close(feeder->fd);
	if (waitpid(feeder->child, &status, 0) != feeder->child ||
	    status != 0)
		bench_die("the feeder failed");
	free(feeder);
}
