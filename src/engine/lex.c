/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/lex.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void
lex_init(struct lex *lex, const char *statement)
{
	memset(lex, 0, sizeof(*lex));
	lex->at = statement;
	str_init(&lex->text);
}

void
lex_release(struct lex *lex)
{
	str_release(&lex->text);
}

int
lex_is_word(const struct lex *lex, const char *word)
{
	return (lex->kind == LEX_WORD &&
	    strcasecmp(lex->text.text, word) == 0);
}

int
lex_is_sign(const struct lex *lex, char sign)
{
	return (lex->kind == LEX_SIGN && lex->text.text[0] == sign);
}

static enum lex_kind
set_bad(struct lex *lex, int number)
{
	lex->kind = LEX_BAD;
	lex->bad = number;
	return (LEX_BAD);
}

/* Past a comment that begins at lex->at; -1: it has no end. */
static int
skip_block_comment(struct lex *lex)
{
	unsigned depth = 0;

	do {
		if (lex->at[0] == '/' && lex->at[1] == '*') {
			depth++;
			lex->at += 2;
		} else if (lex->at[0] == '*' && lex->at[1] == '/') {
			depth--;
			lex->at += 2;
		} else if (lex->at[0] == '\0') {
			return (-1);
		} else {
			lex->at++;
		}
	} while (depth > 0);
	return (0);
}

static int
skip_blanks(struct lex *lex)
{
	for (;;) {
		if (isspace((unsigned char)*lex->at)) {
			lex->at++;
		} else if (lex->at[0] == '-' && lex->at[1] == '-') {
			while (*lex->at != '\0' && *lex->at != '\n')
				lex->at++;
		} else if (lex->at[0] == '/' && lex->at[1] == '*') {
			if (skip_block_comment(lex) != 0)
				return (-1);
		} else {
			return (0);
		}
	}
}

/* From the character after the opening quote to the closing one. */
static enum lex_kind
read_quoted(struct lex *lex, char closing, enum lex_kind kind)
{
	for (;;) {
		if (*lex->at == '\0')
			return (set_bad(lex, 105));
		if (*lex->at == closing) {
			if (lex->at[1] != closing)
				break;
			lex->at++;
		}
		str_add_bytes(&lex->text, lex->at++, 1);
	}
	lex->at++;
	lex->kind = kind;
	return (kind);
}

/* Bytes above ASCII belong to letters of other alphabets. */
static int
is_word_start(char c)
{
	return (isalpha((unsigned char)c) || c == '_' || c == '#' ||
	    (c & 0x80) != 0);
}

static int
is_word_part(char c)
{
	return (is_word_start(c) || isdigit((unsigned char)c) || c == '@' ||
	    c == '$');
}

enum lex_kind
lex_next(struct lex *lex)
{
	const char *start;

	str_clear(&lex->text);
	if (skip_blanks(lex) != 0)
		return (set_bad(lex, 113));
	start = lex->at;
	if (*start == '\0')
		return (lex->kind = LEX_END);
	if (*start == '\'') {
		lex->at++;
		return (read_quoted(lex, '\'', LEX_STRING));
	}
	if ((*start == 'N' || *start == 'n') && start[1] == '\'') {
		lex->at += 2;
		return (read_quoted(lex, '\'', LEX_STRING));
	}
	if (*start == '[') {
		lex->at++;
		return (read_quoted(lex, ']', LEX_NAME));
	}
	if (*start == '"') {
		lex->at++;
		return (read_quoted(lex, '"', LEX_NAME));
	}
	if (isdigit((unsigned char)*start)) {
		while (is_word_part(*lex->at))
			lex->at++;
		lex->kind = LEX_NUMBER;
	} else if (is_word_start(*start)) {
		while (is_word_part(*lex->at))
			lex->at++;
		lex->kind = LEX_WORD;
	} else {
		lex->at++;
		lex->kind = LEX_SIGN;
	}
	str_add_bytes(&lex->text, start, (size_t)(lex->at - start));
	return (lex->kind);
}
