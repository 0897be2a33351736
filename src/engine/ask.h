/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include "base/attr.h"

#include <sqlite3.h>
#include <stdint.h>

/*
 * A question to SQLite whose answer is one number.
 *
 * ask_number gives the first column of the first row, and returns SQLITE_OK;
 * or SQLite's code, SQLITE_DONE where there is no row, and *number unchanged.
 * The connection's owner calls.
 */
int ask_number(sqlite3 *db, const char *text, int64_t *number) MUST_CHECK;

#endif
