/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/replay.h"

#include "base/fd.h"
#include "base/port/hint.h"
#include "base/str.h"
#include "engine/message.h"
#include "engine/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* For a restore before this one whose client was killed. */
#define LOCK_MS 3000

/* One device's. */
struct recording {
	const char *path;
	int fd;                /* to be read in a backup; -1: none */
	struct target *target; /* to be written in a restore; NULL: none */
	uint64_t bytes;        /* all that it has, or that has come */
};

struct replay {
	struct operation *operation;
	unsigned count;
	struct recording recordings[DATABASE_PATHS_MAX];
};

static int
fail_system(struct error *error, int number, int errnum)
{
	char reason[128];

	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER, number,
	    "%d(%s)", errnum, error_reason(errnum, reason, sizeof(reason))));
}

static void
close_recordings(void *state)
{
	struct replay *replay = state;
	unsigned i;

	for (i = 0; i < replay->count; i++) {
		fd_abandon(&replay->recordings[i].fd);
		target_free(replay->recordings[i].target);
	}
	free(replay);
}

static int
open_source(struct recording *recording, struct error *error)
{
	struct stat status;

	recording->fd = open(recording->path, O_RDONLY | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY);
	if (recording->fd < 0 || fstat(recording->fd, &status) != 0)
		return (fail_system(error, MESSAGE_CANNOT_OPEN_FILE, errno));
	if (!S_ISREG(status.st_mode))
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_CANNOT_OPEN_FILE, "%d(it is not a regular file)",
		    EINVAL));
	recording->bytes = (uint64_t)status.st_size;
	port_hint_sequential(recording->fd);
	return (0);
}

/* Only what was a file is written over. */
static int
open_target(struct replay *replay, struct recording *recording,
    struct error *error)
{
	struct stat status;

	if (lstat(recording->path, &status) == 0) {
		if (!replay->operation->statement->replace)
			return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
			    EEXIST));
		if (stat(recording->path, &status) == 0 &&
		    !S_ISREG(status.st_mode))
			return (error_set(error, KIND_STATEMENT,
			    ORIGIN_SERVER, MESSAGE_CANNOT_CREATE_FILE,
			    "%d(it is not a regular file)", EINVAL));
	}
	recording->target = target_open(recording->path, LOCK_MS,
	    replay->operation->stop, error);
	return (recording->target != NULL ? 0 : -1);
}

static int
open_one(struct replay *replay, struct recording *recording)
{
	struct operation *operation = replay->operation;
	const struct tsql_statement *statement = operation->statement;
	struct error error;
	int result = 0;

	error_init(&error);
	if (tsql_is_backup(statement->verb)) {
		result = open_source(recording, &error);
	} else if (statement->verb != TSQL_VERIFYONLY) {
		if (target_exists(recording->path) && !statement->replace) {
			if (operation_fail(operation, OPERATION_CLOSE))
				report_message(operation->report,
				    MESSAGE_EXISTS, statement->database,
				    recording->path, NULL);
			return (-1);
		}
		result = open_target(replay, recording, &error);
	}
	if (result != 0)
		operation_fail_path(operation, recording->path, &error,
		    OPERATION_CLOSE);
	return (result);
}

/* A file for each device, and a device for each file. */
static int
check_count(struct operation *operation, unsigned files)
{
	char have[16];
	char given[16];

	if (files == operation->device_count)
		return (0);
	(void)snprintf(have, sizeof(have), "%u", files);
	(void)snprintf(given, sizeof(given), "%u", operation->device_count);
	if (!operation_fail(operation, OPERATION_CLOSE))
		return (-1);
	if (files > operation->device_count)
		report_message(operation->report, MESSAGE_FAMILIES, have,
		    given, NULL);
	else
		report_message(operation->report, MESSAGE_FAMILIES_EXPECTED,
		    operation->statement->devices[files], have, given, NULL);
	return (-1);
}

