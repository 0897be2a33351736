/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/shm.h"

#include "base/port/shmfork.h"
#include "base/port/shmguard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Where the C library keeps these objects. */
#define FOLDER "/dev/shm"

/* Against a name that others create and remove as fast as we look. */
#define CREATE_TRIES 100
#define SWEEP_LIMIT 256

static struct flock
byte_lock(enum port_shm_claim claim, short type)
{
	struct flock lock = { 0 };

	lock.l_type = type;
	lock.l_whence = SEEK_SET;
	lock.l_start = (off_t)claim;
	lock.l_len = 1;
	return (lock);
}

int
port_shm_claim(int fd, enum port_shm_claim claim)
{
	struct flock lock = byte_lock(claim, F_WRLCK);

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return (0);
	return (errno == EACCES ? EAGAIN : errno);
}

void
port_shm_disclaim(int fd, enum port_shm_claim claim)
{
	struct flock lock = byte_lock(claim, F_UNLCK);

	(void)fcntl(fd, F_OFD_SETLK, &lock);
}

bool
port_shm_is_claimed(int fd, enum port_shm_claim claim)
{
	struct flock lock = byte_lock(claim, F_WRLCK);

	if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
		return (true);
	return (lock.l_type != F_UNLCK);
}

/* Does the name mean the object behind fd?  Asked without another descriptor,
 * since there may be none left. */
static bool
is_named(int fd, const char *name)
{
	char path[sizeof(FOLDER) + NAME_MAX + 1];
	struct stat ours, named;

	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	return (fstat(fd, &ours) == 0 && lstat(path, &named) == 0 &&
	    ours.st_dev == named.st_dev && ours.st_ino == named.st_ino);
}

int
port_shm_unlink(int fd, const char *name)
{
	int code;

	code = port_shm_claim(fd, PORT_SHM_NAME);
	if (code != 0)
		return (code);
	if (is_named(fd, name) && shm_unlink(name) != 0 && errno != ENOENT)
		code = errno;
	port_shm_disclaim(fd, PORT_SHM_NAME);
	return (code);
}

/* Remove the name if its creator is dead: 0 if it is gone, EEXIST if it
 * lives, or what stands in the way. */
static int
reclaim(const char *name)
{
	int code, fd;

	fd = shm_open(name, O_RDWR, 0);
	if (fd == -1)
		return (errno == ENOENT ? 0 : errno);
	code = port_shm_claim(fd, PORT_SHM_CREATOR);
	if (code == 0)
		code = port_shm_unlink(fd, name);
	(void)close(fd);
	return (code == EAGAIN ? EEXIST : code);
}

