/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/clock.h"
#include "runtime/server_private.h"

void
server_device_call_back(const struct server_due *due)
{
	struct VDS_Command *command = due->command;

	command->completionCode = (int32_t)due->code;
	command->bytesTransferred = (int32_t)due->bytes;
	command->outPosition = due->position;
	command->completionRoutine(command);
}

/* Fill in where the command's buffer lies; false: not in shared memory.  A
 * client would refuse what this lets through only if it lied. */
static bool
locate(struct server_device *device, const struct VDS_Command *command,
    uint32_t *area, uint64_t *offset)
{
	struct server_set *set = device->set;
	bool data = command->commandCode == VDC_Read ||
	    command->commandCode == VDC_Write;

	*area = LAYOUT_NO_AREA;
	*offset = 0;
	if (command->buffer == NULL)
		return (!data);
	if (data && command->size < 0)
		return (false);
	return (areas_locate(&set->areas, command->buffer,
	    data ? (uint64_t)command->size : 1, area, offset) &&
	    *offset >= set->wishes.prefixZoneSize);
}

/* Lock held.  A status, and the completion code that goes with a refusal. */
static vd_status
check(struct server_device *device, const struct VDS_Command *command,
    uint32_t *code)
{
	struct server_set *set = device->set;

	*code = VD_ERROR_INVALID_HANDLE;
	if (device->state == SERVER_DEVICE_GONE ||
	    device->state == SERVER_DEVICE_NONE)
		return (VD_E_PROTOCOL);
	if (segment_is_aborted_now(&set->segment)) {
		*code = VD_ERROR_OPERATION_ABORTED;
		return (VD_E_ABORT);
	}
	if (device->state != SERVER_DEVICE_OPEN || !atomic_load(&set->active))
		return (VD_E_PROTOCOL);
	if (device->errored && command->commandCode != VDC_ClearError) {
		*code = VD_ERROR_IO_DEVICE;
		return (VD_E_IO_ERROR);
	}
	/* Never to a client that did not ask for it (spec 18). */
	if (command->commandCode == VDC_Complete &&
	    (set->decision.features & VDF_CompleteEnabled) == 0) {
		*code = VD_ERROR_NOT_SUPPORTED;
		return (VD_E_NOTSUPPORTED);
	}
	return (VD_NOERROR);
}

/* Lock held; everything has been checked.  VD_E_QUEUE_FULL or VD_NOERROR. */
static vd_status
push(struct server_device *device, struct VDS_Command *command,
    uint32_t area, uint64_t offset)
{
	uint32_t position = device->tail;
	struct layout_command *entry;
	struct server_slot *slot;
	uint32_t state;
	uint8_t number;

	entry = &device->shared->commands[position % LAYOUT_QUEUE];
	state = atomic_load_explicit(&entry->word, memory_order_acquire) & 3;
	/* A withdrawn command keeps its entry until the client passes it. */
	if (device->free_count == 0 || state == ENTRY_QUEUED ||
	    state == ENTRY_CANCELLED)
		return (VD_E_QUEUE_FULL);
	number = device->free_slots[--device->free_count];
	slot = &device->slots[number];
	slot->state = SLOT_SENT;
	slot->ticket = position;
	slot->command = command;
	device->slot_at[position % LAYOUT_QUEUE] = number;
	if (atomic_load_explicit(&device->pending,
	    memory_order_relaxed) == 0 && device->set->wishes.serverTimeOut !=
	    0)
		atomic_store(&device->since_ns, clock_now_ns());
	(void)atomic_fetch_add(&device->pending, 1);
	entry->slot = number;
	entry->code = command->commandCode;
	entry->size = command->size;
	entry->position = command->inPosition;
	entry->area = area;
	entry->offset = offset;
	device->tail++;
	atomic_store_explicit(&entry->word, layout_word(position,
	    ENTRY_QUEUED), memory_order_release);
	port_gate_bump(&device->shared->commands_gate);
	return (VD_NOERROR);
}

