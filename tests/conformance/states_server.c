/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/* The server's calls as rows make them. */

#include "states.h"

#include <stdio.h>
#include <string.h>

static uint8_t outside[RIG_BLOCK];

static struct server_set *
set_of(const struct scene *scene)
{
	return (scene->server.server);
}

static const char *
choose_name(const struct scene *scene, const char *usual, char name[100])
{
	if (scene->choice == CHOICE_NO_NAME)
		return (NULL);
	(void)snprintf(name, 100, "%s%s",
	    scene->choice == CHOICE_WRONG_NAME ? "not " : "",
	    scene->choice == CHOICE_EMPTY_NAME ? "" : usual);
	return (name);
}

static void
make_open(struct scene *scene, struct attempt *attempt)
{
	char name[100];

	attempt_answer(attempt, server_open(set_of(scene),
	    choose_name(scene, scene->server.name, name)));
}

static void
make_get_configuration(struct scene *scene, struct attempt *attempt)
{
	struct VDConfig config;
	vd_status status;

	status = server_get_configuration(set_of(scene), &config);
	if (status == VD_NOERROR && (config.deviceCount != HALF_DEVICES ||
	    (config.features & VDF_RequestComplete) == 0 ||
	    (config.blockSize == RIG_BLOCK) !=
	    (scene->state != STATE_CONNECTED)))
		attempt_complain(attempt, "it is not the configuration");
	attempt_answer(attempt, status);
}

static void
make_begin_configuration(struct scene *scene, struct attempt *attempt)
{
	uint32_t block = scene->choice == CHOICE_BLOCK ? scene->number :
	    RIG_BLOCK;
	uint32_t alignment = scene->choice == CHOICE_ALIGNMENT ?
	    scene->number : 0;
	uint32_t transfer = scene->choice == CHOICE_TRANSFER ?
	    scene->number : RIG_TRANSFER;

	attempt_answer(attempt, server_begin_configuration(set_of(scene),
	    VDF_WriteMedia, block, alignment, transfer, 0));
}

static void
make_request_buffers(struct scene *scene, struct attempt *attempt)
{
	uint32_t count = scene->choice == CHOICE_TOO_MUCH ? UINT32_MAX : 1;
	uint32_t size = scene->choice == CHOICE_TOO_MUCH ?
	    VD_MAX_TRANSFER_SIZE : HALF_BUFFER;

	attempt_answer(attempt, server_request_buffers(set_of(scene),
	    scene->choice == CHOICE_ZERO ? 0 : size,
	    scene->choice == CHOICE_ALIGNMENT ? scene->number : 0, count));
}

static void
make_query_available_buffers(struct scene *scene, struct attempt *attempt)
{
	uint32_t count = 1;
	vd_status status;

	status = server_query_available_buffers(set_of(scene),
	    scene->choice == CHOICE_ZERO ? 0 : HALF_BUFFER, 0, &count);
	attempt_answer(attempt, status);
	if (status == VD_NOERROR)
		(void)snprintf(attempt->answer, sizeof(attempt->answer),
		    "NOERROR, %u buffers", count);
	else if (count != 0)
		attempt_complain(attempt, "a count without success");
}

static void
make_end_configuration(struct scene *scene, struct attempt *attempt)
{
	attempt_answer(attempt, server_end_configuration(set_of(scene)));
}

static void
make_execute_completion_agent(struct scene *scene, struct attempt *attempt)
{
	attempt_answer(attempt, half_run_agent(&scene->server));
}

static void
make_open_device(struct scene *scene, struct attempt *attempt)
{
	struct server_device *device = (struct server_device *)attempt;
	unsigned index = scene->announced % HALF_DEVICES;
	char usual[80], name[100];
	vd_status status;

	half_device_name(&scene->server,
	    scene->choice == CHOICE_TAKEN_NAME ? 0 : index, usual);
	status = server_open_device(set_of(scene),
	    choose_name(scene, usual, name), &device);
	attempt_check_result(attempt, status, device);
	if (status == VD_NOERROR)
		scene->server.partners[index] = device;
	attempt_answer(attempt, status);
}

