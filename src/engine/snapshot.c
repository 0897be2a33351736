/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/snapshot.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "engine/message.h"
#include "engine/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_POLL_MS 20

/*
 * The descriptors here are of files that SQLite has open and locked too.  A
 * process loses its locks of a file when it closes any descriptor of it, so
 * these are closed only after the connection.
 */
struct snapshot {
	struct snapshot_info info;
	sqlite3 *reader; /* holds the read transaction */
	int file;
	int log;
	int index;
	uint64_t file_bytes; /* of the file, when the transaction began */
	struct wal_map map;
	struct stop *stop;
	struct deadline lock_deadline;
};

static int
fail_sqlite(struct error *error, sqlite3 *db, int code)
{
	int number;

	switch (code & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		number = MESSAGE_BAD_DATABASE;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		number = MESSAGE_LOCK_TIMEOUT;
		break;
	case SQLITE_NOMEM:
		number = MESSAGE_NO_MEMORY;
		break;
	case SQLITE_IOERR:
		number = MESSAGE_READ_FAILED;
		break;
	default:
		number = MESSAGE_CANNOT_OPEN_FILE;
		break;
	}
	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER, number, "%s",
	    db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
}

static int
fail_system(struct error *error, int number, int errnum)
{
	char reason[128];

	return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER, number,
	    "%d(%s)", errnum, error_reason(errnum, reason, sizeof(reason))));
}

/* SQLite asks whether to try for the lock once more. */
static int
on_busy(void *context, int count)
{
	struct snapshot *snapshot = context;

	(void)count;
	return (!clock_has_passed(snapshot->lock_deadline) &&
	    !stop_wait(snapshot->stop, BUSY_POLL_MS));
}

static int
run(sqlite3 *db, const char *text, struct error *error)
{
	int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	return (code == SQLITE_OK ? 0 : fail_sqlite(error, db, code));
}

/* The first column of the first row, as a number and as a word. */
static int
ask(sqlite3 *db, const char *text, int64_t *number, char word[16],
    struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code != SQLITE_ROW) {
		IGNORE_RESULT(fail_sqlite(error, db, code));
		(void)sqlite3_finalize(statement);
		return (-1);
	}
	*number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_snprintf(16, word, "%s",
	    sqlite3_column_text(statement, 0));
	(void)sqlite3_finalize(statement);
	return (0);
}

static int
connect_to(struct snapshot *snapshot, const char *path, sqlite3 **db,
    struct error *error)
{
	int code = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_FULLMUTEX, NULL);

	if (code != SQLITE_OK)
		return (fail_sqlite(error, *db, code));
	(void)sqlite3_busy_handler(*db, on_busy, snapshot);
	return (0);
}

/* The names of the other files begin with that to which links lead. */
static int
open_beside(const struct snapshot *snapshot, const char *suffix, int *fd,
    struct error *error)
{
	struct str name;

	str_init(&name);
	str_addf(&name, "%s%s", sqlite3_db_filename(snapshot->reader, "main"),
	    suffix);
	*fd = name.failed ? -1 : open(name.text, O_RDONLY | O_CLOEXEC);
	str_release(&name);
	return (*fd >= 0 ? 0 : fail_system(error, MESSAGE_CANNOT_OPEN_FILE,
	    errno));
}

static int
begin_reading(struct snapshot *snapshot, struct error *error)
{
	return (run(snapshot->reader, "BEGIN; SELECT 1 FROM sqlite_schema "
	    "LIMIT 1", error));
}

/*
 * Nothing is committed, and the WAL is not started anew, while a second
 * connection holds the write lock: so the WAL-index shows what the read
 * transaction sees.  Checkpoints may go on, and only add to what is in the
 * file.  If everything is there once the transaction has begun, it stays: a
 * checkpoint does not pass the reader's mark.
 */
static int
begin_wal(struct snapshot *snapshot, const char *path,
    struct wal_index *index, struct error *error)
{
	sqlite3 *writer = NULL;
	int result = -1;

	if (connect_to(snapshot, path, &writer, error) != 0 ||
	    run(writer, "BEGIN IMMEDIATE", error) != 0)
		goto out;
	if (begin_reading(snapshot, error) != 0)
		goto out;
	if (open_beside(snapshot, "-shm", &snapshot->index, error) != 0)
		goto out;
	if (wal_index_read(snapshot->index, index, error) != 0)
		goto out;
	result = 0;
out:
	/* The reader is connected too, so this is not the last one. */
	(void)sqlite3_close(writer);
	return (result);
}

