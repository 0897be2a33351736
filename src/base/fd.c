/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/fd.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
fd_write_all(int fd, const void *data, size_t size, const char *name,
    struct error *error)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot write \"%s\"", name));
		p += n;
		size -= (size_t)n;
	}
	return (0);
}

int
fd_read_all(int fd, void *data, size_t size, size_t *got, const char *name,
    struct error *error)
{
	char *p = data;
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, p + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot read \"%s\"", name));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return (0);
}

int
fd_pread_all(int fd, void *data, size_t size, uint64_t offset, size_t *got,
    const char *name, struct error *error)
{
	char *p = data;
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, p + done, size - done,
		    (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot read \"%s\"", name));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return (0);
}

int
fd_sync(int fd, const char *name, struct error *error)
{
	if (fsync(fd) != 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot bring \"%s\" to stable storage", name));
	return (0);
}

int
fd_sync_parent(const char *path, struct error *error)
{
	char *folder;
	char *slash;
	int fd = -1;
	int rc = -1;

	folder = strdup(path);
	if (folder == NULL)
		return (error_memory(error));
	slash = strrchr(folder, '/');
	if (slash == NULL)
		strcpy(folder, ".");
	else if (slash == folder)
		slash[1] = '\0';
	else
		*slash = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot open the folder \"%s\"", folder);
		goto out;
	}
	rc = fd_sync(fd, folder, error);
out:
	fd_abandon(&fd);
	free(folder);
	return (rc);
}

int
fd_occupy_standard(struct error *error)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The wrong way round for 0 and 1: using them fails.  The
		 * lowest free number is this one. */
		if (open("/dev/null",
		        fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) != fd)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot open \"/dev/null\""));
	}
	return (0);
}

int
fd_close(int *fd, const char *name, struct error *error)
{
	int closing = *fd;

	*fd = -1;
	/* After EINTR the descriptor is gone on Linux; closing again would
	 * close somebody else's. */
	if (close(closing) != 0 && errno != EINTR)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot close \"%s\"", name));
	return (0);
}

void
fd_abandon(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int
fd_read_file(const char *path, size_t limit, char **data, size_t *size,
    struct error *error)
{
	struct stat st;
	char *bytes = NULL;
	size_t got;
	int fd;
	int rc = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot open \"%s\"", path));
	if (fstat(fd, &st) != 0) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot look at \"%s\"", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "\"%s\" is not a regular file", path);
		goto out;
	}
	if ((uint64_t)st.st_size > limit) {
		rc = error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" is larger than the %zu bytes it may have", path,
		    limit);
		goto out;
	}
	bytes = malloc((size_t)st.st_size + 1);
	if (bytes == NULL) {
		rc = error_memory(error);
		goto out;
	}
	if (fd_read_all(fd, bytes, (size_t)st.st_size, &got, path, error) != 0)
		goto out;
	bytes[got] = '\0';
	*data = bytes;
	*size = got;
	bytes = NULL;
	rc = 0;
out:
	free(bytes);
	fd_abandon(&fd);
	return (rc);
}

int
fd_replace_file(const char *path, const void *data, size_t size, mode_t mode,
    struct error *error)
{
	struct str temporary;
	int fd = -1;
	int made = 0;
	int rc = -1;

	str_init(&temporary);
	str_addf(&temporary, "%s.new", path);
	if (str_check(&temporary, error) != 0)
		goto out;
	fd = open(temporary.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    mode);
	if (fd < 0) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot create \"%s\"", temporary.text);
		goto out;
	}
	made = 1;
	if (fd_write_all(fd, data, size, temporary.text, error) != 0 ||
	    fd_sync(fd, temporary.text, error) != 0 ||
	    fd_close(&fd, temporary.text, error) != 0)
		goto out;
	if (rename(temporary.text, path) != 0) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot rename \"%s\" to \"%s\"", temporary.text, path);
		goto out;
	}
	made = 0;
	rc = fd_sync_parent(path, error);
out:
	fd_abandon(&fd);
	if (made)
		(void)unlink(temporary.text);
	str_release(&temporary);
	return (rc);
}
