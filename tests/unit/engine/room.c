/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "unit/engine/room.h"

#include "base/fd.h"

#include <check.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATHS 16
#define FILE_MAX ((size_t)1 << 30)

static char folder[200];
static char paths[PATHS][300];
static unsigned next_path;

void
room_make(void)
{
	const char *parent = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%s/vdi-engine-XXXXXX",
	    parent != NULL ? parent : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

void
room_remove(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
	(void)rmdir(folder);
}

const char *
room_path(const char *name)
{
	char *path = paths[next_path++ % PATHS];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return (path);
}

static sqlite3 *
connect_to(const char *name)
{
	sqlite3 *db = NULL;

	ck_assert_int_eq(sqlite3_open(room_path(name), &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 20000);
	return (db);
}

static void
run(sqlite3 *db, const char *sql)
{
	char *text = NULL;
	int code = sqlite3_exec(db, sql, NULL, NULL, &text);

	ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, text);
}

void
room_sql(const char *name, const char *sql)
{
	sqlite3 *db = connect_to(name);

	run(db, sql);
	(void)sqlite3_close(db);
}

int64_t
room_number(const char *name, const char *sql)
{
	sqlite3 *db = connect_to(name);
	sqlite3_stmt *statement = NULL;
	int64_t number;

	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return (number);
}

void
room_database(const char *name, const char *mode, size_t bytes)
{
	sqlite3 *db = connect_to(name);
	char sql[600];

	(void)snprintf(sql, sizeof(sql), "PRAGMA journal_mode=%s; BEGIN; "
	    "CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER); "
	    "CREATE TABLE ballast(id INTEGER PRIMARY KEY, content BLOB); "
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < %d) INSERT INTO account SELECT i, %d FROM n; "
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < %lu) INSERT INTO ballast SELECT i, randomblob(3000) "
	    "FROM n; COMMIT", mode, ROOM_ACCOUNTS, ROOM_SUM / ROOM_ACCOUNTS,
	    (unsigned long)(bytes / 4096 + 1));
	run(db, sql);
	(void)sqlite3_close(db);
}

void
room_check(const char *name)
{
	ck_assert_int_eq(room_number(name, "SELECT integrity_check = 'ok' "
	    "FROM pragma_integrity_check"), 1);
	ck_assert_int_eq(room_number(name, "SELECT sum(balance) FROM account"),
	    ROOM_SUM);
	ck_assert_int_eq(room_number(name, "SELECT count(*) FROM account"),
	    ROOM_ACCOUNTS);
}

int
room_same(const char *a, const char *b)
{
	char *x = NULL;
	char *y = NULL;
	size_t x_size = 0;
	size_t y_size = 0;
	int same;

	ck_assert_int_eq(fd_read_file(room_path(a), FILE_MAX, &x, &x_size,
	    NULL), 0);
	ck_assert_int_eq(fd_read_file(room_path(b), FILE_MAX, &y, &y_size,
	    NULL), 0);
	same = x_size == y_size && memcmp(x, y, x_size) == 0;
	free(x);
	free(y);
	return (same);
}

int
room_has(const char *name)
{
	return (access(room_path(name), F_OK) == 0);
}
