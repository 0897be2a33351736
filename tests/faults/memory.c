/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "preload.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Memory.  Where the real functions are is asked of the dynamic linker, which
 * may want memory itself: it gets some of a small store that is never given
 * back.  Under AddressSanitizer the real functions are those of its library.
 */

static _Alignas(16) char early[8192];
static size_t early_used;

static void *
early_get(size_t size)
{
	void *got = early + early_used;

	size = (size + 15) / 16 * 16;
	if (size > sizeof(early) - early_used)
		abort();
	early_used += size;
	return (got);
}

static bool
is_early(const void *memory)
{
	return ((uintptr_t)memory >= (uintptr_t)early &&
	    (uintptr_t)memory < (uintptr_t)early + sizeof(early));
}

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
} real;
static bool is_finding;
static void *freed_meanwhile;

#define FIND(name) preload_find(#name, &real.name, sizeof(real.name))

/* All at once, by the first call of all, which comes before there are
 * threads. */
static void
find(void)
{
	is_finding = true;
	FIND(malloc);
	FIND(calloc);
	FIND(realloc);
	FIND(free);
	FIND(posix_memalign);
	FIND(aligned_alloc);
	is_finding = false;
	real.free(freed_meanwhile);
}

/* Whether the real functions are known; they are not while they are looked
 * for. */
static bool
is_found(void)
{
	if (real.malloc == NULL && !is_finding)
		find();
	return (!is_finding);
}

void *
malloc(size_t size)
{
	int errnum;

	if (!is_found())
		return (early_get(size));
	if (FAILS(NTH_MEMORY, -1, NULL, &errnum)) {
		errno = errnum;
		return (NULL);
	}
	return (real.malloc(size));
}

void *
calloc(size_t count, size_t size)
{
	int errnum;

	if (!is_found())
		return (early_get(count * size));
	if (FAILS(NTH_MEMORY, -1, NULL, &errnum)) {
		errno = errnum;
		return (NULL);
	}
	return (real.calloc(count, size));
}

void *
realloc(void *memory, size_t size)
{
	void *moved;
	int errnum;

	if (!is_found())
		return (memory == NULL ? early_get(size) : NULL);
	if (is_early(memory)) {
		size_t room = (size_t)(early + sizeof(early) -
		    (char *)memory);

		moved = malloc(size);
		if (moved != NULL)
			memcpy(moved, memory, size < room ? size : room);
		return (moved);
	}
	if (FAILS(NTH_MEMORY, -1, NULL, &errnum)) {
		errno = errnum;
		return (NULL);
	}
	return (real.realloc(memory, size));
}

void
free(void *memory)
{
	if (memory == NULL || is_early(memory))
		return;
	if (is_found())
		real.free(memory);
	else if (freed_meanwhile == NULL)
		freed_meanwhile = memory;
	else
		abort();
}

int
posix_memalign(void **memory, size_t alignment, size_t size)
{
	int errnum;

	(void)is_found();
	if (FAILS(NTH_MEMORY, -1, NULL, &errnum))
		return (errnum);
	return (real.posix_memalign(memory, alignment, size));
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	int errnum;

	(void)is_found();
	if (FAILS(NTH_MEMORY, -1, NULL, &errnum)) {
		errno = errnum;
		return (NULL);
	}
	return (real.aligned_alloc(alignment, size));
}
