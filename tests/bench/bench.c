/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/bench.h"

#include "base/clock.h"
#include "base/num.h"
#include "transfer/codec.h"
#include "transfer/pool.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *program_name = "bench";

void
bench_die(const char *format, ...)
{
	static atomic_flag is_dying = ATOMIC_FLAG_INIT;
	va_list ap;

	/* The first thread to die ends the process, and its words stand. */
	while (atomic_flag_test_and_set(&is_dying))
		(void)pause();
	(void)fprintf(stderr, "%s: ", program_name);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1);
}

void *
bench_alloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		bench_die("out of memory");
	return (memory);
}

/* ---- options ---- */

void
bench_list_set(struct bench_list *list, unsigned count, const int64_t *values)
{
	unsigned i;

	list->count = count;
	for (i = 0; i < count; i++)
		list->at[i] = values[i];
}

void
bench_options_init(struct bench_options *options, const char *program)
{
	static const int64_t levels[] = { 1, 3, 9 };
	static const int64_t devices[] = { 1, 4 };
	static const int64_t depths[] = { 1, 2, 4, 16 };
	static const int64_t repeats[] = { 1 };

	program_name = program;
	memset(options, 0, sizeof(*options));
	options->program = program;
	options->size = 256u << 20;
	options->ratio = "3";
	options->rounds = 5;
	options->threads = (int64_t)pool_processors();
	options->command = 4u << 20;
	bench_list_set(&options->levels, 3, levels);
	bench_list_set(&options->devices, 2, devices);
	bench_list_set(&options->depths, 4, depths);
	bench_list_set(&options->repeats, 1, repeats);
}

static void
print_list(const char *name, const struct bench_list *list)
{
	unsigned i;

	(void)printf("  --%-8s LIST   ", name);
	for (i = 0; i < list->count; i++)
		(void)printf("%s%lld", i > 0 ? "," : "",
		    (long long)list->at[i]);
	(void)printf("\n");
}

static void
print_help(const struct bench_options *options, const char *purpose)
{
	char size[32];
	char command[32];

	(void)printf("usage: %s [OPTION...]\n\n%s\n\n", options->program,
	    purpose);
	(void)printf("Options, and what holds without them:\n"
	    "  --data     FILE   synthetic data\n"
	    "  --size     SIZE   %s\n"
	    "  --ratio    R      %s, of synthetic data, about\n"
	    "  --rounds   N      %lld\n"
	    "  --threads  N      %lld\n"
	    "  --command  SIZE   %s\n",
	    num_format_size(options->size, size, sizeof(size)),
	    options->ratio, (long long)options->rounds,
	    (long long)options->threads,
	    num_format_size(options->command, command, sizeof(command)));
	print_list("levels", &options->levels);
	print_list("devices", &options->devices);
	print_list("depths", &options->depths);
	print_list("repeats", &options->repeats);
	(void)printf("  --only     CASE   run one case once; 'list' tells "
	    "which there are\n"
	    "  --tsv             lines for programs\n");
}

static int
parse_list(const char *text, int64_t min, int64_t max,
    struct bench_list *list)
{
	char copy[128];
	char *rest = copy;
	char *part;

	if (strlen(text) >= sizeof(copy))
		return (-1);
	(void)strcpy(copy, text);
	list->count = 0;
	while ((part = strsep(&rest, ",")) != NULL) {
		if (list->count == BENCH_LIST_MAX ||
		    num_parse(part, min, max, &list->at[list->count]) != 0)
			return (-1);
		list->count++;
	}
	return (0);
}

static int
parse_size(const char *text, uint64_t max, uint64_t *size)
{
	uint64_t value;

	if (num_parse_size(text, &value) != 0 || value == 0 || value > max)
		return (-1);
	*size = value;
	return (0);
}

static int
take_option(struct bench_options *o, const char *name, const char *value)
{
	if (strcmp(name, "--data") == 0) {
		o->data = value;
		return (0);
	}
	if (strcmp(name, "--ratio") == 0) {
		o->ratio = value;
		return (0);
	}
	if (strcmp(name, "--only") == 0) {
		o->only = value;
		return (0);
	}
	if (strcmp(name, "--size") == 0)
		return (parse_size(value, (uint64_t)1 << 40, &o->size));
	if (strcmp(name, "--command") == 0)
		return (parse_size(value, 4u << 20, &o->command));
	if (strcmp(name, "--rounds") == 0)
		return (num_parse(value, 1, BENCH_ROUNDS_MAX, &o->rounds));
	if (strcmp(name, "--threads") == 0)
		return (num_parse(value, 1, POOL_MAX_THREADS, &o->threads));
	if (strcmp(name, "--levels") == 0)
		return (parse_list(value, codec_min_level(),
		    codec_max_level(), &o->levels));
	if (strcmp(name, "--devices") == 0)
		return (parse_list(value, 1, 64, &o->devices));
	if (strcmp(name, "--depths") == 0)
		return (parse_list(value, 1, 64, &o->depths));
	if (strcmp(name, "--repeats") == 0)
		return (parse_list(value, 1, 1000000, &o->repeats));
	return (-1);
}

void
bench_options_read(struct bench_options *options, int argc, char **argv,
    const char *purpose)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			print_help(options, purpose);
			exit(0);
		}
		if (strcmp(argv[i], "--tsv") == 0) {
			options->tsv = true;
			continue;
		}
		if (i + 1 == argc ||
		    take_option(options, argv[i], argv[i + 1]) != 0) {
			(void)fprintf(stderr, "%s: %s %s: not an option of "
			    "this program or not a value for it; see --help\n",
			    options->program, argv[i],
			    i + 1 < argc ? argv[i + 1] : "");
			exit(2);
		}
		i++;
	}
}

