/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "step.h"

#include "act.h"
#include "base/attr.h"
#include "look.h"
#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* After the C library's, which has another enum of the same names. */
#include <linux/ptrace.h>

/* What a traced process may take altogether. */
#define LIMIT_S 120
/* More than any of them has. */
#define STEPS_MAX 400
#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | \
	PTRACE_O_EXITKILL)

/* What is looked at in a call. */
enum look {
	LOOK_ALWAYS,
	LOOK_CREATES, /* only with O_CREAT or O_TRUNC in that argument */
	LOOK_FILE     /* only if the first argument is a file of the run's */
};

static const struct {
	long number;
	enum look look;
	unsigned argument;
} calls[] = {
	{ SYS_openat, LOOK_CREATES, 2 },
	{ SYS_write, LOOK_FILE, 0 },
	{ SYS_pwrite64, LOOK_FILE, 0 },
	{ SYS_writev, LOOK_FILE, 0 },
	{ SYS_pwritev, LOOK_FILE, 0 },
	{ SYS_ftruncate, LOOK_ALWAYS, 0 },
	{ SYS_fallocate, LOOK_FILE, 0 },
	{ SYS_fsync, LOOK_ALWAYS, 0 },
	{ SYS_fdatasync, LOOK_ALWAYS, 0 },
	{ SYS_renameat, LOOK_ALWAYS, 0 },
	{ SYS_renameat2, LOOK_ALWAYS, 0 },
	{ SYS_unlinkat, LOOK_ALWAYS, 0 },
	{ SYS_mkdirat, LOOK_ALWAYS, 0 },
	{ SYS_flock, LOOK_ALWAYS, 0 },
	/* What older machines have beside them. */
#ifdef SYS_open
	{ SYS_open, LOOK_CREATES, 1 },
	{ SYS_rename, LOOK_ALWAYS, 0 },
	{ SYS_unlink, LOOK_ALWAYS, 0 },
	{ SYS_mkdir, LOOK_ALWAYS, 0 },
	{ SYS_rmdir, LOOK_ALWAYS, 0 },
#endif
};

static bool
is_file_in(pid_t pid, uint64_t fd, const char *folder)
{
	char name[64];
	char target[600];
	ssize_t length;

	(void)snprintf(name, sizeof(name), "/proc/%ld/fd/%llu", (long)pid,
	    (unsigned long long)fd);
	length = readlink(name, target, sizeof(target) - 1);
	if (length <= 0)
		return (false);
	target[length] = '\0';
	/* What it prints does not count. */
	return (strncmp(target, folder, strlen(folder)) == 0 &&
	    strcmp(target + length - 4, ".err") != 0);
}

static bool
is_step(pid_t thread, const char *folder)
{
	struct ptrace_syscall_info info;
	size_t i;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0
	    || info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return (false);
	for (i = 0; i < ARRAY_COUNT(calls); i++) {
		if ((long)info.entry.nr != calls[i].number)
			continue;
		switch (calls[i].look) {
		case LOOK_ALWAYS:
			return (true);
		case LOOK_CREATES:
			return ((info.entry.args[calls[i].argument] &
			    (O_CREAT | O_TRUNC)) != 0);
		case LOOK_FILE:
			return (is_file_in(thread, info.entry.args[0],
			    folder));
		}
	}
	return (false);
}

static void
on_alarm(int number)
{
	(void)number;
}

static void
set_limit(int seconds)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval limit = { .it_value = { .tv_sec = seconds } };

	/* Without SA_RESTART: it ends a wait. */
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &limit, NULL);
}

/* One stop of one thread; true: it was the last one. */
static bool
step_on(pid_t thread, int status, unsigned *left, const char *folder)
{
	int number = WSTOPSIG(status);

	if (number == (SIGTRAP | 0x80)) {
		if (is_step(thread, folder) && --*left == 0)
			return (true);
		number = 0;
	} else if (status >> 16 != 0) {
		/* A new thread, or the stop that we have asked for. */
		number = 0;
	}
	(void)ptrace(PTRACE_SYSCALL, thread, NULL, (long)number);
	return (false);
}

