/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/ask.h"

#include <stddef.h>

int
ask_number(sqlite3 *db, const char *text, int64_t *number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return (code == SQLITE_ROW ? SQLITE_OK : code);
}
