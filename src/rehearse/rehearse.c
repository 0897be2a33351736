/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "rehearse/rehearse.h"

#include "base/clock.h"
#include "base/str.h"
#include "rehearse/trial.h"
#include "run/room.h"
#include "run/self.h"
#include "sql/engine.h"
#include "transfer/pool.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 16

/* A run that has ended, until it is its turn to be told. */
struct entry {
	bool has_ended;
	struct rehearse_outcome outcome;
	struct str said;
};

struct rehearsal {
	const struct rehearse_options *options;
	struct rehearse_result *result;
	struct matrix matrix;
	char *folder;
	char *engine;
	char program[PATH_MAX];
	struct entry *entries; /* of the matrix */
	pthread_mutex_t lock;  /* guards what follows, the entries, result */
	size_t next;  /* to be run */
	size_t told;  /* so many from the front */
};

struct slot {
	struct rehearsal *all;
	struct trial trial;
	pthread_t thread;
};

static bool
is_told_to_stop(const struct rehearsal *all)
{
	return (all->options->stop != NULL &&
	    atomic_load(all->options->stop) != 0);
}

/* ---- the slots, each on a thread ---- */

/* Lock held: the end of an error of ours is the end of the rehearsal. */
static void
fail_locked(struct rehearsal *all, const struct error *error)
{
	if (!error_is_set(&all->result->error))
		all->result->error = *error;
}

/* Lock held. */
static void
tell_locked(struct rehearsal *all)
{
	const struct rehearse_options *options = all->options;

	while (all->told < all->matrix.count &&
	    all->entries[all->told].has_ended) {
		struct entry *entry = &all->entries[all->told++];

		all->result->count++;
		if (entry->outcome.problem[0] != '\0')
			all->result->broken++;
		entry->outcome.number = all->told;
		entry->outcome.count = all->matrix.count;
		entry->outcome.said = entry->said.text;
		if (options->handler != NULL)
			options->handler(options->context, &entry->outcome);
		entry->outcome.said = NULL;
		str_release(&entry->said);
	}
}

/* The next one to be run; NULL: there is none, or all is to end. */
static struct entry *
take(struct rehearsal *all, const struct matrix_row **row)
{
	struct entry *entry = NULL;

	(void)pthread_mutex_lock(&all->lock);
	if (all->next < all->matrix.count && !is_told_to_stop(all) &&
	    !error_is_set(&all->result->error)) {
		*row = &all->matrix.rows[all->next];
		entry = &all->entries[all->next++];
	}
	(void)pthread_mutex_unlock(&all->lock);
	return (entry);
}

static void *
run_slot(void *context)
{
	struct slot *slot = context;
	struct rehearsal *all = slot->all;
	const struct matrix_row *row = NULL;
	struct entry *entry;
	struct error error;
	bool goes_on = true;

	while (goes_on && (entry = take(all, &row)) != NULL) {
		error_init(&error);
		goes_on = trial_run(&slot->trial, row, &entry->outcome,
		    &entry->said, &error) == 0;
		(void)pthread_mutex_lock(&all->lock);
		entry->has_ended = goes_on;
		if (goes_on)
			tell_locked(all);
		else
			fail_locked(all, &error);
		(void)pthread_mutex_unlock(&all->lock);
	}
	return (NULL);
}

static unsigned
count_jobs(const struct rehearsal *all)
{
	unsigned jobs = all->options->jobs != 0 ? all->options->jobs :
	    pool_processors();

	if (jobs > JOBS_MAX)
		jobs = JOBS_MAX;
	return (jobs > all->matrix.count ? (unsigned)all->matrix.count :
	    jobs);
}

static int
prepare_slot(struct rehearsal *all, struct slot *slot, unsigned number,
    struct error *error)
{
	char folder[ROOM_PATH];

	slot->all = all;
	slot->trial.program = all->program;
	slot->trial.engine = all->engine;
	slot->trial.status_of = all->options->status_of;
	slot->trial.devices = all->options->wish.devices;
	slot->trial.stop = all->options->stop;
	(void)snprintf(folder, sizeof(folder), "%s/%u", all->folder, number);
	return (trial_prepare(&slot->trial, folder, error));
}

