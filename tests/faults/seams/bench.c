/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench.h"

#include "job/inspect.h"
#include "unit/engine/room.h"

#include "base/clock.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHORT_MS 300
/* No job may take longer, whatever goes wrong. */
#define BOUND_NS (INT64_C(40) * 1000 * 1000 * 1000)
#define LOOK_AGAIN_MS 5

struct bench bench;

static atomic_int stop;
static char store[300];
static char *backup; /* the folder of the good one */
static unsigned descriptors;
static unsigned threads;
static unsigned manifests;

static int
count_manifest(const char *path, const struct stat *st, int flag,
    struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (flag == FTW_F && strstr(path, "/manifest.json") != NULL &&
	    strstr(path, ".partial/") == NULL)
		manifests++;
	return (0);
}

static int
delete_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return (remove(path));
}

/* What looks like a backup. */
static unsigned
count_backups(void)
{
	manifests = 0;
	(void)nftw(store, count_manifest, 8, FTW_PHYS);
	return (manifests);
}

static void
empty_store(const char *folder)
{
	(void)nftw(folder, delete_one, 8, FTW_PHYS | FTW_DEPTH);
}

static unsigned
count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return (count);
}

/* The kernel may show a thread a moment longer than it lives. */
static unsigned
count_threads(void)
{
	struct deadline end = clock_deadline(BENCH_LONG_MS);
	unsigned count;

	while ((count = count_entries("/proc/self/task")) > threads &&
	    threads > 0 && !clock_has_passed(end))
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	return (count);
}

static void
note_event(void *context, const struct job_event *event)
{
	(void)context;
	if (event->type == JOB_EVENT_PHASE && bench.stop_at != NULL &&
	    strcmp(event->text, bench.stop_at) == 0)
		atomic_store(&stop, SIGTERM);
	if (event->type != JOB_EVENT_WARNING)
		return;
	(void)strncat(bench.warnings, event->text,
	    sizeof(bench.warnings) - strlen(bench.warnings) - 2);
	(void)strcat(bench.warnings, "\n");
}

static void
fill(struct job_common *common)
{
	common->server.name = "seams";
	common->server.provider_ops = seams_provider();
	common->server.session_maker = seams_session;
	common->threads = 2;
	common->max_transfer_size = 65536;
	common->stop = &stop;
	common->handler = note_event;
	common->configure_timeout_ms = bench.haste == BENCH_CONFIGURE ?
	    SHORT_MS : BENCH_LONG_MS;
	common->stall_timeout_ms = bench.haste == BENCH_STALL ?
	    SHORT_MS : BENCH_LONG_MS;
	common->result_timeout_ms = bench.haste == BENCH_RESULT ?
	    SHORT_MS : BENCH_LONG_MS;
}

void
bench_begin(void)
{
	memset(&bench, 0, sizeof(bench));
	atomic_store(&stop, 0);
	bench.tells_peer = true;
	seams_init();
}

static bool
is_in_shared_memory(const char *statement)
{
	const char *name = strstr(statement, "vdibackup-");
	DIR *dir = opendir("/dev/shm");
	struct dirent *entry;
	bool found = false;
	char own[60];

	ck_assert_ptr_nonnull(name);
	ck_assert_ptr_nonnull(dir);
	(void)snprintf(own, sizeof(own), "%.*s",
	    (int)strspn(name, "vdibackup-0123456789abcdef"), name);
	while ((entry = readdir(dir)) != NULL)
		if (strstr(entry->d_name, own) != NULL)
			found = true;
	(void)closedir(dir);
	return (found);
}

static bool
has_message(int number)
{
	size_t i;

	for (i = 0; i < bench.result.message_count; i++)
		if (bench.result.messages[i].number == number)
			return (true);
	return (false);
}

/* What holds after every run. */
static void
check_ends(void)
{
	const struct job_result *result = &bench.result;

	BENCH_HOLDS((bench.rc != 0) == error_is_set(&result->error));
	BENCH_HOLDS(result->elapsed_ns < BOUND_NS);
	BENCH_HOLDS(waitpid(-1, NULL, WNOHANG) == -1);
	BENCH_HOLDS(errno == ECHILD);
	BENCH_HOLDS(threads == 0 || count_threads() == threads);
	BENCH_HOLDS(threads == 0 ||
	    count_entries("/proc/self/fd") == descriptors);
	BENCH_HOLDS(result->statement == NULL ||
	    !is_in_shared_memory(result->statement));
	if (bench.rc == 0) {
		BENCH_HOLDS(result->server_succeeded);
		BENCH_HOLDS(result->devices_closed == BENCH_DEVICES);
		BENCH_HOLDS(result->devices == BENCH_DEVICES);
	} else {
		BENCH_HOLDS(result->error.stage[0] != '\0');
		BENCH_HOLDS(result->error.text[0] != '\0');
		if (!bench.lies && bench.tells_peer &&
		    seams_count(SEAM_BEGIN) > 0)
			BENCH_HOLDS(has_message(3013) ||
			    result->server_succeeded);
	}
}

static void
check_leftover(const char *path, bool adoptable)
{
	char manifest[400];

	BENCH_HOLDS(access(path, F_OK) == 0);
	(void)snprintf(manifest, sizeof(manifest), "%s/manifest.json", path);
	if (adoptable)
		BENCH_HOLDS(access(manifest, F_OK) == 0);
}

