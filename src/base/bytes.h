/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdint.h>

/*
 * Little-endian loads and stores at any address.  What leaves the process
 * (files, backup streams) goes through these, never through a struct cast.
 */

static inline uint16_t
bytes_get16(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return ((uint16_t)(p[0] | p[1] << 8));
}

static inline uint32_t
bytes_get32(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24);
}

static inline uint64_t
bytes_get64(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return ((uint64_t)bytes_get32(p) | (uint64_t)bytes_get32(p + 4) << 32);
}

static inline void
bytes_put16(void *at, uint16_t value)
{
	uint8_t *p = (uint8_t *)at;

	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void
bytes_put32(void *at, uint32_t value)
{
	uint8_t *p = (uint8_t *)at;

	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}

static inline void
bytes_put64(void *at, uint64_t value)
{
	uint8_t *p = (uint8_t *)at;

	bytes_put32(p, (uint32_t)value);
	bytes_put32(p + 4, (uint32_t)(value >> 32));
}

#endif
