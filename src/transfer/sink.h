/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_SINK_H
#define TRANSFER_SINK_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>

/*
 * Where stored bytes go.
 *
 *     sink_file_open | sink_fd_open | sink_command_open | sink_null_open
 *       -> sink_write, sink_sync, as often as wanted
 *       -> sink_commit      all is stored, for good
 *     sink_free             abandons what was not committed
 *
 * One thread at a time; sink_interrupt alone may come from any thread, and
 * makes a waiting call return.  The program ignores SIGPIPE.  Errors are
 * KIND_STORAGE with the system's reason, and KIND_ABORTED after an interrupt.
 *
 *     file     sync is fsync.  What was written is started towards the disk
 *              at once and dropped from the page cache when it is there, so
 *              that a database server keeps its memory.  Made with O_EXCL and
 *              mode 0600.  Sync is for the name in its folder as well.
 *              Abandoned, the file stays: its owner decides.
 *     fd       a descriptor that is already there (standard output); it is
 *              not closed.  A pipe cannot be synced: sync succeeds, and what
 *              the reader does is the reader's.
 *     command  /bin/sh -c COMMAND with the bytes on its standard input, in a
 *              process group of its own; what it prints goes to standard error.
 *              Commit closes the input and waits for its exit status;
 *              anything but 0 is an error, and so is input that it left
 *              unread.  Abandoned, the group is killed.
 *     null     counts as stored, is gone.  For measuring.
 */

struct sink;
struct fault_plan;

/* What an implementation fills in; the last three may be NULL. */
struct sink_ops {
	int (*write)(void *state, const void *data, size_t size,
	    struct error *error);
	int (*sync)(void *state, struct error *error);
	int (*commit)(void *state, struct error *error);
	void (*abandon)(void *state); /* not after a commit that succeeded */
	void (*interrupt)(void *state);
	void (*free)(void *state);
};

struct sink *sink_file_open(const char *path, struct error *error) MUST_CHECK;
/* name: for messages, such as "standard output". */
struct sink *sink_fd_open(int fd, const char *name, struct error *error)
    MUST_CHECK;
struct sink *sink_command_open(const char *command, struct error *error)
    MUST_CHECK;
struct sink *sink_null_open(struct error *error) MUST_CHECK;

/*
 * The fault drills of storage in front of another sink: sink-full (ENOSPC),
 * sink-error (EIO), corrupt (one stored bit is flipped).  A drill's command
 * counts the writes after the first (the stripe's header) from 1, which are a
 * frame each unless the rate is limited, and bytes those stored; at=flush is a
 * sync, at=complete the commit.  Takes inner, also when it fails; borrows plan.
 */
struct sink *sink_fault_open(struct sink *inner, struct fault_plan *plan,
    unsigned device, struct error *error) MUST_CHECK;

/* Any implementation: takes state, also when it fails (then it is abandoned
 * and freed); copies name. */
struct sink *sink_new(const struct sink_ops *ops, void *state,
    const char *name, struct error *error) MUST_CHECK;

int sink_write(struct sink *sink, const void *data, size_t size,
    struct error *error) MUST_CHECK;
/* What was written before is on stable storage when this returns 0. */
int sink_sync(struct sink *sink, struct error *error) MUST_CHECK;
int sink_commit(struct sink *sink, struct error *error) MUST_CHECK;
/* Accepts NULL. */
void sink_free(struct sink *sink);
/* From any thread: this and every later call returns KIND_ABORTED. */
void sink_interrupt(struct sink *sink);

const char *sink_name(const struct sink *sink);

#endif
