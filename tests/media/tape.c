/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "media/drive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A tape: cells of one size, each with 16 bytes in front of a block.
 *
 *     0  u32 kind: 1 block, 2 filemark
 *     4  12 bytes of nothing
 *
 * A soft filemark takes the place of as many blocks as it is large, in one
 * cell; its size counts against the capacity.  Where a tape is written, it
 * ends behind what was written last.  Block addresses are numbers of cells
 * and something, so that nobody can guess them.
 */

#define CELL_HEADER 16u
#define CELL_BLOCK 1u
#define CELL_MARK 2u
#define ADDRESS_BASE 1000

static uint64_t
cell_size(const struct drive *drive)
{
	return (CELL_HEADER + (uint64_t)drive->config.block_size);
}

static uint64_t
cells(const struct drive *drive)
{
	struct stat status;

	return (fstat(drive->fd, &status) == 0 ?
	    (uint64_t)status.st_size / cell_size(drive) : 0);
}

static uint32_t
kind_at(const struct drive *drive, uint64_t cell)
{
	uint32_t kind = 0;

	if (cell >= cells(drive) || pread(drive->fd, &kind, sizeof(kind),
	    (off_t)(cell * cell_size(drive))) != (ssize_t)sizeof(kind))
		return (0);
	return (kind);
}

/* The cell under the head; what was behind it is gone. */
static bool
put(struct drive *drive, uint32_t kind, const void *block)
{
	uint64_t size = cell_size(drive);
	uint8_t *cell = calloc(1, (size_t)size);
	bool is_put = false;

	if (cell == NULL)
		return (false);
	memcpy(cell, &kind, sizeof(kind));
	if (block != NULL)
		memcpy(cell + CELL_HEADER, block, drive->config.block_size);
	if (pwrite(drive->fd, cell, (size_t)size, (off_t)(drive->position *
	    size)) == (ssize_t)size) {
		drive->position++;
		is_put = ftruncate(drive->fd, (off_t)(drive->position *
		    size)) == 0;
	}
	free(cell);
	return (is_put);
}

/* Bytes of tape before the head. */
static uint64_t
used(const struct drive *drive)
{
	uint64_t bytes = 0;
	uint64_t i;

	for (i = 0; i < drive->position; i++)
		bytes += kind_at(drive, i) == CELL_MARK ?
		    drive->config.soft_mark : drive->config.block_size;
	return (bytes);
}

static void
write_blocks(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	uint32_t block = drive->config.block_size;
	uint32_t size = (uint32_t)command->size;

	if (size % block != 0) {
		answer->code = VD_ERROR_INVALID_PARAMETER;
		return;
	}
	if (drive->config.capacity != 0)
		size = drive_fit(drive, used(drive), size, answer);
	for (; answer->bytes < size; answer->bytes += block)
		if (!put(drive, CELL_BLOCK, command->buffer + answer->bytes)) {
			answer->code = VD_ERROR_WRITE_FAULT;
			return;
		}
}

static void
read_blocks(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	uint32_t block = drive->config.block_size;
	uint32_t size = (uint32_t)command->size;

	if (drive->config.short_read != 0 && size > drive->config.short_read)
		size = drive->config.short_read;
	while (answer->bytes + block <= size) {
		uint32_t kind = kind_at(drive, drive->position);

		if (kind == CELL_MARK) {
			/* Reading goes on behind it. */
			answer->code = VD_ERROR_FILEMARK_DETECTED;
			drive->position++;
			return;
		}
		if (kind != CELL_BLOCK) {
			answer->code = VD_ERROR_NO_DATA_DETECTED;
			return;
		}
		if (pread(drive->fd, command->buffer + answer->bytes, block,
		    (off_t)(drive->position * cell_size(drive) +
		    CELL_HEADER)) != (ssize_t)block) {
			answer->code = VD_ERROR_READ_FAULT;
			return;
		}
		drive->position++;
		answer->bytes += block;
	}
}

static void
write_mark(struct drive *drive, struct drive_answer *answer)
{
	uint32_t size = drive->config.soft_mark;

	if (drive->config.capacity != 0 && size > 0 &&
	    drive_fit(drive, used(drive), size, answer) < size)
		answer->code = VD_ERROR_EOM_OVERFLOW;
	else if (!put(drive, CELL_MARK, NULL))
		answer->code = VD_ERROR_WRITE_FAULT;
}

/* Forward: behind the mark.  Backward: before it. */
static void
skip_marks(struct drive *drive, int32_t count, struct drive_answer *answer)
{
	for (; count > 0; count--) {
		uint32_t kind;

		while ((kind = kind_at(drive, drive->position)) == CELL_BLOCK)
			drive->position++;
		if (kind != CELL_MARK) {
			answer->code = VD_ERROR_NO_DATA_DETECTED;
			return;
		}
		drive->position++;
	}
	for (; count < 0; count++) {
		do {
			if (drive->position == 0) {
				answer->code = VD_ERROR_NO_DATA_DETECTED;
				return;
			}
			drive->position--;
		} while (kind_at(drive, drive->position) != CELL_MARK);
	}
}

static void
skip_blocks(struct drive *drive, int32_t count, struct drive_answer *answer)
{
	for (; count > 0; count--) {
		uint32_t kind = kind_at(drive, drive->position);

		if (kind != 0)
			drive->position++;
		if (kind == CELL_BLOCK)
			continue;
		answer->code = kind == CELL_MARK ?
		    VD_ERROR_FILEMARK_DETECTED : VD_ERROR_NO_DATA_DETECTED;
		return;
	}
	for (; count < 0; count++) {
		if (drive->position == 0) {
			answer->code = VD_ERROR_NO_DATA_DETECTED;
			return;
		}
		drive->position--;
	}
}

static void
set_position(struct drive *drive, int64_t position,
    struct drive_answer *answer)
{
	int64_t cell = position - ADDRESS_BASE;

	if (cell < 0 || (uint64_t)cell > cells(drive)) {
		answer->code = VD_ERROR_INVALID_PARAMETER;
		return;
	}
	drive->position = (uint64_t)cell;
	answer->position = position;
}

void
tape_do(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer)
{
	switch (command->commandCode) {
	case VDC_Read:
		read_blocks(drive, command, answer);
		break;
	case VDC_Write:
		write_blocks(drive, command, answer);
		break;
	case VDC_Rewind:
		drive->position = 0;
		break;
	case VDC_WriteMark:
		write_mark(drive, answer);
		break;
	case VDC_SkipMarks:
		skip_marks(drive, command->size, answer);
		break;
	case VDC_SkipBlocks:
		skip_blocks(drive, command->size, answer);
		break;
	case VDC_GetPosition:
		answer->position = (int64_t)drive->position + ADDRESS_BASE;
		break;
	default:
		set_position(drive, command->position, answer);
		break;
	}
}
