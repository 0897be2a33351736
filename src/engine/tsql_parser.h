/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_TSQL_PARSER_H
#define ENGINE_TSQL_PARSER_H

#include "base/attr.h"
#include "engine/lex.h"
#include "engine/tsql.h"

#include <stdint.h>

/*
 * The inside of the parser, for tsql.c and tsql_*.c only.
 *
 * Functions that are named next_ read the token they speak of; the others look
 * at the one that was read last.  All return 0, or -1 with the error filled.
 */

struct tsql_parser {
	struct lex lex;
	struct tsql_statement *statement;
	struct tsql_error *error;
	uint64_t seen; /* bit per option: each may be given once */
};

int tsql_fail(struct tsql_parser *parser, int number, const char *first,
    const char *second);
/* The token that was read last does not belong there. */
int tsql_fail_near(struct tsql_parser *parser);
/* "BACKUP" or "RESTORE". */
const char *tsql_statement_word(const struct tsql_parser *parser);

int tsql_next_is_sign(struct tsql_parser *parser, char sign) MUST_CHECK;
/* *to is owned by the caller. */
int tsql_next_text(struct tsql_parser *parser, char **to) MUST_CHECK;

/*
 * FILE = 'name', FILEGROUP = 'name', READ_WRITE_FILEGROUPS and PAGE = 'list',
 * none or some, of which the first is the statement's `refused`; the token
 * after them has been read when this is 0.
 */
int tsql_parse_parts(struct tsql_parser *parser) MUST_CHECK;

/* Behind COMPRESSION and ENCRYPTION; the token after it has been read when
 * this is 0:
 *     [(ALGORITHM = word [, LEVEL = word])]
 *     (ALGORITHM = word, SERVER CERTIFICATE | ASYMMETRIC KEY = name) */
int tsql_parse_compression(struct tsql_parser *parser) MUST_CHECK;
int tsql_parse_encryption(struct tsql_parser *parser) MUST_CHECK;

/* One option of WITH; the token after it has been read when this is 0. */
int tsql_parse_option(struct tsql_parser *parser) MUST_CHECK;
/* After all of them: which do not go together. */
int tsql_check_conflicts(struct tsql_parser *parser) MUST_CHECK;

#endif
