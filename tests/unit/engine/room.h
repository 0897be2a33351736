/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_ENGINE_ROOM_H
#define TEST_ENGINE_ROOM_H

#include <stddef.h>
#include <stdint.h>

/* A folder of a test, and SQLite databases in it. */

/* room_make before each test, room_remove after it (checked fixtures). */
void room_make(void);
void room_remove(void);

/* The path of a name in the folder; valid until the next test. */
const char *room_path(const char *name);

/* A database with accounts whose balances sum up to ROOM_SUM, and enough
 * ballast to have about that many bytes.  mode: wal, delete, ... */
#define ROOM_ACCOUNTS 100
#define ROOM_SUM 100000
void room_database(const char *name, const char *mode, size_t bytes);

/* Run statements; fails the test where SQLite refuses. */
void room_sql(const char *name, const char *sql);

/* The first column of the first row. */
int64_t room_number(const char *name, const char *sql);

/* integrity_check, and the sum of all balances. */
void room_check(const char *name);

/* Whether two files are the same to the byte. */
int room_same(const char *a, const char *b);

int room_has(const char *name);

#endif
