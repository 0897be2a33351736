/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "help.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

struct file {
	char *path;
	char *data; /* NULL: a folder */
	size_t size;
};

struct image {
	struct file *files; /* in order of their paths, so folders first */
	size_t count;
};

struct image *
image_new(void)
{
	struct image *image = calloc(1, sizeof(*image));

	if (image == NULL)
		help_fail("out of memory");
	return (image);
}

void
image_add(struct image *image, const char *path, char *data, size_t size)
{
	image->files = help_more(image->files, image->count,
	    sizeof(*image->files));
	image->files[image->count++] = (struct file){
		.path = help_copy(path, strlen(path)),
		.data = data,
		.size = size };
}

static int
compare(const void *a, const void *b)
{
	const struct file *one = a;
	const struct file *two = b;

	return (strcmp(one->path, two->path));
}

void
image_sort(struct image *image)
{
	if (image->count > 0)
		qsort(image->files, image->count, sizeof(*image->files),
		    compare);
}

void
image_free(struct image *image)
{
	size_t i;

	for (i = 0; i < image->count; i++) {
		free(image->files[i].path);
		free(image->files[i].data);
	}
	free(image->files);
	free(image);
}

uint64_t
image_hash(const struct image *image, const char *below)
{
	size_t length = below != NULL ? strlen(below) : 0;
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < image->count; i++) {
		const struct file *file = &image->files[i];

		if (length > 0 && strncmp(file->path, below, length) != 0)
			continue;
		hash = XXH64(file->path, strlen(file->path) + 1, hash);
		if (file->data != NULL)
			hash = XXH64(file->data, file->size, hash + 1);
	}
	return (hash);
}

void
image_write(const struct image *image, const char *folder)
{
	char path[8192];
	size_t i;

	if (mkdir(folder, 0700) != 0)
		help_fail("cannot make \"%s\": %s", folder, strerror(errno));
	for (i = 0; i < image->count; i++) {
		const struct file *file = &image->files[i];
		int fd;

		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    file->path);
		if (file->data == NULL) {
			if (mkdir(path, 0700) != 0)
				help_fail("cannot make \"%s\": %s", path,
				    strerror(errno));
			continue;
		}
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, file->data, file->size) !=
		    (ssize_t)file->size || close(fd) != 0)
			help_fail("cannot write \"%s\": %s", path,
			    strerror(errno));
	}
}

static const struct file *
find(const struct image *image, const char *path)
{
	size_t i;

	for (i = 0; i < image->count; i++)
		if (strcmp(image->files[i].path, path) == 0)
			return (&image->files[i]);
	return (NULL);
}

bool
image_has(const struct image *image, const char *path)
{
	return (find(image, path) != NULL);
}

void
image_each(const struct image *image,
    bool (*each)(void *context, const char *path, bool is_folder),
    void *context)
{
	size_t i;

	for (i = 0; i < image->count; i++)
		if (!each(context, image->files[i].path,
		    image->files[i].data == NULL))
			return;
}

/* nftw has no context. */
static struct {
	const struct image *image;
	size_t folder_length;
	size_t seen;
	bool same;
} walk;

static bool
is_same(const struct file *file, const char *path, const struct stat *st)
{
	char *data = malloc((size_t)st->st_size + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool same = false;

	if (data != NULL && fd >= 0 && (size_t)st->st_size == file->size &&
	    read(fd, data, file->size) == (ssize_t)file->size)
		same = memcmp(data, file->data, file->size) == 0;
	if (fd >= 0)
		(void)close(fd);
	free(data);
	return (same);
}

static int
compare_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	const struct file *file;

	if (where->level == 0)
		return (0);
	walk.seen++;
	file = find(walk.image, path + walk.folder_length + 1);
	if (file != NULL && (file->data == NULL) == (type == FTW_D) &&
	    (type == FTW_D || is_same(file, path, st)))
		return (0);
	fprintf(stderr, "replay: the log does not lead to \"%s\"\n", path);
	walk.same = false;
	return (0);
}

bool
image_is_at(const struct image *image, const char *folder)
{
	walk.image = image;
	walk.folder_length = strlen(folder);
	walk.seen = 0;
	walk.same = true;
	if (nftw(folder, compare_one, 16, FTW_PHYS) != 0)
		help_fail("cannot read \"%s\"", folder);
	if (walk.same && walk.seen != image->count) {
		fprintf(stderr, "replay: the log leads to more than there "
		    "is\n");
		walk.same = false;
	}
	return (walk.same);
}
