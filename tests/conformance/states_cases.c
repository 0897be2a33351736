/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The parts that a row's case is made of: what is prepared, what is chosen
 * for the call, and what ends its wait.
 */

#include "states.h"

#include "states_prepare.h"

#include <string.h>

#define CLIENTS                                                                \
	(ON(SIDE_CLIENT) | ON(SIDE_SECONDARY) | ON(SIDE_CLIENT_DEVICE))
#define SERVERS (ON(SIDE_SERVER) | ON(SIDE_SERVER_DEVICE))
#define ALL (CLIENTS | SERVERS | ON(SIDE_RACE))

/* ---- what ends a wait ---- */

static void
abort_self(struct scene *scene)
{
	(void)half_order(scene->subject, ORDER_ABORT, 0, 0);
}

static void
close_self(struct scene *scene)
{
	(void)half_order(scene->subject, ORDER_CLOSE, 0, 0);
}

static void
abort_other(struct scene *scene)
{
	(void)half_order(scene->other, ORDER_ABORT, 0, 0);
}

static void
close_other(struct scene *scene)
{
	(void)half_order(scene->other, ORDER_CLOSE, 0, 0);
}

static void
abort_primary(struct scene *scene)
{
	(void)half_order(&scene->client, ORDER_ABORT, 0, 0);
}

static void
close_primary(struct scene *scene)
{
	(void)half_order(&scene->client, ORDER_CLOSE, 0, 0);
}

static void
configure(struct scene *scene)
{
	(void)half_order(&scene->server, ORDER_BEGIN, 0, 0);
	(void)half_order(&scene->server, ORDER_END, 0, 0);
}

static void
send_one(struct scene *scene)
{
	(void)half_order(&scene->server, ORDER_SEND, scene_device(scene),
	    VDC_Flush);
}

static void
close_device(struct scene *scene)
{
	(void)half_order(&scene->server, ORDER_CLOSE_DEVICE,
	    scene_device(scene), 0);
}

static void
close_devices(struct scene *scene)
{
	unsigned i;

	for (i = 0; i < HALF_DEVICES; i++)
		(void)half_order(&scene->server, ORDER_CLOSE_DEVICE, i, 0);
}

static void
announce_rest(struct scene *scene)
{
	unsigned i;

	for (i = 1; i < HALF_DEVICES; i++)
		(void)half_order(&scene->server, ORDER_ANNOUNCE, i, 0);
}

static void
open_last(struct scene *scene)
{
	(void)half_order(&scene->client, ORDER_OPEN, HALF_DEVICES - 1, 0);
}

/* ---- the texts ---- */

