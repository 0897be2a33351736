/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/folder.h"

#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What to do about a reason, where more can be said than the reason does. */
static void
hint_reason(struct error *error, int errnum, const char *path)
{
	if (errnum == EACCES || errnum == EPERM || errnum == EROFS)
		error_hint(error, "let the user that runs this program write "
		    "to \"%s\", or choose another target", path);
	else if (errnum == ENOSPC || errnum == EDQUOT)
		error_hint(error, "make room in \"%s\", or choose another "
		    "target", path);
	else if (errnum == ENOTDIR || errnum == EEXIST)
		error_hint(error, "choose a target whose parts are folders");
}

char *
folder_parent(const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');
	struct str parent;

	str_init(&parent);
	if (slash == NULL)
		str_add(&parent, ".");
	else if (slash == path)
		str_add(&parent, "/");
	else
		str_add_bytes(&parent, path, (size_t)(slash - path));
	return (str_detach(&parent, error));
}

static int
make_one(const char *path, struct error *error)
{
	struct stat st;
	int errnum;

	if (mkdir(path, 0700) == 0)
		return (fd_sync_parent(path, error));
	errnum = errno;
	if (errnum == EEXIST) {
		/* Made by another job meanwhile, or not a folder. */
		if (stat(path, &st) != 0)
			errnum = errno;
		else if (S_ISDIR(st.st_mode))
			return (0);
		else
			errnum = ENOTDIR;
	}
	(void)error_system(error, KIND_STORAGE, errnum,
	    "cannot make the folder \"%s\"", path);
	hint_reason(error, errnum, path);
	return (-1);
}

int
folder_make(const char *path, struct error *error)
{
	struct stat st;
	char *copy;
	char *slash;
	int rc = -1;

	/* The common case costs one call, and needs no right to look at what
	 * lies above. */
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return (0);
	} else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot look at \"%s\"", path));
	}
	copy = strdup(path);
	if (copy == NULL)
		return (error_memory(error));
	for (slash = copy + 1; *copy != '\0'; slash++) {
		slash = strchr(slash, '/');
		if (slash == NULL)
			break;
		*slash = '\0';
		if (stat(copy, &st) != 0 && make_one(copy, error) != 0)
			goto out;
		*slash = '/';
	}
	rc = make_one(path, error);
out:
	free(copy);
	return (rc);
}

/* 1: the name of path is durable, as far as that can be asked for; 0: nothing
 * further up is ours to bring about; -1: it failed. */
static int
settle_one(const char *path, dev_t device, struct error *error)
{
	struct stat st;
	char *parent = folder_parent(path, error);
	int fd = -1;
	int rc = -1;

	if (parent == NULL)
		return (-1);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && (errno == EACCES || errno == EPERM)) {
		rc = 0;
		goto out;
	}
	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)error_system(error, KIND_STORAGE, errno,
		    "cannot open the folder \"%s\"", parent);
		goto out;
	}
	if (st.st_dev != device)
		rc = 0;
	else if (fsync(fd) == 0)
		rc = 1;
	else if (errno == EINVAL)
		rc = 0; /* of a kind that has nothing to sync */
	else
		(void)error_system(error, KIND_STORAGE, errno,
		    "cannot bring \"%s\" to stable storage", parent);
out:
	fd_abandon(&fd);
	free(parent);
	return (rc);
}

int
folder_settle(const char *path, struct error *error)
{
	struct stat st;
	char *copy;
	char *slash;
	int rc = 1;

	if (stat(path, &st) != 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot look at \"%s\"", path));
	copy = strdup(path);
	if (copy == NULL)
		return (error_memory(error));
	slash = copy + strlen(copy);
	while (rc > 0 && slash != NULL) {
		/* There may be several in a row. */
		while (slash > copy && slash[-1] == '/')
			slash--;
		if (slash == copy)
			break;
		*slash = '\0';
		rc = settle_one(copy, st.st_dev, error);
		slash = strrchr(copy, '/');
	}
	free(copy);
	return (rc < 0 ? -1 : 0);
}

static int
check_room(const char *path, uint64_t need, struct error *error)
{
	struct statvfs fs;
	char have[32];
	char want[32];
	uint64_t bytes;

	if (statvfs(path, &fs) != 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot ask for the room in \"%s\"", path));
	/* Some network file systems tell no sizes. */
	if (fs.f_blocks == 0)
		return (0);
	bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (bytes > 0 && bytes >= need)
		return (0);
	(void)error_set(error, KIND_STORAGE, ORIGIN_SYSTEM, ENOSPC,
	    "\"%s\" has %s free, and %s are needed", path,
	    num_format_size(bytes, have, sizeof(have)),
	    num_format_size(need > 0 ? need : 1, want, sizeof(want)));
	hint_reason(error, ENOSPC, path);
	return (-1);
}

