/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SYNTHETIC_POOL_H
#define ENGINE_SYNTHETIC_POOL_H

#include "base/attr.h"
#include "base/database.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The streams of a synthetic database, for next to nothing: 64 MiB of pages
 * are made once (synthetic_page.h), and what a device has at an offset is
 * copied from there.  Devices begin at different places of it, and every page
 * gets the number of its place in its stream and of its device, so that no
 * two places of any stream are alike.  A device repeats itself, but for these
 * numbers, after 64 MiB.
 *
 *     synthetic_pool_new -> synthetic_pool_get, synthetic_pool_compare, from
 *     any thread -> synthetic_pool_free
 *
 * What is at a place depends on seed, ratio, device and offset, and on neither
 * the size nor the number of devices: only what these need of the pool is
 * made.  Devices count from 0.
 */

struct synthetic_pool;

/* database is synthetic, and borrowed for the call; NULL: no memory. */
struct synthetic_pool *synthetic_pool_new(const struct database *database,
    unsigned devices, struct error *error) MUST_CHECK;
/* Accepts NULL. */
void synthetic_pool_free(struct synthetic_pool *pool);

/* How much of `bytes` is one device's: whole pages but for the last device. */
uint64_t synthetic_pool_share(uint64_t bytes, unsigned devices,
    unsigned device);

/* Within the device's share. */
void synthetic_pool_get(const struct synthetic_pool *pool, unsigned device,
    uint64_t offset, void *buffer, size_t size);

enum synthetic_pool_care {
	SYNTHETIC_POOL_SAMPLES, /* a cache line of every 4 KiB and of every
	                         * page's header */
	SYNTHETIC_POOL_ALL
};

/* Whether data are what is at this place; otherwise *at is the offset in the
 * stream of the first difference that was looked at. */
bool synthetic_pool_compare(const struct synthetic_pool *pool,
    unsigned device, uint64_t offset, const void *data, size_t size,
    enum synthetic_pool_care care, uint64_t *at);

#endif
