/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "partner.h"

#include "runtime/server.h"

#include "base/clock.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define LOOK_AGAIN_MS 5
#define COMMANDS_MAX (PARTNER_COMMANDS + 2)

/* Exit statuses have eight bits, and 995 is the code that matters most. */
#define ABORTED_STATUS 195

struct partner {
	struct server_set *set;
	struct VDConfig wishes;
	struct server_device *devices[VD_MAX_DEVICES];
	struct VDS_Command commands[VD_MAX_DEVICES][COMMANDS_MAX];
	pthread_t agent;
	bool has_agent;
};

static _Atomic unsigned pending;

uint8_t
partner_byte(unsigned device, unsigned command)
{
	return ((uint8_t)(device * 16 + command + 1));
}

static void
broken(const char *what, vd_status status)
{
	(void)fprintf(stderr, "partner: %s: %s\n", what,
	    vdi_status_name(status));
	_exit(PARTNER_BROKEN);
}

/* The end, once nothing more is to be sent. */
static _Noreturn void
leave(struct partner *partner, int status)
{
	/* Ends when all devices are closed, or with the abort. */
	if (partner->has_agent)
		(void)pthread_join(partner->agent, NULL);
	(void)server_close(partner->set);
	server_set_free(partner->set);
	_exit(status);
}

static void
must(struct partner *partner, vd_status status, const char *what)
{
	/* The client may abort at any time; then all is said. */
	if (status == VD_E_ABORT)
		leave(partner, ABORTED_STATUS);
	if (status != VD_NOERROR)
		broken(what, status);
}

static void
on_completion(struct VDS_Command *command)
{
	(void)command;
	(void)atomic_fetch_sub(&pending, 1);
}

/* The code of the first command, in the order of sending, that failed. */
static int
first_failure(const struct partner *partner)
{
	unsigned i;
	unsigned n;

	for (n = 0; n < COMMANDS_MAX; n++)
		for (i = 0; i < partner->wishes.deviceCount; i++) {
			int code = partner->commands[i][n].completionCode;

			if (code == (int)VD_ERROR_OPERATION_ABORTED)
				return (ABORTED_STATUS);
			if (code != 0)
				return (code);
		}
	return (0);
}

static void *
run_agent(void *context)
{
	struct partner *partner = context;

	IGNORE_RESULT(server_execute_completion_agent(partner->set) < 0);
	return (NULL);
}

