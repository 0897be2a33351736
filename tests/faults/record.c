/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "record.h"

#include "preload.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a server that reports success. */
#define SUCCESS "3014"

static int log_fd = -1;
static bool ignore_all;
static bool ignore_folders;
static bool told;
/* Guards the log, and keeps a call and its record together. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool
is_recording(void)
{
	return (log_fd >= 0 && preload_is_watching());
}

void
record_hold(void)
{
	if (is_recording())
		(void)pthread_mutex_lock(&lock);
}

void
record_release(void)
{
	if (is_recording())
		(void)pthread_mutex_unlock(&lock);
}

static void
put(const void *data, size_t size)
{
	if (write(log_fd, data, size) != (ssize_t)size)
		abort();
}

__attribute__((format(printf, 1, 2))) static void
put_line(const char *format, ...)
{
	char line[2 * PRELOAD_PATH_ROOM + 100];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(line))
		abort();
	put(line, (size_t)length);
}

/* The path inside the folder that is watched; false if it is not inside. */
static bool
inner_path(int folder, const char *path, char to[PRELOAD_PATH_ROOM])
{
	char whole[PRELOAD_PATH_ROOM];
	size_t length = strlen(preload_below());

	if (!preload_path(folder, path, whole))
		return (false);
	(void)snprintf(to, PRELOAD_PATH_ROOM, "%s", whole[length] == '/' ?
	    whole + length + 1 : ".");
	return (true);
}

/* The inode of a descriptor of a file or folder that is watched; 0: not.  What
 * has no name is not there after a loss of power. */
static uintmax_t
inode_of(int fd, struct stat *st)
{
	char path[PRELOAD_PATH_ROOM];

	if (!inner_path(fd, NULL, path) || fstat(fd, st) != 0 ||
	    st->st_nlink == 0 ||
	    (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)))
		return (0);
	return (st->st_ino);
}

static int
put_present(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	char inner[PRELOAD_PATH_ROOM];
	char *data;
	int fd;

	(void)where;
	if (!inner_path(-1, path, inner))
		abort();
	if (type == FTW_D) {
		put_line("dir\t%ju\t%s\n", (uintmax_t)st->st_ino, inner);
		return (0);
	}
	put_line("file\t%ju\t%jd\t%s\n", (uintmax_t)st->st_ino,
	    (intmax_t)st->st_size, inner);
	data = malloc((size_t)st->st_size + 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (data == NULL || fd < 0 ||
	    read(fd, data, (size_t)st->st_size) != st->st_size)
		abort();
	put(data, (size_t)st->st_size);
	(void)close(fd);
	free(data);
	return (0);
}

void
record_begin(void)
{
	const char *path = getenv("FAULT_RECORD");
	const char *ignore = getenv("FAULT_IGNORE");
	struct stat st;

	if (path == NULL)
		return;
	ignore_all = ignore != NULL && strcmp(ignore, "sync") == 0;
	ignore_folders = ignore != NULL && strcmp(ignore, "folders") == 0;
	log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (log_fd < 0 || preload_below()[0] != '/' ||
	    fstat(log_fd, &st) != 0)
		abort();
	if (st.st_size == 0 && nftw(preload_below(), put_present, 16,
	        FTW_PHYS) != 0)
		abort();
}

bool
record_exists(int folder, const char *path)
{
	struct stat st;
	bool there;
	int saved = errno;

	if (!is_recording())
		return (true);
	preload_pause();
	there = fstatat(folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
	preload_resume();
	errno = saved;
	return (there);
}

/* What a record is made under: errno kept, our own calls not looked at. */
static bool
enter(int rc, int *saved)
{
	*saved = errno;
	if (rc < 0 || !is_recording())
		return (false);
	preload_pause();
	return (true);
}

static void
leave(int saved)
{
	preload_resume();
	errno = saved;
}

void
record_open(int fd, int flags, bool existed)
{
	char path[PRELOAD_PATH_ROOM];
	struct stat st;
	uintmax_t inode;
	int saved;

	if (!enter(fd, &saved))
		return;
	inode = inode_of(fd, &st);
	if (inode != 0 && (flags & O_CREAT) != 0 && !existed &&
	    inner_path(fd, NULL, path))
		put_line("create\t%ju\t%s\n", inode, path);
	else if (inode != 0 && (flags & O_TRUNC) != 0)
		put_line("size\t%ju\t0\n", inode);
	leave(saved);
}

void
record_mkdir(int folder, const char *path, int rc)
{
	char inner[PRELOAD_PATH_ROOM];
	struct stat st;
	int saved;

	if (!enter(rc, &saved))
		return;
	if (inner_path(folder, path, inner)) {
		if (fstatat(folder, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
			abort();
		put_line("mkdir\t%ju\t%s\n", (uintmax_t)st.st_ino, inner);
	}
	leave(saved);
}

void
record_write(int fd, const void *data, ssize_t written, off_t offset)
{
	struct stat st;
	uintmax_t inode;
	int saved;

	if (!enter(written < 0 ? -1 : 0, &saved))
		return;
	inode = inode_of(fd, &st);
	if (inode != 0) {
		if (offset < 0)
			offset = lseek(fd, 0, SEEK_CUR) - written;
		put_line("write\t%ju\t%jd\t%zd\n", inode, (intmax_t)offset,
		    written);
		put(data, (size_t)written);
	}
	leave(saved);
}

void
record_size(int fd, int rc)
{
	struct stat st;
	uintmax_t inode;
	int saved;

	if (!enter(rc != 0 ? -1 : 0, &saved))
		return;
	inode = inode_of(fd, &st);
	if (inode != 0)
		put_line("size\t%ju\t%jd\n", inode, (intmax_t)st.st_size);
	leave(saved);
}

void
record_sync(int fd, int rc)
{
	struct stat st;
	uintmax_t inode;
	int saved;

	if (!enter(rc, &saved))
		return;
	inode = inode_of(fd, &st);
	if (inode != 0 && !ignore_all &&
	    !(ignore_folders && S_ISDIR(st.st_mode)))
		put_line("sync\t%ju\n", inode);
	leave(saved);
}

void
record_rename(int from_folder, const char *from, int to_folder,
    const char *to, int rc)
{
	char old[PRELOAD_PATH_ROOM];
	char new[PRELOAD_PATH_ROOM];
	int saved;

	if (!enter(rc, &saved))
		return;
	if (inner_path(from_folder, from, old) &&
	    inner_path(to_folder, to, new))
		put_line("rename\t%s\t%s\n", old, new);
	leave(saved);
}

void
record_remove(int folder, const char *path, int rc)
{
	char inner[PRELOAD_PATH_ROOM];
	int saved;

	if (!enter(rc, &saved))
		return;
	if (inner_path(folder, path, inner))
		put_line("remove\t%s\n", inner);
	leave(saved);
}

void
record_read(const void *data, ssize_t got)
{
	int saved;

	if (!enter(got <= 0 ? -1 : 0, &saved))
		return;
	if (!told && memmem(data, (size_t)got, SUCCESS,
	        strlen(SUCCESS)) != NULL) {
		told = true;
		put_line("mark\ttold\n");
	}
	leave(saved);
}
