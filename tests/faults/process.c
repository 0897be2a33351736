/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "preload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is neither a file nor memory by the byte: mappings, processes,
 * threads, random numbers, waits. */

#define FAIL(kind, fd, path, result)                                   \
	do {                                                           \
		int errnum_;                                           \
		if (FAILS(kind, fd, path, &errnum_)) {                 \
			errno = errnum_;                               \
			return (result);                               \
		}                                                      \
	} while (0)

/* These say what is wrong in their result. */
#define FAIL_RESULT(kind)                                              \
	do {                                                           \
		int errnum_;                                           \
		if (FAILS(kind, -1, NULL, &errnum_))                   \
			return (errnum_);                              \
	} while (0)

void *
mmap(void *base, size_t size, int protection, int flags, int fd, off_t offset)
{
	REAL(mmap);
	FAIL(NTH_MAP, fd, NULL, MAP_FAILED);
	return (real(base, size, protection, flags, fd, offset));
}

int
madvise(void *base, size_t size, int advice)
{
	REAL(madvise);
	FAIL(NTH_ADVICE, -1, NULL, -1);
	return (real(base, size, advice));
}

int
shm_open(const char *name, int flags, mode_t mode)
{
	REAL(shm_open);
	FAIL(NTH_SHM, -1, name, -1);
	return (real(name, flags, mode));
}

int
shm_unlink(const char *name)
{
	REAL(shm_unlink);
	FAIL(NTH_SHM, -1, name, -1);
	return (real(name));
}

int
pipe2(int ends[2], int flags)
{
	REAL(pipe2);
	FAIL(NTH_SPAWN, -1, NULL, -1);
	return (real(ends, flags));
}

int
posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr,
    char *const argv[], char *const envp[])
{
	REAL(posix_spawn);
	FAIL_RESULT(NTH_SPAWN);
	return (real(pid, path, actions, attr, argv, envp));
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*run)(void *), void *context)
{
	REAL(pthread_create);
	FAIL_RESULT(NTH_THREAD);
	return (real(thread, attr, run, context));
}

/* AddressSanitizer asks for the stack of each thread, and cannot do without an
 * answer. */
int
pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
	int rc;

	REAL(pthread_getattr_np);
	preload_pause();
	rc = real(thread, attr);
	preload_resume();
	return (rc);
}

ssize_t
getrandom(void *data, size_t size, unsigned flags)
{
	int errnum;

	REAL(getrandom);
	if (FAILS(NTH_RANDOM, -1, NULL, &errnum)) {
		if (errnum != NTH_SHORT) {
			errno = errnum;
			return (-1);
		}
		size = (size + 1) / 2;
	}
	return (real(data, size, flags));
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	REAL(poll);
	FAIL(NTH_WAIT, -1, NULL, -1);
	return (real(fds, count, timeout));
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	REAL(waitpid);
	FAIL(NTH_WAIT, -1, NULL, -1);
	return (real(pid, status, options));
}

/* Those that the C library has no function for: descriptors of processes,
 * and waits on a word of memory. */
long
syscall(long number, ...)
{
	va_list args;
	long a[6];
	int i;

	REAL(syscall);
	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
#ifdef SYS_pidfd_open
	if (number == SYS_pidfd_open)
		FAIL(NTH_SPAWN, -1, NULL, -1);
#endif
#ifdef SYS_futex
	if (number == SYS_futex)
		FAIL(NTH_WAIT, -1, NULL, -1);
#endif
	return (real(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}
