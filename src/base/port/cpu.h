/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_CPU_H
#define BASE_PORT_CPU_H

#include <stdatomic.h>

/* Tell the processor that this is a loop that waits for another one. */
static inline void
port_cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#else
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* How many processors this process may run on; at least 1. */
unsigned port_cpu_count(void);

#endif
