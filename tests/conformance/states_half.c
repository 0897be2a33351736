/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "states_half.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void
half_init(struct half *half, enum half_kind kind, const char *name,
    const struct VDConfig *wishes)
{
	memset(half, 0, sizeof(*half));
	half->kind = kind;
	(void)snprintf(half->name, sizeof(half->name), "%s", name);
	half->wishes = *wishes;
}

static bool
make(struct half *half)
{
	if (half->kind == HALF_SERVER)
		half->server = server_set_new();
	else
		half->client = client_set_new();
	return (half->server != NULL || half->client != NULL);
}

void
half_device_name(const struct half *half, unsigned index, char name[80])
{
	if (index == 0)
		(void)snprintf(name, 80, "%s", half->name);
	else
		(void)snprintf(name, 80, "%s%u", half->name, index);
}

/* ---- the client's halves ---- */

static vd_status
open_device(struct half *half, unsigned index)
{
	char name[80];

	half_device_name(half, index, name);
	return (client_open_device(half->client, name,
	    &half->devices[index]));
}

struct VDC_Command *
half_held(const struct half *half, unsigned index)
{
	unsigned count = half->held_count[index];

	return (count == 0 ? NULL : half->held[index][count - 1]);
}

bool
half_hold(struct half *half, unsigned index, struct VDC_Command *command)
{
	if (half->held_count[index] == HALF_HELD)
		return (false);
	half->held[index][half->held_count[index]++] = command;
	return (true);
}

static vd_status
take(struct half *half, unsigned index, int64_t timeout_ms)
{
	struct VDC_Command *command;
	vd_status status;

	status = client_get_command(half->devices[index], timeout_ms,
	    &command);
	if (status == VD_NOERROR && !half_hold(half, index, command))
		return (VD_E_UNEXPECTED);
	return (status);
}

/* Complete one of the held commands. */
static vd_status
complete(struct half *half, unsigned index, unsigned which, uint32_t code)
{
	struct VDC_Command *command = half->held[index][which];
	bool data = command->commandCode == VDC_Read ||
	    command->commandCode == VDC_Write;
	unsigned i;

	half->held_count[index]--;
	for (i = which; i < half->held_count[index]; i++)
		half->held[index][i] = half->held[index][i + 1];
	half->past[index] = command;
	return (client_complete_command(half->devices[index], command, code,
	    data && code == VD_ERROR_SUCCESS ? (uint32_t)command->size : 0,
	    half_position(command->commandCode)));
}

static int
get_handle(struct half *half, unsigned index)
{
	const struct VDC_Command *command = half_held(half, index);
	uint32_t handle;

	if (command == NULL || client_get_buffer_handle(half->client,
	    command->buffer, &handle) != VD_NOERROR)
		return (-1);
	return ((int)handle);
}

static int
do_client(struct half *half, enum order order, unsigned index, int argument)
{
	struct client_set *set = half->client;
	struct VDConfig config;
	vd_status status;

	switch (order) {
	case ORDER_PROBE:
		return (half_probe(half));
	case ORDER_CAUSE:
		return (half_cause(half));
	case ORDER_ABORT:
		return (client_signal_abort(set));
	case ORDER_CLOSE:
		return (client_close(set));
	case ORDER_CREATE:
		client_set_keep_name(set, argument != 0);
		status = client_create(set, half->name, &half->wishes);
		half->was_open = half->was_open || status == VD_NOERROR;
		return (status);
	case ORDER_ATTACH:
		status = client_open_in_secondary(set, half->name);
		half->was_open = half->was_open || status == VD_NOERROR;
		return (status);
	case ORDER_CONFIGURATION:
		return (client_get_configuration(set, RIG_PATIENCE_MS,
		    &config));
	case ORDER_OPEN:
		return (open_device(half, index));
	case ORDER_TAKE:
	case ORDER_POLL:
		return (take(half, index, order == ORDER_POLL ? 0 :
		    RIG_PATIENCE_MS));
	case ORDER_HELD:
		return (half_held(half, index) == NULL ? 0 :
		    half_held(half, index)->commandCode);
	case ORDER_COMPLETE:
		return (complete(half, index, half->held_count[index] - 1,
		    (uint32_t)argument));
	case ORDER_FAIL:
		return (complete(half, index, 0, VD_ERROR_DISK_FULL));
	case ORDER_HANDLE:
		return (get_handle(half, index));
	default:
		return (-1);
	}
}

