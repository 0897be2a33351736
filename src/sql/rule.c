/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/rule.h"

#include <string.h>
#include <strings.h>

/* What a statement has, a bit each.  Those of a backup and those of a restore
 * share the numbers of what both can have. */
enum trait {
	/* kinds */
	FULL,
	DIFF,
	LOG,
	DATABASE,
	VERIFY,
	READING,
	/* parts */
	FILES,
	FILEGROUPS,
	READ_WRITE,
	PAGES,
	PARTIAL,
	/* the database afterwards */
	COPY_ONLY,
	TAIL,
	RECOVERY,
	NORECOVERY,
	STANDBY,
	REPLACE,
	MOVE,
	RESTRICTED_USER,
	KEEP_REPLICATION,
	KEEP_CDC,
	BROKER,
	/* the moment */
	STOP_AT,
	STOP_AT_MARK,
	STOP_BEFORE_MARK,
	NAMED_MARK,
	MARK_AFTER,
	NO_MARK,
	/* the set */
	NO_COMPRESSION,
	ALGORITHM,
	LEVEL,
	OTHER_THAN_ZSTD,
	EXPIRE_DATE,
	RETAIN_DAYS,
	STATS,
	TRAIT_COUNT
};

static const char *const names[TRAIT_COUNT] = {
	[FULL] = "'--type full'",
	[DIFF] = "'--type diff'",
	[LOG] = "'--type log'",
	[DATABASE] = "the restore of a database backup",
	[VERIFY] = "'--verify-only'",
	[READING] = "reading what the backup says of itself",
	[FILES] = "'--file'",
	[FILEGROUPS] = "'--filegroup'",
	[READ_WRITE] = "'--read-write-filegroups'",
	[PAGES] = "'--page'",
	[PARTIAL] = "'--partial'",
	[COPY_ONLY] = "'--copy-only'",
	[TAIL] = "'--tail'",
	[RECOVERY] = "recovery",
	[NORECOVERY] = "'--norecovery'",
	[STANDBY] = "'--standby'",
	[REPLACE] = "'--replace'",
	[MOVE] = "'--move'",
	[RESTRICTED_USER] = "'--restricted-user'",
	[KEEP_REPLICATION] = "'--keep-replication'",
	[KEEP_CDC] = "'--keep-cdc'",
	[BROKER] = "'--broker'",
	[STOP_AT] = "'--stop-at'",
	[STOP_AT_MARK] = "'--stop-at-mark'",
	[STOP_BEFORE_MARK] = "'--stop-before-mark'",
	[NAMED_MARK] = "the name of a mark",
	[MARK_AFTER] = "'--mark-after'",
	[NO_MARK] = "no mark",
	[NO_COMPRESSION] = "no '--server-compression'",
	[ALGORITHM] = "an algorithm",
	[LEVEL] = "a level of '--server-compression'",
	[OTHER_THAN_ZSTD] = "an algorithm other than ZSTD",
	[EXPIRE_DATE] = "'--expire-date'",
	[RETAIN_DAYS] = "'--retain-days'",
	[STATS] = "STATS",
};

#define BIT(trait) (UINT64_C(1) << (trait))
#define PARTS (BIT(FILES) | BIT(FILEGROUPS) | BIT(READ_WRITE))
#define MARKS (BIT(STOP_AT_MARK) | BIT(STOP_BEFORE_MARK))
#define STOPS (BIT(STOP_AT) | MARKS)
/* What has a meaning only where something is restored. */
#define RESTORING                                                              \
	(PARTS | STOPS | BIT(MARK_AFTER) | BIT(PAGES) | BIT(PARTIAL) |         \
	    BIT(NORECOVERY) | BIT(STANDBY) | BIT(REPLACE) |                    \
	    BIT(RESTRICTED_USER) | BIT(KEEP_REPLICATION) | BIT(KEEP_CDC) |     \
	    BIT(BROKER))

/* What has all of `with`, any of `never` and none of `unless` is refused. */
struct rule {
	uint64_t with;
	uint64_t never;
	uint64_t unless;
	const char *why;
};

