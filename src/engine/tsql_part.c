/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/tsql_parser.h"

#define VERB(v) (1u << (v))
#define ON_DATABASE (VERB(TSQL_BACKUP_DATABASE) | VERB(TSQL_RESTORE_DATABASE))

static const struct part {
	const char *name;
	unsigned verbs;
	bool has_value;
} parts[] = {
	{ "FILE", ON_DATABASE | VERB(TSQL_RESTORE_LOG), true },
	{ "FILEGROUP", ON_DATABASE | VERB(TSQL_RESTORE_LOG), true },
	{ "READ_WRITE_FILEGROUPS", ON_DATABASE, false },
	{ "PAGE", VERB(TSQL_RESTORE_DATABASE) | VERB(TSQL_RESTORE_LOG), true },
};

static const struct part *
find_part(const struct tsql_parser *parser)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(parts); i++)
		if (lex_is_word(&parser->lex, parts[i].name) &&
		    (parts[i].verbs & VERB(parser->statement->verb)) != 0)
			return (&parts[i]);
	return (NULL);
}

static int
parse_part(struct tsql_parser *parser)
{
	const struct part *part = find_part(parser);

	if (part == NULL)
		return (tsql_fail_near(parser));
	if (parser->statement->refused == NULL)
		parser->statement->refused = part->name;
	if (part->has_value) {
		if (tsql_next_is_sign(parser, '=') != 0)
			return (-1);
		if (lex_next(&parser->lex) != LEX_STRING)
			return (tsql_fail_near(parser));
	}
	(void)lex_next(&parser->lex);
	return (0);
}

int
tsql_parse_parts(struct tsql_parser *parser)
{
	(void)lex_next(&parser->lex);
	if (find_part(parser) == NULL)
		return (0);
	if (parse_part(parser) != 0)
		return (-1);
	while (lex_is_sign(&parser->lex, ',')) {
		(void)lex_next(&parser->lex);
		if (parse_part(parser) != 0)
			return (-1);
	}
	return (0);
}
