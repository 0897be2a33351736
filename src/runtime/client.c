/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/client.h"

#include "base/clock.h"
#include "runtime/client_private.h"
#include "runtime/configure.h"

#include <stdlib.h>
#include <string.h>

/* How long a device's name may stay unannounced by the server. */
#define ANNOUNCE_TIMEOUT_MS 60000
/* Handles count in the smallest block there is, so that 32 bits reach far. */
#define HANDLE_UNIT VD_MIN_BLOCK_SIZE

struct client_set *
client_set_new(void)
{
	struct client_set *set;

	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return (NULL);
	(void)pthread_mutex_init(&set->lock, NULL);
	(void)pthread_cond_init(&set->idle, NULL);
	segment_init(&set->segment);
	areas_init(&set->areas);
	set->group = -1;
	return (set);
}

void
client_set_free(struct client_set *set)
{
	struct client_device *device;

	if (set == NULL)
		return;
	(void)client_close(set);
	while ((device = set->devices) != NULL) {
		set->devices = device->next;
		client_device_free(device);
	}
	areas_release(&set->areas);
	(void)pthread_cond_destroy(&set->idle);
	(void)pthread_mutex_destroy(&set->lock);
	free(set);
}

void
client_set_group(struct client_set *set, int64_t group)
{
	(void)pthread_mutex_lock(&set->lock);
	set->group = group;
	(void)pthread_mutex_unlock(&set->lock);
}

void
client_set_keep_name(struct client_set *set, bool keep)
{
	(void)pthread_mutex_lock(&set->lock);
	set->keeps_name = keep;
	(void)pthread_mutex_unlock(&set->lock);
}

int
client_last_errno(const struct client_set *set)
{
	return (atomic_load(&set->last_errno));
}

const char *
client_abort_text(struct client_set *set)
{
	return (segment_abort_text(&set->segment));
}

static bool
enter(struct client_set *set)
{
	bool entered;

	(void)pthread_mutex_lock(&set->lock);
	entered = set->open && !set->closing;
	if (entered)
		set->users++;
	(void)pthread_mutex_unlock(&set->lock);
	return (entered);
}

static void
leave(struct client_set *set)
{
	(void)pthread_mutex_lock(&set->lock);
	if (--set->users == 0)
		(void)pthread_cond_broadcast(&set->idle);
	(void)pthread_mutex_unlock(&set->lock);
}

