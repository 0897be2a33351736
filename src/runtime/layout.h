/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_LAYOUT_H
#define RUNTIME_LAYOUT_H

#include "base/port/gate.h"
#include "runtime/vdi.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What two processes see of a device set: the control area at the start of
 * the set's shared memory object.  The buffer areas follow it, and its table
 * tells where.
 *
 * Fixed widths, offsets instead of pointers, version first.  No lock lives
 * here: each word has one writer, or is changed by compare-and-exchange, so
 * that a process which dies at any instruction leaves nothing held.  A reader
 * copies, then checks; what it must rely on later it keeps to itself.
 *
 * Order of publication: everything before `magic`, the client's wishes before
 * `magic`, the server's decision before PHASE_CONFIGURED, an area's entry
 * before `area_count`, a device's name before its server_state, a queue
 * entry's fields before its word.
 */

#define LAYOUT_MAGIC 0x69445676u
#define LAYOUT_VERSION 1u
#define LAYOUT_QUEUE 128u /* commands of a device, sent and not completed */
#define LAYOUT_AREAS 1024u
#define LAYOUT_NAME 1040u    /* bytes of a name, without a terminator */
#define LAYOUT_UNIT 65536u   /* areas start and end at multiples of this */
#define LAYOUT_NO_AREA UINT32_MAX

enum layout_phase {
	PHASE_CREATED = 1,
	PHASE_CONNECTED = 2,
	PHASE_CONFIGURED = 3
};

/* Who asked for the abort state first, and why. */
enum layout_abort {
	ABORT_NONE = 0,
	ABORT_BY_CLIENT,
	ABORT_BY_SERVER,
	ABORT_CLIENT_CLOSED,
	ABORT_SERVER_CLOSED,
	ABORT_CLIENT_DIED,
	ABORT_SERVER_DIED,
	ABORT_TIMED_OUT,
	ABORT_VIOLATION,
	ABORT_NO_MEMORY,
	ABORT_CUT_SHORT
};

enum layout_device_state {
	DEVICE_UNKNOWN = 0,
	DEVICE_OPEN = 1,
	DEVICE_CLOSED = 2
};

/*
 * A queue entry's word: position << 2 | state.  Positions count up for ever;
 * an entry serves position, position + LAYOUT_QUEUE, ...  The server queues
 * and cancels, the client takes; both by compare-and-exchange, so a command
 * is either delivered or withdrawn, never both.
 */
enum layout_entry {
	ENTRY_FREE = 0,
	ENTRY_QUEUED = 1,
	ENTRY_TAKEN = 2,
	ENTRY_CANCELLED = 3
};

static inline uint32_t
layout_word(uint32_t position, enum layout_entry state)
{
	return (position << 2 | (uint32_t)state);
}

struct layout_command {
	_Atomic uint32_t word;
	uint32_t slot; /* names the command in its completion */
	int32_t code;
	int32_t size;
	int64_t position;
	uint64_t offset; /* of the data zone in its area */
	uint32_t area;   /* LAYOUT_NO_AREA: no buffer */
	uint32_t spare[7];
};

/* The client writes these in order; word is the position + 1. */
struct layout_completion {
	_Atomic uint32_t word;
	uint32_t slot;
	uint32_t ticket; /* position of the command that this answers */
	uint32_t code;
	uint32_t bytes;
	uint32_t spare;
	int64_t position;
};

struct layout_device {
	struct port_gate commands_gate; /* the device's client waits here */
	uint32_t spare0[14];
	_Atomic uint32_t server_state;
	_Atomic uint32_t client_state;
	uint32_t name_length;
	char name[LAYOUT_NAME];
	uint32_t spare1[9];
	struct layout_command commands[LAYOUT_QUEUE];
	struct layout_completion completions[LAYOUT_QUEUE];
};

struct layout_area {
	uint64_t offset; /* in the object */
	uint64_t length;
};

struct layout_control {
	uint32_t version;
	_Atomic uint32_t magic;
	uint32_t device_count;
	uint32_t name_length;
	char name[LAYOUT_NAME];
	struct VDConfig wishes;   /* the client's */
	struct VDConfig decision; /* the server's, complete */
	_Atomic uint32_t phase;
	_Atomic uint32_t abort;
	_Atomic uint32_t area_count;
	_Atomic uint32_t client_left; /* 1: the primary closed in order */
	uint32_t spare0[14];
	struct port_gate set_gate; /* phase, abort, names, opened devices */
	uint32_t spare1[14];
	struct port_gate agent_gate; /* the server's agent waits here */
	uint32_t spare2[14];
	_Atomic uint64_t ready; /* bit per device: completions to look at */
	uint32_t spare3[14];
	struct layout_area areas[LAYOUT_AREAS];
	struct layout_device devices[];
};

_Static_assert(sizeof(struct layout_command) == 64, "one cache line");
_Static_assert(sizeof(struct layout_completion) == 32, "half a cache line");
_Static_assert(offsetof(struct layout_device, server_state) == 64,
    "the gate has a cache line to itself");
_Static_assert(offsetof(struct layout_device, commands) == 1152, "layout");
_Static_assert(offsetof(struct layout_device, completions) == 9344, "layout");
_Static_assert(sizeof(struct layout_device) == 13440, "layout");
_Static_assert(offsetof(struct layout_control, wishes) == 1056, "layout");
_Static_assert(offsetof(struct layout_control, phase) == 1144, "layout");
_Static_assert(offsetof(struct layout_control, set_gate) == 1216, "layout");
_Static_assert(offsetof(struct layout_control, agent_gate) == 1280, "layout");
_Static_assert(offsetof(struct layout_control, ready) == 1344, "layout");
_Static_assert(offsetof(struct layout_control, areas) == 1408, "layout");
_Static_assert(offsetof(struct layout_control, devices) == 17792, "layout");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2,
    "shared words need no lock");

/* Bytes of a control area with that many devices, whole units. */
static inline size_t
layout_size(uint32_t device_count)
{
	size_t size = sizeof(struct layout_control) +
	    device_count * sizeof(struct layout_device);

	return ((size + LAYOUT_UNIT - 1) / LAYOUT_UNIT * LAYOUT_UNIT);
}

#endif
