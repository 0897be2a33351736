/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "rehearse/trial.h"

#include "base/port/shm.h"
#include "rehearse/words.h"
#include "run/child.h"
#include "runtime/name.h"
#include "store/scan.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SAMPLE_BYTES (UINT64_C(512) << 10) /* for each device */
/* How long a run that no fault has hit yet may take. */
#define BEFORE_MS 30000
/* How long the engine may take to follow a client that was killed. */
#define QUIET_MS 3000
#define STATUS_KILLED (128 + SIGKILL)

/* A problem is the first one; the others follow from it. */
static void
complain(struct rehearse_outcome *outcome, const char *format, ...)
    PRINTF_LIKE(2, 3);

static void
complain(struct rehearse_outcome *outcome, const char *format, ...)
{
	va_list args;

	if (outcome->problem[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(outcome->problem, sizeof(outcome->problem), format,
	    args);
	va_end(args);
}

/* Run a program that no fault is to hit; it has to end with the status of that
 * kind. */
static int
run_well(const struct trial *trial, const char *const *argv,
    enum error_kind wanted, struct rehearse_outcome *outcome,
    struct error *error)
{
	struct child_limits limits = { .before_ms = BEFORE_MS,
		.after_ms = BEFORE_MS, .stop = trial->stop };
	struct child child;
	int rc;

	child_init(&child);
	rc = child_run(&child, argv, &limits, error);
	if (rc == 0 && child.was_stopped)
		rc = error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the rehearsal was interrupted");
	if (rc == 0 && child.status != trial->status_of(wanted))
		complain(outcome, "after it, '%s' ended with status %d: %s",
		    argv[1], child.status, child.line);
	child_release(&child);
	return (rc);
}

static int
verify(const struct trial *trial, const char *path, enum error_kind wanted,
    struct rehearse_outcome *outcome, struct error *error)
{
	const char *argv[] = { trial->program, "verify", "--json", path,
		NULL };

	return (run_well(trial, argv, wanted, outcome, error));
}

/* ---- what the run has said and done ---- */

static bool
is_promised(const struct trial *trial, const struct matrix_row *row,
    int status)
{
	size_t i;
	int kind;

	for (i = 0; i < row->count; i++)
		for (kind = KIND_NONE; kind <= KIND_LOCKED; kind++)
			if (fault_outcome_has(row->faults[i].outcome,
			    (enum error_kind)kind) &&
			    status == (kind == KIND_NONE ? STATUS_KILLED :
			    trial->status_of((enum error_kind)kind)))
				return (true);
	return (false);
}

static bool
is_phase(const struct matrix_fault *fault)
{
	return (strcmp(fault->place, "command") != 0 &&
	    strcmp(fault->place, "flush") != 0 &&
	    strcmp(fault->place, "complete") != 0);
}

/* The phase, where it is known beforehand; the device, where one was hit; the
 * system's code, where storage failed. */
static void
check_message(const struct matrix_row *row, const struct child *child,
    struct rehearse_outcome *outcome)
{
	const struct matrix_fault *fault = &row->faults[0];
	const char *stage = child->stage != NULL ? child->stage : "";
	const char *text = child->text != NULL ? child->text : "";

	if (!child->has_result) {
		complain(outcome, "it ended without a result");
		return;
	}
	if (child->exit_code != child->status)
		complain(outcome, "its result says status %d",
		    child->exit_code);
	if (text[0] == '\0' || strstr(child->said.text, text) == NULL)
		complain(outcome, "it did not say what is wrong");
	if (stage[0] == '\0' ||
	    strstr(child->said.text, "\n  stage ") == NULL)
		complain(outcome, "it did not say in which phase it failed");
	if (row->count > 1 || fault->side != FAULT_SIDE_CLIENT ||
	    fault->kind == FAULT_SQL_CANCEL || fault->kind == FAULT_CORRUPT)
		return;
	if (is_phase(fault) && strcmp(stage, fault->place) != 0)
		complain(outcome, "it failed in the phase %s", stage);
	if (!is_phase(fault) && strstr(text, "device ") == NULL &&
	    strcmp(stage, "transfer") == 0)
		complain(outcome, "it did not say at which device");
	if (fault->outcome == FAULT_OUTCOME_STORAGE && (child->origin == NULL ||
	    strcmp(child->origin, "system") != 0))
		complain(outcome, "it did not tell the system's error");
}

static bool
was_killed(const struct child *child)
{
	return (child->status == STATUS_KILLED);
}

static void
check_run(const struct trial *trial, const struct matrix_row *row,
    const struct child *child, struct rehearse_outcome *outcome)
{
	int64_t limit_ms = REHEARSE_MAXIMUM_MS;
	size_t i;

	for (i = 0; i < row->count; i++)
		if (row->faults[i].kind == FAULT_STALL ||
		    row->faults[i].kind == FAULT_DROP)
			limit_ms = REHEARSE_MAXIMUM_MS + REHEARSE_TIMEOUT_MS;
	if (child->fired == 0)
		complain(outcome, "no fault fired");
	if (child->was_late || child->elapsed_ns > limit_ms * 1000000)
		complain(outcome, "it took more than %lld s",
		    (long long)limit_ms / 1000);
	if (!is_promised(trial, row, child->status))
		complain(outcome, "that status was not promised");
	if (!was_killed(child))
		check_message(row, child, outcome);
}

/* ---- what the run has left ---- */

static bool
has_name(const char *set_name)
{
	char object[NAME_OBJECT_SIZE];
	int fd = -1;
	bool is_there;

	if (set_name[0] == '\0')
		return (false);
	name_object(set_name, object);
	is_there = port_shm_open(object, &fd) == 0;
	port_shm_close(&fd);
	return (is_there);
}

/* After a client that was killed, the engine has to follow, and the name may
 * stay until the next set is made. */
static void
check_machine(const struct trial *trial, const struct child *child,
    struct rehearse_outcome *outcome)
{
	char needle[ROOM_PATH + 1];

	(void)snprintf(needle, sizeof(needle), "%s/", trial->folder);
	if (!room_is_quiet(needle, QUIET_MS))
		complain(outcome, "a process was left behind");
	if (has_name(child->set_name) && !was_killed(child))
		complain(outcome, "the name of the device set was left "
		    "behind");
}

static void
add_left(struct rehearse_outcome *outcome, const char *what)
{
	size_t used = strlen(outcome->left);

	(void)snprintf(outcome->left + used, sizeof(outcome->left) - used,
	    "%s%s", used > 0 ? ", " : "", what);
}

static int
check_entry(const struct trial *trial, const struct matrix_row *row,
    const struct child *child, const struct scan_entry *entry,
    struct rehearse_outcome *outcome, struct error *error)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "%s .partial folder",
	    entry->state == SCAN_ADOPTABLE ? "adoptable" : "unfinished");
	if (entry->state == SCAN_COMPLETE) {
		add_left(outcome, "a backup");
		complain(outcome, "it left what looks like a backup");
		return (0);
	}
	if (entry->state == SCAN_BROKEN)
		complain(outcome, "it left a folder that is broken: %s",
		    entry->problem.text);
	add_left(outcome, what);
	if (!was_killed(child) && (child->leftover == NULL ||
	    strcmp(child->leftover, entry->folder) != 0))
		complain(outcome, "it did not name the folder that it left");
	/* What a drill has damaged, the checks of the files have to find. */
	if (row->count == 1 && row->faults[0].kind == FAULT_CORRUPT)
		return (verify(trial, entry->folder, KIND_INTEGRITY, outcome,
		    error));
	return (0);
}

