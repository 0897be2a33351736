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
 *       -> bench_send ...          commands that are there from the start
 *       -> bench_backup or bench_restore
 *                                  the pump runs, on a thread of its own
 *       -> bench_send, bench_ask   the next command; and wait for its answer
 *       -> bench_close, bench_abort or pump_stop(bench.pump)
 *       -> bench_join              the pump has returned: bench.rc, .error,
 *                                  .result; its end is in bench_expect_stream
 *
 * There is one bench at a time, in the variable of that name.  What is set in
 * it before the start (memory.fail_call, next, answer) takes effect.  What the
 * hooks saw is the test's to read after bench_join; atomics at any time.
 *
 * Commands may be sent, answers be awaited from the test's thread only.
 * Waits for an answer fail the test after twenty seconds.
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
	struct pump *pump;
	struct fault_plan plan;
	struct memory_sink memory; /* the stripe, as it is stored */
	struct stripe_write *out;  /* the pump's, one of both */
	struct stripe_read *in;
	struct stripe_read *next; /* for VDC_Load; freed by its test */
	pthread_t thread;

	/* What the pump returned. */
	int rc;
	struct error error;
	struct pump_result result;

	/* What the hooks have seen, and are to answer. */
	atomic_uint completes;
	atomic_uint aborts;
	atomic_uint failures;
	atomic_uint announced; /* drills that fired */
	uint32_t answer;       /* to VDC_Complete */
	size_t synced;         /* what was durable then */
	unsigned commits;
	struct stripe_result finished;
	uint8_t observed[32 * 1024]; /* raw bytes, in their order */
	size_t observed_size;
};
extern struct bench bench;

/* A pool of two threads. */
void bench_begin(void);
void bench_end(void);

/* Run the pump, with that drill unless it is NULL. */
void bench_backup(size_t frame_size, const char *drill);
/* Of a stripe of size bytes, in frames of BENCH_FRAME; the byte of the file at
 * damage_at is turned unless that is 0.  The bytes are the caller's to free. */
uint8_t *bench_restore(size_t size, size_t damage_at);
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
/* The nth answer, from 1, is not taken. */
void bench_deafen(unsigned nth);
/* After the last command, and at once. */
void bench_close(void);
void bench_abort(void);

#endif
