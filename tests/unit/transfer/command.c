/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a command that gets a backup is never believed more than it says, and
 * none outlives the transfer. */
#include <config.h>

#include "support.h"
#include "valgrind/under.h"

#include "base/clock.h"

#include <check.h>
#include <errno.h>
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

/* A command in the test's folder. */
static struct sink *
command(const char *text)
{
	char line[512];
	struct error error = { 0 };
	struct sink *sink;

	(void)snprintf(line, sizeof(line), "cd '%s'; %s", support_folder,
	    text);
	sink = sink_command_open(line, &error);
	ck_assert_msg(sink != NULL, "%s", error.text);
	return (sink);
}

static bool
is_there(const char *name)
{
	struct stat st;

	return (stat(support_path(name), &st) == 0);
}

START_TEST(a_command_that_ignores_the_end_is_killed)
{
	struct sink *sink = command("trap '' TERM; echo $$ >p; mv p pid; "
	    "while :; do sleep 1000; done");
	FILE *file;
	long pid = 0;

	SUPPORT_UNTIL(is_there("pid"));
	file = fopen(support_path("pid"), "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%ld", &pid), 1);
	(void)fclose(file);
	ck_assert_int_eq(kill((pid_t)pid, 0), 0);
	sink_free(sink);
	ck_assert_int_eq(kill((pid_t)pid, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

/* It gets no second chance to say how it ended, so none is waited for. */
START_TEST(a_command_that_closes_its_input_is_an_error)
{
	struct sink *sink = command("exec <&-; : >shut; exec sleep 1000");
	struct error error = { 0 };
	int rc;

	SUPPORT_UNTIL(is_there("shut"));
	rc = sink_write(sink, "abc", 3, &error);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EPIPE);
	sink_free(sink);
}
END_TEST

struct filling {
	struct sink *sink;
	atomic_bool begun;
	struct error error;
};

static void *
fill(void *context)
{
	struct filling *filling = context;
	char bytes[4096] = { 0 };

	while (sink_write(filling->sink, bytes, sizeof(bytes),
	    &filling->error) == 0)
		atomic_store(&filling->begun, true);
	return (NULL);
}

START_TEST(interrupt_ends_a_write_to_a_command_that_does_not_read)
{
	struct filling filling = { .sink = command("exec sleep 1000") };
	struct error error = { 0 };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, fill, &filling), 0);
	SUPPORT_UNTIL(atomic_load(&filling.begun));
	sink_interrupt(filling.sink);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(filling.error.kind, KIND_ABORTED);
	/* Nor is anything begun afterwards. */
	ck_assert_int_eq(sink_sync(filling.sink, &error), -1);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	error_init(&error);
	ck_assert_int_eq(sink_commit(filling.sink, &error), -1);
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	sink_free(filling.sink);
}
END_TEST

/* Where the kernel reaps children by itself, nobody knows how they ended. */
START_TEST(an_end_that_nobody_saw_is_no_success)
{
	struct error error = { 0 };
	struct sink *sink;

	ck_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	sink = command("cat >/dev/null");
	ck_assert_int_eq(sink_write(sink, "abc", 3, &error), 0);
	ck_assert_int_eq(sink_commit(sink, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_msg(strstr(error.text, "unknown") != NULL, "%s", error.text);
	sink_free(sink);
}
END_TEST

START_TEST(a_command_without_descriptors_is_refused)
{
	struct error error = { 0 };
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_ptr_null(sink_command_open("cat", &error));
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, EMFILE);
}
END_TEST

/* More than the kernel takes for one argument. */
START_TEST(a_command_that_is_too_long_is_refused)
{
	size_t size = 1u << 20;
	char *text;
	struct error error = { 0 };

	if (under_valgrind())
		return;
	text = malloc(size + 1);
	ck_assert_ptr_nonnull(text);
	memset(text, ' ', size);
	text[size] = '\0';
	ck_assert_ptr_null(sink_command_open(text, &error));
	ck_assert_int_eq(error.kind, KIND_STORAGE);
	ck_assert_int_eq(error.code, E2BIG);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer: commands");
	TCase *tcase = tcase_create("commands");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, begin, support_end);
	tcase_add_test(tcase, a_command_that_ignores_the_end_is_killed);
	tcase_add_test(tcase, a_command_that_closes_its_input_is_an_error);
	tcase_add_test(tcase,
	    interrupt_ends_a_write_to_a_command_that_does_not_read);
	tcase_add_test(tcase, an_end_that_nobody_saw_is_no_success);
	tcase_add_test(tcase, a_command_without_descriptors_is_refused);
	tcase_add_test(tcase, a_command_that_is_too_long_is_refused);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