/*
 * Let a child that is held run to its call of that number and kill it there;
 * false: it has ended before.  Only the one process, with its threads, is
 * looked at.
 */
static bool
kill_at(struct child *child, enum child_whom whom, unsigned number,
    const char *folder)
{
	pid_t pid = whom == CHILD_ENGINE ? child->engine : child->pid;
	bool killed = false;

	if (pid == 0 || ptrace(PTRACE_SEIZE, pid, NULL, (long)OPTIONS) != 0)
		return (false);
	(void)ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	child_let_go(child);
	set_limit(LIMIT_S);
	for (;;) {
		int status;
		pid_t thread = waitpid(-1, &status, __WALL);

		if (thread < 0)
			break;
		if (!WIFSTOPPED(status)) {
			child_note_end(thread, status);
			if (thread == pid)
				break;
			continue;
		}
		killed = step_on(thread, status, &number, folder);
		if (killed)
			break;
	}
	set_limit(0);
	(void)child_signal(child, whom, SIGKILL);
	return (killed);
}

/* Whether this machine lets a process be traced. */
static bool
is_possible(void)
{
	int status = 0;
	pid_t pid = fork();
	bool possible;

	if (pid == 0) {
		for (;;)
			(void)pause();
	}
	if (pid < 0)
		return (false);
	possible = ptrace(PTRACE_SEIZE, pid, NULL, (long)OPTIONS) == 0;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, __WALL);
	return (possible);
}

/* ---- what is stepped through -------------------------------------------- */

struct case_ {
	const char *name;
	enum child_whom whom;
	void (*begin)(struct act *act, struct scene *scene,
	    const struct stage *stage);
	void (*look)(struct scene *scene, const struct stage *stage);
};

static void
begin_store(struct act *act, struct scene *scene, const struct stage *stage)
{
	(void)stage;
	act_begin_backup(act, scene, SAMPLE_ONE, scene_path(scene, "store"),
	    2);
}

static void
begin_file(struct act *act, struct scene *scene, const struct stage *stage)
{
	(void)stage;
	act_begin_backup(act, scene, SAMPLE_ONE, scene_path(scene,
	    "one.bak.zst"), 0);
}

static void
begin_adopt(struct act *act, struct scene *scene, const struct stage *stage)
{
	const char *store = scene_path(scene, "store");

	room_copy_tree(stage->adoptable, store);
	act_begin_verb(act, scene, "adopt");
	act_add(act, room_text("%s%s", store, stage->partial +
	    strlen(stage->adoptable)));
}

static void
begin_restore(struct act *act, struct scene *scene,
    const struct stage *stage)
{
	act_begin(act, scene, "restore", scene_path(scene, "target.db"),
	    "Target");
	act_add(act, "--from");
	act_add(act, stage->backup);
	act_add(act, "--replace");
}

static void
begin_over(struct act *act, struct scene *scene, const struct stage *stage)
{
	room_copy(room_sample_file(scene->room, SAMPLE_TWO),
	    scene_path(scene, "target.db"));
	begin_restore(act, scene, stage);
}

static void
begin_over_wal(struct act *act, struct scene *scene,
    const struct stage *stage)
{
	room_copy_wal(scene->room, scene_path(scene, "target.db"));
	begin_restore(act, scene, stage);
}

static void
look_store(struct scene *scene, const struct stage *stage)
{
	const char *store = scene_path(scene, "store");

	(void)stage;
	IGNORE_RESULT(look_at_store(scene, store));
	look_at_next_backup(scene, store, SAMPLE_ONE);
}

static void
look_adopted(struct scene *scene, const struct stage *stage)
{
	(void)stage;
	if (look_at_store(scene, scene_path(scene, "store")) != 1)
		scene_problem(scene, "the backup is lost");
	look_at_next_backup(scene, scene_path(scene, "store"), SAMPLE_ONE);
}

