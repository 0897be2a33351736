/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_STATES_H
#define TESTS_CONFORMANCE_STATES_H

#include "base/attr.h"
#include "states_half.h"

#include <check.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * doc/states.md says what every call answers in every state, and is carried
 * out row by row:
 *
 *     states_table.c     reads the document
 *     states_half.h      one half of a set, here or in a process of its own
 *     states_scene.c     brings both halves into the state
 *     states_cases.c     what the parts of a row's case mean
 *     states_prepare.h   ... what they prepare
 *     states_client.c    the client's calls
 *     states_server.c    the server's calls
 *     states_other.c     what the other side sees
 *     states_row.c       one row, in each of the ways
 *     states_command.c   the tables of commands by device state
 *     states_race.c      the table of calls at the same time
 *     states.c           all rows, and whether none is missing
 *
 * A scene is one execution: fresh objects, the state, the call, the looks.
 */

/* ---- the document ---- */

enum states_side {
	SIDE_CLIENT,
	SIDE_SECONDARY,
	SIDE_SERVER,
	SIDE_CLIENT_DEVICE,
	SIDE_SERVER_DEVICE,
	SIDE_COMMAND, /* a row is one cell: call, state, command, answer */
	SIDE_RACE,
	SIDE_COUNT
};

#define ON(side) (1u << (side))

/* The texts are the document's; those that a side's tables lack are "". */
struct states_row {
	unsigned line;
	enum states_side side;
	const char *who; /* of a race */
	const char *call, *state, *variant, *answer, *after, *other, *source;
};

struct states_table {
	char *text; /* the rows' strings lie in it */
	struct states_row *rows;
	size_t count, room;
};

/* Ends the test program, with the line's number, where the document is not
 * what it should be. */
void states_table_read(struct states_table *table, const char *path);
void states_table_release(struct states_table *table);

/* The state of that name on that side, or STATE_NONE. */
enum half_state states_state(enum states_side side, const char *name);
/* Its name; "no state" for one that the side does not have. */
const char *states_state_name(enum states_side side, enum half_state state);

/* ---- a scene ---- */

enum way { WAY_HERE, WAY_THREAD, WAY_PROCESS };

/* How the abort state came about. */
enum cause { CAUSE_OWN, CAUSE_PEER, CAUSE_PEER_CLOSED, CAUSE_PEER_DIED };

/* What of a row's many executions this one is. */
struct plan {
	enum way way;
	enum cause cause;
	/* What comes before the abort or the close; STATE_NONE: the usual. */
	enum half_state origin;
};

#define ANSWER_SIZE 80
#define CASES 3
#define CALLERS HALF_DEVICES

struct scene;

/* One call and what came of it. */
struct attempt {
	struct scene *scene;
	unsigned number; /* of the caller, where there are several */
	pthread_t thread;
	_Atomic pid_t tid; /* once the call is about to be made */
	char answer[ANSWER_SIZE];
	const char *complaint; /* what was wrong beside the answer, or NULL */
};

/* What a case chooses for the arguments of the call. */
enum choice {
	CHOICE_NONE,
	CHOICE_EMPTY_NAME,
	CHOICE_NO_NAME,
	CHOICE_BACKSLASH,
	CHOICE_LONG_NAME,
	CHOICE_USED_NAME,
	CHOICE_SAME_NAME,
	CHOICE_WRONG_NAME,
	CHOICE_WRONG_LETTERS,
	CHOICE_TAKEN_NAME,
	CHOICE_EACH,
	CHOICE_FEATURES,
	CHOICE_COUNT,
	CHOICE_ALIGNMENT,
	CHOICE_FILEMARK,
	CHOICE_PREFIX,
	CHOICE_NO_CONFIGURATION,
	CHOICE_NO_RESULT,
	CHOICE_HELD,
	CHOICE_OTHERS,
	CHOICE_TWICE,
	CHOICE_NULL,
	CHOICE_FOREIGN,
	CHOICE_TOO_MANY_BYTES,
	CHOICE_LENT,
	CHOICE_INSIDE,
	CHOICE_GIVEN_BACK,
	CHOICE_HANDLE,
	CHOICE_BLOCK,
	CHOICE_TRANSFER,
	CHOICE_ZERO,
	CHOICE_TOO_MUCH,
	CHOICE_ANOTHER_SIZE,
	CHOICE_FREED,
	CHOICE_NO_BUFFER,
	CHOICE_NEGATIVE,
	CHOICE_NO_ROUTINE,
	CHOICE_CODE,
	CHOICE_CALLBACK
};

