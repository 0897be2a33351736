/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "preload.h"

#include "record.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Static storage from the start: the first look at it may be malloc's own. */
static _Thread_local int paused
    __attribute__((tls_model("initial-exec")));
static bool active;
static char below[PRELOAD_PATH_ROOM];
static char side[PRELOAD_PATH_ROOM];

bool
preload_is_watching(void)
{
	return (active && paused == 0);
}

void
preload_pause(void)
{
	paused++;
}

void
preload_resume(void)
{
	paused--;
}

const char *
preload_below(void)
{
	return (below);
}

void
preload_find(const char *name, void *to, size_t size)
{
	void *found;

	preload_pause();
	found = dlsym(RTLD_NEXT, name);
	preload_resume();
	if (found == NULL)
		abort();
	memcpy(to, &found, size);
}

void
preload_tell(const char *format, ...)
{
	char line[2 * PRELOAD_PATH_ROOM];
	va_list args;
	int length;
	int saved = errno;
	long fd;

	if (side[0] == '\0')
		return;
	preload_pause();
	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* Past the C library, so that no other object is asked either. */
	fd = syscall(SYS_openat, AT_FDCWD, side,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || length < 0 || (size_t)length >= sizeof(line) ||
	    syscall(SYS_write, fd, line, (size_t)length) != length)
		abort();
	(void)syscall(SYS_close, fd);
	preload_resume();
	errno = saved;
}

bool
preload_path(int fd, const char *path, char to[PRELOAD_PATH_ROOM])
{
	char link[64];
	size_t length = strlen(below);
	size_t used = 0;
	int saved = errno;

	preload_pause();
	to[0] = '\0';
	if (path == NULL || (path[0] != '/' && fd >= 0)) {
		ssize_t n;

		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = fd < 0 ? 0 : readlink(link, to, PRELOAD_PATH_ROOM - 1);
		used = n > 0 ? (size_t)n : 0;
		to[used] = '\0';
	} else if (path[0] != '/' && getcwd(to, PRELOAD_PATH_ROOM) != NULL) {
		used = strlen(to);
	}
	if (path != NULL)
		(void)snprintf(to + used, PRELOAD_PATH_ROOM - used, "%s%s",
		    used > 0 ? "/" : "", path);
	preload_resume();
	errno = saved;
	return (length == 0 || (strncmp(to, below, length) == 0 &&
	    (to[length] == '/' || to[length] == '\0')));
}

static void
take(const char *name, char *to)
{
	const char *text = getenv(name);

	if (text != NULL)
		(void)snprintf(to, PRELOAD_PATH_ROOM, "%s", text);
}

__attribute__((constructor)) static void
begin(void)
{
	if (strcmp(program_invocation_short_name, "vdibackup") != 0)
		return;
	preload_pause();
	(void)unsetenv("LD_PRELOAD");
	take("FAULT_BELOW", below);
	take("FAULT_SIDE", side);
	nth_begin();
	record_begin();
	preload_resume();
	active = true;
}
