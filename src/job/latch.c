/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/latch.h"

int
latch_init(struct latch *latch, void (*on_trip)(void *context), void *context,
    struct error *error)
{
	int rc;

	rc = pthread_mutex_init(&latch->lock, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a lock"));
	error_init(&latch->error);
	atomic_init(&latch->tripped, false);
	latch->on_trip = on_trip;
	latch->context = context;
	return (0);
}

void
latch_release(struct latch *latch)
{
	(void)pthread_mutex_destroy(&latch->lock);
}

void
latch_trip(struct latch *latch, const struct error *error)
{
	bool first;

	(void)pthread_mutex_lock(&latch->lock);
	first = !error_is_set(&latch->error);
	if (first)
		latch->error = *error;
	(void)pthread_mutex_unlock(&latch->lock);
	if (!first)
		return;
	atomic_store(&latch->tripped, true);
	if (latch->on_trip != NULL)
		latch->on_trip(latch->context);
}

bool
latch_is_tripped(const struct latch *latch)
{
	return (atomic_load(&latch->tripped));
}

void
latch_get(struct latch *latch, struct error *error)
{
	(void)pthread_mutex_lock(&latch->lock);
	*error = latch->error;
	(void)pthread_mutex_unlock(&latch->lock);
}