static int
run_slots(struct slot *slots, unsigned jobs, struct error *error)
{
	sigset_t every;
	sigset_t before;
	unsigned started;
	unsigned i;
	int rc = 0;

	/* Signals are the business of the main thread. */
	(void)sigfillset(&every);
	(void)pthread_sigmask(SIG_SETMASK, &every, &before);
	for (started = 0; started < jobs && rc == 0; started++) {
		rc = pthread_create(&slots[started].thread, NULL, run_slot,
		    &slots[started]);
		if (rc != 0)
			break;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	for (i = 0; i < started; i++)
		(void)pthread_join(slots[i].thread, NULL);
	if (rc != 0)
		return (error_system(error, KIND_STORAGE, rc,
		    "cannot start a thread"));
	return (0);
}

/* ---- the whole ---- */

static int
rehearse(struct rehearsal *all, struct error *error)
{
	unsigned jobs = count_jobs(all);
	struct slot *slots = calloc(jobs, sizeof(*slots));
	size_t i;
	unsigned number;
	int rc = 0;

	all->entries = calloc(all->matrix.count, sizeof(*all->entries));
	if (slots == NULL || all->entries == NULL) {
		free(slots);
		return (error_memory(error));
	}
	for (i = 0; i < all->matrix.count; i++)
		str_init(&all->entries[i].said);
	for (number = 0; number < jobs && rc == 0; number++)
		rc = prepare_slot(all, &slots[number], number + 1, error);
	if (rc == 0)
		rc = run_slots(slots, jobs, error);
	for (i = 0; i < all->matrix.count; i++)
		str_release(&all->entries[i].said);
	free(slots);
	return (rc);
}

static int
judge(struct rehearsal *all, struct error *error)
{
	struct rehearse_result *result = all->result;

	if (is_told_to_stop(all))
		return (error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the rehearsal was interrupted, after %zu of %zu runs",
		    result->count, all->matrix.count));
	if (result->broken == 0)
		return (0);
	IGNORE_RESULT(error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "%zu of %zu runs did not end as promised", result->broken,
	    result->count));
	error_hint(error, "look at them with --only FAULT -v, and with --keep "
	    "at what they left");
	return (-1);
}

static void
leave(struct rehearsal *all)
{
	struct error error;

	error_init(&error);
	if (all->folder != NULL && (all->options->keep ||
	    room_remove(all->folder, &error) != 0)) {
		all->result->folder = all->folder;
		all->folder = NULL;
	}
	/* A folder that stays against our will is a failure, but no other
	 * one is hidden by it. */
	if (error_is_set(&error))
		fail_locked(all, &error);
	free(all->folder);
	free(all->engine);
	free(all->entries);
	matrix_release(&all->matrix);
	(void)pthread_mutex_destroy(&all->lock);
}

int
rehearse_run(const struct rehearse_options *options,
    struct rehearse_result *result)
{
	struct rehearsal all = { .options = options, .result = result };
	int64_t began_ns = clock_now_ns();
	struct error error;

	*result = (struct rehearse_result){ .count = 0 };
	error_init(&error);
	(void)pthread_mutex_init(&all.lock, NULL);
	self_find(all.program, sizeof(all.program));
	if (matrix_make(&all.matrix, &options->wish, &error) != 0 ||
	    (all.engine = engine_find(NULL, &error)) == NULL ||
	    room_make(NULL, "rehearsal", &all.folder, &error) != 0 ||
	    rehearse(&all, &error) != 0 ||
	    error_is_set(&result->error) || judge(&all, &error) != 0)
		fail_locked(&all, &error);
	leave(&all);
	result->elapsed_ns = clock_now_ns() - began_ns;
	return (error_is_set(&result->error) ? -1 : 0);
}

void
rehearse_result_release(struct rehearse_result *result)
{
	free(result->folder);
	*result = (struct rehearse_result){ .count = 0 };
}
