/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The tables of commands by the state of the device: a cell is a call with a
 * command of that kind, sent or taken before the device got into its state.
 * Beside the answer, the command's fields arrive as they were given.
 */

#include "states.h"

#include "base/num.h"

#include <string.h>

int32_t
states_command_code(const struct states_row *row)
{
	static const char unnamed[] = "command ";
	int64_t number;
	int32_t code;

	if (strncmp(row->variant, unnamed, strlen(unnamed)) == 0 &&
	    num_parse(row->variant + strlen(unnamed), INT32_MIN, INT32_MAX,
	    &number) == 0)
		return ((int32_t)number);
	for (code = VDC_Read; code <= VDC_Complete; code++)
		if (strcmp(vdi_command_name(code), row->variant) == 0)
			return (code);
	ck_abort_msg("states.md:%u: '%s' is no command", row->line,
	    row->variant);
}

static void
queue(struct scene *scene)
{
	scene_send(scene, 0, states_command_code(scene->row));
}

static void
hold(struct scene *scene)
{
	scene_lend(scene, 0, states_command_code(scene->row));
}

void
states_command_shape(struct scene *scene)
{
	if (strcmp(scene->row->call, "GetCommand") == 0) {
		scene->prepare = queue;
	} else if (strcmp(scene->row->call, "CompleteCommand") == 0) {
		scene->prepare = hold;
		scene->choice = CHOICE_HELD;
	} else {
		scene->choice = CHOICE_CODE;
		scene->number = (uint32_t)states_command_code(scene->row);
	}
}

static bool
moves_data(int32_t code)
{
	return (code == VDC_Read || code == VDC_Write);
}

/* The client has what the server sent. */
static void
check_given(struct scene *scene)
{
	const struct VDC_Command *command = half_held(&scene->client, 0);
	int32_t code = states_command_code(scene->row);
	bool data = moves_data(code);

	if (command->commandCode != code ||
	    command->position != half_position(code) ||
	    command->size != (data ? (int32_t)HALF_BUFFER :
	    half_size(code)) || (command->buffer != NULL) != data)
		scene_fail(scene, "the command is not the one that was sent");
}

/* The server has what the client answered. */
static void
check_answer(struct scene *scene)
{
	const struct VDS_Command *command;
	int32_t code = states_command_code(scene->row);

	scene_want(scene, &scene->server, ORDER_ANSWER, 0, 0, 0);
	if (scene->server.is_remote)
		return;
	command = &scene->server.latest[0]->command;
	if (command->outPosition != half_position(code) ||
	    command->bytesTransferred != (moves_data(code) ?
	    (int32_t)HALF_BUFFER : 0))
		scene_fail(scene, "the completion is not as it was given");
}

void
states_command_check(struct scene *scene)
{
	if (strcmp(scene->row->answer, "NOERROR") != 0)
		return;
	if (strcmp(scene->row->call, "GetCommand") == 0)
		check_given(scene);
	else if (strcmp(scene->row->call, "CompleteCommand") == 0)
		check_answer(scene);
	else if (scene->state == STATE_ACTIVE)
		scene_want(scene, &scene->client, ORDER_TAKE, 0, 0,
		    VD_NOERROR);
}
