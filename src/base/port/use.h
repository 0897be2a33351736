/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_USE_H
#define BASE_PORT_USE_H

#include <stdint.h>

/*
 * What this process has used until now, without its children.  Any thread.
 */

struct port_use {
	int64_t cpu_ns; /* of all its threads, user and system */
	uint64_t peak_bytes; /* most memory that was resident at once; what is
	                      * shared with other processes counts where this
	                      * one has touched it; 0: not known */
};

void port_use_look(struct port_use *use);

#endif
