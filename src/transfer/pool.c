/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/pool.h"

#include "base/clock.h"
#include "base/port/cpu.h"
#include "transfer/codec.h"
#include "transfer/pairing.h"
#include "transfer/slots.h"
#include "transfer/thread.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define WAIT_MS 1000
/* Two slots for each thread: one in work, one done or waiting. */
#define SLOTS_PER_THREAD 2

struct worker {
	struct pool *pool;
	struct codec *codec;
	pthread_t thread;
};

struct pool {
	pthread_mutex_t lock; /* guards first, last and ending */
	pthread_cond_t work;
	struct pool_job *first;
	struct pool_job *last;
	bool ending;
	struct slots *slots;
	struct pairing *pairing;
	unsigned threads; /* that were started */
	struct worker workers[];
};

unsigned
pool_processors(void)
{
	unsigned count = port_cpu_count();

	return (count < POOL_MAX_THREADS ? count : POOL_MAX_THREADS);
}

/* The lock is held. */
static void
wait_for_work(struct pool *pool)
{
	pairing_idle_begin(pool->pairing);
	while (pool->first == NULL && !pool->ending) {
		struct timespec at = clock_timespec(clock_deadline(WAIT_MS));

		(void)pthread_cond_timedwait(&pool->work, &pool->lock, &at);
	}
	pairing_idle_end(pool->pairing);
}

static struct pool_job *
next_job(struct pool *pool)
{
	struct pool_job *job;

	(void)pthread_mutex_lock(&pool->lock);
	if (pool->first == NULL && !pool->ending)
		wait_for_work(pool);
	job = pool->first;
	if (job != NULL) {
		pool->first = job->next;
		if (pool->first == NULL)
			pool->last = NULL;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return (job);
}

static void *
work(void *context)
{
	struct worker *worker = context;
	struct pool_job *job;

	while ((job = next_job(worker->pool)) != NULL)
		job->run(job, worker->codec);
	return (NULL);
}

static int
start(struct pool *pool, struct worker *worker, struct error *error)
{
	worker->pool = pool;
	worker->codec = codec_new(error);
	if (worker->codec == NULL)
		return (-1);
	if (thread_start(&worker->thread, work, worker, error) == 0)
		return (0);
	codec_free(worker->codec);
	worker->codec = NULL;
	return (-1);
}

struct pool *
pool_new(unsigned threads, struct error *error)
{
	struct pool *pool;

	assert(threads >= 1 && threads <= POOL_MAX_THREADS);
	pool = calloc(1, sizeof(*pool) + threads * sizeof(struct worker));
	if (pool == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)clock_cond_init(&pool->work);
	pool->slots = slots_new(threads * SLOTS_PER_THREAD, error);
	if (pool->slots == NULL)
		goto fail;
	pool->pairing = pairing_new(pool->slots, PAIRING_WAIT_MS, error);
	if (pool->pairing == NULL)
		goto fail;
	for (; pool->threads < threads; pool->threads++)
		if (start(pool, &pool->workers[pool->threads], error) != 0)
			goto fail;
	return (pool);
fail:
	pool_free(pool);
	return (NULL);
}

void
pool_free(struct pool *pool)
{
	unsigned i;

	if (pool == NULL)
		return;
	(void)pthread_mutex_lock(&pool->lock);
	assert(pool->first == NULL);
	pool->ending = true;
	(void)pthread_cond_broadcast(&pool->work);
	(void)pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < pool->threads; i++) {
		(void)pthread_join(pool->workers[i].thread, NULL);
		codec_free(pool->workers[i].codec);
	}
	pairing_free(pool->pairing);
	slots_free(pool->slots);
	(void)pthread_cond_destroy(&pool->work);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void
pool_submit(struct pool *pool, struct pool_job *job)
{
	job->next = NULL;
	(void)pthread_mutex_lock(&pool->lock);
	if (pool->last != NULL)
		pool->last->next = job;
	else
		pool->first = job;
	pool->last = job;
	(void)pthread_cond_signal(&pool->work);
	(void)pthread_mutex_unlock(&pool->lock);
}

struct slots *
pool_slots(struct pool *pool)
{
	return (pool->slots);
}

struct pairing *
pool_pairing(struct pool *pool)
{
	return (pool->pairing);
}
