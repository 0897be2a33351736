/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what happened is said in full, in order, and in one piece. */
#include <config.h>

#include "cli/columns.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/report_json.h"
#include "cli/report_text.h"
#include "cli/signals.h"
#include "runtime/vdi.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A result of a job that failed at the server. */
static void
fill_failed(struct job_result *result, struct job_message messages[3])
{
	memset(result, 0, sizeof(*result));
	messages[0] = (struct job_message){ 3013, 16,
		(char *)"BACKUP DATABASE is terminating abnormally." };
	messages[1] = (struct job_message){ 3202, 16,
		(char *)"Write on \"x\" failed: 112" };
	messages[2] = (struct job_message){ 4035, 0,
		(char *)"Processed 8 pages" };
	result->messages = messages;
	result->message_count = 3;
	result->leftover = (char *)"/st/h/A/x.partial";
	strcpy(result->phase, "transfer");
	IGNORE_RESULT(error_set(&result->error, KIND_STATEMENT, ORIGIN_VDI,
	    (long)(uint32_t)VD_E_ABORT, "stripe \"a\nb\" of 2"));
	error_hint(&result->error, "make room");
	IGNORE_RESULT(error_set(&result->notes[0], KIND_PROVIDER, ORIGIN_VDI,
	    (long)(uint32_t)VD_E_PROTOCOL, "device 2 as well"));
	result->note_count = 1;
}

static void
comes_before(const char *text, const char *first, const char *second)
{
	const char *one = strstr(text, first);
	const char *other = strstr(text, second);

	ck_assert_msg(one != NULL, "no %s in: %s", first, text);
	ck_assert_msg(other != NULL, "no %s in: %s", second, text);
	ck_assert_msg(one < other, "%s is not first in: %s", first, text);
}

/* What a server has done stays done, whatever became of the job. */
START_TEST(a_failure_after_the_servers_success_says_so)
{
	struct job_message messages[3];
	struct job_result result;
	struct str text;

	fill_failed(&result, messages);
	result.server_succeeded = true;
	str_init(&text);
	report_text_failure(&text, "backup", &result);
	ck_assert_ptr_nonnull(strstr(text.text, "server      it reported "
	    "success: to the server this is a backup\n"));
	str_clear(&text);
	report_text_failure(&text, "restore", &result);
	ck_assert_ptr_nonnull(strstr(text.text, "server      it reported "
	    "success: what it has done stands\n"));
	str_release(&text);
}
END_TEST

START_TEST(a_failure_is_told_cause_first_and_remedy_last)
{
	struct job_message messages[3];
	struct job_result result;
	struct str text;

	fill_failed(&result, messages);
	str_init(&text);
	report_text_failure(&text, "backup", &result);
	comes_before(text.text, "error: stripe \"a\\nb\" of 2\n", "transfer");
	comes_before(text.text, "transfer", "VD_E_ABORT (0x80770004)");
	comes_before(text.text, "VD_E_ABORT", "3202, level 16");
	comes_before(text.text, "3202, level 16", "3013, level 16");
	comes_before(text.text, "3013, level 16", "device 2 as well");
	comes_before(text.text, "device 2 as well", "/st/h/A/x.partial");
	comes_before(text.text, "/st/h/A/x.partial", "make room\n");
	ck_assert_ptr_null(strstr(text.text, "4035"));
	str_release(&text);
}
END_TEST

START_TEST(a_summary_has_place_sizes_and_rate)
{
	struct job_result result;
	struct str text;

	memset(&result, 0, sizeof(result));
	result.database = (char *)"Shop";
	strcpy(result.type, "full");
	result.path = (char *)"/st/h/Shop/x";
	result.raw_bytes = 256u << 20;
	result.stored_bytes = 64u << 20;
	result.elapsed_ns = INT64_C(3) * 1000000000;
	result.transfer_ns = INT64_C(2) * 1000000000;
	result.devices = 4;
	str_init(&text);
	report_text_summary(&text, "backup", &result);
	ck_assert_str_eq(text.text, "backup done: \"Shop\" (full)\n"
	    "  where       /st/h/Shop/x\n"
	    "  size        256.0 MiB, 64.0 MiB stored (4.00 to 1)\n"
	    "  time        3.0 s, 128.0 MiB/s while data flowed, "
	    "4 devices\n");
	str_release(&text);
}
END_TEST

