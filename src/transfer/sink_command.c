/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/sink.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/port/hint.h"
#include "transfer/wait_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_SIZE (1 << 20)
/* How long a command that stopped reading may take to say why, and one that
 * was asked to end may take to do so. */
#define LAST_WORDS_MS 1000
#define TERM_MS 2000

extern char **environ;

struct command {
	int fd; /* our end of its standard input */
	pid_t pid; /* 0 when it was reaped */
	int pidfd; /* -1 where the kernel has none */
	int status; /* of waitpid, once reaped */
	struct wait_stop stop;
	char *text;
};

/* Wait for the end of the command; 0 when it has ended, -1 not in time.
 * stop: NULL where nothing else ends the wait. */
static int
wait_end(struct command *command, struct deadline deadline,
    const struct wait_stop *stop)
{
	while (command->pid != 0) {
		struct pollfd entry = { .fd = command->pidfd,
			.events = POLLIN };
		int64_t left = clock_left_ms(deadline);
		int slice = command->pidfd >= 0 ? WAIT_FD_SLICE_MS : 10;
		pid_t rc = waitpid(command->pid, &command->status, WNOHANG);

		if (rc == command->pid || (rc < 0 && errno == ECHILD)) {
			/* Somebody else reaped it: nothing is known. */
			if (rc < 0)
				command->status = -1;
			command->pid = 0;
			break;
		}
		if (left == 0 || (stop != NULL && wait_fd_must_stop(stop)))
			return (-1);
		if (left > 0 && left < slice)
			slice = (int)left;
		(void)poll(&entry, command->pidfd >= 0, slice);
	}
	return (0);
}

static void
end_group(struct command *command)
{
	pid_t group = command->pid;

	if (group == 0)
		return;
	(void)kill(-group, SIGTERM);
	if (wait_end(command, clock_deadline(TERM_MS), NULL) == 0)
		return;
	(void)kill(-group, SIGKILL);
	/* SIGKILL cannot be refused; the bound is for a stuck kernel. */
	(void)wait_end(command, clock_deadline(TERM_MS), NULL);
}

/* How the command ended, as an error; success is none. */
static int
judge_end(const struct command *command, const char *when,
    struct error *error)
{
	int status = command->status;

	if (status == -1)
		return (error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "how the command \"%s\" ended%s is unknown",
		    command->text, when));
	if (WIFSIGNALED(status))
		return (error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "the command \"%s\" was killed by signal %d%s",
		    command->text, WTERMSIG(status), when));
	if (WEXITSTATUS(status) != 0)
		return (error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "the command \"%s\" ended with status %d%s",
		    command->text, WEXITSTATUS(status), when));
	return (0);
}

static int
command_write(void *state, const void *data, size_t size,
    struct error *error)
{
	struct command *command = state;
	struct error found;

	error_init(&found);
	if (wait_fd_write(command->fd, data, size, command->text,
	    &command->stop, &found) == 0)
		return (0);
	if (found.code == EPIPE &&
	    wait_end(command, clock_deadline(LAST_WORDS_MS),
	    &command->stop) == 0) {
		if (judge_end(command, " before it had read all", error) == 0)
			return (error_set(error, KIND_STORAGE, ORIGIN_SYSTEM,
			    EPIPE, "the command \"%s\" ended before it had "
			    "read all", command->text));
		return (-1);
	}
	return (error_set(error, found.kind, found.origin, found.code, "%s",
	    found.text));
}

static int
command_sync(void *state, struct error *error)
{
	(void)state;
	(void)error;
	return (0);
}

/* A second reading end, which keeps what the command leaves unread. */
static int
open_remainder(int fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return (open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static int
command_commit(void *state, struct error *error)
{
	struct command *command = state;
	int remainder = open_remainder(command->fd);
	int unread = 0;
	int rc;

	fd_abandon(&command->fd);
	if (wait_end(command, clock_deadline(-1), &command->stop) != 0) {
		end_group(command);
		rc = wait_fd_stopped(error);
		goto out;
	}
	rc = judge_end(command, "", error);
	if (rc == 0 && remainder >= 0 &&
	    ioctl(remainder, FIONREAD, &unread) == 0 && unread > 0)
		rc = error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "the command \"%s\" ended with success before it had read "
		    "all: %d bytes are left", command->text, unread);
out:
	fd_abandon(&remainder);
	return (rc);
}

static void
command_abandon(void *state)
{
	struct command *command = state;

	/* The group first: a command that sees the end of its input could
	 * take that for the end of a good backup. */
	end_group(command);
	fd_abandon(&command->fd);
}

static void
command_interrupt(void *state)
{
	struct command *command = state;

	atomic_store(&command->stop.flag, true);
}

static void
command_free(void *state)
{
	struct command *command = state;

	fd_abandon(&command->fd);
	fd_abandon(&command->pidfd);
	free(command->text);
	free(command);
}

static const struct sink_ops command_ops = {
	.write = command_write,
	.sync = command_sync,
	.commit = command_commit,
	.abandon = command_abandon,
	.interrupt = command_interrupt,
	.free = command_free,
};

/* 0 or an errno value. */
static int
spawn(struct command *command, int input)
{
	char shell[] = "/bin/sh";
	char option[] = "-c";
	char *const argv[] = { shell, option, command->text, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t signals;
	int rc;

	rc = posix_spawn_file_actions_init(&actions);
	if (rc != 0)
		return (rc);
	rc = posix_spawnattr_init(&attr);
	if (rc != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return (rc);
	}
	(void)sigemptyset(&signals);
	(void)posix_spawnattr_setsigmask(&attr, &signals);
	(void)sigfillset(&signals);
	(void)posix_spawnattr_setsigdefault(&attr, &signals);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	/* Standard output is the program's, for data. */
	rc = posix_spawn_file_actions_adddup2(&actions, input, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, 2, 1);
	if (rc == 0)
		rc = posix_spawn(&command->pid, argv[0], &actions, &attr, argv,
		    environ);
	if (rc != 0)
		command->pid = 0;
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return (rc);
}

struct sink *
sink_command_open(const char *text, struct error *error)
{
	struct command *command = calloc(1, sizeof(*command));
	int ends[2] = { -1, -1 };
	int rc;

	if (command != NULL)
		command->text = strdup(text);
	if (command == NULL || command->text == NULL) {
		free(command);
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	wait_fd_stop_init(&command->stop);
	command->fd = command->pidfd = -1;
	rc = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
	if (rc == 0)
		rc = spawn(command, ends[0]);
	fd_abandon(&ends[0]);
	if (rc != 0) {
		IGNORE_RESULT(error_system(error, KIND_STORAGE, rc,
		    "cannot start the command \"%s\"", text));
		fd_abandon(&ends[1]);
		command_free(command);
		return (NULL);
	}
	command->fd = ends[1];
	command->pidfd = port_hint_child(command->pid);
	(void)fcntl(command->fd, F_SETPIPE_SZ, PIPE_SIZE);
	(void)fcntl(command->fd, F_SETFL, O_NONBLOCK);
	return (sink_new(&command_ops, command, text, error));
}
