/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/bare.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zstd.h>

#define FRAME ((size_t)4 << 20)

struct worker {
	struct bare *bare;
	pthread_t thread;
	ZSTD_CCtx *context;
	void *stored;
	size_t room;
};

struct bare {
	unsigned count;
	int level;
	struct data data;
	atomic_size_t next;
	atomic_uint_least64_t stored;
	struct worker workers[];
};

struct bare *
bare_new(unsigned threads)
{
	struct bare *bare = bench_alloc(1, sizeof(*bare) +
	    threads * sizeof(bare->workers[0]));
	unsigned i;

	bare->count = threads;
	for (i = 0; i < threads; i++) {
		struct worker *worker = &bare->workers[i];

		worker->bare = bare;
		worker->context = ZSTD_createCCtx();
		worker->room = ZSTD_compressBound(FRAME);
		worker->stored = bench_alloc(1, worker->room);
		if (worker->context == NULL)
			bench_die("out of memory");
	}
	return (bare);
}

void
bare_free(struct bare *bare)
{
	unsigned i;

	for (i = 0; i < bare->count; i++) {
		(void)ZSTD_freeCCtx(bare->workers[i].context);
		free(bare->workers[i].stored);
	}
	free(bare);
}

static void *
run(void *argument)
{
	struct worker *worker = argument;
	struct bare *bare = worker->bare;
	size_t at;

	if (ZSTD_isError(ZSTD_CCtx_setParameter(worker->context,
	    ZSTD_c_compressionLevel, bare->level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(worker->context,
	    ZSTD_c_checksumFlag, 1)))
		bench_die("zstd does not take level %d", bare->level);
	while ((at = atomic_fetch_add(&bare->next, 1) * FRAME) <
	    bare->data.size) {
		size_t left = bare->data.size - at;
		size_t stored = ZSTD_compress2(worker->context,
		    worker->stored, worker->room, bare->data.bytes + at,
		    left < FRAME ? left : FRAME);

		if (ZSTD_isError(stored))
			bench_die("zstd: %s", ZSTD_getErrorName(stored));
		(void)atomic_fetch_add(&bare->stored, stored);
	}
	return (NULL);
}

uint64_t
bare_compress(struct bare *bare, int level, const struct data *data)
{
	unsigned i;

	bare->level = level;
	bare->data = *data;
	atomic_store(&bare->next, 0);
	atomic_store(&bare->stored, 0);
	for (i = 0; i < bare->count; i++)
		if (pthread_create(&bare->workers[i].thread, NULL, run,
		    &bare->workers[i]) != 0)
			bench_die("cannot start a thread");
	for (i = 0; i < bare->count; i++)
		(void)pthread_join(bare->workers[i].thread, NULL);
	return (atomic_load(&bare->stored));
}

uint64_t
bare_memory(const struct bare *bare)
{
	uint64_t total = 0;
	unsigned i;

	for (i = 0; i < bare->count; i++)
		total += ZSTD_sizeof_CCtx(bare->workers[i].context);
	return (total);
}
