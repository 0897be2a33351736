/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "support.h"

#include "base/clock.h"

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A thread of a pool is never held longer. */
#define HELD_MS 30000

char support_folder[SUPPORT_FOLDER_SIZE];

static int
remove_entry(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return (remove(path));
}

void
support_begin(void)
{
	const char *parent = getenv("TMPDIR");

	(void)snprintf(support_folder, sizeof(support_folder),
	    "%s/transfer.XXXXXX", parent != NULL ? parent : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(support_folder));
}

void
support_end(void)
{
	(void)nftw(support_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
support_path(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", support_folder, name);
	return (path);
}

unsigned
support_random(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 8);
}

uint8_t *
support_data(size_t size, unsigned seed)
{
	uint8_t *data = malloc(size + 1);
	size_t i;

	ck_assert_ptr_nonnull(data);
	for (i = 0; i < size; i++)
		data[i] = (uint8_t)(i % 64 < 32 ? i / 64 :
		    support_random(&seed));
	return (data);
}

struct stripe_identity
support_identity(void)
{
	struct stripe_identity identity = { .stripe = 2, .stripes = 4,
		.type = STRIPE_FULL, .database = "Sales" };
	unsigned i;

	for (i = 0; i < STRIPE_ID_SIZE; i++)
		identity.backup_id[i] = (uint8_t)(0xA0 + i);
	return (identity);
}

void
support_pause(void)
{
	(void)poll(NULL, 0, 1);
}

void
memory_sink_init(struct memory_sink *memory)
{
	memset(memory, 0, sizeof(*memory));
	(void)pthread_mutex_init(&memory->lock, NULL);
	(void)clock_cond_init(&memory->changed);
}

void
memory_sink_release(struct memory_sink *memory)
{
	free(memory->data);
	(void)pthread_cond_destroy(&memory->changed);
	(void)pthread_mutex_destroy(&memory->lock);
}

void
memory_sink_hold(struct memory_sink *memory, bool held)
{
	(void)pthread_mutex_lock(&memory->lock);
	memory->held = held;
	(void)pthread_cond_broadcast(&memory->changed);
	(void)pthread_mutex_unlock(&memory->lock);
}

static void
memory_wait(struct memory_sink *memory)
{
	struct timespec at = clock_timespec(clock_deadline(1000));

	(void)pthread_cond_timedwait(&memory->changed, &memory->lock, &at);
}

void
memory_sink_wait_held(struct memory_sink *memory)
{
	struct deadline deadline = clock_deadline(10000);

	(void)pthread_mutex_lock(&memory->lock);
	while (memory->waiting == 0 && !clock_has_passed(deadline))
		memory_wait(memory);
	ck_assert_uint_gt(memory->waiting, 0);
	(void)pthread_mutex_unlock(&memory->lock);
}

/* Under the lock: wait while held; whether this call is the one to fail. */
static int
memory_enter(struct memory_sink *memory, struct error *error)
{
	memory->calls++;
	while (memory->held && !memory->interrupted) {
		memory->waiting++;
		(void)pthread_cond_broadcast(&memory->changed);
		memory_wait(memory);
		memory->waiting--;
	}
	if (memory->interrupted)
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "interrupted"));
	if (memory->calls == memory->fail_call)
		return (error_system(error, KIND_STORAGE, memory->fail_errno,
		    "cannot write \"memory\""));
	return (0);
}

static int
memory_write(void *state, const void *data, size_t size, struct error *error)
{
	struct memory_sink *memory = state;
	int rc;

	(void)pthread_mutex_lock(&memory->lock);
	rc = memory_enter(memory, error);
	if (rc == 0) {
		if (memory->size + size > memory->room) {
			memory->room = (memory->size + size) * 2;
			memory->data = realloc(memory->data, memory->room);
		}
		if (size > 0)
			memcpy(memory->data + memory->size, data, size);
		memory->size += size;
		memory->writes++;
	}
	(void)pthread_mutex_unlock(&memory->lock);
	return (rc);
}

