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

/* The set that the statement is about; with HEADERONLY all are. */
static bool
is_wanted(const struct receiver *receiver)
{
	const struct tsql_statement *statement =
	    receiver->receipt->operation->statement;

	return (statement->verb == TSQL_HEADERONLY ||
	    receiver->current == receiver->receipt->file_number);
}

/* "sequence number 3 ... insert volume 1" */
static int
fail_sequence(struct receiver *receiver, unsigned found, unsigned wanted)
{
	struct operation *operation = receiver->receipt->operation;
	char found_text[16];
	char wanted_text[16];

	(void)snprintf(found_text, sizeof(found_text), "%u", found);
	(void)snprintf(wanted_text, sizeof(wanted_text), "%u", wanted);
	if (fail(receiver))
		report_message(operation->report, MESSAGE_SEQUENCE,
		    receiver->device->name, found_text, wanted_text, NULL);
	return (-1);
}

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct receiver *receiver = context;
	struct operation *operation = receiver->receipt->operation;

	if (label->media_sequence != 1 && receiver->receipt->is_whole) {
		IGNORE_RESULT(fail_sequence(receiver, label->media_sequence,
		    1));
		return (stop_reader(error));
	}
	receiver->label = *label;
	receiver->has_label = true;
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

	receiver->current = set->position;
	if (!is_wanted(receiver))
		return (0);
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

	if (!is_wanted(receiver))
		return (0);
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

	if (!is_wanted(receiver))
		return (0);
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

	if (result->is_match || !receipt->is_whole || !is_wanted(receiver) ||
	    receipt_add_damage(receipt) == 0)
		return (0);
	(void)snprintf(text, sizeof(text), "the backup checksum on device "
	    "'%s' is %08lx instead of %08lx", receiver->device->name,
	    (unsigned long)result->actual, (unsigned long)result->expected);
	if (fail(receiver))
		report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (stop_reader(error));
}

static int
on_set_end(void *context, const struct mtf_set *set, struct error *error)
{
	struct receiver *receiver = context;

	(void)set;
	(void)error;
	if (receiver->receipt->operation->statement->verb != TSQL_HEADERONLY)
		receiver->is_over = is_wanted(receiver);
	receiver->current = 0;
	return (0);
}

static int
begin(struct receiver *receiver)
{
	static const struct mtf_events events = {
		.label = on_label,
		.set = on_set,
		.file = on_file,
		.data = on_data,
		.checksum = on_checksum,
		.set_end = on_set_end,
	};

	receiver->reader = mtf_reader_new(&events, receiver, NULL);
	return (receiver->reader != NULL ? 0 : -1);
}

int
receiver_init(struct receiver *receiver, struct receipt *receipt,
    struct device *device)
{
	memset(receiver, 0, sizeof(*receiver));
	receiver->receipt = receipt;
	receiver->device = device;
	return (begin(receiver));
}

int
receiver_renew(struct receiver *receiver)
{
	struct receipt *receipt = receiver->receipt;

	receiver_release(receiver);
	if (receiver_init(receiver, receipt, receiver->device) == 0)
		return (0);
	if (fail(receiver))
		report_message(receipt->operation->report, MESSAGE_NO_MEMORY,
		    NULL);
	return (-1);
}

void
receiver_release(struct receiver *receiver)
{
	mtf_reader_free(receiver->reader);
	receiver->reader = NULL;
}

/* The reader has refused what came. */
static int
fail_stream(struct receiver *receiver, const struct error *error,
    bool is_start)
{
	struct operation *operation = receiver->receipt->operation;
	int number = MESSAGE_BAD_FAMILY;

	/* What follows does not concern the statement. */
	if (receiver->is_over)
		return (0);
	if (error->kind == KIND_STORAGE)
		number = MESSAGE_NO_MEMORY;
	else if (is_start && mtf_reader_offset(receiver->reader) < 1024)
		number = MESSAGE_NO_FORMAT;
	if (fail(receiver))
		report_message(operation->report, number,
		    receiver->device->name, error->text, NULL);
	return (-1);
}

