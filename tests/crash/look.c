/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "look.h"

#include "base/clock.h"

#include <dirent.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMORY_MS 10000

static const char partial[] = ".partial";

static bool
ends_in(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t tail = strlen(end);

	return (length >= tail && strcmp(text + length - tail, end) == 0);
}

/* A file that a restore has made, against what it must be. */
static void
check_content(struct scene *scene, const char *path, enum sample sample,
    const char *whose)
{
	if (!room_is_same(path, room_sample_wanted(scene->room, sample)))
		scene_problem(scene, "%s does not restore to what \"%s\" was",
		    whose, room_sample_name(sample));
}

static void
check_backup(struct scene *scene, const char *backup, enum sample sample)
{
	const char *copy = scene_path(scene, "check.db");

	if (!scene_expect(scene, 0, "verify", "-q", backup, NULL))
		return;
	if (scene_expect(scene, 0, "restore", "-q", "--engine",
	    room_text("sqlite:%s", copy), "-d", "Check", "--from", backup,
	    NULL))
		check_content(scene, copy, sample, backup);
	room_remove_tree(copy);
}

/* ---- a store ------------------------------------------------------------ */

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return (text != NULL ? text : "");
}

/* What list says of a store; NULL: it does not. */
static json_t *
list(struct scene *scene, const char *store)
{
	json_t *result;

	if (!scene_expect(scene, 0, "list", "--json", store, NULL))
		return (NULL);
	result = json_loads(scene->tool_result != NULL ?
	    scene->tool_result : "", 0, NULL);
	if (!json_is_array(json_object_get(result, "backups"))) {
		scene_problem(scene, "list has no result");
		json_decref(result);
		return (NULL);
	}
	return (result);
}

/* The folders of a store that look like backups: final names. */
static unsigned
count_final(struct scene *scene, const char *database_folder)
{
	DIR *dir = opendir(database_folder);
	struct dirent *entry;
	struct stat status;
	unsigned count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(dir), entry->d_name, &status, 0) != 0)
			continue;
		if (!S_ISDIR(status.st_mode))
			scene_problem(scene, "\"%s/%s\" is left",
			    database_folder, entry->d_name);
		else if (!ends_in(entry->d_name, partial))
			count++;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return (count);
}

static unsigned
count_all_final(struct scene *scene, const char *store)
{
	unsigned count = 0;
	int i;

	for (i = 0; i < SAMPLE_COUNT; i++)
		count += count_final(scene, room_text("%s/s/%s", store,
		    room_sample_name((enum sample)i)));
	return (count);
}

static void
adopt(struct scene *scene, const char *path, enum sample sample)
{
	char *final = strdup(path);

	final[strlen(final) - strlen(partial)] = '\0';
	if (scene_expect(scene, 0, "adopt", "-q", path, NULL))
		check_backup(scene, final, sample);
	free(final);
}

static void
refuse(struct scene *scene, const char *path)
{
	if (!scene_expect(scene, 9, "adopt", path, NULL))
		return;
	if (!scene_tool_says(scene, "it is not a finished backup"))
		scene_problem(scene, "adopt of \"%s\" gives no reason", path);
	if (!room_has(path))
		scene_problem(scene, "adopt has removed \"%s\"", path);
}

/* Returns 1 if it is a backup, or becomes one. */
static unsigned
check_entry(struct scene *scene, const json_t *entry)
{
	const char *path = text_of(entry, "path");
	const char *state = text_of(entry, "state");
	enum sample sample = room_sample_of(text_of(entry, "database"));

	if (sample == SAMPLE_COUNT) {
		scene_problem(scene, "\"%s\" is of the database \"%s\"", path,
		    text_of(entry, "database"));
	} else if (strcmp(state, "complete") == 0) {
		check_backup(scene, path, sample);
		return (1);
	} else if (strcmp(state, "adoptable") == 0 &&
	    ends_in(path, partial)) {
		adopt(scene, path, sample);
		return (1);
	} else if (strcmp(state, "unfinished") == 0) {
		refuse(scene, path);
	} else {
		scene_problem(scene, "list calls \"%s\" %s: %s", path, state,
		    text_of(entry, "problem"));
	}
	return (0);
}

unsigned
look_at_store(struct scene *scene, const char *store)
{
	json_t *result;
	json_t *entry;
	unsigned count = 0;
	size_t i;

	/* A job that was killed early has made no store. */
	if (!room_has(store))
		return (0);
	result = list(scene, store);
	if (result == NULL)
		return (0);
	json_array_foreach(json_object_get(result, "backups"), i, entry)
		count += check_entry(scene, entry);
	json_decref(result);
	if (count_all_final(scene, store) != count)
		scene_problem(scene, "list does not know all of \"%s\"",
		    store);
	return (count);
}