struct scene {
	const struct states_row *row;
	struct plan plan;
	enum half_state state; /* the row's */
	/* From the row's case. */
	const struct states_case *cases[CASES];
	unsigned case_count;
	void (*prepare)(struct scene *scene); /* or of the row itself */
	enum choice choice;
	uint32_t number; /* that goes with the choice; a completion code */
	void (*event)(struct scene *scene);
	bool several; /* the event ends the call for as many as make it */
	/* How far the halves are opened in the state Initializing. */
	unsigned announced, opened;
	bool has_agent;   /* its thread is started */
	bool is_absent;   /* the server has not come */
	bool is_unasked;  /* the client has not called GetConfiguration */
	bool is_attached; /* the second process of the client */
	bool has_own;     /* ... with a device of its own */
	bool drops_name;
	struct VDConfig wishes; /* of the client */
	/* The halves. */
	struct half client, second, server;
	struct half *subject, *other;
	bool has_second;
	/* For calls. */
	char created[64]; /* the name that Create was called with */
	uint8_t *buffer;
	uint32_t handle;
	struct client_set *spare; /* a client object beside the scene's */
	struct server_set *rival; /* a server object beside the scene's */
	/* Before the call. */
	enum half_state other_before, client_before;
	int callbacks_before;
};

void scene_init(struct scene *scene, const struct states_row *row,
    const struct plan *plan);
/* Bring both halves into the row's state, its case's preparations included.
 */
void scene_build(struct scene *scene);
/* End everything, and see that nothing is left: every command called back
 * once, the name free. */
void scene_end(struct scene *scene);

/* The row cannot be carried out as it says: fail with its line and way. */
void scene_fail(const struct scene *scene, const char *format, ...)
    PRINTF_LIKE(2, 3) NO_RETURN;
/* An order that must have this result. */
void scene_want(struct scene *scene, struct half *half, enum order order,
    unsigned index, int argument, int wanted);
/* Wait until a look at the half shows the state. */
bool scene_await_state(struct half *half, enum half_state state);
/* The half of the client that drives a device. */
struct half *scene_owner(struct scene *scene, unsigned index);
/* The device that a case is about: the first that the subject drives. */
unsigned scene_device(const struct scene *scene);
/* Send a command to a device; have it taken; have it completed. */
void scene_send(struct scene *scene, unsigned index, int32_t code);
void scene_lend(struct scene *scene, unsigned index, int32_t code);
void scene_round(struct scene *scene, unsigned index);

/* ---- cases ---- */

/*
 * One part of a row's case.  shape comes before the state is built; prepare
 * after it, but before the abort, the close or the error in the states that
 * these lead to; follow in the very state; event while the call is waiting.
 */
struct states_case {
	const char *text;
	unsigned sides;   /* ON(side) | ... */
	const char *call; /* NULL: any */
	enum choice choice;
	uint32_t number;
	void (*shape)(struct scene *scene);
	void (*prepare)(struct scene *scene);
	void (*follow)(struct scene *scene);
	void (*event)(struct scene *scene);
	bool several;
	bool needs_process; /* the other half must be one */
};

/* The case of that name, for the row's side and call, or NULL. */
const struct states_case *states_case_find(const struct states_row *row,
    const char *text);
size_t states_case_count(void);
const struct states_case *states_case_at(size_t index);
/* Take the row's case apart into scene->cases; fails on unknown parts. */
void states_case_parse(struct scene *scene);

/* ---- calls ---- */

struct states_call {
	const char *name;
	unsigned sides;
	void (*make)(struct scene *scene, struct attempt *attempt);
	bool needs_object; /* a device or a buffer that other calls give */
	bool is_single;    /* only one can be inside */
};

const struct states_call *states_call_find(enum states_side side,
    const char *name);
extern const struct states_call states_client_calls[];
extern const size_t states_client_call_count;
extern const struct states_call states_server_calls[];
extern const size_t states_server_call_count;

void attempt_answer(struct attempt *attempt, vd_status status);
/* A result that must be NULL unless the call succeeded. */
void attempt_check_result(struct attempt *attempt, vd_status status,
    const void *result);
void attempt_complain(struct attempt *attempt, const char *complaint);

/* ---- the other side ---- */

/* Note what the other side is like before the call. */
void states_other_before(struct scene *scene);
/* Is the row's text about the other side true? */
void states_other_check(struct scene *scene);

/* ---- rows ---- */

/* Execute in every way that fits; the number of executions. */
unsigned states_row_run(const struct states_row *row);
unsigned states_race_run(const struct states_row *row);

/* A row that is one cell of the tables of commands: what it adds before the
 * scene is built, and what is looked at after the call. */
int32_t states_command_code(const struct states_row *row);
void states_command_shape(struct scene *scene);
void states_command_check(struct scene *scene);

/* Wait until that thread of this process sleeps; and the name of ours. */
bool states_thread_sleeps(pid_t tid);
pid_t states_thread_self(void);
/* Is a state, or one of several joined by "or", that which the half is in? */
void states_row_check_after(struct scene *scene);

#endif
