/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SEGMENT_H
#define RUNTIME_SEGMENT_H

#include "base/attr.h"
#include "base/clock.h"
#include "runtime/layout.h"
#include "runtime/name.h"

#include <stdatomic.h>
#include <stdbool.h>

/*
 * One process's hold on a device set: the shared memory object, its control
 * area, the signs of life of both sides, and the abort state.
 *
 *     segment_create | segment_open -> ... -> segment_close
 *
 * The caller sees to it that nobody is inside any of these functions when it
 * calls segment_close; apart from that, they may be called from any thread.
 *
 * The abort state is kept twice: in the control area, for the peer, and here,
 * so that a peer cannot take it back.
 */

enum segment_role { SEGMENT_CLIENT, SEGMENT_SECONDARY, SEGMENT_SERVER };

struct segment {
	enum segment_role role;
	int fd;
	uint32_t device_count; /* checked */
	struct layout_control *control;
	size_t control_size;
	char object[NAME_OBJECT_SIZE];
	_Atomic uint32_t aborted;  /* enum layout_abort, once and for all */
	_Atomic int64_t tested_ns; /* when the peers were last looked at */
	/* The server half's own knowledge that everything has ended. */
	_Atomic bool finished;
};

/* An empty object, which segment_close accepts. */
void segment_init(struct segment *segment);

/*
 * Make the object of a set.  The statuses are client_create's; *errnum says
 * why, where a system call is the reason.
 */
vd_status segment_create(struct segment *segment, const char *name,
    const struct VDConfig *wishes, int64_t group, int *errnum) MUST_CHECK;

/* Attach to it.  VD_E_INVALID: there is no such set that is alive and may be
 * used; a SEGMENT_SERVER is the set's only one. */
vd_status segment_open(struct segment *segment, const char *name,
    enum segment_role role, int *errnum) MUST_CHECK;

/* Take the name away; the set lives on for those who have it open. */
void segment_remove_name(struct segment *segment);

void segment_close(struct segment *segment);

/* The client's wishes, copied. */
struct VDConfig segment_wishes(const struct segment *segment);
/* The name of a device as its bytes are now; false: nothing sensible. */
bool segment_device_name(const struct segment *segment, uint32_t index,
    char name[LAYOUT_NAME + 1]);

/* Enter the abort state; the first reason stays.  Wakes everybody. */
void segment_abort(struct segment *segment, enum layout_abort reason);
/* Whether the set is in the abort state. */
bool segment_is_aborted(struct segment *segment);
/* The same, after a look at the peers if it is time for one: for calls that
 * do not wait, which would not notice a death otherwise. */
bool segment_is_aborted_now(struct segment *segment);
/* In words: "the server process died"; "" outside the abort state. */
const char *segment_abort_text(struct segment *segment);

/* Have all devices been closed by the server? */
bool segment_is_ended(const struct segment *segment);
/* Have all devices been opened by clients? */
bool segment_is_opened(const struct segment *segment);

/* Has the primary client closed the set in order, and let go of it? */
bool segment_has_client_left(const struct segment *segment);

/*
 * Sleep until the gate moves on from seen or the deadline passes, but only
 * for a slice of time, at whose end the peers are looked at; the caller looks
 * at its own condition again after every return.
 */
void segment_wait(struct segment *segment, struct port_gate *gate,
    uint32_t seen, struct deadline deadline);
/* Look whether the peers are alive, if it is time to. */
void segment_test_peers(struct segment *segment);

#endif
