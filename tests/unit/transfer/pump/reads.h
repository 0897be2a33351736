/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_TRANSFER_PUMP_READS_H
#define TESTS_UNIT_TRANSFER_PUMP_READS_H

#include "bench.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Several Reads under way at once, on a bench with one thread in its pool
 * (reads_begin and reads_end are a fixture).
 *
 *     reads_store -> reads_send ... and bench_restore, in any order, or
 *     reads_start_held -> reads_expect or reads_expect_code for each Read
 *       -> reads_close_and_join
 *
 * Each buffer is written over once it is the server's again: when its answer
 * has been looked at, or by reads_scribble after bench_join.
 * reads_expect_left_alone sees whoever writes into one afterwards.
 */

#define READS_MAX 24

struct reads_one {
	struct bench_ticket *ticket;
	uint8_t *buffer; /* of its size, to the byte */
	size_t size;
	size_t at; /* in the stream, if all before it are filled */
};

struct reads {
	struct reads_one all[READS_MAX];
	unsigned count;
	uint8_t *data; /* what is stored, and how much */
	size_t size;
};
extern struct reads reads;

void reads_begin(void);
void reads_end(void);

void reads_store(size_t size);
void reads_send(size_t size);
void reads_send_many(unsigned many, size_t size);
/* Frame by frame; the pump has begun with all of them when this returns, and
 * the pool with none: bench_let_go is the test's to call. */
void reads_start_held(unsigned many);
/* Until as much has been read ahead as can be; damage in the first frame ends
 * that. */
void reads_wait_ahead(void);

/* Of Read nth, from 0. */
bool reads_is_answered(unsigned nth);
uint32_t reads_answer(unsigned nth);
/* It is answered with what follows the one before it; at the end with what is
 * left of that. */
void reads_expect(unsigned nth);
void reads_expect_code(unsigned nth, uint32_t code);

void reads_scribble(unsigned nth);
/* After bench_join, with the pool let go. */
void reads_expect_left_alone(void);
/* The server closes; all is as it has to be then. */
void reads_close_and_join(void);

#endif
