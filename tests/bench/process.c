/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/bench.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 96

extern char **environ;

/* What is removed at the end, by the process that made it. */
static struct {
	pid_t owner;
	char folder[BENCH_PATH_ROOM];
	char files[FILES_MAX][BENCH_PATH_ROOM];
	atomic_uint count;
} made;

static void
remove_all(void)
{
	unsigned count = atomic_load(&made.count);
	unsigned i;

	if (made.owner != getpid())
		return;
	for (i = 0; i < count; i++)
		(void)unlink(made.files[i]);
	(void)rmdir(made.folder);
}

static void
on_signal(int number)
{
	remove_all();
	(void)raise(number); /* with its default action: SA_RESETHAND */
}

const char *
bench_folder(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGPIPE,
		SIGTERM };
	struct sigaction action;
	size_t i;

	if (made.owner != 0)
		return (made.folder);
	(void)strcpy(made.folder, "/dev/shm/bench.XXXXXX");
	if (mkdtemp(made.folder) == NULL || atexit(remove_all) != 0)
		bench_die("cannot make a folder in /dev/shm");
	made.owner = getpid();
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	action.sa_flags = (int)SA_RESETHAND;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], &action, NULL) != 0)
			bench_die("cannot handle signals");
	return (made.folder);
}

void
bench_file(const char *name, char path[BENCH_PATH_ROOM])
{
	unsigned count = atomic_load(&made.count);
	unsigned i;

	if (snprintf(path, BENCH_PATH_ROOM, "%s/%s", bench_folder(), name) >=
	    BENCH_PATH_ROOM)
		bench_die("the name \"%s\" is too long", name);
	for (i = 0; i < count; i++)
		if (strcmp(made.files[i], path) == 0)
			return;
	if (count == FILES_MAX)
		bench_die("too many files");
	(void)strcpy(made.files[count], path);
	atomic_store(&made.count, count + 1);
}

static int64_t
timeval_ns(struct timeval time)
{
	return ((int64_t)time.tv_sec * 1000000000 +
	    (int64_t)time.tv_usec * 1000);
}

bool
bench_program(char *const argv[], const char *output,
    struct bench_span *span)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int64_t start;
	int status = 0;
	pid_t child;
	pid_t got;
	int rc;

	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
	    output != NULL ? output : "/dev/null",
	    O_WRONLY | O_CREAT | O_TRUNC, 0600) != 0)
		bench_die("cannot prepare to start %s", argv[0]);
	start = clock_now_ns();
	rc = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (rc == ENOENT)
		return (false);
	if (rc != 0)
		bench_die("cannot start %s: %s", argv[0], strerror(rc));
	do {
		got = wait4(child, &status, 0, &usage);
	} while (got < 0 && errno == EINTR);
	span->ns = clock_now_ns() - start;
	if (got != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		bench_die("%s failed with wait status %d", argv[0], status);
	span->cpu_ns = timeval_ns(usage.ru_utime) +
	    timeval_ns(usage.ru_stime);
	return (true);
}
