/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/store.h"

#include "store/folder.h"
#include "store/manifest_json.h"
#include "store/path.h"
#include "store/sums.h"

#include "base/fd.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many backups of one database may start in the same second. */
#define SAME_SECOND_MAX 99u
/* How many leftovers of earlier runs are stepped over. */
#define LEFTOVERS_MAX 99u

struct store_target {
	bool single; /* the single-file form */
	bool has_manifest;
	bool committed;
	char *partial;
	char *final;
	enum manifest_type type; /* folders only */
	char *database;          /* folders only */
	bool made; /* the partial folder */
	unsigned count;
	char **paths;  /* one per stripe, under the partial name */
	char **finals; /* the same under the final name */
	char **names; /* inside the folder; the single file's own name */
};

char *
store_database_folder(const char *root, const char *server,
    const char *database, struct error *error)
{
	struct str path;
	char *folder = NULL;

	str_init(&path);
	str_addf(&path, "%s/", root);
	if (path_encode(&path, server, error) != 0)
		goto out;
	str_add(&path, "/");
	if (path_encode(&path, database, error) != 0)
		goto out;
	folder = str_detach(&path, error);
out:
	str_release(&path);
	return (folder);
}

int
store_probe(const char *root, const char *server, const char *database,
    uint64_t need, struct error *error)
{
	char *folder;
	int rc = -1;

	folder = store_database_folder(root, server, database, error);
	if (folder != NULL && folder_make(folder, error) == 0)
		rc = folder_probe(folder, need, error);
	error_context(error, "the store \"%s\" cannot be used", root);
	free(folder);
	return (rc);
}

/* A backup is never replaced. */
static int
check_free_name(const char *file, struct error *error)
{
	int there = folder_has(file, error);

	if (there <= 0)
		return (there);
	(void)error_set(error, KIND_STORAGE, ORIGIN_SYSTEM, EEXIST,
	    "\"%s\" is there already", file);
	error_hint(error, "a backup is never replaced; move it away or choose "
	    "another name");
	return (-1);
}

int
store_probe_file(const char *file, uint64_t need, struct error *error)
{
	char *parent = NULL;
	int rc = -1;

	if (file[0] == '\0' || file[strlen(file) - 1] == '/') {
		rc = error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not the name of a file", file);
		goto out;
	}
	parent = folder_parent(file, error);
	if (parent == NULL || folder_make(parent, error) != 0 ||
	    check_free_name(file, error) != 0 ||
	    folder_probe(parent, need, error) != 0)
		goto out;
	rc = 0;
out:
	error_context(error, "the target \"%s\" cannot be used", file);
	free(parent);
	return (rc);
}

/* Make the partial folder under the first number that is free. */
static int
make_partial(struct store_target *target, const char *parent,
    const struct store_plan *plan, struct error *error)
{
	struct path_folder name = { .started = plan->started,
		.type = plan->type };
	struct str path;
	int rc = -1;

	str_init(&path);
	for (name.number = 1; name.number <= SAME_SECOND_MAX; name.number++) {
		int there;

		free(target->final);
		free(target->partial);
		target->final = target->partial = NULL;
		str_clear(&path);
		str_addf(&path, "%s/", parent);
		path_add_folder(&path, &name);
		target->final = str_detach(&path, error);
		if (target->final == NULL)
			goto out;
		str_addf(&path, "%s" PATH_PARTIAL, target->final);
		target->partial = str_detach(&path, error);
		if (target->partial == NULL)
			goto out;
		there = folder_has(target->final, error);
		if (there < 0)
			goto out;
		if (there == 0 && mkdir(target->partial, 0700) == 0) {
			target->made = true;
			rc = fd_sync_parent(target->partial, error);
			goto out;
		}
		if (there == 0 && errno != EEXIST) {
			rc = error_system(error, KIND_STORAGE, errno,
			    "cannot make the folder \"%s\"", target->partial);
			goto out;
		}
	}
	rc = error_set(error, KIND_STORAGE, ORIGIN_US, 0,
	    "%u backups in \"%s\" started in the same second",
	    SAME_SECOND_MAX, parent);
out:
	str_release(&path);
	return (rc);
}

/* Paths of the stripes in a folder. */
static int
set_paths(const struct store_target *target, char **paths, const char *folder,
    struct error *error)
{
	struct str path;
	unsigned i;

	str_init(&path);
	for (i = 0; i < target->count; i++) {
		str_addf(&path, "%s/%s", folder, target->names[i]);
		paths[i] = str_detach(&path, error);
		if (paths[i] == NULL)
			break;
	}
	str_release(&path);
	return (i == target->count ? 0 : -1);
}

