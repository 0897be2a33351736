/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "media/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
drive_knows(const struct drive_config *config, int32_t code)
{
	bool is_tape = config->family == DRIVE_TAPE;

	switch (code) {
	case VDC_Read:
	case VDC_Write:
	case VDC_ClearError:
	case VDC_Flush:
	case VDC_Discard:
	case VDC_Snapshot:
	case VDC_MountSnapshot:
	case VDC_PrepareToFreeze:
	case VDC_Complete:
		return (true);
	case VDC_WriteMark:
	case VDC_SkipMarks:
	case VDC_SkipBlocks:
	case VDC_Rewind:
	case VDC_GetPosition:
		return (is_tape);
	case VDC_SetPosition:
		return (is_tape || config->family == DRIVE_DISK);
	case VDC_Load:
		return (is_tape || config->is_removable);
	default:
		return (false);
	}
}

static int
load_path(struct drive *drive, const char *path)
{
	if (drive->fd >= 0)
		(void)close(drive->fd);
	drive->fd = open(path, drive->config.is_writing ? O_RDWR | O_CREAT :
	    O_RDONLY, 0644);
	drive->position = 0;
	drive->end = 0;
	drive->has_written = false;
	drive->volume++;
	return (drive->fd >= 0 ? 0 : -1);
}

static const char *
next_of_stack(struct drive_stack *stack)
{
	const char *path = NULL;

	if (stack == NULL)
		return (NULL);
	(void)pthread_mutex_lock(&stack->lock);
	if (stack->left > 0) {
		path = *stack->media++;
		stack->left--;
	}
	(void)pthread_mutex_unlock(&stack->lock);
	return (path);
}

static int
load_next(struct drive *drive)
{
	struct drive_config *config = &drive->config;
	const char *path = NULL;
	char name[4096];

	if (config->media != NULL && *config->media != NULL)
		path = *config->media++;
	if (path == NULL && drive->volume > 0)
		path = next_of_stack(config->stack);
	if (path == NULL) {
		(void)snprintf(name, sizeof(name), "%s/d%u-v%u",
		    config->folder, config->number, drive->volume + 1);
		path = name;
	}
	return (load_path(drive, path));
}

int
drive_open(struct drive *drive, const struct drive_config *config)
{
	memset(drive, 0, sizeof(*drive));
	drive->config = *config;
	drive->fd = -1;
	if (load_next(drive) != 0)
		return (-1);
	/* A pipe has no memory of what went through it. */
	if (config->family == DRIVE_PIPE && config->is_writing)
		return (ftruncate(drive->fd, 0));
	return (0);
}

void
drive_close(struct drive *drive)
{
	if (drive->fd >= 0)
		(void)close(drive->fd);
	drive->fd = -1;
}

uint32_t
drive_fit(const struct drive *drive, uint64_t used, uint32_t size,
    struct drive_answer *answer)
{
	const struct drive_config *config = &drive->config;
	uint64_t left;
	uint32_t fits = size;

	if (config->capacity == 0)
		return (size);
	left = used < config->capacity ? config->capacity - used : 0;
	if (fits > left)
		fits = (uint32_t)(left / config->block_size *
		    config->block_size);
	if (fits == size && left - fits >= config->warning)
		return (size);
	if (config->is_removable)
		answer->code = VD_ERROR_END_OF_MEDIA;
	else if (fits < size)
		answer->code = VD_ERROR_DISK_FULL;
	return (fits);
}

static void
write_at(struct drive *drive, const struct VDC_Command *command, uint64_t at,
    struct drive_answer *answer)
{
	uint32_t size = drive_fit(drive, at, (uint32_t)command->size, answer);

	if (size == 0)
		return;
	if (pwrite(drive->fd, command->buffer, size,
	    (off_t)at) != (ssize_t)size) {
		answer->code = VD_ERROR_WRITE_FAULT;
		return;
	}
	answer->bytes = size;
	drive->position = at + size;
	drive->end = drive->position;
	drive->has_written = true;
}

static void
read_at(struct drive *drive, const struct VDC_Command *command, uint64_t at,
    struct drive_answer *answer)
{
	size_t size = (size_t)command->size;
	ssize_t got;

	if (drive->config.short_read != 0 && size > drive->config.short_read)
		size = drive->config.short_read;
	got = pread(drive->fd, command->buffer, size, (off_t)at);
	if (got < 0) {
		answer->code = VD_ERROR_READ_FAULT;
		return;
	}
	answer->bytes = (uint32_t)got;
	if ((size_t)got < size)
		answer->code = VD_ERROR_HANDLE_EOF;
	drive->position = at + (uint64_t)got;
}

static uint64_t
length(const struct drive *drive)
{
	struct stat status;

	return (fstat(drive->fd, &status) == 0 ? (uint64_t)status.st_size : 0);
}

static void
set_position(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	int64_t from[] = { 0, (int64_t)drive->position,
		(int64_t)length(drive) };
	int64_t to;

	if (command->size < 0 || command->size > 2) {
		answer->code = VD_ERROR_INVALID_PARAMETER;
		return;
	}
	to = from[command->size] + command->position;
	if (to < 0) {
		answer->code = VD_ERROR_INVALID_PARAMETER;
		return;
	}
	drive->position = (uint64_t)to;
	answer->position = to;
}

static void
flush(struct drive *drive, struct drive_answer *answer)
{
	/* The end of the file is set by implication (spec 10.12). */
	if (drive->config.family == DRIVE_DISK && drive->has_written &&
	    ftruncate(drive->fd, (off_t)drive->end) != 0)
		answer->code = VD_ERROR_WRITE_FAULT;
}

/* What pipe and disk have in common. */
static void
file_do(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	uint64_t at = drive->position;

	if (drive->config.family == DRIVE_DISK)
		at = (uint64_t)command->position;
	if (command->commandCode == VDC_Write)
		write_at(drive, command, at, answer);
	else if (command->commandCode == VDC_Read)
		read_at(drive, command, at, answer);
	else
		set_position(drive, command, answer);
}

static void
load(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	drive->loads++;
	if ((command->size != 0 && command->size != 1) || load_next(drive) != 0)
		answer->code = VD_ERROR_READ_FAULT;
	else if (drive->config.is_writing && ftruncate(drive->fd, 0) != 0)
		answer->code = VD_ERROR_WRITE_FAULT;
}

void
drive_do(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	*answer = (struct drive_answer){ .code = VD_ERROR_SUCCESS };
	if (!drive_knows(&drive->config, command->commandCode)) {
		answer->code = VD_ERROR_NOT_SUPPORTED;
		return;
	}
	if (drive->fd < 0 && command->commandCode != VDC_Load &&
	    command->commandCode != VDC_ClearError) {
		answer->code = VD_ERROR_IO_DEVICE;
		return;
	}
	switch (command->commandCode) {
	case VDC_Load:
		load(drive, command, answer);
		break;
	case VDC_Flush:
	case VDC_Complete:
		flush(drive, answer);
		break;
	case VDC_Read:
	case VDC_Write:
	case VDC_SetPosition:
	case VDC_GetPosition:
	case VDC_Rewind:
	case VDC_WriteMark:
	case VDC_SkipMarks:
	case VDC_SkipBlocks:
		if (drive->config.family == DRIVE_TAPE)
			tape_do(drive, command, answer);
		else
			file_do(drive, command, answer);
		break;
	default:
		break;
	}
}
