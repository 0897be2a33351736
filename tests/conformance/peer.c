/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "peer.h"

#include "base/clock.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

void
peer_start(struct peer *peer, peer_body *body, void *context)
{
	struct peer_side side;
	int down[2], up[2];

	ck_assert_int_eq(pipe(down), 0);
	ck_assert_int_eq(pipe(up), 0);
	peer->pid = fork();
	ck_assert_int_ne(peer->pid, -1);
	if (peer->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(down[1]);
		(void)close(up[0]);
		side.in = down[0];
		side.out = up[1];
		_exit(body(&side, context));
	}
	(void)close(down[0]);
	(void)close(up[1]);
	peer->from = up[0];
	peer->to = down[1];
}

void
peer_receive(struct peer *peer, void *data, size_t size)
{
	struct pollfd wait = { .fd = peer->from, .events = POLLIN };

	ck_assert_int_eq(poll(&wait, 1, PATIENCE_MS), 1);
	ck_assert_int_eq(read(peer->from, data, size), (ssize_t)size);
}

void
peer_await(struct peer *peer, char letter)
{
	char got = 0;

	peer_receive(peer, &got, 1);
	ck_assert_int_eq(got, letter);
}

void
peer_send(struct peer *peer, const void *data, size_t size)
{
	ck_assert_int_eq(write(peer->to, data, size), (ssize_t)size);
}

static int
reap(struct peer *peer)
{
	int status = 0;

	ck_assert_int_eq(waitpid(peer->pid, &status, 0), peer->pid);
	(void)close(peer->from);
	(void)close(peer->to);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

void
peer_kill(struct peer *peer)
{
	(void)kill(peer->pid, SIGKILL);
	ck_assert_int_eq(reap(peer), -1);
}

int
peer_join(struct peer *peer)
{
	struct pollfd wait = { .fd = peer->from, .events = POLLIN };

	/* The pipe's end is the child's. */
	if (poll(&wait, 1, PATIENCE_MS) != 1)
		(void)kill(peer->pid, SIGKILL);
	return (reap(peer));
}

void
peer_say(struct peer_side *side, const void *data, size_t size)
{
	if (write(side->out, data, size) != (ssize_t)size)
		_exit(99);
}

void
peer_tell(struct peer_side *side, char letter)
{
	peer_say(side, &letter, 1);
}

int
peer_hear(struct peer_side *side, void *data, size_t size)
{
	struct pollfd wait = { .fd = side->in, .events = POLLIN };

	if (poll(&wait, 1, PATIENCE_MS) != 1)
		return (-1);
	return (read(side->in, data, size) == (ssize_t)size ? 0 : -1);
}

void
peer_stay(struct peer_side *side)
{
	char end;

	(void)peer_hear(side, &end, 1);
	_exit(98);
}
