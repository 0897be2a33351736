/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/statement.h"

#include "sql/clause.h"
#include "sql/quote.h"
#include "sql/rule.h"
#include "sql/when.h"

#include "base/num.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Buffers that one device keeps busy: one is being filled by the server, one
 * is queued, one is in the writer's hands. */
#define PER_DEVICE 3u
#define PER_DEVICE_MIN 2u

/* T-SQL's own limits. */
#define PAGES_MAX 1000u
#define PAGE_TEXT_MAX 32u
#define LSN_DIGITS_MAX 25u

/* SQL Server's; it takes no others. */
static const char *const compressions[] = { "MS_XPRESS", "QAT_DEFLATE", "ZSTD",
	NULL };
static const char *const levels[] = { "LOW", "MEDIUM", "HIGH", NULL };
static const char *const ciphers[] = { "AES_128", "AES_192", "AES_256",
	"TRIPLE_DES_3KEY", NULL };

static int
usage(struct error *error, const char *what)
{
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0, "%s", what));
}

int
statement_device_name(char name[STATEMENT_NAME_ROOM], const char *set_name,
    unsigned index)
{
	int length;

	if (index <= 1)
		length = snprintf(name, STATEMENT_NAME_ROOM, "%s", set_name);
	else
		length = snprintf(name, STATEMENT_NAME_ROOM, "%s%u", set_name,
		    index - 1);
	return (length >= 0 && length < STATEMENT_NAME_ROOM ? 0 : -1);
}

uint32_t
statement_buffer_count(unsigned devices, unsigned threads,
    uint32_t transfer_size, uint32_t frame_size, uint64_t limit)
{
	uint64_t count = (uint64_t)devices * PER_DEVICE;
	uint64_t least = (uint64_t)devices * PER_DEVICE_MIN;

	if (transfer_size >= frame_size)
		count += threads;
	if (limit > 0 && count * transfer_size > limit)
		count = limit / transfer_size;
	if (count < least)
		count = least;
	return ((uint32_t)(count <= UINT32_MAX ? count : UINT32_MAX));
}

/* ---- BACKUP --------------------------------------------------------- */

static int
compression(struct clause *with, const struct statement_backup *backup,
    struct error *error)
{
	const char *word;

	clause_choice(with, backup->compression, "COMPRESSION",
	    "NO_COMPRESSION");
	if (backup->compression_algorithm == NULL)
		return (0);
	word = clause_known(compressions, backup->compression_algorithm,
	    "algorithm of COMPRESSION", error);
	if (word == NULL)
		return (-1);
	str_addf(with->to, " (ALGORITHM = %s", word);
	if (backup->compression_level != NULL) {
		word = clause_known(levels, backup->compression_level,
		    "level of COMPRESSION", error);
		if (word == NULL)
			return (-1);
		str_addf(with->to, ", LEVEL = %s", word);
	}
	str_add(with->to, ")");
	return (0);
}

static int
encryption(struct clause *with, const struct statement_encryption *by,
    struct error *error)
{
	const char *name = by->certificate != NULL ? by->certificate :
	    by->asymmetric_key;
	const char *word;

	if (by->algorithm == NULL)
		return (0);
	if (name == NULL ||
	    (by->certificate != NULL && by->asymmetric_key != NULL))
		return (usage(error, "ENCRYPTION takes a certificate or an "
		    "asymmetric key, one of the two"));
	word = clause_known(ciphers, by->algorithm, "algorithm of ENCRYPTION",
	    error);
	if (word == NULL)
		return (-1);
	clause_word(with, "ENCRYPTION (ALGORITHM = ");
	str_addf(with->to, "%s, SERVER %s = ", word,
	    by->certificate != NULL ? "CERTIFICATE" : "ASYMMETRIC KEY");
	if (quote_identifier(with->to, name, error) != 0) {
		error_context(error, "ENCRYPTION");
		return (-1);
	}
	str_add(with->to, ")");
	return (0);
}

