/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/tsql_parser.h"

#include "base/num.h"
#include "base/utf.h"

#include <stdio.h>
#include <string.h>

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
	/* Refused anyway; what is there has to be right all the same. */
	VALUE_SOME_TEXT,
	VALUE_SOME_NUMBER,
	VALUE_MARK,
	VALUE_COMPRESSION,
	VALUE_ENCRYPTION
};

/* What an option without a value sets. */
#define FLAG(member) offsetof(struct tsql_statement, member)
#define NO_FLAG SIZE_MAX

/*
 * FORMAT, INIT and their like concern devices that can be positioned: one of
 * the pipe kind is always written anew (spec 16.5).
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
	{ "FORMAT", ON_BACKUP, VALUE_NONE, FLAG(format), TSQL_UNSAID, false },
	{ "NOFORMAT", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "INIT", ON_BACKUP, VALUE_NONE, FLAG(init), TSQL_UNSAID, false },
	{ "NOINIT", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "SKIP", ON_BACKUP, VALUE_NONE, FLAG(skip), TSQL_UNSAID, false },
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
	{ "COMPRESSION", ON_BACKUP, VALUE_COMPRESSION, FLAG(compression),
	    TSQL_UNSAID, false },
	{ "NO_COMPRESSION", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, false },
	{ "ENCRYPTION", ON_BACKUP, VALUE_ENCRYPTION, NO_FLAG, 0, true },
	{ "REPLACE", ON_RESTORE, VALUE_NONE, FLAG(replace), TSQL_UNSAID,
	    false },
	{ "MOVE", ON_READING, VALUE_MOVE, NO_FLAG, 0, false },
	{ "RECOVERY", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, false },
	{ "NORECOVERY", ON_BACKUP | ON_RESTORE, VALUE_NONE, FLAG(norecovery),
	    TSQL_UNSAID, true },
	{ "STANDBY", ON_BACKUP | ON_RESTORE, VALUE_SOME_TEXT, NO_FLAG, 0,
	    true },
	{ "NO_TRUNCATE", ON_BACKUP, VALUE_NONE, NO_FLAG, 0, true },
	{ "SNAPSHOT", ON_BACKUP | ON_RESTORE, VALUE_NONE, FLAG(snapshot),
	    TSQL_UNSAID, false },
	{ "RESTART", ON_ANY, VALUE_NONE, NO_FLAG, 0, true },
	{ "PASSWORD", ON_ANY, VALUE_SOME_TEXT, NO_FLAG, 0, true },
	{ "MEDIAPASSWORD", ON_ANY, VALUE_SOME_TEXT, NO_FLAG, 0, true },
	{ "EXPIREDATE", ON_BACKUP, VALUE_SOME_TEXT, NO_FLAG, 0, true },
	{ "RETAINDAYS", ON_BACKUP, VALUE_SOME_NUMBER, NO_FLAG, 0, true },
	{ "STOPAT", ON_RESTORE, VALUE_SOME_TEXT, NO_FLAG, 0, true },
	{ "STOPATMARK", ON_RESTORE, VALUE_MARK, NO_FLAG, 0, true },
	{ "STOPBEFOREMARK", ON_RESTORE, VALUE_MARK, NO_FLAG, 0, true },
	{ "RESTRICTED_USER", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "KEEP_REPLICATION", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "KEEP_CDC", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "ENABLE_BROKER", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "NEW_BROKER", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "ERROR_BROKER_CONVERSATIONS", ON_RESTORE, VALUE_NONE, NO_FLAG, 0,
	    true },
	{ "PARTIAL", ON_RESTORE, VALUE_NONE, NO_FLAG, 0, true },
	{ "CREDENTIAL", ON_ANY, VALUE_SOME_TEXT, NO_FLAG, 0, true },
	{ "LOADHISTORY", VERB(TSQL_VERIFYONLY), VALUE_NONE, NO_FLAG, 0, true },
};

_Static_assert(ARRAY_COUNT(options) <= 64, "a bit for each in seen");

static int
next_number(struct tsql_parser *parser, int64_t *value)
{
	if (lex_next(&parser->lex) != LEX_NUMBER ||
	    num_parse(parser->lex.text.text, 0, INT64_MAX, value) != 0)
		return (tsql_fail_near(parser));
	return (0);
}

static int
fail_value(struct tsql_parser *parser, const struct option *option,
    int64_t value, const char *allowed)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "%s: %lld is not %s",
	    tsql_statement_word(parser), (long long)value, allowed);
	return (tsql_fail(parser, 153, option->name, text));
}

/* BLOCKSIZE, MAXTRANSFERSIZE, BUFFERCOUNT, FILE = number (spec 7.2). */
static int
parse_number(struct tsql_parser *parser, const struct option *option)
{
	struct tsql_statement *statement = parser->statement;
	int64_t value;

	if (tsql_next_is_sign(parser, '=') != 0 ||
	    next_number(parser, &value) != 0)
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
		if (value < 1 || value > UINT16_MAX)
			return (fail_value(parser, option, value,
			    "the number of a backup set from 1 to 65535"));
		statement->file = (uint16_t)value;
		break;
	}
	(void)lex_next(&parser->lex);
	return (0);
}

/* STATS [= percent]; without a number it means 10. */
static int
parse_stats(struct tsql_parser *parser, const struct option *option)
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
parse_move(struct tsql_parser *parser)
{
	struct tsql_statement *statement = parser->statement;
	struct tsql_move *move;

	if (statement->move_count == TSQL_MOVE_MAX)
		return (tsql_fail_near(parser));
	move = &statement->moves[statement->move_count++];
	if (tsql_next_text(parser, &move->logical) != 0)
		return (-1);
	(void)lex_next(&parser->lex);
	if (!lex_is_word(&parser->lex, "TO"))
		return (tsql_fail_near(parser));
	if (tsql_next_text(parser, &move->path) != 0)
		return (-1);
	(void)lex_next(&parser->lex);
	return (0);
}

