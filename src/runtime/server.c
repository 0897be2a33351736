/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/server.h"

#include "base/clock.h"
#include "runtime/configure.h"
#include "runtime/server_private.h"

#include <stdlib.h>
#include <string.h>

static void
init_device(struct server_set *set, uint32_t index)
{
	struct server_device *device = &set->devices[index];
	unsigned i;

	device->set = set;
	device->index = index;
	(void)pthread_mutex_init(&device->lock, NULL);
	for (i = 0; i < LAYOUT_QUEUE; i++)
		device->free_slots[i] = (uint8_t)(LAYOUT_QUEUE - 1 - i);
	device->free_count = LAYOUT_QUEUE;
}

struct server_set *
server_set_new(void)
{
	struct server_set *set;
	uint32_t i;

	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return (NULL);
	(void)pthread_mutex_init(&set->lock, NULL);
	(void)pthread_cond_init(&set->idle, NULL);
	areas_init(&set->areas);
	segment_init(&set->segment);
	for (i = 0; i < VD_MAX_DEVICES; i++)
		init_device(set, i);
	return (set);
}

void
server_set_free(struct server_set *set)
{
	uint32_t i;

	if (set == NULL)
		return;
	(void)server_close(set);
	for (i = 0; i < VD_MAX_DEVICES; i++)
		(void)pthread_mutex_destroy(&set->devices[i].lock);
	areas_release(&set->areas);
	bufpool_release(&set->pool);
	(void)pthread_cond_destroy(&set->idle);
	(void)pthread_mutex_destroy(&set->lock);
	free(set);
}

bool
server_enter(struct server_set *set)
{
	bool entered;

	(void)pthread_mutex_lock(&set->lock);
	entered = set->state != SERVER_NEW && set->state != SERVER_DONE &&
	    !atomic_load(&set->closing);
	if (entered)
		set->users++;
	(void)pthread_mutex_unlock(&set->lock);
	return (entered);
}

void
server_leave(struct server_set *set)
{
	(void)pthread_mutex_lock(&set->lock);
	if (--set->users == 0)
		(void)pthread_cond_broadcast(&set->idle);
	(void)pthread_mutex_unlock(&set->lock);
}

int
server_last_errno(struct server_set *set)
{
	int errnum;

	(void)pthread_mutex_lock(&set->lock);
	errnum = set->last_errno;
	(void)pthread_mutex_unlock(&set->lock);
	return (errnum);
}

const char *
server_abort_text(struct server_set *set)
{
	return (segment_abort_text(&set->segment));
}

