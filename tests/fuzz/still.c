/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "still.h"

#include "base/clock.h"
#include "base/port/gate.h"

#include <stddef.h>

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000
/* What a look at the clock costs: loops that wait for it do end. */
#define LOOK_NS 1000

static int64_t now_ns = NS_PER_S;
static uint64_t waits;
static void (*work_meanwhile)(void *context);
static void *work_context;

void
still_while_waiting(void (*work)(void *context), void *context)
{
	work_meanwhile = work;
	work_context = context;
}

uint64_t
still_waits(void)
{
	return (waits);
}

void
still_pass(int64_t ns)
{
	now_ns += ns;
}

int64_t
clock_now_ns(void)
{
	now_ns += LOOK_NS;
	return (now_ns);
}

struct deadline
clock_deadline(int64_t timeout_ms)
{
	struct deadline deadline = { INT64_MAX };

	if (timeout_ms >= 0 && timeout_ms < (INT64_MAX - now_ns) / NS_PER_MS)
		deadline.at_ns = now_ns + timeout_ms * NS_PER_MS;
	return (deadline);
}

bool
clock_has_passed(struct deadline deadline)
{
	return (deadline.at_ns != INT64_MAX &&
	    clock_now_ns() >= deadline.at_ns);
}

bool
port_gate_spin(struct port_gate *gate, uint32_t seen)
{
	return (port_gate_read(gate) != seen);
}

void
port_gate_wait(struct port_gate *gate, uint32_t seen, int64_t timeout_ns)
{
	if (timeout_ns <= 0)
		return;
	waits++;
	(void)atomic_fetch_add(&gate->sleepers, 1);
	if (port_gate_read(gate) == seen && work_meanwhile != NULL)
		work_meanwhile(work_context);
	if (port_gate_read(gate) == seen)
		still_pass(timeout_ns);
	(void)atomic_fetch_sub(&gate->sleepers, 1);
}

void
port_gate_wake(struct port_gate *gate)
{
	(void)gate;
}
