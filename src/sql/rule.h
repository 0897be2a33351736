/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_RULE_H
#define SQL_RULE_H

#include "base/attr.h"
#include "base/error.h"
#include "sql/statement.h"

/*
 * Which options may stand together, and with which kind of statement: tables
 * of pairs that cannot, each with the reason.  Pure functions.  KIND_USAGE
 * names both options as the command line has them, and says what to do.
 */

int rule_check_backup(const struct statement_backup *backup,
    struct error *error) MUST_CHECK;
int rule_check_restore(const struct statement_restore *restore,
    struct error *error) MUST_CHECK;

#endif
