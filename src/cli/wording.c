/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/wording.h"

#include "cli/command.h"
#include "cli/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETAIN_DAYS_MAX 99999

void
wording_init(struct wording *wording)
{
	memset(wording, 0, sizeof(*wording));
}

void
wording_release(struct wording *wording)
{
	size_t i;

	for (i = 0; i < wording->text_count; i++)
		free(wording->texts[i]);
	free(wording->texts);
	free(wording->moves);
	wording_init(wording);
}

/* A copy of the first length bytes of text; NULL with the error. */
static const char *
keep(struct wording *wording, const char *text, size_t length,
    struct error *error)
{
	char **grown = realloc(wording->texts,
	    (wording->text_count + 1) * sizeof(*grown));
	char *copy;

	if (grown != NULL)
		wording->texts = grown;
	copy = grown != NULL ? strndup(text, length) : NULL;
	if (copy == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	grown[wording->text_count++] = copy;
	return (copy);
}

static int
bad(const struct arguments *arguments, enum option_id id, const char *value,
    const char *wanted, struct error *error)
{
	return (common_usage(arguments, error, "'--%s' cannot be \"%s\": it "
	    "takes %s", option_at(id)->name, value, wanted));
}

/* ---- both ways ------------------------------------------------------ */

static void
fill_parts(struct statement_parts *parts, const struct arguments *arguments)
{
	parts->files = (const char *const *)arguments->lists[OPTION_FILE];
	parts->file_count = arguments->counts[OPTION_FILE];
	parts->filegroups = (const char *const *)
	    arguments->lists[OPTION_FILEGROUP];
	parts->filegroup_count = arguments->counts[OPTION_FILEGROUP];
	parts->read_write = arguments_has(arguments,
	    OPTION_READ_WRITE_FILEGROUPS);
}

/* --checksum and --no-checksum over what there was. */
static void
choose_checksum(enum statement_choice *choice,
    const struct arguments *arguments)
{
	if (arguments_has(arguments, OPTION_CHECKSUM))
		*choice = STATEMENT_YES;
	else if (arguments_has(arguments, OPTION_NO_CHECKSUM))
		*choice = STATEMENT_NO;
}

static int
hint(const struct arguments *arguments, int result, struct error *error)
{
	if (result != 0)
		error_hint(error, "try 'vdibackup %s --help'",
		    arguments->command->name);
	return (result);
}

/* ---- backup --------------------------------------------------------- */

/* ALGORITHM[:LEVEL] */
static int
fill_compression(struct wording *wording, struct statement_backup *to,
    const struct arguments *arguments, struct error *error)
{
	const char *text = arguments_text(arguments,
	    OPTION_SERVER_COMPRESSION);
	size_t length;

	if (!arguments_has(arguments, OPTION_SERVER_COMPRESSION))
		return (0);
	to->compression = STATEMENT_YES;
	if (text == NULL)
		return (0);
	length = strcspn(text, ":");
	if (text[length] == ':')
		to->compression_level = text + length + 1;
	to->compression_algorithm = keep(wording, text, length, error);
	return (to->compression_algorithm != NULL ? 0 : -1);
}

/* ALGORITHM,certificate=NAME or ALGORITHM,asymmetric-key=NAME */
static int
fill_encryption(struct wording *wording, struct statement_encryption *to,
    const struct arguments *arguments, struct error *error)
{
	static const char certificate[] = "certificate=";
	static const char key[] = "asymmetric-key=";
	const char *text = arguments_text(arguments, OPTION_ENCRYPT);
	const char *by;
	size_t length;

	if (text == NULL)
		return (0);
	length = strcspn(text, ",");
	by = text[length] == ',' ? text + length + 1 : "";
	if (strncmp(by, certificate, strlen(certificate)) == 0)
		to->certificate = by + strlen(certificate);
	else if (strncmp(by, key, strlen(key)) == 0)
		to->asymmetric_key = by + strlen(key);
	else
		return (bad(arguments, OPTION_ENCRYPT, text,
		    "ALGORITHM,certificate=NAME or "
		    "ALGORITHM,asymmetric-key=NAME", error));
	to->algorithm = keep(wording, text, length, error);
	return (to->algorithm != NULL ? 0 : -1);
}

int
wording_fill_backup(struct wording *wording,
    struct statement_backup *statement, const struct arguments *arguments,
    struct error *error)
{
	static const char *const types[] = {
		[STATEMENT_FULL] = "full",
		[STATEMENT_DIFF] = "diff",
		[STATEMENT_LOG] = "log",
		NULL
	};
	static const int64_t days[2] = { 1, RETAIN_DAYS_MAX };
	int type = STATEMENT_FULL;
	int64_t retain_days = 0;

