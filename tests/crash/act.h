/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_ACT_H
#define TEST_CRASH_ACT_H

#include "child.h"
#include "scene.h"
#include "strike.h"

#include <stddef.h>

/*
 * A program of a run: its command line, its start, its end.
 *
 *     act_begin, act_begin_backup or act_begin_verb
 *       act_add, act_add_strike
 *     act_play        start it, strike, wait for its end, judge
 *
 * or, where there are two of them,
 *
 *     act_start ... strike_run ... act_judge
 */

#define ACT_WORDS_MAX 32

struct act {
	const char *argv[ACT_WORDS_MAX];
	size_t count;
};

/* vdibackup VERB. */
void act_begin_verb(struct act *act, const struct scene *scene,
    const char *verb);
/* The same for a database that the embedded engine serves. */
void act_begin(struct act *act, const struct scene *scene, const char *verb,
    const char *file, const char *database);
/* devices 0: to a file or a command, which have one. */
void act_begin_backup(struct act *act, const struct scene *scene,
    enum sample sample, const char *to, unsigned devices);

/* NULL adds nothing. */
void act_add(struct act *act, const char *word);
void act_add_strike(struct act *act, const struct strike *strike);

/* Adds --json; name also names the file of its standard error. */
void act_start(struct child *child, const struct scene *scene,
    struct act *act, const char *name, const char *engine_extra);

/* How it ended; then the child is released.  Whoever said that it is done has
 * to be right, whatever came after. */
void act_judge(struct scene *scene, const struct strike *strike,
    struct child *child);
void act_judge_undisturbed(struct scene *scene, struct child *child);

void act_play(struct scene *scene, const struct strike *strike,
    struct act *act, const char *name, const char *engine_extra);

#endif
