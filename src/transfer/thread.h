/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_THREAD_H
#define TRANSFER_THREAD_H

#include "base/attr.h"
#include "base/error.h"

#include <pthread.h>

/* Start a thread in which signals are blocked, so that they reach the
 * program's own; but for those that the thread raises itself by what it does.
 * Whoever starts it joins it. */
int thread_start(pthread_t *thread, void *(*run)(void *context),
    void *context, struct error *error) MUST_CHECK;

#endif
