/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mode.h"

#include "act.h"
#include "base/attr.h"
#include "look.h"
#include "strike.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS_MAX 3
#define PILE 8

static struct strike_target
target_of_backup(const struct stage *stage)
{
	return ((struct strike_target){ .has_engine = true,
		.has_phases = true, .is_backup = true,
		.client_ns = stage->backup_ns,
		.engine_ns = stage->backup_engine_ns });
}

static struct strike_target
target_of_restore(const struct stage *stage)
{
	return ((struct strike_target){ .has_engine = true,
		.has_phases = true, .client_ns = stage->restore_ns,
		.engine_ns = stage->restore_engine_ns });
}

/* A server may send VDC_Complete in either way, or not at all. */
static const char *
draw_engine(struct scene *scene)
{
	switch (scene_draw(scene, 4)) {
	case 0:
		return ("--complete-order=sequential");
	case 1:
		return ("--no-complete");
	default:
		return (NULL);
	}
}

/* ---- backups ----------------------------------------------------------- */

/* One, two or three in a row; where one is in a hurry, the next begins while
 * the dead one's engine still lives. */
static const char *
run_rounds(struct scene *scene, const struct stage *stage, double part,
    enum sample sample, const char *to, unsigned devices)
{
	struct strike_target target = target_of_backup(stage);
	unsigned rounds = 1 + scene_draw(scene, 4) % ROUNDS_MAX;
	const char *text = "";
	struct act act;
	struct strike strike;
	unsigned i;

	/* A file that is there is not written over. */
	for (i = 0; i < rounds && (devices > 0 || !room_has(to)); i++) {
		strike_plan(&strike, scene, &target, part);
		act_begin_backup(&act, scene, sample, to, devices);
		act_add_strike(&act, &strike);
		act_play(scene, &strike, &act, room_text("backup-%u", i),
		    draw_engine(scene));
		text = room_text("%s%s%s", text, i > 0 ? ", " : "",
		    strike_text(&strike));
	}
	return (text);
}

static const char *
run_backup(struct scene *scene, const struct stage *stage, double part)
{
	const char *store = scene_path(scene, "store");
	unsigned before = scene_draw(scene, 2);
	const char *text;

	if (before > 0)
		room_copy_tree(stage->store, store);
	text = run_rounds(scene, stage, part, SAMPLE_ONE, store,
	    1 + scene_draw(scene, 3));
	if (look_at_store(scene, store) < before)
		scene_problem(scene, "a backup is lost");
	look_at_next_backup(scene, store, SAMPLE_ONE);
	scene_await_survivors(scene);
	return (text);
}

static const char *
run_backup_wal(struct scene *scene, const struct stage *stage,
    double part)
{
	const char *store = scene_path(scene, "store");
	const char *text = run_rounds(scene, stage, part, SAMPLE_WAL, store,
	    2);

	look_at_store(scene, store);
	look_at_next_backup(scene, store, SAMPLE_WAL);
	scene_await_survivors(scene);
	return (text);
}

static const char *
run_file(struct scene *scene, const struct stage *stage, double part)
{
	const char *file = scene_path(scene, "one.bak.zst");
	const char *text = run_rounds(scene, stage, part, SAMPLE_ONE, file,
	    0);

	look_at_file(scene, file, SAMPLE_ONE);
	scene_await_survivors(scene);
	return (text);
}

/* Nothing is known of what a act makes of half a stream; but it has to
 * end with it. */
static const char *
run_command(struct scene *scene, const struct stage *stage, double part)
{
	const char *to = room_text("exec:cat > '%s'", scene_path(scene,
	    "taken"));
	const char *text = run_rounds(scene, stage, part, SAMPLE_ONE, to, 0);
	const char *store = scene_path(scene, "store");

	scene_await_survivors(scene);
	look_at_next_backup(scene, store, SAMPLE_ONE);
	return (text);
}

/* Leftovers of many jobs do not matter to the next. */
static const char *
run_pile(struct scene *scene, const struct stage *stage, double part)
{
	struct strike_target target = target_of_backup(stage);
	const char *store = scene_path(scene, "store");
	struct act act;
	struct strike strike;
	unsigned i;

	for (i = 0; i < PILE; i++) {
		strike_plan(&strike, scene, &target,
		    (part + (double)i) / PILE);
		strike.style = STRIKE_KILL;
		act_begin_backup(&act, scene, SAMPLE_ONE, store, 2);
		act_play(scene, &strike, &act, room_text("backup-%u", i),
		    draw_engine(scene));
	}
	look_at_store(scene, store);
	look_at_next_backup(scene, store, SAMPLE_ONE);
	scene_await_survivors(scene);
	return (room_text("%d kills", PILE));
}

