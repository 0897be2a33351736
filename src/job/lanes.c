/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/lanes.h"

#include "base/clock.h"
#include "base/num.h"
#include "job/hold.h"
#include "sql/statement.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_write.h"
#include "transfer/thread.h"

#include <stdio.h>
#include <string.h>

#define SLICE_MS 100
/* A look that comes so late says that this process itself stood still. */
#define ASLEEP_NS INT64_C(1000000000)
/* Once the server has ended its statement, devices close at once; where it has
 * failed, or is lost, nothing depends on whether they do. */
#define CLOSE_GRACE_MS 5000
#define FAILED_GRACE_MS 1500

int
lanes_init(struct lanes *lanes, struct control *control, unsigned count,
    struct error *error)
{
	unsigned i;
	int rc;

	memset(lanes, 0, sizeof(*lanes));
	rc = pthread_mutex_init(&lanes->lock, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a lock"));
	rc = clock_cond_init(&lanes->ended);
	if (rc != 0) {
		(void)pthread_mutex_destroy(&lanes->lock);
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot make a condition variable"));
	}
	lanes->control = control;
	lanes->count = count;
	for (i = 0; i < count; i++) {
		lanes->lane[i].all = lanes;
		lanes->lane[i].number = i + 1;
	}
	return (0);
}

static void
join(struct lanes *lanes)
{
	unsigned i;

	for (i = 0; i < lanes->count; i++) {
		if (!lanes->lane[i].started)
			continue;
		(void)pthread_join(lanes->lane[i].thread, NULL);
		lanes->lane[i].started = false;
	}
}

void
lanes_release(struct lanes *lanes)
{
	unsigned i;

	if (lanes->control == NULL)
		return;
	lanes_stop(lanes);
	join(lanes);
	for (i = 0; i < lanes->count; i++) {
		pump_free(lanes->lane[i].pump);
		stripe_write_free(lanes->lane[i].out);
		stripe_read_free(lanes->lane[i].in);
	}
	(void)pthread_cond_destroy(&lanes->ended);
	(void)pthread_mutex_destroy(&lanes->lock);
	lanes->control = NULL;
}

int
lanes_open_devices(struct lanes *lanes, struct error *error)
{
	char name[STATEMENT_NAME_ROOM];
	unsigned i;

	for (i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->lane[i];
		struct pump_config config = { .number = lane->number,
			.max_transfer_size = lanes->max_transfer_size,
			.hooks = &lanes->hooks, .context = lanes->context,
			.plan = lanes->control->common->faults };

		if (statement_device_name(name, lanes->control->set_name,
		        lane->number) != 0)
			return (error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
			    "the name of device %u is too long",
			    lane->number));
		lane->device = provider_open_device(lanes->control->set, name,
		    error);
		if (lane->device == NULL) {
			error_context(error, "opening device %u of %u",
			    lane->number, lanes->count);
			return (-1);
		}
		config.device = lane->device;
		lane->pump = pump_new(&config, error);
		if (lane->pump == NULL)
			return (-1);
	}
	return (0);
}

/* A set that was aborted tells that something was wrong, not what. */
static bool
is_abort(const struct error *error)
{
	return (error->kind == KIND_ABORTED && error->origin == ORIGIN_VDI);
}

void
lanes_note_failure(struct lanes *lanes, const struct error *error)
{
	/* What fails after the job has failed comes second. */
	bool late = latch_is_tripped(&lanes->control->latch);

	(void)pthread_mutex_lock(&lanes->lock);
	if (!late && (!error_is_set(&lanes->first) ||
	    (is_abort(&lanes->first) && !is_abort(error))))
		lanes->first = *error;
	(void)pthread_mutex_unlock(&lanes->lock);
}

void
lanes_note_stripe(struct lanes *lanes, unsigned device,
    const struct error *error)
{
	struct error named = *error;

	error_context(&named, "device %u of %u", device, lanes->count);
	/* A reader that was told to stop does not know by what. */
	if (error->kind == KIND_ABORTED && error->origin == ORIGIN_US &&
	    control_is_told_to_stop(lanes->control)) {
		error_init(&named);
		IGNORE_RESULT(control_check(lanes->control, &named));
	}
	lanes_note_failure(lanes, &named);
}

