/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/wait_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

void
wait_fd_stop_init(struct wait_stop *stop)
{
	atomic_init(&stop->flag, false);
	stop->must_stop = NULL;
	stop->context = NULL;
}

bool
wait_fd_must_stop(const struct wait_stop *stop)
{
	return (atomic_load(&stop->flag) || (stop->must_stop != NULL &&
	    stop->must_stop(stop->context)));
}

int
wait_fd_stopped(struct error *error)
{
	return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
	    "the transfer was stopped"));
}

/* 0 when the descriptor is ready, or has something to complain about. */
static int
wait_ready(int fd, short events, const char *name, const struct wait_stop *stop,
    struct error *error)
{
	for (;;) {
		struct pollfd entry = { .fd = fd, .events = events };
		int rc;

		if (wait_fd_must_stop(stop))
			return (wait_fd_stopped(error));
		rc = poll(&entry, 1, WAIT_FD_SLICE_MS);
		if (rc > 0)
			return (0);
		if (rc < 0 && errno != EINTR)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot wait for \"%s\"", name));
	}
}

int
wait_fd_write(int fd, const void *data, size_t size, const char *name,
    const struct wait_stop *stop, struct error *error)
{
	const char *p = data;
	bool blocking = (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;

	while (size > 0) {
		size_t piece = blocking && size > PIPE_BUF ? PIPE_BUF : size;
		ssize_t n;

		if (wait_ready(fd, POLLOUT, name, stop, error) != 0)
			return (-1);
		n = write(fd, p, piece);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot write \"%s\"", name));
		p += n;
		size -= (size_t)n;
	}
	return (0);
}

int
wait_fd_read(int fd, void *data, size_t size, size_t *got, const char *name,
    const struct wait_stop *stop, struct error *error)
{
	ssize_t n;

	do {
		if (wait_ready(fd, POLLIN, name, stop, error) != 0)
			return (-1);
		n = read(fd, data, size);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot read \"%s\"", name));
	*got = (size_t)n;
	return (0);
}