	if (arguments_choice(arguments, OPTION_TYPE, types, &type,
	        error) != 0 ||
	    arguments_number(arguments, OPTION_RETAIN_DAYS, days,
	        &retain_days, error) != 0 ||
	    fill_compression(wording, statement, arguments, error) != 0 ||
	    fill_encryption(wording, &statement->encryption, arguments,
	        error) != 0)
		return (-1);
	statement->database = arguments_text(arguments, OPTION_DATABASE);
	statement->type = (enum statement_type)type;
	statement->retain_days = (unsigned)retain_days;
	fill_parts(&statement->parts, arguments);
	choose_checksum(&statement->checksum, arguments);
	statement->copy_only = arguments_has(arguments, OPTION_COPY_ONLY);
	statement->tail = arguments_has(arguments, OPTION_TAIL);
	statement->standby_file = arguments_text(arguments, OPTION_STANDBY);
	statement->continue_after_error = arguments_has(arguments,
	    OPTION_CONTINUE_AFTER_ERROR);
	statement->name = arguments_text(arguments, OPTION_NAME);
	statement->description = arguments_text(arguments,
	    OPTION_DESCRIPTION);
	statement->expire_date = arguments_text(arguments,
	    OPTION_EXPIRE_DATE);
	statement->extra = arguments_text(arguments, OPTION_WITH);
	return (hint(arguments, statement_check_backup(statement, error),
	    error));
}

/* ---- restore -------------------------------------------------------- */

/* LOGICAL=PATH, each time. */
static int
fill_moves(struct wording *wording, struct statement_restore *to,
    const struct arguments *arguments, struct error *error)
{
	size_t count = arguments->counts[OPTION_MOVE];
	size_t i;

	if (count == 0)
		return (0);
	wording->moves = calloc(count, sizeof(*wording->moves));
	if (wording->moves == NULL)
		return (error_memory(error));
	for (i = 0; i < count; i++) {
		const char *text = arguments->lists[OPTION_MOVE][i];
		const char *equals = strchr(text, '=');
		struct statement_move *move = &wording->moves[i];

		if (equals == NULL || equals == text || equals[1] == '\0')
			return (bad(arguments, OPTION_MOVE, text,
			    "LOGICAL=PATH", error));
		move->logical = keep(wording, text, (size_t)(equals - text),
		    error);
		if (move->logical == NULL)
			return (-1);
		move->path = equals + 1;
	}
	to->moves = wording->moves;
	to->move_count = count;
	return (0);
}

static int
fill_recovery(struct statement_restore *to, const struct arguments *arguments,
    struct error *error)
{
	static const char *const brokers[] = {
		[STATEMENT_BROKER_ENABLE - 1] = "enable",
		[STATEMENT_BROKER_NEW - 1] = "new",
		[STATEMENT_BROKER_ERROR_CONVERSATIONS - 1] =
		    "error-conversations",
		NULL
	};
	int broker = STATEMENT_BROKER_UNSAID - 1;

