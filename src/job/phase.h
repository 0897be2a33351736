/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_PHASE_H
#define JOB_PHASE_H

#include <stddef.h>

/*
 * The phases of a job, in order.  Their names are what events and messages
 * show and what at=PHASE of a fault drill takes.
 */

enum phase {
	PHASE_PLAN,      /* the statement is built */
	PHASE_LOCK,      /* one job per target */
	PHASE_TARGET,    /* files are made ready, or looked at */
	PHASE_CONNECT,   /* the session */
	PHASE_CREATE,    /* the device set has its name */
	PHASE_STATEMENT, /* sent to the server */
	PHASE_CONFIGURE, /* the server decides about the set */
	PHASE_OPEN,      /* every device */
	PHASE_TRANSFER,  /* commands flow */
	PHASE_DURABLE,   /* backup: every stripe is on stable storage */
	PHASE_MANIFEST,  /* backup: so is the manifest, name still partial */
	PHASE_CLOSED,    /* the server has closed every device */
	PHASE_RESULT,    /* the statement's own verdict is in */
	PHASE_COMMIT,    /* backup: renamed into place */
	PHASE_DONE
};

#define PHASE_COUNT (PHASE_DONE + 1)

const char *phase_name(enum phase phase);

/* The phase of that name, or -1. */
int phase_find(const char *name);

/* "plan, lock, ..." for messages: those that a drill can name, which are all
 * but the last. */
void phase_list(char *buffer, size_t size);

#endif
