/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "unit/engine/fake.h"

#include "base/str.h"
#include "engine/device.h"
#include "engine/engine.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 60000
#define CONFIGURE_MS 100
#define HOLD_MS 20000

struct player {
	struct fake *fake;
	struct client_set *set;
	struct client_device *device;
	unsigned number; /* from 1 */
	unsigned commands;
	bool has_failed;
};

void
fake_init(struct fake *fake, const char *name, unsigned devices,
    const char *sqlite)
{
	unsigned i;

	memset(fake, 0, sizeof(*fake));
	fake->name = name;
	fake->devices = devices;
	fake->option = "--sqlite";
	fake->sqlite = sqlite;
	fake->features = VDF_RequestComplete;
	for (i = 0; i < VD_MAX_DEVICES; i++)
		fake->order[i] = i;
}

void
fake_release(struct fake *fake)
{
	unsigned i;

	for (i = 0; i < VD_MAX_DEVICES; i++)
		free(fake->stripes[i].bytes);
	free(fake->output);
	fake->output = NULL;
}

void
fake_rewind(struct fake *fake)
{
	unsigned i;

	for (i = 0; i < VD_MAX_DEVICES; i++) {
		struct fake_stripe stripe = fake->stripes[i];

		memset(&fake->stripes[i], 0, sizeof(stripe));
		fake->stripes[i].bytes = stripe.bytes;
		fake->stripes[i].size = stripe.size;
		fake->stripes[i].room = stripe.room;
	}
}

bool
fake_has_message(const struct fake *fake, int number)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "\"number\":%d,", number);
	if (strstr(fake->output, text) != NULL)
		return (true);
	(void)snprintf(text, sizeof(text), "Msg %d,", number);
	return (strstr(fake->output, text) != NULL);
}

static void
keep(struct fake_stripe *stripe, const void *bytes, size_t size)
{
	if (stripe->room - stripe->size < size) {
		stripe->room = (stripe->room + size) * 2;
		stripe->bytes = realloc(stripe->bytes, stripe->room);
		ck_assert_ptr_nonnull(stripe->bytes);
	}
	memcpy(stripe->bytes + stripe->size, bytes, size);
	stripe->size += size;
}

static void
touch(const char *path)
{
	FILE *file = fopen(path, "ae");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fclose(file), 0);
}

static uint32_t
play(struct player *player, const struct VDC_Command *command,
    uint32_t *bytes)
{
	struct fake *fake = player->fake;
	struct fake_stripe *stripe =
	    &fake->stripes[fake->order[player->number - 1]];
	size_t size = (size_t)command->size;
	size_t left = stripe->size - stripe->at;

	stripe->reads++;
	if (fake->short_reads != 0 && size > fake->short_reads)
		size = fake->short_reads;
	if (size > left)
		size = left;
	if (size > 0)
		memcpy(command->buffer, stripe->bytes + stripe->at, size);
	stripe->at += size;
	*bytes = (uint32_t)size;
	if (fake->touch != NULL && player->number == 2 && size == left)
		touch(fake->touch);
	if (left >= (size_t)command->size || fake->end == FAKE_END_SHORT ||
	    (fake->short_reads != 0 && size > 0))
		return (VD_ERROR_SUCCESS);
	if (fake->end == FAKE_END_EOF)
		return (VD_ERROR_HANDLE_EOF);
	return (size > 0 ? VD_ERROR_SUCCESS : VD_ERROR_NO_DATA_DETECTED);
}

