/* SPDX-License-Identifier: Apache-2.0 */
/* The provider that stands before the native one. */
#include <config.h>

#include "seams.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

#define DEVICES 4
#define COMMANDS 16
#define SEAM_HANG_MS 60000

/* A command as the job sees it, and what is behind it. */
struct disguise {
	struct VDC_Command shown;
	struct VDC_Command *real; /* NULL: made up */
	bool is_used;
};

static const struct provider_ops *real;
static const struct seam_script *script;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { /* guarded by lock */
	void *devices[DEVICES];
	unsigned commands[DEVICES];
	unsigned opened;
	struct disguise disguises[COMMANDS];
	uint32_t answer;
} state;

void
seams_play(const struct seam_script *one)
{
	script = one;
	memset(&state, 0, sizeof(state));
	state.answer = UINT32_MAX;
}

uint32_t
seams_answer(void)
{
	uint32_t answer;

	(void)pthread_mutex_lock(&lock);
	answer = state.answer;
	(void)pthread_mutex_unlock(&lock);
	return (answer);
}

struct VDC_Command *
seams_command(const struct VDC_Command *shown, struct VDC_Command *behind)
{
	struct disguise *disguise = NULL;
	unsigned i;

	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < COMMANDS && disguise == NULL; i++)
		if (!state.disguises[i].is_used)
			disguise = &state.disguises[i];
	if (disguise != NULL)
		*disguise = (struct disguise){ *shown, behind, true };
	(void)pthread_mutex_unlock(&lock);
	return (disguise != NULL ? &disguise->shown : NULL);
}

/* The command behind the one that is answered; false: there is none. */
static bool
look_behind(struct VDC_Command **command, uint32_t code, uint32_t *bytes)
{
	bool is_real = true;
	unsigned i;

	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < COMMANDS; i++) {
		struct disguise *disguise = &state.disguises[i];

		if (!disguise->is_used || &disguise->shown != *command)
			continue;
		disguise->is_used = false;
		is_real = disguise->real != NULL;
		if (!is_real)
			state.answer = code;
		*command = disguise->real;
		if (is_real && *bytes > (uint32_t)disguise->real->size)
			*bytes = (uint32_t)disguise->real->size;
		break;
	}
	(void)pthread_mutex_unlock(&lock);
	return (is_real);
}

/* Whether a call is to be made, and what it answers. */
static vd_status
answer(const struct seam_fault *fault, vd_status status)
{
	return (fault != NULL && fault->trick == SEAM_MAKE_FAIL ?
	    fault->status : status);
}

static bool
is_refused(const struct seam_fault *fault)
{
	return (fault != NULL && fault->trick == SEAM_REFUSE);
}

static int
probe(const struct provider_options *options, struct error *error)
{
	return (real->probe(options, error));
}

static void *
set_new(const struct provider_options *options, struct error *error)
{
	if (seams_due(SEAM_SET_NEW) == NULL)
		return (real->set_new(options, error));
	(void)error_memory(error);
	return (NULL);
}

static void
set_free(void *set)
{
	real->set_free(set);
}

static vd_status
create(void *set, const char *name, const struct VDConfig *config)
{
	const struct seam_fault *fault = seams_due(SEAM_CREATE);

	if (is_refused(fault))
		return (fault->status);
	return (answer(fault, real->create(set, name, config)));
}

static vd_status
get_configuration(void *set, int64_t timeout_ms, struct VDConfig *config)
{
	const struct seam_fault *fault = seams_due(SEAM_CONFIGURATION);
	vd_status status;

	if (is_refused(fault) && fault->status == VD_E_TIMEOUT &&
	    fault->from_on)
		return (seams_wait(timeout_ms));
	if (is_refused(fault))
		return (fault->status);
	status = answer(fault, real->get_configuration(set, timeout_ms,
	    config));
	if (status >= 0 && script != NULL && script->decided != NULL)
		script->decided(config);
	return (status);
}

static vd_status
open_device(void *set, const char *name, void **device)
{
	const struct seam_fault *fault = seams_due(SEAM_OPEN);
	vd_status status;

	*device = NULL;
	if (fault != NULL && fault->trick == SEAM_HANG)
		return (seams_wait(SEAM_HANG_MS));
	if (is_refused(fault))
		return (fault->status);
	status = answer(fault, real->open_device(set, name, device));
	if (status < 0) {
		*device = NULL;
		return (status);
	}
	(void)pthread_mutex_lock(&lock);
	ck_assert_uint_lt(state.opened, DEVICES);
	state.devices[state.opened++] = *device;
	(void)pthread_mutex_unlock(&lock);
	return (status);
}

/* From 1; and the number of the command it is about to get. */
static unsigned
number_of(const void *device, unsigned *nth)
{
	unsigned number = 0;
	unsigned i;

	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < state.opened; i++)
		if (state.devices[i] == device) {
			number = i + 1;
			*nth = state.commands[i] + 1;
		}
	(void)pthread_mutex_unlock(&lock);
	return (number);
}

static void
count_command(unsigned number)
{
	(void)pthread_mutex_lock(&lock);
	state.commands[number - 1]++;
	(void)pthread_mutex_unlock(&lock);
}

static vd_status
get_command(void *device, int64_t timeout_ms, struct VDC_Command **command)
{
	const struct seam_fault *fault = seams_due(SEAM_NEXT);
	unsigned nth = 0;
	unsigned number = number_of(device, &nth);
	vd_status status;

	if (is_refused(fault) && fault->status == VD_E_TIMEOUT &&
	    fault->from_on)
		return (seams_wait(timeout_ms));
	if (is_refused(fault))
		return (fault->status);
	status = answer(fault, real->get_command(device, timeout_ms,
	    command));
	if (script != NULL && script->heard != NULL && status != VD_E_TIMEOUT)
		status = script->heard(number, nth, status, command);
	if (status >= 0)
		count_command(number);
	return (status);
}

static vd_status
complete_command(void *device, struct VDC_Command *command,
    uint32_t completion_code, uint32_t bytes_transferred, int64_t position)
{
	const struct seam_fault *fault = seams_due(SEAM_COMPLETE);

	if (is_refused(fault))
		return (fault->status);
	if (!look_behind(&command, completion_code, &bytes_transferred))
		return (VD_NOERROR);
	return (answer(fault, real->complete_command(device, command,
	    completion_code, bytes_transferred, position)));
}

static vd_status
signal_abort(void *set)
{
	const struct seam_fault *fault = seams_due(SEAM_SIGNAL_ABORT);

	if (is_refused(fault))
		return (fault->status);
	seams_note_abort();
	return (answer(fault, real->signal_abort(set)));
}

static vd_status
close_set(void *set)
{
	const struct seam_fault *fault = seams_due(SEAM_CLOSE);

	seams_note_abort();
	if (is_refused(fault))
		return (fault->status);
	return (answer(fault, real->close(set)));
}

const struct provider_ops *
seams_provider(void)
{
	static struct provider_ops ops = {
		.name = "seams",
		.probe = probe,
		.set_new = set_new,
		.set_free = set_free,
		.create = create,
		.get_configuration = get_configuration,
		.open_device = open_device,
		.get_command = get_command,
		.complete_command = complete_command,
		.signal_abort = signal_abort,
		.close = close_set,
	};
	struct error error;

	error_init(&error);
	if (real == NULL)
		real = provider_find("native", NULL, &error);
	ck_assert_msg(real != NULL, "%s", error.text);
	return (&ops);
}
