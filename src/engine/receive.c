/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/receive.h"

#include "base/str.h"
#include "engine/message.h"
#include "engine/pages.h"
#include "engine/rows.h"
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

/* Stop the reader; what is wrong has been reported. */
static int
stop_reader(struct error *error)
{
	return (error_set(error, KIND_STATEMENT, ORIGIN_US, 0, "refused"));
}

/* Whether this is the first failure, which its finder reports. */
static bool
fail(struct receiver *receiver)
{
	return (operation_fail(receiver->receipt->operation,
	    OPERATION_CLOSE));
}

static const char *
number_text(char text[24], uint64_t number)
{
	(void)snprintf(text, 24, "%llu", (unsigned long long)number);
	return (text);
}

/* Lock held.  The families of one media set, each of them once. */
static int
check_label(struct receiver *receiver, const struct mtf_label *label)
{
	struct receipt *receipt = receiver->receipt;
	struct report *report = receipt->operation->report;
	unsigned given = receipt->operation->device_count;
	unsigned at = label->family_sequence - 1u;
	char families[24];
	char devices[24];

	(void)number_text(families, label->family_count);
	(void)number_text(devices, given);
	if (receipt->has_label && !mtf_guid_is_equal(&label->set_id,
	    &receipt->label.set_id)) {
		if (fail(receiver))
			report_message(report, MESSAGE_OTHER_MEDIA,
			    receiver->device->name, NULL);
		return (-1);
	}
	if (label->family_count > given) {
		if (fail(receiver))
			report_message(report, MESSAGE_FAMILIES, families,
			    devices, NULL);
		return (-1);
	}
	if (label->family_count < given) {
		if (fail(receiver))
			report_message(report, MESSAGE_FAMILIES_EXPECTED,
			    receiver->device->name, families, devices, NULL);
		return (-1);
	}
	if (at >= label->family_count) {
		if (fail(receiver))
			report_message(report, MESSAGE_BAD_FAMILY,
			    receiver->device->name, "its family number is not "
			    "one of the media set's", NULL);
		return (-1);
	}
	if (receipt->families[at] != NULL) {
		if (fail(receiver))
			report_message(report, MESSAGE_FAMILY_TWICE,
			    receiver->device->name,
			    number_text(families, at + 1u),
			    receipt->families[at], NULL);
		return (-1);
	}
	receipt->families[at] = receiver->device->name;
	return (0);
}

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct receiver *receiver = context;
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;
	int result = 0;

	receiver->is_written_here = strcmp(label->software,
	    MTF_SOFTWARE) == 0;
	if (operation->statement->verb == TSQL_LABELONLY) {
		rows_label(operation->report, label);
		receiver->is_over = true;
	}
	if (operation->statement->verb == TSQL_RESTORE_DATABASE &&
	    !receiver->is_written_here) {
		if (fail(receiver))
			report_message(operation->report,
			    MESSAGE_OTHER_SERVER, label->software, NULL);
		return (stop_reader(error));
	}
	(void)pthread_mutex_lock(&receipt->lock);
	if (receipt->is_whole)
		result = check_label(receiver, label);
	if (!receipt->has_label)
		receipt->label = *label;
	receipt->has_label = true;
	(void)pthread_mutex_unlock(&receipt->lock);
	return (result == 0 ? 0 : stop_reader(error));
}

/* Lock held.  All stripes are of one backup set. */
static int
check_set(struct receiver *receiver, const struct mtf_set *set)
{
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;

	if (receipt->has_set && !mtf_guid_is_equal(&set->set_guid,
	    &receipt->set.set_guid)) {
		if (fail(receiver))
			report_message(operation->report,
			    MESSAGE_OTHER_MEDIA, receiver->device->name,
			    NULL);
		return (-1);
	}
	if (operation->statement->checksum == TSQL_YES &&
	    !mtf_set_has_checksum(set)) {
		if (fail(receiver))
			report_message(operation->report, MESSAGE_NO_CHECKSUM,
			    NULL);
		return (-1);
	}
	return (0);
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct receiver *receiver = context;
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;
	int result = 0;

	if (operation->statement->verb == TSQL_HEADERONLY && is_final)
		rows_header(operation->report, set);
	(void)pthread_mutex_lock(&receipt->lock);
	if (receipt->is_whole)
		result = check_set(receiver, set);
	if (!receipt->has_set || is_final)
		receipt->set = *set;
	receipt->has_set = true;
	(void)pthread_mutex_unlock(&receipt->lock);
	return (result == 0 ? 0 : stop_reader(error));
}

/* Lock held.  MOVE has to name the one file there is. */
static int
check_moves(struct receiver *receiver, const struct mtf_file *file)
{
	struct operation *operation = receiver->receipt->operation;
	const struct tsql_statement *statement = operation->statement;
	unsigned i;

	for (i = 0; i < statement->move_count; i++) {
		if (strcmp(statement->moves[i].logical, file->logical) == 0)
			continue;
		if (fail(receiver))
			report_message(operation->report, MESSAGE_NO_FILE,
			    statement->moves[i].logical,
			    receiver->receipt->set.database, NULL);
		return (-1);
	}
	return (0);
}