/* ---- two at once ------------------------------------------------------- */

/* The second one is nobody's victim: it works. */
static const char *
run_two_of(struct scene *scene, const struct stage *stage, double part,
    enum sample sample)
{
	struct strike_target target = target_of_backup(stage);
	const char *store = scene_path(scene, "store");
	struct act act;
	struct child first;
	struct child second;
	struct strike strike;

	strike_plan(&strike, scene, &target, part);
	act_begin_backup(&act, scene, SAMPLE_ONE, store, 2);
	/* The other may have been faster. */
	act_add(&act, "--lock-wait");
	act_add(&act, "60s");
	act_add_strike(&act, &strike);
	act_start(&first, scene, &act, "first", NULL);
	act_begin_backup(&act, scene, sample, store, 2);
	act_add(&act, "--lock-wait");
	act_add(&act, "60s");
	act_start(&second, scene, &act, "second", NULL);
	strike_run(&strike, scene, &first);
	scene_await_end(scene, &first);
	scene_await_end(scene, &second);
	scene_await_survivors(scene);
	act_judge_undisturbed(scene, &second);
	act_judge(scene, &strike, &first);
	if (look_at_store(scene, store) < 1)
		scene_problem(scene, "the other backup is not there");
	look_at_next_backup(scene, store, SAMPLE_ONE);
	look_at_next_backup(scene, store, sample);
	return (strike_text(&strike));
}

static const char *
run_two(struct scene *scene, const struct stage *stage, double part)
{
	return (run_two_of(scene, stage, part, SAMPLE_TWO));
}

/* The second waits for the first one's lock. */
static const char *
run_waiter(struct scene *scene, const struct stage *stage, double part)
{
	return (run_two_of(scene, stage, part, SAMPLE_ONE));
}

/* ---- without an engine ------------------------------------------------- */

static const char *
run_adopt(struct scene *scene, const struct stage *stage, double part)
{
	struct strike_target target = { .client_ns = stage->adopt_ns };
	const char *store = scene_path(scene, "store");
	struct act act;
	struct strike strike;

	room_copy_tree(stage->adoptable, store);
	strike_plan(&strike, scene, &target, part);
	act_begin_verb(&act, scene, "adopt");
	act_add(&act, room_text("%s%s", store, stage->partial +
	    strlen(stage->adoptable)));
	act_play(scene, &strike, &act, "adopt", NULL);
	if (look_at_store(scene, store) != 1)
		scene_problem(scene, "the backup is lost");
	look_at_next_backup(scene, store, SAMPLE_ONE);
	return (strike_text(&strike));
}

/* A store is verified while a job writes to it; the job or the verification
 * is killed. */
static const char *
run_verify(struct scene *scene, const struct stage *stage, double part)
{
	struct strike_target target = target_of_backup(stage);
	struct strike_target reader = { .client_ns = stage->verify_ns };
	bool is_writer = scene_draw(scene, 2) == 0;
	const char *store = scene_path(scene, "store");
	struct act act;
	struct child writer;
	struct child verify;
	struct strike strike;

	room_copy_tree(stage->store, store);
	strike_plan(&strike, scene, is_writer ? &target : &reader, part);
	act_begin_backup(&act, scene, SAMPLE_ONE, store, 2);
	if (is_writer)
		act_add_strike(&act, &strike);
	act_start(&writer, scene, &act, "backup", NULL);
	act_begin_verb(&act, scene, "verify");
	act_add(&act, store);
	act_start(&verify, scene, &act, "verify", NULL);
	strike_run(&strike, scene, is_writer ? &writer : &verify);
	scene_await_end(scene, &writer);
	scene_await_end(scene, &verify);
	scene_await_survivors(scene);
	act_judge(scene, &strike, is_writer ? &writer : &verify);
	act_judge_undisturbed(scene, is_writer ? &verify : &writer);
	if (look_at_store(scene, store) < 1)
		scene_problem(scene, "a backup is lost");
	look_at_next_backup(scene, store, SAMPLE_ONE);
	return (room_text("%s: %s", is_writer ? "backup" : "verify",
	    strike_text(&strike)));
}

/* ---- restores ---------------------------------------------------------- */

