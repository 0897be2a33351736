/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/restore.h"

#include "base/clock.h"
#include "engine/message.h"
#include "engine/receiver.h"
#include "engine/rows.h"
#include "engine/target.h"

#include <stdio.h>
#include <stdlib.h>

/* For a restore before this one whose client was killed. */
#define LOCK_MS 3000

/* What a device's thread has; contexts for operation_run. */
struct reading {
	struct operation *operation;
	struct device *device;
	struct receiver receiver;
	uint64_t count;  /* reads that were sent */
	bool is_short;   /* reads are of VD_MIN_TRANSFER_SIZE */
	bool is_ended;   /* the client has no more */
	bool is_errored; /* a code other than success: ClearError is due */
};

/*
 * Whole blocks, from one to the largest transfer, in a pattern that the
 * writes cannot have had: clients have to re-block (spec 16.3).
 */
static uint32_t
read_size(const struct operation *operation, uint64_t count)
{
	uint32_t block = operation->block_size;
	uint32_t most = operation->transfer_size;
	uint32_t size;

	switch (count % 5) {
	case 1:
		size = most - block;
		break;
	case 2:
		size = most / 4 * 3;
		break;
	case 4:
		size = most / 2 + block;
		break;
	default:
		size = most;
		break;
	}
	size = size / block * block;
	return (size < block ? block : size);
}

static bool
is_over(const struct reading *reading)
{
	return (reading->is_ended || reading->receiver.is_over);
}

/* Codes that say nothing but that there is no more (spec 10.1). */
static bool
is_end_code(uint32_t code)
{
	return (code == VD_ERROR_HANDLE_EOF || code == VD_ERROR_NO_DATA_DETECTED);
}

/* Take what the oldest read brought; -1: the statement has failed. */
static int
take(struct reading *reading, struct device_command *command)
{
	uint32_t code = (uint32_t)command->vds.completionCode;
	uint32_t bytes = (uint32_t)command->vds.bytesTransferred;
	int result = 0;

	if (code != VD_ERROR_SUCCESS)
		reading->is_errored = true;
	if (is_over(reading)) {
		/* Reads that were too many may end in any way but this. */
		if (code == VD_ERROR_OPERATION_ABORTED)
			result = -1;
	} else if (code != VD_ERROR_SUCCESS && !is_end_code(code)) {
		result = -1;
	} else {
		if (bytes == 0 || is_end_code(code))
			reading->is_ended = true;
		if (receiver_feed(&reading->receiver, command->buffer,
		    bytes) != 0) {
			device_retire(reading->device, command);
			return (-1);
		}
	}
	device_retire(reading->device, command);
	if (result != 0)
		operation_fail_command(reading->operation, reading->device,
		    VDC_Read, code);
	return (result);
}

/* Keep as many reads under way as there may be. */
static int
send_reads(struct reading *reading)
{
	struct device *device = reading->device;

	while (!is_over(reading) && !device_is_full(device)) {
		struct device_command *command;

		if (operation_drill_command(reading->operation, device,
		    NULL) != 0)
			return (-1);
		command = device_prepare(device, true);
		if (command == NULL)
			return (-1);
		device_send(device, command, VDC_Read, reading->is_short ?
		    VD_MIN_TRANSFER_SIZE :
		    read_size(reading->operation, reading->count++));
	}
	return (0);
}

static int
read_stream(struct reading *reading)
{
	do {
		struct device_command *command;

		if (send_reads(reading) != 0)
			return (-1);
		command = operation_wait(reading->operation, reading->device);
		if (command == NULL || take(reading, command) != 0)
			return (-1);
	} while (!is_over(reading));
	while (reading->device->under_way > 0) {
		struct device_command *command = operation_wait(
		    reading->operation, reading->device);

		if (command == NULL || take(reading, command) != 0)
			return (-1);
	}
	return (receiver_end(&reading->receiver));
}

static void *
receive(void *context)
{
	struct reading *reading = context;

	if (read_stream(reading) == 0 && reading->is_errored)
		IGNORE_RESULT(operation_command(reading->operation,
		    reading->device, VDC_ClearError));
	operation_drain(reading->operation, reading->device);
	return (NULL);
}

/*
 * Statements that show what is on the media look at one of its families, and
 * at no more of it than they have to: what LABELONLY and FILELISTONLY show
 * stands in the first few KiB.
 */