/* A file with a name, where the file system has none without. */
static int
open_named(const char *path, struct str *name, struct error *error)
{
	str_addf(name, "%s/.probe-%ld", path, (long)getpid());
	if (str_check(name, error) != 0)
		return (-1);
	/* One of an earlier process that had our number and was killed. */
	(void)unlink(name->text);
	return (open(name->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600));
}

int
folder_probe(const char *path, uint64_t need, struct error *error)
{
	static const char bytes[4096];
	struct str name;
	int fd = -1;
	int rc = -1;

	str_init(&name);
	if (check_room(path, need, error) != 0)
		goto out;
	/* Nothing is left of it, whatever becomes of us. */
	fd = open(path, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR ||
	    errno == EINVAL))
		fd = open_named(path, &name, error);
	if (fd < 0) {
		int errnum = errno;

		(void)error_system(error, KIND_STORAGE, errnum,
		    "cannot create a file in \"%s\"", path);
		hint_reason(error, errnum, path);
		goto out;
	}
	if (fd_write_all(fd, bytes, sizeof(bytes), path, error) != 0 ||
	    fd_close(&fd, path, error) != 0) {
		hint_reason(error, ENOSPC, path);
		goto out;
	}
	rc = 0;
out:
	if (name.length > 0)
		(void)unlink(name.text);
	fd_abandon(&fd);
	str_release(&name);
	return (rc);
}

int
folder_has(const char *path, struct error *error)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return (1);
	if (errno == ENOENT)
		return (0);
	return (error_system(error, KIND_STORAGE, errno,
	    "cannot look at \"%s\"", path));
}

int
folder_is(const char *path, struct error *error)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return (S_ISDIR(st.st_mode));
	if (errno == ENOENT || errno == ENOTDIR)
		return (0);
	return (error_system(error, KIND_STORAGE, errno,
	    "cannot look at \"%s\"", path));
}

/* The kernel's own refusal to replace, or where the file system has none, a
 * look beforehand; the target's lock keeps others away meanwhile. */
static int
rename_new(const char *from, const char *to)
{
	struct stat st;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return (0);
	if (errno != EINVAL && errno != ENOSYS)
		return (-1);
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return (-1);
	}
	return (rename(from, to));
}

int
folder_rename(const char *from, const char *to, bool *renamed,
    struct error *error)
{
	*renamed = false;
	if (rename_new(from, to) != 0) {
		int errnum = errno;

		(void)error_system(error, KIND_STORAGE, errnum,
		    "cannot rename \"%s\" to \"%s\"", from, to);
		if (errnum == EEXIST || errnum == ENOTEMPTY)
			error_hint(error, "move \"%s\" away first", to);
		return (-1);
	}
	*renamed = true;
	return (fd_sync_parent(to, error));
}

/* One pass over the folder: look only, or remove. */
static int
each_file(DIR *dir, const char *path, bool removing, struct error *error)
{
	struct dirent *entry;
	struct stat st;

	rewinddir(dir);
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL && errno != 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot read the folder \"%s\"", path));
		if (entry == NULL)
			return (0);
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) != 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot look at \"%s/%s\"", path, entry->d_name));
		if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
			(void)error_set(error, KIND_STORAGE, ORIGIN_US, 0,
			    "\"%s/%s\" is not a plain file", path,
			    entry->d_name);
			error_hint(error, "it is not part of a backup; look "
			    "at it and move it away");
			return (-1);
		}
		if (removing && unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot remove \"%s/%s\"", path, entry->d_name));
	}
}

int
folder_remove(const char *path, struct error *error)
{
	DIR *dir;
	int rc = -1;

	dir = opendir(path);
	if (dir == NULL)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot open the folder \"%s\"", path));
	if (each_file(dir, path, false, error) != 0 ||
	    each_file(dir, path, true, error) != 0)
		goto out;
	if (rmdir(path) != 0) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot remove the folder \"%s\"", path);
		goto out;
	}
	rc = fd_sync_parent(path, error);
out:
	(void)closedir(dir);
	return (rc);
}