static int
run_backup(struct lane *lane)
{
	struct pump_result *result = &lane->result;

	if (pump_backup(lane->pump, lane->out, result, &lane->error) != 0)
		return (-1);
	if (result->finished)
		return (0);
	/* The server does not send VDC_Complete: its last Flush was answered
	 * when the data were durable; what is missing is the seek table. */
	if (stripe_write_finish(lane->out, &result->stripe,
	        &lane->error) != 0)
		return (-1);
	result->finished = true;
	return (0);
}

/* Nobody serves this device any more, and the server would wait for it. */
static void
give_up(struct lane *lane)
{
	struct lanes *lanes = lane->all;
	struct error error;
	bool stopped;

	(void)pthread_mutex_lock(&lanes->lock);
	error = lanes->first;
	stopped = lanes->stopped;
	(void)pthread_mutex_unlock(&lanes->lock);
	if (!stopped && error_is_set(&error))
		control_fail(lanes->control, &error);
}

static void *
run(void *context)
{
	struct lane *lane = context;
	struct lanes *lanes = lane->all;

	if (lane->out != NULL)
		lane->rc = run_backup(lane);
	else
		lane->rc = pump_restore(lane->pump, lane->in, &lane->result,
		    &lane->error);
	if (lane->rc != 0)
		lanes_note_stripe(lanes, lane->number, &lane->error);
	/* The drill closes the set when no lane uses it any more. */
	if (lane->result.close_early)
		lanes_stop(lanes);
	else if (lane->rc != 0 && !lane->result.closed)
		give_up(lane);
	(void)pthread_mutex_lock(&lanes->lock);
	lanes->running--;
	(void)pthread_cond_signal(&lanes->ended);
	(void)pthread_mutex_unlock(&lanes->lock);
	return (NULL);
}

int
lanes_start(struct lanes *lanes, struct error *error)
{
	unsigned i;
	int rc = 0;

	lanes->began_ns = clock_now_ns();
	lanes->control->result->start_ns = lanes->began_ns -
	    lanes->control->began_ns;
	for (i = 0; i < lanes->count && rc == 0; i++) {
		struct lane *lane = &lanes->lane[i];

		(void)pthread_mutex_lock(&lanes->lock);
		lanes->running++;
		(void)pthread_mutex_unlock(&lanes->lock);
		rc = thread_start(&lane->thread, run, lane, error);
		lane->started = rc == 0;
		if (rc != 0) {
			(void)pthread_mutex_lock(&lanes->lock);
			lanes->running--;
			(void)pthread_mutex_unlock(&lanes->lock);
		}
	}
	return (rc);
}

void
lanes_stop(struct lanes *lanes)
{
	unsigned i;

	(void)pthread_mutex_lock(&lanes->lock);
	lanes->stopped = true;
	(void)pthread_mutex_unlock(&lanes->lock);
	if (lanes->stop != NULL)
		lanes->stop(lanes->context);
	for (i = 0; i < lanes->count; i++)
		if (lanes->lane[i].pump != NULL)
			pump_stop(lanes->lane[i].pump);
}

int64_t
lanes_idle_ns(struct lanes *lanes, uint64_t but)
{
	struct pump_progress progress;
	int64_t latest = lanes->began_ns;
	unsigned i;

	for (i = 0; i < lanes->count; i++) {
		if ((but >> i & 1) != 0)
			continue;
		pump_progress(lanes->lane[i].pump, &progress);
		if (progress.state == PUMP_STORAGE ||
		    progress.state == PUMP_NEW)
			return (0);
		if (progress.active_ns > latest)
			latest = progress.active_ns;
	}
	return (clock_now_ns() - latest);
}

struct sums {
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t commands;
	int64_t active_ns;
};

