/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_SHMGUARD_H
#define BASE_PORT_SHMGUARD_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What becomes of a mapping whose object another process cuts short.
 *
 * Touching what is gone raises SIGBUS, which ends the process.  A program that
 * calls port_shmguard_install survives it: the missing part of the mapping is
 * replaced by zeros, and port_shmguard_is_cut says so from then on.  Zeros are
 * not what the peer wrote, so whoever asks has to treat everything since as
 * void; and has to ask after reading and before vouching for what was read.
 *
 *     port_shmguard_install        by the program, before it has threads;
 *                                  again does nothing.  A library does not,
 *                                  since signals belong to its caller
 *     port_shmguard_add -> port_shmguard_is_cut, as often as wanted
 *       -> port_shmguard_remove    before the mapping goes (port_shm_map and
 *                                  port_shm_unmap do both)
 *
 * Any thread; no lock: the handler may run anywhere.  A SIGBUS anywhere else
 * goes to whoever had the signal before.
 */

/* 0 or an errno value. */
int port_shmguard_install(void) MUST_CHECK;

/* 0, or ENOMEM: there are too many mappings. */
int port_shmguard_add(int fd, void *base, size_t length) MUST_CHECK;
void port_shmguard_remove(const void *base);

/* Has a mapping of this descriptor been found cut? */
bool port_shmguard_is_cut(int fd);

#endif
