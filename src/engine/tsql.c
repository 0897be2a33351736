/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/tsql.h"

#include "base/num.h"
#include "engine/lex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct parser {
	struct lex lex;
	struct tsql_statement *statement;
	struct tsql_error *error;
	uint64_t seen; /* bit per option: each may be given once */
};

#define VERB(v) (1u << (v))
#define ON_BACKUP (VERB(TSQL_BACKUP_DATABASE) | VERB(TSQL_BACKUP_LOG))
#define ON_RESTORE (VERB(TSQL_RESTORE_DATABASE) | VERB(TSQL_RESTORE_LOG))
#define ON_READING (ON_RESTORE | VERB(TSQL_VERIFYONLY))
#define ON_ANY 0xFFu

enum value_kind {
	VALUE_NONE,
	VALUE_BLOCK_SIZE,
	VALUE_TRANSFER_SIZE,
	VALUE_BUFFER_COUNT,
	VALUE_STATS,
	VALUE_FILE,
	VALUE_TEXT,
	VALUE_MOVE,
	VALUE_ANY /* with or without a value: refused anyway */
};

/* What an option without a value sets. */
#define FLAG(member) offsetof(struct tsql_statement, member)
#define NO_FLAG SIZE_MAX

/*
 * FORMAT, INIT and their like concern media that a stream does not have: a
 * virtual device of the pipe kind is always written anew (spec 16.5).
 */
