/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/statement.h"

#include "base/utf.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/*
 * The options of --with.  Only what is known to contradict is refused; an
 * option that this table does not know is the server's to judge, since
 * servers learn new ones.
 */

#define FOR_BACKUP 1u
#define FOR_RESTORE 2u
#define FOR_BOTH 3u

struct refusal {
	const char *option;
	unsigned where;
	const char *why; /* what follows "OPTION " in the message */
};

static const char by_us[] = "is set by this program";
static const char tape[] = "is for tapes, and a virtual device is none";

static const struct refusal refusals[] = {
	{ "BLOCKSIZE", FOR_BOTH, "has an option of its own, --block-size" },
	{ "MAXTRANSFERSIZE", FOR_BOTH,
	    "has an option of its own, --max-transfer-size" },
	{ "BUFFERCOUNT", FOR_BOTH,
	    "has an option of its own, --buffer-count" },
	{ "CHECKSUM", FOR_BOTH, "has an option of its own, --checksum" },
	{ "NO_CHECKSUM", FOR_BOTH,
	    "has an option of its own, --no-checksum" },
	{ "CONTINUE_AFTER_ERROR", FOR_BOTH,
	    "has an option of its own, --continue-after-error" },
	{ "STOP_ON_ERROR", FOR_BOTH, "is what is done unless "
	    "--continue-after-error is given" },
	{ "STATS", FOR_BOTH, by_us },
	{ "COPY_ONLY", FOR_BACKUP, "has an option of its own, --copy-only" },
	{ "DIFFERENTIAL", FOR_BACKUP,
	    "has an option of its own, --type diff" },
	{ "COMPRESSION", FOR_BACKUP,
	    "has an option of its own, --server-compression" },
	{ "NO_COMPRESSION", FOR_BACKUP, "is what is done unless "
	    "--server-compression is given" },
	{ "ENCRYPTION", FOR_BACKUP, "has an option of its own, --encrypt" },
	{ "NAME", FOR_BACKUP, "has an option of its own, --name" },
	{ "DESCRIPTION", FOR_BACKUP,
	    "has an option of its own, --description" },
	{ "EXPIREDATE", FOR_BACKUP,
	    "has an option of its own, --expire-date" },
	{ "RETAINDAYS", FOR_BACKUP,
	    "has an option of its own, --retain-days" },
	{ "FORMAT", FOR_BACKUP, by_us },
	{ "NOFORMAT", FOR_BACKUP,
	    "would append, and a stream is written once" },
	{ "INIT", FOR_BACKUP, "is what a stream always means" },
	{ "NOINIT", FOR_BACKUP,
	    "would append, and a stream is written once" },
	{ "FILE_SNAPSHOT", FOR_BACKUP, "puts no data into the stream" },
	{ "METADATA_ONLY", FOR_BOTH, "puts no data into the stream" },
	{ "SNAPSHOT", FOR_BOTH, "puts no data into the stream" },
	{ "CREDENTIAL", FOR_BOTH, "is for URLs" },
	{ "NORECOVERY", FOR_BACKUP, "has an option of its own, --tail" },
	{ "NORECOVERY", FOR_RESTORE,
	    "has an option of its own, --norecovery" },
	{ "STANDBY", FOR_BOTH, "has an option of its own, --standby" },
	{ "RECOVERY", FOR_RESTORE, "is what is done unless --norecovery or "
	    "--standby is given" },
	{ "REPLACE", FOR_RESTORE, "has an option of its own, --replace" },
	{ "MOVE", FOR_RESTORE, "has an option of its own, --move" },
	{ "STOPAT", FOR_RESTORE, "has an option of its own, --stop-at" },
	{ "STOPATMARK", FOR_RESTORE,
	    "has an option of its own, --stop-at-mark" },
	{ "STOPBEFOREMARK", FOR_RESTORE,
	    "has an option of its own, --stop-before-mark" },
	{ "PARTIAL", FOR_RESTORE, "has an option of its own, --partial" },
	{ "RESTRICTED_USER", FOR_RESTORE,
	    "has an option of its own, --restricted-user" },
	{ "KEEP_REPLICATION", FOR_RESTORE,
	    "has an option of its own, --keep-replication" },
	{ "KEEP_CDC", FOR_RESTORE,
	    "has an option of its own, --keep-cdc" },
	{ "ENABLE_BROKER", FOR_RESTORE,
	    "has an option of its own, --broker enable" },
	{ "NEW_BROKER", FOR_RESTORE,
	    "has an option of its own, --broker new" },
	{ "ERROR_BROKER_CONVERSATIONS", FOR_RESTORE,
	    "has an option of its own, --broker error-conversations" },
	{ "FILE", FOR_RESTORE, "is always 1: a stream holds one backup set" },
	{ "READ_WRITE_FILEGROUPS", FOR_BOTH,
	    "has an option of its own, --read-write-filegroups" },
	{ "FILEGROUP", FOR_BOTH, "has an option of its own, --filegroup" },
	{ "PAGE", FOR_RESTORE, "has an option of its own, --page" },
	{ "RESTART", FOR_BOTH, tape },
	{ "REWIND", FOR_BOTH, tape },
	{ "NOREWIND", FOR_BOTH, tape },
	{ "UNLOAD", FOR_BOTH, tape },
	{ "NOUNLOAD", FOR_BOTH, tape },
};

