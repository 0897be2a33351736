/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/*
 * "Did you mean": which of some words a mistyped one was meant to be.
 *
 *     nearest_begin -> nearest_offer for each candidate -> nearest_end
 */

struct nearest {
	const char *word;
	size_t distance;
	int id;
};

void nearest_begin(struct nearest *nearest, const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate, int id);

/* The id of the nearest, or none where nothing is near enough. */
int nearest_end(const struct nearest *nearest, int none);

#endif