/* ---- the server's half ---- */

vd_status
half_run_agent(struct half *half)
{
	vd_status status;

	(void)atomic_fetch_add(&half->agents, 1);
	status = server_execute_completion_agent(half->server);
	(void)atomic_fetch_sub(&half->agents, 1);
	return (status);
}

static void *
run_agent(void *context)
{
	struct half *half = context;

	half->agent_status = half_run_agent(half);
	return (NULL);
}

static int
join_agent(struct half *half)
{
	struct timespec until;

	if (!half->has_agent)
		return (VD_NOERROR);
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_PATIENCE_MS / 1000;
	if (pthread_timedjoin_np(half->agent, NULL, &until) != 0)
		return (-1);
	half->has_agent = false;
	return (half->agent_status);
}

static vd_status
end_configuration(struct half *half)
{
	vd_status status;

	status = server_request_buffers(half->server, HALF_BUFFER, 0,
	    HALF_BUFFERS);
	if (status == VD_NOERROR)
		status = server_end_configuration(half->server);
	if (status == VD_NOERROR)
		status = server_allocate_buffer(half->server, &half->spare,
		    HALF_BUFFER, 0);
	return (status);
}

static vd_status
announce(struct half *half, unsigned index)
{
	char name[80];

	half_device_name(half, index, name);
	return (server_open_device(half->server, name,
	    &half->partners[index]));
}

struct rig_command *
half_slot(struct half *half, unsigned index)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct rig_command *slot = NULL;

	(void)pthread_mutex_lock(&lock);
	if (half->sent_count < HALF_SENT) {
		slot = &half->sent[half->sent_count++];
		half->latest[index] = slot;
	}
	(void)pthread_mutex_unlock(&lock);
	return (slot);
}

static vd_status
send(struct half *half, unsigned index, int32_t code)
{
	bool data = code == VDC_Read || code == VDC_Write;
	struct rig_command *command;

	if (data && half->buffer == NULL &&
	    server_allocate_buffer(half->server, &half->buffer, HALF_BUFFER,
	    0) != VD_NOERROR)
		return (VD_E_UNEXPECTED);
	command = half_slot(half, index);
	if (command == NULL)
		return (VD_E_UNEXPECTED);
	rig_prepare(command, code, data ? half->buffer : NULL,
	    data ? HALF_BUFFER : (uint32_t)half_size(code));
	command->command.inPosition = half_position(code);
	return (server_send_command(half->partners[index],
	    &command->command));
}

static int
answer(struct rig_command *latest)
{
	if (latest == NULL || rig_await(latest) != 1)
		return (-1);
	return (latest->command.completionCode);
}

static int
count_callbacks(const struct half *half)
{
	unsigned i;
	int count = 0;

	for (i = 0; i < half->sent_count; i++)
		count += atomic_load(&half->sent[i].calls);
	return (count);
}

static bool
is_settled(const struct half *half)
{
	unsigned i;

	for (i = 0; i < half->sent_count; i++)
		if (atomic_load(&half->sent[i].calls) != 1)
			return (false);
	return (true);
}

static enum half_state
probe_device(struct half *half, unsigned index)
{
	switch (send(half, index, VDC_Flush)) {
	case VD_NOERROR:
		return (STATE_ACTIVE);
	case VD_E_IO_ERROR:
		return (STATE_ERRORED);
	case VD_E_PROTOCOL:
		return (STATE_ENDED);
	case VD_E_ABORT:
		return (STATE_ABORT);
	default:
		return (STATE_NONE);
	}
}