/* Lock held.  The same file in all stripes, before the data and after. */
static int
check_file(struct receiver *receiver, const struct mtf_file *file)
{
	struct receipt *receipt = receiver->receipt;

	if (receipt->has_file) {
		if (file->pages == receipt->file.pages &&
		    file->file_id == receipt->file.file_id)
			return (0);
		if (fail(receiver))
			report_message(receipt->operation->report,
			    MESSAGE_BAD_FAMILY, receiver->device->name,
			    "its descriptions of the file disagree", NULL);
		return (-1);
	}
	if (receipt->operation->statement->verb == TSQL_RESTORE_DATABASE &&
	    check_moves(receiver, file) != 0)
		return (-1);
	receipt->seen = calloc(file->pages / 64 + 1, sizeof(*receipt->seen));
	if (receipt->seen == NULL) {
		if (fail(receiver))
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

static int
on_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct receiver *receiver = context;
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;
	int result = 0;

	if (operation->statement->verb == TSQL_FILELISTONLY && !is_final)
		rows_file(operation->report, file);
	if (!receipt->is_whole || !receiver->is_written_here)
		return (0);
	(void)pthread_mutex_lock(&receipt->lock);
	result = check_file(receiver, file);
	(void)pthread_mutex_unlock(&receipt->lock);
	return (result == 0 ? 0 : stop_reader(error));
}

static int
on_data(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct receiver *receiver = context;

	if (receiver->receipt->operation->statement->verb ==
	    TSQL_FILELISTONLY) {
		/* The list stands before the data. */
		receiver->is_over = true;
		return (0);
	}
	if (!receiver->receipt->is_whole)
		return (0);
	if (pages_take(receiver, data, size, offset) != 0)
		return (stop_reader(error));
	return (0);
}

static int
on_checksum(void *context, const struct mtf_checksum *result,
    struct error *error)
{
	struct receiver *receiver = context;
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;
	char text[160];

	if (result->is_match || !receipt->is_checked || !receipt->is_whole)
		return (0);
	if (operation->statement->continue_after_error) {
		(void)pthread_mutex_lock(&receipt->lock);
		receipt->damages++;
		(void)pthread_mutex_unlock(&receipt->lock);
		return (0);
	}
	(void)snprintf(text, sizeof(text), "the backup checksum on device "
	    "'%s' is %08lx instead of %08lx", receiver->device->name,
	    (unsigned long)result->actual, (unsigned long)result->expected);
	if (fail(receiver))
		report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (stop_reader(error));
}

/* The statement is about the first set of each stream; HEADERONLY about all
 * of them. */
static int
on_set_end(void *context, const struct mtf_set *set, struct error *error)
{
	struct receiver *receiver = context;

	(void)set;
	(void)error;
	if (receiver->receipt->operation->statement->verb != TSQL_HEADERONLY)
		receiver->is_over = true;
	return (0);
}

int
receiver_init(struct receiver *receiver, struct receipt *receipt,
    struct device *device)
{
	static const struct mtf_events events = {
		.label = on_label,
		.set = on_set,
		.file = on_file,
		.data = on_data,
		.checksum = on_checksum,
		.set_end = on_set_end,
	};

	receiver->receipt = receipt;
	receiver->device = device;
	receiver->reader = mtf_reader_new(&events, receiver, NULL);
	return (receiver->reader != NULL ? 0 : -1);
}

void
receiver_release(struct receiver *receiver)
{
	mtf_reader_free(receiver->reader);
}

int
receiver_feed(struct receiver *receiver, const void *data, size_t size)
{
	struct operation *operation = receiver->receipt->operation;
	bool is_start = mtf_reader_offset(receiver->reader) == 0;
	struct error error;

	if (receiver->is_over)
		return (0);
	error_init(&error);
	if (mtf_reader_feed(receiver->reader, data, size, &error) == 0)
		return (0);
	/* What follows does not concern the statement. */
	if (receiver->is_over)
		return (0);
	if (fail(receiver))
		report_message(operation->report, error.kind ==
		    KIND_STORAGE ? MESSAGE_NO_MEMORY : is_start &&
		    mtf_reader_offset(receiver->reader) < 1024 ?
		    MESSAGE_NO_FORMAT : MESSAGE_BAD_FAMILY,
		    receiver->device->name, error.text, NULL);
	return (-1);
}

int
receiver_end(struct receiver *receiver)
{
	struct operation *operation = receiver->receipt->operation;
	struct error error;
	struct str reason;

	if (receiver->is_over)
		return (0);
	error_init(&error);
	if (mtf_reader_finish(receiver->reader, &error) == 0 &&
	    mtf_reader_sets(receiver->reader) > 0)
		return (0);
	str_init(&reason);
	str_addf(&reason, "38(Reached the end of the file: %s)",
	    error_is_set(&error) ? error.text : "there is no backup set");
	if (fail(receiver))
		report_message(operation->report, MESSAGE_READ_FAILED,
		    receiver->device->name, reason.text, NULL);
	str_release(&reason);
	return (-1);
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

	if (!receipt->is_whole || !receipt->has_file)
		return (0);
	if (find_missing(receipt, &page))
		(void)snprintf(text, sizeof(text), "page (%d:%llu) of %lu "
		    "is missing", WRAP_FILE_ID, (unsigned long long)page,
		    (unsigned long)receipt->file.pages);
	else if (!receipt->has_meta ||
	    wrap_pages(receipt->meta.bytes) != receipt->file.pages)
		(void)snprintf(text, sizeof(text), "page (%d:0) does not "
		    "describe a file of %lu pages", WRAP_FILE_ID,
		    (unsigned long)receipt->file.pages);
	if (text[0] == '\0')
		return (0);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (-1);
}
