/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_STATES_HALF_H
#define TESTS_CONFORMANCE_STATES_HALF_H

#include "peer.h"
#include "rig.h"

#include <stdbool.h>

/*
 * One half of a device set, in this process or in one of its own, driven by
 * orders.
 *
 *     half_init -> half_start -> half_order ... -> half_release
 *
 * An order is one call of the runtime on that half, or a look at it, and its
 * result is a number: so what builds a state and what looks at it afterwards
 * need not know where the half lives.  No order makes an assertion; a half
 * that is here can also be used directly, through its members.
 *
 * Looking (ORDER_PROBE) uses calls whose answer tells the state and which
 * change nothing: the state is what the runtime shows, not what it keeps.
 */

#define HALF_DEVICES 3u
#define HALF_SENT 200u
#define HALF_HELD 130u
#define HALF_BUFFER 4096u
#define HALF_BUFFERS 16u /* the server has that many when it is configured */

enum half_kind { HALF_CLIENT, HALF_SECONDARY, HALF_SERVER };

/* States of a set, then those of a device that have no set's name. */
enum half_state {
	STATE_NONE, /* no state that was ever heard of */
	STATE_NEVER,
	STATE_CONNECTED,
	STATE_CONFIGURABLE,
	STATE_INITIALIZING,
	STATE_ACTIVE,
	STATE_TERMINATED,
	STATE_ABORT,
	STATE_CLOSED,
	STATE_ERRORED,
	STATE_ENDED
};

/* Devices are numbered from 0; "status" is the call's. */
enum order {
	ORDER_QUIT,
	/* Any half. */
	ORDER_PROBE, /* enum half_state */
	ORDER_CAUSE, /* which of half_causes the abort state has */
	ORDER_ABORT, /* status */
	ORDER_CLOSE, /* status */
	/* The client's halves. */
	ORDER_CREATE, /* argument: keep the name; status */
	ORDER_ATTACH,
	ORDER_CONFIGURATION,
	ORDER_OPEN,     /* index: the device */
	ORDER_TAKE,     /* GetCommand with patience; the command is held */
	ORDER_POLL,     /* GetCommand without */
	ORDER_HELD,     /* the code of the command taken last, or 0 */
	ORDER_COMPLETE, /* the one taken last; argument: the completion code */
	ORDER_FAIL,     /* the one taken first, with ERROR_DISK_FULL */
	ORDER_HANDLE,   /* a handle for the held command's buffer, or -1 */
	/* The server's. */
	ORDER_CONNECT,
	ORDER_BEGIN,
	ORDER_END, /* RequestBuffers, EndConfiguration, AllocateBuffer: spare */
	ORDER_ANNOUNCE,
	ORDER_AGENT, /* start a thread for it */
	ORDER_JOIN,  /* the agent's status, once it has returned */
	ORDER_SEND,  /* argument: the command's code; status */
	ORDER_ANSWER,       /* the code that the latest was called back with */
	ORDER_CALLBACKS,    /* how often anything was */
	ORDER_SET_ASIDE,    /* the latest is another one's affair now ... */
	ORDER_ASIDE,        /* ... and this is its ORDER_ANSWER */
	ORDER_SETTLED,      /* was every command called back exactly once? */
	ORDER_CLOSE_DEVICE, /* status */
	ORDER_DEVICE        /* the device's state, by sending a Flush */
};

struct half {
	enum half_kind kind;
	char name[64]; /* the set's */
	struct VDConfig wishes;
	bool is_remote, is_dead;
	struct peer peer;
	/* The rest is where the half is. */
	struct client_set *client;
	bool was_open;
	struct client_device *devices[HALF_DEVICES];
	struct VDC_Command *held[HALF_DEVICES][HALF_HELD];
	unsigned held_count[HALF_DEVICES];
	struct VDC_Command *past[HALF_DEVICES]; /* completed */
	struct server_set *server;
	struct server_device *partners[HALF_DEVICES];
	uint8_t *buffer; /* of every command that has one */
	uint8_t *spare;  /* allocated and not used */
	struct rig_command sent[HALF_SENT];
	unsigned sent_count;
	struct rig_command *latest[HALF_DEVICES];
	struct rig_command *aside;
	pthread_t agent;
	bool has_agent; /* a thread that is to be joined */
	vd_status agent_status;
	_Atomic int agents; /* threads inside ExecuteCompletionAgent */
};

/* Why a set is in the abort state, in the document's words; the first is that
 * it is not. */
#define HALF_CAUSES 8
extern const char *const half_causes[HALF_CAUSES];

void half_init(struct half *half, enum half_kind kind, const char *name,
    const struct VDConfig *wishes);
/* Make its objects; remote: in a process of its own, which must come before
 * any thread. */
void half_start(struct half *half, bool remote);
int half_order(struct half *half, enum order order, unsigned index,
    int argument);
/* The two parts of half_order, for a remote half: what is done in between is
 * done at the same time. */
void half_post(struct half *half, enum order order, unsigned index,
    int argument);
int half_result(struct half *half);
/* kill -9 of a remote half. */
void half_kill(struct half *half);
/* Close what is open and free it. */
void half_release(struct half *half);

/* ORDER_PROBE and ORDER_CAUSE, where the half is. */
enum half_state half_probe(struct half *half);
int half_cause(struct half *half);

/* The agent's call, counted while it is inside. */
vd_status half_run_agent(struct half *half);
/* A place for a command, which is the device's latest then; NULL: no more. */
struct rig_command *half_slot(struct half *half, unsigned index);
/* The command taken last from a device, or NULL; one more is held. */
struct VDC_Command *half_held(const struct half *half, unsigned index);
bool half_hold(struct half *half, unsigned index, struct VDC_Command *command);
/* What a command of that code carries beside a buffer, so that it can be
 * recognised on the other side, and in its completion. */
static inline int32_t
half_size(int32_t code)
{
	return (-100 - code);
}

static inline int64_t
half_position(int32_t code)
{
	return (INT64_C(0x100000000) + code);
}

/* The name of a device of that set. */
void half_device_name(const struct half *half, unsigned index, char name[80]);

#endif
