/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/target.h"

#include "base/str.h"
#include "store/lock.h"
#include "store/path.h"
#include "store/store.h"
#include "transfer/rate.h"
#include "transfer/sink.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
target_init(struct target *to, const struct job_backup *job)
{
	*to = (struct target){ .job = job };
}

void
target_release(struct target *to)
{
	store_target_free(to->target);
	lock_release(to->lock);
	rate_free(to->rate);
	*to = (struct target){ .job = to->job };
}

static bool
is_on_disk(const struct target *to)
{
	return (to->job->target_kind == JOB_TARGET_STORE ||
	    to->job->target_kind == JOB_TARGET_FILE);
}

bool
target_has_manifest(const struct target *to)
{
	return (to->job->target_kind == JOB_TARGET_STORE);
}

char *
target_plan(const struct target *to, const struct manifest *manifest,
    struct error *error)
{
	const struct job_backup *job = to->job;
	struct path_folder folder = { .started = manifest->started,
		.type = manifest->type, .number = 1, .stage = PATH_FINAL };
	struct str str;
	char *parent;

	if (job->target_kind != JOB_TARGET_STORE)
		return (target_path(to, error));
	parent = store_database_folder(job->target, manifest->server,
	    manifest->database, error);
	if (parent == NULL)
		return (NULL);
	str_init(&str);
	str_addf(&str, "%s/", parent);
	path_add_folder(&str, &folder);
	free(parent);
	return (str_detach(&str, error));
}

static bool
must_stop(void *context)
{
	struct error ignored;

	error_init(&ignored);
	return (control_check(context, &ignored) != 0);
}

int
target_lock(struct target *to, struct control *control,
    struct error *error)
{
	const struct job_backup *job = to->job;
	struct lock_request request = { .what = "a backup",
		.wait_ms = job->common.lock_wait_ms, .stop = must_stop,
		.context = control };

	if (!is_on_disk(to))
		return (0);
	if (job->target_kind == JOB_TARGET_STORE) {
		request.root = job->target;
		request.server = control->result->server;
		request.database = control->result->database;
	} else {
		request.file = job->target;
	}
	to->lock = lock_acquire(&request, error);
	return (to->lock != NULL ? 0 : -1);
}

/* Every run with that target warns, until the file is gone. */
static void
warn_of_leftover(const struct target *to, struct control *control)
{
	const char *partial = store_target_path(to->target);
	size_t length = strlen(to->job->target);

	if (strcmp(partial + length, PATH_PARTIAL) == 0)
		return;
	control_warn(control, "\"%s" PATH_PARTIAL "\" was left by an earlier "
	    "run: 'vdibackup verify' tells whether it is whole; then rename "
	    "it, or remove it", to->job->target);
}

int
target_begin(struct target *to, struct control *control,
    const struct manifest *manifest, struct error *error)
{
	const struct job_backup *job = to->job;
	struct store_plan plan = { .root = job->target,
		.server = manifest->server, .database = manifest->database,
		.type = manifest->type, .started = manifest->started,
		.stripes = job->devices };

	if (job->limit_rate != 0) {
		to->rate = rate_new(job->limit_rate, error);
		if (to->rate == NULL)
			return (-1);
	}
	switch (job->target_kind) {
	case JOB_TARGET_STORE:
		if (store_probe(job->target, manifest->server,
		        manifest->database, 0, error) != 0)
			return (-1);
		to->target = store_begin(&plan, error);
		return (to->target != NULL ? 0 : -1);
	case JOB_TARGET_FILE:
		if (store_probe_file(job->target, 0, error) != 0)
			return (-1);
		to->target = store_begin_file(job->target, error);
		if (to->target == NULL)
			return (-1);
		warn_of_leftover(to, control);
		return (0);
	case JOB_TARGET_STDOUT:
	case JOB_TARGET_NULL:
	case JOB_TARGET_COMMAND:
		break;
	}
	return (0);
}

struct sink *
target_open_sink(struct target *to, unsigned stripe, struct error *error)
{
	const struct job_backup *job = to->job;
	struct sink *sink = NULL;

	switch (job->target_kind) {
	case JOB_TARGET_STORE:
	case JOB_TARGET_FILE:
		sink = sink_file_open(
		    store_target_stripe(to->target, stripe), error);
		break;
	case JOB_TARGET_STDOUT:
		sink = sink_fd_open(STDOUT_FILENO, "standard output", error);
		break;
	case JOB_TARGET_COMMAND:
		sink = sink_command_open(job->target, error);
		break;
	case JOB_TARGET_NULL:
		sink = sink_null_open(error);
		break;
	}
	if (sink == NULL || job->common.faults == NULL)
		return (sink);
	return (sink_fault_open(sink, job->common.faults, stripe, error));
}

struct rate *
target_rate(const struct target *to)
{
	return (to->rate);
}

const char *
target_stripe_name(const struct target *to, unsigned stripe)
{
	if (is_on_disk(to))
		return (store_target_stripe_name(to->target, stripe));
	return (to->job->target_kind == JOB_TARGET_STDOUT ? "-" :
	    to->job->target_kind == JOB_TARGET_NULL ? "null" : "command");
}

int
target_write_manifest(struct target *to, const struct manifest *manifest,
    struct error *error)
{
	if (!is_on_disk(to))
		return (0);
	return (store_write_manifest(to->target, manifest, error));
}

int
target_commit(struct target *to, const struct manifest *manifest,
    struct error *error)
{
	if (!is_on_disk(to))
		return (0);
	if (target_has_manifest(to) &&
	    store_write_manifest(to->target, manifest, error) != 0)
		return (-1);
	return (store_commit(to->target, error));
}

char *
target_path(const struct target *to, struct error *error)
{
	const char *path = to->job->target;
	char *copy;

	if (to->target != NULL)
		path = store_target_final(to->target);
	else if (to->job->target_kind == JOB_TARGET_STDOUT)
		path = "standard output";
	else if (to->job->target_kind == JOB_TARGET_NULL)
		path = "null:";
	copy = strdup(path);
	if (copy == NULL)
		IGNORE_RESULT(error_memory(error));
	return (copy);
}

void
target_give_up(struct target *to, bool may_count, struct job_result *result)
{
	struct error ignored;

	if (to->target == NULL)
		return;
	error_init(&ignored);
	if (!may_count && !store_target_has_manifest(to->target) &&
	    store_discard(to->target, &ignored) == 0)
		return;
	/* A folder that was renamed, but not durably so, has its name; one
	 * that is known to be damaged is kept for a look at it only. */
	result->leftover_adoptable = target_has_manifest(to) &&
	    store_target_has_manifest(to->target) &&
	    result->error.kind != KIND_INTEGRITY &&
	    strcmp(store_target_path(to->target),
	        store_target_final(to->target)) != 0;
	/* Memory may be what the job failed for: no copy. */
	result->leftover = store_target_end(to->target);
	to->target = NULL;
}
