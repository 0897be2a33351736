/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast stripes come back: from files in memory into the reads of a server
 * whose queue is so deep, and proven without a server, against the program
 * zstd on the same files, which decompresses with one thread.
 *
 *     bench-restore [OPTION...]      --help has the options
 *
 * Rows, for each level L, number of devices D and depth Q:
 *
 *     restore.levelL.devicesD          rate through the deepest queue : zstd -d
 *     restore.levelL.devicesD.depthQ   rate through a server : zstd -d
 *     restore.levelL.devicesD.shallowQ the same : the deepest of the queues
 *     restore.levelL.devicesD.cpu      processor time beyond zstd -d's
 *     verify.levelL.devicesD           rate of the proof alone : zstd -t
 */
#include <config.h>

#include "bench/feeder.h"
#include "bench/lines.h"

#include <stdio.h>
#include <string.h>

#define CASES_MAX (3 + BENCH_LIST_MAX)
#define FILES_MAX 64u
#define WORDS_MAX 5u

enum {
	CASE_DECOMPRESS,
	CASE_TEST,
	CASE_VERIFY,
	CASE_DEPTHS /* the first of them */
};

struct restore {
	struct bench_options options;
	struct data data;
	struct pool *pool;
	struct feeder *feeder;
	bool has_zstd;
	struct bench_case cases[CASES_MAX];
	unsigned count;
};

static void
run_program(struct bench_case *self, const char *way)
{
	struct restore *restore = self->context;
	static char paths[FILES_MAX][BENCH_PATH_ROOM];
	char *argv[FILES_MAX + WORDS_MAX];
	unsigned i;

	argv[0] = (char *)(uintptr_t)"zstd";
	argv[1] = (char *)(uintptr_t)way;
	argv[2] = (char *)(uintptr_t)"-q";
	argv[3] = (char *)(uintptr_t)"-c";
	for (i = 0; i < self->devices; i++) {
		lines_path(i, paths[i]);
		argv[4 + i] = paths[i];
	}
	argv[4 + i] = NULL;
	restore->has_zstd = bench_program(argv, NULL, &self->span);
}

static void
run_decompress(struct bench_case *self)
{
	run_program(self, "-d");
}

static void
run_test(struct bench_case *self)
{
	run_program(self, "-t");
}

static void
run_lines(struct bench_case *self)
{
	struct restore *restore = self->context;
	struct lines lines = { .pool = restore->pool,
		.feeder = self->depth > 0 ? restore->feeder : NULL,
		.data = restore->data, .in_files = true,
		.devices = self->devices, .depth = self->depth,
		.command = (uint32_t)restore->options.command };

	lines_restore(&lines, &self->span);
}

static void
prepare(struct restore *restore, int level, unsigned devices)
{
	struct lines lines = { .data = restore->data, .level = level,
		.devices = devices,
		.command = (uint32_t)restore->options.command };
	unsigned threads = (unsigned)restore->options.threads;
	struct error error = { 0 };

	lines_make_files(&lines, threads);
	restore->pool = pool_new(threads, &error);
	if (restore->pool == NULL)
		bench_die("%s", error.text);
}

static void
add_case(struct restore *restore, const char *name,
    void (*run)(struct bench_case *self), unsigned devices, unsigned depth)
{
	struct bench_case *one = &restore->cases[restore->count++];

	memset(one, 0, sizeof(*one));
	(void)snprintf(one->name, sizeof(one->name), "%s", name);
	one->run = run;
	one->context = restore;
	one->devices = devices;
	one->depth = depth;
}

static void
print_depths(const struct restore *restore, const char *base_name)
{
	const struct bench_case *base = &restore->cases[CASE_DECOMPRESS];
	const struct bench_case *deepest =
	    &restore->cases[restore->count - 1];
	char name[96];
	unsigned i;

	if (restore->has_zstd)
		bench_ratio(&restore->options, base_name, deepest, base, 1.8);
	for (i = CASE_DEPTHS; i < restore->count; i++) {
		const struct bench_case *one = &restore->cases[i];

		if (restore->has_zstd) {
			(void)snprintf(name, sizeof(name), "%s.depth%u",
			    base_name, one->depth);
			bench_ratio(&restore->options, name, one, base, 0);
		}
		if (one->depth > 2 || one == deepest)
			continue;
		(void)snprintf(name, sizeof(name), "%s.shallow%u", base_name,
		    one->depth);
		bench_ratio(&restore->options, name, one, deepest, 0.95);
	}
	if (!restore->has_zstd)
		return;
	(void)snprintf(name, sizeof(name), "%s.cpu", base_name);
	bench_number(&restore->options, name,
	    bench_cpu_per_gib(bench_best_cpu_ns(deepest), restore->data.size)
	    - bench_cpu_per_gib(bench_best_cpu_ns(base), restore->data.size),
	    "s/GiB");
}

static void
print_rows(const struct restore *restore, int level, unsigned devices)
{
	char name[64];

	if (restore->has_zstd) {
		(void)snprintf(name, sizeof(name),
		    "zstd-d.level%d.devices%u.rate", level, devices);
		bench_number(&restore->options, name,
		    bench_rate(restore->data.size, bench_best_ns(
		    &restore->cases[CASE_DECOMPRESS])), "MB/s");
	}
	(void)snprintf(name, sizeof(name), "restore.level%d.devices%u",
	    level, devices);
	print_depths(restore, name);
	(void)snprintf(name, sizeof(name), "verify.level%d.devices%u", level,
	    devices);
	if (restore->has_zstd)
		bench_ratio(&restore->options, name,
		    &restore->cases[CASE_VERIFY],
		    &restore->cases[CASE_TEST], 1.7);
}

/* Whether that was all, since one case was asked for. */
static bool
measure(struct restore *restore, int level, unsigned devices)
{
	const struct bench_list *depths = &restore->options.depths;
	bool was_one;
	unsigned i;

	prepare(restore, level, devices);
	restore->count = 0;
	add_case(restore, "zstd-d", run_decompress, devices, 0);
	add_case(restore, "zstd-t", run_test, devices, 0);
	add_case(restore, "verify", run_lines, devices, 0);
	for (i = 0; i < depths->count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "depth%d",
		    (int)depths->at[i]);
		add_case(restore, name, run_lines, devices,
		    (unsigned)depths->at[i]);
	}
	was_one = bench_interleave(restore->cases, restore->count,
	    &restore->options);
	pool_free(restore->pool);
	if (!was_one)
		print_rows(restore, level, devices);
	return (was_one);
}

static void
measure_all(struct restore *restore)
{
	const struct bench_options *options = &restore->options;
	unsigned i;
	unsigned j;

	for (i = 0; i < options->levels.count; i++)
		for (j = 0; j < options->devices.count; j++)
			if (measure(restore, (int)options->levels.at[i],
			    (unsigned)options->devices.at[j]))
				return;
}

int
main(int argc, char **argv)
{
	static const int64_t levels[] = { 3 };
	static const int64_t devices[] = { 1 };
	static struct restore restore;

	bench_options_init(&restore.options, "bench-restore");
	bench_list_set(&restore.options.levels, 1, levels);
	bench_list_set(&restore.options.devices, 1, devices);
	bench_options_read(&restore.options, argc, argv,
	    "How fast stripes are read, proven and given to a server.");
	data_open(&restore.options, &restore.data);
	(void)bench_folder();
	restore.feeder = feeder_start(&restore.data);
	measure_all(&restore);
	feeder_stop(restore.feeder);
	data_close(&restore.data);
	return (0);
}
