/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "rehearse/words.h"

#include <stdio.h>

void
words_add(struct words *words, const char *word)
{
	if (words->count + 1 < WORDS_MAX)
		words->argv[words->count++] = word;
	words->argv[words->count] = NULL;
}

static void
add_pair(struct words *words, const char *option, const char *value)
{
	words_add(words, option);
	words_add(words, value);
}

void
words_begin(struct words *words, const struct trial *trial,
    enum fault_direction direction, const char *place)
{
	bool is_backup = direction == FAULT_DIRECTION_BACKUP;

	*words = (struct words){ .count = 0 };
	(void)snprintf(words->engine, sizeof(words->engine), "sqlite:%s",
	    is_backup ? trial->sample : trial->copy);
	(void)snprintf(words->devices, sizeof(words->devices), "%u",
	    trial->devices);
	(void)snprintf(words->timeout, sizeof(words->timeout), "%dms",
	    REHEARSE_TIMEOUT_MS);
	words_add(words, trial->program);
	words_add(words, fault_direction_name(direction));
	add_pair(words, "--database", WORDS_DATABASE);
	add_pair(words, "--server", WORDS_SERVER);
	add_pair(words, "--engine", words->engine);
	words_add(words, "--json");
	add_pair(words, is_backup ? "--to" : "--from", place);
	if (!is_backup)
		return;
	add_pair(words, "--devices", words->devices);
	/* So that there are many commands and many writes. */
	add_pair(words, "--max-transfer-size", "64KiB");
	add_pair(words, "--frame-size", "64KiB");
}

void
words_add_faults(struct words *words, const struct matrix_row *row)
{
	size_t i;

	add_pair(words, "--stall-timeout", words->timeout);
	add_pair(words, "--configure-timeout", words->timeout);
	for (i = 0; i < row->count; i++)
		add_pair(words, row->faults[i].side == FAULT_SIDE_CLIENT ?
		    "--inject" : "--engine-inject", row->faults[i].text);
}
