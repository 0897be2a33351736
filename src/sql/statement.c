/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/statement.h"

#include "sql/quote.h"

#include "base/str.h"
#include "base/utf.h"

#include <stdio.h>
#include <string.h>

/* Limits of T-SQL: nvarchar(260) for devices and files, nvarchar(128) for the
 * set's name, nvarchar(255) for its description. */
#define PATH_UNITS 260u
#define NAME_UNITS 128u
#define DESCRIPTION_UNITS 255u
#define DEVICES_MAX 64u

/* Buffers that one device keeps busy: one is being filled by the server, one
 * is queued, one is in the writer's hands. */
#define PER_DEVICE 3u
#define PER_DEVICE_MIN 2u

static int
usage(struct error *error, const char *what)
{
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0, "%s", what));
}

int
statement_device_name(char name[STATEMENT_NAME_ROOM], const char *set_name,
    unsigned index)
{
	int length;

	if (index <= 1)
		length = snprintf(name, STATEMENT_NAME_ROOM, "%s", set_name);
	else
		length = snprintf(name, STATEMENT_NAME_ROOM, "%s%u", set_name,
		    index - 1);
	return (length >= 0 && length < STATEMENT_NAME_ROOM ? 0 : -1);
}

uint32_t
statement_buffer_count(unsigned devices, unsigned threads,
    uint32_t transfer_size, uint32_t frame_size, uint64_t limit)
{
	uint64_t count = (uint64_t)devices * PER_DEVICE;
	uint64_t least = (uint64_t)devices * PER_DEVICE_MIN;

	if (transfer_size >= frame_size)
		count += threads;
	if (limit > 0 && count * transfer_size > limit)
		count = limit / transfer_size;
	if (count < least)
		count = least;
	return ((uint32_t)(count <= UINT32_MAX ? count : UINT32_MAX));
}

static int
add_devices(struct str *to, const struct statement_devices *devices,
    struct error *error)
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
			return (usage(error,
			    "the name of the device set is too long"));
		str_add(to, i == 1 ? "VIRTUAL_DEVICE=" : ", VIRTUAL_DEVICE=");
		if (quote_literal(to, name, PATH_UNITS, error) != 0)
			return (-1);
	}
	return (0);
}

/* The first option follows WITH, the others a comma. */
struct options {
	struct str *to;
	bool any;
};

static void
option(struct options *options, const char *text)
{
	str_add(options->to, options->any ? ", " : " WITH ");
	str_add(options->to, text);
	options->any = true;
}

static void
option_number(struct options *options, const char *name, uint32_t value)
{
	if (value == 0)
		return;
	option(options, name);
	str_addf(options->to, "=%u", value);
}

static int
option_literal(struct options *options, const char *name, const char *value,
    size_t max, struct error *error)
{
	option(options, name);
	str_add(options->to, "=");
	if (quote_literal(options->to, value, max, error) != 0) {
		error_context(error, "%s", name);
		return (-1);
	}
	return (0);
}

static void
option_choice(struct options *options, enum statement_choice choice,
    const char *yes, const char *no)
{
	if (choice != STATEMENT_UNSAID)
		option(options, choice == STATEMENT_YES ? yes : no);
}

static void
device_options(struct options *options,
    const struct statement_devices *devices)
{
	option_number(options, "BLOCKSIZE", devices->block_size);
	option_number(options, "MAXTRANSFERSIZE", devices->transfer_size);
	option_number(options, "BUFFERCOUNT", devices->buffer_count);
}

static int
option_extra(struct options *options, const char *extra, bool restore,
    struct error *error)
{
	if (extra == NULL || extra[0] == '\0')
		return (0);
	if (statement_check_extra(extra, restore, error) != 0)
		return (-1);
	option(options, extra);
	return (0);
}

static int
backup_options(struct str *to, const struct statement_backup *backup,
    struct error *error)
{
	struct options options = { .to = to };