/* What the set says of itself. */
static int
backup_words(struct clause *with, const struct statement_backup *backup,
    struct error *error)
{
	if (clause_text(with, "NAME", backup->name, CLAUSE_NAME, error) != 0 ||
	    clause_text(with, "DESCRIPTION", backup->description,
	        CLAUSE_DESCRIPTION, error) != 0 ||
	    clause_time(with, "EXPIREDATE", backup->expire_date, error) != 0)
		return (-1);
	clause_number(with, "RETAINDAYS", backup->retain_days);
	return (0);
}

static int
backup_options(struct str *to, const struct statement_backup *backup,
    struct error *error)
{
	struct clause with = { .to = to, .before = " WITH " };

	clause_word(&with, "FORMAT");
	clause_flag(&with, backup->type == STATEMENT_DIFF, "DIFFERENTIAL");
	clause_flag(&with, backup->copy_only, "COPY_ONLY");
	if (backup->standby_file == NULL)
		clause_flag(&with, backup->tail, "NORECOVERY");
	if (clause_text(&with, "STANDBY", backup->standby_file, CLAUSE_PATH,
	        error) != 0)
		return (-1);
	clause_choice(&with, backup->checksum, "CHECKSUM", "NO_CHECKSUM");
	clause_flag(&with, backup->continue_after_error,
	    "CONTINUE_AFTER_ERROR");
	if (compression(&with, backup, error) != 0 ||
	    encryption(&with, &backup->encryption, error) != 0)
		return (-1);
	clause_sizes(&with, &backup->devices);
	if (backup_words(&with, backup, error) != 0)
		return (-1);
	clause_number(&with, "STATS", backup->stats);
	return (clause_extra(&with, backup->extra, false, error));
}

static char *
build_backup(const struct statement_backup *backup, struct error *error)
{
	struct clause parts = { .before = " " };
	struct clause devices = { .before = " TO " };
	struct str text;
	char *owned = NULL;

	str_init(&text);
	parts.to = devices.to = &text;
	if (rule_check_backup(backup, error) != 0)
		goto out;
	str_add(&text, backup->type == STATEMENT_LOG ? "BACKUP LOG " :
	    "BACKUP DATABASE ");
	if (quote_identifier(&text, backup->database, error) != 0 ||
	    clause_parts(&parts, &backup->parts, error) != 0 ||
	    clause_devices(&devices, &backup->devices, error) != 0 ||
	    backup_options(&text, backup, error) != 0)
		goto out;
	owned = str_detach(&text, error);
out:
	str_release(&text);
	return (owned);
}

char *
statement_build_backup(const struct statement_backup *backup,
    struct error *error)
{
	char *text = build_backup(backup, error);

	error_context(error, "the backup statement");
	return (text);
}

/* ---- RESTORE -------------------------------------------------------- */

static int
restore_state(struct clause *with, const struct statement_restore *restore,
    struct error *error)
{
	switch (restore->recovery) {
	case STATEMENT_RECOVERY:
		clause_word(with, "RECOVERY");
		return (0);
	case STATEMENT_NORECOVERY:
		clause_word(with, "NORECOVERY");
		return (0);
	case STATEMENT_STANDBY:
		if (restore->standby_file == NULL)
			return (usage(error, "STANDBY needs a file"));
		return (clause_text(with, "STANDBY", restore->standby_file,
		    CLAUSE_PATH, error));
	}
	return (usage(error, "no such recovery state"));
}

static int
restore_move(struct clause *with, const struct statement_restore *restore,
    size_t index, struct error *error)
{
	const struct statement_move *move = &restore->moves[index];
	size_t i;

	if (move->logical[0] == '\0' || move->path[0] == '\0')
		return (usage(error, "a name is empty"));
	for (i = 0; i < index; i++)
		if (strcmp(restore->moves[i].logical, move->logical) == 0)
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "\"%.64s\" is given two places",
			    move->logical));
	clause_word(with, "MOVE ");
	if (quote_literal(with->to, move->logical, CLAUSE_NAME, error) != 0)
		return (-1);
	str_add(with->to, " TO ");
	return (quote_literal(with->to, move->path, CLAUSE_PATH, error));
}

