/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/store.h"

#include "store/folder.h"
#include "store/manifest_json.h"
#include "store/path.h"
#include "store/sums.h"

#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A copy of path without slashes at its end, owned by the caller. */
static char *
trimmed(const char *path, struct error *error)
{
	size_t length = strlen(path);
	struct str copy;

	while (length > 1 && path[length - 1] == '/')
		length--;
	str_init(&copy);
	str_add_bytes(&copy, path, length);
	return (str_detach(&copy, error));
}

static bool
ends_in(const char *text, const char *ending)
{
	size_t length = strlen(text);
	size_t least = strlen(ending);

	return (length >= least &&
	    strcmp(text + length - least, ending) == 0);
}

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash != NULL ? slash + 1 : path);
}

int
store_is_backup_folder(const char *path, struct error *error)
{
	struct path_folder name;
	char *copy;
	int is;

	is = folder_is(path, error);
	if (is <= 0)
		return (is);
	copy = trimmed(path, error);
	if (copy == NULL)
		return (-1);
	is = path_parse_folder(last_part(copy), &name) == 0;
	free(copy);
	return (is);
}

static int
read_manifest(struct store_backup *backup, struct error *error)
{
	struct str path;
	char *text = NULL;
	size_t size = 0;
	int there;
	int rc = -1;

	str_init(&path);
	str_addf(&path, "%s/" STORE_MANIFEST, backup->folder);
	if (str_check(&path, error) != 0)
		goto out;
	there = folder_has(path.text, error);
	if (there < 0)
		goto out;
	if (there == 0) {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" holds no \"%s\": it is not a finished backup",
		    backup->folder, STORE_MANIFEST);
		goto out;
	}
	if (fd_read_file(path.text, MANIFEST_JSON_MAX, &text, &size,
	    error) != 0)
		goto out;
	if (sums_check(backup->folder, text, size, error) != 0)
		goto out;
	if (manifest_json_decode(&backup->manifest, text, size, error) != 0) {
		error_context(error, "manifest \"%s\"", path.text);
		goto out;
	}
	rc = 0;
out:
	free(text);
	str_release(&path);
	return (rc);
}

static int
name_stripes(struct store_backup *backup, struct error *error)
{
	size_t count = backup->manifest.stripe_count;
	struct str path;
	size_t i;

	backup->stripes = calloc(count, sizeof(*backup->stripes));
	if (backup->stripes == NULL)
		return (error_memory(error));
	str_init(&path);
	for (i = 0; i < count; i++) {
		str_addf(&path, "%s/%s", backup->folder,
		    backup->manifest.stripes[i].file);
		backup->stripes[i] = str_detach(&path, error);
		if (backup->stripes[i] == NULL)
			break;
	}
	str_release(&path);
	return (i == count ? 0 : -1);
}

int
store_check_stripe(const struct store_backup *backup, unsigned index,
    struct error *error)
{
	const struct manifest_stripe *stripe =
	    &backup->manifest.stripes[index - 1];
	const char *path = backup->stripes[index - 1];
	struct stat st;

	if (stat(path, &st) != 0) {
		int errnum = errno;

		(void)error_system(error,
		    errnum == ENOENT ? KIND_INTEGRITY : KIND_STORAGE, errnum,
		    "stripe %u of %zu: cannot look at \"%s\"", index,
		    backup->manifest.stripe_count, path);
		if (errnum == ENOENT)
			error_hint(error, "every stripe is needed: bring the "
			    "file back, or use another backup");
		return (-1);
	}
	if (!S_ISREG(st.st_mode))
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "stripe %u of %zu: \"%s\" is not a regular file", index,
		    backup->manifest.stripe_count, path));
	if ((uint64_t)st.st_size != stripe->stored_bytes) {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "stripe %u of %zu: \"%s\" has %lld bytes, and the "
		    "manifest says %llu", index,
		    backup->manifest.stripe_count, path,
		    (long long)st.st_size,
		    (unsigned long long)stripe->stored_bytes);
		error_hint(error, "get the file from another copy, or use "
		    "another backup");
		return (-1);
	}
	return (0);
}

static int
check_stage(const char *folder, unsigned flags, struct error *error)
{
	if (ends_in(folder, PATH_EXPIRED)) {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" is what is left of a removed backup", folder);
		return (-1);
	}
	if (!ends_in(folder, PATH_PARTIAL) || (flags & STORE_OPEN_PARTIAL))
		return (0);
	(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "\"%s\" is a backup that was not completed", folder);
	error_hint(error, "'vdibackup adopt %s' makes a backup of it if it "
	    "is whole", folder);
	return (-1);
}

struct store_backup *
store_open(const char *folder, unsigned flags, struct error *error)
{
	struct store_backup *backup = NULL;
	struct stat st;
	unsigned i;
	int rc = -1;

	backup = calloc(1, sizeof(*backup));
	if (backup == NULL) {
		(void)error_memory(error);
		goto out;
	}
	manifest_init(&backup->manifest);
	backup->folder = trimmed(folder, error);
	if (backup->folder == NULL)
		goto out;
	if (stat(backup->folder, &st) != 0) {
		(void)error_system(error, KIND_STORAGE, errno,
		    "cannot open the backup \"%s\"", backup->folder);
		goto out;
	}
	if (!S_ISDIR(st.st_mode)) {
		(void)error_set(error, KIND_STORAGE, ORIGIN_SYSTEM, ENOTDIR,
		    "\"%s\" is not a backup's folder", backup->folder);
		goto out;
	}
	if (check_stage(backup->folder, flags, error) != 0 ||
	    read_manifest(backup, error) != 0 ||
	    name_stripes(backup, error) != 0)
		goto out;
	backup->partial = ends_in(backup->folder, PATH_PARTIAL);
	if (!(flags & STORE_OPEN_UNCHECKED))
		for (i = 1; i <= backup->manifest.stripe_count; i++)
			if (store_check_stripe(backup, i, error) != 0)
				goto out;
	rc = 0;
out:
	if (rc != 0) {
		store_backup_free(backup);
		backup = NULL;
	}
	return (backup);
}

