/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "selftest.h"

#include "act.h"
#include "base/attr.h"
#include "base/fd.h"
#include "base/port/shm.h"
#include "child.h"
#include "look.h"
#include "scene.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A copy of the good store, and the path in it of a file of its backup. */
static const char *
copy_store(struct scene *scene, const struct stage *stage, const char *file)
{
	const char *store = scene_path(scene, "store");

	room_copy_tree(stage->store, store);
	return (room_text("%s%s%s", store, stage->backup +
	    strlen(stage->store), file));
}

static void
look_at_copy(struct scene *scene)
{
	IGNORE_RESULT(look_at_store(scene, scene_path(scene, "store")));
}

/* Nothing is wrong: the others prove nothing if this does not pass. */
static void
good(struct scene *scene, const struct stage *stage)
{
	IGNORE_RESULT(copy_store(scene, stage, ""));
	if (look_at_store(scene, scene_path(scene, "store")) != 1)
		scene_problem(scene, "the good backup is not seen");
	look_at_next_backup(scene, scene_path(scene, "store"), SAMPLE_ONE);
}

static void
damaged_stripe(struct scene *scene, const struct stage *stage)
{
	room_damage(copy_store(scene, stage, "/stripe-1of2.bak.zst"));
	look_at_copy(scene);
}

static void
short_stripe(struct scene *scene, const struct stage *stage)
{
	if (truncate(copy_store(scene, stage, "/stripe-2of2.bak.zst"),
	    100) == 0)
		look_at_copy(scene);
}

static void
no_manifest(struct scene *scene, const struct stage *stage)
{
	room_remove_tree(copy_store(scene, stage, "/manifest.json"));
	look_at_copy(scene);
}

/* A job that had got no further than its folder has its final name. */
static void
renamed_too_early(struct scene *scene, const struct stage *stage)
{
	const char *folder = copy_store(scene, stage, "");

	room_remove_tree(folder);
	room_make_folder(folder);
	look_at_copy(scene);
}

/* Good in itself, and another database's. */
static void
other_content(struct scene *scene, const struct stage *stage)
{
	const char *store = scene_path(scene, "store");
	struct act act;
	struct child child;

	(void)stage;
	act_begin(&act, scene, "backup", room_sample_file(scene->room,
	    SAMPLE_TWO), room_sample_name(SAMPLE_ONE));
	act_add(&act, "--to");
	act_add(&act, store);
	act_start(&child, scene, &act, "other", NULL);
	scene_await_end(scene, &child);
	child_release(&child);
	if (scene->problems == 0)
		look_at_copy(scene);
}