/* What killed creators left behind would hold memory until the next boot. */
static void
sweep(const char *prefix)
{
	struct stat status;
	struct dirent *entry;
	char name[NAME_MAX + 2];
	unsigned seen = 0;
	DIR *folder;

	folder = opendir(FOLDER);
	if (folder == NULL)
		return;
	while (seen < SWEEP_LIMIT && (entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		seen++;
		if (fstatat(dirfd(folder), entry->d_name, &status,
		    AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
		    status.st_uid != geteuid())
			continue;
		(void)snprintf(name, sizeof(name), "/%s", entry->d_name);
		(void)reclaim(name);
	}
	(void)closedir(folder);
}

static int
set_mode(int fd, int64_t group)
{
	if (group < 0)
		return (fchmod(fd, 0600) == 0 ? 0 : errno);
	if (fchown(fd, (uid_t)-1, (gid_t)group) != 0 || fchmod(fd, 0660) != 0)
		return (errno);
	return (0);
}

int
port_shm_create(const char *name, const char *prefix, int64_t group, int *fd)
{
	int code, made, tries;

	*fd = -1;
	sweep(prefix);
	for (tries = 0; tries < CREATE_TRIES; tries++) {
		made = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (made == -1 && errno != EEXIST)
			return (errno);
		if (made == -1) {
			code = reclaim(name);
			if (code != 0)
				return (code);
			continue;
		}
		/* Until it is claimed, others take the object for a dead
		 * creator's: then try again with a new one. */
		if (port_shm_claim(made, PORT_SHM_CREATOR) != 0 ||
		    !is_named(made, name)) {
			(void)close(made);
			continue;
		}
		code = set_mode(made, group);
		if (code == 0)
			code = port_shmfork_add(made);
		if (code != 0) {
			(void)port_shm_unlink(made, name);
			(void)close(made);
			return (code);
		}
		*fd = made;
		return (0);
	}
	return (EEXIST);
}

int
port_shm_open(const char *name, int *fd)
{
	struct stat status;
	int code = 0, found;

	*fd = -1;
	found = shm_open(name, O_RDWR, 0);
	if (found == -1)
		return (errno);
	if (fstat(found, &status) != 0)
		code = errno;
	else if (!S_ISREG(status.st_mode) || (status.st_mode & S_IRWXO) != 0)
		code = EACCES;
	else if (status.st_uid != geteuid() && geteuid() != 0 &&
	    (status.st_mode & S_IRWXG) != (S_IRGRP | S_IWGRP))
		code = EACCES;
	else
		code = port_shmfork_add(found);
	if (code != 0) {
		(void)close(found);
		return (code);
	}
	*fd = found;
	return (0);
}

void
port_shm_close(int *fd)
{
	if (*fd == -1)
		return;
	port_shmfork_close(*fd);
	*fd = -1;
}

int
port_shm_size(int fd, uint64_t *size)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return (errno);
	*size = (uint64_t)status.st_size;
	return (0);
}

int
port_shm_grow(int fd, uint64_t size)
{
	struct statvfs room;
	uint64_t old = 0;
	int code;

	code = port_shm_size(fd, &old);
	if (code != 0 || size <= old)
		return (code);
	if (size > INT64_MAX)
		return (EFBIG);
	/* Ask first: filling up memory only to learn that it does not
	 * suffice would hurt the whole machine. */
	if (fstatvfs(fd, &room) == 0 && room.f_blocks != 0 &&
	    (size - old) / room.f_bsize >= room.f_bavail)
		return (ENOSPC);
	do
		code = posix_fallocate(fd, (off_t)old, (off_t)(size - old));
	while (code == EINTR);
	if (code != 0 && ftruncate(fd, (off_t)old) != 0)
		return (errno);
	return (code);
}

int
port_shm_map(int fd, uint64_t offset, size_t length, size_t alignment,
    bool populate, void **base)
{
	int flags = MAP_SHARED | MAP_FIXED | (populate ? MAP_POPULATE : 0);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t reserved, spare;
	uint8_t *start;
	int code;

	*base = NULL;
	if (alignment < page)
		alignment = page;
	if (length == 0 || length > SIZE_MAX / 2 || offset > INT64_MAX)
		return (EINVAL);
	length = (length + page - 1) / page * page;
	reserved = length + alignment - page;
	start = mmap(NULL, reserved, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return (errno);
	spare = (alignment - (uintptr_t)start % alignment) % alignment;
	if (mmap(start + spare, length, PROT_READ | PROT_WRITE, flags, fd,
	    (off_t)offset) == MAP_FAILED) {
		code = errno;
		(void)munmap(start, reserved);
		return (code);
	}
	/* A mapping holds the claims as a descriptor does. */
	(void)madvise(start + spare, length, MADV_DONTFORK);
	if (spare != 0)
		(void)munmap(start, spare);
	if (reserved - spare - length != 0)
		(void)munmap(start + spare + length,
		    reserved - spare - length);
	code = port_shmguard_add(fd, start + spare, length);
	if (code != 0) {
		(void)munmap(start + spare, length);
		return (code);
	}
	*base = start + spare;
	return (0);
}

void
port_shm_unmap(void *base, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	port_shmguard_remove(base);
	if (base != NULL)
		(void)munmap(base, (length + page - 1) / page * page);
}
