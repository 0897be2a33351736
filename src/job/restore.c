/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/job.h"

#include "base/clock.h"
#include "base/database.h"
#include "job/control.h"
#include "job/course.h"
#include "job/input.h"
#include "job/lanes.h"
#include "sql/statement.h"
#include "store/store.h"
#include "transfer/pool.h"
#include "transfer/stripe_read.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server's message: the media set has more families than devices. */
#define MISSING_STRIPES 3132

struct restore {
	const struct job_restore *job;
	struct job_result *result;
	struct control control;
	struct input input;
	struct pool *pool;
	struct lanes lanes;
	struct course course;
	struct VDConfig config;
	unsigned threads;
	/* Which stripe each device has; where there are fewer devices than
	 * stripes, the lock guards which one is next. */
	size_t stripe_at[VD_MAX_DEVICES];
	pthread_mutex_t lock;
	size_t next;
};

void
job_restore_init(struct job_restore *job)
{
	*job = (struct job_restore){ .from = NULL };
	job_common_init(&job->common);
	/* A server may be silent for long while it makes the files and while
	 * it rolls forward, with the devices open. */
	job->common.stall_timeout_ms = 60 * 60 * 1000;
	/* Recovery of a large database runs after the last one was closed. */
	job->common.result_timeout_ms = 24 * 60 * 60 * 1000;
}

/* What the manifest says goes into the result. */
static void
describe(struct restore *restore)
{
	const struct manifest *manifest = &restore->input.backup->manifest;
	struct job_result *result = restore->result;
	char id[MANIFEST_ID_ROOM];

	manifest_format_id(id, manifest->id);
	(void)snprintf(result->backup_id, sizeof(result->backup_id), "%s",
	    id);
	(void)snprintf(result->type, sizeof(result->type), "%s",
	    manifest_type_name(manifest->type));
}

static bool
must_stop(void *context)
{
	struct error ignored;

	error_init(&ignored);
	return (control_check(context, &ignored) != 0);
}

/* A device takes one stripe after another where it has to (spec 12). */
static int
choose_devices(struct restore *restore, struct error *error)
{
	unsigned wished = restore->job->devices;
	size_t stripes = restore->input.count;

	if (wished > stripes) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "'--devices %u': the backup has %zu stripe%s, and a device "
		    "takes one at a time", wished, stripes,
		    stripes == 1 ? "" : "s"));
		error_hint(error, "leave the option out for as many devices "
		    "as there are stripes");
		return (-1);
	}
	restore->result->devices = wished != 0 ? wished : (unsigned)stripes;
	restore->next = restore->result->devices;
	return (0);
}

/* Everything that can be found wrong before the server hears of it. */
static int
look_at_input(struct restore *restore, struct error *error)
{
	const struct job_restore *job = restore->job;
	struct input_wish wish = { .paths = job->from,
		.count = job->from_count, .server = job->common.server.name,
		.database = job->common.database, .backup = job->backup };
	struct input *input = &restore->input;

	if (job->from_count == 0) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "no backup was named"));
		error_hint(error, "give --from STORE, a backup folder, or "
		    "stripe files");
		return (-1);
	}
	if (input_resolve(input, &wish, error) != 0)
		return (-1);
	if (input->warning[0] != '\0')
		control_warn(&restore->control, "%s", input->warning);
	if (input->backup != NULL)
		describe(restore);
	if (choose_devices(restore, error) != 0)
		return (-1);
	restore->threads = job->common.threads != 0 ? job->common.threads :
	    pool_processors();
	restore->pool = pool_new(restore->threads, error);
	input->must_stop = must_stop;
	input->context = &restore->control;
	input->faults = job->common.faults;
	if (restore->pool != NULL &&
	    input_open(input, restore->pool, error) == 0 &&
	    input_settle(input, error) == 0)
		return (0);
	/* A wait that was told to stop does not know by what. */
	if (error->kind == KIND_ABORTED &&
	    control_is_told_to_stop(&restore->control)) {
		error_init(error);
		return (control_check(&restore->control, error));
	}
	return (-1);
}

/* A log is restored by a statement of its own. */
static int
choose_verb(const struct restore *restore, enum statement_verb *verb,
    struct error *error)
{
	bool is_log;

