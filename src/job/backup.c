/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/job.h"

#include "base/clock.h"
#include "job/control.h"
#include "job/course.h"
#include "job/facts.h"
#include "job/hold.h"
#include "job/lanes.h"
#include "job/target.h"
#include "job/record.h"
#include "sql/statement.h"
#include "transfer/pool.h"
#include "transfer/pump.h"
#include "transfer/stripe_write.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct backup {
	const struct job_backup *job;
	struct job_result *result;
	struct control control;
	struct target target;
	struct pool *pool;
	struct adapt *adapt; /* NULL: the level stays */
	struct lanes lanes;
	struct hold hold;
	bool has_hold;
	struct facts *facts;
	struct manifest manifest;
	struct course course;
	struct VDConfig config;
	unsigned threads;
	uint32_t buffer_count;
};

void
job_backup_init(struct job_backup *job)
{
	*job = (struct job_backup){ .target_kind = JOB_TARGET_STORE,
		.statement = { .checksum = STATEMENT_YES,
		    .compression = STATEMENT_NO },
		.devices = 1, .codec = { .level = 3 },
		.frame_size = STRIPE_DEFAULT_FRAME_SIZE };
	job_common_init(&job->common);
	/* The server updates its history. */
	job->common.result_timeout_ms = 5 * 60 * 1000;
}

static int
build_statement(struct backup *backup, struct error *error)
{
	const struct job_backup *job = backup->job;
	struct statement_backup statement = job->statement;

	statement.database = job->common.database;
	statement.devices = (struct statement_devices){
		.set_name = backup->control.set_name,
		.count = job->devices,
		.block_size = job->common.block_size,
		.transfer_size = job->common.max_transfer_size,
		.buffer_count = backup->buffer_count };
	statement.copy_only = job_backup_is_copy_only(job);
	statement.stats = 5;
	backup->result->statement = statement_build_backup(&statement, error);
	if (backup->result->statement == NULL)
		return (-1);
	control_tell_statement(&backup->control);
	return (0);
}

/* Of the frames so far. */
static void
sum_up_levels(struct backup *backup)
{
	const struct job_backup *job = backup->job;
	struct job_levels *levels = &backup->result->levels;

	backup->result->has_levels = !job->source_only;
	levels->automatic = job->auto_level;
	levels->summary = (struct adapt_summary){
		.bounds = { job->codec.level, job->codec.level },
		.lowest = job->codec.level, .highest = job->codec.level,
		.last = job->codec.level, .mean = job->codec.level };
	if (job->auto_level)
		levels->summary.bounds = job->level_bounds;
	if (backup->adapt != NULL)
		adapt_summarize(backup->adapt, &levels->summary);
}

static int
plan_memory(struct backup *backup, struct error *error)
{
	const struct job_backup *job = backup->job;
	struct footprint_plan plan = { .devices = job->devices,
		.threads = backup->threads,
		.buffer_bytes = (uint64_t)backup->buffer_count *
		    job->common.max_transfer_size,
		.frame_size = job->source_only ? 0 : (size_t)job->frame_size,
		.compresses = !job->source_only,
		.codec = job->codec,
		.levels = job->auto_level ? &job->level_bounds : NULL };

	return (footprint_plan(&plan, &backup->result->footprint, error));
}

static int
plan(struct backup *backup, struct error *error)
{
	const struct job_backup *job = backup->job;

	if (control_plan(&backup->control, job->devices, error) != 0)
		return (-1);
	if (job->target_kind == JOB_TARGET_NULL &&
	    job->statement.type == STATEMENT_LOG) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "a log backup that is thrown away would break the log "
		    "chain"));
		error_hint(error, "write it somewhere, or measure with a "
		    "full backup: --to null: takes COPY_ONLY ones");
		return (-1);
	}
	sum_up_levels(backup);
	backup->threads = job->common.threads != 0 ? job->common.threads :
	    pool_processors();
	backup->buffer_count = job->common.buffer_count;
	if (backup->buffer_count == 0)
		backup->buffer_count = statement_buffer_count(job->devices,
		    backup->threads, job->common.max_transfer_size,
		    (uint32_t)job->frame_size, CONTROL_BUFFER_BYTES);
	if (plan_memory(backup, error) != 0 ||
	    build_statement(backup, error) != 0)
		return (-1);
	backup->course = (struct course){
		.statement = backup->result->statement,
		.expected = STATEMENT_PROCESSED,
		.features = VDF_RequestComplete,
		.direction = VDF_WriteMedia };
	return (record_begin(&backup->manifest, job, backup->result, error));
}

/* ---- the commit point ------------------------------------------------ */

