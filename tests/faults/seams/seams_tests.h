/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_SEAMS_SEAMS_TESTS_H
#define TESTS_FAULTS_SEAMS_SEAMS_TESTS_H

#include <check.h>

/* Each file's tests, for main. */
void sweep_add(Suite *suite);
void talk_add(Suite *suite);
void steps_add(Suite *suite);
void waits_add(Suite *suite);

#endif