	option(&options, "FORMAT");
	if (backup->type == STATEMENT_DIFF)
		option(&options, "DIFFERENTIAL");
	if (backup->copy_only)
		option(&options, "COPY_ONLY");
	if (backup->tail)
		option(&options, "NORECOVERY");
	option_choice(&options, backup->checksum, "CHECKSUM", "NO_CHECKSUM");
	option_choice(&options, backup->compression, "COMPRESSION",
	    "NO_COMPRESSION");
	device_options(&options, &backup->devices);
	if (backup->name != NULL &&
	    option_literal(&options, "NAME", backup->name, NAME_UNITS,
	    error) != 0)
		return (-1);
	if (backup->description != NULL &&
	    option_literal(&options, "DESCRIPTION", backup->description,
	    DESCRIPTION_UNITS, error) != 0)
		return (-1);
	option_number(&options, "STATS", backup->stats);
	return (option_extra(&options, backup->extra, false, error));
}

char *
statement_build_backup(const struct statement_backup *backup,
    struct error *error)
{
	struct str text;
	char *owned = NULL;

	str_init(&text);
	if (backup->tail && backup->type != STATEMENT_LOG) {
		(void)usage(error, "only a log backup can be of the tail");
		goto out;
	}
	str_add(&text, backup->type == STATEMENT_LOG ? "BACKUP LOG " :
	    "BACKUP DATABASE ");
	if (quote_identifier(&text, backup->database, error) != 0)
		goto out;
	str_add(&text, " TO ");
	if (add_devices(&text, &backup->devices, error) != 0 ||
	    backup_options(&text, backup, error) != 0)
		goto out;
	owned = str_detach(&text, error);
out:
	error_context(error, "the backup statement");
	str_release(&text);
	return (owned);
}

static int
restore_state(struct options *options, const struct statement_restore *restore,
    struct error *error)
{
	switch (restore->recovery) {
	case STATEMENT_RECOVERY:
		option(options, "RECOVERY");
		return (0);
	case STATEMENT_NORECOVERY:
		option(options, "NORECOVERY");
		return (0);
	case STATEMENT_STANDBY:
		if (restore->standby_file == NULL)
			return (usage(error, "STANDBY needs a file"));
		return (option_literal(options, "STANDBY",
		    restore->standby_file, PATH_UNITS, error));
	}
	return (usage(error, "no such recovery state"));
}

static int
restore_moves(struct options *options, const struct statement_restore *restore,
    struct error *error)
{
	size_t i;

	for (i = 0; i < restore->move_count; i++) {
		option(options, "MOVE ");
		if (quote_literal(options->to, restore->moves[i].logical,
		    NAME_UNITS, error) != 0)
			goto fail;
		str_add(options->to, " TO ");
		if (quote_literal(options->to, restore->moves[i].path,
		    PATH_UNITS, error) != 0)
			goto fail;
	}
	return (0);
fail:
	error_context(error, "MOVE");
	return (-1);
}

static int
restore_options(struct str *to, const struct statement_restore *restore,
    struct error *error)
{
	struct options options = { .to = to };

	if (!restore->verify_only) {
		if (restore->replace)
			option(&options, "REPLACE");
		if (restore_moves(&options, restore, error) != 0 ||
		    restore_state(&options, restore, error) != 0)
			return (-1);
		if (restore->stop_at != NULL &&
		    option_literal(&options, "STOPAT", restore->stop_at,
		    NAME_UNITS, error) != 0)
			return (-1);
	}
	option_choice(&options, restore->checksum, "CHECKSUM", "NO_CHECKSUM");
	device_options(&options, &restore->devices);
	option_number(&options, "STATS", restore->stats);
	return (option_extra(&options, restore->extra, true, error));
}

char *
statement_build_restore(const struct statement_restore *restore,
    struct error *error)
{
	struct str text;
	char *owned = NULL;

	str_init(&text);
	if (restore->verify_only) {
		str_add(&text, "RESTORE VERIFYONLY");
	} else {
		str_add(&text, restore->log ? "RESTORE LOG " :
		    "RESTORE DATABASE ");
		if (quote_identifier(&text, restore->database, error) != 0)
			goto out;
	}
	str_add(&text, " FROM ");
	if (add_devices(&text, &restore->devices, error) != 0 ||
	    restore_options(&text, restore, error) != 0)
		goto out;
	owned = str_detach(&text, error);
out:
	error_context(error, "the restore statement");
	str_release(&text);
	return (owned);
}
