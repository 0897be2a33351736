/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The engine's T-SQL.  A statement that is taken is complete and in range; one
 * that is not has a message of the server's.
 */

#include "common.h"

#include "engine/lex.h"
#include "engine/tsql.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Each token takes at least a character, or ends the text. */
static void
read_words(const char *text)
{
	struct lex lex;
	size_t count = 0;

	lex_init(&lex, text);
	while (lex_next(&lex) != LEX_END && lex.kind != LEX_BAD) {
		FUZZ_CHECK(++count <= strlen(text));
		FUZZ_CHECK(lex.kind == LEX_STRING || lex.kind == LEX_NAME ||
		    lex.text.length > 0);
	}
	FUZZ_CHECK(lex.kind == LEX_END || lex.bad == 105 || lex.bad == 113);
	lex_release(&lex);
}

static void
check_statement(const struct tsql_statement *statement)
{
	bool named = statement->verb <= TSQL_RESTORE_LOG;
	unsigned i;

	FUZZ_CHECK(named == (statement->database != NULL));
	FUZZ_CHECK(tsql_verb_name(statement->verb) != NULL);
	FUZZ_CHECK(statement->device_count >= 1 &&
	    statement->device_count <= VD_MAX_DEVICES);
	for (i = 0; i < statement->device_count; i++)
		FUZZ_CHECK(statement->devices[i][0] != '\0');
	FUZZ_CHECK(statement->block_size == 0 ||
	    (statement->block_size >= VD_MIN_BLOCK_SIZE &&
	    statement->block_size <= VD_MAX_BLOCK_SIZE));
	FUZZ_CHECK(statement->transfer_size <= VD_MAX_TRANSFER_SIZE &&
	    statement->transfer_size % VD_MIN_TRANSFER_SIZE == 0);
	FUZZ_CHECK(statement->stats <= 100);
	FUZZ_CHECK(statement->move_count <= TSQL_MOVE_MAX);
	for (i = 0; i < statement->move_count; i++)
		FUZZ_CHECK(statement->moves[i].logical != NULL &&
		    statement->moves[i].path != NULL);
	FUZZ_CHECK(!statement->copy_only || !statement->differential);
}

static bool
is_known_number(int number)
{
	static const int numbers[] = { 102, 105, 113, 153, 155, 156, 3031,
		3044, 3205, 40517 };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(numbers); i++)
		if (numbers[i] == number)
			return (true);
	return (false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct tsql_statement statement;
	struct tsql_error error;

	read_words(text);
	if (tsql_parse(text, &statement, &error) == 0)
		check_statement(&statement);
	else
		FUZZ_CHECK(is_known_number(error.number));
	tsql_release(&statement);
	free(text);
	return (0);
}
