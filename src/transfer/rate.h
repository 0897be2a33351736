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
 *
 * Bytes may go when they have been paid for: between the first claim and any
 * moment after it no more have gone than the limit times that time.  What was
 * not used, because the writer was late, is made up for if the gap was
 * shorter than a tenth of a second; a longer one is time in which there was
 * nothing to write, and is lost.  So no second has more than a tenth more
 * than the limit, and a writer that has enough to write reaches the limit.
 */

struct rate;

struct rate *rate_new(uint64_t bytes_per_second, struct error *error)
    MUST_CHECK;
/* Accepts NULL. */
void rate_free(struct rate *rate);

/* How much to claim and write at a time, so that the flow is even and a
 * writer is never late by the time that a write takes: what goes in a
 * twentieth of a second, in whole blocks of a disk, of which it has one at
 * least. */
size_t rate_piece(const struct rate *rate);

/* Claim size bytes; they may go at the time that is returned. */
struct deadline rate_claim(struct rate *rate, size_t size);
/* The same at a time (CLOCK_MONOTONIC) that the caller knows. */
struct deadline rate_claim_at(struct rate *rate, size_t size, int64_t now_ns);

/* These bytes have gone without waiting; later ones pay for them. */
void rate_owe(struct rate *rate, size_t size);

#endif
