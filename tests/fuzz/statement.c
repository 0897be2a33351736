/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A BACKUP or RESTORE statement that is built from a description, one field a
 * line, the first letter telling which:
 *
 *     v b | v r | v v     BACKUP, RESTORE, VERIFYONLY
 *     d NAME  s SET  N NAME  D DESCRIPTION  m LOGICAL=PATH  S STANDBY
 *     a STOPAT  x EXTRA  n f l c C z Z t R B T U p ...   (see take_flag)
 *
 * Whatever the texts hold, the statement that comes out has to be parsed as
 * the description that went in: nothing in a name can end its quotes, and
 * nothing in --with can change what the other options say.
 */

#include "common.h"

#include "base/utf.h"
#include "engine/lex.h"
#include "engine/tsql.h"
#include "sql/statement.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOVES_MAX 17
#define LINES_MAX 64

struct wish {
	char verb;
	struct statement_backup backup;
	struct statement_restore restore;
	struct statement_move moves[MOVES_MAX];
	char *lines[LINES_MAX]; /* owned */
	size_t line_count;
};

/* Fields without a text of their own. */
static void
take_flag(struct wish *wish, char field, uint8_t value)
{
	struct statement_devices *devices = &wish->backup.devices;

	switch (field) {
	case 'n':
		devices->count = value % 66;
		break;
	case 'B':
		devices->block_size = 512u << value % 8;
		break;
	case 'T':
		devices->transfer_size = (1 + value % 64u) * 65536;
		break;
	case 'U':
		devices->buffer_count = value;
		break;
	case 'p':
		wish->backup.stats = wish->restore.stats = value % 101;
		break;
	case 't':
		wish->backup.type = (enum statement_type)(value % 3);
		wish->restore.log = wish->backup.type == STATEMENT_LOG;
		break;
	case 'c':
		wish->backup.checksum = wish->restore.checksum =
		    (enum statement_choice)(value % 3);
		break;
	case 'C':
		wish->backup.compression = (enum statement_choice)(value % 3);
		break;
	case 'R':
		wish->restore.recovery = (enum statement_recovery)(value % 3);
		break;
	case 'f':
		wish->backup.copy_only = (value & 1) != 0;
		wish->backup.tail = (value & 2) != 0;
		wish->restore.replace = (value & 1) != 0;
		break;
	default:
		break;
	}
}

static void
take_move(struct wish *wish, char *text)
{
	struct statement_move *move;
	char *equals = strchr(text, '=');

	if (equals == NULL || wish->restore.move_count == MOVES_MAX)
		return;
	*equals = '\0';
	move = &wish->moves[wish->restore.move_count++];
	move->logical = text;
	move->path = equals + 1;
}

static void
take_line(struct wish *wish, char *line)
{
	char *text = line[0] != '\0' && line[1] != '\0' ? line + 2 : line;

	switch (line[0]) {
	case 'v':
		wish->verb = *text;
		break;
	case 'd':
		wish->backup.database = wish->restore.database = text;
		break;
	case 's':
		wish->backup.devices.set_name = text;
		break;
	case 'N':
		wish->backup.name = text;
		break;
	case 'D':
		wish->backup.description = text;
		break;
	case 'S':
		wish->restore.standby_file = text;
		break;
	case 'a':
		wish->restore.stop_at = text;
		break;
	case 'x':
		wish->backup.extra = wish->restore.extra = text;
		break;
	case 'm':
		take_move(wish, text);
		break;
	default:
		take_flag(wish, line[0], (uint8_t)*text);
		break;
	}
}

static bool
same_text(const char *built, const char *parsed)
{
	return (built == NULL ? parsed == NULL :
	    parsed != NULL && strcmp(built, parsed) == 0);
}

