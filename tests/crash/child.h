/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_CHILD_H
#define TEST_CRASH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A program that is started, watched and killed at a moment.
 *
 *     child_setup                      once
 *     child_start
 *       child_await_phase, child_await_engine, child_await_moment
 *       child_signal ...
 *     child_finish                     it has ended, or is made to
 *     children_settle                  and so has all that it started
 *     child_release
 *
 * vdibackup starts its engine itself.  So that the engine's process is known,
 * it is started by way of this very program (child_stub), which announces
 * itself on a pipe and then becomes the engine.  This process is the reaper of
 * all orphans: children_settle sees whatever outlives its parent.
 *
 * One thread.  Times are CLOCK_MONOTONIC in nanoseconds.
 */

/* Whom a signal is for. */
enum child_whom {
	CHILD_CLIENT, /* the program itself */
	CHILD_ENGINE, /* the engine that it started */
	CHILD_BOTH,   /* both, one right after the other */
	CHILD_GROUP   /* the program's process group */
};

struct child {
	const char *name;
	pid_t pid;
	int pidfd;
	bool has_ended;
	int status; /* of waitpid */
	int64_t began_ns;
	int64_t ended_ns;
	/* The engine, once it was announced. */
	int engine_pidfd; /* -1: not yet */
	pid_t engine;     /* its number; 0: not yet */
	int64_t engine_ns;
	/* What it says on standard output, JSON lines. */
	char phase[16]; /* the last one */
	int64_t phase_ns;
	char *result;   /* the last line of the event "result", or NULL */
	/* What it says on standard error: a file. */
	char said[300];
	/* Private. */
	int out;
	int announced;
	int go; /* whoever is held waits for a byte from here */
	char *line;
	size_t line_length;
	size_t line_room;
	const char *awaited; /* stop reading at this phase */
	bool is_awaited_there;
};

struct child_options {
	const char *name;
	const char *const *argv;  /* argv[0] is a path */
	const char *said;         /* file for standard error */
	int in;                   /* standard input; -1: empty */
	int out;                  /* standard output; -1: read by us */
	const char *engine_extra; /* one more option for the engine, or NULL */
	/* It does not begin before child_let_go. */
	bool holds_client;
	bool holds_engine;
};

/* Before anything else in main: in a process that child_start made an engine
 * of, this does not return. */
void child_stub(char **argv);

/* engine: the path of the engine proper. */
void child_setup(const char *engine);

void child_start(struct child *child, const struct child_options *options);

/* Wait for these; false if the child has ended before, or the deadline has
 * passed. */
bool child_await_phase(struct child *child, const char *phase,
    int64_t timeout_ms);
bool child_await_engine(struct child *child, int64_t timeout_ms);

/* Wait until that moment, to the microsecond; false if the child has ended
 * before. */
bool child_await_moment(struct child *child, int64_t at_ns);

/* The client, or the engine, that is held back may begin. */
void child_let_go(struct child *child);

/* Whether there was a living process to signal. */
bool child_signal(struct child *child, enum child_whom whom, int number);

/* Wait for its end; false if it has not come: then it is killed. */
bool child_finish(struct child *child, int64_t timeout_ms);

/* Wait until no process that any child has started is left; false if some
 * are: then they are killed. */
bool children_settle(int64_t timeout_ms);

/* For those who have waited for processes themselves. */
void child_note_end(pid_t pid, int status);

/* Exit status, 128 and the number of a signal, or -1 while it runs. */
int child_exit_status(const struct child *child);

void child_release(struct child *child);

#endif
