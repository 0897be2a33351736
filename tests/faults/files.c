/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "preload.h"

#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * Descriptors: opened, written, read, synced, closed.  Each function is the C
 * library's, and says in the same place what may fail and what is recorded.
 */

#define TAKE_MODE(mode, flags)                                         \
	do {                                                           \
		va_list args_;                                         \
		va_start(args_, flags);                                \
		(mode) = ((flags) & O_CREAT) != 0 ||                   \
		    ((flags) & O_TMPFILE) == O_TMPFILE ?               \
		    va_arg(args_, mode_t) : 0;                         \
		va_end(args_);                                         \
	} while (0)

/* What the four ways to open have in common. */
#define OPEN(folder, path, flags, call)                                \
	do {                                                           \
		bool existed_;                                         \
		int errnum_;                                           \
		int fd_;                                               \
		if (FAILS(NTH_OPEN, folder, path, &errnum_)) {         \
			errno = errnum_;                               \
			return (-1);                                   \
		}                                                      \
		record_hold();                                         \
		existed_ = ((flags) & O_CREAT) == 0 ||                 \
		    record_exists(folder, path);                       \
		fd_ = (call);                                          \
		record_open(fd_, flags, existed_);                     \
		record_release();                                      \
		return (fd_);                                          \
	} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode;

	REAL(open);
	TAKE_MODE(mode, flags);
	OPEN(AT_FDCWD, path, flags, real(path, flags, mode));
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;

	REAL(open64);
	TAKE_MODE(mode, flags);
	OPEN(AT_FDCWD, path, flags, real(path, flags, mode));
}

int
openat(int folder, const char *path, int flags, ...)
{
	mode_t mode;

	REAL(openat);
	TAKE_MODE(mode, flags);
	OPEN(folder, path, flags, real(folder, path, flags, mode));
}

int
openat64(int folder, const char *path, int flags, ...)
{
	mode_t mode;

	REAL(openat64);
	TAKE_MODE(mode, flags);
	OPEN(folder, path, flags, real(folder, path, flags, mode));
}

int
creat(const char *path, mode_t mode)
{
	REAL(creat);
	OPEN(AT_FDCWD, path, O_CREAT | O_TRUNC, real(path, mode));
}

/* Streams are opened inside the C library; what they write is not recorded. */
FILE *
fopen(const char *path, const char *mode)
{
	int errnum;

	REAL(fopen);
	if (FAILS(NTH_OPEN, -1, path, &errnum)) {
		errno = errnum;
		return (NULL);
	}
	return (real(path, mode));
}

DIR *
opendir(const char *path)
{
	int errnum;

	REAL(opendir);
	if (FAILS(NTH_OPEN, -1, path, &errnum)) {
		errno = errnum;
		return (NULL);
	}
	return (real(path));
}

struct dirent *
readdir(DIR *dir)
{
	int errnum;

	REAL(readdir);
	if (FAILS(NTH_READ, dirfd(dir), NULL, &errnum) &&
	    errnum != NTH_SHORT) {
		errno = errnum;
		return (NULL);
	}
	return (real(dir));
}

int
closedir(DIR *dir)
{
	int errnum;

	REAL(closedir);
	if (FAILS(NTH_CLOSE, dirfd(dir), NULL, &errnum)) {
		(void)real(dir);
		errno = errnum;
		return (-1);
	}
	return (real(dir));
}

/* The descriptor is gone also where close says that something went wrong. */
int
close(int fd)
{
	int errnum;

	REAL(close);
	if (FAILS(NTH_CLOSE, fd, NULL, &errnum)) {
		(void)real(fd);
		errno = errnum;
		return (-1);
	}
	return (real(fd));
}

#define WRITE(fd, data, size, offset, call)                            \
	do {                                                           \
		int errnum_;                                           \
		ssize_t written_;                                      \
		if (FAILS(NTH_WRITE, fd, NULL, &errnum_)) {            \
			if (errnum_ != NTH_SHORT) {                    \
				errno = errnum_;                       \
				return (-1);                           \
			}                                              \
			size = (size + 1) / 2;                         \
		}                                                      \
		record_hold();                                         \
		written_ = (call);                                     \
		record_write(fd, data, written_, offset);              \
		record_release();                                      \
		return (written_);                                     \
	} while (0)