static struct store_target *
target_new(unsigned count, struct error *error)
{
	struct store_target *target = calloc(1, sizeof(*target));

	if (target != NULL) {
		target->paths = calloc(count, sizeof(*target->paths));
		target->finals = calloc(count, sizeof(*target->finals));
		target->names = calloc(count, sizeof(*target->names));
		target->count = count;
	}
	if (target == NULL || target->paths == NULL ||
	    target->finals == NULL || target->names == NULL) {
		(void)error_memory(error);
		store_target_free(target);
		return (NULL);
	}
	return (target);
}

struct store_target *
store_begin(const struct store_plan *plan, struct error *error)
{
	struct store_target *target = NULL;
	char name[PATH_STRIPE_ROOM];
	char *parent = NULL;
	unsigned i;
	int rc = -1;

	assert(plan->stripes >= 1 && plan->stripes <= MANIFEST_MAX_STRIPES);
	target = target_new(plan->stripes, error);
	if (target == NULL)
		goto out;
	target->type = plan->type;
	target->database = strdup(plan->database);
	for (i = 0; i < plan->stripes; i++) {
		path_stripe_name(name, i + 1, plan->stripes);
		target->names[i] = strdup(name);
		if (target->names[i] == NULL)
			break;
	}
	if (target->database == NULL || i < plan->stripes) {
		rc = error_memory(error);
		goto out;
	}
	parent = store_database_folder(plan->root, plan->server,
	    plan->database, error);
	if (parent == NULL || folder_make(parent, error) != 0 ||
	    folder_settle(parent, error) != 0 ||
	    make_partial(target, parent, plan, error) != 0 ||
	    set_paths(target, target->paths, target->partial, error) != 0 ||
	    set_paths(target, target->finals, target->final, error) != 0)
		goto out;
	rc = 0;
out:
	free(parent);
	if (rc != 0) {
		/* Empty; nobody will hear of it. */
		if (target != NULL && target->made)
			(void)rmdir(target->partial);
		store_target_free(target);
		target = NULL;
	}
	return (target);
}

/* The first partial name that nobody has left behind. */
static int
find_partial_name(struct str *partial, const char *file, struct error *error)
{
	unsigned number;

	for (number = 1; number <= LEFTOVERS_MAX; number++) {
		int there;

		str_clear(partial);
		str_add(partial, file);
		if (number > 1)
			str_addf(partial, ".%u", number);
		str_add(partial, PATH_PARTIAL);
		if (str_check(partial, error) != 0)
			return (-1);
		there = folder_has(partial->text, error);
		if (there <= 0)
			return (there);
	}
	(void)error_set(error, KIND_STORAGE, ORIGIN_SYSTEM, EEXIST,
	    "\"%s" PATH_PARTIAL "\" and %u more are there already", file,
	    LEFTOVERS_MAX - 1);
	error_hint(error, "earlier runs left them; 'vdibackup verify' tells "
	    "which of them are whole");
	return (-1);
}

struct store_target *
store_begin_file(const char *file, struct error *error)
{
	struct store_target *target = NULL;
	const char *slash = strrchr(file, '/');
	char *parent = folder_parent(file, error);
	struct str partial;

	str_init(&partial);
	if (parent == NULL || folder_settle(parent, error) != 0 ||
	    check_free_name(file, error) != 0 ||
	    find_partial_name(&partial, file, error) != 0)
		goto out;
	target = target_new(1, error);
	if (target == NULL)
		goto out;
	target->single = true;
	target->final = strdup(file);
	target->partial = strdup(partial.text);
	target->paths[0] = strdup(partial.text);
	target->finals[0] = strdup(file);
	target->names[0] = strdup(slash != NULL ? slash + 1 : file);
	if (target->final == NULL || target->partial == NULL ||
	    target->paths[0] == NULL || target->finals[0] == NULL ||
	    target->names[0] == NULL) {
		(void)error_memory(error);
		store_target_free(target);
		target = NULL;
	}
out:
	free(parent);
	str_release(&partial);
	return (target);
}

static void
free_texts(char **texts, unsigned count)
{
	unsigned i;

	for (i = 0; texts != NULL && i < count; i++)
		free(texts[i]);
	free(texts);
}

void
store_target_free(struct store_target *target)
{
	if (target == NULL)
		return;
	free_texts(target->paths, target->count);
	free_texts(target->finals, target->count);
	free_texts(target->names, target->count);
	free(target->database);
	free(target->partial);
	free(target->final);
	free(target);
}

char *
store_target_end(struct store_target *target)
{
	char **kept = target->committed ? &target->final : &target->partial;
	char *path = *kept;

	*kept = NULL;
	store_target_free(target);
	return (path);
}