static void
add_up(struct lanes *lanes, struct sums *sums)
{
	struct pump_progress progress;
	unsigned i;

	*sums = (struct sums){ .active_ns = lanes->began_ns };
	for (i = 0; i < lanes->count; i++) {
		pump_progress(lanes->lane[i].pump, &progress);
		sums->raw_bytes += progress.raw_bytes;
		sums->stored_bytes += progress.stored_bytes;
		sums->commands += progress.commands;
		if (progress.active_ns > sums->active_ns)
			sums->active_ns = progress.active_ns;
	}
}

static void
tell_progress(struct lanes *lanes, const struct sums *sums)
{
	struct job_event event = { .type = JOB_EVENT_PROGRESS };
	struct job_result *result = lanes->control->result;

	event.raw_bytes = sums->raw_bytes;
	event.stored_bytes = sums->stored_bytes;
	event.elapsed_ns = clock_now_ns() - lanes->began_ns;
	event.percent = (int)session_percent(lanes->control->session);
	if (event.percent == 0)
		event.percent = -1;
	result->raw_bytes = sums->raw_bytes;
	result->stored_bytes = sums->stored_bytes;
	result->commands = sums->commands;
	control_emit(lanes->control, &event);
}

/* Who is waited for: a command that we have not answered, or the server. */
static void
add_culprit(struct lanes *lanes, char *text, size_t size)
{
	struct pump_progress progress;
	unsigned holding = 0;
	unsigned first = 0;
	unsigned i;

	for (i = lanes->count; i > 0; i--) {
		pump_progress(lanes->lane[i - 1].pump, &progress);
		if (progress.commands == progress.completed)
			continue;
		first = i;
		holding++;
	}
	if (holding == 0)
		(void)snprintf(text, size, "every device waits for the "
		    "server");
	else if (holding == 1)
		(void)snprintf(text, size, "device %u has a command that was "
		    "not answered here", first);
	else
		(void)snprintf(text, size, "%u devices have commands that were "
		    "not answered here, the first of them is device %u",
		    holding, first);
}

/* How long nothing may move.  While we hold an answer back for the sake of the
 * other stripes, the server waits for us, until the hold is given up. */
static int64_t
stall_limit_ms(struct lanes *lanes)
{
	int64_t limit_ms = lanes->control->common->stall_timeout_ms;
	struct pump_progress progress;
	unsigned i;

	for (i = 0; i < lanes->count && limit_ms < 2 * HOLD_GRACE_MS; i++) {
		pump_progress(lanes->lane[i].pump, &progress);
		if (progress.state == PUMP_HELD)
			limit_ms = 2 * HOLD_GRACE_MS;
	}
	return (limit_ms);
}

/* Whether nothing has moved for too long, neither commands nor stored bytes nor
 * the server's tongue; the latch is tripped then. */
static void
look_for_stall(struct lanes *lanes, const struct sums *sums)
{
	int64_t limit_ms = stall_limit_ms(lanes);
	int64_t now_ns = clock_now_ns();
	struct error error;
	char culprit[112];
	char limit[32];

	/* Stopped, as by ^Z, nobody here could move anything. */
	if (now_ns - lanes->looked_ns > ASLEEP_NS)
		lanes->awake_ns = now_ns;
	lanes->looked_ns = now_ns;
	if (sums->stored_bytes != lanes->stored_bytes) {
		lanes->stored_bytes = sums->stored_bytes;
		lanes->stored_ns = now_ns;
	}
	if (lanes->control->common->stall_timeout_ms < 0 ||
	    now_ns - lanes->awake_ns < limit_ms * 1000000 ||
	    now_ns - lanes->control->heard_ns < limit_ms * 1000000 ||
	    now_ns - sums->active_ns < limit_ms * 1000000 ||
	    now_ns - lanes->stored_ns < limit_ms * 1000000)
		return;
	error_init(&error);
	add_culprit(lanes, culprit, sizeof(culprit));
	IGNORE_RESULT(error_set(&error, KIND_TIMEOUT, ORIGIN_US, 0,
	    "nothing moved on any device for %s, after %llu bytes and %llu "
	    "commands: %s", num_format_timeout(limit_ms, limit, sizeof(limit)),
	    (unsigned long long)sums->raw_bytes,
	    (unsigned long long)sums->commands, culprit));
	error_hint(&error, "see whether the server or the target hangs; "
	    "--stall-timeout says how long is too long");
	control_fail(lanes->control, &error);
}

