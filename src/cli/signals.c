/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/signals.h"

#include "base/attr.h"
#include "base/port/shmguard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const struct {
	int number;
	const char *name;
} watched[] = {
	{ SIGINT, "SIGINT" },
	{ SIGTERM, "SIGTERM" },
	{ SIGHUP, "SIGHUP" },
};

/* Read by other threads, so that volatile sig_atomic_t will not do. */
static atomic_int caught;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a handler may store it");

static struct sigaction former[ARRAY_COUNT(watched)];
static struct sigaction former_pipe;

static void
reset_and_raise(int number)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(number, &action, NULL);
	(void)raise(number);
}

static void
stop_handler(int number)
{
	int saved = errno;
	int none = 0;

	if (!atomic_compare_exchange_strong(&caught, &none, number))
		/* It is delivered when this handler returns. */
		reset_and_raise(number);
	errno = saved;
}

static void
pipe_handler(int number)
{
	(void)number;
}

void
signals_begin(void)
{
	struct sigaction action;
	size_t i;

	atomic_store(&caught, 0);
	/* Where it fails, a set that is cut short ends the process. */
	IGNORE_RESULT(port_shmguard_install());
	memset(&action, 0, sizeof(action));
	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	action.sa_handler = stop_handler;
	for (i = 0; i < ARRAY_COUNT(watched); i++) {
		(void)sigaction(watched[i].number, NULL, &former[i]);
		if (former[i].sa_handler != SIG_IGN)
			(void)sigaction(watched[i].number, &action, NULL);
	}
	/* A handler, unlike SIG_IGN, is not inherited across exec. */
	action.sa_handler = pipe_handler;
	(void)sigaction(SIGPIPE, &action, &former_pipe);
}

void
signals_end(void)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(watched); i++)
		(void)sigaction(watched[i].number, &former[i], NULL);
	(void)sigaction(SIGPIPE, &former_pipe, NULL);
}

const atomic_int *
signals_stop(void)
{
	return (&caught);
}

int
signals_caught(void)
{
	return (atomic_load(&caught));
}

const char *
signals_name(int signal_number)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(watched); i++)
		if (watched[i].number == signal_number)
			return (watched[i].name);
	return ("a signal");
}

void
signals_reraise(int signal_number)
{
	reset_and_raise(signal_number);
}
