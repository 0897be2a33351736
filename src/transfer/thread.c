/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/thread.h"

#include <signal.h>

int
thread_start(pthread_t *thread, void *(*run)(void *context), void *context,
    struct error *error)
{
	static const int own[] = { SIGBUS, SIGFPE, SIGILL, SIGSEGV };
	sigset_t all;
	sigset_t saved;
	size_t i;
	int rc;

	(void)sigfillset(&all);
	for (i = 0; i < ARRAY_COUNT(own); i++)
		(void)sigdelset(&all, own[i]);
	(void)pthread_sigmask(SIG_SETMASK, &all, &saved);
	rc = pthread_create(thread, NULL, run, context);
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot start a thread"));
	return (0);
}
