/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/scan.h"

#include "store/folder.h"
#include "store/store.h"

#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* More than anybody keeps, and a bound for a folder that is not a store. */
#define ENTRIES_MAX 1000000u
#define ID_DIGITS_MIN 8u

static const char *const state_names[] = { "complete", "adoptable",
	"unfinished", "expired", "broken" };

const char *
scan_state_name(enum scan_state state)
{
	return (state_names[state]);
}

static void
entry_release(struct scan_entry *entry)
{
	free(entry->folder);
	free(entry->server);
	free(entry->database);
	if (entry->manifest != NULL)
		manifest_release(entry->manifest);
	free(entry->manifest);
}

void
scan_release(struct scan *scan)
{
	size_t i;

	for (i = 0; i < scan->count; i++)
		entry_release(&scan->entries[i]);
	free(scan->entries);
	scan->entries = NULL;
	scan->count = 0;
}

/* Sizes of what lies in the folder under the stripes' ending. */
static uint64_t
stored_bytes(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;
	uint64_t sum = 0;

	if (dir == NULL)
		return (0);
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "stripe-", 7) == 0 &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
	(void)closedir(dir);
	return (sum);
}

/* The name that a component of the path stands for, or the component. */
static char *
decoded(const char *component, struct error *error)
{
	struct str name;

	str_init(&name);
	if (path_decode(&name, component) != 0) {
		str_clear(&name);
		str_add(&name, component);
	}
	return (str_detach(&name, error));
}

/* A lack of ours says nothing about a backup. */
static bool
is_our_lack(const struct error *problem)
{
	return (problem->origin == ORIGIN_SYSTEM && error_is_set(problem) &&
	    (problem->code == ENOMEM || problem->code == EMFILE ||
	    problem->code == ENFILE));
}

/* The manifest, if it can be read, goes to the entry in any case. */
static int
read_backup(struct scan_entry *entry, struct error *error)
{
	struct store_backup *backup;
	unsigned i;

	backup = store_open(entry->folder,
	    STORE_OPEN_PARTIAL | STORE_OPEN_UNCHECKED, &entry->problem);
	for (i = 1; backup != NULL && i <= backup->manifest.stripe_count; i++)
		if (store_check_stripe(backup, i, &entry->problem) != 0)
			break;
	if (is_our_lack(&entry->problem)) {
		store_backup_free(backup);
		*error = entry->problem;
		return (-1);
	}
	if (backup == NULL)
		return (0);
	entry->manifest = malloc(sizeof(*entry->manifest));
	if (entry->manifest == NULL) {
		store_backup_free(backup);
		return (error_memory(error));
	}
	/* The stripes' paths are counted by the manifest: they go first. */
	for (i = 0; i < backup->manifest.stripe_count; i++)
		free(backup->stripes[i]);
	free(backup->stripes);
	backup->stripes = NULL;
	*entry->manifest = backup->manifest;
	manifest_init(&backup->manifest);
	store_backup_free(backup);
	return (0);
}

static int
judge(struct scan_entry *entry, struct error *error)
{
	struct str path;
	int there;

	if (entry->name.stage == PATH_REMOVING) {
		entry->state = SCAN_EXPIRED;
		return (0);
	}
	str_init(&path);
	str_addf(&path, "%s/" STORE_MANIFEST, entry->folder);
	if (str_check(&path, error) != 0) {
		str_release(&path);
		return (-1);
	}
	there = folder_has(path.text, NULL);
	str_release(&path);
	if (there == 0 && entry->name.stage == PATH_WRITING) {
		entry->state = SCAN_UNFINISHED;
		return (0);
	}
	if (read_backup(entry, error) != 0)
		return (-1);
	if (error_is_set(&entry->problem))
		entry->state = SCAN_BROKEN;
	else
		entry->state = entry->name.stage == PATH_FINAL ?
		    SCAN_COMPLETE : SCAN_ADOPTABLE;
	return (0);
}

/* The manifest's words stand above the path's. */
static int
name_entry(struct scan_entry *entry, const char *server, const char *database,
    struct error *error)
{
	const struct manifest *m = entry->manifest;

	if (m != NULL) {
		entry->server = strdup(m->server);
		entry->database = strdup(m->database);
		if (entry->server == NULL || entry->database == NULL)
			return (error_memory(error));
		return (0);
	}
	entry->server = decoded(server, error);
	entry->database = decoded(database, error);
	return (entry->server != NULL && entry->database != NULL ? 0 : -1);
}