static void
check_devices(const struct statement_devices *devices,
    const struct tsql_statement *parsed)
{
	char name[STATEMENT_NAME_ROOM];
	unsigned i;

	FUZZ_CHECK(parsed->device_count == devices->count);
	for (i = 0; i < devices->count; i++) {
		FUZZ_CHECK(statement_device_name(name, devices->set_name,
		    i + 1) == 0);
		FUZZ_CHECK(strcmp(parsed->devices[i], name) == 0);
	}
	FUZZ_CHECK(parsed->block_size == devices->block_size);
	FUZZ_CHECK(parsed->transfer_size == devices->transfer_size);
	FUZZ_CHECK(parsed->buffer_count == devices->buffer_count);
}

static void
check_backup(const struct statement_backup *backup,
    const struct tsql_statement *parsed)
{
	FUZZ_CHECK(parsed->verb == (backup->type == STATEMENT_LOG ?
	    TSQL_BACKUP_LOG : TSQL_BACKUP_DATABASE));
	FUZZ_CHECK(same_text(backup->database, parsed->database));
	FUZZ_CHECK(parsed->differential == (backup->type == STATEMENT_DIFF));
	FUZZ_CHECK(parsed->copy_only == backup->copy_only);
	FUZZ_CHECK(parsed->compression ==
	    (backup->compression == STATEMENT_YES));
	FUZZ_CHECK((int)parsed->checksum == (int)backup->checksum);
	FUZZ_CHECK(same_text(backup->name, parsed->name));
	FUZZ_CHECK(same_text(backup->description, parsed->description));
	FUZZ_CHECK(parsed->stats == backup->stats);
	FUZZ_CHECK(!backup->tail || parsed->refused != NULL);
	FUZZ_CHECK(parsed->move_count == 0 && !parsed->replace);
}

static void
check_restore(const struct statement_restore *restore,
    const struct tsql_statement *parsed)
{
	size_t i;

	FUZZ_CHECK(parsed->verb == (restore->verify_only ? TSQL_VERIFYONLY :
	    restore->log ? TSQL_RESTORE_LOG : TSQL_RESTORE_DATABASE));
	FUZZ_CHECK((int)parsed->checksum == (int)restore->checksum);
	FUZZ_CHECK(parsed->stats == restore->stats);
	if (restore->verify_only)
		return;
	FUZZ_CHECK(same_text(restore->database, parsed->database));
	FUZZ_CHECK(parsed->replace == restore->replace);
	FUZZ_CHECK(parsed->move_count == restore->move_count);
	for (i = 0; i < restore->move_count; i++)
		FUZZ_CHECK(same_text(restore->moves[i].logical,
		    parsed->moves[i].logical) &&
		    same_text(restore->moves[i].path, parsed->moves[i].path));
	FUZZ_CHECK((restore->recovery == STATEMENT_RECOVERY &&
	    restore->stop_at == NULL && restore->extra == NULL) ==
	    (parsed->refused == NULL) || restore->extra != NULL);
}

/* What SQL Server takes and the engine does not, or only the engine judges. */
static bool
is_beyond_engine(const struct wish *wish)
{
	if (wish->verb == 'b')
		return (wish->backup.copy_only &&
		    wish->backup.type == STATEMENT_DIFF);
	return (!wish->restore.verify_only &&
	    wish->restore.move_count > TSQL_MOVE_MAX);
}

/* Options that an option of ours sets, and --with may not. */
static bool
is_ours(const struct lex *lex, bool is_backup)
{
	static const char *const both[] = { "BLOCKSIZE", "MAXTRANSFERSIZE",
		"BUFFERCOUNT", "CHECKSUM", "NO_CHECKSUM", "STATS",
		"NORECOVERY", "STANDBY", "SNAPSHOT" };
	static const char *const backup[] = { "COPY_ONLY", "DIFFERENTIAL",
		"COMPRESSION", "NO_COMPRESSION", "NAME", "DESCRIPTION",
		"FORMAT", "NOFORMAT", "INIT", "NOINIT" };
	static const char *const restore[] = { "RECOVERY", "REPLACE", "MOVE",
		"STOPAT", "FILE" };
	const char *const *own = is_backup ? backup : restore;
	size_t count = is_backup ? ARRAY_COUNT(backup) : ARRAY_COUNT(restore);
	size_t i;

	for (i = 0; i < ARRAY_COUNT(both); i++)
		if (lex_is_word(lex, both[i]))
			return (true);
	for (i = 0; i < count; i++)
		if (lex_is_word(lex, own[i]))
			return (true);
	return (false);
}

