/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SQL_SQL_TESTS_H
#define TESTS_UNIT_SQL_SQL_TESTS_H

#include <check.h>

/* One for each file of tests. */
TCase *statement_tests(void);
TCase *options_tests(void);
TCase *rule_tests(void);
TCase *message_tests(void);
TCase *engine_tests(void);

#endif