static const struct option {
	const char *name;
	unsigned verbs;
	enum value_kind kind;
	size_t member;
	enum tsql_choice choice;
	bool is_refused;
} options[] = {
	{ "BLOCKSIZE", ON_ANY, VALUE_BLOCK_SIZE, NO_FLAG, 0, false },
	{ "MAXTRANSFERSIZE", ON_ANY, VALUE_TRANSFER_SIZE, NO_FLAG, 0, false },
	{ "BUFFERCOUNT", ON_ANY, VALUE_BUFFER_COUNT, NO_FLAG, 0, false },
	{ "STATS", ON_BACKUP | ON_READING, VALUE_STATS, NO_FLAG, 0, false },
	{ "FILE", ON_READING | VERB(TSQL_FILELISTONLY), VALUE_FILE, NO_FLAG, 0,
	    false },
	{ "CHECKSUM", ON_ANY, VALUE_NONE, FLAG(checksum), TSQL_YES, false },
	{ "NO_CHECKSUM", ON_ANY, VALUE_NONE, FLAG(checksum), TSQL_NO, false },
	{ "CONTINUE_AFTER_ERROR", ON_ANY, VALUE_NONE,
	    FLAG(continue_after_error), TSQL_UNSAID, false },
	{ "STOP_ON_ERROR", ON_ANY, VALUE_NONE, NO_FLAG, 0, false },
	{ "FORMAT", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "NOFORMAT", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "INIT", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "NOINIT", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "SKIP", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "NOSKIP", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "UNLOAD", ON_ANY, VALUE_NONE, NO_FLAG, 0, false },
	{ "NOUNLOAD", ON_ANY, VALUE_NONE, NO_FLAG, 0, false },
	{ "REWIND", ON_ANY, VALUE_NONE, NO_FLAG, 0, false },
	{ "NOREWIND", ON_ANY, VALUE_NONE, NO_FLAG, 0, false },
	{ "NAME", ON_BACKUP, VALUE_TEXT, FLAG(name), 0, false },
	{ "DESCRIPTION", ON_BACKUP, VALUE_TEXT, FLAG(description), 0, false },
	{ "MEDIANAME", ON_ANY, VALUE_TEXT, FLAG(media_name), 0, false },
	{ "MEDIADESCRIPTION", ON_BACKUP, VALUE_TEXT, FLAG(media_description),
	    0, false },
	{ "COPY_ONLY", ON_BACKUP, VALUE_NONE, FLAG(copy_only), TSQL_UNSAID,
	    false },
	{ "DIFFERENTIAL", ON_BACKUP, VALUE_NONE, FLAG(differential),
	    TSQL_UNSAID, false },
	{ "COMPRESSION", ON_BACKUP, VALUE_NONE, FLAG(compression),
	    TSQL_UNSAID, false },
	{ "NO_COMPRESSION", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "REPLACE", ON_RESTORE, VALUE_NONE, FLAG(replace), TSQL_UNSAID,
	    false },
	{ "MOVE", ON_READING, VALUE_MOVE, NO_FLAG, 0, false },
	{ "RECOVERY", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, false },
	{ "NORECOVERY", ON_BACKUP | ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "STANDBY", ON_BACKUP | ON_RESTORE, VALUE_ANY, NO_FLAG, 0, true },
	{ "NO_TRUNCATE", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, true },
	{ "SNAPSHOT", ON_ANY, VALUE_NONE, NO_FLAG, 0, true },
	{ "RESTART", ON_ANY, VALUE_NONE, NO_FLAG, 0, true },
	{ "PASSWORD", ON_ANY, VALUE_ANY, NO_FLAG, 0, true },
	{ "MEDIAPASSWORD", ON_ANY, VALUE_ANY, NO_FLAG, 0, true },
	{ "EXPIREDATE", ON_BACKUP, VALUE_ANY, NO_FLAG, 0, true },
	{ "RETAINDAYS", ON_BACKUP, VALUE_ANY, NO_FLAG, 0, true },
	{ "STOPAT", ON_RESTORE, VALUE_ANY, NO_FLAG, 0, true },
	{ "STOPATMARK", ON_RESTORE, VALUE_ANY, NO_FLAG, 0, true },
	{ "STOPBEFOREMARK", ON_RESTORE, VALUE_ANY, NO_FLAG, 0, true },
	{ "RESTRICTED_USER", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "KEEP_REPLICATION", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "PARTIAL", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
};

_Static_assert(ARRAY_COUNT(options) <= 64, "a bit for each in seen");

static const struct {
	const char *word;
	enum tsql_verb verb;
} readings[] = {
	{ "VERIFYONLY", TSQL_VERIFYONLY },
	{ "HEADERONLY", TSQL_HEADERONLY },
	{ "FILELISTONLY", TSQL_FILELISTONLY },
	{ "LABELONLY", TSQL_LABELONLY },
};

const char *
tsql_verb_name(enum tsql_verb verb)
{
	static const char *const names[] = {
		[TSQL_BACKUP_DATABASE] = "BACKUP DATABASE",
		[TSQL_BACKUP_LOG] = "BACKUP LOG",
		[TSQL_RESTORE_DATABASE] = "RESTORE DATABASE",
		[TSQL_RESTORE_LOG] = "RESTORE LOG",
		[TSQL_VERIFYONLY] = "VERIFY DATABASE",
		[TSQL_HEADERONLY] = "RESTORE HEADERONLY",
		[TSQL_FILELISTONLY] = "RESTORE FILELIST",
		[TSQL_LABELONLY] = "RESTORE LABELONLY",
	};

	return (names[verb]);
}

static const char *
statement_word(const struct parser *parser)
{
	return (tsql_is_backup(parser->statement->verb) ? "BACKUP" :
	    "RESTORE");
}

static int
fail(struct parser *parser, int number, const char *first, const char *second)
{
	struct tsql_error *error = parser->error;

	error->number = number;
	(void)snprintf(error->first, sizeof(error->first), "%s", first);
	(void)snprintf(error->second, sizeof(error->second), "%s", second);
	return (-1);
}

/* The token that was read last does not belong there. */
static int
fail_near(struct parser *parser)
{
	const struct lex *lex = &parser->lex;

	if (lex->text.failed)
		return (fail(parser, 701, "", ""));
	if (lex->kind == LEX_BAD)
		return (fail(parser, lex->bad, lex->text.text, ""));
	if (lex->kind == LEX_END)
		return (fail(parser, 102, "the end of the statement", ""));
	return (fail(parser, 102, lex->text.text, ""));
}

static int
next_is_sign(struct parser *parser, char sign)
{
	(void)lex_next(&parser->lex);
	return (lex_is_sign(&parser->lex, sign) ? 0 : fail_near(parser));
}

/* Keep the token's text; takes the place of nothing. */
static int
keep_text(struct parser *parser, char **to)
{
	if (parser->lex.text.failed ||
	    (*to = strdup(parser->lex.text.text)) == NULL)
		return (fail(parser, 701, "", ""));
	return (0);
}

static int
next_text(struct parser *parser, char **to)
{
	if (lex_next(&parser->lex) != LEX_STRING)
		return (fail_near(parser));
	return (keep_text(parser, to));
}

static int
next_number(struct parser *parser, int64_t *value)
{
	if (lex_next(&parser->lex) != LEX_NUMBER ||
	    num_parse(parser->lex.text.text, 0, INT64_MAX, value) != 0)
		return (fail_near(parser));
	return (0);
}

static int
fail_value(struct parser *parser, const struct option *option, int64_t value,
    const char *allowed)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "%s: %lld is not %s",
	    statement_word(parser), (long long)value, allowed);
	return (fail(parser, 153, option->name, text));
}