static int
memory_sync(void *state, struct error *error)
{
	struct memory_sink *memory = state;
	int rc;

	(void)pthread_mutex_lock(&memory->lock);
	rc = memory_enter(memory, error);
	if (rc == 0) {
		memory->synced = memory->size;
		memory->syncs++;
	}
	(void)pthread_mutex_unlock(&memory->lock);
	return (rc);
}

static int
memory_commit(void *state, struct error *error)
{
	struct memory_sink *memory = state;
	int rc;

	(void)pthread_mutex_lock(&memory->lock);
	rc = memory_enter(memory, error);
	if (rc == 0) {
		memory->synced = memory->size;
		memory->commits++;
	}
	(void)pthread_mutex_unlock(&memory->lock);
	return (rc);
}

static void
memory_abandon(void *state)
{
	struct memory_sink *memory = state;

	memory->abandons++;
}

static void
memory_interrupt(void *state)
{
	struct memory_sink *memory = state;

	(void)pthread_mutex_lock(&memory->lock);
	memory->interrupted = true;
	(void)pthread_cond_broadcast(&memory->changed);
	(void)pthread_mutex_unlock(&memory->lock);
}

static void
memory_free(void *state)
{
	struct memory_sink *memory = state;

	memory->frees++;
}

static const struct sink_ops memory_ops = {
	.write = memory_write,
	.sync = memory_sync,
	.commit = memory_commit,
	.abandon = memory_abandon,
	.interrupt = memory_interrupt,
	.free = memory_free,
};

struct sink *
memory_sink_open(struct memory_sink *memory)
{
	struct sink *sink = sink_new(&memory_ops, memory, "memory", NULL);

	ck_assert_ptr_nonnull(sink);
	return (sink);
}

static void
counted_done(struct stripe_borrow *borrow, bool stored)
{
	struct counted_borrow *counted = (struct counted_borrow *)borrow;

	if (stored)
		atomic_fetch_add(&counted->stored, 1);
	atomic_fetch_add(&counted->done, 1);
}

void
counted_borrow_init(struct counted_borrow *borrow)
{
	memset(borrow, 0, sizeof(*borrow));
	borrow->borrow.done = counted_done;
	atomic_init(&borrow->done, 0);
	atomic_init(&borrow->stored, 0);
}

void
support_write(struct pool *pool, struct memory_sink *memory,
    const struct stripe_write_options *options, const void *data,
    size_t size, size_t command_size, struct stripe_result *result)
{
	struct stripe_identity identity = support_identity();
	struct stripe_write *stripe;
	struct counted_borrow *borrows;
	struct error error = { 0 };
	size_t count = 0;
	size_t at = 0;

	borrows = calloc(size / command_size + 1, sizeof(*borrows));
	ck_assert_ptr_nonnull(borrows);
	stripe = stripe_write_open(pool, memory_sink_open(memory), &identity,
	    options, &error);
	ck_assert_msg(stripe != NULL, "%s", error.text);
	while (at < size) {
		const uint8_t *bytes = (const uint8_t *)data + at;
		size_t piece = size - at < command_size ? size - at :
		    command_size;
		int rc;

		if (stripe_write_wants_borrow(stripe, piece)) {
			counted_borrow_init(&borrows[count]);
			rc = stripe_write_borrowed(stripe, bytes, piece,
			    &borrows[count++].borrow, &error);
		} else {
			rc = stripe_write_copied(stripe, bytes, piece,
			    &error);
		}
		ck_assert_msg(rc == 0, "%s", error.text);
		at += piece;
	}
	ck_assert_msg(stripe_write_finish(stripe, result, &error) == 0, "%s",
	    error.text);
	while (count-- > 0) {
		ck_assert_uint_eq(atomic_load(&borrows[count].done), 1);
		ck_assert_uint_eq(atomic_load(&borrows[count].stored), 1);
	}
	stripe_write_free(stripe);
	free(borrows);
}

/* On a thread of the pool. */
static void
stay(struct pool_job *job, struct codec *codec)
{
	struct held_pool *held = ((struct held_job *)job)->held;
	struct deadline deadline = clock_deadline(HELD_MS);
	struct timespec at = clock_timespec(deadline);

	(void)codec;
	(void)pthread_mutex_lock(&held->lock);
	held->inside++;
	(void)pthread_cond_broadcast(&held->changed);
	while (!held->let_go && !clock_has_passed(deadline))
		(void)pthread_cond_timedwait(&held->changed, &held->lock, &at);
	held->gave_up |= !held->let_go;
	held->inside--;
	(void)pthread_cond_broadcast(&held->changed);
	(void)pthread_mutex_unlock(&held->lock);
}

