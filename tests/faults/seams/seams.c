/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "seams.h"

#include "base/clock.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

#define FAULTS 4
#define MEETING_MS 20000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct {
	unsigned counts[SEAM_CALLS];
	struct seam_fault faults[FAULTS];
	unsigned fault_count;
	enum seam_call act_call;
	unsigned act_nth;
	void (*act)(void);
	bool fired;
	bool aborted;
	unsigned met;
	int message;
	bool confirmed;
} state;

void
seams_init(void)
{
	static bool has_cond;

	if (!has_cond)
		ck_assert_int_eq(clock_cond_init(&changed), 0);
	has_cond = true;
	memset(&state, 0, sizeof(state));
	seams_play(NULL);
}

void
seams_fail(const struct seam_fault *fault)
{
	(void)pthread_mutex_lock(&lock);
	ck_assert_uint_lt(state.fault_count, FAULTS);
	state.faults[state.fault_count++] = *fault;
	(void)pthread_mutex_unlock(&lock);
}

void
seams_then(enum seam_call call, unsigned nth, void (*act)(void))
{
	state.act_call = call;
	state.act_nth = nth;
	state.act = act;
}

const struct seam_fault *
seams_due(enum seam_call call)
{
	const struct seam_fault *due = NULL;
	void (*act)(void) = NULL;
	unsigned nth;
	unsigned i;

	(void)pthread_mutex_lock(&lock);
	nth = ++state.counts[call];
	for (i = 0; i < state.fault_count && due == NULL; i++) {
		const struct seam_fault *fault = &state.faults[i];

		if (fault->call == call && (fault->nth == nth ||
		    (fault->from_on && fault->nth < nth)))
			due = fault;
	}
	if (due == &state.faults[0])
		state.fired = true;
	if (call == state.act_call && nth == state.act_nth)
		act = state.act;
	(void)pthread_mutex_unlock(&lock);
	if (act != NULL)
		act();
	return (due);
}

void
seams_note_message(int number)
{
	(void)pthread_mutex_lock(&lock);
	state.message = number;
	(void)pthread_mutex_unlock(&lock);
}

void
seams_note_confirmed(void)
{
	(void)pthread_mutex_lock(&lock);
	state.confirmed = true;
	(void)pthread_mutex_unlock(&lock);
}

bool
seams_have_confirmed(void)
{
	return (state.confirmed);
}

int
seams_message(void)
{
	return (state.message);
}

bool
seams_have_fired(void)
{
	return (state.fired);
}

unsigned
seams_count(enum seam_call call)
{
	return (state.counts[call]);
}

const char *
seams_call_name(enum seam_call call)
{
	static const char *const names[SEAM_CALLS] = {
		[SEAM_SET_NEW] = "set_new",
		[SEAM_CREATE] = "create",
		[SEAM_CONFIGURATION] = "get_configuration",
		[SEAM_OPEN] = "open_device",
		[SEAM_NEXT] = "get_command",
		[SEAM_COMPLETE] = "complete_command",
		[SEAM_SIGNAL_ABORT] = "signal_abort",
		[SEAM_CLOSE] = "close",
		[SEAM_CONNECT] = "connect",
		[SEAM_BEGIN] = "begin",
		[SEAM_POLL] = "poll",
		[SEAM_MESSAGE] = "message",
		[SEAM_CANCEL] = "cancel",
	};

	return (names[call]);
}

vd_status
seams_wait(int64_t timeout_ms)
{
	struct timespec until = clock_timespec(clock_deadline(timeout_ms));
	vd_status status;
	int rc = 0;

	(void)pthread_mutex_lock(&lock);
	while (!state.aborted && rc == 0)
		rc = pthread_cond_timedwait(&changed, &lock, &until);
	status = state.aborted ? VD_E_ABORT : VD_E_TIMEOUT;
	(void)pthread_mutex_unlock(&lock);
	return (status);
}

void
seams_note_abort(void)
{
	(void)pthread_mutex_lock(&lock);
	state.aborted = true;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}

void
seams_meet(unsigned devices)
{
	struct timespec until =
	    clock_timespec(clock_deadline(MEETING_MS));
	int rc = 0;

	(void)pthread_mutex_lock(&lock);
	state.met++;
	(void)pthread_cond_broadcast(&changed);
	while (state.met < devices && rc == 0)
		rc = pthread_cond_timedwait(&changed, &lock, &until);
	(void)pthread_mutex_unlock(&lock);
}
