/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/sink.h"

#include "transfer/wait_fd.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct sink {
	const struct sink_ops *ops;
	void *state;
	char *name;
	bool committed;
	atomic_bool stopped;
};

struct sink *
sink_new(const struct sink_ops *ops, void *state, const char *name,
    struct error *error)
{
	struct sink *sink = calloc(1, sizeof(*sink));

	if (sink != NULL) {
		sink->ops = ops;
		sink->state = state;
		sink->name = strdup(name);
		atomic_init(&sink->stopped, false);
		if (sink->name != NULL)
			return (sink);
	}
	IGNORE_RESULT(error_memory(error));
	free(sink);
	if (ops->abandon != NULL)
		ops->abandon(state);
	if (ops->free != NULL)
		ops->free(state);
	return (NULL);
}

static int
fail(struct error *error)
{
	if (!error_is_set(error) || error->origin != ORIGIN_SYSTEM)
		return (-1);
	if (error->code == ENOSPC || error->code == EDQUOT)
		error_hint(error, "make room there, or choose another place");
	if (error->code == EFBIG)
		error_hint(error, "files must be able to grow: look at "
		    "ulimit -f and at the file system's own limit, or use "
		    "more devices");
	return (-1);
}

int
sink_write(struct sink *sink, const void *data, size_t size,
    struct error *error)
{
	if (atomic_load(&sink->stopped))
		return (wait_fd_stopped(error));
	if (sink->ops->write(sink->state, data, size, error) != 0)
		return (fail(error));
	return (0);
}

int
sink_sync(struct sink *sink, struct error *error)
{
	if (atomic_load(&sink->stopped))
		return (wait_fd_stopped(error));
	if (sink->ops->sync(sink->state, error) != 0)
		return (fail(error));
	return (0);
}

int
sink_commit(struct sink *sink, struct error *error)
{
	if (atomic_load(&sink->stopped))
		return (wait_fd_stopped(error));
	if (sink->ops->commit(sink->state, error) != 0)
		return (fail(error));
	sink->committed = true;
	return (0);
}

void
sink_free(struct sink *sink)
{
	if (sink == NULL)
		return;
	if (!sink->committed && sink->ops->abandon != NULL)
		sink->ops->abandon(sink->state);
	if (sink->ops->free != NULL)
		sink->ops->free(sink->state);
	free(sink->name);
	free(sink);
}

void
sink_interrupt(struct sink *sink)
{
	atomic_store(&sink->stopped, true);
	if (sink->ops->interrupt != NULL)
		sink->ops->interrupt(sink->state);
}

const char *
sink_name(const struct sink *sink)
{
	return (sink->name);
}

static int
null_write(void *state, const void *data, size_t size, struct error *error)
{
	(void)state;
	(void)data;
	(void)size;
	(void)error;
	return (0);
}

static int
null_sync(void *state, struct error *error)
{
	(void)state;
	(void)error;
	return (0);
}

static const struct sink_ops null_ops = {
	.write = null_write,
	.sync = null_sync,
	.commit = null_sync,
};

struct sink *
sink_null_open(struct error *error)
{
	return (sink_new(&null_ops, NULL, "null", error));
}