static void
make_allocate_buffer(struct scene *scene, struct attempt *attempt)
{
	uint8_t *buffer = outside;
	uint32_t size = HALF_BUFFER;
	vd_status status;

	if (scene->choice == CHOICE_ZERO)
		size = 0;
	else if (scene->choice == CHOICE_TOO_MUCH)
		size = VD_MAX_TRANSFER_SIZE;
	status = server_allocate_buffer(set_of(scene), &buffer, size,
	    scene->choice == CHOICE_ALIGNMENT ? scene->number : 0);
	attempt_check_result(attempt, status, buffer);
	attempt_answer(attempt, status);
}

static void
make_free_buffer(struct scene *scene, struct attempt *attempt)
{
	uint32_t size = scene->choice == CHOICE_ANOTHER_SIZE ?
	    HALF_BUFFER - RIG_BLOCK : HALF_BUFFER;
	uint8_t *buffer = scene->server.spare;

	if (scene->choice == CHOICE_FOREIGN || buffer == NULL)
		buffer = outside;
	if (scene->choice == CHOICE_FREED && server_free_buffer(
	    set_of(scene), buffer, size) != VD_NOERROR)
		attempt_complain(attempt, "the first FreeBuffer fails");
	attempt_answer(attempt, server_free_buffer(set_of(scene), buffer,
	    size));
}

static void
make_is_shared_buffer(struct scene *scene, struct attempt *attempt)
{
	const uint8_t *buffer = scene->server.spare;

	if (scene->choice == CHOICE_FOREIGN || buffer == NULL)
		buffer = outside;
	(void)snprintf(attempt->answer, sizeof(attempt->answer), "%d",
	    server_is_shared_buffer(set_of(scene), buffer));
}

/* Where no device can be, none can be had either. */
static bool
has_device(struct scene *scene, struct attempt *attempt)
{
	struct server_device *device;
	vd_status status;

	if (scene->server.partners[0] != NULL)
		return (true);
	status = server_open_device(set_of(scene), scene->server.name,
	    &device);
	(void)snprintf(attempt->answer, sizeof(attempt->answer),
	    status == VD_E_PROTOCOL && device == NULL ? "impossible" :
	    "possible");
	return (false);
}

/* A refusal calls back on the thread of the call, before it returns. */
static void
note_refusal(struct attempt *attempt, const struct rig_command *command)
{
	size_t used = strlen(attempt->answer);

	if (atomic_load(&command->calls) != 1)
		return;
	(void)snprintf(attempt->answer + used, sizeof(attempt->answer) - used,
	    ", callback %d", command->command.completionCode);
	if (!pthread_equal(command->thread, pthread_self()))
		attempt_complain(attempt, "called back on another thread");
}

/* A call that is made from within a callback. */
struct within {
	struct scene *scene;
	struct rig_command *next;
	_Atomic vd_status status;
	_Atomic bool is_done;
};

static void
call_within(struct VDS_Command *command)
{
	struct within *within = command->completionContext;
	struct half *server = &within->scene->server;

	/* The rig's callback counts it. */
	within->next->command.completionRoutine(command);
	if (within->scene->row->call[0] == 'S')
		within->status = server_send_command(server->partners[0],
		    &within->next->command);
	else
		within->status = server_close(server->server);
	within->is_done = true;
}

static bool
is_done(void *context)
{
	return (((struct within *)context)->is_done);
}

/* Have a command come back whose callback makes the call. */
static void
make_within(struct scene *scene, struct attempt *attempt)
{
	static struct within within;
	struct rig_command *first, *spare;

	first = half_slot(&scene->server, 0);
	rig_prepare(first, VDC_Flush, NULL, 0);
	if (scene->row->call[0] == 'S') {
		spare = half_slot(&scene->server, 0);
	} else {
		/* Not sent: it only knows the rig's routine. */
		static struct rig_command unused;

		spare = &unused;
	}
	rig_prepare(spare, VDC_Flush, NULL, 0);
	within.scene = scene;
	within.next = spare;
	within.is_done = false;
	first->command.completionRoutine = call_within;
	first->command.completionContext = &within;
	if (server_send_command(scene->server.partners[0],
	    &first->command) != VD_NOERROR ||
	    half_order(&scene->client, ORDER_TAKE, 0, 0) != VD_NOERROR ||
	    half_order(&scene->client, ORDER_COMPLETE, 0, 0) != VD_NOERROR ||
	    !rig_until(is_done, &within))
		attempt_complain(attempt, "the callback does not come");
	attempt_answer(attempt, within.status);
}

