/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_LOOK_H
#define TEST_CRASH_LOOK_H

#include "room.h"
#include "scene.h"

/*
 * What must be true after a kill, whatever was killed and when.  Everything
 * that is not so becomes a problem of the scene.
 */

/*
 * A store: `list` reads it; what is complete verifies, and restores to what
 * the database of its name was; what is adoptable becomes a backup and is
 * held to the same; what is unfinished is refused with a reason and stays;
 * nothing else is there.  Returns how many backups it has then.
 */
unsigned look_at_store(struct scene *scene, const char *store);

/* The next backup of that database works, restores, and leaves no lock, no
 * file that is not a backup's, and no shared memory. */
void look_at_next_backup(struct scene *scene, const char *store,
    enum sample sample);

/* The same for the single-file form: FILE, if it is there, is whole. */
void look_at_file(struct scene *scene, const char *file, enum sample sample);

/* What a restored database may have been before. */
enum look_old {
	LOOK_OLD_NONE,
	LOOK_OLD_SAMPLE, /* SAMPLE_TWO's file */
	LOOK_OLD_WAL     /* room_copy_wal */
};

/* The database is the old one or what the backup holds; nobody is at work on
 * it any more. */
void look_at_database(struct scene *scene, const char *path,
    enum look_old old, enum sample sample);

/* The next restore of that backup works, and leaves only the database. */
void look_at_next_restore(struct scene *scene, const char *path,
    const char *backup, enum sample sample);

/* No name of ours in shared memory, once other tests beside this one had
 * their time. */
void look_at_memory(struct scene *scene);

#endif
