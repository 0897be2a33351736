/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/shot.h"

#include "base/num.h"
#include "run/child.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WORDS_MAX 64
#define SERVER "bench"
#define SIGNAL_BASE 128

/* A command line; each word is owned. */
struct words {
	char *argv[WORDS_MAX];
	size_t count;
	bool failed;
};

static void add(struct words *words, const char *format, ...)
    PRINTF_LIKE(2, 3);

static void
add(struct words *words, const char *format, ...)
{
	char *word;
	va_list args;

	va_start(args, format);
	if (vasprintf(&word, format, args) < 0)
		word = NULL;
	va_end(args);
	if (word == NULL || words->count + 1 == WORDS_MAX) {
		free(word);
		words->failed = true;
		return;
	}
	words->argv[words->count++] = word;
}

static void
release(struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		free(words->argv[i]);
}

static void
add_all(struct words *words, const char *const *more)
{
	for (; more != NULL && *more != NULL; more++)
		add(words, "%s", *more);
}

static void
add_backup(struct words *words, const struct shot *shot,
    enum plan_stage stage, const struct plan_setting *setting)
{
	add(words, "--engine=%s", shot->engine);
	add(words, "--to=%s", stage == PLAN_WRITE ? shot->store : "null:");
	add(words, "--copy-only");
	if (stage == PLAN_SOURCE)
		add(words, "--source-only");
	add(words, "--devices=%u", setting->devices);
	add(words, "--level=%d", setting->level);
	add(words, "--max-transfer-size=%" PRIu32, setting->transfer_size);
	add_all(words, shot->words);
	add_all(words, shot->backup_words);
}

static void
add_restore(struct words *words, const struct shot *shot)
{
	if (shot->kind == DATABASE_SQLITE)
		add(words, "--engine=%s:%s", database_kind_name(shot->kind),
		    shot->copy);
	else
		add(words, "--engine=%s", shot->engine);
	if (shot->kind != DATABASE_SQLITE &&
	    shot->kind != DATABASE_SYNTHETIC)
		add(words, "--verify-only");
	add(words, "--from=%s", shot->store);
	add_all(words, shot->words);
}

static void
add_words(struct words *words, const struct shot *shot,
    enum plan_stage stage, const struct plan_setting *setting)
{
	static const char *const commands[PLAN_STAGES] = {
		[PLAN_SOURCE] = "backup",
		[PLAN_COMPRESS] = "backup",
		[PLAN_WRITE] = "backup",
		[PLAN_RESTORE] = "restore",
		[PLAN_VERIFY] = "verify",
	};

	add(words, "%s", shot->program);
	add(words, "%s", commands[stage]);
	add(words, "--json");
	add(words, "--progress=never");
	add(words, "--threads=%u", setting->threads);
	if (stage == PLAN_VERIFY) {
		add(words, "%s", shot->store);
		return;
	}
	add(words, "--database=%s", shot->database);
	add(words, "--server=%s", SERVER);
	if (stage == PLAN_RESTORE)
		add_restore(words, shot);
	else
		add_backup(words, shot, stage, setting);
}

/* The kind that has this exit status. */
static enum error_kind
kind_of(const struct shot *shot, int status)
{
	int kind;

	for (kind = KIND_NONE; kind <= KIND_LOCKED; kind++)
		if (shot->status_of((enum error_kind)kind) == status)
			return ((enum error_kind)kind);
	return (KIND_ABORTED);
}

static int
judge(const struct shot *shot, const struct child *child,
    struct error *error)
{
	char duration[32];

	if (child->was_stopped)
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the measurement was interrupted"));
	if (child->was_late) {
		IGNORE_RESULT(error_set(error, KIND_TIMEOUT, ORIGIN_US, 0,
		    "it was not done within %s", num_format_timeout(
		    shot->timeout_ms, duration, sizeof(duration))));
		error_hint(error, "give it more time with --run-timeout");
		return (-1);
	}
	if (child->status > SIGNAL_BASE)
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "signal %d ended it", child->status - SIGNAL_BASE));
	if (child->status != shot->status_of(KIND_NONE)) {
		IGNORE_RESULT(error_set(error, kind_of(shot, child->status),
		    ORIGIN_US, 0, "%s", child->text != NULL ? child->text :
		    child->line));
		if (child->hint != NULL)
			error_hint(error, "%s", child->hint);
		return (-1);
	}
	if (!child->has_result)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "it ended without a result"));
	return (0);
}

static void
take_numbers(const struct child *child, enum plan_stage stage,
    struct series_run *run)
{
	double seconds = child_number(child, stage == PLAN_VERIFY ?
	    "seconds" : "transfer_seconds");

	*run = (struct series_run){
		.raw_bytes = (uint64_t)child_number(child, "raw_bytes"),
		.ns = (int64_t)(seconds * 1e9 + 0.5),
		.cpu_ns = (int64_t)(child_number(child, "cpu_seconds") * 1e9 +
		    0.5),
		.peak_bytes = (uint64_t)child_number(child, "peak_memory"),
	};
	if (stage != PLAN_SOURCE)
		run->stored_bytes =
		    (uint64_t)child_number(child, "stored_bytes");
}

int
shot_run(const struct shot *shot, enum plan_stage stage,
    const struct plan_setting *setting, struct series_run *run,
    struct error *error)
{
	struct child_limits limits = { .before_ms = shot->timeout_ms,
		.after_ms = shot->timeout_ms, .stop = shot->stop };
	struct words words = { .count = 0 };
	struct child child;
	int rc = -1;

	child_init(&child);
	add_words(&words, shot, stage, setting);
	if (words.failed)
		IGNORE_RESULT(error_memory(error));
	else if (child_run(&child, (const char *const *)words.argv, &limits,
	        error) == 0 && judge(shot, &child, error) == 0) {
		take_numbers(&child, stage, run);
		rc = 0;
	}
	child_release(&child);
	release(&words);
	return (rc);
}
