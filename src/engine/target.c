/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/target.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "engine/ask.h"
#include "engine/imprint.h"
#include "engine/message.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_POLL_MS 20

struct target {
	char *path;
	char *partial; /* PATH.restoring */
	int fd;        /* of the partial file; locked */
	bool is_mine;  /* the partial file is to be removed */
	sqlite3 *old;  /* locked while somebody else replaces it; or NULL */
};

static int
fail_system(struct error *error, int number, int errnum)
{
	char reason[128];

	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER, number,
	    "%d(%s)", errnum, error_reason(errnum, reason, sizeof(reason))));
}

static int
fail_memory(struct error *error)
{
	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
	    MESSAGE_NO_MEMORY, "out of memory"));
}

bool
target_exists(const char *path)
{
	struct stat status;

	return (stat(path, &status) == 0 &&
	    (!S_ISREG(status.st_mode) || status.st_size > 0));
}

/* The new file is the old one's owner's, who may do with it what he could; a
 * file that is new is as SQLite makes them. */
static void
adopt_rights(const struct target *target)
{
	struct stat status;

	if (stat(target->path, &status) != 0 || !S_ISREG(status.st_mode))
		return;
	/* Without the right to give files away it stays ours. */
	IGNORE_RESULT(fchown(target->fd, status.st_uid, status.st_gid));
	IGNORE_RESULT(fchmod(target->fd, status.st_mode & 0777));
}

enum attempt {
	ATTEMPT_GOT,
	ATTEMPT_HELD,
	ATTEMPT_FAILED
};

/* The partial file, locked; what a dead restore left is ours. */
static enum attempt
try_partial(struct target *target, struct error *error)
{
	struct stat mine;
	struct stat named;

	target->fd = open(target->partial, O_RDWR | O_CREAT | O_CLOEXEC |
	    O_NOFOLLOW, 0644);
	if (target->fd < 0) {
		IGNORE_RESULT(fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    errno));
		return (ATTEMPT_FAILED);
	}
	/* The one that held it may have renamed or removed the file. */
	if (flock(target->fd, LOCK_EX | LOCK_NB) == 0 &&
	    fstat(target->fd, &mine) == 0 &&
	    lstat(target->partial, &named) == 0 &&
	    mine.st_ino == named.st_ino && mine.st_dev == named.st_dev) {
		if (mine.st_nlink == 1)
			return (ATTEMPT_GOT);
		/* It is in its place, and was killed before it could let go
		 * of this name. */
		(void)unlink(target->partial);
	}
	fd_abandon(&target->fd);
	return (ATTEMPT_HELD);
}

static int
open_partial(struct target *target, int64_t lock_ms, struct stop *stop,
    struct error *error)
{
	struct deadline deadline = clock_deadline(lock_ms);
	enum attempt attempt;

	do
		attempt = try_partial(target, error);
	while (attempt == ATTEMPT_HELD && !clock_has_passed(deadline) &&
	    !stop_wait(stop, LOCK_POLL_MS));
	if (attempt == ATTEMPT_FAILED)
		return (-1);
	if (attempt == ATTEMPT_HELD)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_IN_USE, "it is being restored"));
	target->is_mine = true;
	adopt_rights(target);
	if (ftruncate(target->fd, 0) != 0)
		return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    errno));
	return (0);
}

struct target *
target_open(const char *path, int64_t lock_ms, struct stop *stop,
    struct error *error)
{
	struct target *target = calloc(1, sizeof(*target));

	if (target == NULL) {
		IGNORE_RESULT(fail_memory(error));
		return (NULL);
	}
	target->fd = -1;
	/* Where a link leads to; a name that is new leads to itself. */
	target->path = realpath(path, NULL);
	if (target->path == NULL)
		target->path = strdup(path);
	if (target->path == NULL ||
	    asprintf(&target->partial, "%s.restoring", target->path) < 0) {
		target->partial = NULL;
		IGNORE_RESULT(fail_memory(error));
		target_free(target);
		return (NULL);
	}
	if (open_partial(target, lock_ms, stop, error) != 0) {
		target_free(target);
		return (NULL);
	}
	return (target);
}

int
target_write(struct target *target, uint64_t offset, struct iovec *vector,
    int count, struct error *error)
{
	while (count > 0) {
		ssize_t put = pwritev(target->fd, vector, count,
		    (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
			    errno));
		offset += (uint64_t)put;
		while (count > 0 && (size_t)put >= vector->iov_len) {
			put -= (ssize_t)vector->iov_len;
			vector++;
			count--;
		}
		if (count > 0) {
			vector->iov_base = (char *)vector->iov_base + put;
			vector->iov_len -= (size_t)put;
		}
	}
	return (0);
}

