/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "stage.h"

#include "act.h"
#include "look.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

/* The fastest of so many: other work on the machine makes none faster. */
#define TRIES 3

/* Run to the end, undisturbed, and note how long it took. */
static void
measure(struct scene *scene, struct act *act, int64_t *client_ns,
    int64_t *engine_ns, char *path, size_t size)
{
	static const char key[] = "\"path\":\"";
	struct child child;
	const char *found;
	int64_t took_ns;

	act_start(&child, scene, act, "measured", NULL);
	scene_await_end(scene, &child);
	took_ns = child.ended_ns - child.began_ns;
	if (*client_ns == 0 || took_ns < *client_ns)
		*client_ns = took_ns;
	took_ns = child.ended_ns - child.engine_ns;
	if (engine_ns != NULL && (*engine_ns == 0 || took_ns < *engine_ns))
		*engine_ns = took_ns;
	found = child.result != NULL ? strstr(child.result, key) : NULL;
	if (path != NULL && found != NULL)
		(void)snprintf(path, size, "%.*s", (int)strcspn(found +
		    sizeof(key) - 1, "\""), found + sizeof(key) - 1);
	act_judge_undisturbed(scene, &child);
}

static void
make_backups(struct stage *stage, struct scene *scene)
{
	struct act act;
	int i;

	for (i = 0; i < TRIES; i++) {
		const char *store = scene_path(scene, room_text("store-%d",
		    i));

		act_begin_backup(&act, scene, SAMPLE_ONE, i == 0 ?
		    stage->store : store, 2);
		measure(scene, &act, &stage->backup_ns,
		    &stage->backup_engine_ns, i == 0 ? stage->backup : NULL,
		    sizeof(stage->backup));
	}
}

static void
make_restores(struct stage *stage, struct scene *scene)
{
	struct act act;
	int i;

	for (i = 0; i < TRIES; i++) {
		const char *path = scene_path(scene, room_text("%d.db", i));

		act_begin(&act, scene, "restore", path, "Target");
		act_add(&act, "--from");
		act_add(&act, stage->backup);
		measure(scene, &act, &stage->restore_ns,
		    &stage->restore_engine_ns, NULL, 0);
		if (!room_is_same(path, room_sample_wanted(scene->room,
		    SAMPLE_ONE)))
			scene_problem(scene, "a restore gives something else");
	}
}

static void
make_adoptable(struct stage *stage, struct scene *scene)
{
	const char *copy = scene_path(scene, "adopt");
	struct act act;
	struct child child;

	act_begin_backup(&act, scene, SAMPLE_ONE, stage->adoptable, 2);
	act_add(&act, "--inject");
	act_add(&act, "kill,at=commit");
	act_start(&child, scene, &act, "killed", NULL);
	scene_await_end(scene, &child);
	child_release(&child);
	scene_await_survivors(scene);
	room_copy_tree(stage->adoptable, copy);
	if (room_find_partial(copy, stage->partial, sizeof(stage->partial))) {
		act_begin_verb(&act, scene, "adopt");
		act_add(&act, room_text("%s", stage->partial));
		measure(scene, &act, &stage->adopt_ns, NULL, NULL, 0);
	}
	if (!room_find_partial(stage->adoptable, stage->partial,
	    sizeof(stage->partial)))
		scene_problem(scene, "a killed backup leaves nothing");
}

/* What the WAL sample is when it is restored; only content can be compared. */
static void
make_wanted(const struct stage *stage, struct scene *scene)
{
	const char *store = scene_path(scene, "wal-store");
	const char *wanted = room_sample_wanted(scene->room, SAMPLE_WAL);
	const char *copy = scene_path(scene, "wal.db");
	char path[400] = "";
	int64_t ignored_ns = 0;
	struct act act;

	(void)stage;
	act_begin_backup(&act, scene, SAMPLE_WAL, store, 2);
	measure(scene, &act, &ignored_ns, NULL, path, sizeof(path));
	act_begin(&act, scene, "restore", wanted, "Target");
	act_add(&act, "--from");
	act_add(&act, path);
	measure(scene, &act, &ignored_ns, NULL, NULL, 0);
	if (scene->problems > 0)
		return;
	room_copy(wanted, copy);
	if (!room_is_wal_sample(copy))
		scene_problem(scene, "a restore of the WAL database gives "
		    "something else");
}

bool
stage_prepare(struct stage *stage, const struct room *room)
{
	struct scene scene;
	struct act act;
	bool good;

	memset(stage, 0, sizeof(*stage));
	(void)snprintf(stage->store, sizeof(stage->store), "%s/store",
	    room->folder);
	(void)snprintf(stage->adoptable, sizeof(stage->adoptable),
	    "%s/adoptable", room->folder);
	scene_begin(&scene, room, 0, 0);
	make_backups(stage, &scene);
	if (scene.problems == 0)
		make_restores(stage, &scene);
	if (scene.problems == 0) {
		act_begin_verb(&act, &scene, "verify");
		act_add(&act, stage->store);
		measure(&scene, &act, &stage->verify_ns, NULL, NULL, 0);
		make_adoptable(stage, &scene);
		make_wanted(stage, &scene);
	}
	look_at_memory(&scene);
	good = scene.problems == 0;
	scene_end(&scene);
	return (good);
}