void
store_backup_free(struct store_backup *backup)
{
	size_t i;

	if (backup == NULL)
		return;
	if (backup->stripes != NULL)
		for (i = 0; i < backup->manifest.stripe_count; i++)
			free(backup->stripes[i]);
	free(backup->stripes);
	free(backup->folder);
	manifest_release(&backup->manifest);
	free(backup);
}

static int
compare_files(const void *a, const void *b)
{
	const struct store_file *one = a;
	const struct store_file *two = b;

	return (one->index < two->index ? -1 : one->index > two->index);
}

int
store_order_files(struct store_file *files, size_t count, struct error *error)
{
	size_t i;

	if (count == 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "no file was given"));
	for (i = 0; i < count; i++) {
		if (files[i].index < 1 || files[i].index > files[i].count)
			return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "\"%s\" calls itself stripe %u of %u",
			    files[i].path, files[i].index, files[i].count));
		if (memcmp(files[i].id, files[0].id, 16) != 0 ||
		    files[i].count != files[0].count)
			return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "\"%s\" and \"%s\" belong to different backups",
			    files[0].path, files[i].path));
	}
	qsort(files, count, sizeof(*files), compare_files);
	for (i = 1; i < count; i++)
		if (files[i].index == files[i - 1].index)
			return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "\"%s\" and \"%s\" are both stripe %u",
			    files[i - 1].path, files[i].path,
			    files[i].index));
	for (i = 0; i < files[0].count; i++)
		if (i == count || files[i].index != i + 1) {
			(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "stripe %zu of %u is missing", i + 1,
			    files[0].count);
			error_hint(error, "every stripe is needed: name all "
			    "%u files", files[0].count);
			return (-1);
		}
	return (0);
}

char *
store_stage_path(const char *folder, enum path_stage stage,
    struct error *error)
{
	struct path_folder name;
	const char *last;
	char *path;
	struct str to;

	path = trimmed(folder, error);
	if (path == NULL)
		return (NULL);
	last = last_part(path);
	str_init(&to);
	if (path_parse_folder(last, &name) != 0) {
		(void)error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not the name of a backup's folder", path);
		free(path);
		return (NULL);
	}
	name.stage = stage;
	str_add_bytes(&to, path, (size_t)(last - path));
	path_add_folder(&to, &name);
	free(path);
	return (str_detach(&to, error));
}

/* Sums that are not there, because the job ended while it replaced them, are
 * made for the manifest that is. */
static int
complete_sums(const struct store_backup *backup, struct error *error)
{
	struct str path;
	char *text = NULL;
	size_t size = 0;
	int there;
	int rc = -1;

	str_init(&path);
	str_addf(&path, "%s/" STORE_SUMS, backup->folder);
	if (str_check(&path, error) != 0)
		goto out;
	there = folder_has(path.text, error);
	if (there != 0) {
		rc = there > 0 ? 0 : -1;
		goto out;
	}
	str_clear(&path);
	str_addf(&path, "%s/" STORE_MANIFEST, backup->folder);
	if (str_check(&path, error) == 0 &&
	    fd_read_file(path.text, MANIFEST_JSON_MAX, &text, &size,
	        error) == 0)
		rc = sums_write(backup->folder, &backup->manifest, text, size,
		    error);
out:
	free(text);
	str_release(&path);
	return (rc);
}

int
store_adopt(const char *folder, char **final, struct error *error)
{
	struct store_backup *backup = NULL;
	char *to = NULL;
	bool renamed;
	int rc = -1;

	backup = store_open(folder, STORE_OPEN_PARTIAL, error);
	if (backup == NULL)
		goto out;
	if (!backup->partial) {
		(void)error_set(error, KIND_NOTHING, ORIGIN_US, 0,
		    "\"%s\" is a complete backup already", backup->folder);
		goto out;
	}
	to = store_stage_path(backup->folder, PATH_FINAL, error);
	if (to == NULL || complete_sums(backup, error) != 0 ||
	    folder_rename(backup->folder, to, &renamed, error) != 0)
		goto out;
	if (final != NULL) {
		*final = to;
		to = NULL;
	}
	rc = 0;
out:
	error_context(error, "cannot adopt \"%s\"", folder);
	free(to);
	store_backup_free(backup);
	return (rc);
}

int
store_remove(const char *folder, struct error *error)
{
	char *from = NULL;
	char *to = NULL;
	bool renamed;
	int rc = -1;

	from = trimmed(folder, error);
	if (from == NULL)
		goto out;
	to = store_stage_path(from, PATH_REMOVING, error);
	if (to == NULL)
		goto out;
	if (strcmp(from, to) != 0 &&
	    folder_rename(from, to, &renamed, error) != 0)
		goto out;
	rc = folder_remove(to, error);
out:
	error_context(error, "cannot remove the backup \"%s\"", folder);
	free(to);
	free(from);
	return (rc);
}