START_TEST(a_summary_tells_levels_that_were_chosen)
{
	struct job_result result;
	struct str text;

	memset(&result, 0, sizeof(result));
	result.has_levels = true;
	result.levels.summary = (struct adapt_summary){ .bounds = { 1, 9 },
		.lowest = 2, .highest = 9, .last = 8, .mean = 7.46 };
	str_init(&text);
	report_text_summary(&text, "backup", &result);
	ck_assert_ptr_null(strstr(text.text, "level"));
	result.levels.automatic = true;
	report_text_summary(&text, "backup", &result);
	ck_assert_ptr_nonnull(strstr(text.text, "  level       7.5 on "
	    "average, 2 to 9, 8 at last (auto:1..9)\n"));
	str_release(&text);
}
END_TEST

START_TEST(what_was_used_is_a_line_of_the_summary)
{
	struct port_use use = { INT64_C(1500000000), 80u << 20 };
	struct str text;

	str_init(&text);
	report_text_use(&text, &use);
	ck_assert_str_eq(text.text, "  used        1.5 s of the processor, "
	    "80.0 MiB of memory at most\n");
	use.peak_bytes = 0;
	str_clear(&text);
	report_text_use(&text, &use);
	ck_assert_str_eq(text.text, "  used        1.5 s of the processor\n");
	str_release(&text);
}
END_TEST

static json_t *
member(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	ck_assert_msg(value != NULL, "no \"%s\"", key);
	return (value);
}

START_TEST(a_verdict_in_json_says_as_much)
{
	struct job_message messages[3];
	struct job_stripe stripe = { .file = (char *)"s\xFF", .raw_bytes = 9,
		.sha256 = "ab" };
	struct job_result result;
	json_t *verdict;
	json_t *error;

	fill_failed(&result, messages);
	result.stripes = &stripe;
	result.stripe_count = 1;
	result.devices = 2;
	result.devices_closed = 1;
	verdict = report_json_verdict("backup", &result.error, 0);
	report_json_add_job(verdict, &result);
	ck_assert_str_eq(json_string_value(member(verdict, "event")),
	    "result");
	ck_assert_str_eq(json_string_value(member(verdict, "status")),
	    "statement");
	ck_assert_int_eq(json_integer_value(member(verdict, "exit_code")), 1);
	ck_assert(json_is_null(member(verdict, "signal")));
	error = member(verdict, "error");
	ck_assert_str_eq(json_string_value(member(error, "origin")), "vdi");
	ck_assert_str_eq(json_string_value(member(error, "name")),
	    "VD_E_ABORT");
	ck_assert_int_eq(json_integer_value(member(error, "code")),
	    0x80770004);
	ck_assert_str_eq(json_string_value(member(error, "hint")),
	    "make room");
	ck_assert_int_eq(json_integer_value(member(member(verdict,
	    "witnesses"), "devices_closed")), 1);
	ck_assert_str_eq(json_string_value(member(json_array_get(member(
	    verdict, "stripes"), 0), "file")), "s\xEF\xBF\xBD");
	ck_assert_uint_eq(json_array_size(member(verdict, "messages")), 3);
	ck_assert_str_eq(json_string_value(member(json_array_get(member(
	    verdict, "notes"), 0), "name")), "VD_E_PROTOCOL");
	json_decref(verdict);
	verdict = report_json_verdict("backup", &result.error, SIGTERM);
	ck_assert_int_eq(json_integer_value(member(verdict, "exit_code")),
	    128 + SIGTERM);
	ck_assert_str_eq(json_string_value(member(verdict, "signal")),
	    "SIGTERM");
	json_decref(verdict);
}
END_TEST

