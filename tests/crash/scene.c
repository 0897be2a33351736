/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "scene.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 32

void
scene_begin(struct scene *scene, const struct room *room, uint64_t seed,
    unsigned index)
{
	memset(scene, 0, sizeof(*scene));
	scene->room = room;
	scene->index = index;
	/* Runs next to each other have nothing in common. */
	scene->random = seed * UINT64_C(0xD1342543DE82EF95) +
	    index * UINT64_C(0xA24BAED4963EE407);
	(void)snprintf(scene->folder, sizeof(scene->folder), "%s/run-%u",
	    room->folder, index);
	room_make_folder(scene->folder);
	(void)snprintf(scene->tool_said, sizeof(scene->tool_said),
	    "%s/tool.err", scene->folder);
}

void
scene_end(struct scene *scene)
{
	room_remove_tree(scene->folder);
	free(scene->tool_result);
	scene->tool_result = NULL;
	room_forget_texts();
}

/* splitmix64: small, seeded, the same everywhere. */
uint32_t
scene_draw(struct scene *scene, uint32_t limit)
{
	uint64_t z = (scene->random += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return ((uint32_t)((z ^ z >> 31) >> 32) % limit);
}

const char *
scene_path(const struct scene *scene, const char *name)
{
	return (room_text("%s/%s", scene->folder, name));
}

void
scene_problem(struct scene *scene, const char *format, ...)
{
	va_list args;

	scene->problems++;
	if (scene->is_quiet)
		return;
	va_start(args, format);
	(void)printf("    run %u: ", scene->index);
	(void)vprintf(format, args);
	(void)printf("\n");
	va_end(args);
}

void
scene_show(const struct scene *scene, const char *said)
{
	char *text;
	char *line;
	char *rest = NULL;

	if (scene->is_quiet || !room_has(said))
		return;
	text = room_read(said);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest))
		(void)printf("        %s\n", line);
	free(text);
}

static int
run_tool(struct scene *scene, const char *const argv[])
{
	struct child_options options = { .name = argv[1], .argv = argv,
		.said = scene->tool_said, .in = -1, .out = -1 };
	struct child child;
	int status;

	child_start(&child, &options);
	if (!child_finish(&child, (int64_t)SCENE_TOOL_MS *
	    scene->room->slower)) {
		scene_problem(scene, "%s does not end, in phase \"%s\"",
		    argv[1], child.phase);
		status = -1;
	} else {
		status = child_exit_status(&child);
	}
	free(scene->tool_result);
	scene->tool_result = child.result;
	child.result = NULL;
	child_release(&child);
	return (status);
}

static void
collect(const struct scene *scene, const char *argv[WORDS_MAX],
    const char *word, va_list args)
{
	size_t count = 0;

	argv[count++] = scene->room->vdibackup;
	while (word != NULL && count < WORDS_MAX - 1) {
		argv[count++] = word;
		word = va_arg(args, const char *);
	}
	argv[count] = NULL;
}

int
scene_tool(struct scene *scene, const char *word, ...)
{
	const char *argv[WORDS_MAX];
	va_list args;

	va_start(args, word);
	collect(scene, argv, word, args);
	va_end(args);
	return (run_tool(scene, argv));
}

bool
scene_expect(struct scene *scene, int wanted, const char *word, ...)
{
	const char *argv[WORDS_MAX];
	va_list args;
	int status;
	size_t i;

	va_start(args, word);
	collect(scene, argv, word, args);
	va_end(args);
	status = run_tool(scene, argv);
	if (status == wanted)
		return (true);
	scene_problem(scene, "status %d instead of %d:", status, wanted);
	if (!scene->is_quiet) {
		(void)printf("       ");
		for (i = 1; argv[i] != NULL; i++)
			(void)printf(" %s", argv[i]);
		(void)printf("\n");
	}
	scene_show(scene, scene->tool_said);
	return (false);
}

bool
scene_tool_says(const struct scene *scene, const char *text)
{
	char *said = room_read(scene->tool_said);
	bool has = strstr(said, text) != NULL;

	free(said);
	return (has);
}

static int64_t
survivor_ms(const struct scene *scene)
{
	return ((int64_t)SCENE_SURVIVOR_MS * scene->room->slower);
}

static void
note_time(struct scene *scene, int64_t began_ns)
{
	int64_t took_ns = clock_now_ns() - began_ns;

	if (took_ns > scene->slowest_ns)
		scene->slowest_ns = took_ns;
}

void
scene_await_end(struct scene *scene, struct child *child)
{
	int64_t began_ns = clock_now_ns();

	if (!child_finish(child, survivor_ms(scene))) {
		scene_problem(scene, "%s does not end, in phase \"%s\"",
		    child->name, child->phase);
		scene_show(scene, child->said);
	}
	note_time(scene, began_ns);
}

void
scene_await_survivors(struct scene *scene)
{
	int64_t began_ns = clock_now_ns();

	if (!children_settle(survivor_ms(scene)))
		scene_problem(scene, "a process is left");
	note_time(scene, began_ns);
}
