/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "child.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILDREN_MAX 8
/* The last stretch before a moment is not left to the scheduler. */
#define SPIN_NS 300000
#define NS_PER_MS 1000000
#define SLICE_MS 20
#define ANNOUNCE "SWEEP_ANNOUNCE"
#define ENGINE "SWEEP_ENGINE"
#define EXTRA "SWEEP_ENGINE_EXTRA"
#define HOLD "SWEEP_HOLD"
#define ARGUMENTS_MAX 64

static struct child *children[CHILDREN_MAX];
static const char *engine_program;
static char self[4096];

static void
die(const char *what)
{
	perror(what);
	exit(99);
}

/* Until child_let_go, or the end of the sweep. */
static void
wait_to_go(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		_exit(126);
}

void
child_stub(char **argv)
{
	const char *announce = getenv(ANNOUNCE);
	const char *extra = getenv(EXTRA);
	const char *hold = getenv(HOLD);
	char *arguments[ARGUMENTS_MAX];
	pid_t pid = getpid();
	size_t count = 0;
	int fd;

	if (announce == NULL)
		return;
	fd = atoi(announce);
	if (write(fd, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		_exit(126);
	(void)close(fd);
	if (hold != NULL && hold[0] != '\0')
		wait_to_go(atoi(hold));
	while (argv[count] != NULL && count < ARGUMENTS_MAX - 2) {
		arguments[count] = argv[count];
		count++;
	}
	if (extra != NULL && extra[0] != '\0')
		arguments[count++] = strdup(extra);
	arguments[count] = NULL;
	(void)execv(getenv(ENGINE), arguments);
	_exit(127);
}

void
child_setup(const char *engine)
{
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length <= 0)
		die("/proc/self/exe");
	self[length] = '\0';
	engine_program = engine;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		die("prctl");
}

static void
make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		die("pipe2");
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/* In the new process. */
static void
become(const struct child_options *options, int out, int announce,
    const int go[2])
{
	char number[16];
	char hold[16] = "";
	int in = options->in;
	int said;

	(void)setpgid(0, 0);
	(void)close(go[1]);
	/* make check may run us with some of them ignored. */
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (in < 0)
		in = open("/dev/null", O_RDONLY);
	said = open(options->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (in < 0 || said < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(said, 2) < 0 || fcntl(announce, F_SETFD, 0) != 0)
		_exit(126);
	(void)snprintf(number, sizeof(number), "%d", announce);
	if (options->holds_engine && fcntl(go[0], F_SETFD, 0) == 0)
		(void)snprintf(hold, sizeof(hold), "%d", go[0]);
	if (setenv(ANNOUNCE, number, 1) != 0 ||
	    setenv(ENGINE, engine_program, 1) != 0 ||
	    setenv(EXTRA, options->engine_extra != NULL ?
	        options->engine_extra : "", 1) != 0 ||
	    setenv("VDIBACKUP_ENGINE", self, 1) != 0 ||
	    setenv(HOLD, hold, 1) != 0)
		_exit(126);
	/* A leak checker does not like to be traced. */
	if ((options->holds_client || options->holds_engine) &&
	    setenv("ASAN_OPTIONS", "detect_leaks=0", 1) != 0)
		_exit(126);
	if (options->holds_client)
		wait_to_go(go[0]);
	(void)execv(options->argv[0], (char *const *)options->argv);
	_exit(127);
}

static void
enlist(struct child *child)
{
	size_t i;

	for (i = 0; i < CHILDREN_MAX; i++)
		if (children[i] == NULL) {
			children[i] = child;
			return;
		}
	errno = EAGAIN;
	die("too many children");
}

void
child_start(struct child *child, const struct child_options *options)
{
	int announce[2];
	int go[2];
	int out[2] = { -1, -1 };

	memset(child, 0, sizeof(*child));
	child->name = options->name;
	child->engine_pidfd = -1;
	(void)snprintf(child->said, sizeof(child->said), "%s", options->said);
	make_pipe(announce);
	if (pipe2(go, O_CLOEXEC) != 0)
		die("pipe2");
	if (options->out < 0)
		make_pipe(out);
	child->began_ns = clock_now_ns();
	child->pid = fork();
	if (child->pid < 0)
		die("fork");
	if (child->pid == 0)
		become(options, options->out < 0 ? out[1] : options->out,
		    announce[1], go);
	/* On both sides, whoever is first. */
	(void)setpgid(child->pid, child->pid);
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		die("pidfd_open");
	child->announced = announce[0];
	child->out = out[0];
	child->go = go[1];
	fd_abandon(&go[0]);
	fd_abandon(&announce[1]);
	fd_abandon(&out[1]);
	enlist(child);
}

/* ---- what they say ---------------------------------------------------- */

static void
hear_line(struct child *child)
{
	static const char phase[] = "{\"event\":\"phase\",\"phase\":\"";
	static const char result[] = "{\"event\":\"result\",";
	const char *line = child->line;

	if (strncmp(line, phase, sizeof(phase) - 1) == 0) {
		child->phase_ns = clock_now_ns();
		(void)snprintf(child->phase, sizeof(child->phase), "%.*s",
		    (int)strcspn(line + sizeof(phase) - 1, "\""),
		    line + sizeof(phase) - 1);
		if (child->awaited != NULL &&
		    strcmp(child->phase, child->awaited) == 0)
			child->is_awaited_there = true;
	} else if (strncmp(line, result, sizeof(result) - 1) == 0) {
		free(child->result);
		child->result = strdup(line);
	}
}

static void
hear_byte(struct child *child, char byte)
{
	if (child->line_length + 1 >= child->line_room) {
		child->line_room = 2 * child->line_room + 512;
		child->line = realloc(child->line, child->line_room);
		if (child->line == NULL)
			die("realloc");
	}
	if (byte != '\n') {
		child->line[child->line_length++] = byte;
		return;
	}
	child->line[child->line_length] = '\0';
	child->line_length = 0;
	hear_line(child);
}

static void
hear_out(struct child *child)
{
	char bytes[4096];
	ssize_t got;
	ssize_t i;

	while (child->out >= 0) {
		got = read(child->out, bytes, sizeof(bytes));
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0)
			fd_abandon(&child->out);
		for (i = 0; i < got; i++)
			hear_byte(child, bytes[i]);
	}
}

static void
hear_engine(struct child *child)
{
	pid_t pid;
	ssize_t got = read(child->announced, &pid, sizeof(pid));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got == (ssize_t)sizeof(pid)) {
		child->engine_ns = clock_now_ns();
		child->engine = pid;
		child->engine_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	}
	fd_abandon(&child->announced);
}

