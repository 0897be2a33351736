/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_TRANSFER_PUMP_BENCH_H
#define TESTS_UNIT_TRANSFER_PUMP_BENCH_H

#include "unit/transfer/support.h"

#include "base/error.h"
#include "base/fault.h"
#include "provider/provider.h"
#include "transfer/pump.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where a pump is tested: its device is a provider in memory, on which the
 * test says what a server says; its stripe lies in memory too.
 *
 *     bench_begin                  the fixture of a case, with bench_end
 *       -> bench_hold              no thread of the pool runs until
 *                                  bench_let_go, so that orders are certain
 *       -> bench_drill             a drill is to be played
 *       -> bench_send ...          commands that are there from the start
 *       -> bench_backup or bench_restore
 *                                  the pump runs, on a thread of its own
 *       -> bench_send, bench_ask   the next command; and wait for its answer
 *       -> bench_close, bench_abort or bench_stop
 *       -> bench_join              the pump has returned: bench.rc, .error,
 *                                  .result; its end is in bench_expect_stream
 *
 * There is one bench at a time, in the variable of that name.  What is set in
 * it before the start (memory.fail_call, next, meanwhile, answer, refuses_end)
 * takes effect.  What the hooks saw is the test's to read after bench_join;
 * atomics at any time.
 *
 * Answers are awaited from the test's thread only; commands may be sent, the
 * device be closed or aborted, from any.  Waits fail the test after twenty
 * seconds.
 */

#define BENCH_FRAME 4096u
/* No Read or Write may be larger. */
#define BENCH_MAX_TRANSFER (16 * BENCH_FRAME)
/* What the device's number is. */
#define BENCH_NUMBER 3u

/* A command, and what it was answered with. */
struct bench_ticket {
	struct VDC_Command block; /* first */
	bool answered;
	uint32_t code;
	uint32_t bytes;
};

struct bench {
	struct pool *pool;
	unsigned threads; /* of it */
	struct held_pool held;
	struct pump *pump;
	struct fault_plan plan;
	struct memory_sink memory; /* the stripe, as it is stored */
	struct stripe_write *out;  /* the pump's, one of both */
	struct stripe_read *in;
	struct stripe_read *next; /* for VDC_Load; freed by its test */
	unsigned opened;          /* by bench_open */
	/* Called when a Write has been taken, before anything is done with
	 * it, once: what the server says meanwhile. */
	void (*meanwhile)(void);
	pthread_t thread;

	/* What the pump returned. */
	int rc;
	struct error error;
	struct pump_result result;

	/* What the hooks have seen, and are to answer. */
	atomic_uint completes;
	atomic_uint aborts;
	atomic_uint failures;
	atomic_uint proven;
	atomic_uint announced; /* drills that fired */
	bool refuses_end;      /* the proven stripe is not the one wanted */
	uint32_t answer;       /* to VDC_Complete */
	size_t synced;         /* what was durable then */
	unsigned commits;
	struct stripe_result finished;
	uint8_t observed[256 * 1024]; /* raw bytes, in their order */
	size_t observed_size;
};
extern struct bench bench;

/* A pool of two threads, or of one alone: then a stripe has BENCH_ALONE_SLOTS
 * frames under way at most. */
void bench_begin(void);
void bench_begin_alone(void);
#define BENCH_ALONE_SLOTS 3u
void bench_end(void);

void bench_hold(void);
void bench_let_go(void);
/* All that the pool had to do up to now is done. */
void bench_drain(void);

/* As --inject has it; before the start. */
void bench_drill(const char *text);
/* Run the pump, with that drill unless it is NULL. */
void bench_backup(size_t frame_size, const char *drill);

/* Store a stripe of size bytes, in frames of BENCH_FRAME, without use of the
 * bench's pool; they are the caller's to free. */
uint8_t *bench_store(size_t size);
/* Turn a bit in the middle of the nth frame, from 1. */
void bench_damage(unsigned nth);
/* Open what is stored; for bench.next, or by bench_restore. */
struct stripe_read *bench_open(void);
void bench_restore(void);
/* pump_stop, without the wait for the slice of time that it is in. */
void bench_stop(void);
/* Wait until the pump has returned. */
void bench_join(void);
/* The stripe in memory holds these bytes. */
void bench_expect_stream(const uint8_t *data, size_t size);

/* ---- the server ---------------------------------------------------- */

/* The next command on the device; the ticket is the bench's. */
struct bench_ticket *bench_send(int code, void *buffer, int size);
bool bench_is_answered(struct bench_ticket *ticket);
/* Wait for the answer; its completion code. */
uint32_t bench_answer(struct bench_ticket *ticket);
/* Both. */
uint32_t bench_ask(int code, void *buffer, int size);
/* How many commands the pump has taken; and wait until it has taken, and begun
 * with, all that were sent. */
unsigned bench_taken(void);
void bench_wait_taken(void);
/* The nth answer, from 1, is not taken. */
void bench_deafen(unsigned nth);
/* After the last command, and at once. */
void bench_close(void);
void bench_abort(void);

#endif
