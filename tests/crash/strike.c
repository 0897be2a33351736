/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "strike.h"

#include "base/attr.h"
#include "base/clock.h"

#include <signal.h>
#include <string.h>

#define NS_PER_MS 1000000
#define ANCHOR_MS 60000
/* Runs of every mode get them in turn. */
#define SLOW_EVERY 40
#define SLOW_FIRST 14
/* What STRIKE_NAP and STRIKE_HANG are measured against. */
#define STALL_OPTION "--stall-timeout=1s"
#define CONFIGURE_OPTION "--configure-timeout=1s"
#define STALL_NS ((int64_t)1000 * NS_PER_MS)

static const char *const styles[] = { "kill", "term+kill", "int+kill",
	"stop+kill", "pause", "nap", "hang" };
static const char *const whoms[] = { "client", "engine", "both", "group" };
static const char *const phases[] = { "plan", "lock", "target", "connect",
	"create", "statement", "configure", "open", "transfer", "durable",
	"manifest", "closed", "result", "commit" };

/* Most are plain kills; what takes seconds is rare, and never missing. */
static enum strike_style
draw_style(struct scene *scene, bool has_engine)
{
	uint32_t number = scene_draw(scene, 100);

	if (has_engine && scene->index % SLOW_EVERY == SLOW_FIRST)
		return (STRIKE_NAP);
	if (has_engine && scene->index % SLOW_EVERY == SLOW_FIRST + 1)
		return (STRIKE_HANG);
	if (number < 66)
		return (STRIKE_KILL);
	if (number < 76)
		return (STRIKE_TERM);
	if (number < 82)
		return (STRIKE_INT);
	if (number < 90)
		return (STRIKE_FREEZE);
	return (STRIKE_PAUSE);
}

static enum child_whom
draw_whom(struct scene *scene)
{
	uint32_t number = scene_draw(scene, 10);

	if (number < 4)
		return (CHILD_CLIENT);
	if (number < 7)
		return (CHILD_ENGINE);
	return (number < 9 ? CHILD_BOTH : CHILD_GROUP);
}

/* Right at it, or from microseconds to milliseconds behind it. */
static int64_t
draw_delay(struct scene *scene)
{
	static const uint32_t ranges_us[] = { 1, 50, 500, 5000, 20000 };

	return ((int64_t)scene_draw(scene, ranges_us[scene_draw(scene,
	    ARRAY_COUNT(ranges_us))]) * 1000);
}

static void
draw_phase(struct strike *strike, struct scene *scene, bool is_backup)
{
	do
		strike->phase = phases[scene_draw(scene,
		    ARRAY_COUNT(phases))];
	while (!is_backup && (strcmp(strike->phase, "lock") == 0 ||
	    strcmp(strike->phase, "durable") == 0 ||
	    strcmp(strike->phase, "manifest") == 0 ||
	    strcmp(strike->phase, "commit") == 0));
	strike->anchor = STRIKE_AT_PHASE;
	strike->after_ns = draw_delay(scene);
}

void
strike_plan(struct strike *strike, struct scene *scene,
    const struct strike_target *target, double part)
{
	*strike = (struct strike){ .anchor = STRIKE_AT_START };
	strike->style = draw_style(scene, target->has_engine);
	strike->whom = target->has_engine ? draw_whom(scene) : CHILD_CLIENT;
	if (strike->style == STRIKE_TERM || strike->style == STRIKE_INT ||
	    strike->style == STRIKE_NAP)
		strike->whom = CHILD_CLIENT;
	if (strike->style == STRIKE_HANG)
		strike->whom = CHILD_ENGINE;
	strike->in_a_hurry = scene_draw(scene, 3) == 0;
	strike->second_ns = (int64_t)scene_draw(scene, 60000) * 1000;
	if (strike->style == STRIKE_NAP)
		strike->second_ns = STALL_NS * 3 / 2;
	/* A little beyond the end: an engine outlives its last word. */
	strike->after_ns = (int64_t)(part * 1.05 *
	    (double)target->client_ns);
	if (target->has_phases && scene_draw(scene, 3) == 0) {
		draw_phase(strike, scene, target->is_backup);
	} else if (strike->whom == CHILD_ENGINE) {
		strike->anchor = STRIKE_AT_ENGINE;
		strike->after_ns = (int64_t)(part * 1.05 *
		    (double)target->engine_ns);
	}
}

