/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of what libzstd can do is left when a backup is made around it:
 * stripes fed from memory, and through the devices of a server whose queue is
 * so deep, against the bare loop (bare.h) and against the program zstd on as
 * many threads; and what the stored bytes come to.
 *
 *     bench-limit [OPTION...]        --help has the options
 *
 * Rows, for each level L, number of devices D and depth Q:
 *
 *     limit.levelL.devicesD          rate from memory : bare loop
 *     limit.levelL.devicesD.cpu      processor time beyond the bare loop's
 *     limit.levelL.devicesD.cpu-rest of it, what the digests do not explain
 *     limit.levelL.devicesD.depthQ   rate through a server : bare loop
 *     limit.levelL.devicesD.shallowQ the same : the deepest of the queues
 *     zstd.levelL.devicesD           rate through the deepest queue : zstd -T
 *     size.levelL                    stored bytes, one device : zstd's
 */
#include <config.h>

#include "bench/bare.h"
#include "bench/feeder.h"
#include "bench/lines.h"
#include "transfer/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_BYTES ((size_t)32 << 20)
#define CASES_MAX (2 + BENCH_LIST_MAX * (BENCH_LIST_MAX + 1))
/* Above that level a part of the data is enough. */
#define SLOW_LEVEL 6
#define SLOW_PART 2u

struct limit {
	struct bench_options options;
	struct data data; /* all of it */
	struct data part; /* for the level at hand */
	struct pool *pool;
	struct bare *bare;
	struct feeder *feeder;
	char file[BENCH_PATH_ROOM];   /* the part, for zstd */
	char output[BENCH_PATH_ROOM]; /* what it makes of it */
	bool has_zstd;
	double sha256_per_gib; /* seconds of processor time */
	double pair_per_gib;   /* of two streams at once; 0: no such way */
	double xxh3_per_gib;
	struct bench_case cases[CASES_MAX];
	unsigned count;
};

static struct bench_case *
add_case(struct limit *limit, void (*run)(struct bench_case *self), int level,
    unsigned devices, unsigned depth)
{
	struct bench_case *one = &limit->cases[limit->count++];

	memset(one, 0, sizeof(*one));
	one->run = run;
	one->context = limit;
	one->level = level;
	one->devices = devices;
	one->depth = depth;
	return (one);
}

/* ---- what is run ---- */

static void
run_bare(struct bench_case *self)
{
	struct limit *limit = self->context;

	bench_begin(&self->span);
	self->stored_bytes = bare_compress(limit->bare, self->level,
	    &limit->part);
	bench_end(&self->span);
}

static void
run_stripes(struct bench_case *self)
{
	struct limit *limit = self->context;
	struct lines lines = { .pool = limit->pool,
		.feeder = self->depth > 0 ? limit->feeder : NULL,
		.data = limit->part, .level = self->level,
		.devices = self->devices, .depth = self->depth,
		.command = (uint32_t)limit->options.command };

	self->stored_bytes = lines_backup(&lines, &self->span);
}

static void
run_zstd(struct bench_case *self)
{
	struct limit *limit = self->context;
	char level[32];
	char threads[32];
	char *argv[] = { (char *)(uintptr_t)"zstd", level, threads,
		(char *)(uintptr_t)"-q", (char *)(uintptr_t)"-c",
		limit->file, NULL };

	if (self->level < 0)
		(void)snprintf(level, sizeof(level), "--fast=%d",
		    -self->level);
	else
		(void)snprintf(level, sizeof(level), "-%d", self->level);
	(void)snprintf(threads, sizeof(threads), "-T%d",
	    (int)limit->options.threads);
	limit->has_zstd = bench_program(argv, NULL, &self->span);
}

static uint64_t
zstd_size(struct limit *limit, int level)
{
	struct bench_span span;
	struct stat st;
	char option[32];
	char *argv[] = { (char *)(uintptr_t)"zstd", option,
		(char *)(uintptr_t)"-q", (char *)(uintptr_t)"-c",
		limit->file, NULL };

	if (level < 0)
		(void)snprintf(option, sizeof(option), "--fast=%d", -level);
	else
		(void)snprintf(option, sizeof(option), "-%d", level);
	if (!bench_program(argv, limit->output, &span))
		return (0);
	if (stat(limit->output, &st) != 0)
		bench_die("zstd wrote nothing");
	(void)unlink(limit->output);
	return ((uint64_t)st.st_size);
}

/* ---- what the digests cost by themselves ---- */

enum digest {
	DIGEST_SHA256,
	DIGEST_PAIR,
	DIGEST_XXH3,
	DIGESTS
};