static int
do_server(struct half *half, enum order order, unsigned index, int argument)
{
	struct server_set *set = half->server;

	switch (order) {
	case ORDER_PROBE:
		return (half_probe(half));
	case ORDER_CAUSE:
		return (half_cause(half));
	case ORDER_ABORT:
		return (server_signal_abort(set));
	case ORDER_CLOSE:
		return (server_close(set));
	case ORDER_CONNECT:
		return (server_open(set, half->name));
	case ORDER_BEGIN:
		return (server_begin_configuration(set, VDF_WriteMedia |
		    VDF_CompleteEnabled, RIG_BLOCK, 0, RIG_TRANSFER, 0));
	case ORDER_END:
		return (end_configuration(half));
	case ORDER_ANNOUNCE:
		return (announce(half, index));
	case ORDER_AGENT:
		half->has_agent = pthread_create(&half->agent, NULL, run_agent,
		    half) == 0;
		return (half->has_agent ? VD_NOERROR : VD_E_UNEXPECTED);
	case ORDER_JOIN:
		return (join_agent(half));
	case ORDER_SEND:
		return (send(half, index, argument));
	case ORDER_ANSWER:
		return (answer(half->latest[index]));
	case ORDER_CALLBACKS:
		return (count_callbacks(half));
	case ORDER_SET_ASIDE:
		half->aside = half->latest[index];
		half->latest[index] = NULL;
		return (VD_NOERROR);
	case ORDER_ASIDE:
		return (answer(half->aside));
	case ORDER_SETTLED:
		return (is_settled(half));
	case ORDER_CLOSE_DEVICE:
		return (server_close_device(half->partners[index]));
	case ORDER_DEVICE:
		return (probe_device(half, index));
	default:
		return (-1);
	}
}

/* ---- where it lives ---- */

struct message {
	enum order order;
	unsigned index;
	int argument;
};

static int
carry_out(struct half *half, const struct message *message)
{
	if (half->kind == HALF_SERVER)
		return (do_server(half, message->order, message->index,
		    message->argument));
	return (do_client(half, message->order, message->index,
	    message->argument));
}

static void
destroy(struct half *half)
{
	if (half->kind == HALF_SERVER)
		(void)server_close(half->server);
	(void)join_agent(half);
	server_set_free(half->server);
	client_set_free(half->client);
	half->server = NULL;
	half->client = NULL;
}

static int
serve(struct peer_side *side, void *context)
{
	struct half *half = context;
	struct message message;
	int result;

	if (!make(half))
		return (1);
	for (;;) {
		if (peer_hear(side, &message, sizeof(message)) != 0)
			return (2);
		if (message.order == ORDER_QUIT)
			break;
		result = carry_out(half, &message);
		peer_say(side, &result, sizeof(result));
	}
	destroy(half);
	return (0);
}

void
half_start(struct half *half, bool remote)
{
	half->is_remote = remote;
	if (remote)
		peer_start(&half->peer, serve, half);
	else
		ck_assert(make(half));
}

void
half_post(struct half *half, enum order order, unsigned index, int argument)
{
	struct message message = { order, index, argument };

	ck_assert(half->is_remote && !half->is_dead);
	peer_send(&half->peer, &message, sizeof(message));
}

int
half_result(struct half *half)
{
	int result;

	peer_receive(&half->peer, &result, sizeof(result));
	return (result);
}

int
half_order(struct half *half, enum order order, unsigned index, int argument)
{
	struct message message = { order, index, argument };

	if (!half->is_remote)
		return (carry_out(half, &message));
	half_post(half, order, index, argument);
	return (half_result(half));
}

void
half_kill(struct half *half)
{
	peer_kill(&half->peer);
	half->is_dead = true;
}

void
half_release(struct half *half)
{
	if (half->is_dead)
		return;
	if (!half->is_remote) {
		destroy(half);
		return;
	}
	half_post(half, ORDER_QUIT, 0, 0);
	ck_assert_int_eq(peer_join(&half->peer), 0);
}
