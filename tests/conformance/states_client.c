/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/* The client's calls as rows make them, for the primary and for a second
 * process's object alike: the subject of the scene. */

#include "states.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void
attempt_answer(struct attempt *attempt, vd_status status)
{
	(void)snprintf(attempt->answer, sizeof(attempt->answer), "%s",
	    vdi_status_name(status));
}

void
attempt_complain(struct attempt *attempt, const char *complaint)
{
	if (attempt->complaint == NULL)
		attempt->complaint = complaint;
}

void
attempt_check_result(struct attempt *attempt, vd_status status,
    const void *result)
{
	if ((status == VD_NOERROR) != (result != NULL))
		attempt_complain(attempt, "the result is set if and only if "
		    "the call succeeded");
}

/* The name that a call is to be made with. */
static const char *
choose_name(const struct scene *scene, const char *usual, char name[512])
{
	size_t i;

	(void)snprintf(name, 512, "%s", usual);
	switch (scene->choice) {
	case CHOICE_NO_NAME:
		return (NULL);
	case CHOICE_EMPTY_NAME:
		name[0] = '\0';
		break;
	case CHOICE_BACKSLASH:
		(void)snprintf(name, 512, "%s\\", usual);
		break;
	case CHOICE_LONG_NAME:
		memset(name, 'n', VD_MAX_NAME + 1);
		name[VD_MAX_NAME + 1] = '\0';
		break;
	case CHOICE_WRONG_NAME:
		(void)snprintf(name, 512, "not %s", usual);
		break;
	case CHOICE_WRONG_LETTERS:
		for (i = 0; name[i] != '\0'; i++)
			name[i] = (char)toupper((unsigned char)name[i]);
		break;
	default:
		break;
	}
	return (name);
}

static void
make_create(struct scene *scene, struct attempt *attempt)
{
	struct half *half = scene->subject;
	struct VDConfig wishes = half->wishes;
	char name[512], fresh[64];
	const char *chosen;
	vd_status status;

	switch (scene->choice) {
	case CHOICE_FEATURES:
		wishes.features = scene->number;
		break;
	case CHOICE_COUNT:
		wishes.deviceCount = scene->number;
		break;
	case CHOICE_ALIGNMENT:
		wishes.alignment = scene->number;
		break;
	case CHOICE_FILEMARK:
		wishes.softFileMarkBlockSize = scene->number;
		break;
	case CHOICE_PREFIX:
		wishes.prefixZoneSize = scene->number;
		break;
	default:
		break;
	}
	if (scene->choice == CHOICE_SAME_NAME)
		(void)snprintf(scene->created, sizeof(scene->created), "%s",
		    half->name);
	if (scene->created[0] == '\0') {
		rig_name(fresh);
		(void)snprintf(scene->created, sizeof(scene->created), "%s",
		    fresh);
	}
	chosen = choose_name(scene, scene->created, name);
	status = client_create(half->client, chosen,
	    scene->choice == CHOICE_NO_CONFIGURATION ? NULL : &wishes);
	if (status == VD_NOERROR)
		half->was_open = true;
	attempt_answer(attempt, status);
}

static void
make_get_configuration(struct scene *scene, struct attempt *attempt)
{
	struct VDConfig config;
	vd_status status;

	status = client_get_configuration(scene->subject->client,
	    scene->event == NULL ? 0 : -1,
	    scene->choice == CHOICE_NO_RESULT ? NULL : &config);
	if (status == VD_NOERROR && (config.deviceCount != HALF_DEVICES ||
	    config.blockSize != RIG_BLOCK || config.features !=
	    (VDF_RequestComplete | VDF_CompleteEnabled | VDF_WriteMedia)))
		attempt_complain(attempt, "it is not the configuration");
	attempt_answer(attempt, status);
}

