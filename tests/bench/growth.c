/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether rate and memory stay what they are when there is more of all: more
 * devices, and longer streams.  Synthetic data from memory, to nowhere and
 * back from a file, each run in a process of its own, which tells how far its
 * memory grew.
 *
 *     bench-growth [OPTION...]       --help has the options
 *
 * Rows, for each number of devices D and of times N that the data are sent;
 * growth is at the first of the levels, memory at the last of them, L:
 *
 *     growth.devicesD.rate     rate with D devices : with the first number
 *     growth.timesN.rate       rate of N times the data : of the first length
 *     growth.timesN.memory     MiB more than the first length takes
 *     memory.levelL.devicesD           MiB, commands as large as a frame
 *     memory.levelL.devicesD.gathered  MiB, commands of 1 MiB
 *     memory.levelL.devicesD.restore   MiB, on the way back
 *         and of each, with .formula, its part of what the bound is
 */
#include <config.h>

#include "bench/lines.h"
#include "transfer/codec.h"
#include "transfer/stripe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((double)(1u << 20))
#define GATHERED (1u << 20)
/* So many times the data go over the devices, for fresh pages to be few. */
#define DEVICES_REPEAT 8u
/* What is not a slot or a context: the pool, what every thread touches of its
 * stack and its part of the heap, files' buffers. */
#define EACH_THREAD ((uint64_t)256 << 10)
#define EACH_STRIPE ((uint64_t)512 << 10)
#define BASE ((uint64_t)2 << 20)

struct growth {
	struct bench_options options;
	struct data data;
	struct bench_case cases[BENCH_LIST_MAX];
	unsigned count;
};

/* What a child tells. */
struct outcome {
	struct bench_span span;
	uint64_t memory_bytes;
};

/* ---- memory of this process ---- */

/* A line of /proc/self/status, in bytes. */
static uint64_t
status_bytes(const char *name)
{
	FILE *file = fopen("/proc/self/status", "re");
	size_t length = strlen(name);
	unsigned long long kib = 0;
	char line[256];

	if (file == NULL)
		bench_die("cannot read /proc/self/status");
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, length) == 0)
			kib = strtoull(line + length, NULL, 10);
	(void)fclose(file);
	return ((uint64_t)kib << 10);
}

/* The peak from now on; false where the system does not forget peaks. */
static bool
reset_peak(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "5", 1) == 1;

	if (fd >= 0)
		(void)close(fd);
	return (ok);
}

/* ---- one run, in a child ---- */

enum way {
	WAY_BORROWED,
	WAY_GATHERED,
	WAY_RESTORE
};

static void
run_way(const struct growth *growth, const struct bench_case *one,
    enum way way, struct outcome *outcome)
{
	struct error error = { 0 };
	struct lines lines = { .data = growth->data, .level = one->level,
		.devices = one->devices, .repeat = one->repeat - 1,
		.in_files = way == WAY_RESTORE,
		.command = way == WAY_GATHERED ? GATHERED :
		    (uint32_t)growth->options.command };
	uint64_t before = status_bytes("VmRSS:");

	if (!reset_peak())
		bench_die("this system does not measure peaks anew "
		    "(/proc/self/clear_refs)");
	lines.pool = pool_new((unsigned)growth->options.threads, &error);
	if (lines.pool == NULL)
		bench_die("%s", error.text);
	if (way == WAY_RESTORE)
		lines_restore(&lines, &outcome->span);
	else
		(void)lines_backup(&lines, &outcome->span);
	outcome->memory_bytes = status_bytes("VmHWM:") - before;
	pool_free(lines.pool);
}

static void
run_child(const struct growth *growth, struct bench_case *one, enum way way)
{
	struct outcome outcome = { { 0, 0 }, 0 };
	int ends[2];
	int status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		bench_die("cannot make a pipe");
	child = fork();
	if (child < 0)
		bench_die("cannot start a process");
	if (child == 0) {
		run_way(growth, one, way, &outcome);
		_exit(write(ends[1], &outcome, sizeof(outcome)) ==
		    (ssize_t)sizeof(outcome) ? 0 : 1);
	}
	(void)close(ends[1]);
	if (read(ends[0], &outcome, sizeof(outcome)) !=
	    (ssize_t)sizeof(outcome) ||
	    waitpid(child, &status, 0) != child || status != 0)
		bench_die("a run has failed");
	(void)close(ends[0]);
	one->span = outcome.span;
	if (outcome.memory_bytes > one->memory_bytes)
		one->memory_bytes = outcome.memory_bytes;
}

static void
run_borrowed(struct bench_case *self)
{
	run_child(self->context, self, WAY_BORROWED);
}

/* ---- the formula ---- */

/* transfer/slots.h: stripes + 2 * threads slots; each with room for a frame's
 * stored bytes and, where the raw bytes lie nowhere else, for those. */
static uint64_t
bound(const struct growth *growth, const struct bench_case *one,
    enum way way)
{
	struct codec_settings settings = { .level = one->level };
	uint64_t threads = (uint64_t)growth->options.threads;
	uint64_t slots = one->devices + 2 * threads;
	uint64_t frame = STRIPE_DEFAULT_FRAME_SIZE;
	uint64_t each = codec_bound(STRIPE_DEFAULT_FRAME_SIZE);
	struct error error = { 0 };
	size_t context = 0;