/* BLOCKSIZE, MAXTRANSFERSIZE, BUFFERCOUNT, FILE = number (spec 7.2). */
static int
parse_number(struct parser *parser, const struct option *option)
{
	struct tsql_statement *statement = parser->statement;
	int64_t value;

	if (next_is_sign(parser, '=') != 0 || next_number(parser, &value) != 0)
		return (-1);
	switch (option->kind) {
	case VALUE_BLOCK_SIZE:
		if (value < VD_MIN_BLOCK_SIZE || value > VD_MAX_BLOCK_SIZE ||
		    (value & (value - 1)) != 0)
			return (fail_value(parser, option, value,
			    "a power of two from 512 to 65536"));
		statement->block_size = (uint32_t)value;
		break;
	case VALUE_TRANSFER_SIZE:
		if (value < VD_MIN_TRANSFER_SIZE ||
		    value > VD_MAX_TRANSFER_SIZE ||
		    value % VD_MIN_TRANSFER_SIZE != 0)
			return (fail_value(parser, option, value,
			    "a multiple of 65536 up to 4194304"));
		statement->transfer_size = (uint32_t)value;
		break;
	case VALUE_BUFFER_COUNT:
		if (value < 1 || value > INT32_MAX)
			return (fail_value(parser, option, value,
			    "a number of buffers from 1 to 2147483647"));
		statement->buffer_count = (uint32_t)value;
		break;
	default:
		if (value != 1)
			return (fail_value(parser, option, value,
			    "the one backup set of a virtual device (1)"));
		break;
	}
	(void)lex_next(&parser->lex);
	return (0);
}

/* STATS [= percent]; without a number it means 10. */
static int
parse_stats(struct parser *parser, const struct option *option)
{
	int64_t value = 10;

	(void)lex_next(&parser->lex);
	if (lex_is_sign(&parser->lex, '=')) {
		if (next_number(parser, &value) != 0)
			return (-1);
		if (value < 1 || value > 100)
			return (fail_value(parser, option, value,
			    "a percentage from 1 to 100"));
		(void)lex_next(&parser->lex);
	}
	parser->statement->stats = (unsigned)value;
	return (0);
}

/* MOVE 'logical' TO 'path' */
static int
parse_move(struct parser *parser)
{
	struct tsql_statement *statement = parser->statement;
	struct tsql_move *move;

	if (statement->move_count == TSQL_MOVE_MAX)
		return (fail_near(parser));
	move = &statement->moves[statement->move_count++];
	if (next_text(parser, &move->logical) != 0)
		return (-1);
	(void)lex_next(&parser->lex);
	if (!lex_is_word(&parser->lex, "TO"))
		return (fail_near(parser));
	if (next_text(parser, &move->path) != 0)
		return (-1);
	(void)lex_next(&parser->lex);
	return (0);
}

