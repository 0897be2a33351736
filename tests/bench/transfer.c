/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a file's bytes go through stripes, from memory to nowhere and
 * back, beside the same frames compressed and decompressed with nothing
 * around it.
 *
 *     tests/bin/transfer-bench FILE [LEVEL [DEVICES [THREADS [COMMAND]]]]
 *
 * COMMAND is the size of the server's writes (4MiB).  Each line is the best
 * of three.  Run `zstd -3 -T2 -c FILE >/dev/null` in the same minute.
 */
#include <config.h>

#include "base/clock.h"
#include "base/num.h"
#include "transfer/codec.h"
#include "transfer/pool.h"
#include "transfer/sink.h"
#include "transfer/source.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FRAME ((size_t)STRIPE_DEFAULT_FRAME_SIZE)
#define RUNS 3

static uint8_t *data;
static size_t data_size;
static int64_t level = 3;
static int64_t devices = 2;
static int64_t threads = 2;
static uint64_t command_size = FRAME;
static struct pool *pool;

static void
die(const char *what, const struct error *error)
{
	(void)fprintf(stderr, "transfer-bench: %s%s%s\n", what,
	    error != NULL ? ": " : "", error != NULL ? error->text : "");
	exit(1);
}

/* ---- bare: threads that take frames from a counter ---- */

static atomic_size_t next_frame;

static void *
bare(void *context)
{
	struct codec_settings settings = { .level = (int)level };
	struct codec *codec = codec_new(NULL);
	size_t room = codec_bound(FRAME);
	uint8_t *stored = malloc(room);
	size_t at;

	if (codec == NULL || stored == NULL)
		die("no memory", NULL);
	while ((at = atomic_fetch_add(&next_frame, 1) * FRAME) < data_size) {
		size_t size = data_size - at < FRAME ? data_size - at : FRAME;
		size_t stored_size;

		if (codec_compress(codec, &settings, data + at, size,
		    stored, room, &stored_size, NULL) != 0)
			die("cannot compress", NULL);
		atomic_fetch_add((atomic_size_t *)context, stored_size);
	}
	free(stored);
	codec_free(codec);
	return (NULL);
}

static size_t
run_bare(void)
{
	pthread_t ids[POOL_MAX_THREADS];
	atomic_size_t stored;
	int64_t i;

	atomic_init(&stored, 0);
	atomic_store(&next_frame, 0);
	for (i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, bare, &stored) != 0)
			die("cannot start a thread", NULL);
	for (i = 0; i < threads; i++)
		(void)pthread_join(ids[i], NULL);
	return (atomic_load(&stored));
}

/* ---- stripes: a thread for each device feeds its share ---- */

struct device {
	pthread_t thread;
	int64_t number;
	const char *path; /* NULL: to nowhere */
	size_t stored;
};

struct lent {
	struct stripe_borrow borrow;
	atomic_bool busy;
};

static void
done(struct stripe_borrow *borrow, bool stored)
{
	struct lent *lent = (struct lent *)borrow;

	if (!stored)
		die("not stored", NULL);
	atomic_store(&lent->busy, false);
}

static void
feed(struct stripe_write *stripe, const uint8_t *from, size_t size)
{
	static _Thread_local struct lent lent[64];
	struct error error = { 0 };
	unsigned next = 0;

	while (size > 0) {
		size_t piece = size < command_size ? size : command_size;
		int rc;

		while (atomic_load(&lent[next].busy))
			next = (next + 1) % 64;
		lent[next].borrow.done = done;
		atomic_store(&lent[next].busy, true);
		if (stripe_write_wants_borrow(stripe, piece)) {
			rc = stripe_write_borrowed(stripe, from, piece,
			    &lent[next].borrow, &error);
		} else {
			rc = stripe_write_copied(stripe, from, piece, &error);
			atomic_store(&lent[next].busy, false);
		}
		if (rc != 0)
			die("cannot write", &error);
		from += piece;
		size -= piece;
	}
}

static void *
write_device(void *context)
{
	struct device *device = context;
	struct stripe_identity identity = { .stripe = 1, .stripes = 1,
		.type = STRIPE_FULL };
	struct stripe_write_options options;
	struct stripe_result result;
	struct error error = { 0 };
	struct stripe_write *stripe;
	size_t share = data_size / (size_t)devices;
	size_t from = share * (size_t)device->number;

	if (device->number == devices - 1)
		share = data_size - from;
	stripe_write_options_init(&options);
	options.codec.level = (int)level;
	stripe = stripe_write_open(pool, device->path != NULL ?
	    sink_file_open(device->path, &error) : sink_null_open(&error),
	    &identity, &options, &error);
	if (stripe == NULL)
		die("cannot open", &error);
	feed(stripe, data + from, share);
	if (stripe_write_finish(stripe, &result, &error) != 0)
		die("cannot finish", &error);
	stripe_write_free(stripe);
	device->stored = result.stored_bytes;
	return (NULL);
}

