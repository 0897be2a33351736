/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/shmfork.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Guarded by lock. */
static int *known;
static size_t count, room;

static void
before_fork(void)
{
	(void)pthread_mutex_lock(&lock);
}

static void
after_in_parent(void)
{
	(void)pthread_mutex_unlock(&lock);
}

static void
after_in_child(void)
{
	size_t i;

	for (i = 0; i < count; i++)
		(void)close(known[i]);
	count = 0;
	(void)pthread_mutex_unlock(&lock);
}

static void
watch(void)
{
	(void)pthread_atfork(before_fork, after_in_parent, after_in_child);
}

int
port_shmfork_add(int fd)
{
	int code = 0;
	size_t wanted;
	int *grown;

	(void)pthread_once(&once, watch);
	(void)pthread_mutex_lock(&lock);
	if (count == room) {
		wanted = room == 0 ? 8 : 2 * room;
		grown = realloc(known, wanted * sizeof(*known));
		if (grown == NULL) {
			code = ENOMEM;
		} else {
			known = grown;
			room = wanted;
		}
	}
	if (code == 0)
		known[count++] = fd;
	(void)pthread_mutex_unlock(&lock);
	return (code);
}

void
port_shmfork_close(int fd)
{
	size_t i;

	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < count; i++) {
		if (known[i] != fd)
			continue;
		known[i] = known[--count];
		/* Under the lock: the number must not be another file's by
		 * the time a fork looks at the list. */
		(void)close(fd);
		break;
	}
	if (count == 0) {
		free(known);
		known = NULL;
		room = 0;
	}
	(void)pthread_mutex_unlock(&lock);
}