static void *
receive_first(void *context)
{
	struct reading *reading = context;

	if (reading->device->number != 1)
		return (NULL);
	if (reading->operation->statement->verb != TSQL_HEADERONLY) {
		reading->device->limit = 1;
		reading->is_short = true;
	}
	return (receive(context));
}

static void
report_pages(struct receipt *receipt, int64_t elapsed_ns)
{
	struct operation *operation = receipt->operation;
	char pages[24];

	(void)snprintf(pages, sizeof(pages), "%lu",
	    (unsigned long)receipt->file.pages);
	report_message(operation->report, MESSAGE_FILE_PROCESSED, pages,
	    operation->statement->database, receipt->file.logical, "1", NULL);
	if (receipt->damages > 0)
		report_message(operation->report, MESSAGE_DAMAGE_PASSED, NULL);
	operation_report_processed(operation, receipt->file.pages,
	    elapsed_ns);
}

/* All streams are in and whole, and the client has been let go. */
static void
finish(struct receipt *receipt, int64_t start_ns)
{
	struct operation *operation = receipt->operation;
	struct error error;

	error_init(&error);
	if (operation_seal(operation) != 0)
		return;
	if (operation->statement->verb == TSQL_VERIFYONLY) {
		if (receipt->damages > 0)
			report_message(operation->report, MESSAGE_DAMAGE,
			    "checksums are wrong", NULL);
		else
			report_message(operation->report, MESSAGE_VALID, "1",
			    NULL);
		return;
	}
	if (receipt->target == NULL) {
		report_rows_end(operation->report);
		return;
	}
	if (target_commit(receipt->target, receipt->meta.bytes,
	    receipt->meta.page_size, &error) != 0)
		operation_report_file(operation, &error);
	else
		report_pages(receipt, clock_now_ns() - start_ns);
}

static void
show_columns(struct operation *operation)
{
	switch (operation->statement->verb) {
	case TSQL_LABELONLY:
		rows_label_columns(operation->report);
		break;
	case TSQL_HEADERONLY:
		rows_header_columns(operation->report);
		break;
	case TSQL_FILELISTONLY:
		rows_file_columns(operation->report);
		break;
	default:
		break;
	}
}

static void
run(struct receipt *receipt, struct reading *readings)
{
	struct operation *operation = receipt->operation;
	int64_t start_ns;

	if (operation_open(operation) != 0 ||
	    operation_configure(operation, VDF_ReadMedia) != 0 ||
	    operation_open_devices(operation) != 0)
		return;
	start_ns = clock_now_ns();
	show_columns(operation);
	IGNORE_RESULT(operation_run(operation, receipt->is_whole ? receive :
	    receive_first, readings, sizeof(*readings)));
	if (!operation_has_failed(operation))
		IGNORE_RESULT(receipt_check(receipt));
	IGNORE_RESULT(operation_drill_phase(operation, "close"));
	IGNORE_RESULT(operation_drill_damage(operation));
	operation_close_devices(operation);
	finish(receipt, start_ns);
}

/* Where it goes to, if anything is to be written; -1: it may not. */
static int
open_target(struct receipt *receipt)
{
	struct operation *operation = receipt->operation;
	const struct tsql_statement *statement = operation->statement;
	struct error error;

	if (statement->verb != TSQL_RESTORE_DATABASE)
		return (0);
	if (statement->move_count > 0)
		operation->file = statement->moves[0].path;
	if (target_exists(operation->file) && !statement->replace) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_EXISTS,
			    statement->database, operation->file, NULL);
		return (-1);
	}
	error_init(&error);
	receipt->target = target_open(operation->file, LOCK_MS,
	    operation->stop, &error);
	if (receipt->target != NULL)
		return (0);
	operation_fail_file(operation, &error, OPERATION_CLOSE);
	return (-1);
}

void
restore_run(struct operation *operation)
{
	struct receipt receipt;
	struct reading *readings = calloc(operation->device_count,
	    sizeof(*readings));
	unsigned ready = 0;

	receipt_init(&receipt, operation);
	while (readings != NULL && ready < operation->device_count) {
		readings[ready].operation = operation;
		readings[ready].device = &operation->devices[ready];
		if (receiver_init(&readings[ready].receiver, &receipt,
		    readings[ready].device) != 0)
			break;
		ready++;
	}
	if (ready < operation->device_count) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_NO_MEMORY,
			    NULL);
	} else if (open_target(&receipt) == 0) {
		run(&receipt, readings);
	}
	while (ready > 0)
		receiver_release(&readings[--ready].receiver);
	target_free(receipt.target);
	receipt_release(&receipt);
	free(readings);
}