/* All stripes are durable: make the manifest so, under the partial name. */
static int
write_manifest(struct backup *backup, struct error *error)
{
	unsigned i;

	if (record_device_set(&backup->manifest, &backup->control,
	        &backup->config, backup->buffer_count, error) != 0)
		return (-1);
	record_facts(&backup->manifest, backup->facts, &backup->control);
	sum_up_levels(backup);
	record_levels(&backup->manifest, &backup->result->levels);
	for (i = 0; i < backup->lanes.count; i++)
		if (record_stripe(&backup->manifest, backup->result,
		        target_stripe_name(&backup->target, i + 1),
		        &backup->lanes.lane[i].result.stripe, error) != 0)
			return (-1);
	if (record_faults(&backup->manifest, &backup->job->common,
	        error) != 0)
		return (-1);
	backup->manifest.finished = (int64_t)time(NULL);
	return (target_write_manifest(&backup->target, &backup->manifest,
	    error));
}

/* The phases between the last data and the answer to the last command; also
 * run at the end for a server that does not send it. */
static int
make_durable(struct backup *backup, struct error *error)
{
	if (control_enter(&backup->control, PHASE_DURABLE, error) != 0 ||
	    control_enter(&backup->control, PHASE_MANIFEST, error) != 0 ||
	    write_manifest(backup, error) != 0)
		return (-1);
	backup->result->manifest_durable = true;
	return (0);
}

static uint32_t
prepare_commit(void *context)
{
	struct backup *backup = context;
	struct error error;

	error_init(&error);
	if (make_durable(backup, &error) == 0)
		return (VD_ERROR_SUCCESS);
	lanes_note_failure(&backup->lanes, &error);
	if (backup->control.close_early)
		lanes_stop(&backup->lanes);
	return (pump_code(&error, VD_ERROR_WRITE_FAULT));
}

static int64_t
idle_ns(void *context, uint64_t arrived)
{
	struct backup *backup = context;

	return (lanes_idle_ns(&backup->lanes, arrived));
}

static uint32_t
answer_complete(void *context, unsigned device,
    const struct stripe_result *result)
{
	struct backup *backup = context;

	backup->lanes.lane[device - 1].result.stripe = *result;
	return (hold_arrive(&backup->hold, device));
}

static void
abort_by_drill(void *context, unsigned device, const struct error *error)
{
	struct backup *backup = context;
	struct error named = *error;

	error_context(&named, "device %u of %u", device, backup->lanes.count);
	control_abort_by_drill(&backup->control, &named);
}

static void
cancel_by_drill(void *context, unsigned device)
{
	struct backup *backup = context;

	(void)device;
	control_cancel_by_drill(&backup->control);
}

/* One stripe is lost, and so is the backup: nobody is held any longer. */
static void
stripe_failed(void *context, unsigned device, const struct error *error)
{
	struct backup *backup = context;

	lanes_note_stripe(&backup->lanes, device, error);
	hold_stop(&backup->hold);
}

static void
stop_holding(void *context)
{
	struct backup *backup = context;

	hold_stop(&backup->hold);
}

static void
observe(void *context, unsigned device, const void *data, size_t size)
{
	struct backup *backup = context;

	if (device == 1 && backup->facts != NULL)
		facts_feed(backup->facts, data, size);
}

/* ---- the phases ------------------------------------------------------- */

static int
open_stripes(struct backup *backup, struct error *error)
{
	const struct job_backup *job = backup->job;
	struct stripe_write_options options;
	struct stripe_identity identity;
	unsigned i;

	backup->pool = pool_new(backup->threads, error);
	if (backup->pool == NULL)
		return (-1);
	if (job->auto_level) {
		backup->adapt = adapt_new(job->level_bounds, job->codec.level,
		    backup->threads, error);
		if (backup->adapt == NULL)
			return (-1);
	}
	stripe_write_options_init(&options);
	options.codec = job->codec;
	options.frame_size = (size_t)job->frame_size;
	options.count_only = job->source_only;
	options.rate = target_rate(&backup->target);
	options.adapt = backup->adapt;
	for (i = 1; i <= job->devices; i++) {
		struct sink *sink = target_open_sink(&backup->target, i,
		    error);

		if (sink == NULL)
			return (-1);
		record_identity(&backup->manifest, i, &identity);
		backup->lanes.lane[i - 1].out = stripe_write_open(
		    backup->pool, sink, &identity, &options, error);
		if (backup->lanes.lane[i - 1].out == NULL)
			return (-1);
	}
	return (0);
}

static int
prepare(struct backup *backup, struct error *error)
{
	struct control *control = &backup->control;
	const struct job_backup *job = backup->job;

	if (control_enter(control, PHASE_LOCK, error) != 0 ||
	    target_lock(&backup->target, control, error) != 0 ||
	    control_enter(control, PHASE_TARGET, error) != 0 ||
	    target_begin(&backup->target, control, &backup->manifest,
	        error) != 0)
		return (-1);
	if (lanes_init(&backup->lanes, control, job->devices, error) != 0 ||
	    hold_init(&backup->hold, job->devices, error) != 0)
		return (-1);
	backup->has_hold = true;
	backup->hold.prepare = prepare_commit;
	backup->hold.idle_ns = idle_ns;
	backup->hold.context = backup;
	backup->lanes.hooks.complete = answer_complete;
	backup->lanes.hooks.abort = abort_by_drill;
	backup->lanes.hooks.cancel = cancel_by_drill;
	backup->lanes.hooks.failed = stripe_failed;
	if (!job->source_only && target_has_manifest(&backup->target)) {
		backup->facts = facts_new(error);
		if (backup->facts == NULL)
			return (-1);
		backup->lanes.hooks.observe = observe;
	}
	backup->lanes.stop = stop_holding;
	backup->lanes.context = backup;
	return (open_stripes(backup, error));
}