static int
read_mode(struct snapshot *snapshot, bool *is_wal, struct error *error)
{
	char mode[16];
	int64_t number;

	if (ask(snapshot->reader, "PRAGMA journal_mode", &number, mode,
	    error) != 0)
		return (-1);
	*is_wal = strcmp(mode, "wal") == 0;
	return (0);
}

static int
begin(struct snapshot *snapshot, const char *path, struct wal_index *index,
    struct error *error)
{
	bool is_wal;

	if (read_mode(snapshot, &is_wal, error) != 0 ||
	    (is_wal ? begin_wal(snapshot, path, index, error) :
	    begin_reading(snapshot, error)) != 0 ||
	    read_mode(snapshot, &snapshot->info.is_wal, error) != 0)
		return (-1);
	if (snapshot->info.is_wal != is_wal)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_LOCK_TIMEOUT, "the journal mode is being "
		    "changed"));
	return (0);
}

static int
read_sizes(struct snapshot *snapshot, struct error *error)
{
	int64_t page_size;
	int64_t pages;
	char word[16];

	if (ask(snapshot->reader, "PRAGMA page_size", &page_size, word,
	    error) != 0 || ask(snapshot->reader, "PRAGMA page_count", &pages,
	    word, error) != 0)
		return (-1);
	snapshot->info.page_size = (uint32_t)page_size;
	snapshot->info.bytes = (uint64_t)pages * (uint64_t)page_size;
	return (0);
}

/* What is in the WAL only, if anything is. */
static int
read_log(struct snapshot *snapshot, const struct wal_index *index,
    struct error *error)
{
	/* A log that was not used yet says nothing of sizes. */
	if (index->frames == 0)
		return (0);
	if (index->page_size != snapshot->info.page_size ||
	    (uint64_t)index->pages * index->page_size != snapshot->info.bytes)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "its WAL-index has another size "
		    "than the database"));
	(void)sqlite3_db_config(snapshot->reader,
	    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (index->backfilled >= index->frames)
		return (0);
	if (open_beside(snapshot, "-wal", &snapshot->log, error) != 0 ||
	    wal_map_read(snapshot->log, index, &snapshot->map, error) != 0)
		return (-1);
	snapshot->info.wal_pages = (uint32_t)snapshot->map.count;
	return (0);
}

/* Ours is the file that SQLite has open, and it holds what it has to. */
static int
check_file(struct snapshot *snapshot, const char *path, struct error *error)
{
	struct stat status;
	struct stat named;
	int has_moved = 0;

	if (fstat(snapshot->file, &status) != 0)
		return (fail_system(error, MESSAGE_READ_FAILED, errno));
	/* SQLite's is the one that has the name, and so is ours. */
	if ((sqlite3_file_control(snapshot->reader, "main",
	    SQLITE_FCNTL_HAS_MOVED, &has_moved) == SQLITE_OK && has_moved) ||
	    stat(path, &named) != 0 || named.st_ino != status.st_ino ||
	    named.st_dev != status.st_dev)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_CANNOT_OPEN_FILE, "the file was replaced while it "
		    "was being opened"));
	snapshot->info.device = status.st_dev;
	snapshot->info.inode = status.st_ino;
	snapshot->file_bytes = (uint64_t)status.st_size;
	/* In WAL mode free pages at the end may never have been written. */
	if (!snapshot->info.is_wal &&
	    snapshot->file_bytes < snapshot->info.bytes)
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "the file is shorter than the "
		    "database"));
	return (0);
}

static int
open_file(struct snapshot *snapshot, const char *path, struct error *error)
{
	struct stat status;

	/* Without O_NONBLOCK, opening a pipe would wait for a writer. */
	snapshot->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (snapshot->file < 0 || fstat(snapshot->file, &status) != 0)
		return (fail_system(error, MESSAGE_CANNOT_OPEN_FILE, errno));
	if (!S_ISREG(status.st_mode))
		return (error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_BAD_DATABASE, "it is not a regular file"));
	return (0);
}

struct snapshot *
snapshot_open(const char *path, int64_t lock_ms, struct stop *stop,
    struct error *error)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct wal_index index = { 0 };

	if (snapshot == NULL) {
		IGNORE_RESULT(error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
		    MESSAGE_NO_MEMORY, "out of memory"));
		return (NULL);
	}
	snapshot->file = -1;
	snapshot->log = -1;
	snapshot->index = -1;
	snapshot->stop = stop;
	snapshot->lock_deadline = clock_deadline(lock_ms);
	if (open_file(snapshot, path, error) != 0 ||
	    connect_to(snapshot, path, &snapshot->reader, error) != 0 ||
	    begin(snapshot, path, &index, error) != 0 ||
	    read_sizes(snapshot, error) != 0 ||
	    check_file(snapshot, path, error) != 0 ||
	    read_log(snapshot, &index, error) != 0) {
		snapshot_close(snapshot);
		return (NULL);
	}
	return (snapshot);
}