static int
refuse(const char *why, struct error *error)
{
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "the text of --with %s", why));
}

/* Past a quoted part that begins at text and ends with close, which stands
 * doubled for itself; NULL if it does not end. */
static const char *
skip_quoted(const char *text, char close)
{
	for (text++; *text != '\0'; text++) {
		if (*text != close)
			continue;
		if (text[1] != close)
			return (text + 1);
		text++;
	}
	return (NULL);
}

static bool
is_word(char c)
{
	return (isalnum((unsigned char)c) || c == '_');
}

/* The first word of one option, and whether it is one that cannot be. */
static int
check_option(const char *option, unsigned where, struct error *error)
{
	size_t length = 0;
	size_t i;

	while (is_word(option[length]))
		length++;
	if (length == 0)
		return (refuse("has an empty option or one without a name",
		    error));
	for (i = 0; i < ARRAY_COUNT(refusals); i++)
		if ((refusals[i].where & where) != 0 &&
		    strlen(refusals[i].option) == length &&
		    strncasecmp(refusals[i].option, option, length) == 0)
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "%s cannot be given with --with: it %s",
			    refusals[i].option, refusals[i].why));
	return (0);
}

static const char *
skip_space(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return (text);
}

/* Past one option, up to its comma or the end; NULL with the error set. */
static const char *
skip_option(const char *p, struct error *error)
{
	int depth = 0;

	for (;;) {
		if (*p == '\0' || (*p == ',' && depth == 0))
			break;
		if (*p == '\'' || *p == '[' || *p == '"') {
			p = skip_quoted(p, *p == '[' ? ']' : *p);
			if (p == NULL) {
				(void)refuse("has a quote that does not end",
				    error);
				return (NULL);
			}
			continue;
		}
		if (*p == ';' || strncmp(p, "--", 2) == 0 ||
		    strncmp(p, "/*", 2) == 0) {
			(void)refuse("has a semicolon or a comment in it",
			    error);
			return (NULL);
		}
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		if (depth < 0)
			break;
		p++;
	}
	if (depth != 0) {
		(void)refuse("has brackets that do not match", error);
		return (NULL);
	}
	return (p);
}

int
statement_check_extra(const char *extra, bool restore, struct error *error)
{
	unsigned where = restore ? FOR_RESTORE : FOR_BACKUP;
	const char *p = extra;

	if (!utf_is_valid(extra))
		return (refuse("is not valid UTF-8", error));
	for (; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 && *p != '\t')
			return (refuse("has a line break or another control "
			    "character in it", error));
	p = extra;
	for (;;) {
		p = skip_space(p);
		if (check_option(p, where, error) != 0)
			return (-1);
		p = skip_option(p, error);
		if (p == NULL)
			return (-1);
		if (*p == '\0')
			return (0);
		p++;
	}
}