static int
parse_text_option(struct parser *parser, const struct option *option)
{
	char **to = (char **)(void *)((char *)parser->statement +
	    option->member);

	if (next_is_sign(parser, '=') != 0 || next_text(parser, to) != 0)
		return (-1);
	(void)lex_next(&parser->lex);
	return (0);
}

static void
set_flag(struct parser *parser, const struct option *option)
{
	char *at = (char *)parser->statement + option->member;

	if (option->member == NO_FLAG)
		return;
	if (option->choice != TSQL_UNSAID)
		memcpy(at, &option->choice, sizeof(option->choice));
	else
		*(bool *)at = true;
}

static int
parse_any(struct parser *parser)
{
	(void)lex_next(&parser->lex);
	if (!lex_is_sign(&parser->lex, '='))
		return (0);
	if (lex_next(&parser->lex) == LEX_END ||
	    parser->lex.kind == LEX_BAD || parser->lex.kind == LEX_SIGN)
		return (fail_near(parser));
	(void)lex_next(&parser->lex);
	return (0);
}

static int
parse_value(struct parser *parser, const struct option *option)
{
	switch (option->kind) {
	case VALUE_NONE:
		set_flag(parser, option);
		(void)lex_next(&parser->lex);
		return (0);
	case VALUE_STATS:
		return (parse_stats(parser, option));
	case VALUE_TEXT:
		return (parse_text_option(parser, option));
	case VALUE_MOVE:
		return (parse_move(parser));
	case VALUE_ANY:
		return (parse_any(parser));
	default:
		return (parse_number(parser, option));
	}
}

/* One option; the token after it has been read when this returns 0. */
static int
parse_option(struct parser *parser)
{
	const struct option *option = NULL;
	size_t i;

	if (parser->lex.kind != LEX_WORD)
		return (fail_near(parser));
	for (i = 0; i < ARRAY_COUNT(options); i++)
		if (lex_is_word(&parser->lex, options[i].name))
			option = &options[i];
	if (option == NULL ||
	    (option->verbs & VERB(parser->statement->verb)) == 0)
		return (fail(parser, 155, parser->lex.text.text,
		    statement_word(parser)));
	i = (size_t)(option - options);
	if ((parser->seen & UINT64_C(1) << i) != 0 &&
	    option->kind != VALUE_MOVE)
		return (fail(parser, 3031, option->name, option->name));
	parser->seen |= UINT64_C(1) << i;
	if (option->is_refused && parser->statement->refused == NULL)
		parser->statement->refused = option->name;
	return (parse_value(parser, option));
}

static bool
is_seen(const struct parser *parser, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return ((parser->seen & UINT64_C(1) << i) != 0);
	return (false);
}

static int
check_conflicts(struct parser *parser)
{
	static const char *const pairs[][2] = {
		{ "CHECKSUM", "NO_CHECKSUM" },
		{ "CONTINUE_AFTER_ERROR", "STOP_ON_ERROR" },
		{ "FORMAT", "NOFORMAT" },
		{ "INIT", "NOINIT" },
		{ "SKIP", "NOSKIP" },
		{ "COMPRESSION", "NO_COMPRESSION" },
		{ "COPY_ONLY", "DIFFERENTIAL" },
		{ "RECOVERY", "NORECOVERY" },
		{ "RECOVERY", "STANDBY" },
		{ "FORMAT", "NOINIT" },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(pairs); i++)
		if (is_seen(parser, pairs[i][0]) &&
		    is_seen(parser, pairs[i][1]))
			return (fail(parser, 3031, pairs[i][0], pairs[i][1]));
	return (0);
}

