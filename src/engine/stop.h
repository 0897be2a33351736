/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_STOP_H
#define ENGINE_STOP_H

#include "base/attr.h"
#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The one way to stop a statement: raised by a failure anywhere, by a fault
 * drill, or by SIGINT and SIGTERM.  Whoever waits for time to pass waits here.
 *
 * stop_init, stop_watch (a thread that turns a signal, or the end of whoever
 * reads our messages, into the call of `cancel`), ..., stop_release.  Every
 * function may be called from any thread but for those three.
 */

struct stop {
	pthread_mutex_t lock; /* guards is_raised's change, for cond */
	pthread_cond_t cond;
	atomic_bool is_raised;
	atomic_bool has_client; /* the reader of our messages may go */
	pthread_t watcher;
	bool has_watcher;
	int wake; /* write end of the watcher's pipe */
	int waked;
	void (*cancel)(void *context);
	void *context;
};

void stop_init(struct stop *stop);
void stop_release(struct stop *stop);

/*
 * cancel is called from a thread of its own, at most once.  A reader that is
 * gone is the connection that is lost, until the device set is open: then its
 * client counts, and whoever read our messages may go.
 */
int stop_watch(struct stop *stop, void (*cancel)(void *context),
    void *context, struct error *error) MUST_CHECK;
void stop_has_client(struct stop *stop);

void stop_raise(struct stop *stop);
bool stop_is_raised(struct stop *stop);

/* Let time pass; true as soon as the statement is to stop. */
bool stop_wait(struct stop *stop, int64_t timeout_ms);

#endif
