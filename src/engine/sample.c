/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/sample.h"

#include "engine/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	uint64_t bytes;
};

static int
fail(struct sample *sample, const char *doing, struct error *error)
{
	return (error_set(error, KIND_STORAGE, ORIGIN_US, 0, "%s: %s", doing,
	    sample->db != NULL ? sqlite3_errmsg(sample->db) :
	    "out of memory"));
}

static int
run(struct sample *sample, const char *sql, struct error *error)
{
	if (sqlite3_exec(sample->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return (fail(sample, sql, error));
	return (0);
}

static int
step(struct sample *sample, sqlite3_stmt *stmt, struct error *error)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		return (fail(sample, "inserting", error));
	sqlite3_reset(stmt);
	return (0);
}

static int
prepare(struct sample *sample, struct error *error)
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
			return (fail(sample, texts[i], error));
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
add_customer(struct sample *sample, struct error *error)
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
	return (step(sample, sample->customer, error));
}

static int
add_product(struct sample *sample, struct error *error)
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
	return (step(sample, sample->product, error));
}

static int
add_line(struct sample *sample, int64_t *cents, struct error *error)
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
	return (step(sample, sample->line, error));
}

static int
add_order(struct sample *sample, struct error *error)
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
	if (step(sample, sample->order, error) != 0)
		return (-1);
	for (; lines > 0; lines--)
		if (add_line(sample, &cents, error) != 0)
			return (-1);
	sqlite3_bind_int64(sample->ledger, 1, sample->transaction);
	sqlite3_bind_int64(sample->ledger, 2, customer);
	sqlite3_bind_int64(sample->ledger, 3, sample->orders);
	sqlite3_bind_int64(sample->ledger, 4, cents);
	if (step(sample, sample->ledger, error) != 0)
		return (-1);
	sqlite3_bind_int64(sample->balance, 1, customer);
	sqlite3_bind_int64(sample->balance, 2, cents);
	return (step(sample, sample->balance, error));
}

static int
add_transaction(struct sample *sample, int orders, struct error *error)
{
	int i;

	if (run(sample, "begin immediate", error) != 0)
		return (-1);
	sample->transaction++;
	for (i = 0; i < 3; i++)
		if (add_customer(sample, error) != 0 ||
		    add_product(sample, error) != 0)
			return (-1);
	for (i = 0; i < orders; i++)
		if (add_order(sample, error) != 0)
			return (-1);
	return (run(sample, "commit", error));
}

static int
fill(struct sample *sample, const char *path, uint64_t bytes,
    struct error *error)
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
	struct stat st;

	if (sqlite3_open(path, &sample->db) != SQLITE_OK)
		return (fail(sample, path, error));
	/* Journalling is switched on when there is something to lose. */
	if (run(sample, "pragma journal_mode=off; pragma synchronous=off;"
	        "pragma locking_mode=exclusive", error) != 0 ||
	    run(sample, schema, error) != 0 || prepare(sample, error) != 0)
		return (-1);
	do {
		if (add_transaction(sample, 10 * ORDERS_PER_TRANSACTION,
		        error) != 0)
			return (-1);
		if (stat(path, &st) != 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot look at \"%s\"", path));
	} while ((uint64_t)st.st_size < bytes);
	sample->bytes = (uint64_t)st.st_size;
	return (0);
}

int
sample_make(const char *path, uint64_t bytes, bool is_wal,
    struct sample_counts *counts, struct error *error)
{
	struct sample sample = { .random = { 42 } };
	int rc = -1;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot make \"%s\"", path));
	(void)close(fd);
	if (fill(&sample, path, bytes, error) == 0)
		rc = run(&sample, is_wal ?
		    "pragma locking_mode=normal; pragma journal_mode=wal" :
		    "pragma locking_mode=normal; pragma journal_mode=delete",
		    error);
	counts->customers = sample.customers;
	counts->products = sample.products;
	counts->orders = sample.orders;
	counts->bytes = sample.bytes;
	release(&sample);
	if (rc != 0)
		(void)unlink(path);
	return (rc);
}

static int
query(struct sample *sample, const char *sql, int64_t *value,
    struct error *error)
{
	return (ask_number(sample->db, sql, value) == SQLITE_OK ? 0 :
	    fail(sample, sql, error));
}

struct sample *
sample_open(const char *path, struct error *error)
{
	struct sample *sample = calloc(1, sizeof(*sample));

	if (sample == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	sample->random.state = 4711;
	if (sqlite3_open_v2(path, &sample->db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		IGNORE_RESULT(fail(sample, path, error));
		sample_close(sample);
		return (NULL);
	}
	sqlite3_busy_timeout(sample->db, BUSY_MS);
	if (run(sample, "pragma synchronous=off", error) != 0 ||
	    query(sample, "select max(txn) from ledger",
	        &sample->transaction, error) != 0 ||
	    query(sample, "select max(id) from sales_order", &sample->orders,
	        error) != 0 ||
	    query(sample, "select max(id) from customer", &sample->customers,
	        error) != 0 ||
	    query(sample, "select max(id) from product", &sample->products,
	        error) != 0 ||
	    prepare(sample, error) != 0) {
		sample_close(sample);
		return (NULL);
	}
	sample->random.state += (uint64_t)sample->transaction;
	return (sample);
}

int
sample_add(struct sample *sample, struct error *error)
{
	return (add_transaction(sample, ORDERS_PER_TRANSACTION, error));
}

void
sample_close(struct sample *sample)
{
	if (sample == NULL)
		return;
	release(sample);
	free(sample);
}
