/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever the engine program does, the session ends, in time, with the
 * right word.  The program here is fake-engine.sh. */
#include <config.h>

#include "sql_tests.h"
#include "valgrind/under.h"

#include "sql/engine.h"
#include "sql/engine_line.h"
#include "sql/statement.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 30000

static char fifo[64];
static char heard[2000]; /* texts of all messages */
static char noted[2000]; /* lines of standard error */

static void
on_message(void *context, const struct message *message)
{
	(void)context;
	(void)strncat(heard, message->text, 200);
	(void)strcat(heard, "\n");
}

static void
on_note(void *context, const char *line)
{
	(void)context;
	(void)strncat(noted, line, 200);
	(void)strcat(noted, "\n");
}

/* The scripts that wait read from a pipe that nobody writes to. */
static void
set_up(void)
{
	(void)snprintf(fifo, sizeof(fifo), "/tmp/vdibackup-fifo-%ld",
	    (long)getpid());
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_int_eq(setenv("FAKE_FIFO", fifo, 1), 0);
	ck_assert_int_eq(setenv("VDIBACKUP_ENGINE", FAKE_ENGINE, 1), 0);
	heard[0] = noted[0] = '\0';
}

static void
tear_down(void)
{
	(void)unlink(fifo);
}

static struct session *
opened(const char *mode)
{
	static const char *const inject[] = { "abort,device=2", "drop" };
	struct engine_options options = { .database = "Sales",
		.kind = DATABASE_SQLITE, .place = "/x/a b.db",
		.inject = inject, .inject_count = 2, .note = on_note };
	struct session *session;
	struct error error;

	error_init(&error);
	ck_assert_int_eq(setenv("FAKE_ENGINE", mode, 1), 0);
	session = engine_session_new(&options, &error);
	ck_assert_msg(session != NULL, "%s", error.text);
	session_listen(session, on_message, NULL);
	ck_assert_msg(session_open(session, 1000, &error) == 0, "%s",
	    error.text);
	return (session);
}

static struct session *
begun(const char *mode)
{
	struct session *session = opened(mode);
	struct error error;

	error_init(&error);
	ck_assert_msg(session_begin(session, "BACKUP 'x'", STATEMENT_PROCESSED,
	    &error) == 0, "%s", error.text);
	return (session);
}

static enum session_outcome
wait_for(struct session *session)
{
	struct deadline deadline = clock_deadline(PATIENCE_MS);
	enum session_outcome outcome;

	do
		outcome = session_poll(session, 1000);
	while (outcome == SESSION_RUNNING && !clock_has_passed(deadline));
	ck_assert_int_ne(outcome, SESSION_RUNNING);
	return (outcome);
}

static void
fails_with(const char *mode, const char *words)
{
	struct session *session = begun(mode);
	struct error error;

	error_init(&error);
	ck_assert_int_eq(wait_for(session), SESSION_FAILED);
	ck_assert_int_eq(session_end(session, &error), -1);
	ck_assert_int_eq(error.kind, KIND_STATEMENT);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s: %s", mode,
	    error.text);
	session_close(session);
}

