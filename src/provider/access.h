/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVIDER_ACCESS_H
#define PROVIDER_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether this process and SQL Server can use each other's shared memory on
 * Linux (spec 15.3): objects in /dev/shm that belong to the user and the
 * effective group of whoever makes them, the server's to mssql and mssql.
 *
 * The umask takes the group's rights from what a library makes, so the vendor's
 * sample clears it.  access_begin and access_end stand around every call that
 * may make an object, and leave the group its rights; others get none, since
 * what lies there is the database.  The umask is the whole process's: a file
 * that another thread makes meanwhile should have its mode said, as all of this
 * program's have, and a program that is started meanwhile inherits the umask: a
 * job starts its own before it makes its set.  Calls may overlap, in any
 * thread; the last one to end puts the umask back.
 */
void access_begin(void);
void access_end(void);

/* What there is to be seen of it. */
struct access_facts {
	int folder_errno;    /* why nothing can be made there; 0: it can */
	uint64_t free_bytes; /* of the folder's file system */
	bool is_owner;       /* this process runs as that user */
	bool is_root;
	bool has_group;      /* there is a group of that name */
	bool in_group;       /* and this process is in it */
};

#define ACCESS_FOLDER "/dev/shm"
#define ACCESS_OWNER "mssql"

/* Look at a folder, and at the user and group of a name. */
void access_look(struct access_facts *facts, const char *folder,
    const char *owner);

/* One sentence that says what to do about what is wrong with ACCESS_FOLDER or
 * ACCESS_OWNER, or "". */
void access_advise(const struct access_facts *facts, char *buffer,
    size_t size);

#endif