vd_status
server_send_command(struct server_device *device, struct VDS_Command *command)
{
	struct server_due refused = { .command = command };
	uint64_t offset;
	vd_status status;
	uint32_t area;

	if (command->completionRoutine == NULL)
		return (VD_E_INVALID);
	(void)pthread_mutex_lock(&device->lock);
	status = check(device, command, &refused.code);
	if (status == VD_NOERROR && !locate(device, command, &area, &offset)) {
		refused.code = VD_ERROR_INVALID_PARAMETER;
		status = VD_E_INVALID;
	}
	if (status == VD_NOERROR) {
		refused.code = VD_ERROR_NO_SYSTEM_RESOURCES;
		status = push(device, command, area, offset);
	}
	(void)pthread_mutex_unlock(&device->lock);
	if (status != VD_NOERROR)
		server_device_call_back(&refused);
	return (status);
}

/* Give the slot back and say what is to be called.  Lock held. */
static void
settle(struct server_device *device, uint8_t number, uint32_t code,
    uint32_t bytes, int64_t position, struct server_due *due)
{
	struct server_slot *slot = &device->slots[number];

	due->command = slot->command;
	due->code = code;
	due->bytes = bytes;
	due->position = position;
	slot->state = SLOT_FREE;
	slot->command = NULL;
	device->free_slots[device->free_count++] = number;
	(void)atomic_fetch_sub(&device->pending, 1);
}

/*
 * Withdraw what is queued and not delivered, to be called back with this
 * code; ClearError stays if keep_clear.  Lock held.
 */
static void
withdraw(struct server_device *device, uint32_t code, bool keep_clear)
{
	struct layout_command *entry;
	struct server_slot *slot;
	uint32_t position, word;
	uint8_t number;
	unsigned i;

	for (i = LAYOUT_QUEUE; i > 0; i--) {
		position = device->tail - i;
		number = device->slot_at[position % LAYOUT_QUEUE];
		slot = &device->slots[number];
		if (slot->state != SLOT_SENT || slot->ticket != position ||
		    (keep_clear &&
		    slot->command->commandCode == VDC_ClearError))
			continue;
		entry = &device->shared->commands[position % LAYOUT_QUEUE];
		word = layout_word(position, ENTRY_QUEUED);
		if (!atomic_compare_exchange_strong(&entry->word, &word,
		    layout_word(position, ENTRY_CANCELLED)))
			continue;
		slot->state = SLOT_DECIDED;
		slot->code = code;
		device->decided[device->decided_count++] = number;
	}
	/* The client may wait for a ClearError behind these, or the end. */
	port_gate_bump(&device->shared->commands_gate);
}

/* Lock held.  false: no completion, or (*damaged) nonsense. */
static bool
collect_one(struct server_device *device, struct server_due *due,
    bool *damaged)
{
	struct layout_completion copy, *entry;
	struct server_slot *slot;
	int32_t code;

	entry = &device->shared->completions[device->head % LAYOUT_QUEUE];
	if (atomic_load_explicit(&entry->word, memory_order_acquire) !=
	    device->head + 1)
		return (false);
	copy.slot = entry->slot;
	copy.ticket = entry->ticket;
	copy.code = entry->code;
	copy.bytes = entry->bytes;
	copy.position = entry->position;
	atomic_signal_fence(memory_order_seq_cst);
	*damaged = true;
	if (copy.slot >= LAYOUT_QUEUE)
		return (false);
	slot = &device->slots[copy.slot];
	if (slot->state != SLOT_SENT || slot->ticket != copy.ticket)
		return (false);
	code = slot->command->commandCode;
	if (copy.bytes != 0 && ((code != VDC_Read && code != VDC_Write) ||
	    copy.bytes > (uint32_t)slot->command->size))
		return (false);
	*damaged = false;
	device->head++;
	settle(device, (uint8_t)copy.slot, copy.code, copy.bytes,
	    copy.position, due);
	if (copy.code != VD_ERROR_SUCCESS) {
		device->errored = true;
		withdraw(device, VD_ERROR_IO_DEVICE, true);
	} else if (code == VDC_ClearError) {
		device->errored = false;
	}
	return (true);
}

