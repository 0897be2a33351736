/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/output.h"

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
output_init(struct output *output, const struct job_backup *job)
{
	*output = (struct output){ .job = job };
}

void
output_release(struct output *output)
{
	store_target_free(output->target);
	lock_release(output->lock);
	rate_free(output->rate);
	*output = (struct output){ .job = output->job };
}

static bool
is_on_disk(const struct output *output)
{
	return (output->job->target_kind == JOB_TARGET_STORE ||
	    output->job->target_kind == JOB_TARGET_FILE);
}

bool
output_has_manifest(const struct output *output)
{
	return (output->job->target_kind == JOB_TARGET_STORE);
}

char *
output_plan(const struct output *output, const struct manifest *manifest,
    struct error *error)
{
	const struct job_backup *job = output->job;
	struct path_folder folder = { .started = manifest->started,
		.type = manifest->type, .number = 1, .stage = PATH_FINAL };
	struct str str;
	char *parent;

	if (job->target_kind != JOB_TARGET_STORE)
		return (output_path(output, error));
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
output_lock(struct output *output, struct control *control,
    struct error *error)
{
	const struct job_backup *job = output->job;
	struct lock_request request = { .what = "a backup",
		.wait_ms = job->common.lock_wait_ms, .stop = must_stop,
		.context = control };

	if (!is_on_disk(output))
		return (0);
	if (job->target_kind == JOB_TARGET_STORE) {
		request.root = job->target;
		request.server = control->result->server;
		request.database = control->result->database;
	} else {
		request.file = job->target;
	}
	output->lock = lock_acquire(&request, error);
	return (output->lock != NULL ? 0 : -1);
}

int
output_begin(struct output *output, const struct manifest *manifest,
    struct error *error)
{
	const struct job_backup *job = output->job;
	struct store_plan plan = { .root = job->target,
		.server = manifest->server, .database = manifest->database,
		.type = manifest->type, .started = manifest->started,
		.stripes = job->devices };

	if (job->limit_rate != 0) {
		output->rate = rate_new(job->limit_rate, error);
		if (output->rate == NULL)
			return (-1);
	}
	switch (job->target_kind) {
	case JOB_TARGET_STORE:
		if (store_probe(job->target, manifest->server,
		        manifest->database, 0, error) != 0)
			return (-1);
		output->target = store_begin(&plan, error);
		return (output->target != NULL ? 0 : -1);
	case JOB_TARGET_FILE:
		if (store_probe_file(job->target, 0, error) != 0)
			return (-1);
		output->target = store_begin_file(job->target, error);
		return (output->target != NULL ? 0 : -1);
	case JOB_TARGET_STDOUT:
	case JOB_TARGET_NULL:
	case JOB_TARGET_COMMAND:
		break;
	}
	return (0);
}

struct sink *
output_open_sink(struct output *output, unsigned stripe, struct error *error)
{
	const struct job_backup *job = output->job;
	struct sink *sink = NULL;

	switch (job->target_kind) {
	case JOB_TARGET_STORE:
	case JOB_TARGET_FILE:
		sink = sink_file_open(
		    store_target_stripe(output->target, stripe), error);
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
output_rate(const struct output *output)
{
	return (output->rate);
}

const char *
output_stripe_name(const struct output *output, unsigned stripe)
{
	if (is_on_disk(output))
		return (store_target_stripe_name(output->target, stripe));
	return (output->job->target_kind == JOB_TARGET_STDOUT ? "-" :
	    output->job->target_kind == JOB_TARGET_NULL ? "null" : "command");
}

int
output_write_manifest(struct output *output, const struct manifest *manifest,
    struct error *error)
{
	if (!is_on_disk(output))
		return (0);
	return (store_write_manifest(output->target, manifest, error));
}

int
output_commit(struct output *output, const struct manifest *manifest,
    struct error *error)
{
	if (!is_on_disk(output))
		return (0);
	if (output_has_manifest(output) &&
	    store_write_manifest(output->target, manifest, error) != 0)
		return (-1);
	return (store_commit(output->target, error));
}

char *
output_path(const struct output *output, struct error *error)
{
	const char *path = output->job->target;
	char *copy;

	if (output->target != NULL)
		path = store_target_final(output->target);
	else if (output->job->target_kind == JOB_TARGET_STDOUT)
		path = "standard output";
	else if (output->job->target_kind == JOB_TARGET_NULL)
		path = "null:";
	copy = strdup(path);
	if (copy == NULL)
		IGNORE_RESULT(error_memory(error));
	return (copy);
}

void
output_give_up(struct output *output, enum control_fate fate,
    struct job_result *result)
{
	struct error ignored;
	bool may_be_backup = fate == CONTROL_UNKNOWN ||
	    fate == CONTROL_SUCCEEDED;

	if (output->target == NULL)
		return;
	error_init(&ignored);
	if (!may_be_backup && !store_target_has_manifest(output->target) &&
	    store_discard(output->target, &ignored) == 0)
		return;
	result->leftover = strdup(store_target_path(output->target));
}
