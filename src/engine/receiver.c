/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/receiver.h"

#include "base/str.h"
#include "engine/message.h"
#include "engine/pages.h"
#include "engine/rows.h"
#include "mtf/writer.h"

#include <stdio.h>
#include <string.h>

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

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct receiver *receiver = context;
	struct operation *operation = receiver->receipt->operation;

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
	return (receipt_add_label(receiver->receipt, receiver->device->name,
	    label) == 0 ? 0 : stop_reader(error));
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct receiver *receiver = context;
	struct operation *operation = receiver->receipt->operation;

	if (operation->statement->verb == TSQL_HEADERONLY && is_final)
		rows_header(operation->report, set);
	return (receipt_add_set(receiver->receipt, receiver->device->name, set,
	    is_final) == 0 ? 0 : stop_reader(error));
}

static int
on_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct receiver *receiver = context;
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;

	if (operation->statement->verb == TSQL_FILELISTONLY && !is_final)
		rows_file(operation->report, file);
	if (!receipt->is_whole || !receiver->is_written_here)
		return (0);
	return (receipt_add_file(receipt, receiver->device->name, file) == 0 ?
	    0 : stop_reader(error));
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
	/* What lies in our own buffers may be changed; of many pages the
	 * first, since the last ones may be filling. */
	operation_drill_data(receiver->receipt->operation, receiver->device,
	    (void *)(uintptr_t)data, size < MTF_PAGE_SIZE ? size :
	    MTF_PAGE_SIZE);
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

	if (result->is_match || !receipt->is_whole ||
	    receipt_add_damage(receipt) == 0)
		return (0);
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

