/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "preload.h"

#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * Names in folders, and what is asked of files: made, renamed, removed,
 * looked at, locked.
 */

#define FAIL(kind, fd, path)                                           \
	do {                                                           \
		int errnum_;                                           \
		if (FAILS(kind, fd, path, &errnum_)) {                 \
			errno = errnum_;                               \
			return (-1);                                   \
		}                                                      \
	} while (0)

int
mkdir(const char *path, mode_t mode)
{
	int rc;

	REAL(mkdir);
	FAIL(NTH_MKDIR, -1, path);
	record_hold();
	rc = real(path, mode);
	record_mkdir(AT_FDCWD, path, rc);
	record_release();
	return (rc);
}

int
mkdirat(int folder, const char *path, mode_t mode)
{
	int rc;

	REAL(mkdirat);
	FAIL(NTH_MKDIR, folder, path);
	record_hold();
	rc = real(folder, path, mode);
	record_mkdir(folder, path, rc);
	record_release();
	return (rc);
}

#define RENAME(from_folder, from, to_folder, to, call)                 \
	do {                                                           \
		int rc_;                                               \
		FAIL(NTH_RENAME, from_folder, from);                   \
		record_hold();                                         \
		rc_ = (call);                                          \
		record_rename(from_folder, from, to_folder, to, rc_);  \
		record_release();                                      \
		return (rc_);                                          \
	} while (0)

int
rename(const char *from, const char *to)
{
	REAL(rename);
	RENAME(AT_FDCWD, from, AT_FDCWD, to, real(from, to));
}

int
renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	REAL(renameat);
	RENAME(from_folder, from, to_folder, to,
	    real(from_folder, from, to_folder, to));
}

int
renameat2(int from_folder, const char *from, int to_folder, const char *to,
    unsigned flags)
{
	REAL(renameat2);
	RENAME(from_folder, from, to_folder, to,
	    real(from_folder, from, to_folder, to, flags));
}

/* A second name is no operation that the replayer knows: nobody makes one. */
int
link(const char *from, const char *to)
{
	REAL(link);
	FAIL(NTH_RENAME, -1, from);
	return (real(from, to));
}

#define REMOVE(folder, path, call)                                     \
	do {                                                           \
		int rc_;                                               \
		FAIL(NTH_REMOVE, folder, path);                        \
		record_hold();                                         \
		rc_ = (call);                                          \
		record_remove(folder, path, rc_);                      \
		record_release();                                      \
		return (rc_);                                          \
	} while (0)

int
unlink(const char *path)
{
	REAL(unlink);
	REMOVE(AT_FDCWD, path, real(path));
}

int
unlinkat(int folder, const char *path, int flags)
{
	REAL(unlinkat);
	REMOVE(folder, path, real(folder, path, flags));
}

int
rmdir(const char *path)
{
	REAL(rmdir);
	REMOVE(AT_FDCWD, path, real(path));
}

int
remove(const char *path)
{
	REAL(remove);
	REMOVE(AT_FDCWD, path, real(path));
}

int
stat(const char *path, struct stat *st)
{
	REAL(stat);
	FAIL(NTH_STAT, -1, path);
	return (real(path, st));
}

int
lstat(const char *path, struct stat *st)
{
	REAL(lstat);
	FAIL(NTH_STAT, -1, path);
	return (real(path, st));
}

int
fstat(int fd, struct stat *st)
{
	REAL(fstat);
	FAIL(NTH_STAT, fd, NULL);
	return (real(fd, st));
}

int
fstatat(int folder, const char *path, struct stat *st, int flags)
{
	REAL(fstatat);
	FAIL(NTH_STAT, folder, path);
	return (real(folder, path, st, flags));
}

int
statvfs(const char *path, struct statvfs *fs)
{
	REAL(statvfs);
	FAIL(NTH_STAT, -1, path);
	return (real(path, fs));
}

int
fstatvfs(int fd, struct statvfs *fs)
{
	REAL(fstatvfs);
	FAIL(NTH_STAT, fd, NULL);
	return (real(fd, fs));
}

int
access(const char *path, int mode)
{
	REAL(access);
	FAIL(NTH_STAT, -1, path);
	return (real(path, mode));
}

ssize_t
readlink(const char *path, char *to, size_t size)
{
	REAL(readlink);
	FAIL(NTH_STAT, -1, path);
	return (real(path, to, size));
}

int
fchmod(int fd, mode_t mode)
{
	REAL(fchmod);
	FAIL(NTH_MODE, fd, NULL);
	return (real(fd, mode));
}

int
fchown(int fd, uid_t owner, gid_t group)
{
	REAL(fchown);
	FAIL(NTH_MODE, fd, NULL);
	return (real(fd, owner, group));
}

int
flock(int fd, int operation)
{
	REAL(flock);
	FAIL(NTH_LOCK, fd, NULL);
	return (real(fd, operation));
}

static bool
is_lock(int command)
{
	return (command == F_SETLK || command == F_SETLKW ||
	    command == F_GETLK || command == F_OFD_SETLK ||
	    command == F_OFD_SETLKW || command == F_OFD_GETLK);
}

/* The third argument is a number, a pointer or not there; a pointer is as
 * wide as any of them. */
#define FCNTL(fd, command)                                             \
	do {                                                           \
		va_list args_;                                         \
		void *argument_;                                       \
		va_start(args_, command);                              \
		argument_ = va_arg(args_, void *);                     \
		va_end(args_);                                         \
		FAIL(is_lock(command) ? NTH_LOCK : NTH_MODE, fd, NULL); \
		return (real(fd, command, argument_));                 \
	} while (0)

int
fcntl(int fd, int command, ...)
{
	REAL(fcntl);
	FCNTL(fd, command);
}

int
fcntl64(int fd, int command, ...)
{
	REAL(fcntl64);
	FCNTL(fd, command);
}