int
receiver_feed(struct receiver *receiver, const void *data, size_t size)
{
	bool is_start = mtf_reader_offset(receiver->reader) == 0;
	struct error error;

	if (receiver->is_over)
		return (0);
	error_init(&error);
	if (mtf_reader_feed(receiver->reader, data, size, &error) == 0)
		return (0);
	return (fail_stream(receiver, &error, is_start));
}

/* The set that FILE names is not there. */
static int
fail_number(struct receiver *receiver)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u",
	    (unsigned)receiver->receipt->file_number);
	if (fail(receiver))
		report_message(receiver->receipt->operation->report,
		    MESSAGE_NO_SET, number, receiver->device->name, NULL);
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
		return (operation->statement->verb == TSQL_HEADERONLY ? 0 :
		    fail_number(receiver));
	str_init(&reason);
	str_addf(&reason, "38(Reached the end of the file: %s)",
	    error_is_set(&error) ? error.text : "there is no backup set");
	if (fail(receiver))
		report_message(operation->report, MESSAGE_READ_FAILED,
		    receiver->device->name, reason.text, NULL);
	str_release(&reason);
	return (-1);
}

/* --- as a sink ----------------------------------------------------------- */

static int
sink_feed(void *context, const void *data, size_t size)
{
	return (receiver_feed(context, data, size));
}

static int
sink_mark(void *context)
{
	struct receiver *receiver = context;
	struct error error;

	if (receiver->is_over)
		return (0);
	error_init(&error);
	if (mtf_reader_filemark(receiver->reader, &error) == 0)
		return (0);
	return (fail_stream(receiver, &error, false));
}

static bool
sink_is_over(void *context)
{
	const struct receiver *receiver = context;

	return (receiver->is_over);
}

static bool
sink_is_passing(void *context)
{
	const struct receiver *receiver = context;

	return (!receiver->receipt->is_whole || (!is_wanted(receiver) &&
	    receiver->receipt->file_number > 1));
}

/* Page data that is not put anywhere. */
static uint64_t
sink_skippable(void *context)
{
	const struct receiver *receiver = context;

	return (receiver->has_label ?
	    mtf_reader_skippable(receiver->reader) : 0);
}

static void
sink_skip(void *context, uint64_t bytes)
{
	struct receiver *receiver = context;

	mtf_reader_skip(receiver->reader, bytes);
}

static bool
sink_is_complete(void *context)
{
	const struct receiver *receiver = context;

	return (mtf_reader_is_complete(receiver->reader));
}

static int
sink_end(void *context)
{
	return (receiver_end(context));
}

static uint32_t
sink_block_size(void *context)
{
	const struct receiver *receiver = context;

	return (receiver->label.block_size);
}

/* The right volume of the right family, and it goes on where the one before
 * has ended. */
static int
sink_next_label(void *context, const struct mtf_label *label)
{
	struct receiver *receiver = context;
	struct operation *operation = receiver->receipt->operation;
	uint64_t at = mtf_reader_offset(receiver->reader);
	char text[160];

	if (!mtf_guid_is_equal(&label->set_id, &receiver->label.set_id) ||
	    label->family_id != receiver->label.family_id) {
		if (fail(receiver))
			report_message(operation->report, MESSAGE_OTHER_MEDIA,
			    receiver->device->name, NULL);
		return (-1);
	}
	if (label->media_sequence != receiver->device->volume)
		return (fail_sequence(receiver, label->media_sequence,
		    receiver->device->volume));
	if (label->continued_at == at)
		return (0);
	(void)snprintf(text, sizeof(text), "its volumes before this one held "
	    "%llu bytes, and %llu have come",
	    (unsigned long long)label->continued_at, (unsigned long long)at);
	if (fail(receiver))
		report_message(operation->report, MESSAGE_BAD_FAMILY,
		    receiver->device->name, text, NULL);
	return (-1);
}

const struct reading_sink receiver_sink = {
	.feed = sink_feed,
	.mark = sink_mark,
	.is_over = sink_is_over,
	.is_passing = sink_is_passing,
	.skippable = sink_skippable,
	.skip = sink_skip,
	.is_complete = sink_is_complete,
	.end = sink_end,
	.block_size = sink_block_size,
	.next_label = sink_next_label,
};
