/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * File descriptors: whole reads and writes, durability, whole files.
 * Names in messages are the caller's.  Errors are KIND_STORAGE.
 */

/* Write all of it, going on after signals and short counts. */
int fd_write_all(int fd, const void *data, size_t size, const char *name,
    struct error *error) MUST_CHECK;

/* Read until size bytes or the end; *got tells how many. */
int fd_read_all(int fd, void *data, size_t size, size_t *got, const char *name,
    struct error *error) MUST_CHECK;

/* The same at an offset, without moving the descriptor's position. */
int fd_pread_all(int fd, void *data, size_t size, uint64_t offset, size_t *got,
    const char *name, struct error *error) MUST_CHECK;

/* fsync; what was written is on stable storage when this returns 0. */
int fd_sync(int fd, const char *name, struct error *error) MUST_CHECK;

/* fsync the folder that holds path, so that a new or renamed name stays. */
int fd_sync_parent(const char *path, struct error *error) MUST_CHECK;

/*
 * Give standard input, output and error something to be where the program was
 * started without, so that no file that is opened later takes their numbers
 * and gets what is meant for them.  Using them fails as it would have.
 */
int fd_occupy_standard(struct error *error) MUST_CHECK;

/* Close *fd and set it to -1; an error of close is reported. */
int fd_close(int *fd, const char *name, struct error *error) MUST_CHECK;

/* Close *fd if open, ignoring errors: for paths that already failed. */
void fd_abandon(int *fd);

/* A whole file of at most limit bytes; *data is owned by the caller (free)
 * and followed by a NUL that size does not count. */
int fd_read_file(const char *path, size_t limit, char **data, size_t *size,
    struct error *error) MUST_CHECK;

/*
 * Put a whole file in place or leave what was there: writes PATH.new, syncs
 * it, renames it, syncs the folder.
 */
int fd_replace_file(const char *path, const void *data, size_t size,
    mode_t mode, struct error *error) MUST_CHECK;

#endif