static const char *
run_restore_over(struct scene *scene, const struct stage *stage,
    double part, enum look_old old)
{
	struct strike_target target = target_of_restore(stage);
	const char *database = scene_path(scene, "target.db");
	struct act act;
	struct strike strike;

	if (old == LOOK_OLD_SAMPLE)
		room_copy(room_sample_file(scene->room, SAMPLE_TWO),
		    database);
	else if (old == LOOK_OLD_WAL)
		room_copy_wal(scene->room, database);
	strike_plan(&strike, scene, &target, part);
	act_begin(&act, scene, "restore", database, "Target");
	act_add(&act, "--from");
	act_add(&act, stage->backup);
	if (old != LOOK_OLD_NONE)
		act_add(&act, "--replace");
	act_add_strike(&act, &strike);
	act_play(scene, &strike, &act, "restore", NULL);
	if (!strike.in_a_hurry)
		look_at_database(scene, database, old, SAMPLE_ONE);
	look_at_next_restore(scene, database, stage->backup, SAMPLE_ONE);
	scene_await_survivors(scene);
	return (strike_text(&strike));
}

static const char *
run_restore(struct scene *scene, const struct stage *stage, double part)
{
	return (run_restore_over(scene, stage, part, LOOK_OLD_NONE));
}

static const char *
run_replace(struct scene *scene, const struct stage *stage, double part)
{
	return (run_restore_over(scene, stage, part, LOOK_OLD_SAMPLE));
}

static const char *
run_replace_wal(struct scene *scene, const struct stage *stage,
    double part)
{
	return (run_restore_over(scene, stage, part, LOOK_OLD_WAL));
}

/* backup --to - | restore -, and one of the four is struck. */
static const char *
run_pipe(struct scene *scene, const struct stage *stage, double part)
{
	struct strike_target target = target_of_backup(stage);
	struct strike_target reader = target_of_restore(stage);
	bool is_writer = scene_draw(scene, 2) == 0;
	const char *database = scene_path(scene, "target.db");
	struct child_options options = { .name = "backup", .in = -1,
		.said = scene_path(scene, "backup.err") };
	struct act act;
	struct child backup;
	struct child restore;
	struct strike strike;
	int ends[2];

	/* Standard output is the data's. */
	target.has_phases = reader.has_phases = false;
	strike_plan(&strike, scene, is_writer ? &target : &reader, part);
	if (pipe2(ends, O_CLOEXEC) != 0)
		abort();
	act_begin_backup(&act, scene, SAMPLE_ONE, "-", 0);
	if (is_writer)
		act_add_strike(&act, &strike);
	options.argv = act.argv;
	options.out = ends[1];
	child_start(&backup, &options);
	act_begin(&act, scene, "restore", database, "Target");
	act_add(&act, "-");
	if (!is_writer)
		act_add_strike(&act, &strike);
	options.name = "restore";
	options.said = scene_path(scene, "restore.err");
	options.in = ends[0];
	options.out = -1;
	options.argv = act.argv;
	act_add(&act, "--json");
	child_start(&restore, &options);
	(void)close(ends[0]);
	(void)close(ends[1]);
	strike_run(&strike, scene, is_writer ? &backup : &restore);
	scene_await_end(scene, &backup);
	scene_await_end(scene, &restore);
	scene_await_survivors(scene);
	if (child_exit_status(&restore) == 0 && !room_has(database))
		scene_problem(scene, "restore ends with status 0, and there "
		    "is no database");
	child_release(&backup);
	child_release(&restore);
	look_at_database(scene, database, LOOK_OLD_NONE, SAMPLE_ONE);
	look_at_next_restore(scene, database, stage->backup, SAMPLE_ONE);
	return (room_text("%s: %s", is_writer ? "backup" : "restore",
	    strike_text(&strike)));
}

static const struct {
	const char *name;
	const char *(*run)(struct scene *scene,
	    const struct stage *stage, double part);
} modes[] = {
	{ "backup", run_backup },
	{ "restore", run_restore },
	{ "backup to a file", run_file },
	{ "restore over", run_replace },
	{ "backup of a WAL", run_backup_wal },
	{ "adopt", run_adopt },
	{ "two backups", run_two },
	{ "restore over a WAL", run_replace_wal },
	{ "backup to a command", run_command },
	{ "verify meanwhile", run_verify },
	{ "backup and a waiter", run_waiter },
	{ "pipe", run_pipe },
	{ "pile", run_pile },
};

unsigned
mode_count(void)
{
	return (ARRAY_COUNT(modes));
}

const char *
mode_name(unsigned mode)
{
	return (modes[mode].name);
}

const char *
mode_run(unsigned mode, struct scene *scene, const struct stage *stage,
    double part)
{
	return (modes[mode].run(scene, stage, part));
}