const char *
store_target_path(const struct store_target *target)
{
	return (target->committed ? target->final : target->partial);
}

const char *
store_target_final(const struct store_target *target)
{
	return (target->final);
}

const char *
store_target_stripe(const struct store_target *target, unsigned index)
{
	assert(index >= 1 && index <= target->count);
	return (target->committed ? target->finals[index - 1] :
	    target->paths[index - 1]);
}

const char *
store_target_stripe_name(const struct store_target *target, unsigned index)
{
	assert(index >= 1 && index <= target->count);
	return (target->names[index - 1]);
}

bool
store_target_has_manifest(const struct store_target *target)
{
	return (target->has_manifest);
}

/* That the manifest tells of this target, and the truth about its files. */
static int
check_files(const struct store_target *target, const struct manifest *m,
    struct error *error)
{
	struct stat st;
	unsigned i;

	assert(m->stripe_count == target->count);
	assert(target->single || m->type == target->type);
	assert(target->single || strcmp(m->database, target->database) == 0);
	for (i = 0; i < target->count; i++) {
		const struct manifest_stripe *stripe = &m->stripes[i];

		assert(strcmp(stripe->file, target->names[i]) == 0);
		if (stat(target->paths[i], &st) != 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot look at \"%s\"", target->paths[i]));
		if ((uint64_t)st.st_size != stripe->stored_bytes)
			return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "\"%s\" has %lld bytes, and %llu were written",
			    target->paths[i], (long long)st.st_size,
			    (unsigned long long)stripe->stored_bytes));
	}
	return (0);
}

static int
put_manifest(const struct store_target *target, const char *text,
    struct error *error)
{
	struct str path;
	int rc = -1;

	str_init(&path);
	str_addf(&path, "%s/" STORE_MANIFEST, target->partial);
	if (str_check(&path, error) == 0)
		rc = fd_replace_file(path.text, text, strlen(text), 0600,
		    error);
	str_release(&path);
	return (rc);
}

/*
 * Whatever ends this half-way leaves a folder that can be adopted, or none
 * with a manifest: sums that are not there refute nothing.
 */
static int
put_files(const struct store_target *target, const struct manifest *manifest,
    const char *text, struct error *error)
{
	size_t size = strlen(text);

	/* The manifest is the sign that the rest is there: it comes last. */
	if (!target->has_manifest)
		return (sums_write(target->partial, manifest, text, size,
		    error) != 0 ? -1 : put_manifest(target, text, error));
	if (sums_remove(target->partial, error) != 0 ||
	    put_manifest(target, text, error) != 0)
		return (-1);
	return (sums_write(target->partial, manifest, text, size, error));
}

int
store_write_manifest(struct store_target *target,
    const struct manifest *manifest, struct error *error)
{
	char *text = NULL;
	int rc = -1;

	assert(!target->committed);
	/* The encoder checks the manifest as a whole; its files are ours. */
	text = manifest_json_encode(manifest, error);
	if (text != NULL && check_files(target, manifest, error) == 0)
		rc = target->single ?
		    fd_sync_parent(target->partial, error) :
		    put_files(target, manifest, text, error);
	if (rc == 0)
		target->has_manifest = true;
	else
		error_context(error, "the manifest of \"%s\"",
		    target->partial);
	free(text);
	return (rc);
}

int
store_commit(struct store_target *target, struct error *error)
{
	bool renamed;
	int rc;

	assert(target->has_manifest && !target->committed);
	rc = folder_rename(target->partial, target->final, &renamed, error);
	/* Renamed but not synced is an error, yet the new name is there. */
	target->committed = renamed;
	return (rc);
}

/* Whether the partial folder holds a manifest; -1: cannot tell. */
static int
has_manifest_file(const struct store_target *target, struct error *error)
{
	struct str path;
	int there = -1;

	str_init(&path);
	str_addf(&path, "%s/" STORE_MANIFEST, target->partial);
	if (str_check(&path, error) == 0)
		there = folder_has(path.text, error);
	str_release(&path);
	return (there);
}

int
store_discard(struct store_target *target, struct error *error)
{
	int there = 0;

	assert(!target->committed);
	/* Writing the manifest may have failed after it was put in place. */
	if (!target->single && !target->has_manifest)
		there = has_manifest_file(target, error);
	if (there < 0)
		return (-1);
	if (target->has_manifest || there > 0) {
		(void)error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "\"%s\" holds a finished transfer and is not removed",
		    target->partial);
		return (-1);
	}
	if (!target->single)
		return (folder_remove(target->partial, error));
	if (unlink(target->partial) != 0 && errno != ENOENT)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot remove \"%s\"", target->partial));
	return (fd_sync_parent(target->partial, error));
}