/* T-SQL keeps names in nvarchar(128), descriptions in nvarchar(255). */
static size_t
longest_text(const struct option *option)
{
	return (option->member == FLAG(name) ||
	    option->member == FLAG(media_name) ? 128 : 255);
}

static int
parse_text_option(struct tsql_parser *parser, const struct option *option)
{
	char **to = (char **)(void *)((char *)parser->statement +
	    option->member);
	char text[160];

	if (tsql_next_is_sign(parser, '=') != 0 ||
	    tsql_next_text(parser, to) != 0)
		return (-1);
	if (utf_length_16(*to) > longest_text(option)) {
		(void)snprintf(text, sizeof(text),
		    "%s: the text has more than %zu characters",
		    tsql_statement_word(parser), longest_text(option));
		return (tsql_fail(parser, 153, option->name, text));
	}
	(void)lex_next(&parser->lex);
	return (0);
}

static void
set_flag(struct tsql_parser *parser, const struct option *option)
{
	char *at;

	if (option->member == NO_FLAG)
		return;
	at = (char *)parser->statement + option->member;
	if (option->choice != TSQL_UNSAID)
		memcpy(at, &option->choice, sizeof(option->choice));
	else
		*(bool *)at = true;
}

/* A value that nothing is made of. */
static int
parse_some(struct tsql_parser *parser, enum lex_kind kind)
{
	if (tsql_next_is_sign(parser, '=') != 0)
		return (-1);
	if (lex_next(&parser->lex) != kind)
		return (tsql_fail_near(parser));
	(void)lex_next(&parser->lex);
	return (0);
}

/* STOPATMARK = 'name' [AFTER 'time'] */
static int
parse_mark(struct tsql_parser *parser)
{
	if (parse_some(parser, LEX_STRING) != 0)
		return (-1);
	if (!lex_is_word(&parser->lex, "AFTER"))
		return (0);
	if (lex_next(&parser->lex) != LEX_STRING)
		return (tsql_fail_near(parser));
	(void)lex_next(&parser->lex);
	return (0);
}

static int
parse_value(struct tsql_parser *parser, const struct option *option)
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
	case VALUE_SOME_TEXT:
		return (parse_some(parser, LEX_STRING));
	case VALUE_SOME_NUMBER:
		return (parse_some(parser, LEX_NUMBER));
	case VALUE_MARK:
		return (parse_mark(parser));
	case VALUE_COMPRESSION:
		set_flag(parser, option);
		return (tsql_parse_compression(parser));
	case VALUE_ENCRYPTION:
		return (tsql_parse_encryption(parser));
	default:
		return (parse_number(parser, option));
	}
}

/* One option; the token after it has been read when this returns 0. */
int
tsql_parse_option(struct tsql_parser *parser)
{
	const struct option *option = NULL;
	size_t i;

	if (parser->lex.kind != LEX_WORD)
		return (tsql_fail_near(parser));
	for (i = 0; i < ARRAY_COUNT(options); i++)
		if (lex_is_word(&parser->lex, options[i].name))
			option = &options[i];
	if (option == NULL ||
	    (option->verbs & VERB(parser->statement->verb)) == 0)
		return (tsql_fail(parser, 155, parser->lex.text.text,
		    tsql_statement_word(parser)));
	i = (size_t)(option - options);
	if ((parser->seen & UINT64_C(1) << i) != 0 &&
	    option->kind != VALUE_MOVE)
		return (tsql_fail(parser, 3031, option->name, option->name));
	parser->seen |= UINT64_C(1) << i;
	return (parse_value(parser, option));
}

static bool
is_seen(const struct tsql_parser *parser, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return ((parser->seen & UINT64_C(1) << i) != 0);
	return (false);
}

/* The first option that is known and not done.  After the restore of a
 * snapshot the file may well be left alone. */
static void
note_refused(struct tsql_parser *parser)
{
	struct tsql_statement *statement = parser->statement;
	size_t i;

	/* A part of a database comes before the options. */
	for (i = 0; i < ARRAY_COUNT(options) && statement->refused == NULL;
	    i++) {
		if (!options[i].is_refused ||
		    (parser->seen & UINT64_C(1) << i) == 0 ||
		    (strcmp(options[i].name, "NORECOVERY") == 0 &&
		    statement->snapshot &&
		    statement->verb == TSQL_RESTORE_DATABASE))
			continue;
		statement->refused = options[i].name;
	}
}

int
tsql_check_conflicts(struct tsql_parser *parser)
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
		{ "NORECOVERY", "STANDBY" },
		{ "NORECOVERY", "KEEP_REPLICATION" },
		{ "NORECOVERY", "KEEP_CDC" },
		{ "STOPAT", "STOPATMARK" },
		{ "STOPAT", "STOPBEFOREMARK" },
		{ "STOPATMARK", "STOPBEFOREMARK" },
		{ "ENABLE_BROKER", "NEW_BROKER" },
		{ "ENABLE_BROKER", "ERROR_BROKER_CONVERSATIONS" },
		{ "NEW_BROKER", "ERROR_BROKER_CONVERSATIONS" },
		{ "EXPIREDATE", "RETAINDAYS" },
		{ "FORMAT", "NOINIT" },
		{ "SNAPSHOT", "DIFFERENTIAL" },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(pairs); i++)
		if (is_seen(parser, pairs[i][0]) &&
		    is_seen(parser, pairs[i][1]))
			return (tsql_fail(parser, 3031, pairs[i][0],
			    pairs[i][1]));
	note_refused(parser);
	return (0);
}

