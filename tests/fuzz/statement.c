/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A BACKUP or RESTORE statement that is built from a description, one field a
 * line, the first letter telling which:
 *
 *     v b | v r | v v | v h | v f | v l      BACKUP, RESTORE, VERIFYONLY, ...
 *     d NAME  s SET  N NAME  D DESCRIPTION  m LOGICAL=PATH  S STANDBY
 *     F FILE  G FILEGROUP  P FILE:PAGE  a STOPAT  k MARK  K BEFORE  A AFTER
 *     X EXPIREDATE  z COMPRESSION  Z LEVEL  e ENCRYPTION  E CERTIFICATE
 *     y KEY  x EXTRA  n f o b r l c C t R B T U p ...   (see take_flag)
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
#include "sql/when.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOVES_MAX 17
#define LINES_MAX 64

struct wish {
	char verb;
	struct statement_backup backup;
	struct statement_restore restore;
	struct statement_move moves[MOVES_MAX];
	const char *files[LINES_MAX];
	const char *filegroups[LINES_MAX];
	const char *pages[LINES_MAX];
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
		wish->restore.verb = wish->backup.type == STATEMENT_LOG ?
		    STATEMENT_RESTORE_LOG : STATEMENT_RESTORE_DATABASE;
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
		wish->restore.partial = (value & 2) != 0;
		break;
	case 'o':
		wish->backup.continue_after_error =
		    wish->restore.continue_after_error = (value & 1) != 0;
		wish->restore.restricted_user = (value & 2) != 0;
		wish->restore.keep_replication = (value & 4) != 0;
		wish->restore.keep_cdc = (value & 8) != 0;
		wish->backup.parts.read_write = (value & 16) != 0;
		break;
	case 'b':
		wish->restore.broker = (enum statement_broker)(value % 4);
		break;
	case 'r':
		wish->backup.retain_days = value;
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

/* A text that stands for itself; false: none has that letter. */
static bool
take_text(struct wish *wish, char field, const char *text)
{
	struct statement_backup *backup = &wish->backup;
	struct statement_restore *restore = &wish->restore;
	const struct {
		char field;
		const char **to;
	} texts[] = {
		{ 's', &backup->devices.set_name },
		{ 'N', &backup->name },
		{ 'D', &backup->description },
		{ 'X', &backup->expire_date },
		{ 'z', &backup->compression_algorithm },
		{ 'Z', &backup->compression_level },
		{ 'e', &backup->encryption.algorithm },
		{ 'E', &backup->encryption.certificate },
		{ 'y', &backup->encryption.asymmetric_key },
		{ 'a', &restore->stop_at },
		{ 'k', &restore->stop_at_mark },
		{ 'K', &restore->stop_before_mark },
		{ 'A', &restore->mark_after },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(texts); i++)
		if (texts[i].field == field) {
			*texts[i].to = text;
			return (true);
		}
	return (false);
}

static void
take_line(struct wish *wish, char *line)
{
	char *text = line[0] != '\0' && line[1] != '\0' ? line + 2 : line;
	struct statement_parts *parts = &wish->backup.parts;

	if (take_text(wish, line[0], text))
		return;
	switch (line[0]) {
	case 'v':
		wish->verb = *text;
		break;
	case 'd':
		wish->backup.database = wish->restore.database = text;
		break;
	case 'S':
		wish->backup.standby_file = wish->restore.standby_file = text;
		break;
	case 'x':
		wish->backup.extra = wish->restore.extra = text;
		break;
	case 'm':
		take_move(wish, text);
		break;
	case 'F':
		wish->files[parts->file_count++] = text;
		break;
	case 'G':
		wish->filegroups[parts->filegroup_count++] = text;
		break;
	case 'P':
		wish->pages[wish->restore.page_count++] = text;
		break;
	default:
		take_flag(wish, line[0], (uint8_t)*text);
		break;
	}
}

/* ---- texts, in the order that they stand in ------------------------- */

/* The next text in quotes or brackets is that one. */
static void
next_is(struct lex *lex, enum lex_kind kind, const char *text)
{
	if (text == NULL)
		return;
	do
		FUZZ_CHECK(lex_next(lex) != LEX_END && lex->kind != LEX_BAD);
	while (lex->kind != LEX_STRING && lex->kind != LEX_NAME);
	FUZZ_CHECK(lex->kind == kind);
	FUZZ_CHECK(strcmp(lex->text.text, text) == 0);
}

static void
next_is_time(struct lex *lex, const char *text)
{
	char written[WHEN_ROOM];

	if (text == NULL)
		return;
	FUZZ_CHECK(when_write(written, text, NULL) == 0);
	next_is(lex, LEX_STRING, written);
}

static void
next_is_mark(struct lex *lex, const char *mark, const char *after)
{
	if (mark == NULL)
		return;
	if (strncasecmp(mark, "lsn:", 4) != 0) {
		next_is(lex, LEX_STRING, mark);
	} else {
		do
			FUZZ_CHECK(lex_next(lex) != LEX_END);
		while (lex->kind != LEX_STRING);
		FUZZ_CHECK(strncmp(lex->text.text, "lsn:", 4) == 0);
		FUZZ_CHECK(strcmp(lex->text.text + 4, mark + 4) == 0);
	}
	next_is_time(lex, after);
}

static void
next_are_devices(struct lex *lex, const struct statement_devices *devices)
{
	char name[STATEMENT_NAME_ROOM];
	unsigned i;

	for (i = 1; i <= devices->count; i++) {
		FUZZ_CHECK(statement_device_name(name, devices->set_name,
		    i) == 0);
		next_is(lex, LEX_STRING, name);
	}
}

static void
next_are_parts(struct lex *lex, const struct statement_parts *parts)
{
	size_t i;

	for (i = 0; i < parts->file_count; i++)
		next_is(lex, LEX_STRING, parts->files[i]);
	for (i = 0; i < parts->filegroup_count; i++)
		next_is(lex, LEX_STRING, parts->filegroups[i]);
}

static void
check_backup_texts(struct lex *lex, const struct statement_backup *backup)
{
	next_is(lex, LEX_NAME, backup->database);
	next_are_parts(lex, &backup->parts);
	next_are_devices(lex, &backup->devices);
	next_is(lex, LEX_STRING, backup->standby_file);
	if (backup->encryption.algorithm != NULL) {
		next_is(lex, LEX_NAME, backup->encryption.certificate);
		next_is(lex, LEX_NAME, backup->encryption.asymmetric_key);
	}
	next_is(lex, LEX_STRING, backup->name);
	next_is(lex, LEX_STRING, backup->description);
	next_is_time(lex, backup->expire_date);
}

static bool
is_restoring(const struct statement_restore *restore)
{
	return (restore->verb == STATEMENT_RESTORE_DATABASE ||
	    restore->verb == STATEMENT_RESTORE_LOG);
}

static void
check_restore_texts(struct lex *lex, const struct statement_restore *restore)
{
	struct str pages;
	size_t i;

	if (is_restoring(restore))
		next_is(lex, LEX_NAME, restore->database);
	next_are_parts(lex, &restore->parts);
	str_init(&pages);
	for (i = 0; i < restore->page_count; i++)
		str_addf(&pages, "%s%s", i == 0 ? "" : ", ",
		    restore->pages[i]);
	FUZZ_CHECK(str_check(&pages, NULL) == 0);
	if (restore->page_count > 0)
		next_is(lex, LEX_STRING, pages.text);
	str_release(&pages);
	next_are_devices(lex, &restore->devices);
	for (i = 0; i < restore->move_count; i++) {
		next_is(lex, LEX_STRING, restore->moves[i].logical);
		next_is(lex, LEX_STRING, restore->moves[i].path);
	}
	if (!is_restoring(restore))
		return;
	if (restore->recovery == STATEMENT_STANDBY)
		next_is(lex, LEX_STRING, restore->standby_file);
	next_is_time(lex, restore->stop_at);
	next_is_mark(lex, restore->stop_at_mark, restore->mark_after);
	next_is_mark(lex, restore->stop_before_mark, restore->mark_after);
}

static void
check_texts(const struct wish *wish, const char *text)
{
	struct lex lex;

	lex_init(&lex, text);
	if (wish->verb == 'b')
		check_backup_texts(&lex, &wish->backup);
	else
		check_restore_texts(&lex, &wish->restore);
	lex_release(&lex);
}

/* ---- as the engine takes it ----------------------------------------- */

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
	FUZZ_CHECK(parsed->continue_after_error ==
	    backup->continue_after_error);
	FUZZ_CHECK((parsed->refused != NULL) == (backup->tail ||
	    backup->standby_file != NULL || backup->retain_days != 0 ||
	    backup->expire_date != NULL ||
	    backup->encryption.algorithm != NULL ||
	    statement_has_parts(&backup->parts)) || backup->extra != NULL);
	FUZZ_CHECK(parsed->move_count == 0 && !parsed->replace);
}

