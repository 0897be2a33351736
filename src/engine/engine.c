/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/engine.h"

#include "base/fault_use.h"
#include "engine/backup.h"
#include "engine/capture.h"
#include "engine/message.h"
#include "engine/operation.h"
#include "engine/restore.h"
#include "engine/stream.h"
#include "engine/tsql.h"

#include <stdlib.h>

/* What stands for the statement's database.  VERIFYONLY names none: the only
 * one that there is, if it has streams that no reader of ours could tell. */
static const struct options_database *
find_database(const struct tsql_statement *statement,
    const struct options *options)
{
	const struct options_database *only = &options->databases[0];

	if (statement->database != NULL)
		return (options_find(options, statement->database));
	if (statement->verb == TSQL_VERIFYONLY &&
	    options->database_count == 1 && stream_is_kind(only->is.kind))
		return (only);
	return (NULL);
}

/* What SQLite has not, and a recording may be of. */
static bool
is_refused_by_sqlite(const struct tsql_statement *statement,
    struct report *report)
{
	if (statement->verb == TSQL_BACKUP_LOG) {
		report_message(report, MESSAGE_NO_LOG, "BACKUP LOG", NULL);
		return (true);
	}
	if (statement->verb == TSQL_RESTORE_LOG) {
		report_message(report, MESSAGE_NO_STATEMENT, "RESTORE LOG",
		    NULL);
		return (true);
	}
	if (statement->differential) {
		report_message(report, MESSAGE_NO_DIFFERENTIAL,
		    statement->database, NULL);
		return (true);
	}
	return (false);
}

/* Statements that parse and cannot be done; true: told and refused. */
static bool
is_refused(const struct tsql_statement *statement,
    const struct options_database *database, struct report *report)
{
	if ((database == NULL || !stream_is_kind(database->is.kind)) &&
	    is_refused_by_sqlite(statement, report))
		return (true);
	if (statement->compression) {
		report_message(report, MESSAGE_NO_COMPRESSION,
		    "BACKUP DATABASE WITH COMPRESSION", NULL);
		return (true);
	}
	if (statement->snapshot && statement->device_count != 1) {
		report_message(report, MESSAGE_SNAPSHOT_DEVICES, NULL);
		return (true);
	}
	if (statement->refused != NULL) {
		report_message(report, MESSAGE_NOT_DONE_HERE,
		    statement->refused, NULL);
		return (true);
	}
	if (statement->database != NULL && database == NULL) {
		report_message(report, MESSAGE_NO_DATABASE,
		    statement->database, NULL);
		return (true);
	}
	return (false);
}

static void
run(const struct tsql_statement *statement, struct options *options,
    const struct options_database *database, struct report *report,
    enum engine_signals signals)
{
	struct operation *operation = calloc(1, sizeof(*operation));
	struct error error;
	struct stop stop;

	if (operation == NULL) {
		report_message(report, MESSAGE_NO_MEMORY, NULL);
		return;
	}
	error_init(&error);
	stop_init(&stop);
	operation_init(operation, options, statement, report, &stop);
	if (database != NULL && database->is.path_count > 0)
		operation->file = database->is.paths[0];
	if (signals == ENGINE_SIGNALS_CANCEL &&
	    stop_watch(&stop, operation_cancel, operation, &error) != 0)
		report_message(report, MESSAGE_NO_MEMORY, NULL);
	else if (database != NULL && stream_is_kind(database->is.kind))
		stream_run(operation, database);
	else if (statement->verb != TSQL_BACKUP_DATABASE)
		restore_run(operation);
	else if (statement->snapshot)
		capture_run(operation);
	else
		backup_run(operation);
	/* The watcher knows the operation. */
	stop_release(&stop);
	operation_release(operation);
	free(operation);
}

int
engine_run(const char *text, struct options *options, struct report *report,
    enum engine_signals signals, struct error *error)
{
	const struct options_database *database;
	struct tsql_statement statement;
	struct tsql_error wrong;

	if (tsql_parse(text, &statement, &wrong) != 0) {
		report_message(report, wrong.number, wrong.first, wrong.second,
		    NULL);
		tsql_release(&statement);
		return (1);
	}
	if (fault_plan_check(&options->faults, FAULT_SIDE_ENGINE,
	    tsql_is_backup(statement.verb) ? FAULT_DIRECTION_BACKUP :
	    FAULT_DIRECTION_RESTORE, error) != 0) {
		tsql_release(&statement);
		return (-1);
	}
	database = find_database(&statement, options);
	if (!is_refused(&statement, database, report))
		run(&statement, options, database, report, signals);
	if (report_has_error(report))
		report_message(report, MESSAGE_TERMINATING,
		    tsql_verb_name(statement.verb), NULL);
	tsql_release(&statement);
	return (report_has_error(report) ? 1 : 0);
}
