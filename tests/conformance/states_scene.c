/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A scene: the halves of a set, brought into a state by the calls that a
 * program would make, and brought to an end afterwards.
 */

#include "states.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
scene_fail(const struct scene *scene, const char *format, ...)
{
	static const char *const ways[] = { "on the same thread",
		"on another thread", "between processes" };
	static const char *const causes[] = { "own", "peer's", "peer closed",
		"peer died" };
	const struct states_row *row = scene->row;
	char text[400];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	ck_abort_msg("states.md:%u: %s in %s%s%s, %s%s%s: %s", row->line,
	    row->call, row->state, row->variant[0] == '\0' ? "" : ", ",
	    row->variant, ways[scene->plan.way],
	    scene->state == STATE_ABORT ? ", abort: " : "",
	    scene->state == STATE_ABORT ? causes[scene->plan.cause] : "", text);
}

void
scene_want(struct scene *scene, struct half *half, enum order order,
    unsigned index, int argument, int wanted)
{
	int got = half_order(half, order, index, argument);

	if (got != wanted)
		scene_fail(scene, "cannot be built: order %d of half %d for "
		    "device %u: %#x (%s)", (int)order, (int)half->kind, index,
		    (unsigned)got, vdi_status_name(got));
}

struct awaited {
	struct half *half;
	enum half_state state;
};

static bool
is_in_state(void *context)
{
	struct awaited *awaited = context;

	return (half_order(awaited->half, ORDER_PROBE, 0, 0) ==
	    (int)awaited->state);
}

bool
scene_await_state(struct half *half, enum half_state state)
{
	struct awaited awaited = { half, state };

	return (rig_until(is_in_state, &awaited));
}

struct half *
scene_owner(struct scene *scene, unsigned index)
{
	return (scene->has_second && scene->is_attached && scene->has_own &&
	    index == 1 ? &scene->second : &scene->client);
}

unsigned
scene_device(const struct scene *scene)
{
	return (scene->subject == &scene->second ? 1 : 0);
}

void
scene_send(struct scene *scene, unsigned index, int32_t code)
{
	scene_want(scene, &scene->server, ORDER_SEND, index, code,
	    VD_NOERROR);
}

void
scene_lend(struct scene *scene, unsigned index, int32_t code)
{
	scene_send(scene, index, code);
	scene_want(scene, scene_owner(scene, index), ORDER_TAKE, index, 0,
	    VD_NOERROR);
}

void
scene_round(struct scene *scene, unsigned index)
{
	scene_lend(scene, index, VDC_Flush);
	scene_want(scene, scene_owner(scene, index), ORDER_COMPLETE, index, 0,
	    VD_NOERROR);
	scene_want(scene, &scene->server, ORDER_ANSWER, index, 0, 0);
}

/* What the document says of a side's states, where no case changes it. */
static void
shape(struct scene *scene)
{
	enum states_side side = scene->row->side;
	bool early = scene->plan.origin == STATE_INITIALIZING ||
	    scene->plan.origin == STATE_NEVER;

	scene->announced = HALF_DEVICES;
	scene->opened = HALF_DEVICES;
	scene->has_agent = true;
	scene->has_second = side == SIDE_SECONDARY;
	scene->is_attached = scene->has_second &&
	    scene->plan.origin != STATE_NEVER;
	scene->has_own = scene->is_attached;
	if (side == SIDE_SERVER && early) {
		scene->announced = 1;
		scene->has_agent = false;
	}
	if (early)
		scene->opened = side == SIDE_SECONDARY &&
		    scene->is_attached ? 2 : 1;
	scene->wishes.deviceCount = HALF_DEVICES;
	scene->wishes.features = VDF_RequestComplete;
}

static void
start_halves(struct scene *scene)
{
	enum states_side side = scene->row->side;
	bool apart = scene->plan.way == WAY_PROCESS;
	char name[64];

	rig_name(name);
	half_init(&scene->client, HALF_CLIENT, name, &scene->wishes);
	half_init(&scene->server, HALF_SERVER, name, &scene->wishes);
	half_init(&scene->second, HALF_SECONDARY, name, &scene->wishes);
	if (side == SIDE_SERVER || side == SIDE_SERVER_DEVICE ||
	    (side == SIDE_COMMAND &&
	    strcmp(scene->row->call, "SendCommand") == 0)) {
		scene->subject = &scene->server;
		scene->other = &scene->client;
	} else {
		scene->subject = side == SIDE_SECONDARY ? &scene->second :
		    &scene->client;
		scene->other = &scene->server;
	}
	half_start(&scene->client, apart && scene->subject != &scene->client);
	half_start(&scene->server, apart && scene->subject != &scene->server);
	if (scene->has_second)
		half_start(&scene->second, false);
}

