/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sample database for the demonstration and the tests.
 *
 *     sample-database make PATH SIZE [wal|delete]
 *     sample-database write PATH            until standard input ends
 *     sample-database compare SOURCE COPY
 *
 * The data look like a wholesaler's: customers, products, orders, their
 * lines, and a ledger.  Every transaction has a number, every row names the
 * transaction that made it and rows are never changed, but for the
 * customers' balances, which are at every moment the sum of the ledger.  So
 * a copy that was taken while a writer went on can be compared exactly: it
 * must hold what the source holds up to the copy's last transaction, and its
 * balances must be the ledger's of that moment.
 */
#include <config.h>

#include "base/num.h"

#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_MS = 60000, ORDERS_PER_TRANSACTION = 200 };

static const char *const first_names[] = { "Ada", "Bruno", "Chen", "Dilara",
	"Emil", "Fatou", "Greta", "Hiro", "Ines", "Jonas", "Karla", "Liam",
	"Mira", "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tuva" };
static const char *const last_names[] = { "Albers", "Bianchi", "Castro",
	"Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova",
	"Jansen", "Kowalski", "Lindqvist", "Moreau", "Novak", "Okafor",
	"Petrov", "Quintero", "Rossi", "Schmidt", "Tanaka" };
static const char *const cities[] = { "Antwerp", "Bergen", "Cork", "Dresden",
	"Esbjerg", "Florence", "Ghent", "Hamburg", "Innsbruck", "Jena",
	"Krakow", "Lyon", "Malmo", "Nantes", "Oulu", "Porto" };
static const char *const things[] = { "bearing", "valve", "gasket", "pump",
	"filter", "coupling", "flange", "sensor", "relay", "hose", "clamp",
	"switch", "fan", "belt", "spring", "nozzle" };
static const char *const materials[] = { "steel", "brass", "nylon", "copper",
	"ceramic", "rubber", "aluminium", "titanium" };
static const char *const remarks[] = { "deliver before noon",
	"call on arrival", "leave at gate 3", "fragile", "partial delivery ok",
	"no substitute", "invoice by post", "customer collects" };

struct random {
	uint64_t state;
};

static uint32_t
random_below(struct random *random, uint32_t limit)
{
	/* splitmix64: small, seeded, the same everywhere. */
	uint64_t z = (random->state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return ((uint32_t)((z ^ z >> 31) >> 32) % limit);
}

#define PICK(random, list) ((list)[random_below(random, ARRAY_COUNT(list))])

struct sample {
	sqlite3 *db;
	sqlite3_stmt *customer;
	sqlite3_stmt *product;
	sqlite3_stmt *order;
	sqlite3_stmt *line;
	sqlite3_stmt *ledger;
	sqlite3_stmt *balance;
	struct random random;
	int64_t transaction;
	int64_t orders;
	int64_t customers;
	int64_t products;
};

static int
complain(sqlite3 *db, const char *doing)
{
	fprintf(stderr, "sample-database: %s: %s\n", doing,
	    db != NULL ? sqlite3_errmsg(db) : "out of memory");
	return (-1);
}

static int
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return (complain(db, sql));
	return (0);
}

static int
step(struct sample *sample, sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc != SQLITE_DONE)
		return (complain(sample->db, "inserting"));
	sqlite3_reset(stmt);
	return (0);
}

static int
prepare(struct sample *sample)
{
	static const char *const texts[] = {
		"insert into customer values (?,?,?,?,?,0)",
		"insert into product values (?,?,?,?,?)",
		"insert into sales_order values (?,?,?,?,?)",
		"insert into order_line values (null,?,?,?,?,?,?)",
		"insert into ledger values (null,?,?,?,?)",
		"update customer set balance = balance + ?2 where id = ?1",
	};
	sqlite3_stmt **const stmts[] = { &sample->customer, &sample->product,
		&sample->order, &sample->line, &sample->ledger,
		&sample->balance };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(texts); i++)
		if (sqlite3_prepare_v2(sample->db, texts[i], -1, stmts[i],
		        NULL) != SQLITE_OK)
			return (complain(sample->db, texts[i]));
	return (0);
}

