/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sample database for the demonstration and the tests; engine/sample.h says
 * what is in it.
 *
 *     sample-database make PATH SIZE [wal|delete]
 *     sample-database write PATH            until standard input ends
 *     sample-database compare SOURCE COPY
 */
#include <config.h>

#include "base/num.h"
#include "engine/sample.h"

#include <poll.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BUSY_MS = 60000 };

static int
complain(sqlite3 *db, const char *doing)
{
	fprintf(stderr, "sample-database: %s: %s\n", doing,
	    db != NULL ? sqlite3_errmsg(db) : "out of memory");
	return (-1);
}

static int
complain_of(const struct error *error)
{
	fprintf(stderr, "sample-database: %s\n", error->text);
	return (-1);
}

static int
make(const char *path, const char *size_text, const char *mode)
{
	struct sample_counts counts;
	struct error error;
	uint64_t size;

	if (num_parse_size(size_text, &size) != 0 ||
	    (strcmp(mode, "wal") != 0 && strcmp(mode, "delete") != 0)) {
		fprintf(stderr, "sample-database: bad size or mode\n");
		return (-1);
	}
	(void)remove(path);
	error_init(&error);
	if (sample_make(path, size, strcmp(mode, "wal") == 0, &counts,
	    &error) != 0)
		return (complain_of(&error));
	printf("%lld customers, %lld products, %lld orders, %llu bytes\n",
	    (long long)counts.customers, (long long)counts.products,
	    (long long)counts.orders, (unsigned long long)counts.bytes);
	return (0);
}

static int
query(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *stmt = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		(void)complain(db, sql);
	} else {
		*value = sqlite3_column_int64(stmt, 0);
		rc = 0;
	}
	sqlite3_finalize(stmt);
	return (rc);
}

/* Whether standard input has ended within the wait. */
static bool
input_ended(int wait_ms)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	char byte;

	return (poll(&in, 1, wait_ms) > 0 && fread(&byte, 1, 1, stdin) == 0);
}

static int
write_until_told(const char *path)
{
	struct sample *sample;
	struct error error;
	int64_t made = 0;

	error_init(&error);
	sample = sample_open(path, &error);
	if (sample == NULL)
		return (complain_of(&error));
	do {
		if (sample_add(sample, &error) != 0)
			break;
		/* Somebody may wait for the first transaction. */
		if (++made == 1) {
			puts("writing");
			(void)fflush(stdout);
		}
	} while (!input_ended(20));
	sample_close(sample);
	if (error_is_set(&error))
		return (complain_of(&error));
	printf("%lld transactions\n", (long long)made);
	return (0);
}

static bool
same_column(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
	int size = sqlite3_column_bytes(a, i);

	if (sqlite3_column_type(a, i) != sqlite3_column_type(b, i))
		return (false);
	if (sqlite3_column_type(a, i) == SQLITE_INTEGER)
		return (sqlite3_column_int64(a, i) ==
		    sqlite3_column_int64(b, i));
	return (size == sqlite3_column_bytes(b, i) &&
	    memcmp(sqlite3_column_text(a, i), sqlite3_column_text(b, i),
	        (size_t)size) == 0);
}

/* Row by row in the order of the key; -1 on the first difference. */
static int
compare_table(sqlite3 *source, sqlite3 *copy, const char *table,
    const char *columns, int64_t last, int64_t *rows)
{
	sqlite3_stmt *a = NULL;
	sqlite3_stmt *b = NULL;
	char sql[200];
	int i;
	int rc = -1;

	(void)snprintf(sql, sizeof(sql),
	    "select %s from %s where txn <= %lld order by id", columns, table,
	    (long long)last);
	if (sqlite3_prepare_v2(source, sql, -1, &a, NULL) != SQLITE_OK) {
		(void)complain(source, table);
		goto out;
	}
	(void)snprintf(sql, sizeof(sql), "select %s from %s order by id",
	    columns, table);
	if (sqlite3_prepare_v2(copy, sql, -1, &b, NULL) != SQLITE_OK) {
		(void)complain(copy, table);
		goto out;
	}
	for (;; ++*rows) {
		int ra = sqlite3_step(a);
		int rb = sqlite3_step(b);

		if (ra == SQLITE_DONE && rb == SQLITE_DONE)
			break;
		if (ra != SQLITE_ROW || rb != SQLITE_ROW) {
			fprintf(stderr, "sample-database: table %s differs in "
			    "its number of rows (or cannot be read)\n", table);
			goto out;
		}
		for (i = 0; i < sqlite3_column_count(a); i++)
			if (!same_column(a, b, i)) {
				fprintf(stderr, "sample-database: table %s: a "
				    "row differs\n", table);
				goto out;
			}
	}
	rc = 0;
out:
	sqlite3_finalize(a);
	sqlite3_finalize(b);
	return (rc);
}

static int
compare(const char *source_path, const char *copy_path)
{
	static const struct {
		const char *table;
		const char *columns;
	} tables[] = {
		{ "customer", "id, txn, name, address, mail" },
		{ "product", "*" },
		{ "sales_order", "*" },
		{ "order_line", "*" },
		{ "ledger", "*" },
	};
	sqlite3 *source = NULL;
	sqlite3 *copy = NULL;
	int64_t last;
	int64_t wrong;
	int64_t rows = 0;
	size_t i;
	int rc = -1;

	if (sqlite3_open_v2(source_path, &source, SQLITE_OPEN_READWRITE, NULL)
	    != SQLITE_OK) {
		(void)complain(source, source_path);
		goto out;
	}
	if (sqlite3_open_v2(copy_path, &copy, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		(void)complain(copy, copy_path);
		goto out;
	}
	sqlite3_busy_timeout(source, BUSY_MS);
	if (query(copy, "select max(txn) from ledger", &last) != 0 ||
	    query(copy, "select count(*) from customer c where balance <> "
	        "(select coalesce(sum(cents), 0) from (select customer, cents "
	        "from ledger) l where l.customer = c.id) and c.id in (select "
	        "id from customer order by id limit 50)", &wrong) != 0)
		goto out;
	if (wrong == 0 && query(copy, "select (select sum(balance) from "
	        "customer) <> (select sum(cents) from ledger)", &wrong) != 0)
		goto out;
	if (wrong != 0) {
		fprintf(stderr, "sample-database: the copy's balances are not "
		    "its ledger's: it mixes two moments\n");
		goto out;
	}
	for (i = 0; i < ARRAY_COUNT(tables); i++)
		if (compare_table(source, copy, tables[i].table,
		        tables[i].columns, last, &rows) != 0)
			goto out;
	printf("%lld rows are the same up to transaction %lld\n",
	    (long long)rows, (long long)last);
	rc = 0;
out:
	sqlite3_close(source);
	sqlite3_close(copy);
	return (rc);
}

int
main(int argc, char **argv)
{
	int rc;

	if (argc >= 4 && argc <= 5 && strcmp(argv[1], "make") == 0)
		rc = make(argv[2], argv[3], argc == 5 ? argv[4] : "wal");
	else if (argc == 3 && strcmp(argv[1], "write") == 0)
		rc = write_until_told(argv[2]);
	else if (argc == 4 && strcmp(argv[1], "compare") == 0)
		rc = compare(argv[2], argv[3]);
	else {
		fprintf(stderr, "usage: sample-database make PATH SIZE "
		    "[wal|delete] | write PATH | compare SOURCE COPY\n");
		return (2);
	}
	return (rc == 0 ? 0 : 1);
}
