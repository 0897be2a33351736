/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLVDI_TIMEOUT_H
#define SQLVDI_TIMEOUT_H

#include <stdint.h>
#include <time.h>

#define TIMEOUT_INFINITE 0xFFFFFFFF

/* The runtime's time-out for a caller's: negative for ever (spec 23.4). */
static inline int64_t
timeout_of(time_t timeout_ms)
{
	return (timeout_ms == TIMEOUT_INFINITE ? -1 : timeout_ms);
}

#endif