static const struct states_case cases[] = {
	/* Names. */
	{ "an empty name", ALL, NULL, .choice = CHOICE_EMPTY_NAME },
	{ "no name", ALL, NULL, .choice = CHOICE_NO_NAME },
	{ "a backslash in the name", CLIENTS, "Create",
	    .choice = CHOICE_BACKSLASH },
	{ "a name of 261 characters", CLIENTS, "Create",
	    .choice = CHOICE_LONG_NAME },
	{ "a name in use", CLIENTS, "Create", .choice = CHOICE_USED_NAME,
	    .prepare = prepare_make_spare },
	{ "the same name", CLIENTS, "Create", .choice = CHOICE_SAME_NAME },
	{ "a name of no device", ALL, "OpenDevice",
	    .choice = CHOICE_WRONG_NAME },
	{ "a name in other letters", CLIENTS, NULL,
	    .choice = CHOICE_WRONG_LETTERS },
	{ "a name that is open", ALL, "OpenDevice",
	    .choice = CHOICE_TAKEN_NAME },
	{ "the primary's device", CLIENTS, "OpenDevice",
	    .choice = CHOICE_TAKEN_NAME },
	{ "each its own", ALL, "OpenDevice", .choice = CHOICE_EACH },
	{ "no such set", SERVERS, "Open", .choice = CHOICE_WRONG_NAME },

	/* The client's wishes. */
	{ "the server's bits", CLIENTS, "Create", .choice = CHOICE_FEATURES,
	    .number = VDF_WriteMedia | VDF_ReadMedia | VDF_CompleteEnabled },
	{ "features of no family", CLIENTS, "Create",
	    .choice = CHOICE_FEATURES, .number = VDF_Rewind },
	{ "no device", CLIENTS, "Create", .choice = CHOICE_COUNT,
	    .number = 0 },
	{ "65 devices", CLIENTS, "Create", .choice = CHOICE_COUNT,
	    .number = 65 },
	{ "an alignment of 3", ALL, NULL, .choice = CHOICE_ALIGNMENT,
	    .number = 3 },
	{ "a soft filemark without filemarks", CLIENTS, "Create",
	    .choice = CHOICE_FILEMARK, .number = 512 },
	{ "a prefix zone of 2 MiB", CLIENTS, "Create",
	    .choice = CHOICE_PREFIX, .number = 2097152 },
	{ "no configuration", CLIENTS, "Create",
	    .choice = CHOICE_NO_CONFIGURATION },
	{ "no place for the result", CLIENTS, "GetConfiguration",
	    .choice = CHOICE_NO_RESULT },

	/* How far both sides are. */
	{ "the server has not come", CLIENTS, NULL,
	    .shape = prepare_be_absent },
	{ "the server has begun", CLIENTS, NULL, .follow = prepare_begin },
	{ "before GetConfiguration", CLIENTS, NULL,
	    .shape = prepare_be_unasked },
	{ "no device open", ALL, NULL, .shape = prepare_open_none },
	{ "the first device", SERVERS, NULL, .shape = prepare_open_none },
	{ "the last device", CLIENTS, "OpenDevice",
	    .shape = prepare_open_all_but_one },
	{ "the last device", SERVERS, "OpenDevice",
	    .shape = prepare_open_all_but_one },
	{ "the last device", SERVERS, "CloseDevice",
	    .prepare = prepare_end_the_others },
	{ "every device open", SERVERS | ON(SIDE_SECONDARY), NULL,
	    .shape = prepare_open_all },
	{ "all but the client's last open", SERVERS, NULL,
	    .shape = prepare_announce_all },
	{ "a name not announced", CLIENTS, "OpenDevice",
	    .shape = prepare_announce_one },
	{ "the agent running", SERVERS, NULL, .shape = prepare_have_agent },
	{ "no device of its own", ON(SIDE_SECONDARY), NULL,
	    .shape = prepare_own_nothing },
	{ "the name not kept", ON(SIDE_SECONDARY), NULL,
	    .shape = prepare_drop_name },
	{ "the set not configured", ON(SIDE_SECONDARY), NULL,
	    .shape = prepare_stay_unconfigured },
	{ "the primary still at work", ON(SIDE_SECONDARY), NULL,
	    .shape = prepare_leave_primary_at_work,
	    .prepare = prepare_end_one },
	{ "the server has closed", CLIENTS, NULL,
	    .follow = prepare_close_other },
	{ "the client has closed", SERVERS, NULL,
	    .follow = prepare_close_other },
	{ "the server has died", CLIENTS, NULL,
	    .follow = prepare_outlive_other, .needs_process = true },
	{ "the client has died", SERVERS, NULL,
	    .follow = prepare_outlive_other, .needs_process = true },
	{ "a set in the abort state", SERVERS | ON(SIDE_SECONDARY), NULL,
	    .follow = prepare_abort_client },
	{ "a set that was closed", SERVERS, "Open",
	    .follow = prepare_close_client },
	{ "a set whose client has died", SERVERS, "Open",
	    .follow = prepare_kill_client, .needs_process = true },
	{ "a set whose primary has died", ON(SIDE_SECONDARY), NULL,
	    .follow = prepare_kill_client, .needs_process = true },
	{ "a set that has a server", SERVERS, "Open",
	    .follow = prepare_make_rival },

	/* Commands. */
	{ "a command queued", ALL, NULL, .prepare = prepare_queue_command },
	{ "a command held", ALL, NULL, .choice = CHOICE_HELD,
	    .prepare = prepare_hold_command },
	{ "a Write held", CLIENTS, NULL, .choice = CHOICE_HELD,
	    .prepare = prepare_hold_write },
	{ "ClearError queued", ALL, NULL, .follow = prepare_queue_clear },
	{ "ClearError held", CLIENTS, NULL, .choice = CHOICE_HELD,
	    .follow = prepare_hold_clear },
	{ "another device's command", CLIENTS, "CompleteCommand",
	    .choice = CHOICE_OTHERS, .prepare = prepare_hold_on_another },
	{ "completed twice", CLIENTS, "CompleteCommand",
	    .choice = CHOICE_TWICE },
	{ "no command", CLIENTS, "CompleteCommand", .choice = CHOICE_NULL },
	{ "a copy of it", CLIENTS, "CompleteCommand",
	    .choice = CHOICE_FOREIGN },
	{ "more bytes than its size", CLIENTS, "CompleteCommand",
	    .choice = CHOICE_TOO_MANY_BYTES },
	{ "a lent buffer", ALL, NULL, .choice = CHOICE_LENT,
	    .prepare = prepare_hold_write },
	{ "inside a lent buffer", CLIENTS, NULL, .choice = CHOICE_INSIDE,
	    .prepare = prepare_hold_write },
	{ "a buffer given back", CLIENTS, NULL, .choice = CHOICE_GIVEN_BACK,
	    .prepare = prepare_give_back },
	{ "a buffer lent to the primary", CLIENTS, NULL,
	    .choice = CHOICE_HANDLE, .prepare = prepare_lend_to_primary },
	{ "a prefix zone", CLIENTS, "GetCommand", .choice = CHOICE_PREFIX,
	    .shape = prepare_ask_for_prefix, .prepare = prepare_queue_write },
	{ "the device closed", ALL, NULL, .prepare = prepare_close_one },
	{ "the device's end reported", CLIENTS, NULL,
	    .prepare = prepare_end_one },
	{ "the last device closed", CLIENTS, NULL,
	    .prepare = prepare_close_the_last },
	{ "every device closed", ALL, NULL, .prepare = prepare_close_each },
	{ "the device in IO-ERROR", SERVERS, NULL,
	    .prepare = prepare_fail_device },
	{ "after ClearError", ALL, NULL, .prepare = prepare_recover_device },
	{ "the queue full", SERVERS, NULL, .prepare = prepare_fill_queue },
	{ "the queue full and held", SERVERS, NULL,
	    .prepare = prepare_fill_client },
	{ "with 30", CLIENTS, "CompleteCommand", .number = 30 },
	{ "with 38", CLIENTS, "CompleteCommand", .number = 38 },
	{ "with 50", CLIENTS, "CompleteCommand", .number = 50 },
	{ "with 112", CLIENTS, "CompleteCommand", .number = 112 },
	{ "with 995", CLIENTS, "CompleteCommand", .number = 995 },
	{ "with 1100", CLIENTS, "CompleteCommand", .number = 1100 },
	{ "with 1101", CLIENTS, "CompleteCommand", .number = 1101 },
	{ "with 1104", CLIENTS, "CompleteCommand", .number = 1104 },
	{ "with 1129", CLIENTS, "CompleteCommand", .number = 1129 },

	/* The server's arguments. */
	{ "a block size of 0", SERVERS, NULL, .choice = CHOICE_BLOCK,
	    .number = 0 },
	{ "a block size of 513", SERVERS, NULL, .choice = CHOICE_BLOCK,
	    .number = 513 },
	{ "a block size of 131072", SERVERS, NULL, .choice = CHOICE_BLOCK,
	    .number = 131072 },
	{ "an alignment of 256", SERVERS, NULL, .choice = CHOICE_ALIGNMENT,
	    .number = 256 },
	{ "an alignment of 768", SERVERS, NULL, .choice = CHOICE_ALIGNMENT,
	    .number = 768 },
	{ "an alignment of 131072", SERVERS, NULL,
	    .choice = CHOICE_ALIGNMENT, .number = 131072 },
	{ "a transfer size of 0", SERVERS, NULL, .choice = CHOICE_TRANSFER,
	    .number = 0 },
	{ "a transfer size of 98304", SERVERS, NULL,
	    .choice = CHOICE_TRANSFER, .number = 98304 },
	{ "a transfer size of 8388608", SERVERS, NULL,
	    .choice = CHOICE_TRANSFER, .number = 8388608 },
	{ "a size of 0", SERVERS, NULL, .choice = CHOICE_ZERO },
	{ "more than there is", SERVERS, NULL, .choice = CHOICE_TOO_MUCH },
	{ "buffers requested", SERVERS, "EndConfiguration",
	    .prepare = prepare_request_buffers },
	{ "more than there is requested", SERVERS, "EndConfiguration",
	    .prepare = prepare_request_too_much },
	{ "fewer requested after VD_E_MEMORY", SERVERS, "EndConfiguration",
	    .prepare = prepare_ask_again },
	{ "another size", SERVERS, NULL, .choice = CHOICE_ANOTHER_SIZE },
	{ "freed before", SERVERS, NULL, .choice = CHOICE_FREED },
	{ "an address outside", SERVERS, NULL, .choice = CHOICE_FOREIGN },
	{ "no buffer", SERVERS, "SendCommand", .choice = CHOICE_NO_BUFFER },
	{ "a negative size", SERVERS, "SendCommand",
	    .choice = CHOICE_NEGATIVE },
	{ "no completion routine", SERVERS, "SendCommand",
	    .choice = CHOICE_NO_ROUTINE },
	{ "ClearError", SERVERS, "SendCommand", .choice = CHOICE_CODE,
	    .number = VDC_ClearError },
	{ "VDC_Complete not asked for", SERVERS, "SendCommand",
	    .choice = CHOICE_CODE, .number = VDC_Complete,
	    .shape = prepare_ask_for_nothing },
	{ "from a callback", SERVERS, NULL, .choice = CHOICE_CALLBACK },

	/* What ends a wait. */
	{ "until SignalAbort", ALL, NULL, .event = abort_self,
	    .several = true },
	{ "until Close", ALL, NULL, .event = close_self, .several = true },
	{ "until the server's SignalAbort", CLIENTS, NULL,
	    .event = abort_other, .several = true },
	{ "until the client's SignalAbort", SERVERS, NULL,
	    .event = abort_other, .several = true },
	{ "until the server's Close", CLIENTS, NULL, .event = close_other,
	    .several = true },
	{ "until the client's Close", SERVERS, NULL, .event = close_other,
	    .several = true },
	{ "until the server's death", CLIENTS, NULL,
	    .event = prepare_kill_other, .several = true,
	    .needs_process = true },
	{ "until the client's death", SERVERS, NULL,
	    .event = prepare_kill_other, .several = true,
	    .needs_process = true },
	{ "until the primary's SignalAbort", ON(SIDE_SECONDARY), NULL,
	    .event = abort_primary, .several = true },
	{ "until the primary's Close", ON(SIDE_SECONDARY), NULL,
	    .event = close_primary, .several = true },
	{ "until the primary's death", ON(SIDE_SECONDARY), NULL,
	    .event = prepare_kill_client, .several = true,
	    .needs_process = true },
	{ "until the server configures", CLIENTS, "GetConfiguration",
	    .event = configure, .several = true },
	{ "until the server opens it", CLIENTS, "OpenDevice",
	    .event = announce_rest },
	{ "until the server opens every device", CLIENTS, "OpenDevice",
	    .shape = prepare_announce_one, .event = announce_rest,
	    .several = true },
	{ "until a command comes", CLIENTS, "GetCommand",
	    .event = send_one },
	{ "until the device is closed", CLIENTS, "GetCommand",
	    .event = close_device },
	{ "until every device is closed", SERVERS, NULL,
	    .event = close_devices },
	{ "until the client opens the last device", SERVERS, NULL,
	    .event = open_last, .several = true },
};