vd_status
client_create(struct client_set *set, const char *name,
    const struct VDConfig *config)
{
	struct VDConfig wishes;
	vd_status status;
	int errnum = 0;

	(void)pthread_mutex_lock(&set->lock);
	if (set->open)
		status = VD_E_PROTOCOL;
	else if (config == NULL || !name_is_set_name(name))
		status = VD_E_INVALID;
	else
		status = configure_wishes(config, &wishes);
	if (status == VD_NOERROR)
		status = segment_create(&set->segment, name, &wishes,
		    set->group, &errnum);
	if (status == VD_NOERROR) {
		set->open = true;
		set->configured = false;
		set->wishes = wishes;
	}
	atomic_store(&set->last_errno, errnum);
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
client_open_in_secondary(struct client_set *set, const char *name)
{
	vd_status status = VD_E_PROTOCOL;
	int errnum = 0;

	(void)pthread_mutex_lock(&set->lock);
	if (set->open)
		goto out;
	status = VD_E_INVALID;
	if (!name_is_set_name(name))
		goto out;
	status = segment_open(&set->segment, name, SEGMENT_SECONDARY,
	    &errnum);
	if (status == VD_NOERROR) {
		set->configured = false;
		set->wishes = segment_wishes(&set->segment);
		if (segment_is_aborted(&set->segment))
			status = VD_E_ABORT;
		else if (!client_sync(set))
			status = VD_E_PROTOCOL;
		if (status == VD_NOERROR)
			set->open = true;
		else
			segment_close(&set->segment);
	} else if (status == VD_E_INVALID) {
		status = VD_E_PROTOCOL;
	}
out:
	atomic_store(&set->last_errno, errnum);
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

bool
client_sync(struct client_set *set)
{
	struct layout_control *control = set->segment.control;
	struct VDConfig decision;

	if (set->configured)
		return (true);
	if (atomic_load(&control->phase) != PHASE_CONFIGURED)
		return (false);
	decision = control->decision;
	atomic_signal_fence(memory_order_seq_cst);
	if (!configure_is_decision(&set->wishes, &decision)) {
		segment_abort(&set->segment, ABORT_VIOLATION);
		return (false);
	}
	set->decision = decision;
	set->configured = true;
	return (true);
}

/* Whether the configuration is there; copies it where wanted. */
static bool
is_configured(struct client_set *set, struct VDConfig *config)
{
	bool configured;

	(void)pthread_mutex_lock(&set->lock);
	configured = client_sync(set);
	if (configured && config != NULL)
		*config = set->decision;
	(void)pthread_mutex_unlock(&set->lock);
	return (configured);
}

static bool
is_closing(struct client_set *set)
{
	bool closing;

	(void)pthread_mutex_lock(&set->lock);
	closing = set->closing;
	(void)pthread_mutex_unlock(&set->lock);
	return (closing);
}

/* One look is over: go on, or the status to end the wait with. */
static vd_status
wait_more(struct client_set *set, uint32_t seen, struct deadline deadline)
{
	struct segment *segment = &set->segment;

	if (is_closing(set))
		return (VD_E_ABORT);
	if (clock_has_passed(deadline))
		return (VD_E_TIMEOUT);
	segment_wait(segment, &segment->control->set_gate, seen, deadline);
	return (VD_NOERROR);
}

vd_status
client_get_configuration(struct client_set *set, int64_t timeout_ms,
    struct VDConfig *config)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	vd_status status = VD_NOERROR;
	uint32_t seen;

	if (!enter(set))
		return (VD_E_PROTOCOL);
	if (config == NULL)
		status = VD_E_INVALID;
	while (status == VD_NOERROR) {
		seen = port_gate_read(&set->segment.control->set_gate);
		if (segment_is_aborted_now(&set->segment)) {
			status = VD_E_ABORT;
		} else if (is_configured(set, config)) {
			areas_map_all(&set->areas, &set->segment);
			break;
		} else {
			status = wait_more(set, seen, deadline);
		}
	}
	leave(set);
	return (status);
}

/* The device of that name; deviceCount: none so far, and *complete says
 * whether the server has named them all. */
static uint32_t
find_device(const struct segment *segment, const char *name, bool *complete)
{
	struct layout_control *control = segment->control;
	char known[LAYOUT_NAME + 1];
	uint32_t i;

	*complete = true;
	for (i = 0; i < segment->device_count; i++) {
		/* The first one's name is the set's, known from the start. */
		if (i > 0 && atomic_load(&control->devices[i].server_state) ==
		    DEVICE_UNKNOWN) {
			*complete = false;
			continue;
		}
		if (segment_device_name(segment, i, known) &&
		    strcmp(known, name) == 0)
			return (i);
	}
	return (i);
}

static vd_status
claim_device(struct client_set *set, uint32_t index,
    struct client_device **device)
{
	struct layout_device *shared = &set->segment.control->devices[index];
	struct client_device *made;
	uint32_t unknown = DEVICE_UNKNOWN;
	bool keeps_name;

	made = client_device_new(set, index);
	if (made == NULL)
		return (VD_E_MEMORY);
	if (!atomic_compare_exchange_strong(&shared->client_state, &unknown,
	    DEVICE_OPEN)) {
		client_device_free(made);
		return (VD_E_PROTOCOL);
	}
	(void)pthread_mutex_lock(&set->lock);
	made->next = set->devices;
	set->devices = made;
	keeps_name = set->keeps_name;
	(void)pthread_mutex_unlock(&set->lock);
	port_gate_bump(&set->segment.control->set_gate);
	if (!keeps_name && segment_is_opened(&set->segment))
		segment_remove_name(&set->segment);
	*device = made;
	return (VD_NOERROR);
}

vd_status
client_open_device(struct client_set *set, const char *name,
    struct client_device **device)
{
	struct deadline deadline = clock_deadline(ANNOUNCE_TIMEOUT_MS);
	struct segment *segment = &set->segment;
	vd_status status = VD_NOERROR;
	uint32_t index, seen;
	bool complete;

	*device = NULL;
	if (!enter(set))
		return (VD_E_PROTOCOL);
	while (status == VD_NOERROR) {
		seen = port_gate_read(&segment->control->set_gate);
		if (segment_is_aborted_now(segment)) {
			status = VD_E_ABORT;
		} else if (!is_configured(set, NULL)) {
			status = VD_E_PROTOCOL;
		} else if (segment_is_opened(segment)) {
			status = VD_E_OPEN;
		} else if (!name_is_device_name(name)) {
			status = VD_E_INVALID;
		} else {
			index = find_device(segment, name, &complete);
			if (index < segment->device_count) {
				status = claim_device(set, index, device);
				break;
			}
			status = complete ? VD_E_INVALID :
			    wait_more(set, seen, deadline);
		}
	}
	leave(set);
	return (status);
}

vd_status
client_signal_abort(struct client_set *set)
{
	if (!enter(set))
		return (VD_E_PROTOCOL);
	segment_abort(&set->segment, ABORT_BY_CLIENT);
	leave(set);
	return (VD_NOERROR);
}

/* Is this the address of a data zone that a command has lent us? */
static bool
is_lent(struct client_set *set, const uint8_t *buffer)
{
	struct client_device *device;
	bool lent = false;
	size_t i;

	(void)pthread_mutex_lock(&set->lock);
	for (device = set->devices; device != NULL; device = device->next) {
		(void)pthread_mutex_lock(&device->lock);
		for (i = 0; i < LAYOUT_QUEUE && !lent; i++)
			lent = device->commands[i].outstanding &&
			    device->commands[i].given.buffer == buffer;
		(void)pthread_mutex_unlock(&device->lock);
	}
	(void)pthread_mutex_unlock(&set->lock);
	return (lent);
}

vd_status
client_get_buffer_handle(struct client_set *set, const uint8_t *buffer,
    uint32_t *handle)
{
	vd_status status = VD_E_INVALID;
	uint64_t offset, whole;
	uint32_t index;

	*handle = 0;
	if (!enter(set))
		return (VD_E_PROTOCOL);
	if (buffer != NULL && is_lent(set, buffer) &&
	    areas_locate(&set->areas, buffer, 1, &index, &offset)) {
		whole = set->areas.areas[index].offset + offset;
		if (whole % HANDLE_UNIT == 0 &&
		    whole / HANDLE_UNIT <= UINT32_MAX) {
			*handle = (uint32_t)(whole / HANDLE_UNIT);
			status = VD_NOERROR;
		}
	}
	leave(set);
	return (status);
}

vd_status
client_map_buffer_handle(struct client_set *set, uint32_t handle,
    uint8_t **buffer)
{
	uint64_t whole = (uint64_t)handle * HANDLE_UNIT;
	const struct area *area;
	uint32_t count, i;
	int errnum;

	*buffer = NULL;
	if (!enter(set))
		return (VD_E_PROTOCOL);
	count = atomic_load(&set->segment.control->area_count);
	for (i = 0; i < count && i < LAYOUT_AREAS && *buffer == NULL; i++) {
		area = areas_get(&set->areas, &set->segment, i, &errnum);
		if (area != NULL && whole >= area->offset &&
		    whole - area->offset < area->length)
			*buffer = atomic_load(&area->base) +
			    (whole - area->offset);
	}
	leave(set);
	return (*buffer != NULL ? VD_NOERROR : VD_E_INVALID);
}

/* Make all devices unusable; how many had not reported VD_E_CLOSE.  Set lock
 * held. */
static unsigned
retire_devices(struct client_set *set)
{
	struct client_device *device;
	unsigned open = 0;

	for (device = set->devices; device != NULL; device = device->next)
		if (client_device_retire(device))
			open++;
	return (open);
}

vd_status
client_close(struct client_set *set)
{
	struct segment *segment = &set->segment;
	struct client_device *device;
	bool aborted, primary;
	unsigned open;

	(void)pthread_mutex_lock(&set->lock);
	if (!set->open || set->closing) {
		(void)pthread_mutex_unlock(&set->lock);
		return (VD_E_PROTOCOL);
	}
	set->closing = true;
	primary = segment->role == SEGMENT_CLIENT;
	aborted = segment_is_aborted_now(segment);
	open = retire_devices(set);
	if (!aborted &&
	    (open > 0 || (primary && !segment_is_ended(segment))))
		segment_abort(segment, ABORT_CLIENT_CLOSED);
	port_gate_bump(&segment->control->set_gate);
	/* Every wait looks at `closing` at least four times a second. */
	while (set->users > 0)
		(void)pthread_cond_wait(&set->idle, &set->lock);
	for (device = set->devices; device != NULL; device = device->next)
		client_device_drain(device);
	if (primary) {
		segment_remove_name(segment);
		if (!segment_is_aborted(segment))
			atomic_store(&segment->control->client_left, 1);
	}
	segment_close(segment);
	areas_clear(&set->areas);
	set->open = false;
	set->closing = false;
	(void)pthread_mutex_unlock(&set->lock);
	return (open > 0 && !aborted ? VD_E_OPEN : VD_NOERROR);
}
