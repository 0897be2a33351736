/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The table of calls at the same time: two threads make a call each, or a
 * thread here and another process, and what they answer together is one of
 * the pairs that the row allows.  Several rounds, the second call a little
 * later in each.
 */

#include "states.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS 10u
#define LATER 150u /* turns of an empty loop, from round to round */

/* Who makes the calls: the first is always the subject's. */
struct who {
	const char *name;
	enum states_side side;
	enum half_kind second; /* of the half that makes the second call */
	bool is_rival;         /* ... by an object beside the scene's */
};

static const struct who whos[] = {
	{ "client", SIDE_CLIENT, HALF_CLIENT, false },
	{ "second process", SIDE_SECONDARY, HALF_SECONDARY, false },
	{ "server", SIDE_SERVER, HALF_SERVER, false },
	{ "client and server", SIDE_CLIENT, HALF_SERVER, false },
	{ "second process and primary", SIDE_SECONDARY, HALF_CLIENT, false },
	{ "two clients", SIDE_CLIENT, HALF_CLIENT, true },
	{ "two servers", SIDE_SERVER, HALF_SERVER, true },
};

struct race {
	struct scene *scene;
	const struct who *who;
	struct states_row row; /* the scene's: of one side, with one call */
	char calls[2][32];
	unsigned later; /* turns that the second call is late */
	_Atomic unsigned ready, done;
};

struct racer {
	struct attempt attempt;
	struct race *race;
	bool is_second;
};

/* ---- the second call, where it is not the subject's ---- */

static enum order
order_of(const struct race *race)
{
	static const struct {
		const char *name;
		enum order order;
	} orders[] = {
		{ "Close", ORDER_CLOSE },
		{ "SignalAbort", ORDER_ABORT },
		{ "OpenDevice", ORDER_OPEN },
		{ "SendCommand", ORDER_SEND },
		{ "CloseDevice", ORDER_CLOSE_DEVICE },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(orders); i++)
		if (strcmp(orders[i].name, race->calls[1]) == 0)
			return (orders[i].order);
	scene_fail(race->scene, "nobody knows the call '%s'", race->calls[1]);
}

/* The device that both open is the last. */
static unsigned
index_of(const struct race *race)
{
	return (order_of(race) == ORDER_OPEN ? HALF_DEVICES - 1 : 0);
}

static bool
is_across(const struct race *race)
{
	return (race->who->second != race->scene->subject->kind);
}

static struct half *
second_half(struct race *race)
{
	return (race->who->second == HALF_SERVER ? &race->scene->server :
	    &race->scene->client);
}

/* Objects beside the scene's, which want the same name or set. */
static void
make_rival(struct race *race, struct attempt *attempt)
{
	struct scene *scene = race->scene;

	if (race->who->side == SIDE_CLIENT)
		attempt_answer(attempt, client_create(scene->spare,
		    scene->created, &scene->wishes));
	else
		attempt_answer(attempt, server_open(scene->rival,
		    scene->server.name));
}

/* ---- the two ---- */

static void
make_call(struct racer *racer)
{
	struct race *race = racer->race;
	enum states_side side = race->who->side;

	if (!racer->is_second)
		states_call_find(side, race->calls[0])->make(race->scene,
		    &racer->attempt);
	else if (race->who->is_rival)
		make_rival(race, &racer->attempt);
	else if (is_across(race))
		attempt_answer(&racer->attempt, half_order(second_half(race),
		    order_of(race), index_of(race), VDC_Flush));
	else
		states_call_find(side, race->calls[1])->make(race->scene,
		    &racer->attempt);
}

static void *
run_racer(void *context)
{
	struct racer *racer = context;
	struct race *race = racer->race;
	volatile unsigned turns;

	(void)atomic_fetch_add(&race->ready, 1);
	while (atomic_load(&race->ready) < 2)
		(void)sched_yield();
	for (turns = 0; racer->is_second && turns < race->later; turns++)
		;
	make_call(racer);
	(void)atomic_fetch_add(&race->done, 1);
	return (NULL);
}

static bool
is_one_done(void *context)
{
	return (atomic_load(&((struct race *)context)->done) > 0);
}

static void
run_threads(struct race *race, struct racer racers[2])
{
	struct timespec until;
	unsigned i;

	for (i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&racers[i].attempt.thread,
		    NULL, run_racer, &racers[i]), 0);
	if (race->scene->event != NULL) {
		if (!rig_until(is_one_done, race))
			scene_fail(race->scene, "both calls wait");
		race->scene->event(race->scene);
	}
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_PATIENCE_MS / 1000;
	for (i = 0; i < 2; i++)
		if (pthread_timedjoin_np(racers[i].attempt.thread, NULL,
		    &until) != 0)
			scene_fail(race->scene, "a call does not return");
}

