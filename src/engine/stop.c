/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/stop.h"

#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the handler writes; -1: nowhere. */
static atomic_int signal_pipe = -1;

void
stop_init(struct stop *stop)
{
	memset(stop, 0, sizeof(*stop));
	(void)pthread_mutex_init(&stop->lock, NULL);
	(void)clock_cond_init(&stop->cond);
	atomic_init(&stop->is_raised, false);
	atomic_init(&stop->has_client, false);
	stop->wake = -1;
	stop->waked = -1;
}

void
stop_raise(struct stop *stop)
{
	(void)pthread_mutex_lock(&stop->lock);
	atomic_store(&stop->is_raised, true);
	(void)pthread_cond_broadcast(&stop->cond);
	(void)pthread_mutex_unlock(&stop->lock);
}

bool
stop_is_raised(struct stop *stop)
{
	return (atomic_load(&stop->is_raised));
}

bool
stop_wait(struct stop *stop, int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	struct timespec until = clock_timespec(deadline);

	(void)pthread_mutex_lock(&stop->lock);
	while (!atomic_load(&stop->is_raised) && !clock_has_passed(deadline))
		(void)pthread_cond_timedwait(&stop->cond, &stop->lock, &until);
	(void)pthread_mutex_unlock(&stop->lock);
	return (stop_is_raised(stop));
}

static void
on_signal(int number)
{
	int saved = errno;
	char byte = (char)number;

	IGNORE_RESULT(write(atomic_load(&signal_pipe), &byte, 1));
	errno = saved;
}

/* Where our messages go, if that end can be seen to be closed; or -1. */
static int
find_reader(void)
{
	struct stat status;

	return (fstat(STDOUT_FILENO, &status) == 0 &&
	    S_ISFIFO(status.st_mode) ? STDOUT_FILENO : -1);
}

/* A byte is a signal's number; 0 ends the thread. */
static void *
watch(void *context)
{
	struct stop *stop = context;
	struct pollfd ready[] = {
		{ .fd = stop->waked, .events = POLLIN },
		/* An error is all that is of interest. */
		{ .fd = find_reader() },
	};
	bool is_told = false;
	bool is_due;
	char byte = 1;

	for (;;) {
		ready[0].revents = ready[1].revents = 0;
		(void)poll(ready, ARRAY_COUNT(ready), 60000);
		is_due = (ready[0].revents & POLLIN) != 0 &&
		    read(stop->waked, &byte, 1) == 1;
		if (is_due && byte == 0)
			return (NULL);
		if (ready[1].revents != 0) {
			is_due = is_due || !atomic_load(&stop->has_client);
			ready[1].fd = -1;
		}
		if (is_due && !is_told) {
			stop->cancel(stop->context);
			is_told = true;
		}
	}
}

void
stop_has_client(struct stop *stop)
{
	atomic_store(&stop->has_client, true);
}

int
stop_watch(struct stop *stop, void (*cancel)(void *context),
    void *context, struct error *error)
{
	struct sigaction action = { .sa_handler = on_signal };
	int ends[2];
	int errnum;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot make a pipe"));
	stop->waked = ends[0];
	stop->wake = ends[1];
	stop->cancel = cancel;
	stop->context = context;
	errnum = pthread_create(&stop->watcher, NULL, watch, stop);
	if (errnum != 0)
		return (error_system(error, KIND_STORAGE, errnum,
		    "cannot start a thread"));
	stop->has_watcher = true;
	atomic_store(&signal_pipe, stop->wake);
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	return (0);
}

void
stop_release(struct stop *stop)
{
	if (stop->has_watcher) {
		/* The statement is over: a signal now has its usual effect. */
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGTERM, SIG_DFL);
		atomic_store(&signal_pipe, -1);
		IGNORE_RESULT(write(stop->wake, "", 1));
		(void)pthread_join(stop->watcher, NULL);
	}
	fd_abandon(&stop->wake);
	fd_abandon(&stop->waked);
	(void)pthread_cond_destroy(&stop->cond);
	(void)pthread_mutex_destroy(&stop->lock);
}