/* One VIRTUAL_DEVICE = 'name'; reads the token after it too. */
static int
parse_device(struct parser *parser)
{
	static const char *const others[] = { "DISK", "TAPE", "PIPE", "URL" };
	struct tsql_statement *statement = parser->statement;
	char *name;
	size_t i;

	(void)lex_next(&parser->lex);
	for (i = 0; i < ARRAY_COUNT(others); i++)
		if (lex_is_word(&parser->lex, others[i]))
			return (fail(parser, 40517, others[i], ""));
	if (!lex_is_word(&parser->lex, "VIRTUAL_DEVICE"))
		return (fail_near(parser));
	if (statement->device_count == VD_MAX_DEVICES)
		return (fail(parser, 3205, "64", ""));
	if (next_is_sign(parser, '=') != 0 ||
	    next_text(parser, &statement->devices[statement->device_count]) !=
	    0)
		return (-1);
	name = statement->devices[statement->device_count++];
	if (*name == '\0')
		return (fail(parser, 3044, "", ""));
	for (i = 0; i + 1 < statement->device_count; i++)
		if (strcmp(name, statement->devices[i]) == 0)
			return (fail(parser, 3031, "VIRTUAL_DEVICE", name));
	(void)lex_next(&parser->lex);
	return (0);
}

/* BACKUP DATABASE name TO, RESTORE HEADERONLY FROM, ... */
static int
parse_verb(struct parser *parser)
{
	struct tsql_statement *statement = parser->statement;
	struct lex *lex = &parser->lex;
	bool backup;
	bool log;
	size_t i;

	(void)lex_next(lex);
	backup = lex_is_word(lex, "BACKUP");
	if (!backup && !lex_is_word(lex, "RESTORE"))
		return (fail_near(parser));
	(void)lex_next(lex);
	for (i = 0; !backup && i < ARRAY_COUNT(readings); i++)
		if (lex_is_word(lex, readings[i].word)) {
			statement->verb = readings[i].verb;
			goto devices;
		}
	log = lex_is_word(lex, "LOG");
	if (!log && !lex_is_word(lex, "DATABASE"))
		return (fail_near(parser));
	if (backup)
		statement->verb = log ? TSQL_BACKUP_LOG : TSQL_BACKUP_DATABASE;
	else
		statement->verb = log ? TSQL_RESTORE_LOG :
		    TSQL_RESTORE_DATABASE;
	if (lex_next(lex) != LEX_WORD && lex->kind != LEX_NAME)
		return (fail_near(parser));
	if (keep_text(parser, &statement->database) != 0)
		return (-1);
devices:
	(void)lex_next(lex);
	return (lex_is_word(lex, backup ? "TO" : "FROM") ? 0 :
	    fail_near(parser));
}

static int
parse_statement(struct parser *parser)
{
	struct lex *lex = &parser->lex;

	if (parse_verb(parser) != 0)
		return (-1);
	do {
		if (parse_device(parser) != 0)
			return (-1);
	} while (lex_is_sign(lex, ','));
	if (lex_is_word(lex, "WITH"))
		do {
			(void)lex_next(lex);
			if (parse_option(parser) != 0)
				return (-1);
		} while (lex_is_sign(lex, ','));
	if (lex_is_sign(lex, ';'))
		(void)lex_next(lex);
	if (lex->kind != LEX_END)
		return (fail_near(parser));
	return (check_conflicts(parser));
}

int
tsql_parse(const char *text, struct tsql_statement *statement,
    struct tsql_error *error)
{
	struct parser parser = { .statement = statement, .error = error };
	int result;

	memset(statement, 0, sizeof(*statement));
	memset(error, 0, sizeof(*error));
	lex_init(&parser.lex, text);
	result = parse_statement(&parser);
	lex_release(&parser.lex);
	return (result);
}

void
tsql_release(struct tsql_statement *statement)
{
	unsigned i;

	free(statement->database);
	free(statement->name);
	free(statement->description);
	free(statement->media_name);
	free(statement->media_description);
	for (i = 0; i < statement->device_count; i++)
		free(statement->devices[i]);
	for (i = 0; i < statement->move_count; i++) {
		free(statement->moves[i].logical);
		free(statement->moves[i].path);
	}
	memset(statement, 0, sizeof(*statement));
}