static int
start(struct backup *backup, struct error *error)
{
	if (course_start(&backup->lanes, &backup->course, &backup->config,
	        error) != 0)
		return (-1);
	backup->result->complete_enabled =
	    (backup->config.features & VDF_CompleteEnabled) != 0;
	return (0);
}

static int
transfer(struct backup *backup, struct error *error)
{
	if (course_transfer(&backup->lanes, error) != 0)
		return (-1);
	if (backup->result->manifest_durable)
		return (0);
	return (make_durable(backup, error));
}

/* The other two witnesses, and then the name. */
static int
finish(struct backup *backup, struct error *error)
{
	struct control *control = &backup->control;
	struct job_result *result = backup->result;
	char *path;

	if (course_finish(&backup->lanes, error) != 0)
		return (-1);
	if (control_enter(control, PHASE_COMMIT, error) != 0 ||
	    record_faults(&backup->manifest, &backup->job->common,
	        error) != 0 ||
	    record_messages(&backup->manifest, result, error) != 0)
		return (-1);
	/* Nothing may fail once it is a backup. */
	path = target_path(&backup->target, error);
	if (path == NULL ||
	    target_commit(&backup->target, &backup->manifest, error) != 0) {
		free(path);
		return (-1);
	}
	result->path = path;
	control_done(control);
	return (0);
}

static int
run(struct backup *backup, struct error *error)
{
	if (control_plan_drills(&backup->control, FAULT_DIRECTION_BACKUP,
	        error) != 0 ||
	    control_enter(&backup->control, PHASE_PLAN, error) != 0 ||
	    plan(backup, error) != 0)
		return (-1);
	if (backup->job->common.dry_run) {
		backup->result->path = target_plan(&backup->target,
		    &backup->manifest, error);
		return (backup->result->path != NULL ? 0 : -1);
	}
	if (prepare(backup, error) != 0 || start(backup, error) != 0 ||
	    transfer(backup, error) != 0)
		return (-1);
	return (finish(backup, error));
}

static void
tell_about_hold(struct backup *backup)
{
	struct job_result *result = backup->result;

	result->set_wide_hold = hold_was_set_wide(&backup->hold);
	if (error_is_set(&result->error) || !result->complete_enabled ||
	    result->set_wide_hold)
		return;
	control_warn(&backup->control, "the server waits for each device's "
	    "last answer in turn: they were given when each stripe was "
	    "durable, not when all were");
}

/*
 * Whether the server may take what there is for a backup: it has not said that
 * it failed, and some device has answered a Flush or a Complete, after which a
 * server may truncate its log.
 */
static bool
may_count(const struct backup *backup)
{
	unsigned i;

	if (backup->control.fate == CONTROL_SUCCEEDED)
		return (true);
	if (backup->control.fate != CONTROL_UNKNOWN)
		return (false);
	for (i = 0; i < backup->lanes.count; i++)
		if (backup->lanes.lane[i].result.flushes > 0 ||
		    backup->lanes.lane[i].result.finished)
			return (true);
	return (false);
}

int
job_backup_run(const struct job_backup *job, struct job_result *result)
{
	struct backup *backup = NULL;
	struct error *error = &result->error;
	bool has_control = false;

	memset(result, 0, sizeof(*result));
	backup = calloc(1, sizeof(*backup));
	if (backup == NULL) {
		IGNORE_RESULT(error_memory(error));
		goto out;
	}
	backup->job = job;
	backup->result = result;
	manifest_init(&backup->manifest);
	target_init(&backup->target, job);
	result->devices = job->devices;
	if (control_init(&backup->control, &job->common, result, error) != 0)
		goto out;
	has_control = true;
	if (run(backup, error) != 0) {
		(void)strcpy(error->stage, result->phase);
		if (backup->has_hold)
			hold_stop(&backup->hold);
		control_conclude(&backup->control, error);
	}
	if (backup->has_hold)
		tell_about_hold(backup);
out:
	if (backup != NULL) {
		if (has_control)
			result->elapsed_ns = clock_now_ns() -
			    backup->control.began_ns;
		lanes_release(&backup->lanes);
		if (backup->adapt != NULL)
			sum_up_levels(backup);
		if (error_is_set(error))
			target_give_up(&backup->target, may_count(backup),
			    result);
		if (has_control && !job->common.dry_run)
			control_note_drills(&backup->control);
		if (has_control)
			control_release(&backup->control);
		if (backup->has_hold)
			hold_release(&backup->hold);
		target_release(&backup->target);
		pool_free(backup->pool);
		adapt_free(backup->adapt);
		facts_free(backup->facts);
		manifest_release(&backup->manifest);
		free(backup);
	}
	return (error_is_set(error) ? -1 : 0);
}