	if ((*verb != STATEMENT_RESTORE_DATABASE &&
	    *verb != STATEMENT_RESTORE_LOG) ||
	    !input_knows_log(&restore->input, &is_log))
		return (0);
	if (restore->job->is_type_given &&
	    is_log != (*verb == STATEMENT_RESTORE_LOG)) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "'--type' says otherwise than the backup, which is of %s",
		    is_log ? "a log" : "a database"));
		error_hint(error, "leave '--type' out");
		return (-1);
	}
	*verb = is_log ? STATEMENT_RESTORE_LOG : STATEMENT_RESTORE_DATABASE;
	return (0);
}

/* The statement asks for the sizes that the backup was made with. */
static int
build_statement(struct restore *restore, struct error *error)
{
	const struct job_restore *job = restore->job;
	uint32_t transfer_size = input_transfer_size(&restore->input);
	uint32_t block_size = input_block_size(&restore->input, error);
	struct statement_restore statement = job->statement;

	if (error_is_set(error) ||
	    choose_verb(restore, &statement.verb, error) != 0)
		return (-1);
	statement.database = job->common.database;
	statement.devices.set_name = restore->control.set_name;
	statement.devices.count = restore->result->devices;
	statement.stats = 5;
	if (transfer_size == 0)
		transfer_size = job->common.max_transfer_size;
	statement.devices.transfer_size = transfer_size;
	statement.devices.block_size = job->common.block_size != 0 ?
	    job->common.block_size : block_size;
	statement.devices.buffer_count = job->common.buffer_count;
	if (statement.devices.buffer_count == 0)
		statement.devices.buffer_count = statement_buffer_count(
		    restore->result->devices, restore->threads,
		    transfer_size, 0, CONTROL_BUFFER_BYTES);
	restore->result->statement = statement_build_restore(&statement,
	    error);
	if (restore->result->statement == NULL)
		return (-1);
	control_tell_statement(&restore->control);
	return (0);
}

static void
abort_by_drill(void *context, unsigned device, const struct error *error)
{
	struct restore *restore = context;
	struct error named = *error;

	error_context(&named, "device %u of %u", device,
	    restore->lanes.count);
	control_abort_by_drill(&restore->control, &named);
}

static void
cancel_by_drill(void *context, unsigned device)
{
	struct restore *restore = context;

	(void)device;
	control_cancel_by_drill(&restore->control);
}

static void
stripe_failed(void *context, unsigned device, const struct error *error)
{
	struct restore *restore = context;

	lanes_note_stripe(&restore->lanes, device, error);
}

/* The server gets the end of a stripe only if it is the manifest's, and never
 * that of one that a drill has damaged: a plain file has no digest. */
static int
stripe_proven(void *context, unsigned device,
    const struct stripe_result *result, struct error *error)
{
	struct restore *restore = context;

	if (input_check(&restore->input, restore->stripe_at[device - 1],
	        result, error) != 0)
		return (-1);
	return (control_check_damage(&restore->control, error));
}

/* VDC_Load: the next stripe that no device has had, on a lane's thread.  The
 * lane owns the stripe it has; those before and after are the input's. */
static struct stripe_read *
next_stripe(void *context, unsigned device)
{
	struct restore *restore = context;
	struct lane *lane = &restore->lanes.lane[device - 1];
	size_t *at = &restore->stripe_at[device - 1];
	size_t next;

	(void)pthread_mutex_lock(&restore->lock);
	next = restore->next;
	restore->next += next < restore->input.count;
	(void)pthread_mutex_unlock(&restore->lock);
	if (next == restore->input.count)
		return (NULL);
	restore->input.stripes[*at] = lane->in;
	lane->in = restore->input.stripes[next];
	restore->input.stripes[next] = NULL;
	*at = next;
	return (lane->in);
}

static bool
is_verifying(const struct restore *restore)
{
	return (restore->job->statement.verb == STATEMENT_VERIFYONLY);
}