struct digests {
	struct digest_sha256 *a;
	struct digest_sha256 *b;
	struct digest_xxh128 *c;
	struct data data;
};

static void
add_digest(struct digests *digests, enum digest which)
{
	const uint8_t *bytes = digests->data.bytes;
	size_t size = digests->data.size;
	int rc = 0;

	if (which == DIGEST_SHA256)
		rc = digest_sha256_add(digests->a, bytes, size, NULL);
	else if (which == DIGEST_PAIR)
		rc = digest_sha256_add_pair(digests->a, bytes, size / 2,
		    digests->b, bytes + size / 2, size / 2, NULL);
	else
		digest_xxh128_add(digests->c, bytes, size);
	if (rc != 0)
		bench_die("no SHA-256");
}

static void
measure_digests(struct limit *limit)
{
	struct digests digests = { digest_sha256_new(NULL),
		digest_sha256_new(NULL), digest_xxh128_new(NULL),
		limit->data };
	double best[DIGESTS] = { 1e9, 1e9, 1e9 };
	struct bench_span span;
	int64_t round;
	unsigned i;

	if (digests.a == NULL || digests.b == NULL || digests.c == NULL)
		bench_die("no digests");
	if (digests.data.size > DIGEST_BYTES)
		digests.data.size = DIGEST_BYTES;
	for (round = 0; round < limit->options.rounds; round++)
		for (i = 0; i < DIGESTS; i++) {
			double cost;

			bench_begin(&span);
			add_digest(&digests, (enum digest)i);
			bench_end(&span);
			cost = bench_cpu_per_gib(span.cpu_ns,
			    digests.data.size);
			if (cost < best[i])
				best[i] = cost;
		}
	limit->sha256_per_gib = best[DIGEST_SHA256];
	if (digest_sha256_can_pair(digests.a))
		limit->pair_per_gib = best[DIGEST_PAIR];
	limit->xxh3_per_gib = best[DIGEST_XXH3];
	digest_sha256_free(digests.a);
	digest_sha256_free(digests.b);
	digest_xxh128_free(digests.c);
}

/* ---- what is said ---- */

static void
print_cpu(const struct limit *limit, const char *name,
    const struct bench_case *one, const struct bench_case *bare)
{
	uint64_t raw = limit->part.size;
	double stored = (double)one->stored_bytes / (double)raw;
	double beyond = bench_cpu_per_gib(bench_best_cpu_ns(one), raw) -
	    bench_cpu_per_gib(bench_best_cpu_ns(bare), raw);
	char text[128];
	struct bench_row row = { .name = text, .unit = "s/GiB",
		.value = beyond, .median = -1, .aim = BENCH_AT_MOST,
		.target = 0.15 };

	(void)snprintf(text, sizeof(text), "%s.cpu", name);
	bench_row(&limit->options, &row);
	(void)snprintf(text, sizeof(text), "%s.cpu-rest", name);
	bench_number(&limit->options, text, beyond - limit->xxh3_per_gib -
	    limit->sha256_per_gib * stored, "s/GiB");
}

static const struct bench_case *
find(const struct limit *limit, unsigned devices, unsigned depth)
{
	unsigned i;

	for (i = 0; i < limit->count; i++)
		if (limit->cases[i].run == run_stripes &&
		    limit->cases[i].devices == devices &&
		    limit->cases[i].depth == depth)
			return (&limit->cases[i]);
	return (NULL);
}