ssize_t
write(int fd, const void *data, size_t size)
{
	REAL(write);
	WRITE(fd, data, size, -1, real(fd, data, size));
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	REAL(pwrite);
	WRITE(fd, data, size, offset, real(fd, data, size, offset));
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	REAL(pwrite64);
	WRITE(fd, data, size, offset, real(fd, data, size, offset));
}

/* One piece at a time: a count that is less than all is allowed. */
ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	REAL(writev);
	if (count < 1)
		return (real(fd, pieces, count));
	return (write(fd, pieces[0].iov_base, pieces[0].iov_len));
}

#define READ(fd, data, size, call)                                     \
	do {                                                           \
		int errnum_;                                           \
		ssize_t got_;                                          \
		if (FAILS(NTH_READ, fd, NULL, &errnum_)) {             \
			if (errnum_ != NTH_SHORT) {                    \
				errno = errnum_;                       \
				return (-1);                           \
			}                                              \
			size = (size + 1) / 2;                         \
		}                                                      \
		got_ = (call);                                         \
		record_hold();                                         \
		record_read(data, got_);                               \
		record_release();                                      \
		return (got_);                                         \
	} while (0)

ssize_t
read(int fd, void *data, size_t size)
{
	REAL(read);
	READ(fd, data, size, real(fd, data, size));
}

ssize_t
pread(int fd, void *data, size_t size, off_t offset)
{
	REAL(pread);
	READ(fd, data, size, real(fd, data, size, offset));
}

ssize_t
pread64(int fd, void *data, size_t size, off64_t offset)
{
	REAL(pread64);
	READ(fd, data, size, real(fd, data, size, offset));
}

#define SYNC(fd, call)                                                 \
	do {                                                           \
		int errnum_;                                           \
		int rc_;                                               \
		if (FAILS(NTH_SYNC, fd, NULL, &errnum_)) {             \
			errno = errnum_;                               \
			return (-1);                                   \
		}                                                      \
		record_hold();                                         \
		rc_ = (call);                                          \
		record_sync(fd, rc_);                                  \
		record_release();                                      \
		return (rc_);                                          \
	} while (0)

int
fsync(int fd)
{
	REAL(fsync);
	SYNC(fd, real(fd));
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	SYNC(fd, real(fd));
}

/* Brings data on its way, and promises nothing. */
int
sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags)
{
	int errnum;

	REAL(sync_file_range);
	if (FAILS(NTH_SYNC, fd, NULL, &errnum)) {
		errno = errnum;
		return (-1);
	}
	return (real(fd, offset, count, flags));
}

#define SIZE(fd, call)                                                 \
	do {                                                           \
		int rc_;                                               \
		record_hold();                                         \
		rc_ = (call);                                          \
		record_size(fd, rc_);                                  \
		record_release();                                      \
		return (rc_);                                          \
	} while (0)

int
ftruncate(int fd, off_t size)
{
	int errnum;

	REAL(ftruncate);
	if (FAILS(NTH_SIZE, fd, NULL, &errnum)) {
		errno = errnum;
		return (-1);
	}
	SIZE(fd, real(fd, size));
}

int
fallocate(int fd, int mode, off_t offset, off_t size)
{
	int errnum;

	REAL(fallocate);
	if (FAILS(NTH_SIZE, fd, NULL, &errnum)) {
		errno = errnum;
		return (-1);
	}
	SIZE(fd, real(fd, mode, offset, size));
}

/* Says what is wrong in its result. */
int
posix_fallocate(int fd, off_t offset, off_t size)
{
	int errnum;

	REAL(posix_fallocate);
	if (FAILS(NTH_SIZE, fd, NULL, &errnum))
		return (errnum);
	SIZE(fd, real(fd, offset, size));
}

int
posix_fadvise(int fd, off_t offset, off_t size, int advice)
{
	int errnum;

	REAL(posix_fadvise);
	if (FAILS(NTH_ADVICE, fd, NULL, &errnum))
		return (errnum);
	return (real(fd, offset, size, advice));
}