START_TEST(json_is_one_line_or_a_failure)
{
	struct job_event event = { .type = JOB_EVENT_WARNING,
		.text = "a\nb" };
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	FILE *full = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(report_json_write(to,
	    report_json_of_event(&event)), 0);
	/* A member that could not be made is not passed over in silence. */
	event.type = JOB_EVENT_PHASE;
	{
		json_t *object = report_json_of_event(&event);

		report_json_set(object, "lost", NULL);
		ck_assert_int_eq(report_json_write(to, object), -1);
	}
	ck_assert_int_eq(report_json_write(to, NULL), -1);
	ck_assert_int_eq(fclose(to), 0);
	ck_assert_str_eq(text,
	    "{\"event\":\"warning\",\"text\":\"a\\nb\"}\n"
	    "{\"event\":\"phase\",\"phase\":\"a\\nb\",\"incomplete\":true}\n");
	free(text);
	if (full != NULL) {
		ck_assert_int_eq(report_json_write(full,
		    report_json_of_event(&event)), -1);
		(void)fclose(full);
	}
}
END_TEST

START_TEST(progress_is_silent_where_nobody_watches)
{
	struct job_event event = { .type = JOB_EVENT_PROGRESS, .percent = 45,
		.raw_bytes = 256u << 20, .stored_bytes = 64u << 20,
		.elapsed_ns = INT64_C(1000000000) };
	struct progress progress;
	FILE *to = tmpfile();
	char line[128];

	ck_assert_ptr_nonnull(to);
	progress_init(&progress, to, PROGRESS_AUTO);
	progress_update(&progress, &event);
	progress_init(&progress, to, PROGRESS_NEVER);
	progress_update(&progress, &event);
	ck_assert_int_eq(ftell(to), 0);
	progress_init(&progress, to, PROGRESS_ALWAYS);
	progress_update(&progress, &event);
	/* Too soon. */
	progress_update(&progress, &event);
	progress_clear(&progress);
	rewind(to);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), to));
	ck_assert_str_eq(line, "vdibackup: 45%, 256.0 MiB, 64.0 MiB stored, "
	    "256.0 MiB/s, 1.2 s left\n");
	ck_assert_ptr_null(fgets(line, sizeof(line), to));
	(void)fclose(to);
}
END_TEST

static void *
tell_often(void *context)
{
	struct job_event event = { .type = JOB_EVENT_WARNING,
		.text = "one of many" };
	int i;

	for (i = 0; i < 200; i++)
		report_event(context, &event);
	return (NULL);
}