	if (way != WAY_BORROWED)
		each += frame;
	if (codec_memory(&settings, STRIPE_DEFAULT_FRAME_SIZE, &context,
	    &error) != 0)
		bench_die("%s", error.text);
	return (slots * each + threads * (context + EACH_THREAD) +
	    one->devices * EACH_STRIPE + BASE);
}

static void
print_memory(const struct growth *growth, const char *name,
    const struct bench_case *one, uint64_t most)
{
	char text[96];
	struct bench_row row = { .name = name, .unit = "MiB", .median = -1,
		.value = (double)one->memory_bytes / MIB };

	bench_row(&growth->options, &row);
	(void)snprintf(text, sizeof(text), "%s.formula", name);
	row.name = text;
	row.unit = "ratio";
	row.value = (double)one->memory_bytes / (double)most;
	row.aim = BENCH_AT_MOST;
	row.target = 1;
	bench_row(&growth->options, &row);
}

static void
make_files(const struct growth *growth, const struct bench_case *one)
{
	struct lines lines = { .data = growth->data, .level = one->level,
		.devices = one->devices,
		.command = (uint32_t)growth->options.command };

	lines_make_files(&lines, (unsigned)growth->options.threads);
}

static void
measure_memory(const struct growth *growth, int level, unsigned devices)
{
	static const char *const names[] = { "", ".gathered", ".restore" };
	struct bench_case one;
	char name[64];
	unsigned way;

	for (way = WAY_BORROWED; way <= WAY_RESTORE; way++) {
		memset(&one, 0, sizeof(one));
		one.level = level;
		one.devices = devices;
		one.repeat = 1;
		if (way == WAY_RESTORE)
			make_files(growth, &one);
		run_child(growth, &one, (enum way)way);
		(void)snprintf(name, sizeof(name), "memory.level%d.devices%u%s",
		    level, devices, names[way]);
		print_memory(growth, name, &one, bound(growth, &one,
		    (enum way)way));
	}
}

/* ---- growth ---- */

static void
add_case(struct growth *growth, unsigned devices, unsigned repeat)
{
	struct bench_case *one = &growth->cases[growth->count++];

	memset(one, 0, sizeof(*one));
	(void)snprintf(one->name, sizeof(one->name), "devices%u.times%u",
	    devices, repeat);
	one->run = run_borrowed;
	one->context = growth;
	one->level = (int)growth->options.levels.at[0];
	one->devices = devices;
	one->repeat = repeat;
}

/* Rate of the bytes: lengths differ. */
static double
rate_of(const struct growth *growth, const struct bench_case *one)
{
	return (bench_rate(growth->data.size * one->repeat,
	    bench_best_ns(one)));
}

static void
print_growth(const struct growth *growth, const char *format,
    unsigned number, const struct bench_case *one)
{
	const struct bench_case *first = &growth->cases[0];
	char name[64];
	char text[96];
	struct bench_row row = { .name = text, .unit = "MB/s", .median = -1,
		.value = rate_of(growth, one) };

	(void)snprintf(name, sizeof(name), "growth.%s%u", format, number);
	if (one == first) {
		(void)snprintf(text, sizeof(text), "%s.base", name);
		bench_row(&growth->options, &row);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s.rate", name);
	row.unit = "ratio";
	row.value = rate_of(growth, one) / rate_of(growth, first);
	row.aim = BENCH_AT_LEAST;
	row.target = 0.95;
	bench_row(&growth->options, &row);
	if (one->devices != first->devices)
		return;
	(void)snprintf(text, sizeof(text), "%s.memory", name);
	row.unit = "MiB";
	row.value = ((double)one->memory_bytes -
	    (double)first->memory_bytes) / MIB;
	row.aim = BENCH_AT_MOST;
	row.target = 1;
	bench_row(&growth->options, &row);
}

static bool
measure_growth(struct growth *growth, const char *format,
    const struct bench_list *list)
{
	bool is_devices = list == &growth->options.devices;
	unsigned i;

	growth->count = 0;
	for (i = 0; i < list->count; i++)
		add_case(growth, is_devices ? (unsigned)list->at[i] :
		    (unsigned)growth->options.devices.at[0],
		    is_devices ? DEVICES_REPEAT : (unsigned)list->at[i]);
	if (bench_interleave(growth->cases, growth->count, &growth->options))
		return (true);
	for (i = 0; i < growth->count; i++)
		print_growth(growth, format, (unsigned)list->at[i],
		    &growth->cases[i]);
	return (false);
}

int
main(int argc, char **argv)
{
	static const int64_t levels[] = { 1, 3 };
	static const int64_t devices[] = { 1, 4, 16, 64 };
	static const int64_t repeats[] = { 1, 4, 16 };
	static struct growth growth;
	struct bench_options *options = &growth.options;
	unsigned i;

	bench_options_init(options, "bench-growth");
	options->size = 128u << 20;
	options->rounds = 2;
	bench_list_set(&options->levels, 2, levels);
	options->is_cold = true;
	bench_list_set(&options->devices, 4, devices);
	bench_list_set(&options->repeats, 3, repeats);
	bench_options_read(options, argc, argv,
	    "Whether more devices or more data cost rate or memory.");
	data_open(options, &growth.data);
	(void)bench_folder();
	if (measure_growth(&growth, "devices", &options->devices) ||
	    measure_growth(&growth, "times", &options->repeats))
		return (0);
	for (i = 0; i < options->devices.count; i++)
		measure_memory(&growth, (int)options->levels.at[
		    options->levels.count - 1],
		    (unsigned)options->devices.at[i]);
	data_close(&growth.data);
	return (0);
}