static int
check_store(const struct trial *trial, const struct matrix_row *row,
    const struct child *child, struct rehearse_outcome *outcome,
    struct error *error)
{
	struct scan scan;
	size_t i;
	int rc = 0;

	if (!room_exists(trial->store))
		return (0);
	if (scan_store(trial->store, &scan, error) != 0)
		return (-1);
	for (i = 0; i < scan.count && rc == 0; i++)
		rc = check_entry(trial, row, child, &scan.entries[i],
		    outcome, error);
	scan_release(&scan);
	return (rc);
}

/* Once every device is closed the server restores, whatever we do. */
static bool
may_restore(const struct matrix_row *row)
{
	size_t i;

	for (i = 0; i < row->count; i++)
		if (row->faults[i].side == FAULT_SIDE_CLIENT &&
		    (strcmp(row->faults[i].place, "closed") == 0 ||
		    strcmp(row->faults[i].place, "result") == 0))
			return (true);
	return (false);
}

static int
check_copy(const struct trial *trial, const struct matrix_row *row,
    struct rehearse_outcome *outcome, struct error *error)
{
	if (room_exists(trial->debris))
		add_left(outcome, ".restoring file");
	if (!room_exists(trial->copy))
		return (0);
	add_left(outcome, "the database, restored");
	if (!may_restore(row))
		complain(outcome, "it left a database");
	else if (!room_is_same(trial->sample, trial->copy, error))
		complain(outcome, "the database that it left is not the one "
		    "that was backed up");
	return (error_is_set(error) ? -1 : 0);
}

/* ---- the job that comes after it ---- */

static int
back_up_again(const struct trial *trial, struct rehearse_outcome *outcome,
    struct error *error)
{
	struct scan scan;
	struct words words;
	const struct scan_entry *latest;
	struct error none;
	int rc = 0;

	words_begin(&words, trial, FAULT_DIRECTION_BACKUP, trial->store);
	if (run_well(trial, words.argv, KIND_NONE, outcome, error) != 0)
		return (-1);
	if (outcome->problem[0] != '\0')
		return (0);
	if (scan_store(trial->store, &scan, error) != 0)
		return (-1);
	error_init(&none);
	latest = scan_find(&scan, WORDS_SERVER, WORDS_DATABASE, "latest",
	    &none);
	if (latest == NULL)
		complain(outcome, "the next backup is not found: %s",
		    none.text);
	else
		rc = verify(trial, latest->folder, KIND_NONE, outcome, error);
	scan_release(&scan);
	return (rc);
}

