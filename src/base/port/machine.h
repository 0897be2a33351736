/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_MACHINE_H
#define BASE_PORT_MACHINE_H

#include <stdint.h>

/*
 * The machine that this runs on, for whoever reads a measurement elsewhere.
 */

struct port_machine {
	char cpu[128];       /* the processor's name; empty: not known */
	unsigned processors; /* that this process may run on */
	uint64_t memory;     /* bytes; 0: not known */
	char kernel[160];    /* name and release, such as "Linux 6.1.0" */
};

void port_machine_look(struct port_machine *machine);

#endif