static void
look_file(struct scene *scene, const struct stage *stage)
{
	(void)stage;
	look_at_file(scene, scene_path(scene, "one.bak.zst"), SAMPLE_ONE);
}

static void
look_restored(struct scene *scene, const struct stage *stage,
    enum look_old old)
{
	const char *path = scene_path(scene, "target.db");

	look_at_database(scene, path, old, SAMPLE_ONE);
	look_at_next_restore(scene, path, stage->backup, SAMPLE_ONE);
}

static void
look_new(struct scene *scene, const struct stage *stage)
{
	look_restored(scene, stage, LOOK_OLD_NONE);
}

static void
look_over(struct scene *scene, const struct stage *stage)
{
	look_restored(scene, stage, LOOK_OLD_SAMPLE);
}

static void
look_over_wal(struct scene *scene, const struct stage *stage)
{
	look_restored(scene, stage, LOOK_OLD_WAL);
}

/* The engine of a backup changes nothing. */
static const struct case_ cases[] = {
	{ "adopt", CHILD_CLIENT, begin_adopt, look_adopted },
	{ "backup", CHILD_CLIENT, begin_store, look_store },
	{ "backup to a file", CHILD_CLIENT, begin_file, look_file },
	{ "restore", CHILD_CLIENT, begin_restore, look_new },
	{ "restore over, engine", CHILD_ENGINE, begin_over, look_over },
	{ "restore over a WAL, engine", CHILD_ENGINE, begin_over_wal,
	    look_over_wal },
};

/* False: the process ended before that step. */
static bool
run_step(const struct case_ *one, unsigned number, struct scene *scene,
    const struct stage *stage)
{
	struct child_options options = { .name = one->name, .in = -1,
		.out = -1, .said = scene_path(scene, "struck.err"),
		.holds_client = one->whom == CHILD_CLIENT,
		.holds_engine = one->whom == CHILD_ENGINE };
	struct child child;
	struct act act;
	bool killed;

	one->begin(&act, scene, stage);
	act_add(&act, "--json");
	options.argv = act.argv;
	child_start(&child, &options);
	if (one->whom == CHILD_ENGINE)
		IGNORE_RESULT(child_await_engine(&child, SCENE_TOOL_MS));
	killed = kill_at(&child, one->whom, number, scene->folder);
	scene_await_end(scene, &child);
	scene_await_survivors(scene);
	if (!killed && child_exit_status(&child) != 0) {
		scene_problem(scene, "%s ended with status %d", one->name,
		    child_exit_status(&child));
		scene_show(scene, child.said);
	}
	child_release(&child);
	one->look(scene, stage);
	return (killed);
}

static void
run_case(const struct case_ *one, const struct room *room,
    const struct stage *stage, unsigned *passed, unsigned *failed)
{
	unsigned number;
	bool killed = true;

	for (number = 1; killed && number <= STEPS_MAX; number++) {
		struct scene scene;

		scene_begin(&scene, room, 0, number);
		killed = run_step(one, number, &scene, stage);
		*passed += scene.problems == 0;
		*failed += scene.problems > 0;
		if (scene.problems > 0)
			(void)printf("not ok - %s, killed at step %u\n",
			    one->name, number);
		scene_end(&scene);
	}
	(void)printf("%s - %s has %u steps\n", killed ? "not ok" : "ok",
	    one->name, number - 2);
	(void)fflush(stdout);
	*failed += killed || number == 2;
}

void
step_run_all(const struct room *room, const struct stage *stage,
    unsigned *passed, unsigned *failed)
{
	size_t i;

	if (!is_possible()) {
		(void)printf("skip - processes cannot be traced here\n");
		return;
	}
	for (i = 0; i < ARRAY_COUNT(cases); i++)
		run_case(&cases[i], room, stage, passed, failed);
}
