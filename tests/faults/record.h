/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULTS_RECORD_H
#define FAULTS_RECORD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * What vdibackup does to the files below FAULT_BELOW, in order, for the
 * replayer to make of it what a loss of power may leave (replay.c).
 *
 *   FAULT_RECORD=FILE   the log; a second run adds to it
 *   FAULT_IGNORE=sync   no sync is written down, "folders": none of a folder;
 *                       the replayer must then find fault with the program
 *
 * A record is a line of fields between tabs, and the bytes that it announces:
 *
 *     dir INODE PATH             there before the first run; "." is FAULT_BELOW
 *     file INODE SIZE PATH       the same; the content follows
 *     create INODE PATH          a new, empty file
 *     mkdir INODE PATH
 *     write INODE OFFSET SIZE    the data follow
 *     size INODE SIZE            cut, or made longer with zeros
 *     sync INODE                 of a file or of a folder
 *     rename FROM TO
 *     remove PATH
 *     mark told                  vdibackup has read that the server succeeded
 *
 * Only what succeeded is written down.  Between record_hold and
 * record_release nobody else gets on, so that the order is the real one.
 * Stores into mapped files and copies inside the kernel are not seen; the
 * replayer compares its last state with the disk, which would show them.
 */

void record_begin(void);
void record_hold(void);
void record_release(void);

/* Before an open that may create: is the file there? */
bool record_exists(int folder, const char *path);
void record_open(int fd, int flags, bool existed);
void record_mkdir(int folder, const char *path, int rc);
/* offset -1: where the descriptor's position is now, less what was written. */
void record_write(int fd, const void *data, ssize_t written, off_t offset);
void record_size(int fd, int rc);
void record_sync(int fd, int rc);
void record_rename(int from_folder, const char *from, int to_folder,
    const char *to, int rc);
void record_remove(int folder, const char *path, int rc);
void record_read(const void *data, ssize_t got);

#endif