/* The first device that nobody has opened. */
static unsigned
next_device(const struct scene *scene)
{
	unsigned i;

	for (i = 0; i + 1 < HALF_DEVICES; i++)
		if (i >= scene->opened)
			break;
	return (scene->opened < HALF_DEVICES ? i : 0);
}

static void
make_open_device(struct scene *scene, struct attempt *attempt)
{
	struct client_device *device = (struct client_device *)attempt;
	unsigned index = scene->choice == CHOICE_TAKEN_NAME ? 0 :
	    next_device(scene) + attempt->number;
	char usual[80], name[512];
	vd_status status;

	half_device_name(scene->subject, index, usual);
	status = client_open_device(scene->subject->client,
	    choose_name(scene, usual, name), &device);
	attempt_check_result(attempt, status, device);
	if (status == VD_NOERROR)
		scene->subject->devices[index] = device;
	attempt_answer(attempt, status);
}

/* The device that this caller drives. */
static unsigned
device_of(const struct scene *scene, const struct attempt *attempt)
{
	return (scene_device(scene) + attempt->number);
}

/* Where no device can be, none can be had either. */
static bool
has_device(struct scene *scene, struct attempt *attempt)
{
	struct client_device *device;
	vd_status status;

	if (scene->subject->devices[device_of(scene, attempt)] != NULL)
		return (true);
	status = client_open_device(scene->subject->client,
	    scene->subject->name, &device);
	(void)snprintf(attempt->answer, sizeof(attempt->answer),
	    status == VD_E_PROTOCOL && device == NULL ? "impossible" :
	    "possible");
	return (false);
}

/* A command's prefix zone and data reach the other side. */
static void
check_prefix(struct scene *scene, struct attempt *attempt,
    const struct VDC_Command *command)
{
	if (scene->choice != CHOICE_PREFIX)
		return;
	if ((uintptr_t)command->buffer % RIG_BLOCK != 0)
		attempt_complain(attempt, "the buffer is not aligned");
	memset(command->buffer - RIG_BLOCK, 'p', RIG_BLOCK);
}

static void
make_get_command(struct scene *scene, struct attempt *attempt)
{
	struct VDC_Command *command = (struct VDC_Command *)&attempt->number;
	unsigned device = device_of(scene, attempt);
	vd_status status;

	if (!has_device(scene, attempt))
		return;
	status = client_get_command(scene->subject->devices[device],
	    scene->event == NULL ? 0 : -1, &command);
	attempt_check_result(attempt, status, command);
	if (status == VD_NOERROR) {
		check_prefix(scene, attempt, command);
		if (!half_hold(scene->subject, device, command))
			attempt_complain(attempt, "too many are held");
	}
	attempt_answer(attempt, status);
}

/* The command that is to be completed. */
static struct VDC_Command *
choose_command(const struct scene *scene, unsigned device)
{
	static struct VDC_Command foreign;

	switch (scene->choice) {
	case CHOICE_HELD:
	case CHOICE_LENT:
	case CHOICE_TOO_MANY_BYTES:
	case CHOICE_TWICE:
		return (half_held(scene->subject, device));
	case CHOICE_FOREIGN:
		foreign = *half_held(scene->subject, device);
		return (&foreign);
	case CHOICE_OTHERS:
		return (half_held(scene->subject, 1));
	case CHOICE_NULL:
		return (NULL);
	default:
		return (scene->subject->past[device]);
	}
}

static void
make_complete_command(struct scene *scene, struct attempt *attempt)
{
	struct half *half = scene->subject;
	unsigned device = device_of(scene, attempt);
	struct VDC_Command *command;
	int64_t position = 0;
	uint32_t bytes = 0;

	if (!has_device(scene, attempt))
		return;
	command = choose_command(scene, device);
	if (command != NULL) {
		position = half_position(command->commandCode);
		if (command->buffer != NULL)
			bytes = (uint32_t)command->size;
	}
	if (scene->choice == CHOICE_TOO_MANY_BYTES)
		bytes++;
	if (scene->choice == CHOICE_TWICE &&
	    client_complete_command(half->devices[device], command,
	    scene->number, bytes, position) != VD_NOERROR)
		attempt_complain(attempt, "the first completion fails");
	attempt_answer(attempt, client_complete_command(half->devices[device],
	    command, scene->number, bytes, position));
}

