/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/clock.h"
#include "base/port/handover.h"
#include "runtime/client_private.h"

#include <stdlib.h>

struct client_device *
client_device_new(struct client_set *set, uint32_t index)
{
	struct client_device *device;

	device = calloc(1, sizeof(*device));
	if (device == NULL)
		return (NULL);
	device->set = set;
	device->index = index;
	device->shared = &set->segment.control->devices[index];
	device->state = CLIENT_DEVICE_OPEN;
	(void)pthread_mutex_init(&device->lock, NULL);
	(void)pthread_cond_init(&device->idle, NULL);
	return (device);
}

void
client_device_free(struct client_device *device)
{
	(void)pthread_cond_destroy(&device->idle);
	(void)pthread_mutex_destroy(&device->lock);
	free(device);
}

bool
client_device_retire(struct client_device *device)
{
	bool open;

	(void)pthread_mutex_lock(&device->lock);
	open = device->state == CLIENT_DEVICE_OPEN;
	if (device->state != CLIENT_DEVICE_GONE)
		port_gate_bump(&device->shared->commands_gate);
	device->state = CLIENT_DEVICE_GONE;
	(void)pthread_mutex_unlock(&device->lock);
	return (open);
}

void
client_device_drain(struct client_device *device)
{
	(void)pthread_mutex_lock(&device->lock);
	while (device->users > 0)
		(void)pthread_cond_wait(&device->idle, &device->lock);
	device->shared = NULL;
	(void)pthread_mutex_unlock(&device->lock);
}

/* What a look at the queue found. */
enum take { TAKE_NONE, TAKE_COMMAND, TAKE_DAMAGED, TAKE_UNMAPPED };

static bool
moves_data(int32_t code)
{
	return (code == VDC_Read || code == VDC_Write);
}

/*
 * Turn a taken entry into a command of ours.  copy is private; all of it is
 * still to be checked.
 */
static enum take
accept(struct client_device *device, const struct layout_command *copy,
    uint32_t position, struct VDC_Command **command)
{
	struct client_set *set = device->set;
	struct client_command *own;
	const struct area *area;
	uint8_t *buffer = NULL;
	uint32_t prefix = set->wishes.prefixZoneSize;
	uint64_t size = 0;
	int errnum;

	if (copy->slot >= LAYOUT_QUEUE)
		return (TAKE_DAMAGED);
	own = &device->commands[copy->slot];
	if (own->outstanding)
		return (TAKE_DAMAGED);
	if (moves_data(copy->code)) {
		if (copy->size < 0 || copy->area == LAYOUT_NO_AREA)
			return (TAKE_DAMAGED);
		size = (uint64_t)copy->size;
	}
	if (copy->area != LAYOUT_NO_AREA) {
		area = areas_get(&set->areas, &set->segment, copy->area,
		    &errnum);
		if (area == NULL && errnum != 0) {
			atomic_store(&set->last_errno, errnum);
			return (TAKE_UNMAPPED);
		}
		if (area == NULL || copy->offset < prefix ||
		    copy->offset >= area->length ||
		    size > area->length - copy->offset)
			return (TAKE_DAMAGED);
		buffer = atomic_load(&area->base) + copy->offset;
	}
	own->given.commandCode = copy->code;
	own->given.size = copy->size;
	own->given.position = copy->position;
	own->given.buffer = buffer;
	port_handover_take(buffer);
	own->slot = copy->slot;
	own->ticket = position;
	own->outstanding = true;
	device->outstanding++;
	*command = &own->given;
	return (TAKE_COMMAND);
}

/*
 * Take the next command that may be delivered.  Lock held.
 *
 * In IO-ERROR the server withdraws what is queued as soon as it has seen the
 * failed completion; until then it stays where it is.  ClearError waits for
 * everything outstanding (spec 9.4).
 */
static enum take
take(struct client_device *device, struct VDC_Command **command)
{
	struct layout_command copy, *entry;
	unsigned looks;
	uint32_t word;

	/* More looks than entries are no queue's normal course. */
	for (looks = 0; looks < 2 * LAYOUT_QUEUE; looks++) {
		entry = &device->shared->commands[device->head % LAYOUT_QUEUE];
		word = atomic_load_explicit(&entry->word,
		    memory_order_acquire);
		if (word == layout_word(device->head, ENTRY_CANCELLED)) {
			if (atomic_compare_exchange_strong(&entry->word, &word,
			    layout_word(device->head, ENTRY_TAKEN)))
				device->head++;
			continue;
		}
		if (word != layout_word(device->head, ENTRY_QUEUED))
			return (TAKE_NONE);
		copy.slot = entry->slot;
		copy.code = entry->code;
		copy.size = entry->size;
		copy.position = entry->position;
		copy.offset = entry->offset;
		copy.area = entry->area;
		atomic_signal_fence(memory_order_seq_cst);
		if (device->errored && (copy.code != VDC_ClearError ||
		    device->outstanding > 0))
			return (TAKE_NONE);
		if (!atomic_compare_exchange_strong(&entry->word, &word,
		    layout_word(device->head, ENTRY_TAKEN)))
			continue;
		device->head++;
		return (accept(device, &copy, device->head - 1, command));
	}
	return (TAKE_DAMAGED);
}

/*
 * One look at the device: a final status, or VD_E_TIMEOUT for nothing yet.
 * Lock held.  Order: abort, command, closed (spec 27.2); whether the device
 * is closed is read first, so that no command sent before is overtaken.
 */
