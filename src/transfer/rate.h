/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_RATE_H
#define TRANSFER_RATE_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A limit on stored bytes per second, shared by every stripe that is given
 * it.  Says when; the waiting is the caller's, who knows how to be stopped.
 * Any thread (a lock inside).
 */

struct rate;

struct rate *rate_new(uint64_t bytes_per_second, struct error *error)
    MUST_CHECK;
/* Accepts NULL. */
void rate_free(struct rate *rate);

/* Claim size bytes; they may go at the time that is returned.  Idle time is
 * not saved up beyond a tenth of a second. */
struct deadline rate_claim(struct rate *rate, size_t size);

#endif