/* The client's set may not be there yet. */
static void
find_set(struct partner *partner, const char *name)
{
	struct deadline deadline = clock_deadline(PATIENCE_MS);
	vd_status status;

	for (;;) {
		status = server_open(partner->set, name);
		if (status == VD_NOERROR)
			return;
		if (clock_has_passed(deadline))
			broken("Open", status);
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

static void
configure(struct partner *partner, enum partner_script script)
{
	uint32_t features = script == PARTNER_RESTORE ? VDF_ReadMedia :
	    VDF_WriteMedia;

	must(partner, server_get_configuration(partner->set, &partner->wishes),
	    "GetConfiguration");
	if (partner->wishes.features & VDF_RequestComplete)
		features |= VDF_CompleteEnabled;
	must(partner, server_begin_configuration(partner->set,
	    partner->wishes.features | features, PARTNER_BLOCK, 0,
	    PARTNER_TRANSFER, 0), "BeginConfiguration");
	must(partner, server_request_buffers(partner->set, PARTNER_TRANSFER, 0,
	    partner->wishes.deviceCount * PARTNER_COMMANDS),
	    "RequestBuffers");
	must(partner, server_end_configuration(partner->set),
	    "EndConfiguration");
}

static void
open_devices(struct partner *partner, const char *set_name)
{
	char name[128];
	unsigned i;

	if (pthread_create(&partner->agent, NULL, run_agent, partner) != 0)
		broken("pthread_create", VD_E_UNEXPECTED);
	partner->has_agent = true;
	for (i = 0; i < partner->wishes.deviceCount; i++) {
		if (i == 0)
			(void)snprintf(name, sizeof(name), "%s", set_name);
		else
			(void)snprintf(name, sizeof(name), "%s%u", set_name,
			    i);
		must(partner, server_open_device(partner->set, name,
		    &partner->devices[i]), "OpenDevice");
	}
}

static void
send(struct partner *partner, unsigned device, unsigned n, int32_t code)
{
	struct VDS_Command *command = &partner->commands[device][n];

	command->commandCode = code;
	command->completionRoutine = on_completion;
	if (code == VDC_Write || code == VDC_Read) {
		command->size = (int32_t)PARTNER_TRANSFER;
		must(partner, server_allocate_buffer(partner->set,
		    &command->buffer, PARTNER_TRANSFER, 0), "AllocateBuffer");
		memset(command->buffer, code == VDC_Write ?
		    partner_byte(device, n) : 0, PARTNER_TRANSFER);
	}
	(void)atomic_fetch_add(&pending, 1);
	IGNORE_RESULT(server_send_command(partner->devices[device],
	    command) < 0);
}

static void
wait_for_completions(void)
{
	struct deadline deadline = clock_deadline(PATIENCE_MS);

	while (atomic_load(&pending) > 0) {
		if (clock_has_passed(deadline))
			broken("completions", VD_E_TIMEOUT);
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

/* That the client put into the buffers what it was to put there. */
static void
check_reads(const struct partner *partner)
{
	unsigned i;
	unsigned n;
	unsigned k;

	for (i = 0; i < partner->wishes.deviceCount; i++)
		for (n = 0; n < PARTNER_COMMANDS; n++) {
			const struct VDS_Command *c = &partner->commands[i][n];

			if (c->bytesTransferred != (int)PARTNER_TRANSFER)
				broken("bytes transferred", VD_E_UNEXPECTED);
			for (k = 0; k < PARTNER_TRANSFER; k++)
				if (c->buffer[k] != partner_byte(i, n))
					broken("data", VD_E_UNEXPECTED);
		}
}

static void
run_transfer(struct partner *partner, enum partner_script script)
{
	bool backup = script == PARTNER_BACKUP;
	unsigned count = partner->wishes.deviceCount;
	unsigned i;
	unsigned n;

	/* Devices take turns, as they do in a server. */
	for (n = 0; n < PARTNER_COMMANDS; n++)
		for (i = 0; i < count; i++)
			send(partner, i, n, backup ? VDC_Write : VDC_Read);
	for (i = 0; backup && i < count; i++)
		send(partner, i, PARTNER_COMMANDS, VDC_Flush);
	wait_for_completions();
	if (backup && (partner->wishes.features & VDF_RequestComplete) &&
	    first_failure(partner) == 0) {
		for (i = 0; i < count; i++)
			send(partner, i, PARTNER_COMMANDS + 1, VDC_Complete);
		wait_for_completions();
	}
	if (!backup && first_failure(partner) == 0)
		check_reads(partner);
	for (i = 0; i < count; i++)
		(void)server_close_device(partner->devices[i]);
}

static _Noreturn void
run(const char *name, enum partner_script script)
{
	static struct partner whole;
	struct partner *partner = &whole;

	partner->set = server_set_new();
	if (partner->set == NULL)
		broken("memory", VD_E_MEMORY);
	find_set(partner, name);
	configure(partner, script);
	open_devices(partner, name);
	if (server_wait_for_client(partner->set, PATIENCE_MS) != VD_NOERROR)
		leave(partner, ABORTED_STATUS);
	switch (script) {
	case PARTNER_BACKUP:
	case PARTNER_RESTORE:
		run_transfer(partner, script);
		break;
	case PARTNER_ABORT:
		send(partner, 0, 0, VDC_Write);
		wait_for_completions();
		must(partner, server_signal_abort(partner->set),
		    "SignalAbort");
		break;
	case PARTNER_DIE:
		send(partner, 0, 0, VDC_Write);
		wait_for_completions();
		(void)raise(SIGKILL);
		break;
	case PARTNER_WAIT:
		/* Nothing but the client's abort ends this. */
		leave(partner, ABORTED_STATUS);
	}
	leave(partner, first_failure(partner));
}

pid_t
partner_start(const char *set_name, enum partner_script script)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		run(set_name, script);
	return (pid);
}

int
partner_join(pid_t pid)
{
	struct deadline deadline = clock_deadline(PATIENCE_MS);
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		ck_assert_int_ge(got, 0);
		if (got == pid)
			break;
		if (clock_has_passed(deadline)) {
			(void)kill(pid, SIGKILL);
			ck_abort_msg("the partner hangs");
		}
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
	if (WIFSIGNALED(status))
		return (WTERMSIG(status) + 128);
	status = WEXITSTATUS(status);
	return (status == ABORTED_STATUS ? (int)VD_ERROR_OPERATION_ABORTED :
	    status);
}
