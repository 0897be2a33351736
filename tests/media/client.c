/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media-client: a client of virtual devices of every family, for tests of a
 * server.  It makes the device set, starts the server's program, and carries
 * out what the server commands on models of drives.  See media/options.h.
 */
#include <config.h>

#include "base/attr.h"
#include "base/clock.h"
#include "media/drive.h"
#include "media/options.h"
#include "runtime/client.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLICE_MS 200
#define CONFIGURE_MS 30000
#define STATUS_VIOLATION 9
#define COMMANDS 32
#define TRACE_MAX 4096

struct worker {
	struct client *client;
	unsigned number; /* from 1 */
	struct client_device *device;
	struct drive drive;
	pthread_t thread;
	unsigned counts[COMMANDS]; /* of each code; the last for unknown ones */
	int32_t traced[TRACE_MAX]; /* codes, and how often in a row */
	unsigned repeated[TRACE_MAX];
	unsigned trace_count;
	struct VDC_Command *held; /* never answered */
};

struct client {
	struct options options;
	struct client_set *set;
	struct VDConfig config;
	struct worker workers[VD_MAX_DEVICES];
	pid_t program;
	atomic_bool is_wrong; /* the server did what it may not */
};

static void
complain(struct worker *worker, const char *what, int32_t code)
{
	fprintf(stderr, "media-client: device %u: %s: %s\n", worker->number,
	    what, vdi_command_name(code));
	atomic_store(&worker->client->is_wrong, true);
}

/* "Write" of VDC_Write. */
static const char *
short_name(int32_t code)
{
	const char *name = vdi_command_name(code);

	return (strncmp(name, "VDC_", 4) == 0 ? name + 4 : name);
}

static unsigned
count(struct worker *worker, int32_t code)
{
	unsigned i = code > 0 && code < COMMANDS ? (unsigned)code : 0;
	unsigned last = worker->trace_count - 1;

	if (worker->trace_count > 0 && worker->traced[last] == code) {
		worker->repeated[last]++;
	} else if (worker->trace_count < TRACE_MAX) {
		worker->traced[worker->trace_count] = code;
		worker->repeated[worker->trace_count++] = 1;
	}
	return (++worker->counts[i]);
}

static bool
is_at(const struct worker *worker, const struct options_place *place,
    int32_t code, unsigned number)
{
	return (worker->number == 1 && place->count == number &&
	    strcmp(place->name, short_name(code)) == 0);
}

/* What the reference promises of every command (spec 8, 11). */
static void
check(struct worker *worker, const struct VDC_Command *command)
{
	const struct client *client = worker->client;
	uint32_t prefix = client->options.wishes.prefixZoneSize;
	int32_t code = command->commandCode;
	uint32_t features = client->config.features;

	if (code == VDC_Write && (features & VDF_WriteMedia) == 0)
		complain(worker, "nothing was to be written", code);
	if (code == VDC_Read && (features & VDF_ReadMedia) == 0)
		complain(worker, "nothing was to be read", code);
	if (code == VDC_Complete && (features & VDF_CompleteEnabled) == 0)
		complain(worker, "nobody asked for it", code);
	if (code == VDC_PrepareToFreeze &&
	    (features & VDF_SnapshotPrepare) == 0)
		complain(worker, "nobody asked for it", code);
	if (code == VDC_Discard && (features & VDF_Discard) == 0)
		complain(worker, "nobody asked for it", code);
	if (code < VDC_FileInfoBegin &&
	    !drive_knows(&worker->drive.config, code))
		complain(worker, "the family does not have it", code);
	if (code != VDC_Read && code != VDC_Write)
		return;
	if (command->size <= 0 || (uint32_t)command->size %
	    client->config.blockSize != 0 ||
	    (uint32_t)command->size > client->config.maxTransferSize)
		complain(worker, "its size is not allowed", code);
	if ((uintptr_t)command->buffer % client->config.alignment != 0 ||
	    command->buffer == NULL)
		complain(worker, "its buffer is not aligned", code);
	if (prefix > 0 && command->buffer != NULL)
		memset(command->buffer - prefix, 0xA5, prefix);
}

static void
run_hooks(struct worker *worker, int32_t code)
{
	const struct options *options = &worker->client->options;
	unsigned i;

	for (i = 0; i < options->hook_count; i++)
		if (strcmp(options->hooks[i].name, short_name(code)) == 0 &&
		    system(options->hooks[i].command) != 0)
			complain(worker, "its command failed", code);
}

static void
execute(struct worker *worker, struct VDC_Command *command)
{
	struct client *client = worker->client;
	const struct options *options = &client->options;
	int32_t code = command->commandCode;
	unsigned number = count(worker, code);
	struct drive_answer answer = { 0, 0, 0 };

	check(worker, command);
	if (is_at(worker, &options->hold, code, number)) {
		worker->held = command;
		return;
	}
	if (is_at(worker, &options->abort, code, number))
		(void)client_signal_abort(client->set);
	if (is_at(worker, &options->answer, code, number)) {
		answer.code = options->answer.code;
	} else {
		run_hooks(worker, code);
		drive_do(&worker->drive, command, &answer);
	}
	IGNORE_RESULT(client_complete_command(worker->device, command,
	    answer.code, answer.bytes, answer.position));
}

/* What the server has under way has to fit in the warning zone (spec 12). */
static void
check_zone(struct worker *worker, struct VDC_Command *const *commands,
    unsigned count)
{
	uint64_t zone = worker->client->options.drive.warning;
	uint64_t bytes = 0;
	unsigned writes = 0;
	unsigned i;

	for (i = 0; i < count; i++)
		if (commands[i]->commandCode == VDC_Write) {
			bytes += (uint64_t)commands[i]->size;
			writes++;
		}
	if (zone > 0 && writes > 1 && bytes > zone)
		complain(worker, "more than the warning zone holds",
		    VDC_Write);
}

