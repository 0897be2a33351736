/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * One row of the tables of calls: the state, the call, what it answers, what
 * state it leaves and what the other side sees; in each of the ways.
 */

#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const struct states_call *
find_call(const struct states_call *calls, size_t count, enum states_side side,
    const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((calls[i].sides & ON(side)) != 0 &&
		    strcmp(calls[i].name, name) == 0)
			return (&calls[i]);
	return (NULL);
}

const struct states_call *
states_call_find(enum states_side side, const char *name)
{
	const struct states_call *call;

	call = find_call(states_client_calls, states_client_call_count, side,
	    name);
	if (call == NULL)
		call = find_call(states_server_calls,
		    states_server_call_count, side, name);
	return (call);
}

/* ---- a call that waits ---- */

static bool
is_asleep(pid_t tid)
{
	char path[64], text[256];
	const char *end;
	FILE *file;
	size_t got;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/stat",
	    (long)tid);
	file = fopen(path, "re");
	if (file == NULL)
		return (false);
	got = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[got] = '\0';
	/* "tid (name) S ..." */
	end = strrchr(text, ')');
	return (end != NULL && end[1] == ' ' && end[2] == 'S');
}

struct sleeper {
	pid_t tid;
	unsigned seen;
};

/* Asleep in the call, and not for a moment on the way there. */
static bool
sleeps(void *context)
{
	struct sleeper *sleeper = context;

	sleeper->seen = is_asleep(sleeper->tid) ? sleeper->seen + 1 : 0;
	return (sleeper->seen == 3);
}

bool
states_thread_sleeps(pid_t tid)
{
	struct sleeper sleeper = { tid, 0 };

	return (rig_until(sleeps, &sleeper));
}

pid_t
states_thread_self(void)
{
	return ((pid_t)syscall(SYS_gettid));
}

static bool
has_tid(void *context)
{
	return (atomic_load(&((struct attempt *)context)->tid) != 0);
}

static void
make_call(struct attempt *attempt)
{
	struct scene *scene = attempt->scene;

	atomic_store(&attempt->tid, states_thread_self());
	states_call_find(scene->row->side, scene->row->call)->make(scene,
	    attempt);
}

static void *
run_attempt(void *context)
{
	make_call(context);
	return (NULL);
}

static void
start_attempt(struct attempt *attempt)
{
	ck_assert_int_eq(pthread_create(&attempt->thread, NULL, run_attempt,
	    attempt), 0);
}

static void
join_attempt(struct scene *scene, struct attempt *attempt)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RIG_PATIENCE_MS / 1000;
	if (pthread_timedjoin_np(attempt->thread, NULL, &until) != 0)
		scene_fail(scene, "the call does not return");
}

/* How many make the call at once. */
static unsigned
callers(const struct scene *scene, const struct states_call *call)
{
	unsigned i, count = 0;

	if (scene->event == NULL || !scene->several || call->is_single)
		return (1);
	if (!call->needs_object)
		return (CALLERS);
	for (i = scene_device(scene); i < HALF_DEVICES; i++)
		if (scene->subject->devices[i] != NULL)
			count++;
	return (count);
}

/* On threads of their own; the event comes from here. */
static void
call_apart(struct scene *scene, struct attempt *attempts, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		start_attempt(&attempts[i]);
	for (i = 0; i < count && scene->event != NULL; i++)
		if (!rig_until(has_tid, &attempts[i]) ||
		    !states_thread_sleeps(atomic_load(&attempts[i].tid)))
			scene_fail(scene, "the call does not wait");
	if (scene->event != NULL)
		scene->event(scene);
	for (i = 0; i < count; i++)
		join_attempt(scene, &attempts[i]);
}

struct trigger {
	struct scene *scene;
	pid_t tid;
	bool has_waited;
};

static void *
pull(void *context)
{
	struct trigger *trigger = context;

	trigger->has_waited = states_thread_sleeps(trigger->tid);
	trigger->scene->event(trigger->scene);
	return (NULL);
}

/* On this thread; the event, if any, comes from another. */
static void
call_here(struct scene *scene, struct attempt *attempt)
{
	struct trigger trigger = { scene, states_thread_self(), true };
	pthread_t thread;

	if (scene->event != NULL)
		ck_assert_int_eq(pthread_create(&thread, NULL, pull,
		    &trigger), 0);
	make_call(attempt);
	if (scene->event != NULL)
		(void)pthread_join(thread, NULL);
	if (!trigger.has_waited)
		scene_fail(scene, "the call does not wait");
}

/* ---- one execution ---- */

static const char *
state_now(struct scene *scene)
{
	enum states_side side = scene->row->side;
	int state;

	if (side == SIDE_CLIENT_DEVICE || side == SIDE_SERVER_DEVICE)
		state = half_order(&scene->server, ORDER_DEVICE, 0, 0);
	else
		state = half_order(scene->subject, ORDER_PROBE, 0, 0);
	return (states_state_name(side, (enum half_state)state));
}

/* "A", or one of "A or B". */
static bool
is_as_said(void *context)
{
	struct scene *scene = context;
	const char *now = state_now(scene), *said = scene->row->after;
	const char *at = strstr(said, now);
	size_t length = strlen(now);

	return (at != NULL && (at == said || at[-1] == ' ') &&
	    (at[length] == '\0' || at[length] == ' '));
}

