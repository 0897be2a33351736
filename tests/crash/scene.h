/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_SCENE_H
#define TEST_CRASH_SCENE_H

#include "base/attr.h"
#include "child.h"
#include "room.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What one run of the sweep has: a folder, a stream of random numbers that
 * its seed and index decide, and the list of what was found wrong.
 */

/* How long a program may take that nobody disturbs. */
#define SCENE_TOOL_MS 60000
/* How long the survivor of a kill may take to end. */
#define SCENE_SURVIVOR_MS 10000

struct scene {
	const struct room *room;
	char folder[300];
	unsigned index;
	uint64_t random;
	unsigned problems;
	bool is_quiet;         /* the self-test counts problems only */
	unsigned kills;        /* that met a living process */
	unsigned late;         /* that came after the end */
	int64_t slowest_ns;    /* survivor */
	char tool_said[300];   /* standard error of the last tool */
	char *tool_result;     /* its result line, or NULL */
};

void scene_begin(struct scene *scene, const struct room *room, uint64_t seed,
    unsigned index);
/* Removes the folder. */
void scene_end(struct scene *scene);

/* 0 .. limit - 1 */
uint32_t scene_draw(struct scene *scene, uint32_t limit);

/* A path in the run's folder. */
const char *scene_path(const struct scene *scene, const char *name);

void scene_problem(struct scene *scene, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Run vdibackup with these words, the last of them NULL, to its end; returns
 * its exit status, or -1 if it did not end (which is a problem). */
int scene_tool(struct scene *scene, const char *word, ...);
/* The same, and another status than this one is a problem. */
bool scene_expect(struct scene *scene, int status, const char *word, ...);
/* Whether the last tool's standard error holds that text. */
bool scene_tool_says(const struct scene *scene, const char *text);

/* Show what a program has said, below a problem. */
void scene_show(const struct scene *scene, const char *said);

/* Wait for the end of a child whose peer may have been killed. */
void scene_await_end(struct scene *scene, struct child *child);
/* Wait for the end of all that the children have started. */
void scene_await_survivors(struct scene *scene);

#endif
