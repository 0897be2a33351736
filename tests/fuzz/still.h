/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_STILL_H
#define TESTS_FUZZ_STILL_H

#include <stdint.h>

/*
 * A clock that stands still, and gates at which nobody sleeps: still.c takes
 * the place of base/clock.c and base/port/gate.c in a program.  Time passes
 * only in waits and by still_pass, so that what takes the runtime minutes
 * takes a fuzzer nothing, and the same input does the same every time.
 *
 * A wait calls the function that was set, which is the rest of the world at
 * work meanwhile; it may call the runtime, as another thread could.
 */

void still_while_waiting(void (*work)(void *context), void *context);

/* Waits so far. */
uint64_t still_waits(void);

void still_pass(int64_t ns);

#endif
