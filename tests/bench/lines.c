/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/lines.h"

#include "bench/feeder.h"
#include "provider/provider.h"
#include "transfer/pump.h"
#include "transfer/sink.h"
#include "transfer/source.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENT 64u
#define CONFIGURE_MS 30000

struct lent {
	struct stripe_borrow borrow; /* first */
	atomic_bool is_busy;
};

struct line {
	const struct lines *lines;
	unsigned number; /* from 0 */
	pthread_t thread;
	struct stripe_write *writer;
	struct stripe_read *reader;
	struct provider_device *device;
	struct pump *pump;
	struct data share;
	struct stripe_result result;
	uint64_t raw_bytes;
	struct lent lent[LENT];
};

/* The client's side of a set. */
struct client {
	struct provider_set *set;
	char name[64];
};

static void
must(int rc, const char *what, const struct error *error)
{
	if (rc != 0)
		bench_die("%s: %s", what, error->text);
}

void
lines_path(unsigned i, char path[BENCH_PATH_ROOM])
{
	char name[24];

	(void)snprintf(name, sizeof(name), "%u.zst", i);
	bench_file(name, path);
}

/* ---- stripes ---- */

static void
open_writer(struct line *line)
{
	const struct lines *lines = line->lines;
	struct stripe_identity identity = { .stripe = line->number + 1,
		.stripes = lines->devices, .type = STRIPE_FULL };
	struct stripe_write_options options;
	struct error error = { 0 };
	struct sink *sink;
	char path[BENCH_PATH_ROOM];

	stripe_write_options_init(&options);
	options.codec.level = lines->level;
	options.count_only = lines->count_only;
	if (!lines->in_files) {
		sink = sink_null_open(&error);
	} else {
		lines_path(line->number, path);
		(void)unlink(path);
		sink = sink_file_open(path, &error);
	}
	if (sink != NULL)
		line->writer = stripe_write_open(lines->pool, sink, &identity,
		    &options, &error);
	must(line->writer == NULL, "cannot open a stripe", &error);
}

static void
open_reader(struct line *line)
{
	struct error error = { 0 };
	struct source *source;
	char path[BENCH_PATH_ROOM];

	lines_path(line->number, path);
	source = source_file_open(path, &error);
	if (source != NULL)
		line->reader = stripe_read_open(line->lines->pool, source,
		    &error);
	must(line->reader == NULL, "cannot open a stripe", &error);
}

static void
give_back(struct stripe_borrow *borrow, bool stored)
{
	struct lent *lent = (struct lent *)borrow;

	if (!stored)
		bench_die("a stripe has failed");
	atomic_store(&lent->is_busy, false);
}

/* The stripe never has as many frames under way as there are of these. */
static struct lent *
lend(struct line *line)
{
	unsigned i;

	for (i = 0; i < LENT; i++)
		if (!atomic_load(&line->lent[i].is_busy)) {
			line->lent[i].borrow.done = give_back;
			atomic_store(&line->lent[i].is_busy, true);
			return (&line->lent[i]);
		}
	return (NULL);
}

static int
give(struct line *line, const uint8_t *bytes, size_t size,
    struct error *error)
{
	struct lent *lent = NULL;

	if (stripe_write_wants_borrow(line->writer, size))
		lent = lend(line);
	if (lent == NULL)
		return (stripe_write_copied(line->writer, bytes, size, error));
	return (stripe_write_borrowed(line->writer, bytes, size,
	    &lent->borrow, error));
}

static void
give_share(struct line *line)
{
	struct error error = { 0 };
	size_t at = 0;

	while (at < line->share.size) {
		size_t left = line->share.size - at;
		size_t size = left < line->lines->command ? left :
		    line->lines->command;

		must(give(line, line->share.bytes + at, size, &error),
		    "a stripe has failed", &error);
		at += size;
	}
	line->raw_bytes += line->share.size;
}

static void
give_all(struct line *line)
{
	unsigned i;

	for (i = 0; i <= line->lines->repeat; i++)
		give_share(line);
}

/* ---- a line's thread ---- */

static void *
run_backup(void *context)
{
	struct line *line = context;
	struct pump_result result = { 0 };
	struct error error = { 0 };

	if (line->pump == NULL) {
		give_all(line);
	} else {
		must(pump_backup(line->pump, line->writer, &result, &error),
		    "a device has failed", &error);
		line->raw_bytes = result.raw_bytes;
	}
	must(stripe_write_finish(line->writer, &line->result, &error),
	    "a stripe cannot be finished", &error);
	return (NULL);
}

static void *
run_restore(void *context)
{
	struct line *line = context;
	struct pump_result result = { 0 };
	struct error error = { 0 };

	if (line->pump == NULL) {
		must(stripe_read_all(line->reader, NULL, NULL, &line->result,
		    &error), "a stripe cannot be read", &error);
		line->raw_bytes = line->result.raw_bytes;
	} else {
		must(pump_restore(line->pump, line->reader, &result, &error),
		    "a device has failed", &error);
		if (!result.at_end)
			bench_die("a stripe was not read to its end");
		line->raw_bytes = result.raw_bytes;
	}
	return (NULL);
}

/* ---- the set ---- */

