/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_HANDOVER_H
#define BASE_PORT_HANDOVER_H

/*
 * Memory whose ownership goes to another process and comes back, perhaps to
 * another thread.  What the other process does in between orders the two
 * threads, but ThreadSanitizer sees one process only: it has to be told.
 * Without it these are nothing.
 */

#if defined(__SANITIZE_THREAD__)

#include <sanitizer/tsan_interface.h>

/* The owner lets go of the memory at address. */
static inline void
port_handover_give(void *address)
{
	__tsan_release(address);
}

/* Whoever calls this owns it from here on. */
static inline void
port_handover_take(void *address)
{
	__tsan_acquire(address);
}

#else

static inline void
port_handover_give(void *address)
{
	(void)address;
}

static inline void
port_handover_take(void *address)
{
	(void)address;
}

#endif

#endif