size_t
states_case_count(void)
{
	return (ARRAY_COUNT(cases));
}

const struct states_case *
states_case_at(size_t index)
{
	return (&cases[index]);
}

const struct states_case *
states_case_find(const struct states_row *row, const char *text)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(cases); i++)
		if ((cases[i].sides & ON(row->side)) != 0 &&
		    (cases[i].call == NULL ||
		    strcmp(cases[i].call, row->call) == 0) &&
		    strcmp(cases[i].text, text) == 0)
			return (&cases[i]);
	return (NULL);
}

static void
take_over(struct scene *scene, const struct states_case *part)
{
	if (scene->case_count == CASES)
		scene_fail(scene, "a case has too many parts");
	scene->cases[scene->case_count++] = part;
	if (part->choice != CHOICE_NONE)
		scene->choice = part->choice;
	if (part->number != 0)
		scene->number = part->number;
	if (part->event != NULL) {
		scene->event = part->event;
		scene->several = part->several;
	}
}

void
states_case_parse(struct scene *scene)
{
	const char *rest = scene->row->variant;
	const struct states_case *part;
	char text[80];
	size_t length;

	while (scene->row->side != SIDE_COMMAND && *rest != '\0') {
		length = strcspn(rest, ",");
		if (length >= sizeof(text))
			scene_fail(scene, "a case's part is too long");
		memcpy(text, rest, length);
		text[length] = '\0';
		part = states_case_find(scene->row, text);
		if (part == NULL)
			scene_fail(scene, "nobody knows the case '%s'", text);
		take_over(scene, part);
		rest += length;
		rest += strspn(rest, ", ");
	}
}