/* The second call in its own process. */
static void
run_processes(struct race *race, struct racer racers[2])
{
	struct half *half = second_half(race);
	volatile unsigned turns;

	half_post(half, order_of(race), index_of(race), VDC_Flush);
	/* A process takes longer to begin than a thread. */
	for (turns = 0; turns < 20 * race->later; turns++)
		;
	make_call(&racers[0]);
	attempt_answer(&racers[1].attempt, half_result(half));
}

/* ---- what they answered ---- */

/* Is the pair one of those in "A + B or C + D"? */
static bool
is_allowed(const char *answers, const char *pair)
{
	const char *rest = answers, *end;
	size_t length;

	while (rest != NULL) {
		end = strstr(rest, " or ");
		length = end == NULL ? strlen(rest) : (size_t)(end - rest);
		if (length == strlen(pair) && memcmp(rest, pair, length) == 0)
			return (true);
		rest = end == NULL ? NULL : end + strlen(" or ");
	}
	return (false);
}

static void
check_pair(struct race *race, const struct racer racers[2])
{
	const char *first = racers[0].attempt.answer;
	const char *second = racers[1].attempt.answer;
	bool is_symmetric = !is_across(race) &&
	    strcmp(race->calls[0], race->calls[1]) == 0;
	char pair[200], turned[200];
	unsigned i;

	(void)snprintf(pair, sizeof(pair), "%s + %s", first, second);
	(void)snprintf(turned, sizeof(turned), "%s + %s", second, first);
	if (!is_allowed(race->row.answer, pair) &&
	    !(is_symmetric && is_allowed(race->row.answer, turned)))
		scene_fail(race->scene, "the answers are '%s'", pair);
	for (i = 0; i < 2; i++)
		if (racers[i].attempt.complaint != NULL)
			scene_fail(race->scene, "%s",
			    racers[i].attempt.complaint);
}

/* ---- a row ---- */

static void
make_objects(struct scene *scene)
{
	rig_name(scene->created);
	scene->spare = client_set_new();
	scene->rival = server_set_new();
	ck_assert_ptr_nonnull(scene->spare);
	ck_assert_ptr_nonnull(scene->rival);
}

static void
run_round(struct race *race, enum way way)
{
	static struct scene scene;
	struct racer racers[2];
	struct plan plan = { way, CAUSE_OWN, STATE_NONE };
	unsigned i;

	race->scene = &scene;
	atomic_store(&race->ready, 0);
	atomic_store(&race->done, 0);
	memset(racers, 0, sizeof(racers));
	scene_init(&scene, &race->row, &plan);
	scene_build(&scene);
	make_objects(&scene);
	for (i = 0; i < 2; i++) {
		racers[i].race = race;
		racers[i].is_second = i == 1;
		racers[i].attempt.scene = &scene;
	}
	racers[1].attempt.number = scene.choice == CHOICE_EACH ? 1 : 0;
	states_other_before(&scene);
	if (way == WAY_PROCESS)
		run_processes(race, racers);
	else
		run_threads(race, racers);
	check_pair(race, racers);
	states_other_check(&scene);
	states_row_check_after(&scene);
	scene_end(&scene);
}

/* The row's two calls, and the row as that of one side and the first. */
static void
take_apart(struct race *race, const struct states_row *row)
{
	const char *comma = strstr(row->call, ", ");
	size_t i;

	memset(race, 0, sizeof(*race));
	for (i = 0; i < ARRAY_COUNT(whos) && race->who == NULL; i++)
		if (strcmp(whos[i].name, row->who) == 0)
			race->who = &whos[i];
	if (race->who == NULL || comma == NULL ||
	    (size_t)(comma - row->call) >= sizeof(race->calls[0]))
		ck_abort_msg("states.md:%u: nobody knows '%s' of '%s'",
		    row->line, row->call, row->who);
	memcpy(race->calls[0], row->call, (size_t)(comma - row->call));
	(void)snprintf(race->calls[1], sizeof(race->calls[1]), "%s",
	    comma + 2);
	race->row = *row;
	race->row.side = race->who->side;
	race->row.call = race->calls[0];
	if (states_call_find(race->who->side, race->calls[0]) == NULL ||
	    states_state(race->who->side, row->state) == STATE_NONE)
		ck_abort_msg("states.md:%u: nobody knows '%s' in '%s'",
		    row->line, row->call, row->state);
}

unsigned
states_race_run(const struct states_row *row)
{
	static struct race race;
	unsigned round;
	bool apart;

	take_apart(&race, row);
	for (round = 0; round < ROUNDS; round++) {
		race.later = LATER * round;
		apart = race.who->second != HALF_SECONDARY &&
		    strstr(race.who->name, " and ") != NULL && round % 2 == 1;
		run_round(&race, apart ? WAY_PROCESS : WAY_THREAD);
	}
	return (ROUNDS);
}
