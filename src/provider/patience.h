/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVIDER_PATIENCE_H
#define PROVIDER_PATIENCE_H

#include <stdint.h>
#include <time.h>

/*
 * How long to ask a library to wait, whose unit nobody is sure of.
 *
 * The documents of SQL Server's library on Linux give the time-outs of
 * GetConfiguration and GetCommand in milliseconds; the vendor's own sample
 * passes numbers that its comment calls seconds (spec 20, 26 #16).  Taken for
 * milliseconds, a short wait that is one of seconds keeps a caller from looking
 * at what else has happened; taken for seconds, a wait of milliseconds comes
 * back a thousand times a second.
 *
 * So the first wait asks for one unit, and each wait that ended with a time-out
 * tells: one that came back sooner than half as many seconds as units were
 * asked for was one of milliseconds, and the next may ask for twice as much.
 * One that took as long as seconds do puts the question back to one unit.
 *
 *     if it is milliseconds   1, 2, 4 ... 1000: ten short waits in all, then
 *                             waits as long as the caller wants them
 *     if it is seconds        1, 1, 1 ...: each wait takes a second at most
 *
 * Either way no wait is a busy one, and each is bounded.  A library that comes
 * back early by mistake, where it is seconds, costs one wait of two seconds.
 * Zero polls, and has no unit.
 *
 *     patience_init -> { patience_ask -> wait -> patience_learn } ...
 *
 * One thread at a time.
 */

struct patience {
	time_t units; /* what the next wait may ask for */
};

#define PATIENCE_MAX_UNITS 1000

void patience_init(struct patience *patience);

/* The argument for a wait of left_ms milliseconds, negative for one that never
 * ends: the caller waits again. */
time_t patience_ask(const struct patience *patience, int64_t left_ms);

/* A wait that asked for so much ended with a time-out after took_ns. */
void patience_learn(struct patience *patience, time_t asked, int64_t took_ns);

#endif
