/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/receipt.h"

#include "engine/message.h"
#include "mtf/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
receipt_init(struct receipt *receipt, struct operation *operation)
{
	const struct tsql_statement *statement = operation->statement;

	memset(receipt, 0, sizeof(*receipt));
	receipt->operation = operation;
	receipt->file_number = statement->file != 0 ? statement->file : 1;
	receipt->is_whole = statement->verb == TSQL_RESTORE_DATABASE ||
	    statement->verb == TSQL_VERIFYONLY;
	receipt->is_checked = statement->checksum != TSQL_NO;
	(void)pthread_mutex_init(&receipt->lock, NULL);
}

void
receipt_release(struct receipt *receipt)
{
	free(receipt->seen);
	(void)pthread_mutex_destroy(&receipt->lock);
}

/* Whether this is the first failure, which its finder reports. */
static bool
fail(struct receipt *receipt)
{
	return (operation_fail(receipt->operation, OPERATION_CLOSE));
}

static const char *
number_text(char text[24], uint64_t number)
{
	(void)snprintf(text, 24, "%llu", (unsigned long long)number);
	return (text);
}

/* Lock held.  The families of one media set, each of them once. */
static int
check_label(struct receipt *receipt, const char *device,
    const struct mtf_label *label)
{
	struct report *report = receipt->operation->report;
	unsigned given = receipt->operation->device_count;
	unsigned at = label->family_sequence - 1u;
	char families[24];
	char devices[24];

	(void)number_text(families, label->family_count);
	(void)number_text(devices, given);
	if (receipt->has_label && !mtf_guid_is_equal(&label->set_id,
	    &receipt->label.set_id)) {
		if (fail(receipt))
			report_message(report, MESSAGE_OTHER_MEDIA,
			    device, NULL);
		return (-1);
	}
	/* With removable media, a device takes one family after another. */
	if (label->family_count > given &&
	    !receipt->operation->is_removable) {
		if (fail(receipt))
			report_message(report, MESSAGE_FAMILIES, families,
			    devices, NULL);
		return (-1);
	}
	if (label->family_count < given) {
		if (fail(receipt))
			report_message(report, MESSAGE_FAMILIES_EXPECTED,
			    device, families, devices, NULL);
		return (-1);
	}
	if (at >= label->family_count || at >= VD_MAX_DEVICES) {
		if (fail(receipt))
			report_message(report, MESSAGE_BAD_FAMILY,
			    device, "its family number is not "
			    "one of the media set's", NULL);
		return (-1);
	}
	if (receipt->families[at] != NULL) {
		if (fail(receipt))
			report_message(report, MESSAGE_FAMILY_TWICE,
			    device,
			    number_text(families, at + 1u),
			    receipt->families[at], NULL);
		return (-1);
	}
	receipt->families[at] = device;
	(void)pthread_mutex_lock(&receipt->operation->lock);
	receipt->operation->streams = label->family_count;
	(void)pthread_mutex_unlock(&receipt->operation->lock);
	return (0);
}

int
receipt_add_label(struct receipt *receipt, const char *device,
    const struct mtf_label *label)
{
	int result = 0;

	(void)pthread_mutex_lock(&receipt->lock);
	if (receipt->is_whole)
		result = check_label(receipt, device, label);
	if (!receipt->has_label)
		receipt->label = *label;
	receipt->has_label = true;
	(void)pthread_mutex_unlock(&receipt->lock);
	return (result);
}

static bool
is_snapshot(const struct mtf_set *set)
{
	return ((set->flags & MTF_SCIN_IS_SNAPSHOT) != 0);
}

/* Lock held.  A snapshot is restored as one, and nothing else is. */
static int
check_kind(struct receipt *receipt, const char *device,
    const struct mtf_set *set)
{
	struct operation *operation = receipt->operation;
	const struct tsql_statement *statement = operation->statement;

	if (statement->verb != TSQL_RESTORE_DATABASE ||
	    statement->snapshot == is_snapshot(set))
		return (0);
	if (!fail(receipt))
		return (-1);
	if (statement->snapshot)
		report_message(operation->report, MESSAGE_NO_SNAPSHOT, NULL);
	else
		report_message(operation->report, MESSAGE_BAD_FAMILY, device,
		    "it describes a snapshot, which is restored WITH "
		    "SNAPSHOT", NULL);
	return (-1);
}

/* Lock held.  All stripes are of one backup set. */
static int
check_set(struct receipt *receipt, const char *device,
    const struct mtf_set *set)
{
	struct operation *operation = receipt->operation;

	if (receipt->has_set && !mtf_guid_is_equal(&set->set_guid,
	    &receipt->set.set_guid)) {
		if (fail(receipt))
			report_message(operation->report,
			    MESSAGE_OTHER_MEDIA, device,
			    NULL);
		return (-1);
	}
	if (check_kind(receipt, device, set) != 0)
		return (-1);
	if (operation->statement->checksum == TSQL_YES &&
	    !mtf_set_has_checksum(set)) {
		if (fail(receipt))
			report_message(operation->report, MESSAGE_NO_CHECKSUM,
			    NULL);
		return (-1);
	}
	return (0);
}

