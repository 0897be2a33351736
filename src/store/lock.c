/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/lock.h"

#include "store/folder.h"
#include "store/path.h"
#include "store/store.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* flock has no time-out of its own, so the wait looks this often. */
#define LOOK_AGAIN_MS 50
/* How often in a row the file may vanish before that counts as a wait. */
#define AGAIN_MAX 100u

struct lock {
	int fd;
	char *path;
};

/* Who holds it, in the file's words, for a message. */
static void
read_holder(int fd, char *text, size_t size)
{
	size_t got = 0;

	if (fd_pread_all(fd, text, size - 1, 0, &got, "lock", NULL) != 0)
		got = 0;
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (text[0] == '\0')
		strcpy(text, "unknown");
}

static int
write_holder(int fd, const char *path, const char *what, struct error *error)
{
	char started[PATH_TIME_ROOM];
	struct str text;
	int rc = -1;

	path_format_time(started, (int64_t)time(NULL));
	str_init(&text);
	str_addf(&text, "process %ld since %s: %s\n", (long)getpid(), started,
	    what);
	if (str_check(&text, error) != 0)
		goto out;
	if (ftruncate(fd, 0) != 0) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot write \"%s\"", path);
		goto out;
	}
	rc = fd_write_all(fd, text.text, text.length, path, error);
out:
	str_release(&text);
	return (rc);
}

enum attempt {
	ATTEMPT_GOT,
	ATTEMPT_HELD,   /* by another; holder is filled in */
	ATTEMPT_AGAIN,  /* the file was removed under us */
	ATTEMPT_FAILED
};

static enum attempt
try_lock(const char *path, int *fd, char *holder, size_t size,
    struct error *error)
{
	struct stat ours;
	struct stat there;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0) {
		(void)error_system(error, KIND_STORAGE, errno,
		    "cannot open the lock \"%s\"", path);
		return (ATTEMPT_FAILED);
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		int errnum = errno;

		if (errnum == EWOULDBLOCK)
			read_holder(*fd, holder, size);
		fd_abandon(fd);
		if (errnum == EWOULDBLOCK)
			return (ATTEMPT_HELD);
		if (errnum == EINTR)
			return (ATTEMPT_AGAIN);
		(void)error_system(error, KIND_STORAGE, errnum,
		    "cannot lock \"%s\"", path);
		return (ATTEMPT_FAILED);
	}
	/* The holder removes the file before it lets go, so that what we have
	 * locked may be a file without a name. */
	if (fstat(*fd, &ours) == 0 && stat(path, &there) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
		return (ATTEMPT_GOT);
	fd_abandon(fd);
	return (ATTEMPT_AGAIN);
}

/* 0 when locked. */
static int
wait_for_lock(const struct lock_request *request, struct lock *lock,
    struct error *error)
{
	struct deadline deadline = clock_deadline(request->wait_ms);
	char holder[256] = "unknown";
	unsigned again = 0;

	for (;;) {
		int64_t left;

		switch (try_lock(lock->path, &lock->fd, holder, sizeof(holder),
		    error)) {
		case ATTEMPT_GOT:
			return (0);
		case ATTEMPT_FAILED:
			return (-1);
		case ATTEMPT_AGAIN:
			if (again++ < AGAIN_MAX)
				continue;
			break;
		case ATTEMPT_HELD:
			break;
		}
		if (request->stop != NULL && request->stop(request->context))
			return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
			    "stopped while waiting for the lock \"%s\"",
			    lock->path));
		left = clock_left_ms(deadline);
		if (left == 0) {
			(void)error_set(error, KIND_LOCKED, ORIGIN_US, 0,
			    "another job holds the lock \"%s\": %s",
			    lock->path, holder);
			error_hint(error, "wait for it to end, or give more "
			    "time with --lock-wait");
			return (-1);
		}
		(void)poll(NULL, 0, left > 0 && left < LOOK_AGAIN_MS ?
		    (int)left : LOOK_AGAIN_MS);
	}
}

/* Path of the lock file; the folder of a database is made on the way. */
static char *
lock_path(const struct lock_request *request, struct error *error)
{
	char *folder = NULL;
	char *path = NULL;
	struct str text;

	str_init(&text);
	if (request->file != NULL) {
		folder = folder_parent(request->file, error);
		if (folder == NULL || folder_make(folder, error) != 0)
			goto out;
		str_addf(&text, "%s.lock", request->file);
	} else if (request->folder != NULL) {
		str_addf(&text, "%s/.lock", request->folder);
	} else {
		folder = store_database_folder(request->root, request->server,
		    request->database, error);
		if (folder == NULL || folder_make(folder, error) != 0)
			goto out;
		str_addf(&text, "%s/.lock", folder);
	}
	path = str_detach(&text, error);
out:
	free(folder);
	str_release(&text);
	return (path);
}

struct lock *
lock_acquire(const struct lock_request *request, struct error *error)
{
	struct lock *lock = NULL;
	int rc = -1;

	lock = calloc(1, sizeof(*lock));
	if (lock == NULL) {
		(void)error_memory(error);
		goto out;
	}
	lock->fd = -1;
	lock->path = lock_path(request, error);
	if (lock->path == NULL || wait_for_lock(request, lock, error) != 0)
		goto out;
	rc = write_holder(lock->fd, lock->path, request->what, error);
out:
	if (rc != 0) {
		lock_release(lock);
		lock = NULL;
	}
	return (lock);
}

void
lock_release(struct lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->fd >= 0)
		(void)unlink(lock->path);
	fd_abandon(&lock->fd);
	free(lock->path);
	free(lock);
}
