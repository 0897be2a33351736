/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_HINT_H
#define BASE_PORT_HINT_H

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What a program can tell the kernel about its memory, its files and its
 * children.  Where the kernel has no ear for it, nothing happens.
 */

/* Begin to write a range of a file to the disk; or wait until it is there.
 * 0, or an errno value: an error of the disk that is told here is not told
 * by fsync again. */
int port_hint_write_back(int fd, uint64_t offset, uint64_t size) MUST_CHECK;
int port_hint_written_back(int fd, uint64_t offset, uint64_t size) MUST_CHECK;

/* The pages of the range are not needed any more; size 0: to the end. */
void port_hint_drop(int fd, uint64_t offset, uint64_t size);

/* The file will be read from its begin to its end. */
void port_hint_sequential(int fd);

/* Fresh memory in huge pages costs a fiftieth of that in small ones. */
#define PORT_HINT_HUGE_PAGE ((size_t)2 << 20)
void port_hint_huge_pages(void *memory, size_t size);

/* A descriptor that polls as readable when the child has ended; -1: none. */
int port_hint_child(pid_t pid);

#endif
