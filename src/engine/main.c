/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/fd.h"
#include "base/port/shmguard.h"
#include "engine/engine.h"
#include "engine/options.h"
#include "engine/report.h"
#include "engine/sample.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2
#define STATEMENT_MAX (1u << 20)

static void
complain(const struct error *error)
{
	fprintf(stderr, "vdi-engine: %s\n", error->text);
	if (error->hint[0] != '\0')
		fprintf(stderr, "vdi-engine: hint: %s\n", error->hint);
}

static void
announce(void *context, const char *text, const char *where)
{
	(void)context;
	fprintf(stderr, "vdi-engine: fault drill: %s fired, %s\n", text, where);
}

/* The statement on standard input; owned by the caller. */
static char *
read_statement(struct error *error)
{
	char *text = malloc(STATEMENT_MAX + 1);
	size_t got;

	if (text == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	if (fd_read_all(STDIN_FILENO, text, STATEMENT_MAX, &got,
	    "standard input", error) != 0) {
		free(text);
		return (NULL);
	}
	text[got] = '\0';
	if (got < STATEMENT_MAX && strlen(text) == got)
		return (text);
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "what standard input has is not a statement"));
	free(text);
	return (NULL);
}

static int
make_sample(const struct options *options, struct error *error)
{
	struct sample_counts counts;

	if (sample_make(options->sample, options->sample_bytes, false,
	    &counts, error) != 0)
		return (STATUS_FAILED);
	printf("%s: %lld customers, %lld products, %lld orders, %llu bytes\n",
	    options->sample, (long long)counts.customers,
	    (long long)counts.products, (long long)counts.orders,
	    (unsigned long long)counts.bytes);
	return (0);
}

static int
run(struct options *options, struct error *error)
{
	struct report *report = report_new(options->form, stdout);
	char *owned = NULL;
	int status = STATUS_FAILED;

	if (report == NULL)
		return (error_memory(error));
	if (options->statement == NULL)
		owned = read_statement(error);
	if (options->statement != NULL || owned != NULL) {
		status = engine_run(options->statement != NULL ?
		    options->statement : owned, options, report,
		    ENGINE_SIGNALS_CANCEL, error);
		if (status < 0)
			status = STATUS_USAGE;
		else if (report_done(report, status, error) != 0)
			status = STATUS_FAILED;
	} else if (error->kind == KIND_USAGE) {
		status = STATUS_USAGE;
	}
	free(owned);
	report_free(report);
	return (status);
}

int
main(int argc, char **argv)
{
	struct options options;
	struct error error;
	int status = 0;

	error_init(&error);
	options_init(&options);
	options.faults.announce = announce;
	/* Whoever reads our messages may go once there is a client (stop.h). */
	(void)signal(SIGPIPE, SIG_IGN);
	/* Where it fails, a set that is cut short ends the process. */
	IGNORE_RESULT(port_shmguard_install());
	if (fd_occupy_standard(&error) != 0)
		status = STATUS_FAILED;
	else if (options_parse(&options, argc, argv, &error) != 0)
		status = STATUS_USAGE;
	else if (options.action == OPTIONS_SAMPLE)
		status = make_sample(&options, &error);
	else if (options.action == OPTIONS_HELP)
		options_help(stdout);
	else if (options.action == OPTIONS_VERSION)
		printf("vdi-engine %s\nSQLite %s\n", PACKAGE_VERSION,
		    sqlite3_libversion());
	else
		status = run(&options, &error);
	if (error_is_set(&error))
		complain(&error);
	options_release(&options);
	if (fflush(stdout) != 0 && status == 0)
		status = STATUS_FAILED;
	return (status < 0 ? STATUS_FAILED : status);
}