static int
restore_again(const struct trial *trial, const char *from,
    struct rehearse_outcome *outcome, struct error *error)
{
	struct words words;

	words_begin(&words, trial, FAULT_DIRECTION_RESTORE, from);
	words_add(&words, "--replace");
	if (run_well(trial, words.argv, KIND_NONE, outcome, error) != 0)
		return (-1);
	if (outcome->problem[0] == '\0' &&
	    !room_is_same(trial->sample, trial->copy, error))
		complain(outcome, "the next restore did not bring back what "
		    "was backed up");
	return (error_is_set(error) ? -1 : 0);
}

static int
clean(const struct trial *trial, struct error *error)
{
	if (room_remove(trial->store, error) != 0 ||
	    room_remove(trial->copy, error) != 0)
		return (-1);
	return (room_remove(trial->debris, error));
}

/* In the place as the run has left it; then for the next run. */
static int
go_on(const struct trial *trial, const struct matrix_row *row,
    const struct child *child, struct rehearse_outcome *outcome,
    struct error *error)
{
	bool is_backup = row->direction == FAULT_DIRECTION_BACKUP;

	if (is_backup && back_up_again(trial, outcome, error) != 0)
		return (-1);
	if (restore_again(trial, is_backup ? trial->store : trial->good,
	    outcome, error) != 0)
		return (-1);
	if (has_name(child->set_name))
		complain(outcome, "the name of the device set outlived the "
		    "next job");
	if (room_exists(trial->debris))
		complain(outcome, "the .restoring file outlived the next "
		    "restore");
	return (clean(trial, error));
}

int
trial_run(const struct trial *trial, const struct matrix_row *row,
    struct rehearse_outcome *outcome, struct str *said, struct error *error)
{
	struct child_limits limits = { .before_ms = BEFORE_MS,
		.after_ms = REHEARSE_MAXIMUM_MS + REHEARSE_TIMEOUT_MS,
		.stop = trial->stop };
	bool is_backup = row->direction == FAULT_DIRECTION_BACKUP;
	struct words words;
	struct child child;
	int rc;

	child_init(&child);
	words_begin(&words, trial, row->direction, is_backup ? trial->store :
	    trial->good);
	words_add_faults(&words, row);
	rc = child_run(&child, words.argv, &limits, error);
	if (rc == 0 && child.was_stopped)
		rc = error_set(error, KIND_ABORTED, ORIGIN_US, 0,
		    "the rehearsal was interrupted");
	if (rc == 0) {
		outcome->row = row;
		outcome->status = child.status;
		outcome->elapsed_ns = child.elapsed_ns;
		(void)snprintf(outcome->seen, sizeof(outcome->seen), "%s",
		    child.line);
		str_add(said, child.said.text);
		check_run(trial, row, &child, outcome);
		check_machine(trial, &child, outcome);
		rc = is_backup ?
		    check_store(trial, row, &child, outcome, error) :
		    check_copy(trial, row, outcome, error);
	}
	if (rc == 0)
		rc = go_on(trial, row, &child, outcome, error);
	child_release(&child);
	return (rc == 0 ? str_check(said, error) : -1);
}

/* ---- before the first run ---- */

static int
demand(const struct trial *trial, const char *const *argv,
    struct error *error)
{
	struct rehearse_outcome outcome = { .number = 0 };

	if (run_well(trial, argv, KIND_NONE, &outcome, error) != 0)
		return (-1);
	if (outcome.problem[0] == '\0')
		return (0);
	return (error_set(error, KIND_CONNECT, ORIGIN_US, 0,
	    "the programs do not even work without a fault: %s",
	    outcome.problem));
}

int
trial_prepare(struct trial *trial, const char *folder, struct error *error)
{
	char wish[sizeof(trial->sample) + 32];
	const char *argv[] = { trial->engine, "--make-sample", wish, NULL };
	struct words words;

	(void)snprintf(trial->folder, sizeof(trial->folder), "%s", folder);
	(void)snprintf(trial->sample, sizeof(trial->sample), "%s/sample.db",
	    folder);
	(void)snprintf(trial->store, sizeof(trial->store), "%s/store",
	    folder);
	(void)snprintf(trial->copy, sizeof(trial->copy), "%s/restored.db",
	    folder);
	(void)snprintf(trial->debris, sizeof(trial->debris), "%s.restoring",
	    trial->copy);
	(void)snprintf(trial->good, sizeof(trial->good), "%s/good", folder);
	(void)snprintf(wish, sizeof(wish), "%s=%llu", trial->sample,
	    (unsigned long long)(SAMPLE_BYTES * trial->devices));
	if (mkdir(folder, 0700) != 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot make the folder \"%s\"", folder));
	if (demand(trial, argv, error) != 0)
		return (-1);
	words_begin(&words, trial, FAULT_DIRECTION_BACKUP, trial->good);
	return (demand(trial, words.argv, error));
}
