/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: sinks and sources store and give what they should, say what went
 * wrong, and let go when they are told to. */
#include <config.h>

#include "support.h"

#include "base/fault.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
begin(void)
{
	support_begin();
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
end(void)
{
	support_end();
}

static char *
slurp(const char *name, size_t *size)
{
	FILE *file = fopen(support_path(name), "rb");
	char *data = calloc(1, 1u << 24);

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(data);
	*size = fread(data, 1, (1u << 24) - 1, file);
	(void)fclose(file);
	return (data);
}

START_TEST(file_holds_what_was_written)
{
	struct error error = { 0 };
	struct sink *sink = sink_file_open(support_path("f"), &error);
	uint8_t *data = support_data(3000000, 1);
	struct stat st;
	size_t size;
	char *found;
	unsigned i;

	ck_assert_msg(sink != NULL, "%s", error.text);
	/* Enough for write-behind to begin, and odd. */
	for (i = 0; i < 5; i++)
		ck_assert_msg(sink_write(sink, data, 3000000, &error) == 0,
		    "%s", error.text);
	ck_assert_int_eq(sink_sync(sink, &error), 0);
	ck_assert_int_eq(sink_write(sink, data, 17, &error), 0);
	ck_assert_int_eq(sink_commit(sink, &error), 0);
	sink_free(sink);
	found = slurp("f", &size);
	ck_assert_uint_eq(size, 15000017);
	for (i = 0; i < 5; i++)
		ck_assert_mem_eq(found + i * 3000000, data, 3000000);
	ck_assert_mem_eq(found + 15000000, data, 17);
	ck_assert_int_eq(stat(support_path("f"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	free(found);
	free(data);
}
END_TEST

START_TEST(file_that_is_there_is_not_overwritten)
{
	const char *path = support_file("f", "old", 3);
	struct error error = { 0 };
	size_t size;
	char *found;

	ck_assert_ptr_null(sink_file_open(path, &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EEXIST);
	ck_assert_str_ne(error.hint, "");
	found = slurp("f", &size);
	ck_assert_str_eq(found, "old");
	free(found);
}
END_TEST

START_TEST(abandoned_file_stays)
{
	struct sink *sink = sink_file_open(support_path("f"), NULL);
	struct stat st;

	ck_assert_ptr_nonnull(sink);
	ck_assert_int_eq(sink_write(sink, "abc", 3, NULL), 0);
	sink_free(sink);
	ck_assert_int_eq(stat(support_path("f"), &st), 0);
	ck_assert_int_eq(st.st_size, 3);
}
END_TEST

START_TEST(file_size_limit_is_told_as_such)
{
	struct rlimit limit;
	struct sink *sink = sink_file_open(support_path("f"), NULL);
	struct error error = { 0 };
	uint8_t data[2000] = { 0 };

	ck_assert_ptr_nonnull(sink);
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(sink_write(sink, data, sizeof(data), &error), -1);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(error.code, EFBIG);
	sink_free(sink);
}
END_TEST

START_TEST(full_device_is_told_as_such)
{
	int fd = open("/dev/full", O_WRONLY);
	struct error error = { 0 };
	struct sink *sink;

	ck_assert_int_ge(fd, 0);
	sink = sink_fd_open(fd, "full", &error);
	ck_assert_ptr_nonnull(sink);
	ck_assert_int_eq(sink_write(sink, "abc", 3, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, ENOSPC);
	ck_assert_str_ne(error.hint, "");
	sink_free(sink);
	(void)close(fd);
}
END_TEST

START_TEST(pipe_without_reader_is_an_error)
{
	struct error error = { 0 };
	struct sink *sink;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	sink = sink_fd_open(ends[1], "standard output", &error);
	ck_assert_ptr_nonnull(sink);
	(void)close(ends[0]);
	ck_assert_int_eq(sink_write(sink, "abc", 3, &error), -1);
	ck_assert_int_eq(error.code, EPIPE);
	ck_assert_ptr_nonnull(strstr(error.text, "standard output"));
	sink_free(sink);
	(void)close(ends[1]);
}
END_TEST

START_TEST(descriptor_that_is_not_there_is_refused)
{
	struct error error = { 0 };

	ck_assert_ptr_null(sink_fd_open(-1, "nowhere", &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EBADF);
}
END_TEST

struct call {
	struct sink *sink;
	struct source *source;
	atomic_bool begun;
	int rc;
	struct error error;
};

static void *
fill_pipe(void *context)
{
	struct call *call = context;
	uint8_t data[8192] = { 0 };

	do {
		call->rc = sink_write(call->sink, data, sizeof(data),
		    &call->error);
		atomic_store(&call->begun, true);
	} while (call->rc == 0);
	return (NULL);
}

START_TEST(interrupt_ends_a_write_to_a_full_pipe)
{
	struct call call = { 0 };
	pthread_t thread;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	call.sink = sink_fd_open(ends[1], "pipe", NULL);
	ck_assert_ptr_nonnull(call.sink);
	ck_assert_int_eq(pthread_create(&thread, NULL, fill_pipe, &call), 0);
	SUPPORT_UNTIL(atomic_load(&call.begun));
	sink_interrupt(call.sink);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(call.error.kind, KIND_ABORTED);
	sink_free(call.sink);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

/* A command in the test's folder. */
static struct sink *
command(const char *text)
{
	char line[512];
	struct sink *sink;

	(void)snprintf(line, sizeof(line), "cd '%s'; %s", support_folder, text);
	sink = sink_command_open(line, NULL);
	ck_assert_ptr_nonnull(sink);
	return (sink);
}

START_TEST(command_gets_all_bytes)
{
	struct sink *sink = command("cat >out");
	uint8_t *data = support_data(3000000, 1);
	struct error error = { 0 };
	size_t size;
	char *found;

	ck_assert_msg(sink_write(sink, data, 3000000, &error) == 0, "%s",
	    error.text);
	ck_assert_int_eq(sink_sync(sink, &error), 0);
	ck_assert_msg(sink_commit(sink, &error) == 0, "%s", error.text);
	sink_free(sink);
	found = slurp("out", &size);
	ck_assert_uint_eq(size, 3000000);
	ck_assert_mem_eq(found, data, size);
	free(found);
	free(data);
}
END_TEST

START_TEST(command_that_fails_is_an_error)
{
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
		{ "cat >/dev/null; exit 3", "status 3" },
		{ "cat >/dev/null; kill -9 $$", "signal 9" },
		{ "exit 0", "read all" },
		{ "head -c 2 >/dev/null", "read all" },
		{ "/nonexistent/program", "status 127" },
	};
	struct sink *sink = command(cases[_i].text);
	struct error error = { 0 };
	int rc;

	rc = sink_write(sink, "0123456789", 10, &error);
	if (rc == 0)
		rc = sink_commit(sink, &error);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_msg(strstr(error.text, cases[_i].words) != NULL, "%s",
	    error.text);
	sink_free(sink);
}
END_TEST

START_TEST(command_that_stops_reading_says_how_it_ended)
{
	struct sink *sink = command("exit 5");
	uint8_t *data = support_data(3000000, 1);
	struct error error = { 0 };

	ck_assert_int_eq(sink_write(sink, data, 3000000, &error), -1);
	ck_assert_msg(strstr(error.text, "status 5") != NULL, "%s",
	    error.text);
	sink_free(sink);
	free(data);
}
END_TEST

static pid_t
pid_of_command(void)
{
	struct stat st;
	char *found;
	size_t size;
	pid_t pid;

	SUPPORT_UNTIL(stat(support_path("pid"), &st) == 0 && st.st_size > 1);
	found = slurp("pid", &size);
	pid = (pid_t)strtol(found, NULL, 10);
	free(found);
	ck_assert_int_gt(pid, 1);
	return (pid);
}

START_TEST(abandoned_command_is_killed)
{
	struct sink *sink = command("sleep 1000 & echo $! >p; mv p pid; wait");
	pid_t pid = pid_of_command();

	sink_free(sink);
	SUPPORT_UNTIL(kill(pid, 0) != 0 && errno == ESRCH);
}
END_TEST

static void *
commit(void *context)
{
	struct call *call = context;

	atomic_store(&call->begun, true);
	call->rc = sink_commit(call->sink, &call->error);
	return (NULL);
}

START_TEST(interrupt_ends_the_wait_for_a_command)
{
	struct call call = { 0 };
	pthread_t thread;

	call.sink = command("cat >/dev/null; echo $$ >p; mv p pid; "
	    "exec sleep 1000");
	ck_assert_int_eq(pthread_create(&thread, NULL, commit, &call), 0);
	(void)pid_of_command();
	sink_interrupt(call.sink);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(call.rc, -1);
	ck_assert_int_eq(call.error.kind, KIND_ABORTED);
	sink_free(call.sink);
}
END_TEST

static unsigned announced;

static void
announce(void *context, const char *text, const char *where)
{
	(void)context;
	(void)text;
	(void)where;
	announced++;
}

/* The first write is the header's, and is spared. */
static int
drill(const char *text, struct memory_sink *memory, struct error *error)
{
	struct fault_plan plan;
	struct sink *sink;
	unsigned i;
	int rc = 0;

	fault_plan_init(&plan, announce, NULL);
	ck_assert_int_eq(fault_plan_add(&plan, text, NULL), 0);
	sink = sink_fault_open(memory_sink_open(memory), &plan, 2, NULL);
	ck_assert_ptr_nonnull(sink);
	for (i = 0; i < 4 && rc == 0; i++)
		rc = sink_write(sink, "0123456789", 10, error);
	if (rc == 0)
		rc = sink_sync(sink, error);
	if (rc == 0)
		rc = sink_commit(sink, error);
	sink_free(sink);
	fault_plan_release(&plan);
	return (rc);
}

START_TEST(drills_of_storage_fire_where_they_are_told)
{
	static const struct {
		const char *text;
		int code;
		size_t stored;
	} cases[] = {
		{ "sink-full", ENOSPC, 10 },
		{ "sink-full,command=2", ENOSPC, 20 },
		{ "sink-error,after=30", EIO, 30 },
		{ "sink-error,device=2,command=3", EIO, 30 },
		{ "sink-full,device=1", 0, 40 },
		{ "corrupt,command=2", 0, 40 },
		{ "sink-full,at=flush", ENOSPC, 40 },
		{ "sink-error,at=complete,device=2", EIO, 40 },
	};
	struct memory_sink memory;
	struct error error = { 0 };
	int rc;

	memory_sink_init(&memory);
	announced = 0;
	rc = drill(cases[_i].text, &memory, &error);
	ck_assert_int_eq(rc, cases[_i].code == 0 ? 0 : -1);
	ck_assert_int_eq(error.code, cases[_i].code);
	ck_assert_uint_eq(memory.size, cases[_i].stored);
	ck_assert_uint_eq(announced, _i == 4 ? 0 : 1);
	ck_assert_uint_eq(memory.frees, 1);
	if (cases[_i].code == 0)
		ck_assert_int_eq(memcmp(memory.data, "0123456789"
		    "0123456789012345678901234567890123456789", 40) == 0,
		    _i == 4);
	memory_sink_release(&memory);
}
END_TEST

/* A drill does not hide what is really wrong. */
START_TEST(storage_that_fails_in_a_drill_is_told_as_such)
{
	struct memory_sink memory;
	struct error error = { 0 };

	memory_sink_init(&memory);
	memory.fail_call = 3;
	memory.fail_errno = EDQUOT;
	announced = 0;
	ck_assert_int_eq(drill("corrupt,command=2", &memory, &error), -1);
	ck_assert_uint_eq(announced, 1);
	ck_assert_int_eq(error.code, EDQUOT);
	ck_assert_str_ne(error.hint, "");
	memory_sink_release(&memory);
}
END_TEST

/* Reads of 10 bytes at a time; how many bytes came. */
static size_t
read_drill(const char *text, struct error *error, uint8_t *bytes)
{
	struct fault_plan plan;
	struct source *source;
	size_t got = 1;
	size_t all = 0;

	fault_plan_init(&plan, announce, NULL);
	ck_assert_int_eq(fault_plan_add(&plan, text, NULL), 0);
	source = source_file_open(support_file("drill",
	    "0123456789012345678901234", 25), NULL);
	ck_assert_ptr_nonnull(source);
	source_drill(source, &plan, 2);
	while (got > 0 && source_read(source, bytes + all, 10, &got, error) ==
	    0)
		all += got;
	source_close(source);
	fault_plan_release(&plan);
	return (all);
}

START_TEST(drills_of_a_source_fire_where_they_are_told)
{
	static const struct {
		const char *text;
		int code;
		size_t good; /* bytes as they are in the file */
		size_t read;
	} cases[] = {
		{ "sink-error", EIO, 0, 0 },
		{ "sink-error,command=2,device=2", EIO, 10, 10 },
		{ "sink-error,after=15", EIO, 20, 20 },
		{ "sink-error,device=1", 0, 25, 25 },
		{ "corrupt", 0, 5, 25 },
		{ "corrupt,command=3", 0, 22, 25 },
	};
	struct error error = { 0 };
	uint8_t bytes[40];

	announced = 0;
	ck_assert_uint_eq(read_drill(cases[_i].text, &error, bytes),
	    cases[_i].read);
	ck_assert_int_eq(error.code, cases[_i].code);
	ck_assert_uint_eq(announced, _i == 3 ? 0 : 1);
	ck_assert_mem_eq(bytes, "0123456789012345678901234", cases[_i].good);
	if (cases[_i].good < cases[_i].read)
		ck_assert_uint_ne(bytes[cases[_i].good],
		    (uint8_t)"0123456789012345678901234"[cases[_i].good]);
}
END_TEST

START_TEST(sources_say_what_is_wrong)
{
	struct error error = { 0 };

	ck_assert_ptr_null(source_file_open(support_path("none"), &error));
	ck_assert_int_eq(error.code, ENOENT);
	error_init(&error);
	ck_assert_ptr_null(source_file_open(support_folder, &error));
	ck_assert_int_eq(error.code, EISDIR);
}
END_TEST

START_TEST(source_that_cannot_be_read_says_so)
{
	int fd = open(support_folder, O_RDONLY);
	struct source *source = source_fd_open(fd, "a folder", NULL);
	struct error error = { 0 };
	char byte;
	size_t got;

	ck_assert_ptr_nonnull(source);
	ck_assert_int_eq(source_read(source, &byte, 1, &got, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EISDIR);
	ck_assert_ptr_nonnull(strstr(error.text, "\"a folder\""));
	source_close(source);
	(void)close(fd);
}
END_TEST

START_TEST(file_source_reads_at_any_place)
{
	struct source *source = source_file_open(support_file("f",
	    "0123456789", 10), NULL);
	char data[16] = { 0 };
	size_t got;

	ck_assert_ptr_nonnull(source);
	ck_assert(source_is_seekable(source));
	ck_assert_uint_eq(source_size(source), 10);
	ck_assert_int_eq(source_read(source, data, 4, &got, NULL), 0);
	ck_assert_uint_eq(got, 4);
	ck_assert_int_eq(source_read_at(source, 7, data, 8, &got, NULL), 0);
	ck_assert_uint_eq(got, 3);
	ck_assert_mem_eq(data, "789", 3);
	ck_assert_int_eq(source_read(source, data, 16, &got, NULL), 0);
	ck_assert_uint_eq(got, 6);
	ck_assert_mem_eq(data, "456789", 6);
	ck_assert_int_eq(source_read(source, data, 16, &got, NULL), 0);
	ck_assert_uint_eq(got, 0);
	source_close(source);
}
END_TEST

static void *
read_once(void *context)
{
	struct call *call = context;
	char data[16];
	size_t got;

	atomic_store(&call->begun, true);
	call->rc = source_read(call->source, data, sizeof(data), &got,
	    &call->error);
	return (NULL);
}

START_TEST(interrupt_ends_the_wait_for_a_writer)
{
	struct call call = { 0 };
	pthread_t thread;

	ck_assert_int_eq(mkfifo(support_path("fifo"), 0600), 0);
	call.source = source_file_open(support_path("fifo"), NULL);
	ck_assert_ptr_nonnull(call.source);
	ck_assert_int_eq(pthread_create(&thread, NULL, read_once, &call), 0);
	SUPPORT_UNTIL(atomic_load(&call.begun));
	source_interrupt(call.source);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(call.error.kind, KIND_ABORTED);
	source_close(call.source);
}
END_TEST

static bool
must_stop(void *context)
{
	return (atomic_load((atomic_bool *)context));
}

START_TEST(source_asks_whether_to_stop)
{
	struct call call = { 0 };
	atomic_bool stop;
	pthread_t thread;
	int ends[2];

	atomic_init(&stop, false);
	ck_assert_int_eq(pipe(ends), 0);
	call.source = source_fd_open(ends[0], "standard input", NULL);
	ck_assert_ptr_nonnull(call.source);
	source_stop_when(call.source, must_stop, &stop);
	ck_assert_int_eq(pthread_create(&thread, NULL, read_once, &call), 0);
	SUPPORT_UNTIL(atomic_load(&call.begun));
	atomic_store(&stop, true);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(call.error.kind, KIND_ABORTED);
	source_close(call.source);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: sinks");
	TCase *tcase = tcase_create("sinks");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, file_holds_what_was_written);
	tcase_add_test(tcase, file_that_is_there_is_not_overwritten);
	tcase_add_test(tcase, abandoned_file_stays);
	tcase_add_test(tcase, file_size_limit_is_told_as_such);
	tcase_add_test(tcase, full_device_is_told_as_such);
	tcase_add_test(tcase, pipe_without_reader_is_an_error);
	tcase_add_test(tcase, descriptor_that_is_not_there_is_refused);
	tcase_add_test(tcase, interrupt_ends_a_write_to_a_full_pipe);
	tcase_add_test(tcase, command_gets_all_bytes);
	tcase_add_loop_test(tcase, command_that_fails_is_an_error, 0, 5);
	tcase_add_test(tcase, command_that_stops_reading_says_how_it_ended);
	tcase_add_test(tcase, abandoned_command_is_killed);
	tcase_add_test(tcase, interrupt_ends_the_wait_for_a_command);
	tcase_add_loop_test(tcase, drills_of_storage_fire_where_they_are_told,
	    0, 8);
	tcase_add_loop_test(tcase, drills_of_a_source_fire_where_they_are_told,
	    0, 6);
	tcase_add_test(tcase, storage_that_fails_in_a_drill_is_told_as_such);
	tcase_add_test(tcase, sources_say_what_is_wrong);
	tcase_add_test(tcase, source_that_cannot_be_read_says_so);
	tcase_add_test(tcase, file_source_reads_at_any_place);
	tcase_add_test(tcase, interrupt_ends_the_wait_for_a_writer);
	tcase_add_test(tcase, source_asks_whether_to_stop);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