/* What --with has become in the statement, as the engine's lexer takes it: a
 * list of further options, and never the end of the statement. */
static void
check_extra(const char *extra, bool is_backup)
{
	bool is_first = true;
	struct lex lex;
	int depth = 0;

	lex_init(&lex, extra);
	while (lex_next(&lex) != LEX_END) {
		FUZZ_CHECK(lex.kind != LEX_BAD);
		FUZZ_CHECK(!lex_is_sign(&lex, ';'));
		FUZZ_CHECK(!is_first || !is_ours(&lex, is_backup));
		depth += lex_is_sign(&lex, '(') - lex_is_sign(&lex, ')');
		FUZZ_CHECK(depth >= 0);
		is_first = depth == 0 && lex_is_sign(&lex, ',');
	}
	FUZZ_CHECK(depth == 0 && !is_first);
	lex_release(&lex);
}

/* text is the statement of the same wish without extra, and extra. */
static void
check_end(const struct wish *wish, const char *text, const char *extra)
{
	struct statement_backup backup = wish->backup;
	struct statement_restore restore = wish->restore;
	char *plain;

	backup.extra = restore.extra = NULL;
	plain = wish->verb == 'b' ? statement_build_backup(&backup, NULL) :
	    statement_build_restore(&restore, NULL);
	FUZZ_CHECK(plain != NULL);
	FUZZ_CHECK(strncmp(text, plain, strlen(plain)) == 0);
	text += strlen(plain);
	FUZZ_CHECK(strncmp(text, ", ", 2) == 0 ||
	    strncmp(text, " WITH ", 6) == 0);
	FUZZ_CHECK(strcmp(text + (*text == ',' ? 2 : 6), extra) == 0);
	check_extra(extra, wish->verb == 'b');
	free(plain);
}

static void
check_text(const struct wish *wish, const char *text)
{
	const char *extra = wish->verb == 'b' ? wish->backup.extra :
	    wish->restore.extra;
	struct tsql_statement parsed;
	struct tsql_error error;

	FUZZ_CHECK(utf_is_valid(text));
	if (extra != NULL && extra[0] != '\0')
		check_end(wish, text, extra);
	if (tsql_parse(text, &parsed, &error) != 0) {
		FUZZ_CHECK((extra != NULL && extra[0] != '\0') ||
		    is_beyond_engine(wish));
	} else {
		check_devices(&wish->backup.devices, &parsed);
		if (wish->verb == 'b')
			check_backup(&wish->backup, &parsed);
		else
			check_restore(&wish->restore, &parsed);
	}
	tsql_release(&parsed);
}

static void
build(struct wish *wish)
{
	struct error error;
	char *text;

	error_init(&error);
	wish->restore.devices = wish->backup.devices;
	wish->restore.verify_only = wish->verb == 'v';
	text = wish->verb == 'b' ?
	    statement_build_backup(&wish->backup, &error) :
	    statement_build_restore(&wish->restore, &error);
	if (text == NULL)
		fuzz_check_error(&error, 1u << KIND_USAGE);
	else
		check_text(wish, text);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct wish wish = { .verb = 'b' };
	char *line;
	size_t i;

	wish.backup.database = wish.restore.database = "Sales";
	wish.backup.devices.set_name = "set";
	wish.backup.devices.count = 1;
	wish.restore.moves = wish.moves;
	while (wish.line_count < LINES_MAX &&
	    (line = fuzz_take_line(&input)) != NULL) {
		wish.lines[wish.line_count++] = line;
		take_line(&wish, line);
	}
	build(&wish);
	for (i = 0; i < wish.line_count; i++)
		free(wish.lines[i]);
	return (0);
}