/* No child of ours is left, not even a dead one. */
static void
no_child_is_left(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(a_confirmed_statement_succeeds)
{
	struct session *session = begun("success");
	char host[256];

	ck_assert_int_eq(wait_for(session), SESSION_SUCCEEDED);
	ck_assert_int_eq(session_poll(session, 0), SESSION_SUCCEEDED);
	ck_assert_int_eq(session_end(session, NULL), 0);
	ck_assert_uint_eq(session_percent(session), 100);
	ck_assert_uint_eq(session_messages(session)->count, 3);
	ck_assert_int_eq(session_messages(session)->items[2].number, 3014);
	ck_assert_int_eq(gethostname(host, sizeof(host)), 0);
	ck_assert_str_eq(session_server(session), host);
	session_close(session);
	no_child_is_left();
}
END_TEST

START_TEST(a_second_statement_starts_afresh)
{
	struct session *session = begun("failure");
	struct error error;

	error_init(&error);
	ck_assert_int_eq(wait_for(session), SESSION_FAILED);
	ck_assert_int_eq(session_end(session, &error), -1);
	ck_assert_int_eq(setenv("FAKE_ENGINE", "success", 1), 0);
	error_init(&error);
	ck_assert_int_eq(session_begin(session, "x", 3014, &error), 0);
	ck_assert_int_eq(wait_for(session), SESSION_SUCCEEDED);
	ck_assert_int_eq(session_end(session, &error), 0);
	session_close(session);
	no_child_is_left();
}
END_TEST

START_TEST(the_engine_gets_its_arguments_unchanged)
{
	struct session *session = begun("arguments");

	ck_assert_int_eq(wait_for(session), SESSION_SUCCEEDED);
	ck_assert_str_eq(heard, "<--messages>\n<json>\n<--sqlite>\n"
	    "<Sales=/x/a b.db>\n<--inject>\n<abort,device=2>\n<--inject>\n"
	    "<drop>\n<--execute>\n<BACKUP 'x'>\n"
	    "BACKUP DATABASE successfully processed 5 pages.\n");
	session_close(session);
}
END_TEST

START_TEST(the_engine_has_a_process_group_of_its_own)
{
	struct session *session = begun("group");
	long pid;
	long group;

	ck_assert_int_eq(wait_for(session), SESSION_SUCCEEDED);
	ck_assert_int_eq(sscanf(heard, "%ld %ld", &pid, &group), 2);
	ck_assert_int_eq(pid, group);
	session_close(session);
}
END_TEST

START_TEST(failure_is_told_from_its_cause)
{
	struct session *session = begun("failure");
	struct error error;

	error_init(&error);
	ck_assert_int_eq(wait_for(session), SESSION_FAILED);
	ck_assert_int_eq(session_end(session, &error), -1);
	ck_assert_int_eq(error.code, 911);
	ck_assert_str_eq(error.text, "Database Sales does not exist (911); "
	    "Flush failure on backup device. Error 995(aborted) (18210); "
	    "BACKUP DATABASE is terminating abnormally (3013)");
	session_close(session);
}
END_TEST

START_TEST(success_needs_all_its_witnesses)
{
	fails_with("success-with-error", "detected an error on page");
	fails_with("unconfirmed", "without message 3014");
	fails_with("disagree", "ended with status 3");
	fails_with("wordless", "without saying why: the disk is on fire");
}
END_TEST

START_TEST(nonsense_is_a_failure)
{
	fails_with("garbage", "\"Segmentation fault (or so)\"");
	fails_with("after-done", "went on after its last word");
	fails_with("half", "not understood");
	fails_with("huge", "not understood");
	no_child_is_left();
}
END_TEST

START_TEST(death_is_a_failure_with_its_last_words)
{
	fails_with("die", "killed by signal 9");
	fails_with("usage", "ended with status 2 before its last word: "
	    "vdi-engine: unknown option; try --help");
	ck_assert_str_eq(noted, "vdi-engine: unknown option\ntry --help\n");
	no_child_is_left();
}
END_TEST

/* As where a parent left it so: the kernel then keeps no exit status. */
START_TEST(an_ignored_sigchld_changes_no_verdict)
{
	struct session *session;

	ck_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	session = begun("success");
	ck_assert_int_eq(wait_for(session), SESSION_SUCCEEDED);
	session_close(session);
	fails_with("die", "before its last word");
	fails_with("wordless", "without saying why");
}
END_TEST

static void
wait_for_first_message(struct session *session)
{
	struct deadline deadline = clock_deadline(PATIENCE_MS);

	while (heard[0] == '\0' && !clock_has_passed(deadline))
		ck_assert_int_eq(session_poll(session, 1000),
		    SESSION_RUNNING);
	ck_assert_str_eq(heard, "10 percent processed.\n");
}

START_TEST(a_poll_keeps_to_its_time)
{
	struct session *session = begun("quiet");
	int64_t began;

	wait_for_first_message(session);
	began = clock_now_ns();
	ck_assert_int_eq(session_poll(session, 50), SESSION_RUNNING);
	ck_assert_int_ge(clock_now_ns() - began, 50 * 1000000);
	ck_assert_uint_eq(session_percent(session), 10);
	session_close(session);
	no_child_is_left();
}
END_TEST

static void *
cancel(void *session)
{
	session_cancel(session);
	session_cancel(session);
	return (NULL);
}

START_TEST(a_cancel_from_another_thread_ends_the_statement)
{
	struct session *session = begun("quiet");
	struct error error;
	pthread_t thread;

	error_init(&error);
	wait_for_first_message(session);
	ck_assert_int_eq(pthread_create(&thread, NULL, cancel, session), 0);
	ck_assert_int_eq(wait_for(session), SESSION_FAILED);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(session_end(session, &error), -1);
	ck_assert_str_eq(error.text, "stopped (3013)");
	/* When it is over there is nobody to be signalled. */
	session_cancel(session);
	session_close(session);
	no_child_is_left();
}
END_TEST

START_TEST(an_engine_that_does_not_listen_is_killed)
{
	struct session *session = begun("deaf");
	struct error error;

	error_init(&error);
	wait_for_first_message(session);
	session_cancel(session);
	ck_assert_int_eq(wait_for(session), SESSION_FAILED);
	ck_assert_int_eq(session_end(session, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "killed by signal 9"));
	session_close(session);
	no_child_is_left();
}
END_TEST

START_TEST(close_ends_even_an_engine_that_does_not_listen)
{
	struct session *session = begun("deaf");
	int64_t began;

	wait_for_first_message(session);
	began = clock_now_ns();
	session_close(session);
	ck_assert_int_lt(clock_now_ns() - began, INT64_C(20000000000));
	no_child_is_left();
}
END_TEST

START_TEST(an_engine_that_does_not_go_away_has_not_succeeded)
{
	fails_with("linger", "killed by signal 9");
	no_child_is_left();
}
END_TEST

START_TEST(a_missing_engine_is_a_connection_that_failed)
{
	struct engine_options options = { .database = "d", .place = "p" };
	struct session *session;
	struct error error;

	error_init(&error);
	ck_assert_int_eq(setenv("VDIBACKUP_ENGINE", "/nowhere/engine", 1), 0);
	session = engine_session_new(&options, &error);
	ck_assert_int_eq(session_open(session, 1000, &error), -1);
	ck_assert_int_eq(error.kind, KIND_CONNECT);
	ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/engine"));
	ck_assert_ptr_nonnull(strstr(error.hint, "VDIBACKUP_ENGINE"));
	session_close(session);

	/* Beside the test program there is none either, nor in this PATH. */
	error_init(&error);
	ck_assert_int_eq(unsetenv("VDIBACKUP_ENGINE"), 0);
	ck_assert_int_eq(setenv("PATH", "/nowhere::/dev", 1), 0);
	session = engine_session_new(&options, &error);
	ck_assert_int_eq(session_open(session, 1000, &error), -1);
	ck_assert_int_eq(error.kind, KIND_CONNECT);
	ck_assert_ptr_nonnull(strstr(error.hint, "VDIBACKUP_ENGINE"));
	session_close(session);
	session_close(NULL);
}
END_TEST

START_TEST(a_program_that_cannot_start_is_a_connection_that_failed)
{
	struct engine_options options = { .database = "d", .place = "p",
		.program = "/" };
	struct session *session;
	struct error error;

	if (under_valgrind())
		return;
	error_init(&error);
	/* It may be executed, says its mode, but it is no program. */
	session = engine_session_new(&options, &error);
	ck_assert_int_eq(session_open(session, 1000, &error), 0);
	ck_assert_int_eq(session_begin(session, "x", 0, &error), -1);
	ck_assert_int_eq(error.kind, KIND_CONNECT);
	session_close(session);
	no_child_is_left();
}
END_TEST

START_TEST(lines_are_understood_or_refused)
{
	static const char *const bad[] = { "", "x", "[]", "\"done\"", "{}",
		"{\"event\":1}", "{\"event\":\"end\"}",
		"{\"event\":\"done\"}", "{\"event\":\"done\",\"status\":2}",
		"{\"event\":\"done\",\"status\":\"0\"}",
		"{\"event\":\"done\",\"status\":0}{}",
		"{\"event\":\"message\",\"number\":1,\"level\":0,\"state\":1,"
		"\"line\":1}",
		"{\"event\":\"message\",\"number\":99999999999,\"level\":0,"
		"\"state\":1,\"line\":1,\"text\":\"x\"}",
		"{\"event\":\"message\",\"number\":1,\"level\":0,\"state\":1,"
		"\"line\":1,\"text\":null}" };
	struct engine_line line;
	struct error error;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		error_init(&error);
		ck_assert_msg(engine_line_decode(&line, bad[i],
		    strlen(bad[i]), &error) == -1, "%s", bad[i]);
		ck_assert_ptr_null(line.message.text);
		ck_assert_int_eq(error.kind, KIND_STATEMENT);
	}
	ck_assert_int_eq(engine_line_decode(&line, "{\"event\":\"row\"}", 15,
	    &error), 0);
	ck_assert_int_eq(line.kind, ENGINE_LINE_ROWS);
}
END_TEST