/* Take up to `depth` commands before the first of them is answered. */
static vd_status
serve(struct worker *worker)
{
	struct VDC_Command *commands[64];
	unsigned depth = worker->client->options.depth;
	unsigned taken = 0;
	unsigned i;
	vd_status status;

	status = client_get_command(worker->device, SLICE_MS, &commands[0]);
	while (status == VD_NOERROR && ++taken < depth)
		status = client_get_command(worker->device, 1,
		    &commands[taken]);
	check_zone(worker, commands, taken);
	for (i = 0; i < taken; i++)
		execute(worker, commands[i]);
	return (taken > 0 ? VD_NOERROR : status);
}

static void *
run(void *context)
{
	struct worker *worker = context;
	vd_status status;

	do
		status = serve(worker);
	while (status == VD_NOERROR || status == VD_E_TIMEOUT);
	if (status != VD_E_CLOSE && status != VD_E_ABORT)
		complain(worker, vdi_status_name(status), 0);
	return (NULL);
}

static int
start_program(struct client *client)
{
	client->program = fork();
	if (client->program != 0)
		return (client->program > 0 ? 0 : -1);
	(void)execvp(client->options.program[0], client->options.program);
	_exit(127);
}

/* Until the server has configured the set, or has ended without it. */
static int
configure(struct client *client)
{
	struct deadline deadline = clock_deadline(CONFIGURE_MS);
	siginfo_t info;

	while (!clock_has_passed(deadline)) {
		vd_status status = client_get_configuration(client->set,
		    SLICE_MS, &client->config);

		if (status == VD_NOERROR)
			return (0);
		memset(&info, 0, sizeof(info));
		if (status != VD_E_TIMEOUT || waitid(P_PID,
		    (id_t)client->program, &info, WEXITED | WNOHANG |
		    WNOWAIT) != 0 || info.si_pid != 0)
			return (-1);
	}
	return (-1);
}

static int
open_device(struct client *client, unsigned i)
{
	struct worker *worker = &client->workers[i];
	struct drive_config config = client->options.drive;
	char name[300];
	vd_status status;

	worker->client = client;
	worker->number = i + 1;
	config.number = i + 1;
	config.is_writing = (client->config.features & VDF_WriteMedia) != 0;
	if (client->options.media[i] != NULL) {
		static const char *first[VD_MAX_DEVICES][2];

		first[i][0] = client->options.media[i];
		config.media = first[i];
	}
	if (drive_open(&worker->drive, &config) != 0) {
		perror("media-client: medium");
		return (-1);
	}
	(void)snprintf(name, sizeof(name), i == 0 ? "%s" : "%s%u",
	    client->options.set, i);
	status = client_open_device(client->set, name, &worker->device);
	if (status == VD_NOERROR)
		return (0);
	fprintf(stderr, "media-client: open %s: %s\n", name,
	    vdi_status_name(status));
	return (-1);
}

static void
run_devices(struct client *client)
{
	unsigned opened;
	unsigned i;

	for (opened = 0; opened < client->options.devices; opened++)
		if (open_device(client, opened) != 0)
			break;
	if (opened < client->options.devices) {
		(void)client_signal_abort(client->set);
		return;
	}
	for (i = 0; i < opened; i++)
		if (pthread_create(&client->workers[i].thread, NULL, run,
		    &client->workers[i]) != 0)
			abort();
	for (i = 0; i < opened; i++)
		(void)pthread_join(client->workers[i].thread, NULL);
}

/* "Write*12 Flush Complete" */
static void
write_trace(struct client *client)
{
	FILE *file;
	unsigned i;
	unsigned k;

	if (client->options.trace == NULL)
		return;
	file = fopen(client->options.trace, "w");
	if (file == NULL)
		return;
	fprintf(file, "features 0x%x\n", (unsigned)client->config.features);
	for (i = 0; i < client->options.devices; i++) {
		const struct worker *worker = &client->workers[i];

		fprintf(file, "device %u:", i + 1);
		for (k = 0; k < worker->trace_count; k++) {
			fprintf(file, " %s", short_name(worker->traced[k]));
			if (worker->repeated[k] > 1)
				fprintf(file, "*%u", worker->repeated[k]);
		}
		fprintf(file, "\n");
	}
	(void)fclose(file);
}

static int
wait_for_program(struct client *client)
{
	int status = 0;

	while (waitpid(client->program, &status, 0) < 0)
		if (errno != EINTR)
			return (127);
	return (WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status));
}

static int
run_client(struct client *client)
{
	vd_status status;
	unsigned i;
	int result;

	status = client_create(client->set, client->options.set,
	    &client->options.wishes);
	if (status != VD_NOERROR) {
		fprintf(stderr, "media-client: create: %s\n",
		    vdi_status_name(status));
		return (2);
	}
	if (start_program(client) != 0)
		return (2);
	if (configure(client) == 0)
		run_devices(client);
	(void)client_close(client->set);
	result = wait_for_program(client);
	for (i = 0; i < client->options.devices; i++)
		drive_close(&client->workers[i].drive);
	write_trace(client);
	return (atomic_load(&client->is_wrong) ? STATUS_VIOLATION : result);
}

int
main(int argc, char **argv)
{
	struct client *client = calloc(1, sizeof(*client));
	int status = 2;

	if (client == NULL || options_parse(&client->options, argc, argv) != 0)
		goto out;
	atomic_init(&client->is_wrong, false);
	client->set = client_set_new();
	if (client->set != NULL)
		status = run_client(client);
	client_set_free(client->set);
out:
	free(client);
	return (status);
}
