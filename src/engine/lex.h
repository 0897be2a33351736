/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LEX_H
#define ENGINE_LEX_H

#include "base/attr.h"
#include "base/str.h"

#include <stddef.h>

/*
 * The words of a T-SQL statement.  lex_init, then lex_next until LEX_END or
 * LEX_BAD; the token that was read last stands in the object.  lex_release
 * frees its text.  The statement is borrowed.
 *
 * Comments (-- to the end of the line, nested slash-star) are white space.
 */

enum lex_kind {
	LEX_END,
	LEX_WORD,   /* bare: a keyword or an identifier */
	LEX_NAME,   /* [name] or "name": never a keyword */
	LEX_STRING, /* 'text' or N'text' */
	LEX_NUMBER, /* decimal digits */
	LEX_SIGN,   /* one of , = ( ) ; or any other single character */
	LEX_BAD     /* an open quote or comment; bad is the message's number */
};

struct lex {
	const char *at;
	enum lex_kind kind;
	struct str text; /* without quotes, doubled ones undone */
	int bad;         /* 105: open quotation, 113: open comment */
};

void lex_init(struct lex *lex, const char *statement);
void lex_release(struct lex *lex);

/* Read the next token; returns its kind. */
enum lex_kind lex_next(struct lex *lex);

/* Whether the token is that keyword, in any case. */
int lex_is_word(const struct lex *lex, const char *word);
int lex_is_sign(const struct lex *lex, char sign);

#endif