/* Lines from many threads are whole, and all there, in the log as well. */
START_TEST(lines_of_many_threads_are_whole)
{
	char path[] = "/tmp/vdibackup-cli-XXXXXX";
	struct report_options options = { .command = "verify",
		.quiet = true, .log_file = path };
	struct error error;
	struct report *report;
	pthread_t threads[4];
	char line[128];
	unsigned lines = 0;
	FILE *log;
	size_t i;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	error_init(&error);
	report = report_open(&options, &error);
	ck_assert_ptr_nonnull(report);
	for (i = 0; i < ARRAY_COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, tell_often,
		    report), 0);
	for (i = 0; i < ARRAY_COUNT(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	report_close(report);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (fgets(line, sizeof(line), log) != NULL) {
		ck_assert_str_eq(line + strlen("2026-11-24T07:30:00.123Z "),
		    "warning: one of many\n");
		lines++;
	}
	(void)fclose(log);
	(void)unlink(path);
	ck_assert_uint_eq(lines, 800);
}
END_TEST

START_TEST(a_signal_asks_to_stop)
{
	signals_begin();
	ck_assert_int_eq(*signals_stop(), 0);
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(*signals_stop(), SIGTERM);
	ck_assert_int_eq(signals_caught(), SIGTERM);
	ck_assert_str_eq(signals_name(SIGTERM), "SIGTERM");
	signals_end();
}
END_TEST

/* The status of a child that does this. */
static int
status_of_child(void (*act)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		act();
		_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return (status);
}

static void
raise_twice(void)
{
	signals_begin();
	(void)raise(SIGINT);
	(void)raise(SIGINT);
}

static void
raise_and_reraise(void)
{
	signals_begin();
	(void)raise(SIGHUP);
	signals_end();
	signals_reraise(signals_caught());
}

static void
raise_ignored(void)
{
	(void)signal(SIGHUP, SIG_IGN);
	signals_begin();
	(void)raise(SIGHUP);
	_exit(signals_caught() == 0 ? 0 : 98);
}

static void
write_to_closed_pipe(void)
{
	int ends[2];

	if (pipe(ends) != 0)
		_exit(97);
	signals_begin();
	(void)close(ends[0]);
	_exit(write(ends[1], "", 1) == -1 && errno == EPIPE ? 0 : 96);
}

START_TEST(signals_end_the_process_as_they_should)
{
	int status = status_of_child(raise_twice);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGINT);
	status = status_of_child(raise_and_reraise);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGHUP);
	status = status_of_child(raise_ignored);
	ck_assert_int_eq(status, 0);
	status = status_of_child(write_to_closed_pipe);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(types_bear_the_numbers_of_the_server)
{
	static const struct {
		char type;
		int number;
		const char *description;
	} types[] = {
		{ 'D', 1, "Database" },
		{ 'L', 2, "Transaction Log" },
		{ 'F', 4, "File or Filegroup" },
		{ 'I', 5, "Database Differential" },
		{ 'G', 6, "File Differential" },
		{ 'P', 7, "Partial" },
		{ 'Q', 8, "Partial Differential" },
	};
	struct mtf_set set;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(types); i++) {
		json_t *object;

		mtf_set_init(&set);
		set.type = types[i].type;
		object = columns_of_set(&set);
		ck_assert_int_eq(json_integer_value(member(object,
		    "BackupType")), types[i].number);
		ck_assert_str_eq(json_string_value(member(object,
		    "BackupTypeDescription")), types[i].description);
		json_decref(object);
	}
}
END_TEST

START_TEST(columns_bear_the_names_of_the_server)
{
	struct mtf_set set;
	json_t *object;

	mtf_set_init(&set);
	strcpy(set.database, "Shop");
	set.type = 'I';
	set.first_lsn = (struct mtf_lsn){ 81, 102, 36 };
	object = columns_of_set(&set);
	ck_assert_str_eq(json_string_value(member(object, "DatabaseName")),
	    "Shop");
	ck_assert_int_eq(json_integer_value(member(object, "BackupType")), 5);
	ck_assert_str_eq(json_string_value(member(object, "FirstLSN")),
	    "81000000010200036");
	ck_assert(json_is_null(member(object, "BackupName")));
	ck_assert(json_is_false(member(object, "IsCopyOnly")));
	json_decref(object);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cli-report");
	TCase *tcase = tcase_create("report");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase,
	    a_failure_is_told_cause_first_and_remedy_last);
	tcase_add_test(tcase, a_failure_after_the_servers_success_says_so);
	tcase_add_test(tcase, a_summary_has_place_sizes_and_rate);
	tcase_add_test(tcase, a_summary_tells_levels_that_were_chosen);
	tcase_add_test(tcase, what_was_used_is_a_line_of_the_summary);
	tcase_add_test(tcase, a_verdict_in_json_says_as_much);
	tcase_add_test(tcase, json_is_one_line_or_a_failure);
	tcase_add_test(tcase, progress_is_silent_where_nobody_watches);
	tcase_add_test(tcase, lines_of_many_threads_are_whole);
	tcase_add_test(tcase, a_signal_asks_to_stop);
	tcase_add_test(tcase, signals_end_the_process_as_they_should);
	tcase_add_test(tcase, types_bear_the_numbers_of_the_server);
	tcase_add_test(tcase, columns_bear_the_names_of_the_server);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