static const struct rule backups[] = {
	{ BIT(FULL), BIT(TAIL) | BIT(STANDBY), 0,
	    "only the log has a tail; give '--type log'" },
	{ BIT(DIFF), BIT(TAIL) | BIT(STANDBY), 0,
	    "only the log has a tail; give '--type log'" },
	{ BIT(LOG), PARTS, 0,
	    "a log backup is of the whole database's log; leave the parts "
	    "out" },
	{ BIT(READ_WRITE), BIT(FILES), 0,
	    "beside the filegroups that can be written go further "
	    "filegroups; give '--filegroup'" },
	{ BIT(COPY_ONLY), BIT(DIFF), 0,
	    "a differential moves neither the base nor the log chain; leave "
	    "'--copy-only' out" },
	{ BIT(EXPIRE_DATE), BIT(RETAIN_DAYS), 0,
	    "both say when the set may be overwritten; give one" },
	{ BIT(ALGORITHM), BIT(NO_COMPRESSION), 0,
	    "nothing is compressed by the server then" },
	{ BIT(LEVEL), BIT(NO_COMPRESSION) | BIT(OTHER_THAN_ZSTD), 0,
	    "only ZSTD has levels; give '--server-compression=ZSTD:LEVEL'" },
};

static const struct rule restores[] = {
	{ BIT(VERIFY), RESTORING, 0, "nothing is restored" },
	{ BIT(READING), RESTORING | BIT(MOVE) | BIT(STATS), 0,
	    "nothing is restored" },
	{ BIT(STOP_AT), MARKS, 0, "a restore stops once; give one" },
	{ BIT(STOP_AT_MARK), BIT(STOP_BEFORE_MARK), 0,
	    "a restore stops once; give one" },
	{ BIT(MARK_AFTER), BIT(NO_MARK), 0,
	    "it says which mark of that name; give '--stop-at-mark' or "
	    "'--stop-before-mark'" },
	{ BIT(LOG), BIT(PARTIAL), 0,
	    "a database is begun from a backup of its primary filegroup; give "
	    "'--partial' with that" },
	{ BIT(LOG), BIT(READ_WRITE), 0,
	    "of a log, files, filegroups and pages can be restored; name "
	    "them" },
	{ BIT(LOG), BIT(BROKER), 0,
	    "it goes with the backup of a database alone" },
	{ BIT(DATABASE), BIT(NAMED_MARK), 0,
	    "marks have names in a log; give the name with the log's restore, "
	    "or 'lsn:N' here" },
	{ BIT(PAGES), BIT(READ_WRITE) | BIT(PARTIAL), 0,
	    "pages are put into a database that is there; give them alone" },
	{ BIT(PAGES) | BIT(DATABASE), BIT(RECOVERY) | BIT(STANDBY), 0,
	    "pages need the log since the backup; give '--norecovery', then "
	    "restore the logs" },
	{ BIT(DATABASE) | BIT(STOP_AT), PARTS | BIT(PAGES), BIT(PARTIAL),
	    "parts come to the moment of the rest of the database; leave the "
	    "moment out" },
	{ BIT(DATABASE) | BIT(STOP_AT_MARK), PARTS | BIT(PAGES), BIT(PARTIAL),
	    "parts come to the moment of the rest of the database; leave the "
	    "moment out" },
	{ BIT(DATABASE) | BIT(STOP_BEFORE_MARK), PARTS | BIT(PAGES),
	    BIT(PARTIAL),
	    "parts come to the moment of the rest of the database; leave the "
	    "moment out" },
	{ BIT(DATABASE) | BIT(STANDBY), PARTS, BIT(PARTIAL),
	    "a database is readable as a whole; give '--norecovery'" },
	{ BIT(NORECOVERY), BIT(KEEP_REPLICATION) | BIT(KEEP_CDC), 0,
	    "it is kept when the database is opened; give it with the last "
	    "restore" },
};

/* The one of them that is named first. */
static const char *
first_name(uint64_t traits)
{
	unsigned i = 0;

	while ((traits & BIT(i)) == 0)
		i++;
	return (names[i]);
}

/* The last of `with` is what the rule is about; kinds come before it. */
static const char *
last_name(uint64_t traits)
{
	unsigned i = TRAIT_COUNT - 1;

	while ((traits & BIT(i)) == 0)
		i--;
	return (names[i]);
}