static void
held_lock(struct scene *scene, const struct stage *stage)
{
	const char *store = scene_path(scene, "store");
	int fd;

	IGNORE_RESULT(copy_store(scene, stage, ""));
	fd = open(room_text("%s/s/One/.lock", store), O_RDWR | O_CREAT |
	    O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		look_at_next_backup(scene, store, SAMPLE_ONE);
	fd_abandon(&fd);
}

static void
stray_file(struct scene *scene, const struct stage *stage)
{
	const char *store = scene_path(scene, "store");

	IGNORE_RESULT(copy_store(scene, stage, ""));
	room_write(room_text("%s/s/One/.probe", store), "left");
	look_at_next_backup(scene, store, SAMPLE_ONE);
}

/* As if its creator lived. */
static void
held_memory(struct scene *scene, const struct stage *stage)
{
	static const char name[] = "/vdibackup-sweep-selftest";
	int fd = shm_open(name, O_RDWR | O_CREAT, 0600);

	(void)stage;
	if (fd >= 0 && port_shm_claim(fd, PORT_SHM_CREATOR) == 0)
		look_at_memory(scene);
	(void)shm_unlink(name);
	fd_abandon(&fd);
}

static void
no_end(struct scene *scene, const struct stage *stage)
{
	pid_t pid = fork();

	(void)stage;
	if (pid == 0) {
		for (;;)
			(void)pause();
	}
	if (pid > 0 && !children_settle(100))
		scene_problem(scene, "seen");
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
}

static void
half_file(struct scene *scene, const struct stage *stage)
{
	const char *file = scene_path(scene, "one.bak.zst");

	room_copy(room_text("%s/stripe-1of2.bak.zst", stage->backup), file);
	look_at_file(scene, file, SAMPLE_ONE);
}

/* The first half of one database and the second of the other. */
static void
mixed_database(struct scene *scene, const struct stage *stage)
{
	const char *path = scene_path(scene, "target.db");
	FILE *from = fopen(room_sample_file(scene->room, SAMPLE_TWO), "re");
	FILE *to;
	char half[4096 * 64];

	(void)stage;
	room_copy(room_sample_file(scene->room, SAMPLE_ONE), path);
	to = fopen(path, "r+e");
	if (from != NULL && to != NULL &&
	    fread(half, 1, sizeof(half), from) == sizeof(half) &&
	    fwrite(half, 1, sizeof(half), to) == sizeof(half) &&
	    fclose(to) == 0)
		look_at_database(scene, path, LOOK_OLD_SAMPLE, SAMPLE_ONE);
	if (from != NULL)
		(void)fclose(from);
}

static void
no_database(struct scene *scene, const struct stage *stage)
{
	(void)stage;
	look_at_database(scene, scene_path(scene, "target.db"),
	    LOOK_OLD_SAMPLE, SAMPLE_ONE);
}

static void
other_mode(struct scene *scene, const struct stage *stage)
{
	const char *path = scene_path(scene, "target.db");
	sqlite3 *db = NULL;

	(void)stage;
	room_copy_wal(scene->room, path);
	if (sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db,
	    "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_close(db) == SQLITE_OK)
		look_at_database(scene, path, LOOK_OLD_WAL, SAMPLE_ONE);
}

/* Without its WAL, the last transaction is gone. */
static void
lost_wal(struct scene *scene, const struct stage *stage)
{
	const char *path = scene_path(scene, "target.db");

	(void)stage;
	room_copy_wal(scene->room, path);
	room_remove_tree(room_text("%s-wal", path));
	look_at_database(scene, path, LOOK_OLD_WAL, SAMPLE_ONE);
}

static void
held_restore(struct scene *scene, const struct stage *stage)
{
	const char *path = scene_path(scene, "target.db");
	int fd = open(room_text("%s.restoring", path), O_RDWR | O_CREAT |
	    O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		look_at_next_restore(scene, path, stage->backup, SAMPLE_ONE);
	fd_abandon(&fd);
}

static const struct {
	const char *name;
	void (*run)(struct scene *scene, const struct stage *stage);
} cases[] = {
	{ "a damaged stripe", damaged_stripe },
	{ "a stripe cut short", short_stripe },
	{ "a final name without a manifest", no_manifest },
	{ "a folder renamed too early", renamed_too_early },
	{ "a backup with another content", other_content },
	{ "a lock that blocks", held_lock },
	{ "a file that is left", stray_file },
	{ "a name in shared memory", held_memory },
	{ "a process that does not end", no_end },
	{ "a file that is not whole", half_file },
	{ "a mixture of two databases", mixed_database },
	{ "a database that is gone", no_database },
	{ "a database in another journal mode", other_mode },
	{ "a database without its WAL", lost_wal },
	{ "a restore that blocks the next", held_restore },
};

void
selftest_run(const struct room *room, const struct stage *stage,
    unsigned *passed, unsigned *failed)
{
	struct scene scene;
	size_t i;
	bool is_right;

	scene_begin(&scene, room, 0, 0);
	good(&scene, stage);
	is_right = scene.problems == 0;
	(void)printf("%s - self-test: nothing is wrong\n", is_right ? "ok" :
	    "not ok");
	*passed += is_right;
	*failed += !is_right;
	scene_end(&scene);
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		scene_begin(&scene, room, 0, 0);
		scene.is_quiet = true;
		cases[i].run(&scene, stage);
		is_right = scene.problems > 0;
		(void)printf("%s - self-test: %s is seen\n", is_right ? "ok" :
		    "not ok", cases[i].name);
		*passed += is_right;
		*failed += !is_right;
		scene_end(&scene);
	}
}
