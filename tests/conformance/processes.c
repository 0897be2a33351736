/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Conformance checks 18 to 21 and 30, and the death of either side in every
 * state: these need processes of their own.
 */

#include "checks.h"

#include "base/port/shm.h"
#include "peer.h"
#include "rig.h"
#include "runtime/name.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How far a peer is to go before it says so and sits still. */
enum stage {
	STAGE_CREATED,    /* client: Create; server: Open */
	STAGE_CONFIGURED, /* client: GetConfiguration; server: End... */
	STAGE_OPEN,       /* every device open */
	STAGE_HOLDING,    /* client: a command taken */
	STAGE_CLOSED      /* server: every device closed */
};

struct errand {
	const char *name;
	enum stage stage;
	uint32_t devices;
};

static int
client_body(struct peer_side *side, void *context)
{
	struct errand *errand = context;
	struct VDConfig config = { .deviceCount = errand->devices };
	struct client_set *set = client_set_new();
	struct client_device *device;
	struct VDC_Command *command;

	if (set == NULL ||
	    client_create(set, errand->name, &config) != VD_NOERROR)
		return (1);
	peer_tell(side, 'c');
	if (errand->stage == STAGE_CREATED)
		peer_stay(side);
	if (client_get_configuration(set, -1, &config) != VD_NOERROR)
		return (2);
	if (errand->stage == STAGE_CONFIGURED)
		goto told;
	if (client_open_device(set, errand->name, &device) != VD_NOERROR)
		return (3);
	if (errand->stage == STAGE_OPEN)
		goto told;
	if (client_get_command(device, -1, &command) != VD_NOERROR)
		return (4);
told:
	peer_tell(side, 's');
	peer_stay(side);
	return (5);
}

static void *
agent_body(void *set)
{
	IGNORE_RESULT(server_execute_completion_agent(set) != VD_NOERROR);
	return (NULL);
}

static int
server_body(struct peer_side *side, void *context)
{
	struct errand *errand = context;
	struct server_set *set = server_set_new();
	struct server_device *device;
	pthread_t agent;
	char go;

	if (peer_hear(side, &go, 1) != 0)
		return (1);
	if (set == NULL || server_open(set, errand->name) != VD_NOERROR)
		return (2);
	if (errand->stage == STAGE_CREATED)
		goto told;
	if (server_begin_configuration(set, VDF_WriteMedia, 512, 0, 65536,
	    0) != VD_NOERROR ||
	    server_request_buffers(set, 65536, 0, 4) != VD_NOERROR ||
	    server_end_configuration(set) != VD_NOERROR)
		return (3);
	if (errand->stage == STAGE_CONFIGURED)
		goto told;
	if (pthread_create(&agent, NULL, agent_body, set) != 0 ||
	    server_open_device(set, errand->name, &device) != VD_NOERROR ||
	    server_wait_for_client(set, -1) != VD_NOERROR)
		return (4);
	if (errand->stage == STAGE_CLOSED &&
	    server_close_device(device) != VD_NOERROR)
		return (5);
told:
	peer_tell(side, 's');
	peer_stay(side);
	return (6);
}

START_TEST(check_18_death_of_the_client_ends_the_server)
{
	struct rig_command sent[3];
	struct errand errand;
	struct peer peer;
	struct rig rig;
	unsigned i;

	rig_init(&rig, 1);
	errand = (struct errand){ rig.name, STAGE_HOLDING, 1 };
	peer_start(&peer, client_body, &errand);
	peer_await(&peer, 'c');
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_NOERROR);
	rig_configure(&rig);
	rig_start_agent(&rig);
	rig_open_server(&rig);
	for (i = 0; i < 3; i++)
		rig_send(rig.partners[0], &sent[i], VDC_Write,
		    rig_buffer(&rig), RIG_BLOCK);
	peer_await(&peer, 's');
	peer_kill(&peer);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(rig_answer(&sent[i]),
		    VD_ERROR_OPERATION_ABORTED);
	(void)rig_join_agent(&rig);
	ck_assert_str_eq(server_abort_text(rig.server),
	    "the client process died");
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