/* The command that is to be sent. */
static void
choose_command(const struct scene *scene, struct VDS_Command *command)
{
	int32_t code = scene->choice == CHOICE_CODE ?
	    (int32_t)scene->number : VDC_Flush;

	rig_prepare((struct rig_command *)command, code, NULL, 0);
	switch (scene->choice) {
	case CHOICE_NO_BUFFER:
	case CHOICE_FOREIGN:
	case CHOICE_NEGATIVE:
		command->commandCode = VDC_Write;
		command->size = scene->choice == CHOICE_NEGATIVE ? -1 :
		    (int32_t)RIG_BLOCK;
		if (scene->choice == CHOICE_FOREIGN)
			command->buffer = outside;
		else if (scene->choice == CHOICE_NEGATIVE)
			command->buffer = scene->server.spare;
		break;
	case CHOICE_NO_ROUTINE:
		command->completionRoutine = NULL;
		break;
	default:
		if (code == VDC_Read || code == VDC_Write) {
			command->size = (int32_t)HALF_BUFFER;
			command->buffer = scene->server.spare;
		}
		break;
	}
}

static void
make_send_command(struct scene *scene, struct attempt *attempt)
{
	struct half *half = &scene->server;
	struct rig_command *command;

	if (!has_device(scene, attempt))
		return;
	if (scene->choice == CHOICE_CALLBACK) {
		make_within(scene, attempt);
		return;
	}
	command = half_slot(half, 0);
	choose_command(scene, &command->command);
	attempt_answer(attempt, server_send_command(half->partners[0],
	    &command->command));
	/* What cannot be called back counts for nothing. */
	if (scene->choice == CHOICE_NO_ROUTINE)
		half->sent_count--;
	else if (strcmp(attempt->answer, "NOERROR") != 0)
		note_refusal(attempt, command);
}

static void
make_close_device(struct scene *scene, struct attempt *attempt)
{
	if (has_device(scene, attempt))
		attempt_answer(attempt,
		    server_close_device(scene->server.partners[0]));
}

static void
make_signal_abort(struct scene *scene, struct attempt *attempt)
{
	attempt_answer(attempt, server_signal_abort(set_of(scene)));
}

static void
make_close(struct scene *scene, struct attempt *attempt)
{
	if (scene->choice == CHOICE_CALLBACK)
		make_within(scene, attempt);
	else
		attempt_answer(attempt, server_close(set_of(scene)));
}

static void
make_wait_for_client(struct scene *scene, struct attempt *attempt)
{
	attempt_answer(attempt, server_wait_for_client(set_of(scene),
	    scene->event == NULL ? 0 : -1));
}

#define SET ON(SIDE_SERVER)
#define DEVICE (SET | ON(SIDE_SERVER_DEVICE))

const struct states_call states_server_calls[] = {
	{ "Open", SET, .make = make_open },
	{ "GetConfiguration", SET, .make = make_get_configuration },
	{ "BeginConfiguration", SET, .make = make_begin_configuration },
	{ "RequestBuffers", SET, .make = make_request_buffers },
	{ "QueryAvailableBuffers", SET, .make = make_query_available_buffers },
	{ "EndConfiguration", SET, .make = make_end_configuration },
	{ "ExecuteCompletionAgent", SET, .make = make_execute_completion_agent,
	    .is_single = true },
	{ "OpenDevice", SET, .make = make_open_device },
	{ "AllocateBuffer", SET, .make = make_allocate_buffer },
	{ "FreeBuffer", SET, .make = make_free_buffer },
	{ "IsSharedBuffer", SET, .make = make_is_shared_buffer,
	    .needs_object = true },
	{ "SendCommand", DEVICE | ON(SIDE_COMMAND), .make = make_send_command,
	    .needs_object = true },
	{ "CloseDevice", DEVICE, .make = make_close_device,
	    .needs_object = true },
	{ "SignalAbort", DEVICE, .make = make_signal_abort },
	{ "Close", SET, .make = make_close },
	{ "wait_for_client", SET, .make = make_wait_for_client },
};
const size_t states_server_call_count = ARRAY_COUNT(states_server_calls);