/* ---- waiting ------------------------------------------------------------ */

void
child_note_end(pid_t pid, int status)
{
	size_t i;

	for (i = 0; i < CHILDREN_MAX; i++) {
		struct child *child = children[i];

		if (child == NULL || child->has_ended || child->pid != pid)
			continue;
		child->has_ended = true;
		child->status = status;
		child->ended_ns = clock_now_ns();
	}
}

/* Whether any process of ours is left. */
static bool
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		child_note_end(pid, status);
	return (pid == 0);
}

/* Hear all children, for at most that long; at once if one says something. */
static void
listen_to_all(int64_t timeout_ns)
{
	struct pollfd fds[3 * CHILDREN_MAX];
	struct timespec timeout = { timeout_ns / 1000000000,
		timeout_ns % 1000000000 };
	size_t count = 0;
	size_t i;

	if (timeout_ns < 0)
		timeout = (struct timespec){ 0, 0 };
	for (i = 0; i < CHILDREN_MAX; i++) {
		struct child *child = children[i];

		if (child == NULL)
			continue;
		fds[count++] = (struct pollfd){ child->out, POLLIN, 0 };
		fds[count++] = (struct pollfd){ child->announced, POLLIN, 0 };
		fds[count++] = (struct pollfd){ child->has_ended ? -1 :
			child->pidfd, POLLIN, 0 };
	}
	(void)ppoll(fds, count, &timeout, NULL);
	for (i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] == NULL)
			continue;
		hear_engine(children[i]);
		hear_out(children[i]);
	}
	(void)reap();
}

