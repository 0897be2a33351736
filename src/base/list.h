/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Lists of numbers that people write: "1,3,9", "1..6", "-3..-1,3"; of sizes:
 * "64KiB,4MiB".  Parts are divided by commas, A..B stands for every number
 * from A to B.  What comes twice is there once, at its first place.
 *
 * 0, or -1 where the text is not exactly that, a value is out of range, or
 * there are more than LIST_MAX; the list is empty then.
 */

#define LIST_MAX 64u

struct list {
	int64_t values[LIST_MAX];
	size_t count;
};

int list_parse(struct list *list, const char *text, int64_t min, int64_t max)
    MUST_CHECK;
int list_parse_sizes(struct list *list, const char *text, uint64_t min,
    uint64_t max) MUST_CHECK;

/* A list of one. */
void list_set(struct list *list, int64_t value);

#endif
