/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_CHECKS_H
#define TESTS_CONFORMANCE_CHECKS_H

#include <check.h>

/*
 * The minimum conformance checks of the VDI reference (spec 27.4), by number
 * in the tests' names, and more that go with them.
 */
TCase *checks_client(void);    /* 1 to 13, 31 */
TCase *checks_commands(void);  /* 14 to 17, 25, 26, 28 */
TCase *checks_server(void);    /* 22 to 24, 27, 29, 32 */
TCase *checks_processes(void); /* 18 to 21, 30 */

#endif