static bool
is_server_aborted(void *context)
{
	struct VDConfig config;

	return (server_get_configuration(context, &config) == VD_E_ABORT);
}

START_TEST(death_of_the_client_before_active_ends_the_server)
{
	struct errand errand;
	struct peer peer;
	struct rig rig;

	rig_init(&rig, 1);
	errand = (struct errand){ rig.name, (enum stage)_i, 1 };
	peer_start(&peer, client_body, &errand);
	peer_await(&peer, 'c');
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_NOERROR);
	if (errand.stage == STAGE_CREATED) {
		peer_kill(&peer);
		ck_assert(rig_until(is_server_aborted, rig.server));
	} else {
		rig_configure(&rig);
		peer_await(&peer, 's');
		peer_kill(&peer);
		ck_assert_int_eq(server_wait_for_client(rig.server, -1),
		    VD_E_ABORT);
	}
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

START_TEST(set_of_a_dead_client_cannot_be_opened)
{
	struct errand errand;
	struct peer peer;
	struct rig rig;

	rig_init(&rig, 1);
	errand = (struct errand){ rig.name, STAGE_CREATED, 1 };
	peer_start(&peer, client_body, &errand);
	peer_await(&peer, 'c');
	peer_kill(&peer);
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_E_INVALID);
	/* And its name is free again. */
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

/* Does the set's shared memory still have a name? */
static bool
is_named(const char *name)
{
	char object[NAME_OBJECT_SIZE];
	int fd;

	name_object(name, object);
	if (port_shm_open(object, &fd) != 0)
		return (false);
	port_shm_close(&fd);
	return (true);
}

START_TEST(leftovers_under_other_names_are_swept)
{
	struct errand errand;
	struct peer peer;
	struct rig rig;
	char left[64];

	rig_init(&rig, 1);
	rig_name(left);
	errand = (struct errand){ left, STAGE_CREATED, 1 };
	peer_start(&peer, client_body, &errand);
	peer_await(&peer, 'c');
	peer_kill(&peer);
	ck_assert(is_named(left));
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	ck_assert(!is_named(left));
	ck_assert(is_named(rig.name));
	rig_release(&rig);
	ck_assert(!is_named(rig.name));
}
END_TEST

/* Make and drop the same set for ever. */
static int
restless_body(struct peer_side *side, void *context)
{
	struct VDConfig config = { .deviceCount = 1 };
	struct client_set *set = client_set_new();

	peer_tell(side, 's');
	while (set != NULL && client_create(set, context, &config) ==
	    VD_NOERROR && client_close(set) == VD_NOERROR)
		;
	return (1);
}

START_TEST(client_killed_anywhere_leaves_no_obstacle)
{
	struct timespec pause = { 0, 0 };
	unsigned seed = (unsigned)_i;
	struct peer peer;
	struct rig rig;

	rig_init(&rig, 1);
	peer_start(&peer, restless_body, rig.name);
	peer_await(&peer, 's');
	pause.tv_nsec = rand_r(&seed) % 3000000;
	(void)nanosleep(&pause, NULL);
	peer_kill(&peer);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_NOERROR);
	rig_release(&rig);
	ck_assert(!is_named(rig.name));
}
END_TEST

struct racer {
	pthread_t thread;
	pthread_barrier_t *start;
	const char *name;
	struct client_set *set;
	vd_status status;
};

static void *
race(void *context)
{
	const struct VDConfig config = { .deviceCount = 1 };
	struct racer *racer = context;

	(void)pthread_barrier_wait(racer->start);
	racer->status = client_create(racer->set, racer->name, &config);
	return (NULL);
}