static vd_status
look(struct client_device *device, struct VDC_Command **command)
{
	struct segment *segment = &device->set->segment;
	bool closed;

	if (device->state == CLIENT_DEVICE_GONE)
		return (VD_E_PROTOCOL);
	if (segment_is_aborted_now(segment))
		return (VD_E_ABORT);
	if (device->state == CLIENT_DEVICE_ENDED)
		return (VD_E_CLOSE);
	closed = atomic_load(&device->shared->server_state) == DEVICE_CLOSED;
	switch (take(device, command)) {
	case TAKE_COMMAND:
		return (VD_NOERROR);
	case TAKE_DAMAGED:
		segment_abort(segment, ABORT_VIOLATION);
		return (VD_E_ABORT);
	case TAKE_UNMAPPED:
		segment_abort(segment, ABORT_NO_MEMORY);
		return (VD_E_ABORT);
	default:
		break;
	}
	if (!closed || device->outstanding > 0)
		return (VD_E_TIMEOUT);
	device->state = CLIENT_DEVICE_ENDED;
	atomic_store(&device->shared->client_state, DEVICE_CLOSED);
	return (VD_E_CLOSE);
}

/* Wait for the gate without the lock; counted as a user. */
static void
wait_unlocked(struct client_device *device, uint32_t seen, bool spin,
    struct deadline deadline)
{
	struct port_gate *gate = &device->shared->commands_gate;

	device->users++;
	(void)pthread_mutex_unlock(&device->lock);
	if (!spin || !port_gate_spin(gate, seen))
		segment_wait(&device->set->segment, gate, seen, deadline);
	(void)pthread_mutex_lock(&device->lock);
	if (--device->users == 0)
		(void)pthread_cond_broadcast(&device->idle);
}

vd_status
client_get_command(struct client_device *device, int64_t timeout_ms,
    struct VDC_Command **command)
{
	struct deadline deadline = { 0 };
	bool first = true;
	vd_status status;
	uint32_t seen = 0;

	*command = NULL;
	(void)pthread_mutex_lock(&device->lock);
	for (;;) {
		if (device->state != CLIENT_DEVICE_GONE)
			seen = port_gate_read(&device->shared->commands_gate);
		status = look(device, command);
		/* Close came while this was waiting (spec 14.2). */
		if (status == VD_E_PROTOCOL && !first)
			status = VD_E_ABORT;
		if (status != VD_E_TIMEOUT)
			break;
		if (first)
			deadline = clock_deadline(timeout_ms);
		if (timeout_ms == 0 || clock_has_passed(deadline))
			break;
		wait_unlocked(device, seen, first, deadline);
		first = false;
	}
	(void)pthread_mutex_unlock(&device->lock);
	return (status);
}

/* The outstanding command that the caller means, or NULL. */
static struct client_command *
find(struct client_device *device, const struct VDC_Command *command)
{
	uintptr_t first = (uintptr_t)device->commands;
	uintptr_t at = (uintptr_t)command;
	struct client_command *own;

	if (at < first || at - first >= sizeof(device->commands) ||
	    (at - first) % sizeof(*own) != 0)
		return (NULL);
	own = &device->commands[(at - first) / sizeof(*own)];
	return (own->outstanding ? own : NULL);
}

/* Hand the completion to the server's agent.  Lock held. */
static void
post(struct client_device *device, const struct client_command *own,
    uint32_t code, uint32_t bytes, int64_t position)
{
	struct layout_control *control = device->set->segment.control;
	uint64_t bit = (uint64_t)1 << device->index;
	struct layout_completion *entry;

	entry = &device->shared->completions[device->tail % LAYOUT_QUEUE];
	entry->slot = own->slot;
	entry->ticket = own->ticket;
	entry->code = code;
	entry->bytes = bytes;
	entry->position = position;
	device->tail++;
	atomic_store_explicit(&entry->word, device->tail,
	    memory_order_release);
	(void)atomic_fetch_or(&control->ready, bit);
	port_gate_bump(&control->agent_gate);
}

vd_status
client_complete_command(struct client_device *device,
    struct VDC_Command *command, uint32_t completion_code,
    uint32_t bytes_transferred, int64_t position)
{
	struct client_command *own;
	vd_status status = VD_NOERROR;
	bool data;

	(void)pthread_mutex_lock(&device->lock);
	if (device->state == CLIENT_DEVICE_GONE) {
		status = VD_E_PROTOCOL;
		goto out;
	}
	if (segment_is_aborted_now(&device->set->segment)) {
		status = VD_E_ABORT;
		goto out;
	}
	if (device->state == CLIENT_DEVICE_ENDED) {
		status = VD_E_PROTOCOL;
		goto out;
	}
	own = find(device, command);
	if (own == NULL) {
		status = VD_E_INVALID;
		goto out;
	}
	data = moves_data(own->given.commandCode);
	if (data && bytes_transferred > (uint32_t)own->given.size) {
		status = VD_E_INVALID;
		goto out;
	}
	if (completion_code != VD_ERROR_SUCCESS)
		device->errored = true;
	else if (own->given.commandCode == VDC_ClearError)
		device->errored = false;
	own->outstanding = false;
	device->outstanding--;
	port_handover_give(own->given.buffer);
	post(device, own, completion_code, data ? bytes_transferred : 0,
	    position);
	/* A ClearError or the end of the device may have waited for this. */
	if (device->outstanding == 0 && (device->errored ||
	    atomic_load(&device->shared->server_state) == DEVICE_CLOSED))
		port_gate_bump(&device->shared->commands_gate);
out:
	(void)pthread_mutex_unlock(&device->lock);
	return (status);
}