void
strike_options(const struct strike *strike, const char *options[2])
{
	options[0] = strike->style == STRIKE_NAP ||
	    strike->style == STRIKE_HANG ? STALL_OPTION : NULL;
	options[1] = strike->style == STRIKE_HANG ? CONFIGURE_OPTION : NULL;
}

/* The moment; false: it will not come. */
static bool
await(const struct strike *strike, struct child *child)
{
	int64_t from_ns = child->began_ns;

	if (strike->anchor == STRIKE_AT_PHASE) {
		if (!child_await_phase(child, strike->phase, ANCHOR_MS))
			return (false);
		from_ns = child->phase_ns;
	}
	if (strike->anchor == STRIKE_AT_ENGINE) {
		if (!child_await_engine(child, ANCHOR_MS))
			return (false);
		from_ns = child->engine_ns;
	}
	/* There is nothing to strike before there is an engine. */
	if (strike->whom == CHILD_ENGINE &&
	    !child_await_engine(child, ANCHOR_MS))
		return (false);
	return (child_await_moment(child, from_ns + strike->after_ns));
}

/* Past the last close the server's verdict is waited for, however long it
 * takes: then the engine may go on. */
static void
hang(const struct strike *strike, struct child *child)
{
	int64_t until_ns = clock_now_ns() + STALL_NS * 3 / 2;

	IGNORE_RESULT(child_await_moment(child, until_ns));
	if (strcmp(child->phase, "closed") == 0 ||
	    strcmp(child->phase, "result") == 0)
		IGNORE_RESULT(child_signal(child, strike->whom, SIGCONT));
}

static void
strike_twice(const struct strike *strike, struct child *child)
{
	bool is_pause = strike->style == STRIKE_PAUSE ||
	    strike->style == STRIKE_NAP;

	if (strike->style == STRIKE_HANG) {
		hang(strike, child);
		return;
	}
	IGNORE_RESULT(child_await_moment(child, clock_now_ns() +
	    strike->second_ns));
	IGNORE_RESULT(child_signal(child, strike->whom,
	    is_pause ? SIGCONT : SIGKILL));
}

void
strike_run(const struct strike *strike, struct scene *scene,
    struct child *child)
{
	static const int numbers[] = { SIGKILL, SIGTERM, SIGINT, SIGSTOP,
		SIGSTOP, SIGSTOP, SIGSTOP };

	if (!await(strike, child) ||
	    !child_signal(child, strike->whom, numbers[strike->style])) {
		scene->late++;
		return;
	}
	scene->kills++;
	if (strike->style != STRIKE_KILL)
		strike_twice(strike, child);
}

static bool
is_one_of(int status, const int *statuses, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (statuses[i] == status)
			return (true);
	return (false);
}

void
strike_judge(const struct strike *strike, struct scene *scene,
    const struct child *child)
{
	static const int none[] = { 0 };
	static const int client[] = { 0, 137 };
	static const int asked[] = { 0, 130, 137, 143 };
	static const int engine[] = { 0, 1, 6 };
	static const int hung[] = { 0, 7 };
	int status = child_exit_status(child);
	bool good;

	if (strike->style == STRIKE_PAUSE || strike->style == STRIKE_NAP)
		good = is_one_of(status, none, ARRAY_COUNT(none));
	else if (strike->style == STRIKE_HANG)
		good = is_one_of(status, hung, ARRAY_COUNT(hung));
	else if (strike->style == STRIKE_TERM || strike->style == STRIKE_INT)
		good = is_one_of(status, asked, ARRAY_COUNT(asked));
	else if (strike->whom == CHILD_ENGINE)
		good = is_one_of(status, engine, ARRAY_COUNT(engine));
	else
		good = is_one_of(status, client, ARRAY_COUNT(client));
	if (good)
		return;
	scene_problem(scene, "%s ended with status %d", child->name, status);
	scene_show(scene, child->said);
}

const char *
strike_text(const struct strike *strike)
{
	const char *anchor = strike->anchor == STRIKE_AT_START ? "start" :
	    strike->anchor == STRIKE_AT_ENGINE ? "engine" : strike->phase;

	return (room_text("%s %s %s+%.3fms%s", styles[strike->style],
	    whoms[strike->whom], anchor,
	    (double)strike->after_ns / NS_PER_MS,
	    strike->in_a_hurry ? " hurry" : ""));
}
