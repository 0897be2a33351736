/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The only parser of numbers that people write.  Each returns 0, or -1 when
 * the whole text is not exactly one value in range; nothing is stored then.
 * No leading or trailing space, no locale, no silent clamping.
 */

/* A decimal number from min to max; a leading minus is allowed. */
int num_parse(const char *text, int64_t min, int64_t max, int64_t *value)
    MUST_CHECK;

/* Bytes: digits, then nothing or one of B, KiB, MiB, GiB, TiB. */
int num_parse_size(const char *text, uint64_t *bytes) MUST_CHECK;

/* A duration: digits, then one of ms, s, m, h, d ("90s", "5m"). */
int num_parse_duration(const char *text, int64_t *timeout_ms) MUST_CHECK;

/* "4.0 MiB", "512 B": for people; returns buffer. */
const char *num_format_size(uint64_t bytes, char *buffer, size_t size);

/* "0.4 s", "12 s", "3 min 5 s", "2 h 3 min": for people; returns buffer. */
const char *num_format_duration(int64_t ns, char *buffer, size_t size);

/* "60 s", or "1500 ms" where it is no whole number of seconds: a time that
 * somebody has set, exactly; returns buffer. */
const char *num_format_timeout(int64_t timeout_ms, char *buffer, size_t size);

#endif