TCase *
engine_tests(void)
{
	TCase *tcase = tcase_create("engine");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_confirmed_statement_succeeds);
	tcase_add_test(tcase, a_second_statement_starts_afresh);
	tcase_add_test(tcase, the_engine_gets_its_arguments_unchanged);
	tcase_add_test(tcase, the_engine_has_a_process_group_of_its_own);
	tcase_add_test(tcase, failure_is_told_from_its_cause);
	tcase_add_test(tcase, success_needs_all_its_witnesses);
	tcase_add_test(tcase, nonsense_is_a_failure);
	tcase_add_test(tcase, death_is_a_failure_with_its_last_words);
	tcase_add_test(tcase, an_ignored_sigchld_changes_no_verdict);
	tcase_add_test(tcase, a_poll_keeps_to_its_time);
	tcase_add_test(tcase, a_cancel_from_another_thread_ends_the_statement);
	tcase_add_test(tcase, an_engine_that_does_not_listen_is_killed);
	tcase_add_test(tcase, close_ends_even_an_engine_that_does_not_listen);
	tcase_add_test(tcase,
	    an_engine_that_does_not_go_away_has_not_succeeded);
	tcase_add_test(tcase, a_missing_engine_is_a_connection_that_failed);
	tcase_add_test(tcase,
	    a_program_that_cannot_start_is_a_connection_that_failed);
	tcase_add_test(tcase, lines_are_understood_or_refused);
	return (tcase);
}