static void
note_checksum(struct operation *operation, const char *name)
{
	struct str text;

	if (operation->statement->checksum != TSQL_YES)
		return;
	str_init(&text);
	str_addf(&text, "CHECKSUM has no effect: the streams of database "
	    "'%s' were recorded, and go as they are.", name);
	if (!text.failed)
		report_message(operation->report, MESSAGE_NOTE, text.text,
		    NULL);
	str_release(&text);
}

static void *
open_recordings(struct operation *operation,
    const struct options_database *database)
{
	struct replay *replay;

	if (check_count(operation, database->is.path_count) != 0)
		return (NULL);
	replay = calloc(1, sizeof(*replay));
	if (replay == NULL) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_NO_MEMORY,
			    NULL);
		return (NULL);
	}
	replay->operation = operation;
	while (replay->count < database->is.path_count) {
		struct recording *recording =
		    &replay->recordings[replay->count];

		recording->path = database->is.paths[replay->count++];
		recording->fd = -1;
		if (open_one(replay, recording) != 0) {
			close_recordings(replay);
			return (NULL);
		}
	}
	note_checksum(operation, database->name);
	return (replay);
}

static uint64_t
recording_size(const void *state, unsigned device)
{
	const struct replay *replay = state;

	return (replay->recordings[device].bytes);
}

static int
get(void *state, unsigned device, uint64_t offset, void *buffer,
    uint32_t size)
{
	struct replay *replay = state;
	struct recording *recording = &replay->recordings[device];
	struct error cause;
	struct error error;
	size_t got = 0;

	error_init(&cause);
	error_init(&error);
	if (fd_pread_all(recording->fd, buffer, size, offset, &got,
	    recording->path, &cause) != 0)
		IGNORE_RESULT(fail_system(&error, MESSAGE_READ_FAILED,
		    (int)cause.code));
	else if (got < size)
		IGNORE_RESULT(error_set(&error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_READ_FAILED, "%d(it has become shorter)", EIO));
	else
		return (0);
	operation_fail_path(replay->operation, recording->path, &error,
	    OPERATION_ABANDON);
	return (-1);
}

static int
put(void *state, unsigned device, uint64_t offset, const void *data,
    uint32_t size)
{
	struct replay *replay = state;
	struct recording *recording = &replay->recordings[device];
	struct iovec vector = { .iov_base = (void *)(uintptr_t)data,
		.iov_len = size };
	struct error error;

	error_init(&error);
	if (recording->target == NULL || target_write(recording->target,
	    offset, &vector, 1, &error) == 0)
		return (0);
	operation_fail_path(replay->operation, recording->path, &error,
	    OPERATION_CLOSE);
	return (-1);
}

static int
end(void *state, unsigned device, uint64_t bytes)
{
	struct replay *replay = state;

	replay->recordings[device].bytes = bytes;
	return (0);
}

/* Those that have their places are new: without this one they are nothing. */
static void
take_back(struct replay *replay, unsigned placed)
{
	while (placed-- > 0)
		(void)unlink(replay->recordings[placed].path);
}

static int
commit(void *state)
{
	struct replay *replay = state;
	bool replaces = replay->operation->statement->replace;
	struct recording *recording = replay->recordings;
	struct error error;
	unsigned i;

	if (recording->target == NULL)
		return (0);
	error_init(&error);
	for (i = 0; i < replay->count; i++) {
		recording = &replay->recordings[i];
		if (target_finish(recording->target, recording->bytes,
		    &error) != 0)
			goto fail;
	}
	for (i = 0; i < replay->count; i++) {
		recording = &replay->recordings[i];
		if (target_place(recording->target, replaces, &error) == 0)
			continue;
		if (!replaces)
			take_back(replay, i);
		goto fail;
	}
	return (0);
fail:
	operation_report_path(replay->operation, recording->path, &error);
	return (-1);
}

const struct stream_ops replay_ops = {
	.open = open_recordings,
	.size = recording_size,
	.get = get,
	.put = put,
	.end = end,
	.commit = commit,
	.close = close_recordings,
};