static unsigned
count_partials(void)
{
	char folder[400];
	DIR *dir;
	struct dirent *entry;
	unsigned count = 0;

	(void)snprintf(folder, sizeof(folder), "%s/seams/Sales", store);
	dir = opendir(folder);
	if (dir == NULL)
		return (0);
	while ((entry = readdir(dir)) != NULL)
		count += strstr(entry->d_name, ".partial") != NULL;
	(void)closedir(dir);
	return (count);
}

static void
run_backup(struct job_backup *job)
{
	unsigned backups = count_backups();
	unsigned partials = count_partials();

	bench.rc = job_backup_run(job, &bench.result);
	check_ends();
	if (bench.rc == 0) {
		BENCH_HOLDS(bench.result.manifest_durable);
		BENCH_HOLDS(count_backups() == backups + 1);
		BENCH_HOLDS(count_partials() == partials);
		return;
	}
	BENCH_HOLDS(count_backups() == backups);
	BENCH_HOLDS(bench.result.path == NULL);
	if (bench.result.leftover != NULL)
		check_leftover(bench.result.leftover,
		    bench.result.leftover_adoptable);
	BENCH_HOLDS(count_partials() == partials +
	    (bench.result.leftover != NULL));
}

void
bench_backup(void)
{
	struct job_backup job;
	char engine[320];

	(void)snprintf(engine, sizeof(engine), "sqlite:%s",
	    room_path("a.db"));
	job_backup_init(&job);
	fill(&job.common);
	job.common.server.engine = engine;
	job.common.database = "Sales";
	job.target = store;
	job.devices = BENCH_DEVICES;
	job.frame_size = 65536;
	run_backup(&job);
}

void
bench_restore(void)
{
	const char *from[] = { backup };
	struct job_restore job;
	char engine[320];

	(void)snprintf(engine, sizeof(engine), "sqlite:%s",
	    room_path("b.db"));
	job_restore_init(&job);
	fill(&job.common);
	job.common.server.engine = engine;
	job.common.database = "Sales";
	job.from = from;
	job.from_count = 1;
	bench.rc = job_restore_run(&job, &bench.result);
	check_ends();
	/* The server's word can be good where the job's is not. */
	BENCH_HOLDS(bench.lies ||
	    room_has("b.db") == bench.result.server_succeeded);
	if (room_has("b.db")) {
		BENCH_HOLDS(room_same("a.db", "b.db"));
		BENCH_HOLDS(unlink(room_path("b.db")) == 0);
	}
}

void
bench_forget(void)
{
	job_result_release(&bench.result);
}

const char *
bench_good(void)
{
	return (backup);
}

void
bench_stop(void)
{
	atomic_store(&stop, SIGTERM);
}

static void
verify(const char *path)
{
	struct inspect_options options = { .threads = 1 };
	struct inspect_result result;

	ck_assert_msg(inspect_verify(&path, 1, &options, &result) == 0, "%s",
	    result.error.text);
	inspect_result_release(&result);
}

void
bench_prove(void)
{
	bench_begin();
	bench_backup();
	bench_succeeds();
	bench_forget();
	bench_begin();
	bench_restore();
	bench_succeeds();
	bench_forget();
}

bool
bench_is_thorough(void)
{
	const char *faults = getenv("FAULTS");

	return (faults != NULL && strcmp(faults, "all") == 0);
}

void
bench_look(void)
{
	threads = 0;
	descriptors = count_entries("/proc/self/fd");
	threads = count_threads();
}

void
bench_make(void)
{
	room_make();
	room_database("a.db", "delete", 150000);
	(void)snprintf(store, sizeof(store), "%s.store", room_path("st"));
	/* What a first run sets up for good is no leak: no look before. */
	threads = 0;
	bench_begin();
	bench_backup();
	bench_succeeds();
	backup = strdup(bench.result.path);
	ck_assert_ptr_nonnull(backup);
	bench_forget();
}

void
bench_remove(void)
{
	free(backup);
	backup = NULL;
	empty_store(store);
	room_remove();
}

void
bench_succeeds(void)
{
	ck_assert_msg(bench.rc == 0, "%s: %s: %s", bench.label,
	    bench.result.error.stage, bench.result.error.text);
	if (bench.result.path != NULL && bench.result.stripe_count > 0)
		verify(bench.result.path);
}

void
bench_fails(enum error_kind kind, const char *stage, const char *text)
{
	const struct error *error = &bench.result.error;

	ck_assert_msg(bench.rc != 0, "%s: succeeded", bench.label);
	ck_assert_msg(error->kind == kind &&
	    (stage == NULL || strcmp(error->stage, stage) == 0),
	    "%s: kind %d at %s instead of %d at %s: %s", bench.label,
	    (int)error->kind, error->stage, (int)kind, stage, error->text);
	ck_assert_msg(strstr(error->text, text) != NULL,
	    "%s: \"%s\" does not say \"%s\"", bench.label, error->text,
	    text);
}

void
bench_has_code(enum error_origin origin, long code)
{
	const struct error *error = &bench.result.error;

	ck_assert_msg(error->origin == origin && error->code == code,
	    "%s: origin %d, code %lx: %s", bench.label, (int)error->origin,
	    (unsigned long)error->code, error->text);
}
