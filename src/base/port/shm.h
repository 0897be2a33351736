/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PORT_SHM_H
#define BASE_PORT_SHM_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Named shared memory with signs of life.
 *
 * An object is a descriptor; each half of a protocol has one of its own, even
 * where both halves live in one process.  Claims are locks on single bytes of
 * the object: the system drops them when the descriptor is closed, which the
 * death of its process does, so a claim that is gone is a holder that is
 * gone.  Descriptors are closed by exec, and in the child by fork, and a child
 * inherits no mapping, so that no child keeps a dead parent's claim.
 *
 * The creator holds PORT_SHM_CREATOR; whoever finds that claim free may
 * remove the name (port_shm_create does).  Only port_shm_unlink removes a
 * name, under a claim of its own, and only while the name still means the
 * object at hand: a name is never taken from its next owner.
 *
 * What a partner may write it may also cut short, and the next touch of what
 * is gone is a SIGBUS: the system has no seal for named objects.  Permission
 * is the protection against that, so an object is never open to others; what
 * becomes of it all the same is said in shmguard.h.
 *
 * Every function returns 0 or an errno value.
 */

enum port_shm_claim {
	PORT_SHM_CREATOR = 0,
	PORT_SHM_PARTNER = 1,
	PORT_SHM_NAME = 2
};

/*
 * A new, empty object that its creator has claimed; mode 0600, or 0660 with
 * that group where group is not negative.  Reclaims the name, and other names
 * with the same prefix that belong to this user, from creators that are dead.
 * EEXIST: the name is in use by a living creator.
 */
int port_shm_create(const char *name, const char *prefix, int64_t group,
    int *fd) MUST_CHECK;

/* An existing object.  EACCES also where others than its owner and its group
 * could write to it, or the owner is neither this user nor shares a group. */
int port_shm_open(const char *name, int *fd) MUST_CHECK;

/* Remove the name if it still means this object. */
int port_shm_unlink(int fd, const char *name);

void port_shm_close(int *fd);

int port_shm_size(int fd, uint64_t *size) MUST_CHECK;

/* Make the object size bytes long, with memory behind every byte, so that a
 * full file system is an error here and not a signal at the first touch.
 * The size is unchanged on failure. */
int port_shm_grow(int fd, uint64_t size) MUST_CHECK;

/* Claim a byte: EAGAIN if somebody else holds it. */
int port_shm_claim(int fd, enum port_shm_claim claim) MUST_CHECK;
void port_shm_disclaim(int fd, enum port_shm_claim claim);
/* Does anybody else hold it?  True as well where the system cannot tell. */
bool port_shm_is_claimed(int fd, enum port_shm_claim claim);

/*
 * Map length bytes from offset (a multiple of the page size) at an address
 * that is a multiple of alignment (a power of two).  populate: make all pages
 * present now.
 */
int port_shm_map(int fd, uint64_t offset, size_t length, size_t alignment,
    bool populate, void **base) MUST_CHECK;
void port_shm_unmap(void *base, size_t length);

#endif