static void
wait_inside(struct held_pool *held, unsigned threads)
{
	struct deadline deadline = clock_deadline(HELD_MS);
	struct timespec at = clock_timespec(deadline);

	while (held->inside != threads && !clock_has_passed(deadline))
		(void)pthread_cond_timedwait(&held->changed, &held->lock, &at);
	ck_assert_uint_eq(held->inside, threads);
	ck_assert_msg(!held->gave_up, "a pool was held for too long");
}

void
held_pool_begin(struct held_pool *held, struct pool *pool, unsigned threads)
{
	unsigned i;

	ck_assert_uint_le(threads, HELD_POOL_MAX);
	memset(held, 0, sizeof(*held));
	(void)pthread_mutex_init(&held->lock, NULL);
	(void)clock_cond_init(&held->changed);
	for (i = 0; i < threads; i++) {
		held->jobs[i].held = held;
		held->jobs[i].job.run = stay;
		pool_submit(pool, &held->jobs[i].job);
	}
	(void)pthread_mutex_lock(&held->lock);
	wait_inside(held, threads);
	(void)pthread_mutex_unlock(&held->lock);
}

void
held_pool_end(struct held_pool *held)
{
	(void)pthread_mutex_lock(&held->lock);
	held->let_go = true;
	(void)pthread_cond_broadcast(&held->changed);
	wait_inside(held, 0);
	(void)pthread_mutex_unlock(&held->lock);
	(void)pthread_cond_destroy(&held->changed);
	(void)pthread_mutex_destroy(&held->lock);
}

const char *
support_file(const char *name, const void *data, size_t size)
{
	const char *path = support_path(name);
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	if (size > 0)
		ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	return (path);
}

struct gathered {
	uint8_t *data;
	size_t size;
};

static int
gather(void *context, const void *data, size_t size, struct error *error)
{
	struct gathered *gathered = context;
	uint8_t *more = realloc(gathered->data, gathered->size + size);

	if (more == NULL)
		return (error_memory(error));
	gathered->data = more;
	memcpy(gathered->data + gathered->size, data, size);
	gathered->size += size;
	return (0);
}

int
support_read(struct pool *pool, struct source *source, uint8_t **data,
    size_t *size, struct stripe_result *result, struct error *error)
{
	struct gathered gathered = { NULL, 0 };
	struct stripe_read *stripe;
	int rc = -1;

	ck_assert_ptr_nonnull(source);
	stripe = stripe_read_open(pool, source, error);
	if (stripe != NULL)
		rc = stripe_read_all(stripe, gather, &gathered, result, error);
	stripe_read_free(stripe);
	if (data != NULL && rc == 0) {
		*data = gathered.data;
		*size = gathered.size;
	} else {
		free(gathered.data);
	}
	return (rc);
}

static void
lent_done(struct stripe_room *room, size_t got, const struct error *error)
{
	struct lent_room *lent = (struct lent_room *)room;

	lent->got = got;
	if (error != NULL)
		lent->error = *error;
	atomic_fetch_add(&lent->done, 1);
}

void
lent_room_init(struct lent_room *lent, void *data, size_t size)
{
	memset(lent, 0, sizeof(*lent));
	lent->room.data = data;
	lent->room.size = size;
	lent->room.done = lent_done;
	atomic_init(&lent->done, 0);
}

int
support_fill(struct stripe_read *stripe, void *data, size_t size,
    size_t *got, struct error *error)
{
	struct lent_room lent;

	lent_room_init(&lent, data, size);
	stripe_read_lend(stripe, &lent.room);
	stripe_read_settle(stripe);
	ck_assert_uint_eq(atomic_load(&lent.done), 1);
	if (error_is_set(&lent.error)) {
		*error = lent.error;
		return (-1);
	}
	*got = lent.got;
	return (0);
}