static void
open_set(struct client *client, const struct lines *lines, bool is_restore)
{
	static unsigned number;
	struct feeder_order order = { .devices = lines->devices,
		.depth = lines->depth, .command = lines->command,
		.bytes = lines->data.size, .is_restore = is_restore };
	struct VDConfig config = { .deviceCount = lines->devices };
	const struct provider_ops *ops;
	struct error error = { 0 };

	(void)snprintf(client->name, sizeof(client->name), "bench-%ld-%u",
	    (long)getpid(), number++);
	(void)snprintf(order.name, sizeof(order.name), "%s", client->name);
	ops = provider_find("native", NULL, &error);
	if (ops != NULL)
		client->set = provider_set_new(ops, NULL, &error);
	must(client->set == NULL, "no set", &error);
	must(provider_create(client->set, client->name, &config, &error),
	    "no set", &error);
	feeder_order(lines->feeder, &order);
	if (provider_get_configuration(client->set, CONFIGURE_MS, &config,
	    &error) != PROVIDER_COMMAND)
		bench_die("the feeder does not configure the set: %s",
		    error.text);
}

static void
open_device(struct client *client, struct line *line)
{
	struct pump_config config = { .number = line->number + 1,
		.max_transfer_size = line->lines->command };
	struct error error = { 0 };
	char name[72];

	feeder_device_name(client->name, line->number, name);
	line->device = provider_open_device(client->set, name, &error);
	must(line->device == NULL, "cannot open a device", &error);
	config.device = line->device;
	line->pump = pump_new(&config, &error);
	must(line->pump == NULL, "no pump", &error);
}

static void
close_set(struct client *client, const struct lines *lines,
    const struct line *all)
{
	struct error error = { 0 };
	uint64_t raw_bytes = 0;
	unsigned i;

	must(provider_close(client->set, &error), "cannot close", &error);
	provider_set_free(client->set);
	for (i = 0; i < lines->devices; i++)
		raw_bytes += all[i].raw_bytes;
	if (feeder_end(lines->feeder) != raw_bytes)
		bench_die("the server and its client do not agree");
}

static struct line *
prepare(const struct lines *lines, struct client *client, bool is_restore)
{
	struct line *all = bench_alloc(lines->devices, sizeof(*all));
	unsigned i;

	for (i = 0; i < lines->devices; i++) {
		struct line *line = &all[i];

		line->lines = lines;
		line->number = i;
		if (!is_restore)
			data_share(&lines->data, lines->devices, i,
			    &line->share);
		if (is_restore)
			open_reader(line);
		else
			open_writer(line);
	}
	if (lines->feeder == NULL)
		return (all);
	open_set(client, lines, is_restore);
	for (i = 0; i < lines->devices; i++)
		open_device(client, &all[i]);
	return (all);
}

static void
run_all(struct line *all, unsigned count, void *(*run)(void *),
    struct bench_span *span)
{
	unsigned i;

	bench_begin(span);
	for (i = 0; i < count; i++)
		if (pthread_create(&all[i].thread, NULL, run, &all[i]) != 0)
			bench_die("cannot start a thread");
	for (i = 0; i < count; i++)
		(void)pthread_join(all[i].thread, NULL);
	bench_end(span);
}

static void
release(struct line *all, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		pump_free(all[i].pump);
		stripe_write_free(all[i].writer);
		stripe_read_free(all[i].reader);
	}
	free(all);
}

uint64_t
lines_backup(const struct lines *lines, struct bench_span *span)
{
	struct client client = { 0 };
	struct line *all = prepare(lines, &client, false);
	uint64_t stored_bytes = 0;
	unsigned i;

	run_all(all, lines->devices, run_backup, span);
	if (lines->feeder != NULL)
		close_set(&client, lines, all);
	for (i = 0; i < lines->devices; i++) {
		stored_bytes += all[i].result.stored_bytes;
		if (all[i].raw_bytes != all[i].share.size *
		    (lines->repeat + 1))
			bench_die("not everything came through");
	}
	release(all, lines->devices);
	return (stored_bytes);
}

void
lines_restore(const struct lines *lines, struct bench_span *span)
{
	struct client client = { 0 };
	struct line *all = prepare(lines, &client, true);
	uint64_t raw_bytes = 0;
	unsigned i;

	run_all(all, lines->devices, run_restore, span);
	if (lines->feeder != NULL)
		close_set(&client, lines, all);
	for (i = 0; i < lines->devices; i++)
		raw_bytes += all[i].raw_bytes;
	if (raw_bytes != lines->data.size)
		bench_die("not everything came back");
	release(all, lines->devices);
}

void
lines_make_files(const struct lines *lines, unsigned threads)
{
	struct lines copy = *lines;
	struct error error = { 0 };
	struct bench_span span;
	char path[BENCH_PATH_ROOM];
	unsigned i;
	int status;
	pid_t child;

	/* Named here, so that they are removed here. */
	for (i = 0; i < lines->devices; i++)
		lines_path(i, path);
	child = fork();
	if (child == 0) {
		copy.pool = pool_new(threads, &error);
		must(copy.pool == NULL, "no pool", &error);
		copy.in_files = true;
		(void)lines_backup(&copy, &span);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		bench_die("cannot make the stripes");
}