static uint32_t
execute(struct player *player, const struct VDC_Command *command,
    uint32_t *bytes)
{
	struct fake *fake = player->fake;
	struct fake_stripe *stripe =
	    &fake->stripes[fake->order[player->number - 1]];

	*bytes = 0;
	if (fake->fail_device == player->number && !player->has_failed &&
	    command->commandCode == fake->fail_code) {
		player->has_failed = true;
		return (fake->fail_with);
	}
	switch (command->commandCode) {
	case VDC_Write:
		stripe->writes++;
		stripe->size_or |= (uint32_t)command->size;
		if ((uint32_t)command->size > stripe->size_max)
			stripe->size_max = (uint32_t)command->size;
		keep(stripe, command->buffer, (size_t)command->size);
		*bytes = (uint32_t)command->size;
		return (VD_ERROR_SUCCESS);
	case VDC_Read:
		stripe->size_or |= (uint32_t)command->size;
		return (play(player, command, bytes));
	case VDC_Flush:
		stripe->flushes++;
		return (VD_ERROR_SUCCESS);
	case VDC_Complete:
		stripe->completes++;
		return (VD_ERROR_SUCCESS);
	case VDC_ClearError:
		stripe->clears++;
		return (VD_ERROR_SUCCESS);
	default:
		return (VD_ERROR_NOT_SUPPORTED);
	}
}

/* Two commands are executed in order and completed in reverse. */
static vd_status
serve_pair(struct player *player)
{
	struct VDC_Command *commands[2];
	uint32_t codes[2];
	uint32_t bytes[2];
	vd_status status;
	unsigned count = 0;

	status = client_get_command(player->device, WAIT_MS, &commands[0]);
	if (status != VD_NOERROR)
		return (status);
	if (player->fake->drop_device == player->number &&
	    player->commands == 1) {
		player->commands++;
		return (VD_NOERROR);
	}
	if (player->fake->signal_device == player->number &&
	    player->commands == 2) {
		ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
		/* Held, so that the end is not there before the signal. */
		player->commands++;
		return (VD_NOERROR);
	}
	codes[count] = execute(player, commands[0], &bytes[0]);
	count++;
	if (player->fake->in_reverse && codes[0] == VD_ERROR_SUCCESS &&
	    client_get_command(player->device, 0, &commands[1]) ==
	    VD_NOERROR) {
		codes[1] = execute(player, commands[1], &bytes[1]);
		count++;
	}
	player->commands += count;
	if (player->fake->abort_device == player->number &&
	    player->commands >= 3)
		(void)client_signal_abort(player->set);
	while (count-- > 0)
		IGNORE_RESULT(client_complete_command(player->device,
		    commands[count], codes[count], bytes[count], 0));
	return (VD_NOERROR);
}

/* The first commands, all of which the engine has to send before it hears
 * of any. */
static vd_status
serve_held(struct player *player, struct fake_stripe *stripe)
{
	struct VDC_Command *commands[DEVICE_DEPTH_MAX];
	vd_status status = VD_NOERROR;
	uint32_t bytes;
	uint32_t code;
	unsigned i;

	for (i = 0; i < player->fake->hold && status == VD_NOERROR; i++)
		status = client_get_command(player->device, HOLD_MS,
		    &commands[i]);
	stripe->was_full = status == VD_NOERROR;
	if (!stripe->was_full)
		i--;
	player->commands = i;
	for (i = 0; i < player->commands; i++) {
		code = execute(player, commands[i], &bytes);
		IGNORE_RESULT(client_complete_command(player->device,
		    commands[i], code, bytes, 0));
	}
	return (status == VD_E_TIMEOUT ? VD_NOERROR : status);
}

static void *
serve(void *context)
{
	struct player *player = context;
	struct fake_stripe *stripe =
	    &player->fake->stripes[player->fake->order[player->number - 1]];
	vd_status status = VD_NOERROR;

	if (player->fake->hold > 0)
		status = serve_held(player, stripe);
	while (status == VD_NOERROR)
		status = serve_pair(player);
	stripe->last = status;
	stripe->is_closed = status == VD_E_CLOSE;
	stripe->is_aborted = status == VD_E_ABORT;
	return (NULL);
}

static void
device_name(const struct fake *fake, unsigned number, char *text, size_t size)
{
	if (number == 1)
		(void)snprintf(text, size, "%s", fake->name);
	else
		(void)snprintf(text, size, "%s%u", fake->name, number - 1);
}