static int
restore_moves(struct clause *with, const struct statement_restore *restore,
    struct error *error)
{
	size_t i;

	for (i = 0; i < restore->move_count; i++)
		if (restore_move(with, restore, i, error) != 0) {
			error_context(error, "MOVE");
			return (-1);
		}
	return (0);
}

/* A mark's name, or lsn: and decimal digits as the server shows them. */
static int
restore_mark(struct clause *with, const char *name, const char *mark,
    const char *after, struct error *error)
{
	char written[LSN_DIGITS_MAX + 8];
	char moment[WHEN_ROOM];
	size_t digits;

	if (mark == NULL)
		return (0);
	if (strncasecmp(mark, "lsn:", 4) == 0) {
		digits = strspn(mark + 4, "0123456789");
		if (digits == 0 || digits > LSN_DIGITS_MAX ||
		    mark[4 + digits] != '\0')
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "%s: \"%.64s\" is not lsn: and up to %u decimal "
			    "digits", name, mark, LSN_DIGITS_MAX));
		(void)snprintf(written, sizeof(written), "lsn:%s", mark + 4);
		mark = written;
	}
	if (clause_text(with, name, mark, CLAUSE_NAME, error) != 0)
		return (-1);
	if (after == NULL)
		return (0);
	if (when_write(moment, after, error) != 0) {
		error_context(error, "%s AFTER", name);
		return (-1);
	}
	str_add(with->to, " AFTER ");
	return (quote_literal(with->to, moment, WHEN_ROOM, error));
}

static int
restore_stop(struct clause *with, const struct statement_restore *restore,
    struct error *error)
{
	if (clause_time(with, "STOPAT", restore->stop_at, error) != 0 ||
	    restore_mark(with, "STOPATMARK", restore->stop_at_mark,
	        restore->mark_after, error) != 0)
		return (-1);
	return (restore_mark(with, "STOPBEFOREMARK",
	    restore->stop_before_mark, restore->mark_after, error));
}

/* What becomes of the database, where there is one. */
static int
restore_outcome(struct clause *with, const struct statement_restore *restore,
    struct error *error)
{
	static const char *const brokers[] = {
		[STATEMENT_BROKER_ENABLE] = "ENABLE_BROKER",
		[STATEMENT_BROKER_NEW] = "NEW_BROKER",
		[STATEMENT_BROKER_ERROR_CONVERSATIONS] =
		    "ERROR_BROKER_CONVERSATIONS",
	};

	if (restore_state(with, restore, error) != 0 ||
	    restore_stop(with, restore, error) != 0)
		return (-1);
	clause_flag(with, restore->restricted_user, "RESTRICTED_USER");
	clause_flag(with, restore->keep_replication, "KEEP_REPLICATION");
	clause_flag(with, restore->keep_cdc, "KEEP_CDC");
	if (restore->broker != STATEMENT_BROKER_UNSAID)
		clause_word(with, brokers[restore->broker]);
	return (0);
}

static bool
names_database(enum statement_verb verb)
{
	return (verb == STATEMENT_RESTORE_DATABASE ||
	    verb == STATEMENT_RESTORE_LOG);
}

static int
restore_options(struct str *to, const struct statement_restore *restore,
    struct error *error)
{
	struct clause with = { .to = to, .before = " WITH " };

	clause_flag(&with, restore->partial, "PARTIAL");
	clause_flag(&with, restore->replace, "REPLACE");
	if (restore_moves(&with, restore, error) != 0 ||
	    (names_database(restore->verb) &&
	    restore_outcome(&with, restore, error) != 0))
		return (-1);
	clause_choice(&with, restore->checksum, "CHECKSUM", "NO_CHECKSUM");
	clause_flag(&with, restore->continue_after_error,
	    "CONTINUE_AFTER_ERROR");
	clause_sizes(&with, &restore->devices);
	clause_number(&with, "STATS", restore->stats);
	return (clause_extra(&with, restore->extra, true, error));
}

