/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_SHA256_H
#define BASE_PORT_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The compression function of SHA-256 (FIPS 180-4, 6.2.2) by the processor's
 * own instructions, for one stream and for two at once.
 *
 * Each step needs the result of the one before, so one stream leaves the
 * units that compute it idle half of the time; a second stream in the same
 * thread fills the gaps and costs nearly nothing.
 *
 * state is a to h in the standard's order; a block is 64 bytes, of any
 * alignment.  Padding and length are the caller's.  Pure functions: any
 * thread.
 */

#define PORT_SHA256_BLOCK 64u
#define PORT_SHA256_WORDS 8u

/* Whether this processor has the instructions.  The other functions may only
 * be called where it has. */
bool port_sha256_is_fast(void);

void port_sha256_blocks(uint32_t state[PORT_SHA256_WORDS],
    const uint8_t *data, size_t blocks);

/* As many blocks of each; the states are two different ones. */
void port_sha256_pair(uint32_t state_a[PORT_SHA256_WORDS],
    const uint8_t *data_a, uint32_t state_b[PORT_SHA256_WORDS],
    const uint8_t *data_b, size_t blocks);

#endif