static char *
make_statement(const struct fake *fake, const char *text)
{
	const char *place = strstr(text, "DEVICES");
	struct str statement;
	char *made;
	char name[280];
	unsigned i;

	str_init(&statement);
	if (place == NULL) {
		str_add(&statement, text);
	} else {
		str_add_bytes(&statement, text, (size_t)(place - text));
		for (i = 0; i < fake->devices; i++) {
			device_name(fake, i + 1, name, sizeof(name));
			str_addf(&statement, "%sVIRTUAL_DEVICE='%s'",
			    i > 0 ? ", " : "", name);
		}
		str_add(&statement, place + strlen("DEVICES"));
	}
	made = str_detach(&statement, NULL);
	ck_assert_ptr_nonnull(made);
	return (made);
}

struct server {
	struct fake *fake;
	const char *statement;
	atomic_bool is_over;
};

static void *
run_engine(void *context)
{
	struct server *server = context;
	struct fake *fake = server->fake;
	struct options options;
	struct error error;
	struct report *report;
	FILE *stream;
	size_t size;

	free(fake->output);
	fake->output = NULL;
	stream = open_memstream(&fake->output, &size);
	report = report_new(fake->form, stream);
	options_init(&options);
	error_init(&error);
	options.complete_in_turn = fake->complete_in_turn;
	options.no_complete = fake->no_complete;
	if (fake->sqlite != NULL) {
		char *argv[] = { (char *)"vdi-engine",
			(char *)(uintptr_t)fake->option,
			(char *)(uintptr_t)fake->sqlite, (char *)"--inject",
			(char *)(uintptr_t)fake->inject, NULL };

		ck_assert_int_eq(options_parse(&options,
		    fake->inject != NULL ? 5 : 3, argv, &error), 0);
	}
	options.queue_depth = fake->depth;
	if (fake->stall_ms != 0)
		options.stall_timeout_ms = fake->stall_ms;
	fake->status = engine_run(server->statement, &options, report,
	    fake->signal_device != 0 ? ENGINE_SIGNALS_CANCEL :
	    ENGINE_SIGNALS_LEFT_ALONE, &error);
	IGNORE_RESULT(report_done(report, fake->status, &error));
	report_free(report);
	(void)fclose(stream);
	options_release(&options);
	atomic_store(&server->is_over, true);
	return (NULL);
}

void
fake_run_alone(struct fake *fake, const char *text)
{
	char *statement = make_statement(fake, text);
	struct server server = { .fake = fake, .statement = statement };

	(void)run_engine(&server);
	free(statement);
}

static void
serve_all(struct fake *fake, struct client_set *set)
{
	struct player players[VD_MAX_DEVICES] = { { NULL } };
	pthread_t threads[VD_MAX_DEVICES];
	char name[280];
	unsigned opened;
	unsigned i;

	for (opened = 0; opened < fake->devices; opened++) {
		struct player *player = &players[opened];

		player->fake = fake;
		player->set = set;
		player->number = opened + 1;
		device_name(fake, opened + 1, name, sizeof(name));
		if (client_open_device(set, name, &player->device) !=
		    VD_NOERROR)
			break;
	}
	for (i = 0; opened == fake->devices && i < opened; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, serve,
		    &players[i]), 0);
	for (i = 0; opened == fake->devices && i < opened; i++)
		(void)pthread_join(threads[i], NULL);
}

void
fake_run(struct fake *fake, const char *text)
{
	struct VDConfig wishes = { .deviceCount = fake->devices,
		.features = fake->features };
	struct client_set *set = client_set_new();
	char *statement = make_statement(fake, text);
	struct server server = { .fake = fake, .statement = statement };
	pthread_t engine;

	ck_assert_ptr_nonnull(set);
	ck_assert_int_eq(client_create(set, fake->name, &wishes), VD_NOERROR);
	ck_assert_int_eq(pthread_create(&engine, NULL, run_engine, &server),
	    0);
	do {
		fake->configured = client_get_configuration(set, CONFIGURE_MS,
		    &fake->config);
	} while (fake->configured == VD_E_TIMEOUT &&
	    !atomic_load(&server.is_over));
	if (fake->configured == VD_NOERROR)
		serve_all(fake, set);
	fake->closed = client_close(set);
	(void)pthread_join(engine, NULL);
	client_set_free(set);
	free(statement);
}