/* The statement has ended, but devices are still open. */
static void
look_for_silence(struct lanes *lanes, struct deadline *close_by)
{
	struct error error;

	/* A stripe may take its time to finish after its device is closed. */
	if (provider_open_devices(lanes->control->set) == 0)
		return;
	if (close_by->at_ns == INT64_MAX)
		*close_by = clock_deadline(
		    session_poll(lanes->control->session, 0) == SESSION_FAILED ?
		    FAILED_GRACE_MS : CLOSE_GRACE_MS);
	if (!clock_has_passed(*close_by))
		return;
	error_init(&error);
	IGNORE_RESULT(error_set(&error, KIND_ABORTED, ORIGIN_VDI,
	    (long)(uint32_t)VD_E_ABORT, "the server ended the statement and "
	    "left devices open"));
	control_fail(lanes->control, &error);
}

/* Wait a moment for a lane to end; how many still run. */
static unsigned
wait_for_lanes(struct lanes *lanes, int64_t timeout_ms)
{
	struct timespec until = clock_timespec(clock_deadline(timeout_ms));
	unsigned running;

	(void)pthread_mutex_lock(&lanes->lock);
	if (lanes->running > 0)
		(void)pthread_cond_timedwait(&lanes->ended, &lanes->lock,
		    &until);
	running = lanes->running;
	(void)pthread_mutex_unlock(&lanes->lock);
	return (running);
}

static bool
has_ended_well(const struct lanes *lanes)
{
	unsigned i;

	for (i = 0; i < lanes->count; i++)
		if (lanes->lane[i].rc != 0 || !lanes->lane[i].result.closed)
			return (false);
	return (true);
}

/* That the set was aborted, or the lane stopped, follows from why. */
static bool
is_consequence(const struct error *error)
{
	return (error->kind == KIND_ABORTED && (error->origin != ORIGIN_VDI ||
	    error->code == (long)(uint32_t)VD_E_ABORT));
}

/* The first failure in time is the error; the others are notes. */
static int
conclude(struct lanes *lanes, struct error *error)
{
	struct control *control = lanes->control;
	struct error late;
	unsigned i;

	if (!error_is_set(error))
		*error = lanes->first;
	/* Once every device is closed the server has decided: whoever wants
	 * to stop the job then comes too late. */
	error_init(&late);
	if (!has_ended_well(lanes) && control_check(control, &late) != 0) {
		if (!error_is_set(error))
			*error = late;
		control_note(control, &late);
	}
	for (i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->lane[i];

		if (is_consequence(&lane->error))
			continue;
		error_context(&lane->error, "device %u of %u", lane->number,
		    lanes->count);
		control_note(control, &lane->error);
	}
	return (error_is_set(error) ? -1 : 0);
}

int
lanes_supervise(struct lanes *lanes, struct error *error)
{
	struct control *control = lanes->control;
	struct deadline close_by = { INT64_MAX };
	struct sums sums;
	struct error why;
	unsigned i;

	lanes->looked_ns = lanes->awake_ns = clock_now_ns();
	while (wait_for_lanes(lanes, SLICE_MS) > 0) {
		add_up(lanes, &sums);
		tell_progress(lanes, &sums);
		if (latch_is_tripped(&control->latch)) {
			lanes_stop(lanes);
			continue;
		}
		error_init(&why);
		if (control_check(control, &why) != 0) {
			control_fail(control, &why);
			continue;
		}
		if (!control_listen(control, 0))
			look_for_silence(lanes, &close_by);
		look_for_stall(lanes, &sums);
	}
	join(lanes);
	for (i = 0; i < lanes->count; i++)
		if (lanes->lane[i].result.close_early)
			control->close_early = true;
	add_up(lanes, &sums);
	tell_progress(lanes, &sums);
	control->result->transfer_ns = clock_now_ns() - lanes->began_ns;
	return (conclude(lanes, error));
}
