/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "run/room.h"

#include "base/clock.h"
#include "base/fd.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLICE_MS 50
#define CHUNK 65536

int
room_make(const char *parent, const char *name, char **path,
    struct error *error)
{
	char text[ROOM_PATH];

	if (parent == NULL)
		parent = getenv("TMPDIR");
	if (parent == NULL || parent[0] == '\0')
		parent = "/tmp";
	(void)snprintf(text, sizeof(text), "%s/vdibackup-%s-XXXXXX", parent,
	    name);
	if (mkdtemp(text) == NULL)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot make a folder in \"%s\"", parent));
	*path = strdup(text);
	return (*path != NULL ? 0 : error_memory(error));
}

static int
remove_entry(const char *path, const struct stat *status, int type,
    struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return (remove(path));
}

int
room_remove(const char *path, struct error *error)
{
	if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 ||
	    errno == ENOENT)
		return (0);
	return (error_system(error, KIND_STORAGE, errno,
	    "cannot remove \"%s\"", path));
}

bool
room_exists(const char *path)
{
	return (access(path, F_OK) == 0);
}

/* 1: the same so far and more may come; 0: all the same; -1: not. */
static int
compare_chunk(int fds[2], const char *paths[2], struct error *error)
{
	char chunks[2][CHUNK];
	size_t got[2];
	int i;

	for (i = 0; i < 2; i++)
		if (fd_read_all(fds[i], chunks[i], CHUNK, &got[i], paths[i],
		    error) != 0)
			return (-1);
	if (got[0] != got[1] || memcmp(chunks[0], chunks[1], got[0]) != 0)
		return (-1);
	return (got[0] == CHUNK ? 1 : 0);
}

bool
room_is_same(const char *path, const char *other, struct error *error)
{
	const char *paths[2] = { path, other };
	int fds[2] = { -1, -1 };
	int rc = 1;
	int i;

	for (i = 0; i < 2; i++) {
		fds[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] >= 0)
			continue;
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot open \"%s\"", paths[i]);
		break;
	}
	while (rc == 1)
		rc = compare_chunk(fds, paths, error);
	fd_abandon(&fds[0]);
	fd_abandon(&fds[1]);
	return (rc == 0);
}

/* A command line has its words divided by NUL. */
static bool
has_text(const char *name, const char *text)
{
	char words[8192];
	char path[64];
	size_t got = 0;
	size_t i;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/cmdline", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (false);
	IGNORE_RESULT(fd_read_all(fd, words, sizeof(words) - 1, &got, path,
	    NULL));
	fd_abandon(&fd);
	for (i = 0; i < got; i++)
		if (words[i] == '\0')
			words[i] = ' ';
	words[got] = '\0';
	return (strstr(words, text) != NULL);
}

static bool
is_quiet_now(const char *text)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	bool is_quiet = true;

	while (folder != NULL && is_quiet &&
	    (entry = readdir(folder)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]))
			is_quiet = !has_text(entry->d_name, text);
	if (folder != NULL)
		(void)closedir(folder);
	return (is_quiet);
}

bool
room_is_quiet(const char *text, int64_t wait_ms)
{
	struct deadline end = clock_deadline(wait_ms);

	while (!is_quiet_now(text)) {
		if (clock_has_passed(end))
			return (false);
		(void)poll(NULL, 0, SLICE_MS);
	}
	return (true);
}
