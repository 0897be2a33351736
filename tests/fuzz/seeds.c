/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * fuzz-seeds FOLDER: inputs for the fuzz targets that our own writers make,
 * as FOLDER/TARGET/NAME.
 */

#include "seeds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *folder;

void
seeds_fail(const char *what)
{
	(void)fprintf(stderr, "fuzz-seeds: %s\n", what);
	exit(1);
}

static void
make_folder(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		seeds_fail(path);
}

void
seeds_path(struct str *path, const char *target, const char *name)
{
	str_addf(path, "%s/%s", folder, target);
	SEEDS_MUST(str_check(path, NULL) == 0);
	make_folder(path->text);
	str_addf(path, "/%s", name);
	SEEDS_MUST(str_check(path, NULL) == 0);
}

void
seeds_put(const char *target, const char *name, const void *data, size_t size)
{
	struct str path;
	FILE *file;

	str_init(&path);
	seeds_path(&path, target, name);
	file = fopen(path.text, "wb");
	SEEDS_MUST(file != NULL);
	SEEDS_MUST(fwrite(data, 1, size, file) == size);
	SEEDS_MUST(fclose(file) == 0);
	str_release(&path);
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: fuzz-seeds FOLDER\n");
		return (2);
	}
	folder = argv[1];
	make_folder(folder);
	seeds_stripes();
	seeds_manifests();
	seeds_streams();
	seeds_restores();
	seeds_logs();
	seeds_programs();
	return (0);
}
