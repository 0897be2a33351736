/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/attr.h"
#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Fault drills: what --inject asks for, and whether it is time.
 *
 *     FAULT[,key=value...]
 *
 *     abort  fail  stall=SECONDS  kill  close-early  drop  corrupt
 *     sink-full  sink-error  sql-cancel
 *     keys: device=N (1..64)  command=N (1..)  after=BYTES  at=PLACE
 *           code=NAME (fail: disk-full, write-fault, read-fault, crc,
 *           io-device, not-supported, end-of-media, aborted, or a number)
 *
 * One grammar for both programs.  A fault without a place fires at the first
 * command of any device.  PLACE is a phase of the program, or a kind of
 * command, "flush" or "complete", which may go with device=N.  Each fault
 * fires once and is announced when it fires, so that a drill can be told from
 * an accident.
 *
 *     fault_plan_init -> fault_plan_add per option -> fault_plan_check
 *       -> the questions, from any thread (a lock inside; a plan without
 *       faults costs one comparison) -> fault_plan_release
 */

enum fault_kind {
	FAULT_ABORT,
	FAULT_FAIL,
	FAULT_STALL,
	FAULT_KILL,
	FAULT_CLOSE_EARLY,
	FAULT_DROP,
	FAULT_CORRUPT,
	FAULT_SINK_FULL,
	FAULT_SINK_ERROR,
	FAULT_SQL_CANCEL
};

#define FAULT_KINDS (FAULT_SQL_CANCEL + 1)
#define FAULT_MAX 16

struct fault {
	enum fault_kind kind;
	unsigned device;  /* 1..64, 0: any */
	uint64_t command; /* the Nth command of its device, 0: any */
	uint64_t after;   /* once the device has moved this many bytes */
	bool has_after;
	char phase[24];   /* at=PLACE, or empty: at a command */
	uint32_t code;    /* fail: the completion code; 0: what fits */
	int64_t stall_ms; /* stall: how long */
	bool fired;
	char text[96];    /* as it was given */
};

/* Called, from the thread that asked, when a fault fires: its text, and where
 * it hit: "device 1, command 3" or "phase manifest". */
typedef void fault_announcer(void *context, const char *text,
    const char *where);

struct fault_plan {
	unsigned count;
	struct fault faults[FAULT_MAX];
	pthread_mutex_t lock; /* guards every fault's fired */
	fault_announcer *announce;
	void *context;
};

/* announce may be NULL. */
void fault_plan_init(struct fault_plan *plan, fault_announcer *announce,
    void *context);
void fault_plan_release(struct fault_plan *plan);

/* Add what one option says.  KIND_USAGE with the part that is wrong. */
int fault_plan_add(struct fault_plan *plan, const char *text,
    struct error *error) MUST_CHECK;

/* A command that is about to be served, or sent. */
struct fault_place {
	unsigned device;  /* from 1 */
	uint64_t command; /* of its device, from 1 */
	uint64_t bytes;   /* that the device moved before it */
	const char *name; /* "flush" or "complete"; NULL: any other */
};

/*
 * Is one of the kinds in mask (1 << kind) due at this command?  The fault is
 * marked as fired and announced; NULL: none.  `corrupt` is due at the first
 * command with data from its command=N on, the others at that very one.
 */
const struct fault *fault_at_command(struct fault_plan *plan, unsigned mask,
    const struct fault_place *place);

/* The same at a named phase of the job. */
const struct fault *fault_at_phase(struct fault_plan *plan, unsigned mask,
    const char *phase);

/* Somebody else has played the fault of this text; whether it is in the plan
 * and had not fired before.  Announces nothing. */
bool fault_has_fired(struct fault_plan *plan, const char *text);

/* The first of that kind that has fired, or NULL. */
const struct fault *fault_fired_of(struct fault_plan *plan,
    enum fault_kind kind);

/* How many have fired. */
unsigned fault_fired(struct fault_plan *plan);

/* "abort", "sink-full". */
const char *fault_kind_name(enum fault_kind kind);

#define FAULT_MASK(kind) (1u << (kind))
#define FAULT_MASK_ALL 0xFFFFFFFFu

#endif