/* ---- times ---- */

static int64_t
process_cpu_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0)
		bench_die("no clock of processor time");
	return ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

void
bench_begin(struct bench_span *span)
{
	span->cpu_ns = process_cpu_ns();
	span->ns = clock_now_ns();
}

void
bench_end(struct bench_span *span)
{
	span->ns = clock_now_ns() - span->ns;
	span->cpu_ns = process_cpu_ns() - span->cpu_ns;
}

static bool
run_only(struct bench_case *cases, unsigned count, const char *only)
{
	unsigned i;

	if (strcmp(only, "list") == 0) {
		for (i = 0; i < count; i++)
			(void)printf("%s\n", cases[i].name);
		return (true);
	}
	for (i = 0; i < count; i++)
		if (strcmp(cases[i].name, only) == 0)
			cases[i].run(&cases[i]);
	return (true);
}

bool
bench_interleave(struct bench_case *cases, unsigned count,
    const struct bench_options *options)
{
	unsigned rounds = (unsigned)options->rounds;
	unsigned round;
	unsigned i;

	if (options->only != NULL)
		return (run_only(cases, count, options->only));
	for (i = 0; i < count && !options->is_cold; i++)
		cases[i].run(&cases[i]);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < count; i++) {
			cases[i].run(&cases[i]);
			cases[i].rounds[round] = cases[i].span;
			cases[i].count = round + 1;
		}
	return (false);
}

int64_t
bench_best_ns(const struct bench_case *one)
{
	int64_t best = INT64_MAX;
	unsigned i;

	for (i = 0; i < one->count; i++)
		if (one->rounds[i].ns < best)
			best = one->rounds[i].ns;
	return (best);
}

int64_t
bench_best_cpu_ns(const struct bench_case *one)
{
	int64_t best = INT64_MAX;
	unsigned i;

	for (i = 0; i < one->count; i++)
		if (one->rounds[i].cpu_ns < best)
			best = one->rounds[i].cpu_ns;
	return (best);
}

double
bench_speed(const struct bench_case *one, const struct bench_case *base)
{
	return ((double)bench_best_ns(base) / (double)bench_best_ns(one));
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return ((left > right) - (left < right));
}

double
bench_median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return (count % 2 != 0 ? values[count / 2] :
	    (values[count / 2 - 1] + values[count / 2]) / 2);
}

double
bench_speed_median(const struct bench_case *one,
    const struct bench_case *base)
{
	double ratios[BENCH_ROUNDS_MAX];
	unsigned i;

	for (i = 0; i < one->count; i++)
		ratios[i] = (double)base->rounds[i].ns /
		    (double)one->rounds[i].ns;
	return (bench_median(ratios, one->count));
}

double
bench_rate(uint64_t bytes, int64_t ns)
{
	return ((double)bytes * 1e3 / (double)ns);
}

double
bench_cpu_per_gib(int64_t cpu_ns, uint64_t bytes)
{
	return ((double)cpu_ns / 1e9 / ((double)bytes / (double)(1u << 30)));
}

/* ---- lines ---- */

static const char *
verdict(const struct bench_row *row)
{
	if (row->aim == BENCH_INFO)
		return ("-");
	if (row->aim == BENCH_AT_LEAST)
		return (row->value >= row->target ? "reached" : "missed");
	return (row->value <= row->target ? "reached" : "missed");
}

static void
print_tsv(const struct bench_row *row)
{
	static const char *const aims[] = { "-", "least", "most" };

	(void)printf("%s\t%.4f\t", row->name, row->value);
	if (row->median < 0)
		(void)printf("-\t");
	else
		(void)printf("%.4f\t", row->median);
	(void)printf("%s\t%s\t", row->unit, aims[row->aim]);
	if (row->aim == BENCH_INFO)
		(void)printf("-\t-\n");
	else
		(void)printf("%.4f\t%s\n", row->target, verdict(row));
}

static void
print_words(const struct bench_row *row)
{
	(void)printf("%-38s %9.*f %-6s", row->name,
	    row->value < 100 && row->value > -100 ? 3 : 0, row->value,
	    row->unit);
	if (row->median >= 0)
		(void)printf("  (median %.3f)", row->median);
	if (row->aim != BENCH_INFO)
		(void)printf("  at %s %g: %s",
		    row->aim == BENCH_AT_LEAST ? "least" : "most",
		    row->target, verdict(row));
	(void)printf("\n");
}

void
bench_row(const struct bench_options *options, const struct bench_row *row)
{
	if (options->tsv)
		print_tsv(row);
	else
		print_words(row);
	(void)fflush(stdout);
}

void
bench_number(const struct bench_options *options, const char *name,
    double value, const char *unit)
{
	struct bench_row row = { .name = name, .unit = unit, .value = value,
		.median = -1 };

	bench_row(options, &row);
}

void
bench_ratio(const struct bench_options *options, const char *name,
    const struct bench_case *one, const struct bench_case *base,
    double target)
{
	struct bench_row row = { .name = name, .unit = "ratio",
		.value = bench_speed(one, base),
		.median = bench_speed_median(one, base),
		.aim = target > 0 ? BENCH_AT_LEAST : BENCH_INFO,
		.target = target };

	bench_row(options, &row);
}
