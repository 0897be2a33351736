/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_MEDIA_DRIVE_H
#define TEST_MEDIA_DRIVE_H

#include "runtime/vdi.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A model of a device: what a client of virtual devices has behind each of
 * them, of one of the three families, with its media as files.
 *
 *     drive_open -> drive_do for each command, in order -> drive_close
 *
 * pipe  a medium is a file that grows, or is read from the start
 * disk  a medium is a file in which every Read and Write says where; Flush
 *       cuts it off behind the last byte that was written
 * tape  a medium is a row of cells, each a block or a filemark (tape.c)
 *
 * A medium has a capacity; in its last `warning` bytes, writes are answered
 * with ERROR_END_OF_MEDIA, and with a short count where they do not fit.
 *
 * VDC_Load takes the next medium: of the drive's own ones, then of the stack
 * that all drives share; when writing, a new one is made.
 *
 * One thread per drive.
 */

enum drive_family {
	DRIVE_PIPE,
	DRIVE_DISK,
	DRIVE_TAPE
};

/* Paths of media that any drive may take next. */
struct drive_stack {
	pthread_mutex_t lock; /* guards the two below */
	const char *const *media;
	unsigned left;
};

struct drive_config {
	enum drive_family family;
	bool is_removable;
	bool is_writing;
	const char *folder;        /* new media: FOLDER/dNUMBER-vVOLUME */
	unsigned number;           /* of the device, from 1 */
	const char *const *media;  /* own ones, NULL at the end; or NULL */
	struct drive_stack *stack; /* may be NULL */
	uint32_t block_size;
	uint64_t capacity;         /* bytes; 0: no limit */
	uint64_t warning;
	uint32_t soft_mark;        /* bytes of a filemark; 0: a hard one */
	uint32_t short_read;       /* no read brings more; 0: no limit */
};

struct drive {
	struct drive_config config;
	int fd;            /* of the medium that is loaded; -1: none */
	unsigned volume;   /* number of the medium, from 1 */
	uint64_t position; /* bytes, or cells; of a disk for VDC_Current */
	uint64_t end;      /* behind the last byte that was written */
	bool has_written;
	unsigned loads;
};

struct drive_answer {
	uint32_t code;
	uint32_t bytes;
	int64_t position;
};

/* Commands of the support matrix (spec 11.3) for this family. */
bool drive_knows(const struct drive_config *config, int32_t code);

/* -1 with errno: no first medium. */
int drive_open(struct drive *drive, const struct drive_config *config);
void drive_close(struct drive *drive);

void drive_do(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer);

/* How much of `size` bytes fits behind `used` ones, and whether the answer is
 * the warning. */
uint32_t drive_fit(const struct drive *drive, uint64_t used, uint32_t size,
    struct drive_answer *answer);

/* tape.c */
void tape_do(struct drive *drive, const struct VDC_Command *command,
    struct drive_answer *answer);

#endif
