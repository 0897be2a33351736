/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the measuring programs share: their options, their clock, how often
 * and in which order things are run, and the lines that they print.
 *
 *     bench_options_init -> bench_options_read
 *       -> bench_interleave(cases)    a round to warm up, then the rounds
 *       -> bench_row                  a line for each result
 *
 * A machine is noisy, so nothing is compared but what ran in the same round:
 * every case has one run in each, in turn.  A value is the ratio of the best
 * runs; beside it stands the median of the ratios of the rounds.
 *
 * These are programs of their own: whatever goes wrong ends them with
 * bench_die and status 1, a wrong command line with 2.  A target that is
 * missed is no failure.
 */

#define BENCH_ROUNDS_MAX 64
#define BENCH_LIST_MAX 8

struct bench_list {
	unsigned count;
	int64_t at[BENCH_LIST_MAX];
};

struct bench_options {
	const char *program;
	const char *data;  /* --data FILE: what to use; NULL: synthetic */
	uint64_t size;     /* --size: of synthetic data */
	const char *ratio; /* --ratio: how far that compresses, about */
	int64_t rounds;    /* --rounds */
	int64_t threads;   /* --threads: of the pool */
	uint64_t command;  /* --command: size of the server's transfers */
	struct bench_list levels;  /* --levels 1,3,9 */
	struct bench_list devices; /* --devices 1,4 */
	struct bench_list depths;  /* --depths 1,2,4,16: a server's queue */
	struct bench_list repeats; /* --repeats 1,4: times the data */
	const char *only;  /* --only CASE: run that case once; for profilers */
	bool tsv;          /* --tsv: lines for programs */
	bool is_cold;      /* no round to warm up: each run begins anew */
};

/* What all programs start from. */
void bench_options_init(struct bench_options *options, const char *program);
/* The command line on top of it; purpose is for --help. */
void bench_options_read(struct bench_options *options, int argc, char **argv,
    const char *purpose);
void bench_list_set(struct bench_list *list, unsigned count,
    const int64_t *values);

/* Ends the program with what is wrong. */
void bench_die(const char *format, ...) PRINTF_LIKE(1, 2)
    __attribute__((noreturn));
/* calloc that ends the program where there is no memory. */
void *bench_alloc(size_t count, size_t size);

/* Wall clock, and processor time of this process in all its threads. */
struct bench_span {
	int64_t ns;
	int64_t cpu_ns;
};
void bench_begin(struct bench_span *span);
void bench_end(struct bench_span *span);

struct bench_case {
	char name[64];
	/* One run, which sets span: bench_begin and bench_end around what
	 * counts. */
	void (*run)(struct bench_case *self);
	void *context;    /* run's own, like the numbers below */
	int level;
	unsigned devices;
	unsigned depth;
	unsigned repeat;
	uint64_t stored_bytes;
	uint64_t memory_bytes;
	struct bench_span span;

	/* Of bench_interleave. */
	struct bench_span rounds[BENCH_ROUNDS_MAX];
	unsigned count;
};

/* With options->only: that case once, and nothing else; true if so. */
bool bench_interleave(struct bench_case *cases, unsigned count,
    const struct bench_options *options);

int64_t bench_best_ns(const struct bench_case *one);
int64_t bench_best_cpu_ns(const struct bench_case *one);
/* How many times as fast as base: of the best runs; of the rounds. */
double bench_speed(const struct bench_case *one,
    const struct bench_case *base);
double bench_speed_median(const struct bench_case *one,
    const struct bench_case *base);
/* Sorts. */
double bench_median(double *values, unsigned count);
/* bytes in ns as MB/s. */
double bench_rate(uint64_t bytes, int64_t ns);
/* Seconds of processor time for each GiB. */
double bench_cpu_per_gib(int64_t cpu_ns, uint64_t bytes);

enum bench_aim {
	BENCH_INFO, /* no target */
	BENCH_AT_LEAST,
	BENCH_AT_MOST
};

/*
 * One result.  For people:
 *
 *     NAME  VALUE UNIT  (median MEDIAN)  at least TARGET: reached
 *
 * and with --tsv, separated by tabs, "-" for what is not there:
 *
 *     NAME VALUE MEDIAN UNIT least|most|- TARGET reached|missed|-
 */
struct bench_row {
	const char *name; /* words joined by dots: "limit.level3.devices1" */
	double value;
	double median;    /* negative: none */
	const char *unit; /* ratio, MB/s, s/GiB, us, MiB */
	enum bench_aim aim;
	double target;
};
void bench_row(const struct bench_options *options,
    const struct bench_row *row);
/* A number without a target; a ratio of speeds that is to be at least target
 * (0: no target). */
void bench_number(const struct bench_options *options, const char *name,
    double value, const char *unit);
void bench_ratio(const struct bench_options *options, const char *name,
    const struct bench_case *one, const struct bench_case *base,
    double target);

/*
 * A folder of its own on a file system in memory (/dev/shm), that goes away
 * with the program, also where a signal ends it, and with it the files that
 * were named by bench_file.
 */
#define BENCH_PATH_ROOM 64
void bench_file(const char *name, char path[BENCH_PATH_ROOM]);
const char *bench_folder(void);

/*
 * Run a program by its name, found in PATH, with its standard output to a
 * file (NULL: /dev/null); its times, the processor's being the child's.  A
 * program that fails ends this one; false if there is no such program.
 */
bool bench_program(char *const argv[], const char *output,
    struct bench_span *span);

#endif
