/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/*
 * Compiler attributes under names that say what they demand of the caller.
 */

/* The result must be looked at.  To ignore one on purpose: IGNORE_RESULT. */
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text_at, first_at)                                         \
	__attribute__((format(printf, text_at, first_at)))
#define NO_RETURN __attribute__((noreturn))

/* Ignore the result of expr; the reason stands beside it in the source. */
#define IGNORE_RESULT(expr)                                                    \
	do {                                                                   \
		if ((expr)) {                                                  \
		}                                                              \
	} while (0)

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
