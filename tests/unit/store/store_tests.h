/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_STORE_STORE_TESTS_H
#define TESTS_UNIT_STORE_STORE_TESTS_H

#include "store/manifest.h"

#include <check.h>

/* One for each file of tests. */
TCase *path_tests(void);
TCase *manifest_tests(void);
TCase *target_tests(void);
TCase *read_tests(void);
TCase *lock_tests(void);
TCase *refuse_tests(void);
TCase *bounds_tests(void);

/* A folder of the test's own, removed with what is in it at the test's end
 * (fixture of every case that uses it). */
extern char fixture_root[64];
void fixture_begin(void);
void fixture_end(void);
/* fixture_root/name, in a buffer that the next call overwrites. */
const char *fixture_path(const char *name);
void fixture_write(const char *path, const char *text);

/* A manifest with every field set, for this many stripes. */
void fixture_manifest(struct manifest *manifest, unsigned stripes);

#endif