/* What is built first, where the plan has no wish. */
static enum half_state
usual_origin(const struct states_row *row, enum half_state state)
{
	if (row->side != SIDE_CLIENT && row->side != SIDE_SECONDARY &&
	    row->side != SIDE_SERVER)
		return (STATE_ACTIVE);
	if (state == STATE_ABORT)
		return (STATE_ACTIVE);
	return (state == STATE_CLOSED ? STATE_TERMINATED : state);
}

void
scene_init(struct scene *scene, const struct states_row *row,
    const struct plan *plan)
{
	unsigned i;

	memset(scene, 0, sizeof(*scene));
	scene->row = row;
	scene->plan = *plan;
	scene->state = states_state(row->side, row->state);
	if (plan->origin == STATE_NONE)
		scene->plan.origin = usual_origin(row, scene->state);
	states_case_parse(scene);
	shape(scene);
	for (i = 0; i < scene->case_count; i++)
		if (scene->cases[i]->shape != NULL)
			scene->cases[i]->shape(scene);
}

/* Both sides' devices and the agent, as far as the scene wants them. */
static void
open_devices(struct scene *scene)
{
	unsigned i;

	if (scene->has_agent)
		scene_want(scene, &scene->server, ORDER_AGENT, 0, 0,
		    VD_NOERROR);
	for (i = 0; i < scene->announced; i++)
		scene_want(scene, &scene->server, ORDER_ANNOUNCE, i, 0,
		    VD_NOERROR);
	if (scene->is_attached)
		scene_want(scene, &scene->second, ORDER_ATTACH, 0, 0,
		    VD_NOERROR);
	for (i = 0; i < scene->opened; i++)
		scene_want(scene, scene_owner(scene, i), ORDER_OPEN, i, 0,
		    VD_NOERROR);
	/* A command there and back shows that the agent is at work. */
	for (i = 0; i < scene->opened && scene->has_agent &&
	    scene->announced == HALF_DEVICES; i++)
		scene_round(scene, i);
}

/* The server closes a device; the end is reported where nothing is out. */
static void
end_device(struct scene *scene, unsigned index)
{
	scene_want(scene, &scene->server, ORDER_CLOSE_DEVICE, index, 0,
	    VD_NOERROR);
	scene_want(scene, scene_owner(scene, index), ORDER_TAKE, index, 0,
	    VD_E_CLOSE);
}

static void
reach(struct scene *scene, enum half_state state)
{
	enum states_side side = scene->row->side;
	unsigned i;

	if (side == SIDE_CLIENT && state == STATE_NEVER)
		return;
	scene_want(scene, &scene->client, ORDER_CREATE, 0,
	    !scene->drops_name, VD_NOERROR);
	if (scene->is_absent || (side == SIDE_SERVER && state == STATE_NEVER))
		return;
	scene_want(scene, &scene->server, ORDER_CONNECT, 0, 0, VD_NOERROR);
	if (state == STATE_CONNECTED ||
	    (side == SIDE_CLIENT && state == STATE_CONFIGURABLE))
		return;
	scene_want(scene, &scene->server, ORDER_BEGIN, 0, 0, VD_NOERROR);
	if (state == STATE_CONFIGURABLE)
		return;
	scene_want(scene, &scene->server, ORDER_END, 0, 0, VD_NOERROR);
	if (!scene->is_unasked)
		scene_want(scene, &scene->client, ORDER_CONFIGURATION, 0, 0,
		    VD_NOERROR);
	open_devices(scene);
	if (state != STATE_TERMINATED)
		return;
	if (side == SIDE_SECONDARY && scene->state == STATE_CLOSED) {
		/* The others are still at work. */
		end_device(scene, 1);
		return;
	}
	for (i = 0; i < HALF_DEVICES; i++)
		end_device(scene, i);
	scene_want(scene, &scene->server, ORDER_JOIN, 0, 0, VD_NOERROR);
}

