/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/attr.h"

/*
 * What went wrong, for the person who has to act on it.
 *
 * A fallible function returns 0 or -1 (or a pointer, or an enum where several
 * outcomes are normal) and takes a struct error * last.  The first error wins:
 * error_set on an object that already holds one changes nothing, so cleanup
 * code may report without hiding the cause.  Each layer adds what it was doing
 * with error_context on the way up; the reader sees
 *
 *     backing up "Sales": stripe 2 of 4: cannot write "x.zst": No space left
 *
 * Text is of fixed size, so that reporting a failure cannot itself fail; what
 * does not fit is cut.  The caller owns the object (error_init, no release).
 * No locking: one thread at a time.  A null pointer is allowed everywhere and
 * means that the caller wants no details.
 */

/* One kind for each exit status; cli/status holds the table. */
enum error_kind {
	KIND_NONE = 0,
	KIND_STATEMENT, /* the server refused or failed the statement */
	KIND_USAGE,     /* the command line or a configuration file */
	KIND_NOTHING,   /* nothing was to be done */
	KIND_CONNECT,   /* no connection, or login refused */
	KIND_PROVIDER,  /* no usable provider, or the set could not be made */
	KIND_ABORTED,   /* by a fault drill, the peer, or a signal */
	KIND_TIMEOUT,   /* a deadline passed */
	KIND_STORAGE,   /* full, I/O error, permission; memory too */
	KIND_INTEGRITY, /* stored is not what was sent, or incomplete */
	KIND_LOCKED     /* another job holds the lock */
};

/* Whose code number `code` is. */
enum error_origin {
	ORIGIN_US = 0, /* code 0 */
	ORIGIN_SYSTEM, /* errno */
	ORIGIN_SERVER, /* message number of SQL Server */
	ORIGIN_VDI,    /* VD_E_* status, as an unsigned 32-bit number */
	ORIGIN_CODEC   /* zstd error code */
};

struct error {
	enum error_kind kind;
	enum error_origin origin;
	long code;
	char stage[32]; /* phase of the job, filled by the job */
	char text[1024]; /* lower case, no full stop, system reason last */
	char hint[512]; /* one sentence that says what to do, or empty */
};

/* An empty error object. */
void error_init(struct error *error);

/* Whether the object holds an error. */
static inline int
error_is_set(const struct error *error)
{
	return (error != 0 && error->kind != KIND_NONE);
}

/* Record an error unless there is one already; always returns -1. */
int error_set(struct error *error, enum error_kind kind,
    enum error_origin origin, long code, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* The same for a failed system call: appends the reason that errnum names. */
int error_system(struct error *error, enum error_kind kind, int errnum,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* Out of memory; returns -1. */
int error_memory(struct error *error);

/* Put "context: " before the text; nothing if there is no error. */
void error_context(struct error *error, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Say what to do; the first hint stays.  Nothing if there is no error. */
void error_hint(struct error *error, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* The reason of an errno value in words, thread-safe, in a buffer of ours. */
const char *error_reason(int errnum, char *buffer, unsigned long size);

#endif
