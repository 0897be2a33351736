/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/nearest.h"

#include <string.h>

/* Longer words are not compared: no command or option is this long. */
#define LONGEST 32

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

/* Insertions, deletions and replacements between the two (Levenshtein). */
static size_t
distance_between(const char *a, const char *b)
{
	size_t row[LONGEST + 1];
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);
	size_t i;
	size_t j;

	if (a_length > LONGEST || b_length > LONGEST)
		return (LONGEST);
	for (j = 0; j <= b_length; j++)
		row[j] = j;
	for (i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= b_length; j++) {
			size_t above = row[j];

			row[j] = least(least(row[j], row[j - 1]) + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return (row[b_length]);
}

void
nearest_begin(struct nearest *nearest, const char *word)
{
	nearest->word = word;
	nearest->distance = LONGEST;
	nearest->id = -1;
}

void
nearest_offer(struct nearest *nearest, const char *candidate, int id)
{
	size_t length = strlen(nearest->word);
	size_t distance;

	/* A beginning of the candidate is as good as one slip. */
	if (length >= 2 && strncmp(candidate, nearest->word, length) == 0)
		distance = 1;
	else
		distance = distance_between(nearest->word, candidate);
	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	nearest->id = id;
}

int
nearest_end(const struct nearest *nearest, int none)
{
	/* A third of the letters may be wrong; one in a short word. */
	size_t allowed = strlen(nearest->word) / 3;

	if (allowed == 0)
		allowed = 1;
	if (nearest->id < 0 || nearest->distance > allowed ||
	    nearest->distance >= strlen(nearest->word))
		return (none);
	return (nearest->id);
}