	if (arguments_exclude(arguments, OPTION_NORECOVERY, OPTION_STANDBY,
	        "a database that waits for more is either closed or readable",
	        error) != 0 ||
	    arguments_choice(arguments, OPTION_BROKER, brokers, &broker,
	        error) != 0)
		return (-1);
	to->broker = (enum statement_broker)(broker + 1);
	to->standby_file = arguments_text(arguments, OPTION_STANDBY);
	if (to->standby_file != NULL)
		to->recovery = STATEMENT_STANDBY;
	else if (arguments_has(arguments, OPTION_NORECOVERY))
		to->recovery = STATEMENT_NORECOVERY;
	to->restricted_user = arguments_has(arguments,
	    OPTION_RESTRICTED_USER);
	to->keep_replication = arguments_has(arguments,
	    OPTION_KEEP_REPLICATION);
	to->keep_cdc = arguments_has(arguments, OPTION_KEEP_CDC);
	return (0);
}

/* --stop-at takes a time, or an LSN, which T-SQL has as a mark. */
static int
fill_stop(struct wording *wording, struct statement_restore *to,
    const struct arguments *arguments, struct error *error)
{
	static const char lsn[] = "lsn:";
	const char *at = arguments_text(arguments, OPTION_STOP_AT);
	char text[64];

	to->stop_at_mark = arguments_text(arguments, OPTION_STOP_AT_MARK);
	to->stop_before_mark = arguments_text(arguments,
	    OPTION_STOP_BEFORE_MARK);
	to->mark_after = arguments_text(arguments, OPTION_MARK_AFTER);
	if (at == NULL)
		return (0);
	if (arguments_exclude(arguments, OPTION_STOP_AT, OPTION_STOP_AT_MARK,
	        "a restore stops once", error) != 0)
		return (-1);
	if (strncmp(at, lsn, strlen(lsn)) == 0) {
		to->stop_at_mark = at;
	} else if (at[strspn(at, "0123456789")] == '\0' &&
	    strlen(at) < sizeof(text) - sizeof(lsn)) {
		(void)snprintf(text, sizeof(text), "%s%s", lsn, at);
		to->stop_at_mark = keep(wording, text, strlen(text), error);
		if (to->stop_at_mark == NULL)
			return (-1);
	} else {
		to->stop_at = at;
	}
	return (0);
}

/* Without --type, what the backup says of itself decides between the two. */
static int
check_restore(const struct statement_restore *statement, bool is_type_given,
    struct error *error)
{
	struct statement_restore log = *statement;
	struct error ignored;

	log.verb = STATEMENT_RESTORE_LOG;
	error_init(&ignored);
	if (!is_type_given && statement->verb == STATEMENT_RESTORE_DATABASE &&
	    statement_check_restore(&log, &ignored) == 0)
		return (0);
	return (statement_check_restore(statement, error));
}

static int
fill_verb(struct statement_restore *statement, bool *is_type_given,
    const struct arguments *arguments, struct error *error)
{
	static const char *const types[] = { "full", "diff", "log", NULL };
	int type = 0;

	if (arguments_choice(arguments, OPTION_TYPE, types, &type,
	        error) != 0 ||
	    arguments_exclude(arguments, OPTION_VERIFY_ONLY, OPTION_TYPE,
	        "any backup is read alike", error) != 0)
		return (-1);
	*is_type_given = arguments_has(arguments, OPTION_TYPE);
	statement->verb = arguments_has(arguments, OPTION_VERIFY_ONLY) ?
	    STATEMENT_VERIFYONLY : type == 2 ? STATEMENT_RESTORE_LOG :
	    STATEMENT_RESTORE_DATABASE;
	return (0);
}

int
wording_fill_restore(struct wording *wording,
    struct statement_restore *statement, bool *is_type_given,
    const struct arguments *arguments, struct error *error)
{
	if (fill_verb(statement, is_type_given, arguments, error) != 0 ||
	    fill_moves(wording, statement, arguments, error) != 0 ||
	    fill_recovery(statement, arguments, error) != 0 ||
	    fill_stop(wording, statement, arguments, error) != 0)
		return (-1);
	statement->database = arguments_text(arguments, OPTION_DATABASE);
	fill_parts(&statement->parts, arguments);
	statement->pages = (const char *const *)arguments->lists[OPTION_PAGE];
	statement->page_count = arguments->counts[OPTION_PAGE];
	statement->partial = arguments_has(arguments, OPTION_PARTIAL);
	statement->replace = arguments_has(arguments, OPTION_REPLACE);
	choose_checksum(&statement->checksum, arguments);
	statement->continue_after_error = arguments_has(arguments,
	    OPTION_CONTINUE_AFTER_ERROR);
	statement->extra = arguments_text(arguments, OPTION_WITH);
	return (hint(arguments, check_restore(statement, *is_type_given,
	    error), error));
}
