/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/restore.h"

#include "base/clock.h"
#include "engine/message.h"
#include "engine/reading.h"
#include "engine/receiver.h"
#include "engine/rows.h"
#include "engine/target.h"

#include <stdio.h>
#include <stdlib.h>

/* For a restore before this one whose client was killed. */
#define LOCK_MS 3000

/* What a device's thread has; contexts for operation_run. */
struct course {
	struct operation *operation;
	struct device *device;
	struct reading reading;
	struct receiver receiver;
};

/* One stream after another, as long as there are any that no device has
 * taken. */
static int
read_streams(struct course *course)
{
	struct operation *operation = course->operation;
	struct device *device = course->device;

	if (operation->medium->can_seek &&
	    operation->medium->rewind(operation, device) != 0)
		return (-1);
	for (;;) {
		if (reading_run(&course->reading) != 0)
			return (-1);
		if (!course->receiver.receipt->is_whole ||
		    !operation->is_removable ||
		    !operation_claim_stream(operation))
			return (0);
		report_message(operation->report, MESSAGE_NEXT_STREAM,
		    device->name, NULL);
		if (medium_load(operation, device) != 0 ||
		    receiver_renew(&course->receiver) != 0)
			return (-1);
		device->volume = 1;
	}
}

static void *
receive(void *context)
{
	struct course *course = context;

	if (operation_send_odd(course->operation, course->device) == 0)
		IGNORE_RESULT(read_streams(course));
	operation_drain(course->operation, course->device);
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
	struct course *course = context;

	if (course->device->number != 1)
		return (NULL);
	course->reading.is_small = course->operation->statement->verb !=
	    TSQL_HEADERONLY;
	return (receive(context));
}

static const char *
number_text(char text[16], unsigned number)
{
	(void)snprintf(text, 16, "%u", number);
	return (text);
}

static void
report_pages(struct receipt *receipt, int64_t elapsed_ns)
{
	struct operation *operation = receipt->operation;
	char number[16];
	char pages[24];

	(void)snprintf(pages, sizeof(pages), "%lu",
	    (unsigned long)receipt->file.pages);
	report_message(operation->report, MESSAGE_FILE_PROCESSED, pages,
	    operation->statement->database, receipt->file.logical,
	    number_text(number, receipt->file_number), NULL);
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
	char number[16];

	error_init(&error);
	if (operation_seal(operation) != 0)
		return;
	if (operation->statement->verb == TSQL_VERIFYONLY) {
		if (receipt->damages > 0)
			report_message(operation->report, MESSAGE_DAMAGE,
			    "checksums are wrong", NULL);
		else
			report_message(operation->report, MESSAGE_VALID,
			    number_text(number, receipt->file_number), NULL);
		return;
	}
	if (receipt->target == NULL) {
		report_rows_end(operation->report);
		return;
	}
	if (operation->statement->snapshot) {
		receipt->file.pages = (uint32_t)wrap_pages(
		    receipt->meta.bytes);
		report_pages(receipt, clock_now_ns() - start_ns);
		return;
	}
	if (target_commit(receipt->target, receipt->meta.bytes,
	    receipt->meta.page_size, &error) != 0)
		operation_report_file(operation, &error);
	else
		report_pages(receipt, clock_now_ns() - start_ns);
}

/* The client puts the file in its place, and it has to be the one that was
 * captured (spec 17.3). */
static int
mount(struct receipt *receipt)
{
	struct operation *operation = receipt->operation;
	struct device *device = &operation->devices[0];
	struct operation_order order = { .code = VDC_MountSnapshot };
	struct error error;

	error_init(&error);
	if (target_vacate(receipt->target, &error) != 0) {
		operation_fail_file(operation, &error, OPERATION_CLOSE);
		return (-1);
	}
	if (operation_order(operation, device, &order) != 0)
		return (-1);
	if (order.result != VD_ERROR_SUCCESS) {
		operation_fail_refused(operation, device, VDC_MountSnapshot,
		    order.result);
		return (-1);
	}
	if (target_check(receipt->target, receipt->meta.bytes,
	    receipt->meta.imprint, !operation->statement->norecovery,
	    &error) == 0)
		return (0);
	operation_fail_file(operation, &error, OPERATION_CLOSE);
	return (-1);
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
run(struct receipt *receipt, struct course *courses)
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
	    receive_first, courses, sizeof(*courses)));
	if (!operation_has_failed(operation) && receipt_check(receipt) == 0 &&
	    operation->statement->snapshot)
		IGNORE_RESULT(mount(receipt));
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
	struct course *courses = calloc(operation->device_count,
	    sizeof(*courses));
	unsigned ready = 0;

	receipt_init(&receipt, operation);
	while (courses != NULL && ready < operation->device_count) {
		struct course *course = &courses[ready];

		course->operation = operation;
		course->device = &operation->devices[ready];
		if (receiver_init(&course->receiver, &receipt,
		    course->device) != 0)
			break;
		reading_init(&course->reading, operation, course->device,
		    &receiver_sink, &course->receiver);
		ready++;
	}
	if (ready < operation->device_count) {
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_NO_MEMORY,
			    NULL);
	} else if (open_target(&receipt) == 0) {
		run(&receipt, courses);
	}
	while (ready > 0)
		receiver_release(&courses[--ready].receiver);
	target_free(receipt.target);
	receipt_release(&receipt);
	free(courses);
}
