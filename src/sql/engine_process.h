/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_ENGINE_PROCESS_H
#define SQL_ENGINE_PROCESS_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A child process whose output is read line by line.
 *
 *     engine_process_new -> engine_process_start ->
 *       engine_process_wait until it answers false -> engine_process_free
 *
 * The child has a process group of its own, an empty standard input, default
 * signals.  It is always reaped.  One owning thread, except for
 * engine_process_stop, which any thread may call.
 */

struct engine_process;

/* What to do with a line, without its end; a line longer than
 * ENGINE_PROCESS_LINE_MAX comes in parts. */
#define ENGINE_PROCESS_LINE_MAX (1u << 20)
struct engine_process_ears {
	void (*out)(void *context, const char *line, size_t size);
	void (*err)(void *context, const char *line, size_t size);
	void *context;
};

struct engine_process *engine_process_new(
    const struct engine_process_ears *ears, struct error *error) MUST_CHECK;

/* argv[0] is a path.  KIND_CONNECT. */
int engine_process_start(struct engine_process *process, char *const argv[],
    struct error *error) MUST_CHECK;

/*
 * Wait until there is something to hand to the ears, the child has ended, or
 * the deadline has passed.  True while the child runs; once it has answered
 * false, everything that the child wrote has been handed over.
 */
bool engine_process_wait(struct engine_process *process,
    struct deadline deadline) MUST_CHECK;

/* Status of waitpid; only after engine_process_wait answered false. */
int engine_process_status(const struct engine_process *process);

/* SIGTERM now, SIGKILL (by a later engine_process_wait) grace_ms after the
 * first call.  Nothing if the child has ended. */
void engine_process_stop(struct engine_process *process, int64_t grace_ms);

/* Ends a running child within grace_ms and the time that a SIGKILL takes.
 * Accepts NULL. */
void engine_process_free(struct engine_process *process, int64_t grace_ms);

#endif