int
receipt_add_set(struct receipt *receipt, const char *device,
    const struct mtf_set *set, bool is_final)
{
	int result = 0;

	(void)pthread_mutex_lock(&receipt->lock);
	if (receipt->is_whole)
		result = check_set(receipt, device, set);
	if (!receipt->has_set || is_final)
		receipt->set = *set;
	receipt->has_set = true;
	(void)pthread_mutex_unlock(&receipt->lock);
	return (result);
}

/* Lock held.  MOVE has to name the one file there is. */
static int
check_moves(struct receipt *receipt, const struct mtf_file *file)
{
	struct operation *operation = receipt->operation;
	const struct tsql_statement *statement = operation->statement;
	unsigned i;

	for (i = 0; i < statement->move_count; i++) {
		if (strcmp(statement->moves[i].logical, file->logical) == 0)
			continue;
		if (fail(receipt))
			report_message(operation->report, MESSAGE_NO_FILE,
			    statement->moves[i].logical,
			    receipt->set.database, NULL);
		return (-1);
	}
	return (0);
}

/* Lock held.  The same file in all stripes, before the data and after. */
static int
check_file(struct receipt *receipt, const char *device,
    const struct mtf_file *file)
{
	if (receipt->has_file) {
		if (file->pages == receipt->file.pages &&
		    file->file_id == receipt->file.file_id)
			return (0);
		if (fail(receipt))
			report_message(receipt->operation->report,
			    MESSAGE_BAD_FAMILY, device,
			    "its descriptions of the file disagree", NULL);
		return (-1);
	}
	if (receipt->operation->statement->verb == TSQL_RESTORE_DATABASE &&
	    check_moves(receipt, file) != 0)
		return (-1);
	receipt->seen = calloc(file->pages / 64 + 1, sizeof(*receipt->seen));
	if (receipt->seen == NULL) {
		if (fail(receipt))
			report_message(receipt->operation->report,
			    MESSAGE_NO_MEMORY, NULL);
		return (-1);
	}
	receipt->file = *file;
	receipt->has_file = true;
	receipt->operation->total_bytes = (uint64_t)file->pages *
	    MTF_PAGE_SIZE;
	return (0);
}

int
receipt_add_file(struct receipt *receipt, const char *device,
    const struct mtf_file *file)
{
	int result;

	(void)pthread_mutex_lock(&receipt->lock);
	result = check_file(receipt, device, file);
	(void)pthread_mutex_unlock(&receipt->lock);
	return (result);
}

int
receipt_add_damage(struct receipt *receipt)
{
	if (!receipt->is_checked)
		return (0);
	if (!receipt->operation->statement->continue_after_error)
		return (-1);
	(void)pthread_mutex_lock(&receipt->lock);
	receipt->damages++;
	(void)pthread_mutex_unlock(&receipt->lock);
	return (0);
}

/* The first page that did not come; true if there is one. */
static bool
find_missing(const struct receipt *receipt, uint64_t *page)
{
	for (*page = 0; *page < receipt->file.pages; ++*page)
		if ((atomic_load(&receipt->seen[*page / 64]) >>
		    (*page % 64) & 1) == 0)
			return (true);
	return (false);
}

int
receipt_check(struct receipt *receipt)
{
	struct operation *operation = receipt->operation;
	char text[160] = "";
	uint64_t page;

	if (!receipt->is_whole)
		return (0);
	/* Of other servers' backups, which are not restored here, the stream
	 * alone is looked at. */
	if (!receipt->has_file && strcmp(receipt->label.software,
	    MTF_SOFTWARE) != 0)
		return (0);
	if (!receipt->has_file)
		(void)snprintf(text, sizeof(text), "backup set %u describes "
		    "no file", (unsigned)receipt->file_number);
	else if (find_missing(receipt, &page))
		(void)snprintf(text, sizeof(text), "page (%d:%llu) of %lu "
		    "is missing", WRAP_FILE_ID, (unsigned long long)page,
		    (unsigned long)receipt->file.pages);
	else if (!receipt->has_meta || (!is_snapshot(&receipt->set) &&
	    (receipt->meta.bytes >
	    (uint64_t)receipt->file.pages * MTF_PAGE_CONTENT ||
	    wrap_pages(receipt->meta.bytes) != receipt->file.pages)))
		(void)snprintf(text, sizeof(text), "page (%d:0) does not "
		    "describe a file of %lu pages", WRAP_FILE_ID,
		    (unsigned long)receipt->file.pages);
	if (text[0] == '\0')
		return (0);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (-1);
}
