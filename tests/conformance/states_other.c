/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * What the other side sees of a call: the phrases of that column, which are
 * joined with semicolons.
 */

#include "states.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

static enum half_state
look(struct half *half)
{
	return (half->is_dead ? STATE_NONE :
	    (enum half_state)half_order(half, ORDER_PROBE, 0, 0));
}

static int
count_callbacks(struct scene *scene)
{
	return (scene->server.is_dead ? 0 : half_order(&scene->server,
	    ORDER_CALLBACKS, 0, 0));
}

void
states_other_before(struct scene *scene)
{
	scene->other_before = look(scene->other);
	scene->client_before = look(&scene->client);
	scene->callbacks_before = count_callbacks(scene);
}

static enum states_side
side_of(const struct half *half)
{
	return (half->kind == HALF_SERVER ? SIDE_SERVER : SIDE_CLIENT);
}

static void
want_state(struct scene *scene, struct half *half, enum half_state state)
{
	enum half_state now;

	if (scene_await_state(half, state))
		return;
	now = look(half);
	scene_fail(scene, "the other side is in %s, not %s",
	    states_state_name(side_of(half), now),
	    states_state_name(side_of(half), state));
}

/* "nothing": no state changes, and nothing is called back. */
static void
check_nothing(struct scene *scene)
{
	enum half_state now = look(scene->other);

	if (now != scene->other_before)
		scene_fail(scene, "the other side went from %s to %s",
		    states_state_name(side_of(scene->other),
		    scene->other_before),
		    states_state_name(side_of(scene->other), now));
	if (scene->has_second && look(&scene->client) != scene->client_before)
		scene_fail(scene, "the primary is in another state");
	/* What a refusal calls back is part of the answer. */
	if (scene->subject != &scene->server &&
	    count_callbacks(scene) != scene->callbacks_before)
		scene_fail(scene, "the server was called back");
}

/* "Abort: why" */
static void
check_abort(struct scene *scene, const char *why)
{
	struct half *halves[] = { scene->other, &scene->client };
	unsigned i, count = scene->has_second ? 2 : 1;
	int cause;

	for (i = 0; i < count; i++) {
		if (halves[i]->is_dead)
			continue;
		if (i == 1 && look(halves[i]) == STATE_CLOSED)
			continue;
		want_state(scene, halves[i], STATE_ABORT);
		cause = half_order(halves[i], ORDER_CAUSE, 0, 0);
		if (cause < 0 || strcmp(half_causes[cause], why) != 0)
			scene_fail(scene, "the abort is of another cause: %s",
			    cause < 0 ? "none" : half_causes[cause]);
	}
}

/* "the command ends with N" */
static void
check_end(struct scene *scene, const char *number)
{
	int64_t wanted;
	int got;

	if (num_parse(number, 0, INT32_MAX, &wanted) != 0)
		scene_fail(scene, "'%s' is no number", number);
	if (scene->server.is_dead)
		return;
	got = half_order(&scene->server, ORDER_ANSWER, scene_device(scene),
	    0);
	if (got != (int)wanted)
		scene_fail(scene, "the command ends with %d", got);
}

/* "the command ends": once, in whatever way. */
static void
check_end_once(struct scene *scene)
{
	if (half_order(&scene->server, ORDER_ANSWER, scene_device(scene),
	    0) < 0)
		scene_fail(scene, "the command does not end");
}

/* "Abort, for both the same reason" */
static void
check_agreement(struct scene *scene)
{
	int own, others;

	want_state(scene, scene->other, STATE_ABORT);
	own = half_order(scene->subject, ORDER_CAUSE, 0, 0);
	others = half_order(scene->other, ORDER_CAUSE, 0, 0);
	if (own <= 0 || own != others)
		scene_fail(scene, "the reasons are %d and %d", own, others);
}

/* "GetCommand gives the command" or a status. */
static void
check_command(struct scene *scene, const char *wanted)
{
	int got, code;

	if (strcmp(wanted, "the command") != 0) {
		got = half_order(&scene->client, ORDER_POLL, 0, 0);
		if (strcmp(vdi_status_name(got), wanted) != 0)
			scene_fail(scene, "GetCommand gives %s",
			    vdi_status_name(got));
		return;
	}
	scene_want(scene, &scene->client, ORDER_TAKE, 0, 0, VD_NOERROR);
	code = half_order(&scene->client, ORDER_HELD, 0, 0);
	if (code != scene->server.latest[0]->command.commandCode)
		scene_fail(scene, "GetCommand gives command %d", code);
}

static void
check_name(struct scene *scene)
{
	scene_want(scene, &scene->client, ORDER_OPEN,
	    scene->announced % HALF_DEVICES, 0, VD_NOERROR);
}

/* "a server can open it", "no server can open it" */
static void
check_server(struct scene *scene, bool wanted)
{
	const char *name = scene->created[0] != '\0' ? scene->created :
	    scene->client.name;
	vd_status status;

	/* It stays until the end, so that the client does not lose it. */
	if (scene->rival == NULL)
		scene->rival = server_set_new();
	ck_assert_ptr_nonnull(scene->rival);
	status = server_open(scene->rival, name);
	if (status != (wanted ? VD_NOERROR : VD_E_INVALID))
		scene_fail(scene, "a server's Open says %s",
		    vdi_status_name(status));
}

/* "the primary is STATE" */
static void
check_primary(struct scene *scene, const char *name)
{
	want_state(scene, &scene->client, states_state(SIDE_CLIENT, name));
}

static void
check_gone(struct scene *scene)
{
	if (!scene->other->is_dead)
		scene_fail(scene, "the other side is not gone");
}

static bool
starts(const char *text, const char *with, const char **rest)
{
	if (strncmp(text, with, strlen(with)) != 0)
		return (false);
	*rest = text + strlen(with);
	return (true);
}

static void
check_phrase(struct scene *scene, const char *phrase)
{
	enum half_state state = states_state(side_of(scene->other), phrase);
	const char *rest;

	if (state != STATE_NONE)
		want_state(scene, scene->other, state);
	else if (strcmp(phrase, "nothing") == 0)
		check_nothing(scene);
	else if (starts(phrase, "Abort: ", &rest))
		check_abort(scene, rest);
	else if (starts(phrase, "the command ends with ", &rest))
		check_end(scene, rest);
	else if (strcmp(phrase, "the command ends") == 0)
		check_end_once(scene);
	else if (strcmp(phrase, "Abort, for both the same reason") == 0)
		check_agreement(scene);
	else if (starts(phrase, "GetCommand gives ", &rest))
		check_command(scene, rest);
	else if (starts(phrase, "the primary is ", &rest))
		check_primary(scene, rest);
	else if (strcmp(phrase, "the name can be opened") == 0)
		check_name(scene);
	else if (strcmp(phrase, "a server can open it") == 0)
		check_server(scene, true);
	else if (strcmp(phrase, "no server can open it") == 0)
		check_server(scene, false);
	else if (strcmp(phrase, "gone") == 0)
		check_gone(scene);
	else
		scene_fail(scene, "nobody knows '%s' of the other side",
		    phrase);
}

void
states_other_check(struct scene *scene)
{
	const char *rest = scene->row->other;
	char phrase[160];
	size_t length;

	while (*rest != '\0') {
		length = strcspn(rest, ";");
		if (length >= sizeof(phrase))
			scene_fail(scene, "a phrase is too long");
		memcpy(phrase, rest, length);
		phrase[length] = '\0';
		check_phrase(scene, phrase);
		rest += length;
		rest += strspn(rest, "; ");
	}
}
