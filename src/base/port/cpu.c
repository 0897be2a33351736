/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/cpu.h"

#include <sched.h>
#include <unistd.h>

unsigned
port_cpu_count(void)
{
	cpu_set_t set;
	long online;
	int count;

	/* The affinity mask knows about containers and taskset. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0) {
		count = CPU_COUNT(&set);
		if (count > 0)
			return ((unsigned)count);
	}
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return (online > 0 ? (unsigned)online : 1);
}