/* Files that are no backup's: a lock, or what was to be gone. */
static void
check_strays(struct scene *scene, const char *database_folder)
{
	DIR *dir = opendir(database_folder);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] == '.' &&
		    strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			scene_problem(scene, "\"%s/%s\" is left",
			    database_folder, entry->d_name);
	if (dir != NULL)
		(void)closedir(dir);
}

void
look_at_next_backup(struct scene *scene, const char *store,
    enum sample sample)
{
	const char *database = room_sample_name(sample);
	json_t *result;

	if (!scene_expect(scene, 0, "backup", "--json", "--engine",
	    room_text("sqlite:%s", room_sample_file(scene->room, sample)),
	    "-d", database, "-S", "s", "--to", store, "-n", "2", NULL))
		return;
	result = json_loads(scene->tool_result != NULL ?
	    scene->tool_result : "", 0, NULL);
	check_backup(scene, text_of(result, "path"), sample);
	json_decref(result);
	check_strays(scene, room_text("%s/s/%s", store, database));
	look_at_memory(scene);
}

/* ---- one file ------------------------------------------------------------ */

void
look_at_file(struct scene *scene, const char *file, enum sample sample)
{
	const char *next = file;

	if (room_has(file)) {
		check_backup(scene, file, sample);
		/* It is never written over. */
		IGNORE_RESULT(scene_expect(scene, 8, "backup", "-q",
		    "--engine", room_text("sqlite:%s", room_sample_file(
		    scene->room, sample)), "-d", room_sample_name(sample),
		    "-S", "s", "--to", file, NULL));
		check_backup(scene, file, sample);
		next = scene_path(scene, "next.bak.zst");
	}
	if (scene_expect(scene, 0, "backup", "-q", "--engine",
	    room_text("sqlite:%s", room_sample_file(scene->room, sample)),
	    "-d", room_sample_name(sample), "-S", "s", "--to", next, NULL))
		check_backup(scene, next, sample);
	if (room_has(room_text("%s.lock", next)))
		scene_problem(scene, "\"%s.lock\" is left", next);
	look_at_memory(scene);
}

/* ---- a database ---------------------------------------------------------- */

static bool
is_old(const struct scene *scene, const char *path, enum look_old old)
{
	switch (old) {
	case LOOK_OLD_NONE:
		return (!room_has(path));
	case LOOK_OLD_SAMPLE:
		return (room_is_same(path, room_sample_file(scene->room,
		    SAMPLE_TWO)));
	case LOOK_OLD_WAL:
		break;
	}
	return (room_is_wal_sample(path));
}

static void
check_no(struct scene *scene, const char *path)
{
	if (room_has(path))
		scene_problem(scene, "\"%s\" is left", path);
}

void
look_at_database(struct scene *scene, const char *path, enum look_old old,
    enum sample sample)
{
	/* Opening it changes what lies beside it, so it is looked at once. */
	bool is_new = room_is_same(path, room_sample_wanted(scene->room,
	    sample));

	if (!is_new && !is_old(scene, path, old))
		scene_problem(scene, "\"%s\" is neither the old database nor "
		    "the new one", path);
}

void
look_at_next_restore(struct scene *scene, const char *path,
    const char *backup, enum sample sample)
{
	if (!scene_expect(scene, 0, "restore", "-q", "--engine",
	    room_text("sqlite:%s", path), "-d", "Target", "--replace",
	    "--from", backup, NULL))
		return;
	check_content(scene, path, sample, backup);
	check_no(scene, room_text("%s.restoring", path));
	check_no(scene, room_text("%s-wal", path));
	check_no(scene, room_text("%s-shm", path));
	check_no(scene, room_text("%s-journal", path));
	look_at_memory(scene);
}

/* ---- shared memory ------------------------------------------------------- */

static bool
find_object(char *name, size_t size)
{
	DIR *dir = opendir("/dev/shm");
	struct dirent *entry;
	bool found = false;

	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		found = strncmp(entry->d_name, "vdibackup", 9) == 0;
		if (found)
			(void)snprintf(name, size, "%s", entry->d_name);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return (found);
}

void
look_at_memory(struct scene *scene)
{
	struct deadline deadline = clock_deadline(scene->is_quiet ? 0 :
	    (int64_t)MEMORY_MS * scene->room->slower);
	char name[300];

	while (find_object(name, sizeof(name))) {
		if (clock_has_passed(deadline)) {
			scene_problem(scene, "\"/dev/shm/%s\" is left", name);
			return;
		}
		(void)poll(NULL, 0, 20);
	}
}
