/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdatomic.h>

/*
 * SIGINT, SIGTERM and SIGHUP ask the work to stop; the second of them does
 * not wait.  One object per process.
 *
 *     signals_begin -> work that looks at signals_stop -> signals_end
 *       -> signals_reraise, if signals_caught says so
 *
 * The handler stores the number and no more.  A signal that was ignored when
 * the program started (nohup) stays ignored.  SIGPIPE does
 * nothing, so that a closed pipe is an error like any other; programs that we
 * start get its default action back.
 */

void signals_begin(void);
void signals_end(void);

/* Not zero once a signal came; what a job looks at,
 * with all of its threads. */
const atomic_int *signals_stop(void);

/* The signal that came first, or 0. */
int signals_caught(void);

/* "SIGINT". */
const char *signals_name(int signal_number);

/* End the process by the signal, as if it had never been caught.  Returns
 * where the parent had blocked it. */
void signals_reraise(int signal_number);

#endif