/* "file:PATH?immutable=1": no journal, no locks, nothing written. */
static char *
make_uri(const char *path, struct error *error)
{
	struct str uri;

	str_init(&uri);
	/* An absolute path begins with one slash, a relative one with none. */
	str_add(&uri, "file:");
	for (; *path != '\0'; path++)
		if (strchr("%?# ", *path) != NULL)
			str_addf(&uri, "%%%02X", (unsigned char)*path);
		else
			str_add_bytes(&uri, path, 1);
	str_add(&uri, "?immutable=1");
	return (str_detach(&uri, error));
}

/* SQLite takes it for a database of that size, and finds its schema. */
static int
check_database(const char *path, uint64_t bytes, uint32_t page_size,
    struct error *error)
{
	sqlite3 *db = NULL;
	int64_t version = 0;
	int64_t pages = 0;
	int64_t size = 0;
	char *uri = make_uri(path, error);
	int code;
	int result = 0;

	if (uri == NULL)
		return (fail_memory(error));
	code = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_URI, NULL);
	if (code == SQLITE_OK)
		code = ask_number(db, "PRAGMA schema_version", &version);
	if (code == SQLITE_OK)
		code = ask_number(db, "SELECT count(*) FROM sqlite_schema",
		    &version);
	if (code == SQLITE_OK)
		code = ask_number(db, "PRAGMA page_size", &size);
	if (code == SQLITE_OK)
		code = ask_number(db, "PRAGMA page_count", &pages);
	if (code != SQLITE_OK)
		result = error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "what was restored is no database: "
		    "%s", db != NULL ? sqlite3_errmsg(db) :
		    sqlite3_errstr(code));
	else if (bytes > 0 && page_size > 0 && (size != page_size ||
	    (uint64_t)pages * page_size != bytes))
		result = error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "what was restored has %lld pages "
		    "of %lld bytes instead of %llu bytes", (long long)pages,
		    (long long)size, (unsigned long long)bytes);
	(void)sqlite3_close(db);
	free(uri);
	return (result);
}

/* 1: it was there, 0: it was not. */
static int
remove_beside(const struct target *target, const char *suffix,
    struct error *error)
{
	char *name;
	int errnum;
	int rc;

	if (asprintf(&name, "%s%s", target->path, suffix) < 0)
		return (fail_memory(error));
	rc = unlink(name);
	errnum = errno;
	free(name);
	if (rc == 0)
		return (1);
	return (errnum == ENOENT ? 0 :
	    fail_system(error, MESSAGE_CANNOT_CREATE_FILE, errnum));
}

/* What is in them must not come back beside the new database, not even with
 * the power: so this is durable before the new one has the name. */
static int
remove_journals(const struct target *target, struct error *error)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };
	struct error cause;
	bool any = false;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(suffixes); i++) {
		int rc = remove_beside(target, suffixes[i], error);

		if (rc < 0)
			return (-1);
		any = any || rc > 0;
	}
	error_init(&cause);
	if (any && fd_sync_parent(target->path, &cause) != 0)
		return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    (int)cause.code));
	return (0);
}

/* Nothing is there, or nothing that could ever be a database again. */
static bool
is_lost(const struct target *target, int code)
{
	struct stat status;

	if ((code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT)
		return (true);
	return (stat(target->path, &status) != 0 && errno == ENOENT);
}

/* Bring all of the WAL into the file. */
static int
empty_wal(sqlite3 *db)
{
	int64_t number = 0;
	int code = ask_number(db, "SELECT count(*) FROM pragma_journal_mode "
	    "WHERE journal_mode = 'wal'", &number);

	if (code != SQLITE_OK || number == 0)
		return (code);
	/* What it answers first is whether it was hindered. */
	code = ask_number(db, "PRAGMA wal_checkpoint(TRUNCATE)", &number);
	return (code == SQLITE_OK && number != 0 ? SQLITE_BUSY : code);
}

/*
 * The database is locked, and all of it is in the file: without its journals it
 * is what it was.  Nothing is written to it but its own journal: a journal mode
 * that was changed would stay changed after a crash.
 */
static int
settle(sqlite3 *db)
{
	int64_t number = 0;
	int code;

	/* Closing must not touch the name, which may be the new one's. */
	code = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL);
	/* Before the first access: so a WAL is opened only if nobody else is
	 * connected, and its index is not shared. */
	if (code == SQLITE_OK)
		code = ask_number(db, "PRAGMA locking_mode=EXCLUSIVE", &number);
	/* Reading rolls back what a crash left half done. */
	if (code == SQLITE_OK)
		code = ask_number(db, "SELECT count(*) FROM sqlite_schema",
		    &number);
	if (code == SQLITE_OK)
		code = empty_wal(db);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	return (code);
}