static void
release(struct sample *sample)
{
	sqlite3_finalize(sample->customer);
	sqlite3_finalize(sample->product);
	sqlite3_finalize(sample->order);
	sqlite3_finalize(sample->line);
	sqlite3_finalize(sample->ledger);
	sqlite3_finalize(sample->balance);
	sqlite3_close(sample->db);
}

static int
add_customer(struct sample *sample)
{
	struct random *random = &sample->random;
	char name[80];
	char address[120];
	char mail[120];
	const char *first = PICK(random, first_names);
	const char *last = PICK(random, last_names);

	sample->customers++;
	(void)snprintf(name, sizeof(name), "%s %s", first, last);
	(void)snprintf(address, sizeof(address), "%u %s Street, %05u %s",
	    1 + random_below(random, 400), PICK(random, last_names),
	    random_below(random, 99999), PICK(random, cities));
	(void)snprintf(mail, sizeof(mail), "%s.%s%u@example.com", first, last,
	    random_below(random, 10000));
	sqlite3_bind_int64(sample->customer, 1, sample->customers);
	sqlite3_bind_int64(sample->customer, 2, sample->transaction);
	sqlite3_bind_text(sample->customer, 3, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(sample->customer, 4, address, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(sample->customer, 5, mail, -1, SQLITE_TRANSIENT);
	return (step(sample, sample->customer));
}

static int
add_product(struct sample *sample)
{
	struct random *random = &sample->random;
	char name[80];
	char code[40];

	sample->products++;
	(void)snprintf(name, sizeof(name), "%s %s %u mm",
	    PICK(random, materials), PICK(random, things),
	    2 + random_below(random, 400));
	(void)snprintf(code, sizeof(code), "%04X-%04X-%02X",
	    random_below(random, 65536), random_below(random, 65536),
	    random_below(random, 256));
	sqlite3_bind_int64(sample->product, 1, sample->products);
	sqlite3_bind_int64(sample->product, 2, sample->transaction);
	sqlite3_bind_text(sample->product, 3, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(sample->product, 4, code, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(sample->product, 5, 50 + random_below(random,
	    100000));
	return (step(sample, sample->product));
}

static int
add_line(struct sample *sample, int64_t *cents)
{
	struct random *random = &sample->random;
	char serial[64];
	int64_t quantity = 1 + random_below(random, 40);
	int64_t price = 50 + random_below(random, 100000);

	(void)snprintf(serial, sizeof(serial), "%08x%08x%08x",
	    random_below(random, UINT32_MAX), random_below(random, UINT32_MAX),
	    random_below(random, UINT32_MAX));
	sqlite3_bind_int64(sample->line, 1, sample->transaction);
	sqlite3_bind_int64(sample->line, 2, sample->orders);
	sqlite3_bind_int64(sample->line, 3, 1 + random_below(random,
	    (uint32_t)sample->products));
	sqlite3_bind_int64(sample->line, 4, quantity);
	sqlite3_bind_int64(sample->line, 5, price);
	sqlite3_bind_text(sample->line, 6, serial, -1, SQLITE_TRANSIENT);
	*cents += quantity * price;
	return (step(sample, sample->line));
}

static int
add_order(struct sample *sample)
{
	struct random *random = &sample->random;
	int64_t customer = 1 + random_below(random,
	    (uint32_t)sample->customers);
	uint32_t lines = 1 + random_below(random, 8);
	int64_t cents = 0;

	sample->orders++;
	sqlite3_bind_int64(sample->order, 1, sample->orders);
	sqlite3_bind_int64(sample->order, 2, sample->transaction);
	sqlite3_bind_int64(sample->order, 3, customer);
	sqlite3_bind_int64(sample->order, 4, 1700000000 + sample->orders * 37);
	sqlite3_bind_text(sample->order, 5, PICK(random, remarks), -1,
	    SQLITE_STATIC);
	if (step(sample, sample->order) != 0)
		return (-1);
	for (; lines > 0; lines--)
		if (add_line(sample, &cents) != 0)
			return (-1);
	sqlite3_bind_int64(sample->ledger, 1, sample->transaction);
	sqlite3_bind_int64(sample->ledger, 2, customer);
	sqlite3_bind_int64(sample->ledger, 3, sample->orders);
	sqlite3_bind_int64(sample->ledger, 4, cents);
	if (step(sample, sample->ledger) != 0)
		return (-1);
	sqlite3_bind_int64(sample->balance, 1, customer);
	sqlite3_bind_int64(sample->balance, 2, cents);
	return (step(sample, sample->balance));
}

static int
add_transaction(struct sample *sample, int orders)
{
	int i;

	if (run(sample->db, "begin immediate") != 0)
		return (-1);
	sample->transaction++;
	for (i = 0; i < 3; i++)
		if (add_customer(sample) != 0 || add_product(sample) != 0)
			return (-1);
	for (i = 0; i < orders; i++)
		if (add_order(sample) != 0)
			return (-1);
	return (run(sample->db, "commit"));
}

static int
make(const char *path, const char *size_text, const char *mode)
{
	static const char schema[] =
	    "create table customer (id integer primary key, txn int, name "
	    "text, address text, mail text, balance int);"
	    "create table product (id integer primary key, txn int, name "
	    "text, code text, price int);"
	    "create table sales_order (id integer primary key, txn int, "
	    "customer int, placed int, remark text);"
	    "create table order_line (id integer primary key, txn int, "
	    "sales_order int, product int, quantity int, price int, serial "
	    "text);"
	    "create table ledger (id integer primary key, txn int, customer "
	    "int, sales_order int, cents int);";
	struct sample sample = { .random = { 42 } };
	uint64_t size;
	struct stat st;
	char pragma[64];
	int rc = -1;

	if (num_parse_size(size_text, &size) != 0 ||
	    (strcmp(mode, "wal") != 0 && strcmp(mode, "delete") != 0)) {
		fprintf(stderr, "sample-database: bad size or mode\n");
		return (-1);
	}
	(void)remove(path);
	if (sqlite3_open(path, &sample.db) != SQLITE_OK) {
		(void)complain(sample.db, path);
		goto out;
	}
	/* Journalling is switched on when there is something to lose. */
	if (run(sample.db, "pragma journal_mode=off; pragma synchronous=off;"
	        "pragma locking_mode=exclusive") != 0 ||
	    run(sample.db, schema) != 0 || prepare(&sample) != 0)
		goto out;
	do {
		if (add_transaction(&sample, 10 * ORDERS_PER_TRANSACTION) != 0)
			goto out;
		if (stat(path, &st) != 0) {
			fprintf(stderr, "sample-database: %s: %s\n", path,
			    strerror(errno));
			goto out;
		}
	} while ((uint64_t)st.st_size < size);
	(void)snprintf(pragma, sizeof(pragma),
	    "pragma locking_mode=normal; pragma journal_mode=%s", mode);
	if (run(sample.db, pragma) != 0)
		goto out;
	printf("%lld customers, %lld products, %lld orders, %lld bytes\n",
	    (long long)sample.customers, (long long)sample.products,
	    (long long)sample.orders, (long long)st.st_size);
	rc = 0;
out:
	release(&sample);
	return (rc);
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
	struct sample sample = { .random = { 4711 } };
	int64_t made = 0;
	int rc = -1;

	if (sqlite3_open_v2(path, &sample.db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		(void)complain(sample.db, path);
		goto out;
	}
	sqlite3_busy_timeout(sample.db, BUSY_MS);
	if (run(sample.db, "pragma synchronous=off") != 0 ||
	    query(sample.db, "select max(txn) from ledger",
	        &sample.transaction) != 0 ||
	    query(sample.db, "select max(id) from sales_order",
	        &sample.orders) != 0 ||
	    query(sample.db, "select max(id) from customer",
	        &sample.customers) != 0 ||
	    query(sample.db, "select max(id) from product",
	        &sample.products) != 0 ||
	    prepare(&sample) != 0)
		goto out;
	sample.random.state += (uint64_t)sample.transaction;
	do {
		if (add_transaction(&sample, ORDERS_PER_TRANSACTION) != 0)
			goto out;
		/* Somebody may wait for the first transaction. */
		if (++made == 1) {
			puts("writing");
			(void)fflush(stdout);
		}
	} while (!input_ended(20));
	printf("%lld transactions\n", (long long)made);
	rc = 0;
out:
	release(&sample);
	return (rc);
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
