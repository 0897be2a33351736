/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/tsql_parser.h"

/* One of some words, in any case; the token after it has been read. */
static int
next_is_one_of(struct tsql_parser *parser, const char *const *words)
{
	size_t i;

	if (lex_next(&parser->lex) != LEX_WORD)
		return (tsql_fail_near(parser));
	for (i = 0; words[i] != NULL; i++)
		if (lex_is_word(&parser->lex, words[i])) {
			(void)lex_next(&parser->lex);
			return (0);
		}
	return (tsql_fail_near(parser));
}

static int
next_is_word(struct tsql_parser *parser, const char *word)
{
	(void)lex_next(&parser->lex);
	return (lex_is_word(&parser->lex, word) ? 0 : tsql_fail_near(parser));
}

/* NAME = word */
static int
next_choice(struct tsql_parser *parser, const char *name,
    const char *const *words)
{
	if (next_is_word(parser, name) != 0 ||
	    tsql_next_is_sign(parser, '=') != 0)
		return (-1);
	return (next_is_one_of(parser, words));
}

static int
end_group(struct tsql_parser *parser)
{
	if (!lex_is_sign(&parser->lex, ')'))
		return (tsql_fail_near(parser));
	(void)lex_next(&parser->lex);
	return (0);
}

int
tsql_parse_compression(struct tsql_parser *parser)
{
	static const char *const algorithms[] = { "MS_XPRESS", "QAT_DEFLATE",
		"ZSTD", NULL };
	static const char *const levels[] = { "LOW", "MEDIUM", "HIGH", NULL };

	(void)lex_next(&parser->lex);
	if (!lex_is_sign(&parser->lex, '('))
		return (0);
	if (next_choice(parser, "ALGORITHM", algorithms) != 0 ||
	    (lex_is_sign(&parser->lex, ',') &&
	    next_choice(parser, "LEVEL", levels) != 0))
		return (-1);
	return (end_group(parser));
}

int
tsql_parse_encryption(struct tsql_parser *parser)
{
	static const char *const algorithms[] = { "AES_128", "AES_192",
		"AES_256", "TRIPLE_DES_3KEY", NULL };

	if (tsql_next_is_sign(parser, '(') != 0 ||
	    next_choice(parser, "ALGORITHM", algorithms) != 0)
		return (-1);
	if (!lex_is_sign(&parser->lex, ','))
		return (tsql_fail_near(parser));
	if (next_is_word(parser, "SERVER") != 0)
		return (-1);
	(void)lex_next(&parser->lex);
	if (lex_is_word(&parser->lex, "ASYMMETRIC")) {
		if (next_is_word(parser, "KEY") != 0)
			return (-1);
	} else if (!lex_is_word(&parser->lex, "CERTIFICATE")) {
		return (tsql_fail_near(parser));
	}
	if (tsql_next_is_sign(parser, '=') != 0)
		return (-1);
	if (lex_next(&parser->lex) != LEX_WORD &&
	    parser->lex.kind != LEX_NAME)
		return (tsql_fail_near(parser));
	(void)lex_next(&parser->lex);
	return (end_group(parser));
}
