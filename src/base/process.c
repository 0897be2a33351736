/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/process.h"

#include "base/fd.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Without a descriptor for the process its end is looked for this often. */
#define LOOK_AGAIN_MS 20
/* A wait comes round at least this often, whatever its deadline. */
#define ROUND_MS 1000
/* After SIGKILL only the kernel stands between the child and its end. */
#define KILL_MS 5000

struct pipe_end {
	int fd;
	struct str line; /* what came since the last end of line */
};

struct process {
	struct process_ears ears;
	struct pipe_end out;
	struct pipe_end err;
	int pidfd; /* -1: the kernel has none */
	int status;
	/* Guards what follows: a pid must not be signalled once reaped. */
	pthread_mutex_t lock;
	pid_t pid; /* 0: none, or reaped */
	bool stopping;
	bool killed;
	struct deadline kill_at;
};

struct process *
process_new(const struct process_ears *ears,
    struct error *error)
{
	struct process *process = calloc(1, sizeof(*process));

	if (process == NULL) {
		(void)error_memory(error);
		return (NULL);
	}
	process->ears = *ears;
	process->out.fd = process->err.fd = process->pidfd = -1;
	str_init(&process->out.line);
	str_init(&process->err.line);
	process->kill_at = clock_deadline(-1);
	(void)pthread_mutex_init(&process->lock, NULL);
	return (process);
}

/* Our end waits for nobody; neither end is inherited by accident. */
static int
make_pipe(int ends[2], struct error *error)
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return (error_system(error, KIND_CONNECT, errno,
		    "cannot make a pipe"));
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		return (error_system(error, KIND_CONNECT, errno,
		    "cannot set up a pipe"));
	return (0);
}

/* 0 or an errno value. */
static int
spawn(pid_t *pid, char *const argv[], int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	sigset_t all;
	int rc;

	rc = posix_spawn_file_actions_init(&actions);
	if (rc != 0)
		return (rc);
	rc = posix_spawnattr_init(&attr);
	if (rc != 0)
		goto actions_out;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawnattr_setpgroup(&attr, 0);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(&attr, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(&attr, &all);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, out,
		    STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, err,
		    STDERR_FILENO);
	if (rc == 0)
		rc = posix_spawn(pid, argv[0], &actions, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
actions_out:
	(void)posix_spawn_file_actions_destroy(&actions);
	return (rc);
}

int
process_start(struct process *process, char *const argv[],
    struct error *error)
{
	int out[2] = { -1, -1 };
	int err[2] = { -1, -1 };
	pid_t pid = 0;
	int errnum;
	int rc = -1;

	assert(process->pid == 0 && process->out.fd < 0);
	if (make_pipe(out, error) != 0 || make_pipe(err, error) != 0)
		goto out;
	errnum = spawn(&pid, argv, out[1], err[1]);
	if (errnum != 0) {
		(void)error_system(error, KIND_CONNECT, errnum,
		    "cannot start \"%s\"", argv[0]);
		goto out;
	}
	process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	process->out.fd = out[0];
	process->err.fd = err[0];
	out[0] = err[0] = -1;
	(void)pthread_mutex_lock(&process->lock);
	process->pid = pid;
	(void)pthread_mutex_unlock(&process->lock);
	rc = 0;
out:
	fd_abandon(&out[0]);
	fd_abandon(&out[1]);
	fd_abandon(&err[0]);
	fd_abandon(&err[1]);
	return (rc);
}

/* Hand over the whole lines in data; the rest waits for its end. */
static void
take(struct process *process, struct pipe_end *end, const char *data,
    size_t size)
{
	void (*ear)(void *, const char *, size_t) = end == &process->out ?
	    process->ears.out : process->ears.err;

	while (size > 0) {
		const char *stop = memchr(data, '\n', size);
		size_t count = stop != NULL ? (size_t)(stop - data) : size;

		str_add_bytes(&end->line, data, count);
		if (stop != NULL ||
		    end->line.length >= PROCESS_LINE_MAX) {
			ear(process->ears.context, end->line.text,
			    end->line.length);
			str_clear(&end->line);
		}
		if (stop != NULL)
			count++;
		data += count;
		size -= count;
	}
}

/* Read what is there; at the end of the pipe it is closed. */
static bool
drain(struct process *process, struct pipe_end *end)
{
	char data[4096];
	bool any = false;

	while (end->fd >= 0) {
		ssize_t n = read(end->fd, data, sizeof(data));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			fd_abandon(&end->fd);
			break;
		}
		take(process, end, data, (size_t)n);
		any = true;
	}
	return (any);
}

