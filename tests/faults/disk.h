/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULTS_DISK_H
#define FAULTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A disk as a loss of power may find it: what is in the files and folders now,
 * what of it is durable, and what it may look like afterwards.
 *
 * Durable is what POSIX promises and no more.  A file's content is what it was
 * at its last sync.  A name in a folder is what it was at the folder's last
 * sync, whatever was synced of the file that it names; each change of a name
 * since then may have survived on its own, or not.
 *
 * Paths are relative to the folder that was recorded, which is ".".  One
 * thread; where something does not fit, the program ends with a message: the
 * log is ours.
 */

struct disk;

struct disk *disk_new(void);
void disk_free(struct disk *disk);

/* Present and durable from the start; data is copied, NULL for a folder. */
void disk_add(struct disk *disk, uintmax_t inode, const char *path,
    const void *data, size_t size);
void disk_create(struct disk *disk, uintmax_t inode, const char *path,
    bool is_folder);
void disk_write(struct disk *disk, uintmax_t inode, uint64_t offset,
    const void *data, size_t size);
void disk_resize(struct disk *disk, uintmax_t inode, uint64_t size);
void disk_sync(struct disk *disk, uintmax_t inode);
void disk_rename(struct disk *disk, const char *from, const char *to);
void disk_remove(struct disk *disk, const char *path);

/* What becomes of data that was not synced. */
enum disk_data {
	DISK_LOST,  /* the file is as it was at its last sync */
	DISK_ZERO,  /* it has its size, and zeros for what was not synced */
	DISK_TORN,  /* the first half of that is there, zeros for the rest */
	DISK_KEPT,  /* all is there */
	DISK_DATA_COUNT
};

/* Changes of names that are not durable yet. */
size_t disk_change_count(const struct disk *disk);
/* Whether any file has data that were not synced. */
bool disk_is_dirty(const struct disk *disk);

/*
 * What is on the disk after a loss of power in which those of the changes
 * survived whose bit is set, as an image of its own.
 */
struct image;

#define DISK_CHANGES_MAX 64
struct image *disk_lose_power(const struct disk *disk, uint64_t survivors,
    enum disk_data data);
void image_free(struct image *image);

/* The same for images with the same files below a path (NULL: all). */
uint64_t image_hash(const struct image *image, const char *below);
/* Put it below a folder, which must not be there. */
void image_write(const struct image *image, const char *folder);
/* Whether it is what lies below a folder; says on stderr what is not. */
bool image_is_at(const struct image *image, const char *folder);
/* Each path, folders first; stops where each returns false. */
void image_each(const struct image *image,
    bool (*each)(void *context, const char *path, bool is_folder),
    void *context);
bool image_has(const struct image *image, const char *path);

#endif
