/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_WAIT_FD_H
#define TRANSFER_WAIT_FD_H

#include "base/attr.h"
#include "base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Reading from and writing to pipes, sockets and terminals without being
 * stuck in them: every wait looks at a flag that another thread may set,
 * WAIT_FD_SLICE_MS apart.
 *
 * A descriptor may be in blocking mode (it may be somebody else's, too, so
 * its mode is left alone): a write is cut into pieces that a pipe that polls
 * as writable takes at once.  Errors are KIND_STORAGE, and KIND_ABORTED when
 * the flag is set.
 */

#define WAIT_FD_SLICE_MS 100

struct wait_stop {
	atomic_bool flag;
	/* Asked as well, if it is not NULL. */
	bool (*must_stop)(void *context);
	void *context;
};

void wait_fd_stop_init(struct wait_stop *stop);
bool wait_fd_must_stop(const struct wait_stop *stop);

int wait_fd_write(int fd, const void *data, size_t size, const char *name,
    const struct wait_stop *stop, struct error *error) MUST_CHECK;

/* *got is 0 at the end. */
int wait_fd_read(int fd, void *data, size_t size, size_t *got,
    const char *name, const struct wait_stop *stop, struct error *error)
    MUST_CHECK;

/* KIND_ABORTED, for whoever finds the flag set. */
int wait_fd_stopped(struct error *error);

#endif