static void
make_signal_abort(struct scene *scene, struct attempt *attempt)
{
	attempt_answer(attempt, client_signal_abort(scene->subject->client));
}

static void
make_close(struct scene *scene, struct attempt *attempt)
{
	attempt_answer(attempt, client_close(scene->subject->client));
}

static void
make_open_in_secondary(struct scene *scene, struct attempt *attempt)
{
	struct half *half = scene->subject;
	char name[512];
	vd_status status;

	status = client_open_in_secondary(half->client,
	    choose_name(scene, half->name, name));
	if (status == VD_NOERROR) {
		half->was_open = true;
		/* Those of an earlier set are dead. */
		memset(half->devices, 0, sizeof(half->devices));
	}
	attempt_answer(attempt, status);
}

static void
make_get_buffer_handle(struct scene *scene, struct attempt *attempt)
{
	static uint8_t foreign[RIG_BLOCK];
	const struct half *half = scene->subject;
	const uint8_t *buffer = foreign;
	uint32_t handle = 1;
	vd_status status;

	if (scene->choice == CHOICE_GIVEN_BACK)
		buffer = scene->buffer;
	else if (scene->choice == CHOICE_LENT ||
	    scene->choice == CHOICE_INSIDE)
		buffer = half_held(half, scene_device(scene))->buffer;
	if (scene->choice == CHOICE_INSIDE)
		buffer += RIG_BLOCK;
	status = client_get_buffer_handle(half->client, buffer, &handle);
	if ((status == VD_NOERROR) != (handle != 0))
		attempt_complain(attempt, "the handle is not as the answer");
	attempt_answer(attempt, status);
}

static void
make_map_buffer_handle(struct scene *scene, struct attempt *attempt)
{
	const struct half *half = scene->subject;
	uint8_t *buffer = (uint8_t *)attempt, *lent = NULL;
	uint32_t handle = UINT32_MAX;
	vd_status status;

	if (scene->choice == CHOICE_HANDLE) {
		handle = scene->handle;
	} else if (scene->choice == CHOICE_LENT) {
		lent = half_held(half, scene_device(scene))->buffer;
		if (client_get_buffer_handle(half->client, lent, &handle) !=
		    VD_NOERROR)
			attempt_complain(attempt, "there is no handle");
	}
	status = client_map_buffer_handle(half->client, handle, &buffer);
	attempt_check_result(attempt, status, buffer);
	if (lent != NULL && buffer != lent)
		attempt_complain(attempt, "it is another buffer");
	attempt_answer(attempt, status);
}

#define SETS (ON(SIDE_CLIENT) | ON(SIDE_SECONDARY))
#define DEVICE (SETS | ON(SIDE_CLIENT_DEVICE))
#define COMMANDS (DEVICE | ON(SIDE_COMMAND))

const struct states_call states_client_calls[] = {
	{ "Create", SETS, .make = make_create },
	{ "GetConfiguration", SETS, .make = make_get_configuration },
	{ "OpenDevice", SETS, .make = make_open_device },
	{ "GetCommand", COMMANDS, .make = make_get_command,
	    .needs_object = true },
	{ "CompleteCommand", COMMANDS, .make = make_complete_command,
	    .needs_object = true },
	{ "SignalAbort", DEVICE, .make = make_signal_abort },
	{ "Close", SETS, .make = make_close },
	{ "OpenInSecondary", SETS, .make = make_open_in_secondary },
	{ "GetBufferHandle", SETS, .make = make_get_buffer_handle },
	{ "MapBufferHandle", SETS, .make = make_map_buffer_handle },
};
const size_t states_client_call_count = ARRAY_COUNT(states_client_calls);
