/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TRANSFER_SUPPORT_H
#define TESTS_TRANSFER_SUPPORT_H

#include "transfer/pool.h"
#include "transfer/sink.h"
#include "transfer/source.h"
#include "transfer/stripe.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the tests of the transfer share: data, a sink in memory that can be
 * held up and told to fail, and whole stripes.
 */

/* A folder of the test's own; removed by support_end. */
#define SUPPORT_FOLDER_SIZE 128
extern char support_folder[SUPPORT_FOLDER_SIZE];
void support_begin(void);
void support_end(void);
/* PATH/name, in one of a few static buffers. */
const char *support_path(const char *name);

/* Bytes that compress to about half, the same for the same seed. */
uint8_t *support_data(size_t size, unsigned seed);

/* A small random number, the same sequence in every run. */
unsigned support_random(unsigned *state);

struct stripe_identity support_identity(void);

/* A sink that keeps what it gets and writes down what was called. */
struct memory_sink {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint8_t *data;
	size_t size;
	size_t room;
	size_t synced;     /* size at the last sync */
	unsigned writes;
	unsigned syncs;
	unsigned commits;
	unsigned abandons;
	unsigned frees;
	bool held;         /* writes wait, until let go or interrupted */
	bool interrupted;
	unsigned waiting;  /* calls that are held */
	unsigned fail_call; /* the Nth call of write, sync, commit fails */
	int fail_errno;
	unsigned calls;
};

void memory_sink_init(struct memory_sink *memory);
void memory_sink_release(struct memory_sink *memory);
struct sink *memory_sink_open(struct memory_sink *memory);
void memory_sink_hold(struct memory_sink *memory, bool held);
/* Until a write waits, or ten seconds. */
void memory_sink_wait_held(struct memory_sink *memory);

/* Write data as a stripe into memory; asserts success. */
void support_write(struct pool *pool, struct memory_sink *memory,
    const struct stripe_write_options *options, const void *data,
    size_t size, size_t command_size, struct stripe_result *result);

/* A borrow that counts. */
struct counted_borrow {
	struct stripe_borrow borrow;
	atomic_uint done;
	atomic_uint stored;
};
void counted_borrow_init(struct counted_borrow *borrow);

/*
 * All threads of a pool, held up, so that what is submitted meanwhile does not
 * run before held_pool_end, and runs in its order then.  Jobs from before have
 * run when held_pool_begin returns: one after the other, they are a barrier.
 */
#define HELD_POOL_MAX 8
struct held_pool {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	unsigned inside;
	bool let_go;
	bool gave_up; /* a thread waited too long */
	struct held_job {
		struct pool_job job; /* first */
		struct held_pool *held;
	} jobs[HELD_POOL_MAX];
};
void held_pool_begin(struct held_pool *held, struct pool *pool,
    unsigned threads);
void held_pool_end(struct held_pool *held);

/* Put bytes into a file of the test's folder; its path. */
const char *support_file(const char *name, const void *data, size_t size);

/* Read a source to its end; -1 and the error if that fails. */
int support_read(struct pool *pool, struct source *source, uint8_t **data,
    size_t *size, struct stripe_result *result, struct error *error);

/* Room that says how it ended: got and error are there once done is 1. */
struct lent_room {
	struct stripe_room room; /* first */
	size_t got;
	struct error error;
	atomic_uint done; /* how often it was called */
};
void lent_room_init(struct lent_room *lent, void *data, size_t size);

/* Lend room and wait until it is filled; 0, or -1 and the error. */
int support_fill(struct stripe_read *stripe, void *data, size_t size,
    size_t *got, struct error *error);

/* Wait until the condition holds, looking again for at most ten seconds. */
#define SUPPORT_UNTIL(condition)                                               \
	do {                                                                   \
		int left_ = 10000;                                             \
		while (!(condition) && left_-- > 0)                            \
			support_pause();                                       \
		ck_assert_msg((condition), "did not come: " #condition);       \
	} while (0)
/* A millisecond. */
void support_pause(void);

#endif
