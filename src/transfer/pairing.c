/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pairing.h"

#include "base/clock.h"
#include "transfer/digest.h"
#include "transfer/slots.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define WAIT_MS 1000

/* A thread that waits; on its stack, under the lock. */
struct visitor {
	struct digest_sha256 *digest;
	const void *data;
	size_t size;
	bool hurried; /* go on alone */
	bool taken;   /* a partner digests for it */
	bool done;    /* and has: */
	int rc;
	struct error error;
};

struct pairing {
	struct slots *slots;
	int64_t wait_ms;

	pthread_mutex_t lock; /* guards what follows, and the visitors */
	pthread_cond_t changed;
	struct visitor *waiting;
	/* Who waited last, and met nobody; compared, not looked into. */
	const struct digest_sha256 *lonely;
	unsigned joined;
	unsigned idle; /* threads of the pool */
	struct pairing_counts counts;
};

struct pairing *
pairing_new(struct slots *slots, int64_t wait_ms, struct error *error)
{
	struct pairing *pairing = calloc(1, sizeof(*pairing));

	if (pairing == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	pairing->slots = slots;
	pairing->wait_ms = wait_ms;
	(void)pthread_mutex_init(&pairing->lock, NULL);
	(void)clock_cond_init(&pairing->changed);
	return (pairing);
}

void
pairing_free(struct pairing *pairing)
{
	if (pairing == NULL)
		return;
	assert(pairing->joined == 0 && pairing->waiting == NULL);
	(void)pthread_cond_destroy(&pairing->changed);
	(void)pthread_mutex_destroy(&pairing->lock);
	free(pairing);
}

/* The lock is held. */
static void
hurry(struct pairing *pairing)
{
	if (pairing->waiting == NULL)
		return;
	pairing->waiting->hurried = true;
	(void)pthread_cond_broadcast(&pairing->changed);
}

void
pairing_join(struct pairing *pairing)
{
	(void)pthread_mutex_lock(&pairing->lock);
	pairing->joined++;
	(void)pthread_mutex_unlock(&pairing->lock);
}

void
pairing_leave(struct pairing *pairing)
{
	(void)pthread_mutex_lock(&pairing->lock);
	assert(pairing->joined > 0);
	if (--pairing->joined < 2)
		hurry(pairing);
	(void)pthread_mutex_unlock(&pairing->lock);
}

void
pairing_idle_begin(struct pairing *pairing)
{
	(void)pthread_mutex_lock(&pairing->lock);
	pairing->idle++;
	if (slots_are_short(pairing->slots))
		hurry(pairing);
	(void)pthread_mutex_unlock(&pairing->lock);
}

void
pairing_idle_end(struct pairing *pairing)
{
	(void)pthread_mutex_lock(&pairing->lock);
	assert(pairing->idle > 0);
	pairing->idle--;
	(void)pthread_mutex_unlock(&pairing->lock);
}

/* The lock is held. */
static bool
is_worth_waiting(const struct pairing *pairing, const struct visitor *self)
{
	return (pairing->joined >= 2 && pairing->lonely != self->digest &&
	    (pairing->idle == 0 || !slots_are_short(pairing->slots)));
}

static void
wait_until(struct pairing *pairing, struct deadline deadline)
{
	struct timespec at = clock_timespec(deadline);

	(void)pthread_cond_timedwait(&pairing->changed, &pairing->lock, &at);
}

/* Whether a partner came, and has done the work.  The lock is held. */
static bool
wait_for_partner(struct pairing *pairing, struct visitor *self)
{
	struct deadline deadline = clock_deadline(pairing->wait_ms);

	pairing->waiting = self;
	while (!self->taken && !self->hurried && !clock_has_passed(deadline))
		wait_until(pairing, deadline);
	if (!self->taken) {
		pairing->waiting = NULL;
		if (!self->hurried) {
			pairing->lonely = self->digest;
			pairing->counts.in_vain++;
		}
		return (false);
	}
	/* The partner has the data: as long as it takes to digest them. */
	while (!self->done)
		wait_until(pairing, clock_deadline(WAIT_MS));
	return (true);
}

/* Take who waits, wait for who comes, or neither.  The lock is held. */
static struct visitor *
meet(struct pairing *pairing, struct visitor *self, bool may_wait)
{
	struct visitor *other = pairing->waiting;

	if (pairing->lonely != self->digest)
		pairing->lonely = NULL;
	if (other != NULL) {
		other->taken = true;
		pairing->waiting = NULL;
		pairing->counts.pairs++;
		return (other);
	}
	if (!may_wait || !is_worth_waiting(pairing, self) ||
	    !wait_for_partner(pairing, self))
		pairing->counts.alone++;
	return (NULL);
}

/* The same error for both: a pair does not tell which of the two it was. */
static int
add_both(struct pairing *pairing, struct visitor *self,
    struct visitor *other)
{
	struct error error = { 0 };
	int rc = digest_sha256_add_pair(self->digest, self->data, self->size,
	    other->digest, other->data, other->size, &error);

	self->error = error;
	(void)pthread_mutex_lock(&pairing->lock);
	other->rc = rc;
	other->error = error;
	other->done = true;
	(void)pthread_cond_broadcast(&pairing->changed);
	(void)pthread_mutex_unlock(&pairing->lock);
	return (rc);
}

int
pairing_add(struct pairing *pairing, struct digest_sha256 *digest,
    const void *data, size_t size, bool may_wait, struct error *error)
{
	struct visitor self = { .digest = digest, .data = data, .size = size };
	struct visitor *other;

	if (size < PAIRING_MIN_SIZE || !digest_sha256_can_pair(digest))
		return (digest_sha256_add(digest, data, size, error));
	(void)pthread_mutex_lock(&pairing->lock);
	other = meet(pairing, &self, may_wait);
	(void)pthread_mutex_unlock(&pairing->lock);
	if (other != NULL)
		self.rc = add_both(pairing, &self, other);
	else if (!self.done)
		return (digest_sha256_add(digest, data, size, error));
	if (self.rc != 0 && error != NULL && !error_is_set(error))
		*error = self.error;
	return (self.rc);
}

void
pairing_look(struct pairing *pairing, struct pairing_counts *counts)
{
	(void)pthread_mutex_lock(&pairing->lock);
	*counts = pairing->counts;
	counts->waiting = pairing->waiting != NULL;
	(void)pthread_mutex_unlock(&pairing->lock);
}
