/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_MEASURE_MEASURE_TESTS_H
#define TESTS_UNIT_MEASURE_MEASURE_TESTS_H

#include <check.h>

/*
 * The cases of tests/bin/measure, a file each.
 */

TCase *tests_advice(void);
TCase *tests_numbers(void);
TCase *tests_plot(void);

#endif