START_TEST(name_has_one_owner_however_many_want_it)
{
	enum { RACERS = 4 };
	struct racer racers[RACERS];
	pthread_barrier_t start;
	unsigned i, owners = 0;
	char name[64];

	rig_name(name);
	(void)pthread_barrier_init(&start, NULL, RACERS);
	for (i = 0; i < RACERS; i++) {
		racers[i].start = &start;
		racers[i].name = name;
		racers[i].set = client_set_new();
		ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, race,
		    &racers[i]), 0);
	}
	for (i = 0; i < RACERS; i++)
		(void)pthread_join(racers[i].thread, NULL);
	for (i = 0; i < RACERS; i++) {
		if (racers[i].status == VD_NOERROR)
			owners++;
		else
			ck_assert_int_eq(racers[i].status, VD_E_PROTOCOL);
	}
	ck_assert_uint_eq(owners, 1);
	ck_assert(is_named(name));
	for (i = 0; i < RACERS; i++)
		client_set_free(racers[i].set);
	ck_assert(!is_named(name));
	(void)pthread_barrier_destroy(&start);
}
END_TEST

START_TEST(object_is_private_or_its_groups)
{
	char object[NAME_OBJECT_SIZE];
	struct stat status;
	struct rig rig;
	int fd;

	rig_init(&rig, 1);
	if (_i == 1)
		client_set_group(rig.client, (int64_t)getegid());
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	name_object(rig.name, object);
	ck_assert_int_eq(port_shm_open(object, &fd), 0);
	ck_assert_int_eq(fstat(fd, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, _i == 0 ? 0600 : 0660);
	ck_assert_uint_eq(status.st_gid, getegid());
	port_shm_close(&fd);
	rig_release(&rig);
}
END_TEST

START_TEST(name_vanishes_once_everything_is_open)
{
	struct rig rig;

	rig_start(&rig, 2);
	ck_assert(!is_named(rig.name));
	rig_release(&rig);
}
END_TEST

START_TEST(check_19_death_of_the_server_ends_the_client)
{
	struct client_device *device;
	struct VDC_Command *command;
	struct VDConfig config;
	struct errand errand;
	struct peer peer;
	struct rig rig;

	rig_init(&rig, _i == STAGE_CONFIGURED ? 2 : 1);
	errand = (struct errand){ rig.name, (enum stage)_i, 1 };
	peer_start(&peer, server_body, &errand);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	peer_send(&peer, "g", 1);
	if (errand.stage == STAGE_CREATED) {
		peer_await(&peer, 's');
		peer_kill(&peer);
		ck_assert_int_eq(client_get_configuration(rig.client, -1,
		    &config), VD_E_ABORT);
		goto out;
	}
	ck_assert_int_eq(client_get_configuration(rig.client, -1, &config),
	    VD_NOERROR);
	if (errand.stage == STAGE_CONFIGURED) {
		peer_await(&peer, 's');
		peer_kill(&peer);
		/* The second name has not been announced: a wait. */
		ck_assert_int_eq(client_open_device(rig.client, "second",
		    &device), VD_E_ABORT);
		goto out;
	}
	ck_assert_int_eq(client_open_device(rig.client, rig.name, &device),
	    VD_NOERROR);
	peer_await(&peer, 's');
	peer_kill(&peer);
	ck_assert_int_eq(client_get_command(device, -1, &command),
	    errand.stage == STAGE_CLOSED ? VD_E_CLOSE : VD_E_ABORT);
	if (errand.stage == STAGE_CLOSED) {
		/* Everything had ended well before: still a normal end. */
		ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
		rig_release(&rig);
		return;
	}
	ck_assert_str_eq(client_abort_text(rig.client),
	    "the server process died");
out:
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

/* Calls that do not wait, on a set whose server has died. */
static vd_status
ask_client(struct rig *rig, int which)
{
	struct client_device *device;
	struct VDConfig config;

	switch (which) {
	case 0:
		return (client_get_configuration(rig->client, 0, &config));
	case 1:
		return (client_open_device(rig->client, rig->name, &device));
	default:
		return (client_complete_command(rig->devices[0], NULL, 0, 0,
		    0));
	}
}

struct asked {
	struct rig *rig;
	int which;
};

static bool
is_told_of_abort(void *context)
{
	struct asked *asked = context;

	return (ask_client(asked->rig, asked->which) == VD_E_ABORT);
}

START_TEST(calls_that_do_not_wait_notice_a_dead_server)
{
	struct VDConfig config;
	struct errand errand;
	struct asked asked;
	struct peer peer;
	struct rig rig;

	rig_init(&rig, 1);
	errand = (struct errand){ rig.name, STAGE_OPEN, 1 };
	asked = (struct asked){ &rig, _i };
	peer_start(&peer, server_body, &errand);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	peer_send(&peer, "g", 1);
	ck_assert_int_eq(client_get_configuration(rig.client, -1, &config),
	    VD_NOERROR);
	ck_assert_int_eq(client_open_device(rig.client, rig.name,
	    &rig.devices[0]), VD_NOERROR);
	peer_await(&peer, 's');
	ck_assert_int_ne(ask_client(&rig, _i), VD_E_ABORT);
	peer_kill(&peer);
	ck_assert(rig_until(is_told_of_abort, &asked));
	ck_assert_str_eq(client_abort_text(rig.client),
	    "the server process died");
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	rig_release(&rig);
}
END_TEST

static int
forked_child_body(struct peer_side *side, void *context)
{
	(void)context;
	peer_tell(side, 's');
	peer_stay(side);
	return (1);
}

/* A client that forks a helper, which lives on when the client is killed. */
static int
forking_client_body(struct peer_side *side, void *context)
{
	struct errand *errand = context;
	struct VDConfig config = { .deviceCount = 1 };
	struct client_set *set = client_set_new();

	if (set == NULL ||
	    client_create(set, errand->name, &config) != VD_NOERROR)
		return (1);
	if (fork() == 0)
		return (forked_child_body(side, NULL));
	peer_stay(side);
	return (2);
}

START_TEST(forked_helper_does_not_hide_the_death_of_its_client)
{
	struct errand errand;
	struct peer peer;
	struct rig rig;

	rig_init(&rig, 1);
	errand = (struct errand){ rig.name, STAGE_CREATED, 1 };
	peer_start(&peer, forking_client_body, &errand);
	peer_await(&peer, 's');
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_NOERROR);
	/* The helper lives as long as its pipe, which peer_kill closes. */
	ck_assert_int_eq(kill(peer.pid, SIGKILL), 0);
	ck_assert(rig_until(is_server_aborted, rig.server));
	peer_kill(&peer);
	rig_release(&rig);
}
END_TEST

static int
secondary_body(struct peer_side *side, void *context)
{
	struct errand *errand = context;
	struct client_set *set = client_set_new();
	struct client_device *device;
	struct VDC_Command *command;
	char name[80], go;
	vd_status status;

	if (peer_hear(side, &go, 1) != 0)
		return (1);
	(void)snprintf(name, sizeof(name), "%s1", errand->name);
	if (set == NULL || client_open_in_secondary(set, errand->name) !=
	    VD_NOERROR)
		return (2);
	if (client_open_device(set, name, &device) != VD_NOERROR)
		return (3);
	peer_tell(side, 's');
	while ((status = client_get_command(device, -1, &command)) ==
	    VD_NOERROR)
		if (client_complete_command(device, command, 0,
		    (uint32_t)command->size, 0) != VD_NOERROR)
			return (4);
	if (status != VD_E_CLOSE || client_close(set) != VD_NOERROR)
		return (5);
	client_set_free(set);
	return (0);
}

/* Two devices, the second of which is the secondary's. */
static void
start_with_secondary(struct rig *rig, struct peer *peer)
{
	struct errand errand;

	rig_init(rig, 2);
	errand = (struct errand){ rig->name, STAGE_OPEN, 2 };
	peer_start(peer, secondary_body, &errand);
	rig_connect(rig);
	rig_configure(rig);
	rig_open_server(rig);
	peer_send(peer, "g", 1);
	ck_assert_int_eq(client_open_device(rig->client, rig->name,
	    &rig->devices[0]), VD_NOERROR);
	peer_await(peer, 's');
	rig_start_agent(rig);
	ck_assert_int_eq(server_wait_for_client(rig->server,
	    RIG_PATIENCE_MS), VD_NOERROR);
}

START_TEST(check_20_death_of_a_secondary_means_nothing_by_itself)
{
	/* Longer than it takes to notice a death that matters. */
	const struct timespec pause = { 0, 700000000 };
	struct rig_command sent, orphan;
	struct VDC_Command *command;
	struct peer peer;
	struct rig rig;

	start_with_secondary(&rig, &peer);
	peer_kill(&peer);
	rig_send(rig.partners[1], &orphan, VDC_Flush, NULL, 0);
	(void)nanosleep(&pause, NULL);
	ck_assert_int_eq(client_get_command(rig.devices[0], 0, &command),
	    VD_E_TIMEOUT);
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	ck_assert_int_eq(atomic_load(&orphan.calls), 0);
	/* It is the primary's to end it. */
	ck_assert_int_eq(client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_uint_eq(rig_answer(&orphan), VD_ERROR_OPERATION_ABORTED);
	rig_release(&rig);
}
END_TEST

START_TEST(secondary_serves_its_device_to_the_end)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct peer peer;
	struct rig rig;

	start_with_secondary(&rig, &peer);
	ck_assert(!is_named(rig.name));
	rig_send(rig.partners[1], &sent, VDC_Write, rig_buffer(&rig),
	    RIG_BLOCK);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	ck_assert_int_eq(sent.command.bytesTransferred, RIG_BLOCK);
	ck_assert_int_eq(server_close_device(rig.partners[1]), VD_NOERROR);
	ck_assert_int_eq(peer_join(&peer), 0);
	/* Its Close has not touched the set. */
	rig_send(rig.partners[0], &sent, VDC_Flush, NULL, 0);
	rig_complete(rig.devices[0], rig_next(rig.devices[0]), 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_NOERROR);
	ck_assert_int_eq(client_get_command(rig.devices[0], -1, &command),
	    VD_E_CLOSE);
	ck_assert_int_eq(client_close(rig.client), VD_NOERROR);
	ck_assert_int_eq(rig_join_agent(&rig), VD_NOERROR);
	ck_assert_int_eq(server_close(rig.server), VD_NOERROR);
	ck_assert_str_eq(server_abort_text(rig.server), "");
	rig_release(&rig);
}
END_TEST

struct lent {
	uint32_t handle;
	uint8_t *address; /* in the process that holds the command */
};

/* A helper that only maps buffers: it writes a pattern into what it is told
 * of. */
static int
helper_body(struct peer_side *side, void *context)
{
	struct errand *errand = context;
	struct client_set *set = client_set_new();
	struct lent lent;
	uint8_t *buffer;
	vd_status status;
	char go;

	if (peer_hear(side, &go, 1) != 0 || set == NULL ||
	    client_open_in_secondary(set, errand->name) != VD_NOERROR)
		return (1);
	peer_tell(side, 'a');
	if (peer_hear(side, &lent, sizeof(lent)) != 0 ||
	    client_map_buffer_handle(set, lent.handle, &buffer) != VD_NOERROR)
		return (2);
	if (buffer == lent.address)
		return (3);
	memset(buffer, 'h', RIG_TRANSFER);
	if (client_map_buffer_handle(set, 0, &buffer) != VD_E_INVALID ||
	    client_map_buffer_handle(set, UINT32_MAX, &buffer) !=
	    VD_E_INVALID || buffer != NULL)
		return (4);
	status = client_close(set);
	client_set_free(set);
	return (status == VD_NOERROR ? 0 : 5);
}

START_TEST(check_21_buffer_handles_reach_other_processes)
{
	struct VDC_Command *command;
	struct rig_command sent;
	struct errand errand;
	struct peer peer;
	struct lent lent = { 0 };
	uint8_t *buffer;
	struct rig rig;

	rig_init(&rig, 1);
	errand = (struct errand){ rig.name, STAGE_OPEN, 1 };
	peer_start(&peer, helper_body, &errand);
	rig_connect(&rig);
	ck_assert_int_eq(client_get_buffer_handle(rig.client, (uint8_t *)&rig,
	    &lent.handle), VD_E_INVALID);
	rig_configure(&rig);
	peer_send(&peer, "g", 1);
	peer_await(&peer, 'a');
	rig_start_agent(&rig);
	rig_open_server(&rig);
	rig_open_client(&rig);
	(void)rig_buffer(&rig);
	buffer = rig_buffer(&rig);
	rig_send(rig.partners[0], &sent, VDC_Read, buffer, RIG_TRANSFER);
	command = rig_next(rig.devices[0]);
	ck_assert_int_eq(client_get_buffer_handle(rig.client,
	    command->buffer + 1, &lent.handle), VD_E_INVALID);
	ck_assert_int_eq(client_get_buffer_handle(rig.client, command->buffer,
	    &lent.handle), VD_NOERROR);
	lent.address = command->buffer;
	peer_send(&peer, &lent, sizeof(lent));
	ck_assert_int_eq(peer_join(&peer), 0);
	ck_assert_int_eq(command->buffer[0], 'h');
	rig_complete(rig.devices[0], command, 0);
	ck_assert_uint_eq(rig_answer(&sent), 0);
	ck_assert_int_eq(buffer[RIG_TRANSFER - 1], 'h');
	ck_assert_int_eq(client_get_buffer_handle(rig.client, lent.address,
	    &lent.handle), VD_E_INVALID);
	rig_release(&rig);
}
END_TEST

START_TEST(check_30_secondaries_need_the_exact_name_and_a_configured_set)
{
	struct client_set *other = client_set_new();
	char name[64];
	struct rig rig;

	rig_init(&rig, 1);
	ck_assert_int_eq(client_open_in_secondary(other, rig.name),
	    VD_E_PROTOCOL);
	rig_connect(&rig);
	ck_assert_int_eq(client_open_in_secondary(other, rig.name),
	    VD_E_PROTOCOL);
	rig_configure(&rig);
	memcpy(name, rig.name, sizeof(name));
	name[0] = 'C';
	ck_assert_int_eq(client_open_in_secondary(other, name),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(client_open_in_secondary(other, rig.name),
	    VD_NOERROR);
	ck_assert_int_eq(client_open_in_secondary(other, rig.name),
	    VD_E_PROTOCOL);
	ck_assert_int_eq(client_close(other), VD_NOERROR);
	ck_assert_int_eq(client_signal_abort(rig.client), VD_NOERROR);
	ck_assert_int_eq(client_open_in_secondary(other, rig.name),
	    VD_E_ABORT);
	client_set_free(other);
	rig_release(&rig);
}
END_TEST

TCase *
checks_processes(void)
{
	TCase *checks = tcase_create("processes");

	tcase_add_test(checks, check_18_death_of_the_client_ends_the_server);
	tcase_add_loop_test(checks,
	    death_of_the_client_before_active_ends_the_server, STAGE_CREATED,
	    STAGE_CONFIGURED + 1);
	tcase_add_test(checks, set_of_a_dead_client_cannot_be_opened);
	tcase_add_test(checks, leftovers_under_other_names_are_swept);
	tcase_add_loop_test(checks,
	    client_killed_anywhere_leaves_no_obstacle, 0, 20);
	tcase_add_loop_test(checks, name_has_one_owner_however_many_want_it,
	    0, 20);
	tcase_add_loop_test(checks, object_is_private_or_its_groups, 0, 2);
	tcase_add_test(checks, name_vanishes_once_everything_is_open);
	tcase_add_loop_test(checks,
	    check_19_death_of_the_server_ends_the_client, STAGE_CREATED,
	    STAGE_OPEN + 1);
	tcase_add_loop_test(checks,
	    check_19_death_of_the_server_ends_the_client, STAGE_CLOSED,
	    STAGE_CLOSED + 1);
	tcase_add_loop_test(checks,
	    calls_that_do_not_wait_notice_a_dead_server, 0, 3);
	tcase_add_test(checks,
	    forked_helper_does_not_hide_the_death_of_its_client);
	tcase_add_test(checks,
	    check_20_death_of_a_secondary_means_nothing_by_itself);
	tcase_add_test(checks, secondary_serves_its_device_to_the_end);
	tcase_add_test(checks,
	    check_21_buffer_handles_reach_other_processes);
	tcase_add_test(checks,
	    check_30_secondaries_need_the_exact_name_and_a_configured_set);
	return (checks);
}