static int
start(struct restore *restore, struct error *error)
{
	struct job_result *result = restore->result;
	unsigned i;

	restore->course = (struct course){ .statement = result->statement,
		.expected = is_verifying(restore) ? STATEMENT_VERIFIED :
		    STATEMENT_PROCESSED,
		.direction = VDF_ReadMedia,
		.features = result->devices < restore->input.count ?
		    VDF_Removable : 0 };
	if (lanes_init(&restore->lanes, &restore->control, result->devices,
	        error) != 0)
		return (-1);
	restore->lanes.hooks.abort = abort_by_drill;
	restore->lanes.hooks.cancel = cancel_by_drill;
	restore->lanes.hooks.failed = stripe_failed;
	restore->lanes.hooks.proven = stripe_proven;
	if (result->devices < restore->input.count)
		restore->lanes.hooks.load = next_stripe;
	restore->lanes.context = restore;
	for (i = 0; i < result->devices; i++) {
		/* Each lane owns its stripe from here on. */
		restore->lanes.lane[i].in = restore->input.stripes[i];
		restore->stripe_at[i] = i;
		restore->input.stripes[i] = NULL;
	}
	return (course_start(&restore->lanes, &restore->course,
	    &restore->config, error));
}

static int
finish(struct restore *restore, struct error *error)
{
	struct job_result *result = restore->result;
	const char *engine = restore->job->common.server.engine;
	enum database_kind kind = DATABASE_SQLITE;
	const char *place = NULL;

	if (course_finish(&restore->lanes, error) != 0)
		return (-1);
	if (engine != NULL)
		place = database_split(engine, &kind);
	if (place != NULL && kind != DATABASE_SYNTHETIC &&
	    !is_verifying(restore)) {
		result->path = strdup(place);
		if (result->path == NULL)
			return (error_memory(error));
	}
	control_done(&restore->control);
	return (0);
}

static int
run(struct restore *restore, struct error *error)
{
	struct control *control = &restore->control;

	if (control_plan_drills(control, FAULT_DIRECTION_RESTORE,
	        error) != 0 ||
	    control_enter(control, PHASE_PLAN, error) != 0 ||
	    control_plan(control, 1, error) != 0 ||
	    control_enter(control, PHASE_TARGET, error) != 0 ||
	    look_at_input(restore, error) != 0 ||
	    build_statement(restore, error) != 0)
		return (-1);
	if (restore->job->common.dry_run)
		return (0);
	if (start(restore, error) != 0 ||
	    course_transfer(&restore->lanes, error) != 0)
		return (-1);
	return (finish(restore, error));
}

/* A server may not know devices that go on with another stripe. */
static void
hint_at_devices(const struct restore *restore, struct error *error)
{
	if (restore->lanes.hooks.load == NULL ||
	    error->kind != KIND_STATEMENT)
		return;
	/* That stripes are missing is not what this message means here. */
	if (error->code == MISSING_STRIPES)
		error->hint[0] = '\0';
	error_hint(error, "this server may not be able to read %zu stripes "
	    "through %u devices: leave --devices out", restore->input.count,
	    restore->result->devices);
}

int
job_restore_run(const struct job_restore *job, struct job_result *result)
{
	struct restore *restore = NULL;
	struct error *error = &result->error;
	bool has_control = false;

	memset(result, 0, sizeof(*result));
	restore = calloc(1, sizeof(*restore));
	if (restore == NULL) {
		IGNORE_RESULT(error_memory(error));
		goto out;
	}
	restore->job = job;
	restore->result = result;
	(void)pthread_mutex_init(&restore->lock, NULL);
	if (control_init(&restore->control, &job->common, result, error) != 0)
		goto out;
	has_control = true;
	if (run(restore, error) != 0) {
		(void)strcpy(error->stage, result->phase);
		control_conclude(&restore->control, error);
		hint_at_devices(restore, error);
	}
out:
	if (restore != NULL) {
		lanes_release(&restore->lanes);
		if (has_control) {
			result->elapsed_ns = clock_now_ns() -
			    restore->control.began_ns;
			if (!job->common.dry_run)
				control_note_drills(&restore->control);
			control_release(&restore->control);
		}
		input_release(&restore->input);
		pool_free(restore->pool);
		(void)pthread_mutex_destroy(&restore->lock);
		free(restore);
	}
	return (error_is_set(error) ? -1 : 0);
}
