/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_TRANSFER_PUMP_PUMP_TESTS_H
#define TESTS_UNIT_TRANSFER_PUMP_PUMP_TESTS_H

#include <check.h>

/* One for each file of tests. */
TCase *ahead_tests(void);
TCase *backup_tests(void);
TCase *drill_tests(void);
TCase *fill_tests(void);
TCase *let_go_tests(void);
TCase *restore_tests(void);
/* The drill that kills: forks, so it comes without a bench's threads. */
TCase *kill_tests(void);

#endif