/* Where a walk through the store is. */
struct walk {
	struct scan *scan;
	size_t room;
	const char *server; /* components of the path */
	const char *database;
};

/* Room for one more entry. */
static int
make_room(struct walk *walk, struct error *error)
{
	struct scan *scan = walk->scan;
	struct scan_entry *bigger;

	if (scan->count == ENTRIES_MAX)
		return (error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "more than %u backups", ENTRIES_MAX));
	if (scan->count == walk->room) {
		size_t room = walk->room > 0 ? 2 * walk->room : 16;

		bigger = realloc(scan->entries, room * sizeof(*bigger));
		if (bigger == NULL)
			return (error_memory(error));
		scan->entries = bigger;
		walk->room = room;
	}
	return (0);
}

/* A folder that cannot be read, or may be one, hides what is in it, so it is
 * told of.  name: of a backup's folder, or NULL. */
static int
add_unreadable(struct walk *walk, const char *path, const char *database,
    const struct path_folder *name, const struct error *problem,
    struct error *error)
{
	struct scan_entry entry = { .state = SCAN_BROKEN,
		.problem = *problem };

	if (is_our_lack(problem)) {
		*error = *problem;
		return (-1);
	}
	if (name != NULL)
		entry.name = *name;
	if (make_room(walk, error) != 0)
		return (-1);
	entry.folder = strdup(path);
	if (entry.folder == NULL)
		return (error_memory(error));
	if (name_entry(&entry, walk->server, database, error) != 0) {
		entry_release(&entry);
		return (-1);
	}
	walk->scan->entries[walk->scan->count++] = entry;
	return (0);
}

static int
add_entry(struct walk *walk, const char *path, const char *component,
    struct error *error)
{
	struct scan_entry entry = { 0 };

	if (path_parse_folder(component, &entry.name) != 0)
		return (0);
	if (make_room(walk, error) != 0)
		return (-1);
	error_init(&entry.problem);
	entry.folder = strdup(path);
	if (entry.folder == NULL)
		return (error_memory(error));
	entry.stored_bytes = stored_bytes(path);
	if (judge(&entry, error) != 0 ||
	    name_entry(&entry, walk->server, walk->database, error) != 0) {
		entry_release(&entry);
		return (-1);
	}
	walk->scan->entries[walk->scan->count++] = entry;
	return (0);
}

static int walk_folder(struct walk *walk, const char *path, unsigned depth,
    struct error *error);

/* One folder inside a level: deeper, or a backup. */
static int
walk_into(struct walk *walk, const char *path, const char *component,
    unsigned depth, struct error *error)
{
	if (depth == 2)
		return (add_entry(walk, path, component, error));
	if (depth == 0)
		walk->server = component;
	else
		walk->database = component;
	return (walk_folder(walk, path, depth + 1, error));
}

/* Nobody knows what it is. */
static int
walk_past(struct walk *walk, const char *path, const char *component,
    unsigned depth, int errnum, struct error *error)
{
	struct path_folder name;
	struct error problem;

	/* Removed meanwhile, or no name that a backup has. */
	if (errnum == ENOENT ||
	    (depth == 2 && path_parse_folder(component, &name) != 0))
		return (0);
	error_init(&problem);
	(void)error_system(&problem, KIND_STORAGE, errnum,
	    "cannot look at \"%s\"", path);
	if (depth == 0)
		walk->server = component;
	return (add_unreadable(walk, path, depth == 2 ? walk->database :
	    depth == 1 ? component : "", depth == 2 ? &name : NULL, &problem,
	    error));
}

/* A name that is not ours: we encode a dot in front, and the root of a file
 * system has a folder of its own that only root may read. */
static bool
is_foreign(const char *name)
{
	return (name[0] == '.' || strcmp(name, "lost+found") == 0);
}

/* depth 0: the store, 1: a server, 2: a database. */
static int
walk_folder(struct walk *walk, const char *path, unsigned depth,
    struct error *error)
{
	struct str inner;
	struct error problem;
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int errnum;
	int rc = 0;

