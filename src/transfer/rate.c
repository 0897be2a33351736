/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/rate.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define NS_PER_S 1000000000.0
#define GAP_NS 100000000
#define PIECES_PER_S 20
#define DISK_BLOCK 4096u
#define PIECE_MAX ((size_t)1 << 30)

struct rate {
	uint64_t bytes_per_second;
	pthread_mutex_t lock; /* guards what follows */
	bool started;         /* there was a claim */
	int64_t free_ns;      /* when all that was claimed will have gone */
	double owed;          /* bytes that went before the first claim */
};

struct rate *
rate_new(uint64_t bytes_per_second, struct error *error)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	if (rate == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	(void)pthread_mutex_init(&rate->lock, NULL);
	rate->bytes_per_second = bytes_per_second > 0 ? bytes_per_second : 1;
	return (rate);
}

void
rate_free(struct rate *rate)
{
	if (rate == NULL)
		return;
	(void)pthread_mutex_destroy(&rate->lock);
	free(rate);
}

size_t
rate_piece(const struct rate *rate)
{
	uint64_t piece = rate->bytes_per_second / PIECES_PER_S;

	if (piece > PIECE_MAX)
		return (PIECE_MAX);
	piece -= piece % DISK_BLOCK;
	return (piece > 0 ? (size_t)piece : DISK_BLOCK);
}

static void
pay(struct rate *rate, double bytes)
{
	double cost = bytes * NS_PER_S / (double)rate->bytes_per_second;

	if (cost > (double)(INT64_MAX / 4))
		rate->free_ns = INT64_MAX / 2;
	else if (rate->free_ns < INT64_MAX / 2)
		rate->free_ns += (int64_t)(cost + 0.5);
}

struct deadline
rate_claim_at(struct rate *rate, size_t size, int64_t now_ns)
{
	struct deadline at;

	(void)pthread_mutex_lock(&rate->lock);
	if (!rate->started || rate->free_ns < now_ns - GAP_NS)
		rate->free_ns = now_ns;
	rate->started = true;
	pay(rate, rate->owed + (double)size);
	rate->owed = 0;
	at.at_ns = rate->free_ns;
	(void)pthread_mutex_unlock(&rate->lock);
	return (at);
}

struct deadline
rate_claim(struct rate *rate, size_t size)
{
	return (rate_claim_at(rate, size, clock_now_ns()));
}

void
rate_owe(struct rate *rate, size_t size)
{
	(void)pthread_mutex_lock(&rate->lock);
	rate->owed += (double)size;
	(void)pthread_mutex_unlock(&rate->lock);
}
