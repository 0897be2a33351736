/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A child process whose output is read line by line.
 *
 *     process_new -> process_start ->
 *       process_wait until it answers false -> process_free
 *
 * The child has a process group of its own, an empty standard input, default
 * signals.  It is always reaped.  One owning thread, except for
 * process_stop, which any thread may call.
 */

struct process;

/* What to do with a line, without its end; a line longer than
 * PROCESS_LINE_MAX comes in parts. */
#define PROCESS_LINE_MAX (1u << 20)
struct process_ears {
	void (*out)(void *context, const char *line, size_t size);
	void (*err)(void *context, const char *line, size_t size);
	void *context;
};

struct process *process_new(const struct process_ears *ears,
    struct error *error) MUST_CHECK;

/* argv[0] is a path.  KIND_CONNECT: who was to be talked to is not there. */
int process_start(struct process *process, char *const argv[],
    struct error *error) MUST_CHECK;

/*
 * Wait until there is something to hand to the ears, the child has ended, or
 * the deadline has passed.  True while the child runs; once it has answered
 * false, everything that the child wrote has been handed over.
 */
bool process_wait(struct process *process, struct deadline deadline)
    MUST_CHECK;

/* Status of waitpid; only after process_wait answered false. */
int process_status(const struct process *process);

/* SIGTERM now, SIGKILL (by a later process_wait) grace_ms after the first
 * call.  Nothing if the child has ended. */
void process_stop(struct process *process, int64_t grace_ms);

/* Ends a running child within grace_ms and the time that a SIGKILL takes.
 * Accepts NULL. */
void process_free(struct process *process, int64_t grace_ms);

#endif
