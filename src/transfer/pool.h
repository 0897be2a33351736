/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_POOL_H
#define TRANSFER_POOL_H

#include "base/attr.h"
#include "base/error.h"

/*
 * The worker threads that all stripes of a job share, in both directions.
 *
 *     pool_new -> pool_submit, from any thread, as often as wanted -> pool_free
 *
 * Jobs are run first in, first out, by whichever thread is free; a job is a
 * struct that lies inside its submitter's own, so that submitting allocates
 * nothing.  Each thread has one codec that it reuses, so jobs must be pure
 * computation: no waiting, no I/O.  The pool's lock is held for the queue
 * alone, never while a job runs.
 *
 * The pool also owns the slots (transfer/slots.h), the buffers of its stripes,
 * and the place where the stripes' own threads meet (transfer/pairing.h).
 *
 * Every job must have run, and every slot be given back, before pool_free,
 * which asserts both; stripes see to that when they are closed.
 * Signals are blocked in the threads.  Errors: KIND_STORAGE (memory, threads).
 */

struct codec;
struct pairing;
struct pool;
struct slots;

struct pool_job {
	/* Called once, on a thread of the pool; may free the job. */
	void (*run)(struct pool_job *job, struct codec *codec);
	struct pool_job *next; /* the pool's */
};

#define POOL_MAX_THREADS 256u

/* The processors that this process may run on; at least 1. */
unsigned pool_processors(void);

/* threads: 1 to POOL_MAX_THREADS. */
struct pool *pool_new(unsigned threads, struct error *error) MUST_CHECK;
/* Accepts NULL. */
void pool_free(struct pool *pool);

void pool_submit(struct pool *pool, struct pool_job *job);

struct slots *pool_slots(struct pool *pool);
struct pairing *pool_pairing(struct pool *pool);

#endif