/* file:page, both as sys.suspect_pages has them. */
static int
check_page(const char *page, struct error *error)
{
	const char *colon = strchr(page, ':');
	char file[PAGE_TEXT_MAX];
	int64_t value;

	if (colon != NULL && (size_t)(colon - page) < sizeof(file)) {
		memcpy(file, page, (size_t)(colon - page));
		file[colon - page] = '\0';
		if (num_parse(file, 1, INT16_MAX, &value) == 0 &&
		    num_parse(colon + 1, 0, INT32_MAX, &value) == 0)
			return (0);
	}
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "PAGE: \"%.64s\" is not the number of a file and of a page in "
	    "it, such as 1:57", page));
}

/* One PAGE for all of them; digits and colons need no quoting. */
static int
restore_pages(struct clause *parts, const struct statement_restore *restore,
    struct error *error)
{
	size_t i;

	if (restore->page_count == 0)
		return (0);
	if (restore->page_count > PAGES_MAX)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "PAGE: %zu pages are more than the %u that one statement "
		    "takes", restore->page_count, PAGES_MAX));
	clause_word(parts, "PAGE=N'");
	for (i = 0; i < restore->page_count; i++) {
		if (check_page(restore->pages[i], error) != 0)
			return (-1);
		str_add(parts->to, i == 0 ? "" : ", ");
		str_add(parts->to, restore->pages[i]);
	}
	str_add(parts->to, "'");
	return (0);
}

static int
restore_what(struct str *to, const struct statement_restore *restore,
    struct error *error)
{
	static const char *const verbs[] = {
		[STATEMENT_RESTORE_DATABASE] = "DATABASE ",
		[STATEMENT_RESTORE_LOG] = "LOG ",
		[STATEMENT_VERIFYONLY] = "VERIFYONLY",
		[STATEMENT_HEADERONLY] = "HEADERONLY",
		[STATEMENT_FILELISTONLY] = "FILELISTONLY",
		[STATEMENT_LABELONLY] = "LABELONLY",
	};
	struct clause parts = { .to = to, .before = " " };

	str_add(to, "RESTORE ");
	str_add(to, verbs[restore->verb]);
	if (!names_database(restore->verb))
		return (0);
	if (quote_identifier(to, restore->database, error) != 0 ||
	    clause_parts(&parts, &restore->parts, error) != 0)
		return (-1);
	return (restore_pages(&parts, restore, error));
}

static char *
build_restore(const struct statement_restore *restore, struct error *error)
{
	struct clause devices = { .before = " FROM " };
	struct str text;
	char *owned = NULL;

	str_init(&text);
	devices.to = &text;
	if (rule_check_restore(restore, error) != 0 ||
	    restore_what(&text, restore, error) != 0 ||
	    clause_devices(&devices, &restore->devices, error) != 0 ||
	    restore_options(&text, restore, error) != 0)
		goto out;
	owned = str_detach(&text, error);
out:
	str_release(&text);
	return (owned);
}

char *
statement_build_restore(const struct statement_restore *restore,
    struct error *error)
{
	char *text = build_restore(restore, error);

	error_context(error, "the restore statement");
	return (text);
}

/* ---- without devices ------------------------------------------------ */

static const struct statement_devices no_devices = { .set_name = "none",
	.count = 1 };

int
statement_check_backup(const struct statement_backup *backup,
    struct error *error)
{
	struct statement_backup copy = *backup;
	char *text;

	copy.devices = no_devices;
	text = build_backup(&copy, error);
	if (text == NULL)
		return (-1);
	free(text);
	return (0);
}

int
statement_check_restore(const struct statement_restore *restore,
    struct error *error)
{
	struct statement_restore copy = *restore;
	char *text;

	copy.devices = no_devices;
	text = build_restore(&copy, error);
	if (text == NULL)
		return (-1);
	free(text);
	return (0);
}
