/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_FEEDER_H
#define BENCH_FEEDER_H

#include "bench/data.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A server whose data costs nearly nothing, in a process of its own: the
 * server half of the runtime, one memcpy for each command, and never more
 * than so many commands in flight on a device.
 *
 *     feeder_start                  forks; before the first thread
 *       -> feeder_order, feeder_end, as often as wanted
 *     feeder_stop
 *
 * In between the caller is the client: it has created the set when it gives
 * the order, and closed the devices when it asks for the end.
 *
 * A backup's device sends its share of the data, each command filled when it
 * is sent; a restore's reads as much and copies what it gets.  Anything that
 * goes wrong ends the process, and then this one.
 */

struct feeder_order {
	char name[64];    /* of the set, and its first device */
	uint32_t devices;
	uint32_t depth;   /* commands in flight on each device */
	uint32_t command; /* bytes of each, at most VDI's 4 MiB */
	uint32_t unused;
	uint64_t bytes;   /* of all devices: so much of the data */
	bool is_restore;
	uint8_t spare[7];
};

struct feeder;

/* Borrows data. */
struct feeder *feeder_start(const struct data *data);
void feeder_order(struct feeder *feeder, const struct feeder_order *order);
/* Waits until the server has closed the set; raw bytes. */
uint64_t feeder_end(struct feeder *feeder);
void feeder_stop(struct feeder *feeder);

/* "SET" for device 0, "SET1" for the next: in the order of the clause. */
void feeder_device_name(const char *set, unsigned i, char name[72]);

#endif
