/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_STRIKE_H
#define TEST_CRASH_STRIKE_H

#include "child.h"
#include "scene.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What is done to a program that runs, and when.
 *
 *     strike_plan     what the run's random numbers say
 *     strike_run      waits for the moment, strikes
 *     strike_text     for the line of the run
 */

enum strike_style {
	STRIKE_KILL,   /* SIGKILL */
	STRIKE_TERM,   /* SIGTERM to the client, then SIGKILL */
	STRIKE_INT,    /* the same with SIGINT */
	STRIKE_FREEZE, /* SIGSTOP, then SIGKILL */
	STRIKE_PAUSE,  /* SIGSTOP, then SIGCONT: nothing may come of it */
	STRIKE_NAP,    /* the same to the client, longer than --stall-timeout */
	STRIKE_HANG    /* SIGSTOP to the engine; --stall-timeout ends it */
};

/* From when the moment is counted. */
enum strike_anchor {
	STRIKE_AT_START,
	STRIKE_AT_ENGINE, /* it was announced */
	STRIKE_AT_PHASE
};

struct strike {
	enum strike_style style;
	enum child_whom whom;
	enum strike_anchor anchor;
	const char *phase;
	int64_t after_ns;  /* from the anchor */
	int64_t second_ns; /* between the two signals */
	bool in_a_hurry;   /* what comes next does not wait for survivors */
};

/* What is known of the program. */
struct strike_target {
	bool has_engine;
	bool has_phases; /* and tells them */
	bool is_backup;
	int64_t client_ns; /* how long an undisturbed one takes */
	int64_t engine_ns; /* its engine, from its announcement */
};

/* part: where in the program's time, from 0 to 1, the moment lies. */
void strike_plan(struct strike *strike, struct scene *scene,
    const struct strike_target *target, double part);

/* Options of vdibackup that the style needs, each with its value; NULL or the
 * end of the list where it needs none, or one. */
void strike_options(const struct strike *strike, const char *options[2]);

void strike_run(const struct strike *strike, struct scene *scene,
    struct child *child);

/* Judge how a struck backup or restore has ended. */
void strike_judge(const struct strike *strike, struct scene *scene,
    const struct child *child);

const char *strike_text(const struct strike *strike);

#endif