static void
print_stripes(const struct limit *limit, const struct bench_case *one,
    const struct bench_case *bare, const struct bench_case *zstd)
{
	const struct bench_list *depths = &limit->options.depths;
	unsigned deepest = (unsigned)depths->at[depths->count - 1];
	char name[96];
	char text[128];

	(void)snprintf(name, sizeof(name), "limit.level%d.devices%u",
	    one->level, one->devices);
	if (one->depth == 0) {
		bench_ratio(&limit->options, name, one, bare, 0.93);
		print_cpu(limit, name, one, bare);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s.depth%u", name, one->depth);
	bench_ratio(&limit->options, text, one, bare, 0);
	if (one->depth <= 2 && one->depth < deepest) {
		(void)snprintf(text, sizeof(text), "%s.shallow%u", name,
		    one->depth);
		bench_ratio(&limit->options, text, one,
		    find(limit, one->devices, deepest), 0.95);
	}
	if (one->depth == deepest && limit->has_zstd) {
		(void)snprintf(text, sizeof(text), "zstd.level%d.devices%u",
		    one->level, one->devices);
		bench_ratio(&limit->options, text, one, zstd, 1.05);
	}
}

static void
print_level(struct limit *limit, int level)
{
	const struct bench_case *bare = &limit->cases[0];
	const struct bench_case *zstd = &limit->cases[1];
	const struct bench_case *one;
	uint64_t theirs = zstd_size(limit, level);
	char name[64];
	unsigned i;

	(void)snprintf(name, sizeof(name), "bare.level%d.rate", level);
	bench_number(&limit->options, name, bench_rate(limit->part.size,
	    bench_best_ns(bare)), "MB/s");
	(void)snprintf(name, sizeof(name), "bare.level%d.cpu", level);
	bench_number(&limit->options, name,
	    bench_cpu_per_gib(bench_best_cpu_ns(bare), limit->part.size),
	    "s/GiB");
	(void)snprintf(name, sizeof(name), "bare.level%d.ratio", level);
	bench_number(&limit->options, name, (double)limit->part.size /
	    (double)bare->stored_bytes, "ratio");
	for (i = 2; i < limit->count; i++)
		print_stripes(limit, &limit->cases[i], bare, zstd);
	one = find(limit, 1, 0);
	if (theirs > 0 && one != NULL) {
		struct bench_row row = { .name = name, .unit = "ratio",
			.value = (double)one->stored_bytes / (double)theirs,
			.median = -1, .aim = BENCH_AT_MOST, .target = 1.005 };

		(void)snprintf(name, sizeof(name), "size.level%d", level);
		bench_row(&limit->options, &row);
	}
}

/* ---- the run ---- */

static void
name_cases(struct limit *limit)
{
	unsigned i;

	for (i = 0; i < limit->count; i++) {
		struct bench_case *one = &limit->cases[i];

		if (one->run == run_bare)
			(void)snprintf(one->name, sizeof(one->name), "bare");
		else if (one->run == run_zstd)
			(void)snprintf(one->name, sizeof(one->name), "zstd");
		else if (one->depth == 0)
			(void)snprintf(one->name, sizeof(one->name),
			    "devices%u", one->devices);
		else
			(void)snprintf(one->name, sizeof(one->name),
			    "devices%u.depth%u", one->devices, one->depth);
	}
}

/* Whether that was all, since one case was asked for. */
static bool
measure_level(struct limit *limit, int level)
{
	const struct bench_list *devices = &limit->options.devices;
	const struct bench_list *depths = &limit->options.depths;
	bool was_one;
	unsigned i;
	unsigned j;

	limit->part = limit->data;
	if (level > SLOW_LEVEL)
		limit->part.size /= SLOW_PART;
	(void)unlink(limit->file);
	data_write(&limit->part, limit->file);
	limit->count = 0;
	(void)add_case(limit, run_bare, level, 0, 0);
	(void)add_case(limit, run_zstd, level, 0, 0);
	for (i = 0; i < devices->count; i++) {
		(void)add_case(limit, run_stripes, level,
		    (unsigned)devices->at[i], 0);
		for (j = 0; j < depths->count; j++)
			(void)add_case(limit, run_stripes, level,
			    (unsigned)devices->at[i],
			    (unsigned)depths->at[j]);
	}
	name_cases(limit);
	was_one = bench_interleave(limit->cases, limit->count,
	    &limit->options);
	if (!was_one)
		print_level(limit, level);
	return (was_one);
}

int
main(int argc, char **argv)
{
	static struct limit limit;
	struct error error = { 0 };
	unsigned i;

	bench_options_init(&limit.options, "bench-limit");
	bench_options_read(&limit.options, argc, argv,
	    "How near a backup's transfer comes to a bare loop of libzstd.");
	data_open(&limit.options, &limit.data);
	bench_file("data", limit.file);
	bench_file("data.zst", limit.output);
	limit.feeder = feeder_start(&limit.data);
	limit.bare = bare_new((unsigned)limit.options.threads);
	limit.pool = pool_new((unsigned)limit.options.threads, &error);
	if (limit.pool == NULL)
		bench_die("%s", error.text);
	if (limit.options.only == NULL) {
		measure_digests(&limit);
		bench_number(&limit.options, "digest.sha256.stored",
		    limit.sha256_per_gib, "s/GiB");
		if (limit.pair_per_gib > 0)
			bench_number(&limit.options,
			    "digest.sha256-pair.stored", limit.pair_per_gib,
			    "s/GiB");
		bench_number(&limit.options, "digest.xxh3.raw",
		    limit.xxh3_per_gib, "s/GiB");
	}
	for (i = 0; i < limit.options.levels.count; i++)
		if (measure_level(&limit, (int)limit.options.levels.at[i]))
			break;
	pool_free(limit.pool);
	bare_free(limit.bare);
	feeder_stop(limit.feeder);
	data_close(&limit.data);
	return (0);
}