void
states_row_check_after(struct scene *scene)
{
	if (!rig_until(is_as_said, scene))
		scene_fail(scene, "the state afterwards is %s, not %s",
		    state_now(scene), scene->row->after);
}

static void
check_answers(struct scene *scene, const struct attempt *attempts,
    unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if (strcmp(attempts[i].answer, scene->row->answer) != 0)
			scene_fail(scene, "the answer is '%s', not '%s'",
			    attempts[i].answer, scene->row->answer);
		if (attempts[i].complaint != NULL)
			scene_fail(scene, "%s", attempts[i].complaint);
	}
}

static void
execute(const struct states_row *row, const struct plan *plan)
{
	static struct scene scene;
	struct attempt attempts[CALLERS];
	const struct states_call *call;
	unsigned count, i;

	scene_init(&scene, row, plan);
	if (row->side == SIDE_COMMAND)
		states_command_shape(&scene);
	scene_build(&scene);
	states_other_before(&scene);
	call = states_call_find(row->side, row->call);
	memset(attempts, 0, sizeof(attempts));
	for (i = 0; i < CALLERS; i++) {
		attempts[i].scene = &scene;
		attempts[i].number = i;
	}
	if (plan->way == WAY_HERE ||
	    (plan->way == WAY_PROCESS && scene.event == NULL)) {
		count = 1;
		call_here(&scene, attempts);
	} else {
		count = callers(&scene, call);
		call_apart(&scene, attempts, count);
	}
	check_answers(&scene, attempts, count);
	if (row->side == SIDE_COMMAND) {
		states_command_check(&scene);
	} else {
		states_other_check(&scene);
		states_row_check_after(&scene);
	}
	scene_end(&scene);
}

/* ---- the ways ---- */

static bool
needs_process(const struct states_row *row)
{
	struct plan plan = { WAY_PROCESS, CAUSE_OWN, STATE_NONE };
	static struct scene scene;
	unsigned i;

	scene_init(&scene, row, &plan);
	for (i = 0; i < scene.case_count; i++)
		if (scene.cases[i]->needs_process)
			return (true);
	return (false);
}

static bool
is_about_a_set(const struct states_row *row)
{
	return (row->side == SIDE_CLIENT || row->side == SIDE_SECONDARY ||
	    row->side == SIDE_SERVER);
}

/* The abort state is the same after whatever state it came. */
static unsigned
run_early_aborts(const struct states_row *row, enum cause cause)
{
	struct plan plan = { WAY_HERE, cause, STATE_INITIALIZING };

	execute(row, &plan);
	if (row->side == SIDE_SECONDARY)
		return (1);
	plan.origin = STATE_CONFIGURABLE;
	execute(row, &plan);
	return (2);
}

/*
 * The death of the other side takes a quarter of a second to be noticed, once
 * a call has looked at it; so it comes before the first look where the row
 * allows that, and only to rows without a case.
 */
static unsigned
run_death(const struct states_row *row, const struct states_call *call)
{
	struct plan plan = { WAY_PROCESS, CAUSE_PEER_DIED, STATE_NONE };

	if (!is_about_a_set(row) || row->variant[0] != '\0' ||
	    (row->side == SIDE_SECONDARY && !call->needs_object))
		return (0);
	if (row->side == SIDE_SERVER && !call->needs_object)
		plan.origin = STATE_CONNECTED;
	else if (!call->needs_object)
		plan.origin = STATE_CONFIGURABLE;
	execute(row, &plan);
	return (1);
}

/* ... and however it came about. */
static unsigned
run_aborts(const struct states_row *row, const struct states_call *call)
{
	struct plan plan = { WAY_HERE, CAUSE_OWN, STATE_NONE };
	bool is_simple = is_about_a_set(row) && row->variant[0] == '\0' &&
	    !call->needs_object;
	enum cause cause, last = is_about_a_set(row) ? CAUSE_PEER_CLOSED :
	    CAUSE_PEER;
	unsigned runs = 0;

	for (cause = CAUSE_OWN; cause <= last; cause++) {
		plan.cause = cause;
		for (plan.way = WAY_HERE; plan.way <= WAY_PROCESS;
		    plan.way++) {
			execute(row, &plan);
			runs++;
		}
		if (is_simple)
			runs += run_early_aborts(row, cause);
	}
	return (runs + run_death(row, call));
}

unsigned
states_row_run(const struct states_row *row)
{
	struct plan plan = { WAY_HERE, CAUSE_OWN, STATE_NONE };
	const struct states_call *call;
	unsigned runs = 0;

	call = states_call_find(row->side, row->call);
	if (call == NULL)
		ck_abort_msg("states.md:%u: nobody knows the call '%s' on "
		    "this side", row->line, row->call);
	if (states_state(row->side, row->state) == STATE_NONE)
		ck_abort_msg("states.md:%u: nobody knows the state '%s' on "
		    "this side", row->line, row->state);
	if (states_state(row->side, row->state) == STATE_ABORT)
		return (run_aborts(row, call));
	plan.way = needs_process(row) ? WAY_PROCESS : WAY_HERE;
	for (; plan.way <= WAY_PROCESS; plan.way++) {
		/* What a command is matters to processes, not to threads. */
		if (row->side == SIDE_COMMAND && plan.way == WAY_THREAD)
			continue;
		execute(row, &plan);
		runs++;
	}
	return (runs);
}