	error_init(&problem);
	dir = opendir(path);
	if (dir == NULL) {
		(void)error_system(&problem, KIND_STORAGE, errno,
		    "cannot read the folder \"%s\"", path);
		if (depth > 0)
			return (add_unreadable(walk, path, depth == 2 ?
			    walk->database : "", NULL, &problem, error));
		return (error_set(error, problem.kind, problem.origin,
		    problem.code, "%s", problem.text));
	}
	str_init(&inner);
	while (rc == 0) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL && errno != 0)
			rc = error_system(error, KIND_STORAGE, errno,
			    "cannot read the folder \"%s\"", path);
		if (entry == NULL)
			break;
		if (is_foreign(entry->d_name))
			continue;
		errnum = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 ? 0 :
		    errno;
		if (errnum == 0 && !S_ISDIR(st.st_mode))
			continue;
		str_clear(&inner);
		str_addf(&inner, "%s/%s", path, entry->d_name);
		rc = str_check(&inner, error);
		if (rc != 0)
			break;
		rc = errnum != 0 ?
		    walk_past(walk, inner.text, entry->d_name, depth, errnum,
		        error) :
		    walk_into(walk, inner.text, entry->d_name, depth, error);
	}
	str_release(&inner);
	(void)closedir(dir);
	return (rc);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct scan_entry *one = a;
	const struct scan_entry *two = b;
	int order = strcmp(one->server, two->server);

	if (order == 0)
		order = strcmp(one->database, two->database);
	if (order == 0 && one->name.started != two->name.started)
		order = one->name.started < two->name.started ? -1 : 1;
	if (order == 0 && one->name.number != two->name.number)
		order = one->name.number < two->name.number ? -1 : 1;
	return (order != 0 ? order : strcmp(one->folder, two->folder));
}

int
scan_store(const char *root, struct scan *scan, struct error *error)
{
	struct walk walk = { .scan = scan };

	scan->entries = NULL;
	scan->count = 0;
	if (walk_folder(&walk, root, 0, error) != 0) {
		error_context(error, "store \"%s\"", root);
		scan_release(scan);
		return (-1);
	}
	if (scan->count > 0)
		qsort(scan->entries, scan->count, sizeof(*scan->entries),
		    compare_entries);
	return (0);
}

/* Whether an entry is what which names; "latest" is judged by its caller. */
static bool
matches(const struct scan_entry *entry, const char *which)
{
	const char *last = strrchr(entry->folder, '/');
	char id[MANIFEST_ID_ROOM];

	if (strcmp(which, "latest") == 0)
		return (entry->manifest->type == MANIFEST_FULL &&
		    entry->manifest->fault_count == 0);
	if (strcmp(last != NULL ? last + 1 : entry->folder, which) == 0)
		return (true);
	manifest_format_id(id, entry->manifest->id);
	return (strlen(which) >= ID_DIGITS_MIN &&
	    strncmp(id, which, strlen(which)) == 0);
}

const struct scan_entry *
scan_find(const struct scan *scan, const char *server, const char *database,
    const char *which, struct error *error)
{
	const struct scan_entry *found = NULL;
	bool latest = strcmp(which, "latest") == 0;
	size_t i;

	for (i = 0; i < scan->count; i++) {
		const struct scan_entry *entry = &scan->entries[i];
		bool same_place;

		if (entry->state != SCAN_COMPLETE ||
		    (server != NULL && strcmp(entry->server, server) != 0) ||
		    (database != NULL &&
		    strcmp(entry->database, database) != 0) ||
		    !matches(entry, which))
			continue;
		same_place = found != NULL &&
		    strcmp(found->server, entry->server) == 0 &&
		    strcmp(found->database, entry->database) == 0;
		/* Entries of one place are in order of time. */
		if (found == NULL || (latest && same_place)) {
			found = entry;
			continue;
		}
		(void)error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" could mean \"%s\" or \"%s\"", which,
		    found->folder, entry->folder);
		error_hint(error, "name the database and the server, or give "
		    "more digits of the id");
		return (NULL);
	}
	if (found == NULL) {
		(void)error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "there is no complete %sbackup \"%s\"%s%s%s",
		    latest ? "full " : "", which,
		    database != NULL ? " of \"" : "",
		    database != NULL ? database : "",
		    database != NULL ? "\"" : "");
		error_hint(error, "\"list\" shows what the store holds");
	}
	return (found);
}
