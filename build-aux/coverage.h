/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every file of a build for gcov starts with (-include).  gcov writes its
 * counters where a program ends by exit; a child of a test ends by _exit, so
 * that it does not run what its parent left for exit, and would lose them.
 */
#ifndef BUILD_AUX_COVERAGE_H
#define BUILD_AUX_COVERAGE_H

#ifdef __cplusplus
#include <unistd.h>
extern "C"
#else
/* gnulib's <unistd.h> wants it first. */
#include <config.h>
#include <unistd.h>
#endif
void __gcov_dump(void);

__attribute__((noreturn, unused)) static inline void
coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

#define _exit(status) coverage_exit(status)

#endif
