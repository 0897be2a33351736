/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/list.h"

#include "base/num.h"

#include <string.h>

/* Longer is no number. */
#define PART_ROOM 64

static int
add(struct list *list, int64_t value)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->values[i] == value)
			return (0);
	if (list->count == LIST_MAX)
		return (-1);
	list->values[list->count++] = value;
	return (0);
}

/* The next part, without its comma; 1: there was one, 0: the text is at its
 * end, -1: it is no part of a list. */
static int
next_part(const char **text, char part[PART_ROOM])
{
	size_t length = strcspn(*text, ",");

	if (length == 0 || length >= PART_ROOM)
		return (-1);
	memcpy(part, *text, length);
	part[length] = '\0';
	*text += length;
	if (**text == '\0')
		return (0);
	(*text)++;
	return (1);
}

static int
add_numbers(struct list *list, char *part, int64_t min, int64_t max)
{
	char *dots = strstr(part, "..");
	int64_t first;
	int64_t last;
	int64_t left;

	if (dots != NULL)
		*dots = '\0';
	if (num_parse(part, min, max, &first) != 0 ||
	    num_parse(dots != NULL ? dots + 2 : part, min, max, &last) != 0 ||
	    last < first)
		return (-1);
	/* Also where the distance is no number. */
	if ((uint64_t)last - (uint64_t)first >= LIST_MAX)
		return (-1);
	for (left = last - first; left >= 0; left--)
		if (add(list, last - left) != 0)
			return (-1);
	return (0);
}

int
list_parse(struct list *list, const char *text, int64_t min, int64_t max)
{
	char part[PART_ROOM];
	int more = 1;

	list->count = 0;
	while (more == 1) {
		more = next_part(&text, part);
		if (more >= 0 && add_numbers(list, part, min, max) == 0)
			continue;
		list->count = 0;
		return (-1);
	}
	return (0);
}

int
list_parse_sizes(struct list *list, const char *text, uint64_t min,
    uint64_t max)
{
	char part[PART_ROOM];
	uint64_t bytes;
	int more = 1;

	list->count = 0;
	while (more == 1) {
		more = next_part(&text, part);
		if (more >= 0 && num_parse_size(part, &bytes) == 0 &&
		    bytes >= min && bytes <= max &&
		    add(list, (int64_t)bytes) == 0)
			continue;
		list->count = 0;
		return (-1);
	}
	return (0);
}

void
list_set(struct list *list, int64_t value)
{
	list->values[0] = value;
	list->count = 1;
}
