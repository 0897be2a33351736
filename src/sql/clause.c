/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/clause.h"

#include "sql/quote.h"
#include "sql/when.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEVICES_MAX 64u

void
clause_word(struct clause *clause, const char *word)
{
	str_add(clause->to, clause->any ? ", " : clause->before);
	str_add(clause->to, word);
	clause->any = true;
}

void
clause_number(struct clause *clause, const char *name, uint32_t value)
{
	if (value == 0)
		return;
	clause_word(clause, name);
	str_addf(clause->to, "=%u", value);
}

void
clause_choice(struct clause *clause, enum statement_choice choice,
    const char *yes, const char *no)
{
	if (choice != STATEMENT_UNSAID)
		clause_word(clause, choice == STATEMENT_YES ? yes : no);
}

void
clause_flag(struct clause *clause, bool is_given, const char *word)
{
	if (is_given)
		clause_word(clause, word);
}

int
clause_text(struct clause *clause, const char *name, const char *value,
    size_t max, struct error *error)
{
	if (value == NULL)
		return (0);
	clause_word(clause, name);
	str_add(clause->to, "=");
	if (value[0] == '\0')
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the text is empty"));
	else if (quote_literal(clause->to, value, max, error) == 0)
		return (0);
	error_context(error, "%s", name);
	return (-1);
}

int
clause_time(struct clause *clause, const char *name, const char *value,
    struct error *error)
{
	char written[WHEN_ROOM];

	if (value == NULL)
		return (0);
	if (when_write(written, value, error) != 0) {
		error_context(error, "%s", name);
		return (-1);
	}
	return (clause_text(clause, name, written, WHEN_ROOM, error));
}

int
clause_extra(struct clause *clause, const char *extra, bool restore,
    struct error *error)
{
	if (extra == NULL || extra[0] == '\0')
		return (0);
	if (statement_check_extra(extra, restore, error) != 0)
		return (-1);
	clause_word(clause, extra);
	return (0);
}

static int
texts(struct clause *clause, const char *name, const char *const *values,
    size_t count, struct error *error)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (clause_text(clause, name, values[i], CLAUSE_NAME,
		        error) != 0)
			return (-1);
	return (0);
}

int
clause_parts(struct clause *clause, const struct statement_parts *parts,
    struct error *error)
{
	clause_flag(clause, parts->read_write, "READ_WRITE_FILEGROUPS");
	if (texts(clause, "FILE", parts->files, parts->file_count,
	        error) != 0)
		return (-1);
	return (texts(clause, "FILEGROUP", parts->filegroups,
	    parts->filegroup_count, error));
}

int
clause_devices(struct clause *clause,
    const struct statement_devices *devices, struct error *error)
{
	char name[STATEMENT_NAME_ROOM];
	unsigned i;

	if (devices->count < 1 || devices->count > DEVICES_MAX)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "%u devices are not 1 to %u", devices->count,
		    DEVICES_MAX));
	/* A backslash would be a folder among the kernel's names (spec 5.1). */
	if (devices->set_name[0] == '\0' ||
	    strchr(devices->set_name, '\\') != NULL)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%.64s\" cannot be the name of a device set",
		    devices->set_name));
	for (i = 1; i <= devices->count; i++) {
		if (statement_device_name(name, devices->set_name, i) != 0)
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "the name of the device set is too long"));
		if (clause_text(clause, "VIRTUAL_DEVICE", name, CLAUSE_PATH,
		        error) != 0)
			return (-1);
	}
	return (0);
}

void
clause_sizes(struct clause *clause, const struct statement_devices *devices)
{
	clause_number(clause, "BLOCKSIZE", devices->block_size);
	clause_number(clause, "MAXTRANSFERSIZE", devices->transfer_size);
	clause_number(clause, "BUFFERCOUNT", devices->buffer_count);
}

const char *
clause_known(const char *const *words, const char *value, const char *what,
    struct error *error)
{
	char known[128] = "";
	size_t used;
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		if (strcasecmp(words[i], value) == 0)
			return (words[i]);
		used = strlen(known);
		(void)snprintf(known + used, sizeof(known) - used, "%s%s",
		    i == 0 ? "" : words[i + 1] == NULL ? " and " : ", ",
		    words[i]);
	}
	IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "\"%.64s\" is no %s: there are %s", value, what, known));
	return (NULL);
}