static bool
has_prepared(const struct scene *scene)
{
	unsigned i;

	for (i = 0; i < scene->case_count; i++)
		if (scene->cases[i]->prepare != NULL)
			return (true);
	return (scene->prepare != NULL);
}

static void
prepare(struct scene *scene)
{
	unsigned i;

	for (i = 0; i < scene->case_count; i++)
		if (scene->cases[i]->prepare != NULL)
			scene->cases[i]->prepare(scene);
	if (scene->prepare != NULL)
		scene->prepare(scene);
}

static void
abort_scene(struct scene *scene)
{
	switch (scene->plan.cause) {
	case CAUSE_OWN:
		scene_want(scene, scene->subject, ORDER_ABORT, 0, 0,
		    VD_NOERROR);
		break;
	case CAUSE_PEER:
		scene_want(scene, scene->other, ORDER_ABORT, 0, 0,
		    VD_NOERROR);
		break;
	case CAUSE_PEER_CLOSED:
		/* Its answer is another row's affair. */
		(void)half_order(scene->other, ORDER_CLOSE, 0, 0);
		break;
	case CAUSE_PEER_DIED:
		half_kill(scene->other);
		break;
	}
	if (!scene_await_state(scene->subject, STATE_ABORT))
		scene_fail(scene, "the abort state does not come");
	if (!scene->server.is_dead)
		scene_want(scene, &scene->server, ORDER_JOIN, 0, 0,
		    VD_NOERROR);
}

void
scene_build(struct scene *scene)
{
	bool errored = scene->state == STATE_ERRORED;
	unsigned device = scene_device(scene), i;

	start_halves(scene);
	if (scene->state == STATE_CLOSED && has_prepared(scene))
		scene->plan.origin = STATE_ACTIVE;
	reach(scene, scene->plan.origin);
	if (errored) {
		scene_lend(scene, device, VDC_Flush);
		scene_want(scene, &scene->server, ORDER_SET_ASIDE, device, 0,
		    VD_NOERROR);
	}
	prepare(scene);
	if (errored) {
		scene_want(scene, scene_owner(scene, device), ORDER_FAIL,
		    device, 0, VD_NOERROR);
		scene_want(scene, &scene->server, ORDER_ASIDE, device, 0,
		    VD_ERROR_DISK_FULL);
	} else if (scene->state == STATE_ENDED && has_prepared(scene)) {
		scene_want(scene, &scene->server, ORDER_CLOSE_DEVICE, device,
		    0, VD_NOERROR);
	} else if (scene->state == STATE_ENDED) {
		end_device(scene, device);
	} else if (scene->state == STATE_ABORT) {
		abort_scene(scene);
	} else if (scene->state == STATE_CLOSED) {
		(void)half_order(scene->subject, ORDER_CLOSE, 0, 0);
	}
	for (i = 0; i < scene->case_count; i++)
		if (scene->cases[i]->follow != NULL)
			scene->cases[i]->follow(scene);
}

/* The name is nobody's any more. */
static void
check_name(struct scene *scene)
{
	const struct VDConfig wishes = { .deviceCount = 1 };
	struct client_set *next = client_set_new();

	ck_assert_ptr_nonnull(next);
	if (client_create(next, scene->client.name, &wishes) != VD_NOERROR)
		scene_fail(scene, "the set's name is not free afterwards");
	client_set_free(next);
}

void
scene_end(struct scene *scene)
{
	struct half *halves[3];
	unsigned i, count = 0;

	if (scene->has_second)
		halves[count++] = &scene->second;
	halves[count++] = &scene->client;
	halves[count++] = &scene->server;
	for (i = 0; i < count; i++)
		if (!halves[i]->is_dead)
			(void)half_order(halves[i], ORDER_CLOSE, 0, 0);
	if (!scene->server.is_dead) {
		if (half_order(&scene->server, ORDER_JOIN, 0, 0) == -1)
			scene_fail(scene, "the agent does not return");
		if (half_order(&scene->server, ORDER_SETTLED, 0, 0) != 1)
			scene_fail(scene, "a command was not called back "
			    "exactly once");
	}
	client_set_free(scene->spare);
	server_set_free(scene->rival);
	for (i = 0; i < count; i++)
		half_release(halves[i]);
	check_name(scene);
}