/* A last line may lack its end. */
static void
finish(struct process *process, struct pipe_end *end)
{
	(void)drain(process, end);
	fd_abandon(&end->fd);
	if (end->line.length > 0)
		take(process, end, "\n", 1);
}

/* Whether the child has ended, reaping it; kills it when its time is up. */
static bool
has_ended(struct process *process)
{
	bool ended;
	pid_t got;

	(void)pthread_mutex_lock(&process->lock);
	if (process->pid != 0) {
		if (process->stopping && !process->killed &&
		    clock_has_passed(process->kill_at)) {
			process->killed = true;
			(void)kill(process->pid, SIGKILL);
		}
		do
			got = waitpid(process->pid, &process->status, WNOHANG);
		while (got < 0 && errno == EINTR);
		/* ECHILD: where SIGCHLD is ignored the kernel has reaped it
		 * and keeps no status; its last words must do. */
		if (got < 0)
			process->status = 0;
		if (got != 0)
			process->pid = 0;
	}
	ended = process->pid == 0;
	(void)pthread_mutex_unlock(&process->lock);
	return (ended);
}

static struct deadline
next_look(struct process *process, struct deadline deadline)
{
	(void)pthread_mutex_lock(&process->lock);
	if (process->stopping && !process->killed)
		deadline = clock_earlier(deadline, process->kill_at);
	(void)pthread_mutex_unlock(&process->lock);
	if (process->pidfd < 0)
		deadline = clock_earlier(deadline,
		    clock_deadline(LOOK_AGAIN_MS));
	return (deadline);
}

bool
process_wait(struct process *process, struct deadline deadline)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = process->out.fd, .events = POLLIN },
			{ .fd = process->err.fd, .events = POLLIN },
			{ .fd = process->pidfd, .events = POLLIN },
		};
		int64_t wait_ms;
		bool any;

		if (has_ended(process)) {
			finish(process, &process->out);
			finish(process, &process->err);
			return (false);
		}
		wait_ms = clock_left_ms(next_look(process, deadline));
		if (wait_ms < 0 || wait_ms > ROUND_MS)
			wait_ms = ROUND_MS;
		(void)poll(fds, ARRAY_COUNT(fds), (int)wait_ms);
		any = drain(process, &process->out);
		any = drain(process, &process->err) || any;
		if ((any || clock_has_passed(deadline)) && !has_ended(process))
			return (true);
	}
}

int
process_status(const struct process *process)
{
	return (process->status);
}

void
process_stop(struct process *process, int64_t grace_ms)
{
	(void)pthread_mutex_lock(&process->lock);
	if (process->pid != 0 && !process->stopping) {
		process->stopping = true;
		process->kill_at = clock_deadline(grace_ms);
		(void)kill(process->pid, SIGTERM);
	}
	(void)pthread_mutex_unlock(&process->lock);
}

void
process_free(struct process *process, int64_t grace_ms)
{
	struct deadline end;

	if (process == NULL)
		return;
	process_stop(process, grace_ms);
	end = clock_deadline(grace_ms + KILL_MS);
	while (process_wait(process, end) && !clock_has_passed(end))
		continue;
	fd_abandon(&process->out.fd);
	fd_abandon(&process->err.fd);
	fd_abandon(&process->pidfd);
	str_release(&process->out.line);
	str_release(&process->err.line);
	(void)pthread_mutex_destroy(&process->lock);
	free(process);
}
