/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/rate.h"

#include <pthread.h>
#include <stdlib.h>

#define NS_PER_S 1000000000.0
#define SAVED_NS 100000000

struct rate {
	pthread_mutex_t lock; /* guards free_ns */
	double ns_per_byte;
	int64_t free_ns; /* when all that was claimed will have gone */
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
	if (bytes_per_second == 0)
		bytes_per_second = 1;
	rate->ns_per_byte = NS_PER_S / (double)bytes_per_second;
	rate->free_ns = clock_now_ns();
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

struct deadline
rate_claim(struct rate *rate, size_t size)
{
	struct deadline at;
	double cost = (double)size * rate->ns_per_byte;
	int64_t now = clock_now_ns();

	(void)pthread_mutex_lock(&rate->lock);
	if (rate->free_ns < now - SAVED_NS)
		rate->free_ns = now - SAVED_NS;
	/* The bytes may go when they have been paid for, so that the limit
	 * holds for the first of them as well. */
	if (cost > (double)(INT64_MAX / 4))
		rate->free_ns = INT64_MAX / 2;
	else if (rate->free_ns < INT64_MAX / 2)
		rate->free_ns += (int64_t)cost;
	at.at_ns = rate->free_ns;
	(void)pthread_mutex_unlock(&rate->lock);
	return (at);
}
