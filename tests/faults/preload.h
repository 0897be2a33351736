/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULTS_PRELOAD_H
#define FAULTS_PRELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A shared object to preload into vdibackup: makes its Nth call of a kind
 * fail, and records what it does to the files of a store.
 *
 *     env LD_PRELOAD=.../faults.so FAULT_NTH=sync:EIO:3 vdibackup backup ...
 *
 * Only a process whose program is called "vdibackup" is touched, and its
 * children are not: the variable is taken out of the environment at once.
 *
 *   FAULT_NTH=KIND:ERROR:N[+[COUNT]]
 *        the Nth call of the KIND fails, with "+" every one from there on,
 *        with "+COUNT" so many in a row.  ERROR is a name from nth.c, or
 *        "short" for a count that is half of what was asked for.
 *   FAULT_TRACE=KIND
 *        nothing fails; each call of the KIND (or of "all") is told of.
 *   FAULT_BELOW=FOLDER
 *        count only calls on files below it (an absolute path), and record
 *        what happens there.
 *   FAULT_SIDE=FILE
 *        where lines are added:
 *            fired KIND N FUNCTION ERROR SITE PATH
 *            call KIND N FUNCTION SITE PATH
 *        SITE is object+offset of the caller, which addr2line reads.
 *   FAULT_RECORD=FILE, FAULT_IGNORE=sync|folders
 *        record.h
 *
 * What it sees are calls through the dynamic linker: those of vdibackup and
 * of the libraries that it uses.  It does not see what the C library does
 * inside one of its functions (the open behind opendir or fopen, the clone
 * behind posix_spawn); there the function itself is what fails.
 */

enum nth_kind {
	NTH_WRITE,
	NTH_SYNC,
	NTH_RENAME,
	NTH_REMOVE,
	NTH_OPEN,
	NTH_MKDIR,
	NTH_CLOSE,
	NTH_READ,
	NTH_STAT,
	NTH_LOCK,
	NTH_MAP,
	NTH_SHM,
	NTH_SIZE,
	NTH_MODE,
	NTH_MEMORY,
	NTH_CRYPTO, /* memory too, but for libcrypto's own use */
	NTH_SPAWN,
	NTH_THREAD,
	NTH_RANDOM,
	NTH_ADVICE,
	NTH_WAIT,
	NTH_KINDS
};

/* What nth_fails says instead of an errno value. */
#define NTH_SHORT (-1)

/* One call: what it is and what it is about. */
struct nth_call {
	enum nth_kind kind;
	const char *function;
	const void *site; /* of the caller */
	int fd;           /* -1: none */
	const char *path; /* NULL: the descriptor's */
};

/* Whether this call must fail; counts it. */
bool nth_fails(const struct nth_call *call, int *errnum);
void nth_begin(void);

/* Whether calls are looked at: not while this object itself makes them. */
bool preload_is_watching(void);
/* While this object works, its own calls pass by. */
void preload_pause(void);
void preload_resume(void);

/* The next definition of a function, into a pointer to one. */
void preload_find(const char *name, void *to, size_t size);
/* Add a line to FAULT_SIDE. */
void preload_tell(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* The whole path that a call is about, and whether it lies in FAULT_BELOW.
 * Where there is no such folder, everything does. */
#define PRELOAD_PATH_ROOM 4096
bool preload_path(int fd, const char *path, char to[PRELOAD_PATH_ROOM]);
const char *preload_below(void);

#define REAL(name)                                                     \
	static __typeof__(&name) real;                                 \
	if (real == NULL)                                              \
		preload_find(#name, &real, sizeof(real))

#define FAILS(kind, fd, path, errnum)                                  \
	nth_fails(&(struct nth_call){ kind, __func__,                  \
	    __builtin_return_address(0), fd, path }, errnum)

#endif