static int
check(const struct rule *rules, size_t count, uint64_t traits,
    struct error *error)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct rule *rule = &rules[i];

		if ((traits & rule->with) != rule->with ||
		    (traits & rule->never) == 0 ||
		    (traits & rule->unless) != 0)
			continue;
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "%s and %s contradict each other: %s",
		    last_name(rule->with), first_name(traits & rule->never),
		    rule->why));
	}
	return (0);
}

static uint64_t
has(bool is_there, enum trait trait)
{
	return (is_there ? BIT(trait) : 0);
}

static uint64_t
parts_of(const struct statement_parts *parts)
{
	return (has(parts->file_count > 0, FILES) |
	    has(parts->filegroup_count > 0, FILEGROUPS) |
	    has(parts->read_write, READ_WRITE));
}

int
rule_check_backup(const struct statement_backup *b, struct error *error)
{
	static const enum trait types[] = {
		[STATEMENT_FULL] = FULL,
		[STATEMENT_DIFF] = DIFF,
		[STATEMENT_LOG] = LOG,
	};
	uint64_t traits = parts_of(&b->parts) | BIT(types[b->type]) |
	    has(b->copy_only, COPY_ONLY) | has(b->tail, TAIL) |
	    has(b->standby_file != NULL, STANDBY) |
	    has(b->compression != STATEMENT_YES, NO_COMPRESSION) |
	    has(b->compression_algorithm != NULL, ALGORITHM) |
	    has(b->compression_level != NULL, LEVEL) |
	    has(b->compression_algorithm == NULL ||
	        strcasecmp(b->compression_algorithm, "ZSTD") != 0,
	        OTHER_THAN_ZSTD) |
	    has(b->expire_date != NULL, EXPIRE_DATE) |
	    has(b->retain_days != 0, RETAIN_DAYS);

	return (check(backups, ARRAY_COUNT(backups), traits, error));
}

static bool
is_name(const char *mark)
{
	return (mark != NULL && strncasecmp(mark, "lsn:", 4) != 0);
}

/* The kind, and what becomes of the database. */
static uint64_t
outcome_of(const struct statement_restore *r)
{
	static const enum trait verbs[] = {
		[STATEMENT_RESTORE_DATABASE] = DATABASE,
		[STATEMENT_RESTORE_LOG] = LOG,
		[STATEMENT_VERIFYONLY] = VERIFY,
		[STATEMENT_HEADERONLY] = READING,
		[STATEMENT_FILELISTONLY] = READING,
		[STATEMENT_LABELONLY] = READING,
	};
	static const enum trait states[] = {
		[STATEMENT_RECOVERY] = RECOVERY,
		[STATEMENT_NORECOVERY] = NORECOVERY,
		[STATEMENT_STANDBY] = STANDBY,
	};

	return (BIT(verbs[r->verb]) | BIT(states[r->recovery]) |
	    has(r->replace, REPLACE) | has(r->move_count > 0, MOVE) |
	    has(r->restricted_user, RESTRICTED_USER) |
	    has(r->keep_replication, KEEP_REPLICATION) |
	    has(r->keep_cdc, KEEP_CDC) |
	    has(r->broker != STATEMENT_BROKER_UNSAID, BROKER));
}

int
rule_check_restore(const struct statement_restore *r, struct error *error)
{
	uint64_t traits = outcome_of(r) | parts_of(&r->parts) |
	    has(r->page_count > 0, PAGES) | has(r->partial, PARTIAL) |
	    has(r->stop_at != NULL, STOP_AT) |
	    has(r->stop_at_mark != NULL, STOP_AT_MARK) |
	    has(r->stop_before_mark != NULL, STOP_BEFORE_MARK) |
	    has(is_name(r->stop_at_mark) || is_name(r->stop_before_mark),
	        NAMED_MARK) |
	    has(r->mark_after != NULL, MARK_AFTER) |
	    has(r->stop_at_mark == NULL && r->stop_before_mark == NULL,
	        NO_MARK) |
	    has(r->stats != 0, STATS);

	return (check(restores, ARRAY_COUNT(restores), traits, error));
}