const struct snapshot_info *
snapshot_info(const struct snapshot *snapshot)
{
	return (&snapshot->info);
}

/* Move the vector on by that many bytes. */
static void
advance(struct iovec **vector, int *count, size_t bytes)
{
	while (bytes > 0) {
		size_t step = (*vector)->iov_len < bytes ?
		    (*vector)->iov_len : bytes;

		(*vector)->iov_base = (char *)(*vector)->iov_base + step;
		(*vector)->iov_len -= step;
		bytes -= step;
		if ((*vector)->iov_len == 0) {
			(*vector)++;
			(*count)--;
		}
	}
}

/* The first `bytes` bytes of the vector: how many items, and of the last of
 * them how much, so that it can be lent to preadv. */
static int
shorten(struct iovec *vector, uint64_t bytes, size_t *last)
{
	int count = 0;

	while (vector[count].iov_len < bytes)
		bytes -= vector[count++].iov_len;
	*last = (size_t)bytes;
	return (count + 1);
}

/* Read `bytes` bytes into the vector and move it on. */
static int
read_piece(const struct snapshot *snapshot, int fd, uint64_t offset,
    uint64_t bytes, struct iovec **vector, int *count, struct error *error)
{
	while (bytes > 0) {
		size_t last;
		int items = shorten(*vector, bytes, &last);
		size_t whole = (*vector)[items - 1].iov_len;
		ssize_t got;

		(*vector)[items - 1].iov_len = last;
		got = preadv(fd, *vector, items, (off_t)offset);
		(*vector)[items - 1].iov_len = whole;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return (fail_system(error, MESSAGE_READ_FAILED,
			    errno));
		if (got == 0)
			return (error_set(error, KIND_STATEMENT,
			    ORIGIN_SERVER, MESSAGE_READ_FAILED,
			    "38(the file ends at byte %llu, before the end of "
			    "the database at %llu)",
			    (unsigned long long)offset,
			    (unsigned long long)snapshot->info.bytes));
		advance(vector, count, (size_t)got);
		offset += (uint64_t)got;
		bytes -= (uint64_t)got;
	}
	return (0);
}

/* Pages that were never written are zeros. */
static void
clear_piece(uint64_t bytes, struct iovec **vector, int *count)
{
	while (bytes > 0) {
		size_t step = (*vector)->iov_len < bytes ?
		    (*vector)->iov_len : (size_t)bytes;

		memset((*vector)->iov_base, 0, step);
		advance(vector, count, step);
		bytes -= step;
	}
}

/* From the database file alone. */
static int
read_file(const struct snapshot *snapshot, uint64_t offset, uint64_t bytes,
    struct iovec **vector, int *count, struct error *error)
{
	uint64_t there = snapshot->file_bytes > offset ?
	    snapshot->file_bytes - offset : 0;

	if (there > bytes)
		there = bytes;
	if (read_piece(snapshot, snapshot->file, offset, there, vector, count,
	    error) != 0)
		return (-1);
	clear_piece(bytes - there, vector, count);
	return (0);
}

int
snapshot_read(const struct snapshot *snapshot, uint64_t offset,
    struct iovec *vector, int count, struct error *error)
{
	const struct wal_map *map = &snapshot->map;
	uint32_t page_size = snapshot->info.page_size;
	size_t next = wal_map_find(map, (uint32_t)(offset / page_size) + 1);

	while (count > 0) {
		uint64_t left = 0;
		uint64_t until;
		int i;

		for (i = 0; i < count; i++)
			left += vector[i].iov_len;
		if (left == 0)
			break;
		until = next < map->count ?
		    (uint64_t)(map->entries[next].page - 1) * page_size :
		    UINT64_MAX;
		if (until > offset) {
			uint64_t bytes = until - offset < left ?
			    until - offset : left;

			if (read_file(snapshot, offset, bytes, &vector, &count,
			    error) != 0)
				return (-1);
			offset += bytes;
		} else {
			uint64_t inside = offset - until;
			uint64_t bytes = page_size - inside < left ?
			    page_size - inside : left;

			if (read_piece(snapshot, snapshot->log,
			    wal_page_offset(map, map->entries[next].frame) +
			    inside, bytes, &vector, &count, error) != 0)
				return (-1);
			offset += bytes;
			next++;
		}
	}
	return (0);
}

void
snapshot_close(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	(void)sqlite3_close(snapshot->reader);
	fd_abandon(&snapshot->index);
	fd_abandon(&snapshot->log);
	fd_abandon(&snapshot->file);
	wal_map_release(&snapshot->map);
	free(snapshot);
}