/* What the engine does not do. */
static bool
is_more(const struct statement_restore *restore)
{
	return (restore->recovery != STATEMENT_RECOVERY ||
	    statement_has_parts(&restore->parts) || restore->page_count > 0 ||
	    restore->partial || restore->stop_at != NULL ||
	    restore->stop_at_mark != NULL ||
	    restore->stop_before_mark != NULL || restore->restricted_user ||
	    restore->keep_replication || restore->keep_cdc ||
	    restore->broker != STATEMENT_BROKER_UNSAID);
}

static void
check_restore(const struct statement_restore *restore,
    const struct tsql_statement *parsed)
{
	static const enum tsql_verb verbs[] = {
		[STATEMENT_RESTORE_DATABASE] = TSQL_RESTORE_DATABASE,
		[STATEMENT_RESTORE_LOG] = TSQL_RESTORE_LOG,
		[STATEMENT_VERIFYONLY] = TSQL_VERIFYONLY,
		[STATEMENT_HEADERONLY] = TSQL_HEADERONLY,
		[STATEMENT_FILELISTONLY] = TSQL_FILELISTONLY,
		[STATEMENT_LABELONLY] = TSQL_LABELONLY,
	};
	size_t i;

	FUZZ_CHECK(parsed->verb == verbs[restore->verb]);
	FUZZ_CHECK((int)parsed->checksum == (int)restore->checksum);
	FUZZ_CHECK(parsed->continue_after_error ==
	    restore->continue_after_error);
	FUZZ_CHECK(parsed->stats == restore->stats);
	FUZZ_CHECK(parsed->replace == restore->replace);
	FUZZ_CHECK(parsed->move_count == restore->move_count);
	for (i = 0; i < restore->move_count; i++)
		FUZZ_CHECK(same_text(restore->moves[i].logical,
		    parsed->moves[i].logical) &&
		    same_text(restore->moves[i].path, parsed->moves[i].path));
	if (is_restoring(restore))
		FUZZ_CHECK(same_text(restore->database, parsed->database));
	FUZZ_CHECK((is_restoring(restore) && is_more(restore)) ==
	    (parsed->refused != NULL) || restore->extra != NULL);
}

