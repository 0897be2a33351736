/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/sink.h"

#include "base/fd.h"
#include "transfer/wait_fd.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct given {
	int fd; /* the caller's */
	bool on_disk;
	struct wait_stop stop;
	char *name;
};

static int
given_write(void *state, const void *data, size_t size, struct error *error)
{
	struct given *given = state;

	if (given->on_disk)
		return (fd_write_all(given->fd, data, size, given->name,
		    error));
	return (wait_fd_write(given->fd, data, size, given->name,
	    &given->stop, error));
}

static int
given_sync(void *state, struct error *error)
{
	struct given *given = state;

	return (given->on_disk ? fd_sync(given->fd, given->name, error) : 0);
}

static void
given_interrupt(void *state)
{
	struct given *given = state;

	atomic_store(&given->stop.flag, true);
}

static void
given_free(void *state)
{
	struct given *given = state;

	free(given->name);
	free(given);
}

static const struct sink_ops given_ops = {
	.write = given_write,
	.sync = given_sync,
	.commit = given_sync,
	.interrupt = given_interrupt,
	.free = given_free,
};

struct sink *
sink_fd_open(int fd, const char *name, struct error *error)
{
	struct given *given;
	struct stat st;

	if (fstat(fd, &st) != 0) {
		IGNORE_RESULT(error_system(error, KIND_STORAGE, errno,
		    "cannot write to \"%s\"", name));
		return (NULL);
	}
	given = calloc(1, sizeof(*given));
	if (given != NULL)
		given->name = strdup(name);
	if (given == NULL || given->name == NULL) {
		free(given);
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	given->fd = fd;
	given->on_disk = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
	wait_fd_stop_init(&given->stop);
	return (sink_new(&given_ops, given, name, error));
}
