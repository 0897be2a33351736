/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_GATE_H
#define BASE_PORT_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A gate lets threads of several processes wait for each other's work through
 * eight bytes of shared memory (all zero is a valid, fresh gate).
 *
 *     waiter                              worker
 *     seen = port_gate_read(gate)         change something
 *     look for work; none?                port_gate_bump(gate)
 *     port_gate_spin / port_gate_wait
 *     look again
 *
 * A bump after the read makes the wait return at once, so nothing is missed.
 * A bump costs no system call while nobody sleeps.
 *
 * Nothing here relies on the other process: whatever it writes into the gate,
 * the wait ends when its time is over.
 */
struct port_gate {
	_Atomic uint32_t sequence;
	_Atomic uint32_t sleepers; /* how many may be asleep */
};

_Static_assert(sizeof(struct port_gate) == 8, "a gate is 8 bytes");

static inline uint32_t
port_gate_read(struct port_gate *gate)
{
	return (atomic_load(&gate->sequence));
}

/* Watch for a short time, without sleeping: did the gate move on from seen?
 * Returns at once where there is only one processor to watch it from. */
bool port_gate_spin(struct port_gate *gate, uint32_t seen);

/* Sleep until the gate moves on from seen, timeout_ns are over, or for no
 * reason at all. */
void port_gate_wait(struct port_gate *gate, uint32_t seen,
    int64_t timeout_ns);

/* Wake whoever sleeps. */
void port_gate_wake(struct port_gate *gate);

static inline void
port_gate_bump(struct port_gate *gate)
{
	(void)atomic_fetch_add(&gate->sequence, 1);
	if (atomic_load(&gate->sleepers) != 0)
		port_gate_wake(gate);
}

#endif
