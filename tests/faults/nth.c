/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL "all"
/* Frames that tell one way to a call from another. */
#define FRAMES 8

static const char *const kind_names[NTH_KINDS] = {
	[NTH_WRITE] = "write",
	[NTH_SYNC] = "sync",
	[NTH_RENAME] = "rename",
	[NTH_REMOVE] = "remove",
	[NTH_OPEN] = "open",
	[NTH_MKDIR] = "mkdir",
	[NTH_CLOSE] = "close",
	[NTH_READ] = "read",
	[NTH_STAT] = "stat",
	[NTH_LOCK] = "lock",
	[NTH_MAP] = "map",
	[NTH_SHM] = "shm",
	[NTH_SIZE] = "size",
	[NTH_MODE] = "mode",
	[NTH_MEMORY] = "memory",
	[NTH_CRYPTO] = "crypto",
	[NTH_SPAWN] = "spawn",
	[NTH_THREAD] = "thread",
	[NTH_RANDOM] = "random",
	[NTH_ADVICE] = "advice",
	[NTH_WAIT] = "wait",
};

static const struct {
	const char *name;
	int errnum;
} errors[] = {
	{ "short", NTH_SHORT },
	{ "EACCES", EACCES },
	{ "EAGAIN", EAGAIN },
	{ "EDQUOT", EDQUOT },
	{ "EFBIG", EFBIG },
	{ "EINTR", EINTR },
	{ "EINVAL", EINVAL },
	{ "EIO", EIO },
	{ "EMFILE", EMFILE },
	{ "ENFILE", ENFILE },
	{ "ENOLCK", ENOLCK },
	{ "ENOMEM", ENOMEM },
	{ "ENOSPC", ENOSPC },
	{ "ENOSYS", ENOSYS },
	{ "EPERM", EPERM },
	{ "EROFS", EROFS },
};

static struct {
	bool counting;
	bool failing;
	bool tracing;
	bool all;
	enum nth_kind kind;
	const char *error_name;
	int errnum;
	unsigned long first;
	unsigned long last;
} plan;
static atomic_ulong counts[NTH_KINDS];

static void
refuse(const char *what)
{
	fprintf(stderr, "faults: cannot read \"%s\"\n", what);
	abort();
}

static void
parse_kind(const char *text, size_t length)
{
	for (plan.kind = 0; plan.kind < NTH_KINDS; plan.kind++)
		if (strlen(kind_names[plan.kind]) == length &&
		    strncmp(text, kind_names[plan.kind], length) == 0)
			return;
	refuse(text);
}

static void
parse_error(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strlen(errors[i].name) == length &&
		    strncmp(text, errors[i].name, length) == 0) {
			plan.error_name = errors[i].name;
			plan.errnum = errors[i].errnum;
			return;
		}
	refuse(text);
}

static void
parse_range(const char *text)
{
	char *end;

	plan.first = plan.last = strtoul(text, &end, 10);
	if (*end == '+') {
		unsigned long count = strtoul(end + 1, &end, 10);

		plan.last = count > 0 ? plan.first + count - 1 : ~0UL;
	}
	if (plan.first == 0 || *end != '\0')
		refuse(text);
}

void
nth_begin(void)
{
	const char *trace = getenv("FAULT_TRACE");
	const char *nth = getenv("FAULT_NTH");
	void *frame;

	if (trace != NULL) {
		plan.counting = plan.tracing = true;
		plan.all = strcmp(trace, ALL) == 0;
		if (!plan.all)
			parse_kind(trace, strlen(trace));
		/* The first use loads a library. */
		(void)backtrace(&frame, 1);
	} else if (nth != NULL) {
		const char *error = strchr(nth, ':');
		const char *range = error != NULL ? strchr(error + 1, ':') :
		    NULL;

		if (range == NULL)
			refuse(nth);
		else {
			parse_kind(nth, (size_t)(error - nth));
			parse_error(error + 1, (size_t)(range - error - 1));
			parse_range(range + 1);
			plan.counting = plan.failing = true;
		}
	}
}

/* object+offset, as addr2line wants it. */
static void
describe_site(const void *site, char *to, size_t size)
{
	Dl_info info;
	const char *slash;

	if (dladdr(site, &info) == 0 || info.dli_fname == NULL) {
		(void)snprintf(to, size, "?");
		return;
	}
	slash = strrchr(info.dli_fname, '/');
	(void)snprintf(to, size, "%s+%#tx",
	    slash != NULL ? slash + 1 : info.dli_fname,
	    (const char *)site - (const char *)info.dli_fbase);
}

/* libcrypto makes thousands of allocations when it is set up. */
static bool
is_crypto(const void *site)
{
	Dl_info info;
	bool is;

	preload_pause();
	is = dladdr(site, &info) != 0 && info.dli_fname != NULL &&
	    strstr(info.dli_fname, "/libcrypto.so") != NULL;
	preload_resume();
	return (is);
}

/* A number for the way that led to a call. */
static uint32_t
hash_way(void)
{
	void *frames[FRAMES + 3];
	uint32_t hash = 2166136261u;
	Dl_info info;
	int count;
	int i;

	count = backtrace(frames, FRAMES + 3);
	/* Less this function, nth_fails and the wrapper. */
	for (i = 3; i < count; i++) {
		uintptr_t offset = (uintptr_t)frames[i];

		if (dladdr(frames[i], &info) != 0)
			offset -= (uintptr_t)info.dli_fbase;
		hash = (hash ^ (uint32_t)offset) * 16777619u;
	}
	return (hash);
}

static void
trace_call(const struct nth_call *call, enum nth_kind kind, unsigned long n,
    const char *path)
{
	char site[256];

	preload_pause();
	describe_site(call->site, site, sizeof(site));
	preload_tell("call %s %lu %s %s %08x %s\n", kind_names[kind], n,
	    call->function, site, (unsigned)hash_way(), path);
	preload_resume();
}

bool
nth_fails(const struct nth_call *call, int *errnum)
{
	char path[PRELOAD_PATH_ROOM] = "";
	char site[256];
	enum nth_kind kind = call->kind;
	unsigned long n;

	if (!plan.counting || !preload_is_watching())
		return (false);
	if (kind == NTH_MEMORY && (plan.all || plan.kind == NTH_MEMORY ||
	    plan.kind == NTH_CRYPTO) && is_crypto(call->site))
		kind = NTH_CRYPTO;
	if (!plan.all && kind != plan.kind)
		return (false);
	if ((call->fd >= 0 || call->path != NULL || *preload_below() != 0) &&
	    !preload_path(call->fd, call->path, path))
		return (false);
	n = atomic_fetch_add(&counts[kind], 1) + 1;
	if (plan.tracing)
		trace_call(call, kind, n, path);
	if (!plan.failing || n < plan.first || n > plan.last)
		return (false);
	*errnum = plan.errnum;
	preload_pause();
	describe_site(call->site, site, sizeof(site));
	preload_tell("fired %s %lu %s %s %s %s\n", kind_names[kind], n,
	    call->function, plan.error_name, site, path);
	preload_resume();
	return (true);
}
