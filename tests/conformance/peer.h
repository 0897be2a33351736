/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_PEER_H
#define TESTS_CONFORMANCE_PEER_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A process of its own for one side of a device set.
 *
 * The body runs in the child and tells with peer_tell how far it is; what it
 * returns is the child's exit status, 0 for good.  It makes no assertion.
 * Start peers before threads.
 */
struct peer {
	pid_t pid;
	int from; /* what the child tells */
	int to;   /* what the parent tells */
};

struct peer_side {
	int in, out;
};

typedef int peer_body(struct peer_side *side, void *context);

void peer_start(struct peer *peer, peer_body *body, void *context);
/* Wait until the child has told this letter; fails the test otherwise. */
void peer_await(struct peer *peer, char letter);
void peer_send(struct peer *peer, const void *data, size_t size);
/* Wait for what the child says; fails the test if it does not. */
void peer_receive(struct peer *peer, void *data, size_t size);
/* kill -9, and wait until it is gone. */
void peer_kill(struct peer *peer);
/* Wait for its own end; the exit status. */
int peer_join(struct peer *peer);

/* In the child. */
void peer_tell(struct peer_side *side, char letter);
void peer_say(struct peer_side *side, const void *data, size_t size);
/* Read from the parent; 0 or -1. */
int peer_hear(struct peer_side *side, void *data, size_t size);
/* Sit still until killed. */
void peer_stay(struct peer_side *side);

#endif
