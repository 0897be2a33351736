/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_SOURCE_H
#define TRANSFER_SOURCE_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where stored bytes come from: a regular file, whose size is known and which
 * can be read at any place, or a stream (standard input, a FIFO).
 *
 *     source_file_open | source_fd_open -> source_read ... -> source_close
 *
 * One thread at a time; source_interrupt alone may come from any thread, and
 * makes a waiting call return.  Errors are KIND_STORAGE with the system's
 * reason, and KIND_ABORTED after an interrupt.
 */

struct fault_plan;
struct source;

/* A regular file or a FIFO; a folder is refused. */
struct source *source_file_open(const char *path, struct error *error)
    MUST_CHECK;
/* A descriptor that is already there; it is not closed. */
struct source *source_fd_open(int fd, const char *name, struct error *error)
    MUST_CHECK;

/* The next bytes: up to size of them, as many as come without waiting once
 * one is there.  *got is 0 at the end only. */
int source_read(struct source *source, void *data, size_t size, size_t *got,
    struct error *error) MUST_CHECK;

/* Whether source_size and source_read_at work. */
bool source_is_seekable(const struct source *source);
uint64_t source_size(const struct source *source);
/* Bytes at an offset; the position of source_read stays.  *got is less than
 * size where the file ends. */
int source_read_at(struct source *source, uint64_t offset, void *data,
    size_t size, size_t *got, struct error *error) MUST_CHECK;

/* Ask must_stop, on whatever thread reads, several times a second while a
 * read waits, and before each; true is an interrupt.  Before the first read. */
void source_stop_when(struct source *source,
    bool (*must_stop)(void *context), void *context);
/*
 * Play the drills sink-error (EIO) and corrupt (one bit of what was read is
 * flipped) from now on.  A drill's command counts the calls of source_read,
 * from 1; bytes are those read before.  Before the first read; borrows plan.
 */
void source_drill(struct source *source, struct fault_plan *plan,
    unsigned device);

/* From any thread. */
void source_interrupt(struct source *source);
const char *source_name(const struct source *source);
/* Accepts NULL. */
void source_close(struct source *source);

#endif
