/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/sink.h"

#include "base/fd.h"
#include "base/port/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Writing to the disk begins a chunk at a time, and the writer waits for the
 * chunk before the last one, so that at most three are dirty. */
#define CHUNK ((uint64_t)4 << 20)
#define CHUNKS_BEHIND 2

struct file {
	int fd;
	char *path;
	uint64_t offset;
	uint64_t begun;   /* written back, or on the way, up to here */
	uint64_t dropped; /* on the disk and out of the cache up to here */
	bool name_synced;
};

/* What the disk says, 0 or an errno value, as an error. */
static int
check(struct file *file, int errnum, struct error *error)
{
	if (errnum == 0)
		return (0);
	return (error_system(error, KIND_STORAGE, errnum,
	    "cannot write \"%s\" to the disk", file->path));
}

static int
write_behind(struct file *file, struct error *error)
{
	while (file->offset - file->begun >= CHUNK) {
		if (check(file, port_hint_write_back(file->fd, file->begun,
		    CHUNK), error) != 0)
			return (-1);
		file->begun += CHUNK;
		if (file->begun - file->dropped <= CHUNKS_BEHIND * CHUNK)
			continue;
		if (check(file, port_hint_written_back(file->fd,
		    file->dropped, CHUNK), error) != 0)
			return (-1);
		port_hint_drop(file->fd, file->dropped, CHUNK);
		file->dropped += CHUNK;
	}
	return (0);
}

static int
file_write(void *state, const void *data, size_t size, struct error *error)
{
	struct file *file = state;

	if (fd_write_all(file->fd, data, size, file->path, error) != 0)
		return (-1);
	file->offset += size;
	return (write_behind(file, error));
}

static int
file_sync(void *state, struct error *error)
{
	struct file *file = state;

	if (fd_sync(file->fd, file->path, error) != 0)
		return (-1);
	if (!file->name_synced && fd_sync_parent(file->path, error) != 0)
		return (-1);
	file->name_synced = true;
	port_hint_drop(file->fd, 0, 0);
	return (0);
}

static int
file_commit(void *state, struct error *error)
{
	struct file *file = state;

	if (file_sync(file, error) != 0)
		return (-1);
	return (fd_close(&file->fd, file->path, error));
}

static void
file_free(void *state)
{
	struct file *file = state;

	fd_abandon(&file->fd);
	free(file->path);
	free(file);
}

static const struct sink_ops file_ops = {
	.write = file_write,
	.sync = file_sync,
	.commit = file_commit,
	.free = file_free,
};

struct sink *
sink_file_open(const char *path, struct error *error)
{
	struct file *file = calloc(1, sizeof(*file));

	if (file != NULL)
		file->path = strdup(path);
	if (file == NULL || file->path == NULL) {
		free(file);
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file->fd < 0) {
		int errnum = errno;

		IGNORE_RESULT(error_system(error, KIND_STORAGE, errnum,
		    "cannot create \"%s\"", path));
		if (errnum == EEXIST)
			error_hint(error, "a file that is there is never "
			    "overwritten; name another one or move it away");
		file_free(file);
		return (NULL);
	}
	return (sink_new(&file_ops, file, path, error));
}