/* Said or announced last, heard only after the end. */
static bool
is_over(struct child *child)
{
	if (!child->has_ended)
		return (false);
	hear_engine(child);
	hear_out(child);
	return (true);
}

bool
child_await_phase(struct child *child, const char *phase, int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);

	child->awaited = phase;
	child->is_awaited_there = strcmp(child->phase, phase) == 0;
	while (!child->is_awaited_there && !is_over(child) &&
	    !clock_has_passed(deadline))
		listen_to_all(SLICE_MS * NS_PER_MS);
	return (child->is_awaited_there && !child->has_ended);
}

bool
child_await_engine(struct child *child, int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);

	while (child->engine_ns == 0 && !is_over(child) &&
	    !clock_has_passed(deadline))
		listen_to_all(SLICE_MS * NS_PER_MS);
	return (child->engine_ns != 0);
}

bool
child_await_moment(struct child *child, int64_t at_ns)
{
	int64_t left;

	while (!child->has_ended &&
	    (left = at_ns - clock_now_ns()) > SPIN_NS) {
		left -= SPIN_NS;
		listen_to_all(left < SLICE_MS * NS_PER_MS ? left :
		    SLICE_MS * NS_PER_MS);
	}
	while (!child->has_ended && clock_now_ns() < at_ns)
		continue;
	return (!child->has_ended);
}

void
child_let_go(struct child *child)
{
	IGNORE_RESULT(write(child->go, "", 1));
}

static bool
send_signal(int pidfd, int number)
{
	return (pidfd >= 0 &&
	    syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) == 0);
}

bool
child_signal(struct child *child, enum child_whom whom, int number)
{
	bool client = !child->has_ended;
	bool engine;

	hear_engine(child);
	switch (whom) {
	case CHILD_CLIENT:
		return (client && send_signal(child->pidfd, number));
	case CHILD_ENGINE:
		return (send_signal(child->engine_pidfd, number));
	case CHILD_GROUP:
		/* The number cannot be another's before it was waited for. */
		return (client && kill(-child->pid, number) == 0);
	case CHILD_BOTH:
		break;
	}
	client = client && send_signal(child->pidfd, number);
	engine = send_signal(child->engine_pidfd, number);
	return (client || engine);
}

bool
child_finish(struct child *child, int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);

	while (!is_over(child) && !clock_has_passed(deadline))
		listen_to_all(SLICE_MS * NS_PER_MS);
	if (child->has_ended)
		return (true);
	(void)send_signal(child->pidfd, SIGKILL);
	(void)send_signal(child->engine_pidfd, SIGKILL);
	while (!is_over(child))
		listen_to_all(SLICE_MS * NS_PER_MS);
	return (false);
}

static void
kill_all(void)
{
	size_t i;

	for (i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] == NULL)
			continue;
		(void)send_signal(children[i]->pidfd, SIGKILL);
		(void)send_signal(children[i]->engine_pidfd, SIGKILL);
	}
}

bool
children_settle(int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);

	while (reap() && !clock_has_passed(deadline))
		/* An orphan has no descriptor here: a short slice. */
		listen_to_all(NS_PER_MS);
	if (!reap())
		return (true);
	kill_all();
	deadline = clock_deadline(timeout_ms);
	while (reap() && !clock_has_passed(deadline))
		listen_to_all(NS_PER_MS);
	return (false);
}

int
child_exit_status(const struct child *child)
{
	if (!child->has_ended)
		return (-1);
	if (WIFSIGNALED(child->status))
		return (128 + WTERMSIG(child->status));
	return (WEXITSTATUS(child->status));
}

void
child_release(struct child *child)
{
	size_t i;

	for (i = 0; i < CHILDREN_MAX; i++)
		if (children[i] == child)
			children[i] = NULL;
	fd_abandon(&child->pidfd);
	fd_abandon(&child->engine_pidfd);
	fd_abandon(&child->out);
	fd_abandon(&child->announced);
	fd_abandon(&child->go);
	free(child->line);
	free(child->result);
	child->line = child->result = NULL;
}
