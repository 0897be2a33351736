/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_PROVIDER_TESTS_H
#define TESTS_UNIT_PROVIDER_TESTS_H

#include <check.h>

/* One for each file beside the main one. */
TCase *tests_access(void);
TCase *tests_patience(void);

#endif
