/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "provider/patience.h"

#define HALF_SECOND_NS 500000000

void
patience_init(struct patience *patience)
{
	patience->units = 1;
}

time_t
patience_ask(const struct patience *patience, int64_t left_ms)
{
	if (left_ms < 0 || left_ms > patience->units)
		return (patience->units);
	return ((time_t)left_ms);
}

void
patience_learn(struct patience *patience, time_t asked, int64_t took_ns)
{
	if (asked <= 0)
		return;
	if (took_ns >= asked * HALF_SECOND_NS)
		patience->units = 1;
	/* A shorter question proves nothing about a longer one. */
	else if (asked >= patience->units)
		patience->units = asked > PATIENCE_MAX_UNITS / 2 ?
		    PATIENCE_MAX_UNITS : asked * 2;
}
