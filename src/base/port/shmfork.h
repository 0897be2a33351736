/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_SHMFORK_H
#define BASE_PORT_SHMFORK_H

#include "base/attr.h"

/*
 * Descriptors that a forked child must not keep: a claim on shared memory
 * lasts as long as any copy of its descriptor, and the copy in a child that
 * outlives its parent would hide the parent's death.  exec closes them by
 * itself; this closes them in a child that does not exec.
 *
 * Any thread; a lock inside guards the list.
 */

/* 0 or ENOMEM.  Takes no ownership. */
int port_shmfork_add(int fd) MUST_CHECK;
/* Forget the descriptor and close it. */
void port_shmfork_close(int fd);

#endif
