/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "provider/access.h"

#include "base/error.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What a container has of it, unless it is told otherwise (spec 15.3). */
#define SMALL_BYTES (64u << 20)
/* Of one entry of the password or group file. */
#define ENTRY_SIZE 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users; /* guarded by lock, as the next */
static mode_t before;

void
access_begin(void)
{
	(void)pthread_mutex_lock(&lock);
	if (users++ == 0)
		before = umask(S_IRWXO);
	(void)pthread_mutex_unlock(&lock);
}

void
access_end(void)
{
	(void)pthread_mutex_lock(&lock);
	if (--users == 0)
		(void)umask(before);
	(void)pthread_mutex_unlock(&lock);
}

static bool
is_in_group(gid_t group)
{
	gid_t *groups;
	bool found = getegid() == group;
	int count;

	count = getgroups(0, NULL);
	if (found || count <= 0)
		return (found);
	groups = calloc((size_t)count, sizeof(*groups));
	if (groups == NULL)
		return (false);
	/* Fewer than asked for, or -1: nothing more is known then. */
	count = getgroups(count, groups);
	while (count > 0)
		found = groups[--count] == group || found;
	free(groups);
	return (found);
}

static void
look_at_owner(struct access_facts *facts, const char *owner)
{
	struct passwd user;
	struct passwd *this_user = NULL;
	struct group group;
	struct group *this_group = NULL;
	char *room = malloc(ENTRY_SIZE);

	/* Without memory, nothing is known of it. */
	if (room == NULL)
		return;
	if (getpwnam_r(owner, &user, room, ENTRY_SIZE, &this_user) == 0 &&
	    this_user != NULL)
		facts->is_owner = user.pw_uid == geteuid();
	if (getgrnam_r(owner, &group, room, ENTRY_SIZE, &this_group) == 0 &&
	    this_group != NULL) {
		facts->has_group = true;
		facts->in_group = is_in_group(group.gr_gid);
	}
	free(room);
}

void
access_look(struct access_facts *facts, const char *folder, const char *owner)
{
	struct statvfs fs;

	*facts = (struct access_facts){ .free_bytes = UINT64_MAX };
	facts->is_root = geteuid() == 0;
	if (eaccess(folder, W_OK | X_OK) != 0)
		facts->folder_errno = errno;
	else if (statvfs(folder, &fs) == 0)
		facts->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	look_at_owner(facts, owner);
}

void
access_advise(const struct access_facts *facts, char *buffer, size_t size)
{
	char reason[128];

	buffer[0] = '\0';
	if (facts->folder_errno != 0)
		(void)snprintf(buffer, size, "the set's shared memory lies in "
		    ACCESS_FOLDER ", where this user cannot make a file (%s): "
		    "it should be a tmpfs of mode 1777",
		    error_reason(facts->folder_errno, reason,
		        sizeof(reason)));
	else if (facts->free_bytes < SMALL_BYTES)
		(void)snprintf(buffer, size, "the set's buffers lie in "
		    ACCESS_FOLDER ", where %llu MiB are free: enlarge it (in "
		    "a container with --shm-size 1g), or use fewer devices, "
		    "a smaller transfer size or a smaller buffer count",
		    (unsigned long long)(facts->free_bytes >> 20));
	else if (!facts->has_group || facts->is_owner)
		return;
	else if (facts->is_root)
		(void)snprintf(buffer, size, "the server, which runs as "
		    ACCESS_OWNER ", may not use what root has made: run this "
		    "program as that user, with 'runuser -u " ACCESS_OWNER
		    "' or 'sudo -u " ACCESS_OWNER "'");
	else if (!facts->in_group)
		(void)snprintf(buffer, size, "this user is not in the group "
		    ACCESS_OWNER ", which the server's shared memory belongs "
		    "to: run this program as user " ACCESS_OWNER ", or put "
		    "this user into that group and " ACCESS_OWNER " into this "
		    "user's, and restart the server");
}
