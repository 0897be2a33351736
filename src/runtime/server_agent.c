/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/clock.h"
#include "runtime/server_private.h"

#define NS_PER_MS 1000000

static bool
is_pending(const struct server_set *set)
{
	uint32_t i;

	for (i = 0; i < set->segment.device_count; i++)
		if (atomic_load(&set->devices[i].pending) != 0)
			return (true);
	return (false);
}

bool
server_agent_is_through(struct server_set *set)
{
	return (atomic_load(&set->closed) == set->segment.device_count &&
	    !is_pending(set));
}

/*
 * Call back for what the devices in the mask have, a batch of each, so that a
 * busy one does not hold up the others; whether there was any.  The mask
 * keeps the devices that may have more.
 */
static bool
pass(struct server_set *set, uint64_t *mask)
{
	struct server_due due[SERVER_BATCH];
	bool damaged, worked = false;
	uint64_t more = 0;
	unsigned count, i;
	uint32_t d;

	for (d = 0; d < set->segment.device_count; d++) {
		if ((*mask >> d & 1) == 0)
			continue;
		count = server_device_collect(&set->devices[d], due, &damaged);
		for (i = 0; i < count; i++)
			server_device_call_back(&due[i]);
		worked = worked || count > 0;
		if (count == SERVER_BATCH)
			more |= (uint64_t)1 << d;
		if (damaged)
			segment_abort(&set->segment, ABORT_VIOLATION);
	}
	*mask = more;
	return (worked);
}

void
server_agent_finish(struct server_set *set)
{
	struct server_due due[LAYOUT_QUEUE];
	unsigned count, i;
	uint32_t d;

	for (d = 0; d < set->segment.device_count; d++) {
		count = server_device_collect_all(&set->devices[d], due);
		for (i = 0; i < count; i++)
			server_device_call_back(&due[i]);
	}
}

/*
 * When the client's time is up: two intervals after the last completion, or
 * after the oldest of the waiting commands was sent to a device that had none
 * (spec 20).  Never where the client set no limit or nothing waits.
 */
static struct deadline
patience(struct server_set *set, int64_t completed_ns)
{
	struct deadline deadline = { INT64_MAX };
	int64_t since, start = INT64_MAX;
	uint32_t i;

	if (set->wishes.serverTimeOut == 0)
		return (deadline);
	for (i = 0; i < set->segment.device_count; i++) {
		if (atomic_load(&set->devices[i].pending) == 0)
			continue;
		since = atomic_load(&set->devices[i].since_ns);
		if (since < start)
			start = since;
	}
	if (start == INT64_MAX)
		return (deadline);
	if (start < completed_ns)
		start = completed_ns;
	deadline.at_ns = start + 2 * NS_PER_MS *
	    (int64_t)set->wishes.serverTimeOut;
	return (deadline);
}

static void
run(struct server_set *set)
{
	struct segment *segment = &set->segment;
	struct port_gate *gate = &segment->control->agent_gate;
	struct deadline deadline;
	int64_t completed_ns = 0;
	uint64_t mask = UINT64_MAX;
	bool gone = false, spun = false;
	uint32_t seen;

	for (;;) {
		seen = port_gate_read(gate);
		mask |= atomic_exchange(&segment->control->ready, 0);
		if (segment_is_aborted(segment) || atomic_load(&set->closing))
			return;
		if (pass(set, &mask)) {
			if (set->wishes.serverTimeOut != 0)
				completed_ns = clock_now_ns();
			spun = false;
			continue;
		}
		if (server_agent_is_through(set)) {
			atomic_store(&segment->finished, true);
			return;
		}
		if (segment_has_client_left(segment)) {
			/* What it completed before is here by now; the rest
			 * will never be. */
			if (gone) {
				segment_abort(segment, ABORT_CLIENT_DIED);
				return;
			}
			gone = true;
			mask = UINT64_MAX;
			continue;
		}
		if (!spun) {
			spun = true;
			(void)port_gate_spin(gate, seen);
			continue;
		}
		deadline = patience(set, completed_ns);
		if (clock_has_passed(deadline)) {
			segment_abort(segment, ABORT_TIMED_OUT);
			return;
		}
		segment_wait(segment, gate, seen, deadline);
		/* Whatever the bits say: they are the client's. */
		mask = UINT64_MAX;
	}
}

vd_status
server_execute_completion_agent(struct server_set *set)
{
	vd_status status = VD_NOERROR;
	bool started;

	(void)pthread_mutex_lock(&set->lock);
	if (set->state == SERVER_NEW || set->state == SERVER_DONE ||
	    atomic_load(&set->closing))
		status = VD_E_PROTOCOL;
	else if (set->state != SERVER_CONFIGURED || set->agent_running ||
	    set->agent_ended)
		status = segment_is_aborted(&set->segment) ? VD_E_ABORT :
		    VD_E_PROTOCOL;
	started = status == VD_NOERROR;
	if (started) {
		set->users++;
		set->agent_running = true;
		set->agent = pthread_self();
		if (segment_is_aborted(&set->segment))
			status = VD_E_ABORT;
	}
	(void)pthread_mutex_unlock(&set->lock);
	if (!started)
		return (status);
	run(set);
	if (segment_is_aborted(&set->segment))
		server_agent_finish(set);
	(void)pthread_mutex_lock(&set->lock);
	set->agent_running = false;
	set->agent_ended = true;
	(void)pthread_mutex_unlock(&set->lock);
	server_leave(set);
	return (status);
}
