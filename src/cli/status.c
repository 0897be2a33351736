/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/status.h"

#include <string.h>

static const struct {
	int status;
	const char *name;
	const char *meaning;
} entries[] = {
#define STATUS(kind, status, name, meaning) [kind] = { status, name, meaning },
#include "cli/status.def"
#undef STATUS
};

static const char *const origins[] = {
	[ORIGIN_US] = "us",
	[ORIGIN_SYSTEM] = "system",
	[ORIGIN_SERVER] = "server",
	[ORIGIN_VDI] = "vdi",
	[ORIGIN_CODEC] = "codec",
};

int
status_of(enum error_kind kind)
{
	return (entries[kind].status);
}

const char *
status_name(enum error_kind kind)
{
	return (entries[kind].name);
}

const char *
status_meaning(enum error_kind kind)
{
	return (entries[kind].meaning);
}

const char *
status_origin_name(enum error_origin origin)
{
	return (origins[origin]);
}

const char *
status_errno_name(long errnum)
{
#ifdef HAVE_STRERRORNAME_NP
	return (strerrorname_np((int)errnum));
#else
	(void)errnum;
	return (NULL);
#endif
}