unsigned
server_device_collect(struct server_device *device,
    struct server_due due[SERVER_BATCH], bool *damaged)
{
	unsigned count = 0, i, taken;
	uint8_t number;

	*damaged = false;
	(void)pthread_mutex_lock(&device->lock);
	if (device->state == SERVER_DEVICE_OPEN ||
	    device->state == SERVER_DEVICE_CLOSED)
		while (count < SERVER_BATCH &&
		    collect_one(device, &due[count], damaged))
			count++;
	for (taken = 0; taken < device->decided_count && count < SERVER_BATCH;
	    taken++) {
		number = device->decided[taken];
		settle(device, number, device->slots[number].code, 0, 0,
		    &due[count++]);
	}
	device->decided_count -= taken;
	for (i = 0; taken > 0 && i < device->decided_count; i++)
		device->decided[i] = device->decided[i + taken];
	(void)pthread_mutex_unlock(&device->lock);
	return (count);
}

unsigned
server_device_collect_all(struct server_device *device,
    struct server_due due[LAYOUT_QUEUE])
{
	struct server_slot *slot;
	unsigned count = 0, i;
	uint8_t number;

	(void)pthread_mutex_lock(&device->lock);
	/* In the order of sending. */
	for (i = LAYOUT_QUEUE; i > 0; i--) {
		number = device->slot_at[(device->tail - i) % LAYOUT_QUEUE];
		slot = &device->slots[number];
		if (slot->state != SLOT_FREE &&
		    slot->ticket == device->tail - i)
			settle(device, number, VD_ERROR_OPERATION_ABORTED, 0,
			    0, &due[count++]);
	}
	for (number = 0; number < LAYOUT_QUEUE; number++)
		if (device->slots[number].state != SLOT_FREE)
			settle(device, number, VD_ERROR_OPERATION_ABORTED, 0,
			    0, &due[count++]);
	device->decided_count = 0;
	(void)pthread_mutex_unlock(&device->lock);
	return (count);
}

vd_status
server_close_device(struct server_device *device)
{
	struct server_set *set = device->set;
	vd_status status = VD_NOERROR;

	(void)pthread_mutex_lock(&device->lock);
	if (device->state == SERVER_DEVICE_GONE ||
	    device->state == SERVER_DEVICE_NONE)
		status = VD_E_PROTOCOL;
	else if (segment_is_aborted_now(&set->segment))
		status = VD_E_ABORT;
	else if (device->state == SERVER_DEVICE_CLOSED)
		status = VD_E_CLOSE;
	else if (!atomic_load(&set->active))
		status = VD_E_PROTOCOL;
	if (status != VD_NOERROR)
		goto out;
	device->state = SERVER_DEVICE_CLOSED;
	withdraw(device, VD_ERROR_OPERATION_ABORTED, false);
	(void)atomic_fetch_add(&set->closed, 1);
	/* Known before the client can see it and leave. */
	if (server_agent_is_through(set))
		atomic_store(&set->segment.finished, true);
	atomic_store(&device->shared->server_state, DEVICE_CLOSED);
	port_gate_bump(&device->shared->commands_gate);
	(void)atomic_fetch_or(&set->segment.control->ready,
	    (uint64_t)1 << device->index);
	port_gate_bump(&set->segment.control->agent_gate);
out:
	(void)pthread_mutex_unlock(&device->lock);
	return (status);
}

void
server_device_retire(struct server_device *device)
{
	(void)pthread_mutex_lock(&device->lock);
	device->state = SERVER_DEVICE_GONE;
	device->shared = NULL;
	(void)pthread_mutex_unlock(&device->lock);
}
