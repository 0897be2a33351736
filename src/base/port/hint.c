/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_SYNC_FILE_RANGE
static int
sync_range(int fd, uint64_t offset, uint64_t size, unsigned flags)
{
	if (sync_file_range(fd, (off_t)offset, (off_t)size, flags) == 0)
		return (0);
	/* What cannot be written back by ranges is left to fsync. */
	if (errno == ENOSYS || errno == EINVAL || errno == ESPIPE)
		return (0);
	return (errno);
}

int
port_hint_write_back(int fd, uint64_t offset, uint64_t size)
{
	return (sync_range(fd, offset, size, SYNC_FILE_RANGE_WRITE));
}

int
port_hint_written_back(int fd, uint64_t offset, uint64_t size)
{
	return (sync_range(fd, offset, size, SYNC_FILE_RANGE_WAIT_BEFORE |
	    SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
}
#else
int
port_hint_write_back(int fd, uint64_t offset, uint64_t size)
{
	(void)fd;
	(void)offset;
	(void)size;
	return (0);
}

int
port_hint_written_back(int fd, uint64_t offset, uint64_t size)
{
	return (port_hint_write_back(fd, offset, size));
}
#endif

void
port_hint_drop(int fd, uint64_t offset, uint64_t size)
{
#ifdef HAVE_POSIX_FADVISE
	(void)posix_fadvise(fd, (off_t)offset, (off_t)size,
	    POSIX_FADV_DONTNEED);
#else
	(void)fd;
	(void)offset;
	(void)size;
#endif
}

void
port_hint_sequential(int fd)
{
#ifdef HAVE_POSIX_FADVISE
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#else
	(void)fd;
#endif
}

void
port_hint_huge_pages(void *memory, size_t size)
{
#ifdef MADV_HUGEPAGE
	(void)madvise(memory, size, MADV_HUGEPAGE);
#else
	(void)memory;
	(void)size;
#endif
}

int
port_hint_child(pid_t pid)
{
#ifdef SYS_pidfd_open
	return ((int)syscall(SYS_pidfd_open, pid, 0));
#else
	(void)pid;
	return (-1);
#endif
}
