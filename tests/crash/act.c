/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "act.h"

#include <string.h>

void
act_add(struct act *act, const char *word)
{
	if (word == NULL || act->count >= ACT_WORDS_MAX - 1)
		return;
	act->argv[act->count++] = word;
	act->argv[act->count] = NULL;
}

void
act_add_strike(struct act *act, const struct strike *strike)
{
	const char *options[2];

	strike_options(strike, options);
	act_add(act, options[0]);
	act_add(act, options[1]);
}

void
act_begin_verb(struct act *act, const struct scene *scene, const char *verb)
{
	act->count = 0;
	act_add(act, scene->room->vdibackup);
	act_add(act, verb);
}

void
act_begin(struct act *act, const struct scene *scene, const char *verb,
    const char *file, const char *database)
{
	act_begin_verb(act, scene, verb);
	act_add(act, "--engine");
	act_add(act, room_text("sqlite:%s", file));
	act_add(act, "-d");
	act_add(act, database);
	act_add(act, "-S");
	act_add(act, "s");
	/* Small transfers: more moments. */
	act_add(act, "--max-transfer-size");
	act_add(act, "64KiB");
}

void
act_begin_backup(struct act *act, const struct scene *scene,
    enum sample sample, const char *to, unsigned devices)
{
	act_begin(act, scene, "backup", room_sample_file(scene->room, sample),
	    room_sample_name(sample));
	act_add(act, "--to");
	act_add(act, to);
	act_add(act, "--frame-size");
	act_add(act, "128KiB");
	if (devices > 0) {
		act_add(act, "-n");
		act_add(act, room_text("%u", devices));
	}
}

void
act_start(struct child *child, const struct scene *scene,
    struct act *act, const char *name, const char *engine_extra)
{
	struct child_options options = { .name = name,
		.argv = act->argv,
		.said = room_text("%s/%s.err", scene->folder, name),
		.in = -1, .out = -1, .engine_extra = engine_extra };

	act_add(act, "--json");
	child_start(child, &options);
}

/* The file or folder that a result names, or NULL. */
static const char *
result_path(const struct child *child)
{
	static const char key[] = "\"path\":\"";
	const char *found = child->result != NULL ?
	    strstr(child->result, key) : NULL;

	if (found == NULL)
		return (NULL);
	found += sizeof(key) - 1;
	return (room_text("%.*s", (int)strcspn(found, "\""), found));
}

/* Whoever said that it is done has to be right, whatever came after. */
static void
check_word(struct scene *scene, const struct child *child)
{
	const char *path = result_path(child);

	if (child->result == NULL ||
	    strstr(child->result, "\"status\":\"done\"") == NULL) {
		if (child_exit_status(child) == 0)
			scene_problem(scene, "%s ends with status 0 and does "
			    "not say that it is done", child->name);
		return;
	}
	if (path != NULL && path[0] == '/' && !room_has(path))
		scene_problem(scene, "%s said that it is done, and \"%s\" is "
		    "not there", child->name, path);
}

void
act_judge(struct scene *scene, const struct strike *strike,
    struct child *child)
{
	strike_judge(strike, scene, child);
	check_word(scene, child);
	child_release(child);
}

void
act_judge_undisturbed(struct scene *scene, struct child *child)
{
	if (child_exit_status(child) != 0) {
		scene_problem(scene, "%s, which nobody disturbed, ended with "
		    "status %d", child->name, child_exit_status(child));
		scene_show(scene, child->said);
	}
	check_word(scene, child);
	child_release(child);
}

void
act_play(struct scene *scene, const struct strike *strike, struct act *act,
    const char *name, const char *engine_extra)
{
	struct child child;

	act_start(&child, scene, act, name, engine_extra);
	strike_run(strike, scene, &child);
	scene_await_end(scene, &child);
	if (!strike->in_a_hurry)
		scene_await_survivors(scene);
	act_judge(scene, strike, &child);
}

