/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/tsql_parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

const char *
tsql_statement_word(const struct tsql_parser *parser)
{
	return (tsql_is_backup(parser->statement->verb) ? "BACKUP" :
	    "RESTORE");
}

int
tsql_fail(struct tsql_parser *parser, int number, const char *first,
    const char *second)
{
	struct tsql_error *error = parser->error;

	error->number = number;
	(void)snprintf(error->first, sizeof(error->first), "%s", first);
	(void)snprintf(error->second, sizeof(error->second), "%s", second);
	return (-1);
}

/* The token that was read last does not belong there. */
int
tsql_fail_near(struct tsql_parser *parser)
{
	const struct lex *lex = &parser->lex;

	if (lex->text.failed)
		return (tsql_fail(parser, 701, "", ""));
	if (lex->kind == LEX_BAD)
		return (tsql_fail(parser, lex->bad, lex->text.text, ""));
	if (lex->kind == LEX_END)
		return (tsql_fail(parser, 102, "the end of the statement", ""));
	return (tsql_fail(parser, 102, lex->text.text, ""));
}

int
tsql_next_is_sign(struct tsql_parser *parser, char sign)
{
	(void)lex_next(&parser->lex);
	return (lex_is_sign(&parser->lex, sign) ? 0 : tsql_fail_near(parser));
}

/* Keep the token's text; takes the place of nothing. */
static int
keep_text(struct tsql_parser *parser, char **to)
{
	if (parser->lex.text.failed ||
	    (*to = strdup(parser->lex.text.text)) == NULL)
		return (tsql_fail(parser, 701, "", ""));
	return (0);
}

int
tsql_next_text(struct tsql_parser *parser, char **to)
{
	if (lex_next(&parser->lex) != LEX_STRING)
		return (tsql_fail_near(parser));
	return (keep_text(parser, to));
}

/* One VIRTUAL_DEVICE = 'name'; reads the token after it too. */
static int
parse_device(struct tsql_parser *parser)
{
	static const char *const others[] = { "DISK", "TAPE", "PIPE", "URL" };
	struct tsql_statement *statement = parser->statement;
	char *name;
	size_t i;

	(void)lex_next(&parser->lex);
	for (i = 0; i < ARRAY_COUNT(others); i++)
		if (lex_is_word(&parser->lex, others[i]))
			return (tsql_fail(parser, 40517, others[i], ""));
	if (!lex_is_word(&parser->lex, "VIRTUAL_DEVICE"))
		return (tsql_fail_near(parser));
	if (statement->device_count == VD_MAX_DEVICES)
		return (tsql_fail(parser, 3205, "64", ""));
	if (tsql_next_is_sign(parser, '=') != 0 ||
	    tsql_next_text(parser,
	    &statement->devices[statement->device_count]) != 0)
		return (-1);
	name = statement->devices[statement->device_count++];
	if (*name == '\0')
		return (tsql_fail(parser, 3044, "", ""));
	for (i = 0; i + 1 < statement->device_count; i++)
		if (strcmp(name, statement->devices[i]) == 0)
			return (tsql_fail(parser, 3031, "VIRTUAL_DEVICE",
			    name));
	(void)lex_next(&parser->lex);
	return (0);
}

static int
check_direction(struct tsql_parser *parser)
{
	return (lex_is_word(&parser->lex,
	    tsql_is_backup(parser->statement->verb) ? "TO" : "FROM") ? 0 :
	    tsql_fail_near(parser));
}

/* BACKUP DATABASE name TO, RESTORE HEADERONLY FROM, ... */
static int
parse_verb(struct tsql_parser *parser)
{
	struct tsql_statement *statement = parser->statement;
	struct lex *lex = &parser->lex;
	bool backup;
	bool log;
	size_t i;

	(void)lex_next(lex);
	backup = lex_is_word(lex, "BACKUP");
	if (!backup && !lex_is_word(lex, "RESTORE"))
		return (tsql_fail_near(parser));
	(void)lex_next(lex);
	for (i = 0; !backup && i < ARRAY_COUNT(readings); i++)
		if (lex_is_word(lex, readings[i].word)) {
			statement->verb = readings[i].verb;
			(void)lex_next(lex);
			return (check_direction(parser));
		}
	log = lex_is_word(lex, "LOG");
	if (!log && !lex_is_word(lex, "DATABASE"))
		return (tsql_fail_near(parser));
	if (backup)
		statement->verb = log ? TSQL_BACKUP_LOG : TSQL_BACKUP_DATABASE;
	else
		statement->verb = log ? TSQL_RESTORE_LOG :
		    TSQL_RESTORE_DATABASE;
	if (lex_next(lex) != LEX_WORD && lex->kind != LEX_NAME)
		return (tsql_fail_near(parser));
	if (keep_text(parser, &statement->database) != 0 ||
	    tsql_parse_parts(parser) != 0)
		return (-1);
	return (check_direction(parser));
}

static int
parse_statement(struct tsql_parser *parser)
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
			if (tsql_parse_option(parser) != 0)
				return (-1);
		} while (lex_is_sign(lex, ','));
	if (lex_is_sign(lex, ';'))
		(void)lex_next(lex);
	if (lex->kind != LEX_END)
		return (tsql_fail_near(parser));
	return (tsql_check_conflicts(parser));
}

int
tsql_parse(const char *text, struct tsql_statement *statement,
    struct tsql_error *error)
{
	struct tsql_parser parser = { .statement = statement, .error = error };
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
