/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALGRIND_UNDER_H
#define TESTS_VALGRIND_UNDER_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether `make check-valgrind` runs us: posix_spawn then succeeds, whatever
 * becomes of the exec. */
static inline bool
under_valgrind(void)
{
	const char *how = getenv("SANITIZERS");

	return (how != NULL && strcmp(how, "valgrind") == 0);
}

#endif