/* What SQL Server takes and the engine does not, or only the engine judges. */
static bool
is_beyond_engine(const struct wish *wish)
{
	return (wish->verb != 'b' &&
	    wish->restore.move_count > TSQL_MOVE_MAX);
}

/* Options that an option of ours sets, and --with may not. */
static bool
is_ours(const struct lex *lex, bool is_backup)
{
	static const char *const both[] = { "BLOCKSIZE", "MAXTRANSFERSIZE",
		"BUFFERCOUNT", "CHECKSUM", "NO_CHECKSUM", "STATS",
		"NORECOVERY", "STANDBY", "SNAPSHOT", "CONTINUE_AFTER_ERROR",
		"STOP_ON_ERROR", "FILEGROUP", "READ_WRITE_FILEGROUPS" };
	static const char *const backup[] = { "COPY_ONLY", "DIFFERENTIAL",
		"COMPRESSION", "NO_COMPRESSION", "NAME", "DESCRIPTION",
		"FORMAT", "NOFORMAT", "INIT", "NOINIT", "ENCRYPTION",
		"EXPIREDATE", "RETAINDAYS" };
	static const char *const restore[] = { "RECOVERY", "REPLACE", "MOVE",
		"STOPAT", "STOPATMARK", "STOPBEFOREMARK", "FILE", "PAGE",
		"PARTIAL", "RESTRICTED_USER", "KEEP_REPLICATION", "KEEP_CDC",
		"ENABLE_BROKER", "NEW_BROKER", "ERROR_BROKER_CONVERSATIONS" };
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
	check_texts(wish, text);
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
choose_verb(struct wish *wish)
{
	static const struct {
		char letter;
		enum statement_verb verb;
	} readings[] = {
		{ 'v', STATEMENT_VERIFYONLY },
		{ 'h', STATEMENT_HEADERONLY },
		{ 'f', STATEMENT_FILELISTONLY },
		{ 'l', STATEMENT_LABELONLY },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(readings); i++)
		if (readings[i].letter == wish->verb)
			wish->restore.verb = readings[i].verb;
}

static void
build(struct wish *wish)
{
	struct error error;
	char *text;
	int checked;

	error_init(&error);
	wish->restore.devices = wish->backup.devices;
	wish->restore.parts = wish->backup.parts;
	wish->backup.parts.files = wish->restore.parts.files = wish->files;
	wish->backup.parts.filegroups = wish->restore.parts.filegroups =
	    wish->filegroups;
	wish->restore.pages = wish->pages;
	choose_verb(wish);
	checked = wish->verb == 'b' ?
	    statement_check_backup(&wish->backup, NULL) :
	    statement_check_restore(&wish->restore, NULL);
	text = wish->verb == 'b' ?
	    statement_build_backup(&wish->backup, &error) :
	    statement_build_restore(&wish->restore, &error);
	FUZZ_CHECK(text == NULL || checked == 0);
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
