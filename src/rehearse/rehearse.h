/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REHEARSE_REHEARSE_H
#define REHEARSE_REHEARSE_H

#include "base/attr.h"
#include "base/error.h"
#include "rehearse/matrix.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A rehearsal: every fault that can be injected, played on a sample database
 * by the programs as they are installed, and held against what the table
 * base/fault.def promises.
 *
 *     rehearse_run -> look at the result -> rehearse_result_release
 *
 * Programs run as children, since some faults kill.  Each run has to have
 * announced its fault, ended in time with the promised status and a message
 * that says where and what, and left nothing that looks like a backup, no
 * process and no name in shared memory; and the job that comes after it has
 * to work, to the byte.
 *
 * Runs go on beside each other in folders of their own; their outcomes are
 * told in the order of the matrix, one at a time, from any thread.
 */

/* How long a run may take after its fault fired (the manual says so), and how
 * long its time-outs are. */
#define REHEARSE_MAXIMUM_MS 5000
#define REHEARSE_TIMEOUT_MS 1000

/* Of one run.  Strings are the rehearsal's, for the call of the handler. */
struct rehearse_outcome {
	size_t number; /* from 1 */
	size_t count;  /* of all */
	const struct matrix_row *row;
	int status;          /* exit status, or 128 and a signal's number */
	int64_t elapsed_ns;  /* since the fault fired */
	char seen[256];      /* what the operator saw, in a line */
	char left[256];      /* what is left behind; empty: nothing */
	char problem[512];   /* what is not as promised; empty: all is */
	const char *said;    /* all of its messages, in lines */
};

typedef void rehearse_handler(void *context,
    const struct rehearse_outcome *outcome);

struct rehearse_options {
	struct matrix_wish wish;
	unsigned jobs; /* runs beside each other; 0: the machine's processors */
	bool keep;     /* the folder stays */
	int (*status_of)(enum error_kind kind); /* the exit status of a kind */
	const atomic_int *stop;
	rehearse_handler *handler;
	void *context;
};

struct rehearse_result {
	struct error error; /* KIND_NONE: all was as promised */
	size_t count;       /* of the runs that came to an end */
	size_t broken;      /* of them, not as promised */
	int64_t elapsed_ns;
	char *folder;       /* kept, or could not be removed; NULL: gone */
};

/* 0, or -1: result->error says why.  KIND_INTEGRITY: something was not as
 * promised. */
int rehearse_run(const struct rehearse_options *options,
    struct rehearse_result *result) MUST_CHECK;
void rehearse_result_release(struct rehearse_result *result);

#endif