static void *
read_device(void *context)
{
	struct device *device = context;
	struct stripe_result result;
	struct error error = { 0 };
	struct stripe_read *stripe = stripe_read_open(pool,
	    source_file_open(device->path, &error), &error);

	if (stripe == NULL ||
	    stripe_read_all(stripe, NULL, NULL, &result, &error) != 0)
		die("cannot read", &error);
	stripe_read_free(stripe);
	device->stored = result.stored_bytes;
	return (NULL);
}

static size_t
run_devices(void *(*run)(void *), const char *folder)
{
	struct device all[64];
	char paths[64][256];
	size_t stored = 0;
	int64_t i;

	for (i = 0; i < devices; i++) {
		all[i].number = i;
		all[i].path = folder != NULL ? paths[i] : NULL;
		(void)snprintf(paths[i], sizeof(paths[i]), "%s/%d", folder !=
		    NULL ? folder : "", (int)i);
		if (pthread_create(&all[i].thread, NULL, run, &all[i]) != 0)
			die("cannot start a thread", NULL);
	}
	for (i = 0; i < devices; i++) {
		(void)pthread_join(all[i].thread, NULL);
		stored += all[i].stored;
	}
	return (stored);
}

static void
remove_files(const char *folder)
{
	char path[256];
	int64_t i;

	for (i = 0; i < devices; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d", folder, (int)i);
		(void)unlink(path);
	}
}

/* Processor time of all threads: what counts on a machine that is busy. */
static int64_t
cpu_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

struct best {
	int64_t ns;
	int64_t cpu_ns;
	size_t stored;
};

static void
report(const char *what, const struct best *best)
{
	(void)printf("%-24s %7.0f MB/s, %6.3f s of processor time, "
	    "ratio %.3f\n", what,
	    (double)data_size * 1000.0 / (double)best->ns,
	    (double)best->cpu_ns / 1e9,
	    (double)data_size / (double)best->stored);
}

static void
measure(const char *folder)
{
	struct best best[3];
	unsigned run;
	unsigned i;

	for (i = 0; i < 3; i++)
		best[i] = (struct best){ INT64_MAX, INT64_MAX, 0 };
	for (run = 0; run < RUNS; run++)
		for (i = 0; i < 3; i++) {
			int64_t began = clock_now_ns();
			int64_t cpu = cpu_ns();

			if (i == 0)
				best[i].stored = run_bare();
			else if (i == 1)
				best[i].stored = run_devices(write_device,
				    NULL);
			else
				best[i].stored = run_devices(read_device,
				    folder);
			began = clock_now_ns() - began;
			cpu = cpu_ns() - cpu;
			if (began < best[i].ns)
				best[i].ns = began;
			if (cpu < best[i].cpu_ns)
				best[i].cpu_ns = cpu;
		}
	report("bare compression", &best[0]);
	report("stripes to nowhere", &best[1]);
	report("stripes read and proven", &best[2]);
	(void)printf("stripes : bare = %.3f in speed, %.3f in processor "
	    "time\n", (double)best[0].ns / (double)best[1].ns,
	    (double)best[1].cpu_ns / (double)best[0].cpu_ns);
}

static void
load(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t i;
	unsigned sum = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		die(path, NULL);
	data_size = (size_t)st.st_size;
	data = mmap(NULL, data_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd,
	    0);
	if (data == MAP_FAILED)
		die("cannot map the file", NULL);
	for (i = 0; i < data_size; i += 4096)
		sum += data[i];
	(void)printf("%zu bytes (%u)\n", data_size, sum & 255);
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	char folder[] = "/dev/shm/transfer-bench.XXXXXX";
	struct error error = { 0 };

	if (argc < 2 || argc > 6 ||
	    (argc > 2 && num_parse(argv[2], codec_min_level(),
	    codec_max_level(), &level) != 0) ||
	    (argc > 3 && num_parse(argv[3], 1, 64, &devices) != 0) ||
	    (argc > 4 && num_parse(argv[4], 1, POOL_MAX_THREADS,
	    &threads) != 0) ||
	    (argc > 5 && num_parse_size(argv[5], &command_size) != 0) ||
	    command_size == 0)
		die("usage: FILE [LEVEL [DEVICES [THREADS [COMMAND]]]]",
		    NULL);
	load(argv[1]);
	if (mkdtemp(folder) == NULL)
		die("cannot make a folder in /dev/shm", NULL);
	pool = pool_new((unsigned)threads, &error);
	if (pool == NULL)
		die("cannot make the pool", &error);
	(void)run_devices(write_device, folder);
	measure(folder);
	remove_files(folder);
	(void)rmdir(folder);
	pool_free(pool);
	return (0);
}
