/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/source.h"

#include "base/fault.h"
#include "base/fd.h"
#include "base/port/hint.h"
#include "transfer/wait_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct source {
	int fd;
	bool ours; /* to close */
	bool seekable;
	uint64_t size;
	uint64_t offset;
	struct wait_stop stop;
	char *name;
	struct fault_plan *plan; /* NULL: no drills */
	struct fault_place place;
};

static struct source *
source_new(int fd, const char *name, struct error *error)
{
	struct source *source = calloc(1, sizeof(*source));

	if (source != NULL)
		source->name = strdup(name);
	if (source == NULL || source->name == NULL) {
		free(source);
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	source->fd = fd;
	wait_fd_stop_init(&source->stop);
	return (source);
}

struct source *
source_file_open(const char *path, struct error *error)
{
	struct source *source = NULL;
	struct stat st;
	int fd;

	/* So that a FIFO without a writer does not hold us in open; reads wait
	 * for it, and can be stopped. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		IGNORE_RESULT(error_system(error, KIND_STORAGE, errno,
		    "cannot open \"%s\"", path));
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		IGNORE_RESULT(error_system(error, KIND_STORAGE, EISDIR,
		    "cannot read \"%s\"", path));
		goto out;
	}
	source = source_new(fd, path, error);
	if (source == NULL)
		goto out;
	source->ours = true;
	source->seekable = S_ISREG(st.st_mode);
	source->size = source->seekable ? (uint64_t)st.st_size : 0;
	fd = -1;
	port_hint_sequential(source->fd);
out:
	fd_abandon(&fd);
	return (source);
}

struct source *
source_fd_open(int fd, const char *name, struct error *error)
{
	return (source_new(fd, name, error));
}

static int
read_some(struct source *source, void *data, size_t size, size_t *got,
    struct error *error)
{
	if (wait_fd_must_stop(&source->stop))
		return (wait_fd_stopped(error));
	if (!source->seekable)
		return (wait_fd_read(source->fd, data, size, got,
		    source->name, &source->stop, error));
	if (fd_pread_all(source->fd, data, size, source->offset, got,
	    source->name, error) != 0)
		return (-1);
	source->offset += *got;
	return (0);
}

int
source_read(struct source *source, void *data, size_t size, size_t *got,
    struct error *error)
{
	const struct fault *fault;

	source->place.command++;
	fault = fault_at_command(source->plan, FAULT_MASK(FAULT_SINK_ERROR),
	    &source->place);
	if (fault != NULL) {
		IGNORE_RESULT(error_system(error, KIND_STORAGE, EIO,
		    "cannot read \"%s\" (fault drill \"%s\")",
		    source->name, fault->text));
		return (-1);
	}
	if (read_some(source, data, size, got, error) != 0)
		return (-1);
	if (*got > 0 && fault_at_command(source->plan,
	    FAULT_MASK(FAULT_CORRUPT), &source->place) != NULL)
		((uint8_t *)data)[*got / 2] ^= 0x10;
	source->place.bytes += *got;
	return (0);
}

void
source_drill(struct source *source, struct fault_plan *plan, unsigned device)
{
	source->plan = plan;
	source->place.device = device;
}

bool
source_is_seekable(const struct source *source)
{
	return (source->seekable);
}

uint64_t
source_size(const struct source *source)
{
	return (source->size);
}

int
source_read_at(struct source *source, uint64_t offset, void *data,
    size_t size, size_t *got, struct error *error)
{
	return (fd_pread_all(source->fd, data, size, offset, got,
	    source->name, error));
}

void
source_stop_when(struct source *source, bool (*must_stop)(void *context),
    void *context)
{
	source->stop.must_stop = must_stop;
	source->stop.context = context;
}

void
source_interrupt(struct source *source)
{
	atomic_store(&source->stop.flag, true);
}

const char *
source_name(const struct source *source)
{
	return (source->name);
}

void
source_close(struct source *source)
{
	if (source == NULL)
		return;
	if (source->ours)
		fd_abandon(&source->fd);
	free(source->name);
	free(source);
}