/* Bring the old database's journal into it and lock it.  0 with *old NULL: it
 * is no database. */
static int
lock_old(const struct target *target, sqlite3 **old, struct error *error)
{
	char reason[256];
	int code = sqlite3_open_v2(target->path, old, SQLITE_OPEN_READWRITE,
	    NULL);

	if (code == SQLITE_OK)
		code = settle(*old);
	if (code == SQLITE_OK)
		return (0);
	IGNORE_RESULT(snprintf(reason, sizeof(reason), "%s", *old != NULL ?
	    sqlite3_errmsg(*old) : sqlite3_errstr(code)));
	(void)sqlite3_close(*old);
	*old = NULL;
	if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_IN_USE, "the database is locked"));
	if (!is_lost(target, code))
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_CANNOT_OPEN_FILE, "%d(the database that is to be "
		    "replaced: %s)", code, reason));
	return (0);
}

int
target_finish(struct target *target, uint64_t bytes, struct error *error)
{
	struct error cause;

	error_init(&cause);
	if (ftruncate(target->fd, (off_t)bytes) != 0)
		return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    errno));
	if (fd_sync(target->fd, target->partial, &cause) != 0)
		return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    (int)cause.code));
	return (0);
}

/* A new name is given by a link, which does not replace what came there
 * meanwhile. */
int
target_place(struct target *target, bool replaces, struct error *error)
{
	struct error cause;

	if ((replaces ? rename(target->partial, target->path) :
	    link(target->partial, target->path)) != 0)
		return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    errno));
	target->is_mine = !replaces && unlink(target->partial) != 0;
	error_init(&cause);
	if (fd_sync_parent(target->path, &cause) == 0)
		return (0);
	if (!replaces)
		(void)unlink(target->path);
	return (fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
	    (int)cause.code));
}

int
target_commit(struct target *target, uint64_t bytes, uint32_t page_size,
    struct error *error)
{
	sqlite3 *old = NULL;
	struct error cause;
	int result = -1;

	error_init(&cause);
	if (target_finish(target, bytes, error) != 0 ||
	    check_database(target->partial, bytes, page_size, error) != 0)
		return (-1);
	if (lock_old(target, &old, error) != 0)
		return (-1);
	if (remove_journals(target, error) != 0)
		goto out;
	if (rename(target->partial, target->path) != 0) {
		IGNORE_RESULT(fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    errno));
		goto out;
	}
	target->is_mine = false;
	if (fd_sync_parent(target->path, &cause) != 0) {
		IGNORE_RESULT(fail_system(error, MESSAGE_CANNOT_CREATE_FILE,
		    (int)cause.code));
		goto out;
	}
	result = 0;
out:
	(void)sqlite3_close(old);
	return (result);
}

int
target_vacate(struct target *target, struct error *error)
{
	if (lock_old(target, &target->old, error) != 0)
		return (-1);
	return (remove_journals(target, error));
}

int
target_check(const struct target *target, uint64_t bytes, uint64_t imprint,
    bool is_opened, struct error *error)
{
	int fd = open(target->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint64_t found = 0;
	uint64_t size = 0;
	int errnum = 0;

	if (fd < 0 || imprint_take(fd, &size, &found) != 0)
		errnum = errno;
	fd_abandon(&fd);
	if (errnum != 0)
		return (fail_system(error, MESSAGE_CANNOT_OPEN_FILE, errnum));
	if (size != bytes || found != imprint)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "what was mounted is not the file "
		    "that was captured: it has %llu bytes with imprint "
		    "%016llx instead of %llu with %016llx",
		    (unsigned long long)size, (unsigned long long)found,
		    (unsigned long long)bytes, (unsigned long long)imprint));
	return (is_opened ? check_database(target->path, bytes, 0, error) :
	    0);
}

void
target_free(struct target *target)
{
	if (target == NULL)
		return;
	(void)sqlite3_close(target->old);
	if (target->is_mine)
		(void)unlink(target->partial);
	fd_abandon(&target->fd);
	free(target->partial);
	free(target->path);
	free(target);
}
