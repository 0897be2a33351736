/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/gate.h"

#include "base/port/cpu.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000

/* Enough for a peer that is at work on another processor to answer; a sleep
 * and its wake-up cost ten times as much. */
#define SPINS 200

static int
spins(void)
{
	static _Atomic int known = -1;
	int count = atomic_load_explicit(&known, memory_order_relaxed);

	if (count < 0) {
		count = port_cpu_count() > 1 ? SPINS : 0;
		atomic_store_explicit(&known, count, memory_order_relaxed);
	}
	return (count);
}

bool
port_gate_spin(struct port_gate *gate, uint32_t seen)
{
	int left;

	for (left = spins(); left > 0; left--) {
		if (atomic_load_explicit(&gate->sequence,
		    memory_order_acquire) != seen)
			return (true);
		port_cpu_pause();
	}
	return (false);
}

void
port_gate_wait(struct port_gate *gate, uint32_t seen, int64_t timeout_ns)
{
	struct timespec timeout;

	if (timeout_ns <= 0)
		return;
	timeout.tv_sec = (time_t)(timeout_ns / NS_PER_S);
	timeout.tv_nsec = (long)(timeout_ns % NS_PER_S);
	/* Said before the kernel compares the sequence: a bump in between
	 * either sees it, or is seen by that comparison.  A count, because a
	 * flag that one waker clears could be another sleeper's; whoever
	 * dies asleep leaves it too high, which costs time and no wake-up. */
	(void)atomic_fetch_add(&gate->sleepers, 1);
	(void)syscall(SYS_futex, &gate->sequence, FUTEX_WAIT, seen, &timeout,
	    NULL, 0);
	(void)atomic_fetch_sub(&gate->sleepers, 1);
}

void
port_gate_wake(struct port_gate *gate)
{
	(void)syscall(SYS_futex, &gate->sequence, FUTEX_WAKE, INT_MAX, NULL,
	    NULL, 0);
}