vd_status
server_open(struct server_set *set, const char *name)
{
	struct layout_control *control;
	uint32_t phase = PHASE_CREATED;
	vd_status status = VD_E_PROTOCOL;

	(void)pthread_mutex_lock(&set->lock);
	if (set->state != SERVER_NEW)
		goto out;
	status = VD_E_INVALID;
	if (!name_is_set_name(name))
		goto out;
	status = segment_open(&set->segment, name, SEGMENT_SERVER,
	    &set->last_errno);
	if (status != VD_NOERROR)
		goto out;
	control = set->segment.control;
	/* A set whose server has died cannot have another one. */
	if (segment_is_aborted(&set->segment) ||
	    !atomic_compare_exchange_strong(&control->phase, &phase,
	    PHASE_CONNECTED)) {
		segment_close(&set->segment);
		status = VD_E_INVALID;
		goto out;
	}
	set->wishes = segment_wishes(&set->segment);
	if (set->wishes.deviceCount != set->segment.device_count) {
		segment_abort(&set->segment, ABORT_VIOLATION);
		segment_close(&set->segment);
		status = VD_E_INVALID;
		goto out;
	}
	set->decision = set->wishes;
	set->state = SERVER_CONNECTED;
	port_gate_bump(&control->set_gate);
out:
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

/* Lock and see whether the set is in one of the states; otherwise unlock and
 * say what is wrong. */
static vd_status
begin(struct server_set *set, enum server_state from, enum server_state to)
{
	vd_status status = VD_NOERROR;

	(void)pthread_mutex_lock(&set->lock);
	if (set->state == SERVER_NEW || set->state == SERVER_DONE ||
	    atomic_load(&set->closing))
		status = VD_E_PROTOCOL;
	else if (segment_is_aborted_now(&set->segment))
		status = VD_E_ABORT;
	else if (set->state < from || set->state > to)
		status = VD_E_PROTOCOL;
	if (status != VD_NOERROR)
		(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
server_get_configuration(struct server_set *set, struct VDConfig *config)
{
	vd_status status;

	status = begin(set, SERVER_CONNECTED, SERVER_CONFIGURED);
	if (status != VD_NOERROR)
		return (status);
	*config = set->decision;
	(void)pthread_mutex_unlock(&set->lock);
	return (VD_NOERROR);
}

vd_status
server_begin_configuration(struct server_set *set, uint32_t features,
    uint32_t block_size, uint32_t alignment, uint32_t max_transfer_size,
    uint32_t timeout_ms)
{
	struct VDConfig decision;
	vd_status status;

	/* It limits a wait for buffer areas of the client's own, which no
	 * client can declare (spec 6.3). */
	(void)timeout_ms;
	status = begin(set, SERVER_CONNECTED, SERVER_CONNECTED);
	if (status != VD_NOERROR)
		return (status);
	status = configure_decide(&set->wishes, features, block_size,
	    alignment, max_transfer_size, &decision);
	if (status == VD_NOERROR) {
		set->decision = decision;
		set->state = SERVER_CONFIGURABLE;
		bufpool_init(&set->pool, decision.prefixZoneSize,
		    decision.alignment);
	}
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

/* Lock held.  VD_E_MEMORY: not enough; nothing has changed. */
static vd_status
add_area(struct server_set *set, uint64_t bytes)
{
	uint64_t length;
	uint32_t index;

	if (bytes > INT64_MAX - LAYOUT_UNIT)
		return (VD_E_MEMORY);
	length = (bytes + LAYOUT_UNIT - 1) / LAYOUT_UNIT * LAYOUT_UNIT;
	set->last_errno = areas_add(&set->areas, &set->segment, length,
	    &index);
	if (set->last_errno != 0 ||
	    bufpool_add_area(&set->pool, index, length) != 0)
		return (VD_E_MEMORY);
	return (VD_NOERROR);
}

static bool
all_closed(const struct server_set *set)
{
	return (atomic_load(&set->closed) == set->segment.device_count);
}

vd_status
server_request_buffers(struct server_set *set, uint32_t size,
    uint32_t alignment, uint32_t count)
{
	vd_status status;
	uint64_t bytes;

	status = begin(set, SERVER_CONFIGURABLE, SERVER_CONFIGURED);
	if (status != VD_NOERROR)
		return (status);
	bytes = bufpool_needs(&set->pool, size, alignment, count);
	if (all_closed(set))
		status = VD_E_PROTOCOL;
	else if (bytes == 0)
		status = VD_E_INVALID;
	else if (set->state == SERVER_CONFIGURED)
		status = add_area(set, bytes);
	else if (bytes > UINT64_MAX - set->requested)
		set->requested = UINT64_MAX;
	else
		set->requested += bytes;
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
server_query_available_buffers(struct server_set *set, uint32_t size,
    uint32_t alignment, uint32_t *count)
{
	vd_status status;

	*count = 0;
	status = begin(set, SERVER_CONFIGURABLE, SERVER_CONFIGURED);
	if (status != VD_NOERROR)
		return (status);
	if (all_closed(set))
		status = VD_E_PROTOCOL;
	else if (bufpool_needs(&set->pool, size, alignment, 1) == 0)
		status = VD_E_INVALID;
	else
		*count = bufpool_available(&set->pool, size, alignment);
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
server_end_configuration(struct server_set *set)
{
	struct layout_control *control;
	vd_status status;
	uint64_t requested;

	status = begin(set, SERVER_CONFIGURABLE, SERVER_CONFIGURABLE);
	if (status != VD_NOERROR)
		return (status);
	requested = set->requested;
	/* Failed or not, the next attempt counts afresh (spec 6.6). */
	set->requested = 0;
	if (requested != 0)
		status = add_area(set, requested);
	if (status == VD_NOERROR) {
		control = set->segment.control;
		control->decision = set->decision;
		set->state = SERVER_CONFIGURED;
		atomic_store(&control->phase, PHASE_CONFIGURED);
		port_gate_bump(&control->set_gate);
	}
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

/* May the next device have this name?  The first is named like the set (spec
 * 5.4); names are unique.  Lock held. */
static bool
is_good_name(struct server_set *set, const char *name)
{
	char known[LAYOUT_NAME + 1];
	bool same;
	uint32_t i;

	if (!name_is_device_name(name))
		return (false);
	for (i = 0; i == 0 || i < set->opened; i++) {
		same = segment_device_name(&set->segment, i, known) &&
		    strcmp(known, name) == 0;
		if (same != (set->opened == 0))
			return (false);
	}
	return (true);
}

vd_status
server_open_device(struct server_set *set, const char *name,
    struct server_device **device)
{
	struct layout_device *shared;
	struct server_device *next;
	vd_status status;

	*device = NULL;
	status = begin(set, SERVER_CONFIGURED, SERVER_CONFIGURED);
	if (status != VD_NOERROR)
		return (status);
	if (set->opened == set->segment.device_count) {
		status = all_closed(set) ? VD_E_PROTOCOL : VD_E_OPEN;
		goto out;
	}
	if (!is_good_name(set, name)) {
		status = VD_E_INVALID;
		goto out;
	}
	next = &set->devices[set->opened];
	shared = &set->segment.control->devices[set->opened];
	if (set->opened > 0) {
		shared->name_length = (uint32_t)strlen(name);
		memcpy(shared->name, name, strlen(name));
	}
	(void)pthread_mutex_lock(&next->lock);
	next->shared = shared;
	next->state = SERVER_DEVICE_OPEN;
	(void)pthread_mutex_unlock(&next->lock);
	atomic_store(&shared->server_state, DEVICE_OPEN);
	set->opened++;
	if (set->opened == set->segment.device_count)
		atomic_store(&set->active, true);
	port_gate_bump(&set->segment.control->set_gate);
	*device = next;
out:
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
server_wait_for_client(struct server_set *set, int64_t timeout_ms)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	struct segment *segment = &set->segment;
	vd_status status;
	uint32_t seen;

	status = begin(set, SERVER_CONFIGURED, SERVER_CONFIGURED);
	if (status != VD_NOERROR)
		return (status);
	set->users++;
	(void)pthread_mutex_unlock(&set->lock);
	for (;;) {
		seen = port_gate_read(&segment->control->set_gate);
		status = VD_E_ABORT;
		if (segment_is_aborted_now(segment) ||
		    atomic_load(&set->closing))
			break;
		status = VD_NOERROR;
		if (segment_is_opened(segment))
			break;
		status = VD_E_TIMEOUT;
		if (clock_has_passed(deadline))
			break;
		segment_wait(segment, &segment->control->set_gate, seen,
		    deadline);
	}
	server_leave(set);
	return (status);
}

vd_status
server_signal_abort(struct server_set *set)
{
	if (!server_enter(set))
		return (VD_E_PROTOCOL);
	segment_abort(&set->segment, ABORT_BY_SERVER);
	server_leave(set);
	return (VD_NOERROR);
}

vd_status
server_close(struct server_set *set)
{
	struct segment *segment = &set->segment;
	bool aborted, open;
	uint32_t i;

	(void)pthread_mutex_lock(&set->lock);
	if (set->state == SERVER_NEW || set->state == SERVER_DONE ||
	    atomic_load(&set->closing) || (set->agent_running &&
	    pthread_equal(set->agent, pthread_self()))) {
		(void)pthread_mutex_unlock(&set->lock);
		return (VD_E_PROTOCOL);
	}
	atomic_store(&set->closing, true);
	aborted = segment_is_aborted_now(segment);
	open = atomic_load(&set->closed) < set->opened;
	if (!aborted && !server_agent_is_through(set))
		segment_abort(segment, ABORT_SERVER_CLOSED);
	port_gate_bump(&segment->control->set_gate);
	port_gate_bump(&segment->control->agent_gate);
	/* Every wait looks at `closing` at least four times a second; the
	 * agent is among the users and calls back for what is left. */
	while (set->users > 0)
		(void)pthread_cond_wait(&set->idle, &set->lock);
	(void)pthread_mutex_unlock(&set->lock);
	if (segment_is_aborted(segment))
		server_agent_finish(set);
	for (i = 0; i < segment->device_count; i++)
		server_device_retire(&set->devices[i]);
	(void)pthread_mutex_lock(&set->lock);
	segment_close(segment);
	areas_clear(&set->areas);
	bufpool_release(&set->pool);
	set->state = SERVER_DONE;
	(void)pthread_mutex_unlock(&set->lock);
	return (open && !aborted ? VD_E_PROTOCOL : VD_NOERROR);
}
