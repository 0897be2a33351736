/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/capture.h"

#include "base/clock.h"
#include "engine/describe.h"
#include "engine/freeze.h"
#include "engine/message.h"
#include "engine/writing.h"
#include "mtf/checksum.h"
#include "mtf/page.h"
#include "mtf/writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define LOCK_MS 30000

struct capture {
	struct operation *operation;
	struct device *device;
	struct wrap_plan plan; /* of the one extent */
	struct description description;
	struct mtf_spec spec;
	struct mtf_sum sum;
	struct writing writing;
	struct freeze *freeze; /* while writers wait */
	struct freeze_info info;
};

static int
fail_us(struct capture *capture, const struct error *error)
{
	struct operation *operation = capture->operation;

	if (operation_fail(operation, OPERATION_ABANDON))
		report_message(operation->report, MESSAGE_IO_ERROR,
		    operation->statement->database, error->text, NULL);
	return (-1);
}

/* What is known of the file before it is frozen; what counts is page 0. */
static int
describe(struct capture *capture, struct error *error)
{
	struct operation *operation = capture->operation;
	struct description *description = &capture->description;
	struct snapshot *snapshot = snapshot_open(operation->file, LOCK_MS,
	    operation->stop, error);
	int result;

	if (snapshot == NULL) {
		operation_fail_file(operation, error, OPERATION_ABANDON);
		return (-1);
	}
	capture->plan.pages = MTF_EXTENT_PAGES;
	capture->plan.transfer = operation->transfer_size;
	result = describe_start(description, operation->statement,
	    operation->file, snapshot_info(snapshot), &capture->plan, error);
	snapshot_close(snapshot);
	if (result == 0 && getrandom(&description->label.family_id,
	    sizeof(description->label.family_id), 0) !=
	    (ssize_t)sizeof(description->label.family_id))
		result = error_system(error, KIND_STATEMENT, errno,
		    "cannot get random numbers");
	if (result != 0)
		return (fail_us(capture, error));
	description->label.family_sequence = 1;
	description->set.flags |= MTF_SCIN_IS_SNAPSHOT;
	return (0);
}

static void
begin(struct capture *capture)
{
	struct operation *operation = capture->operation;
	struct mtf_spec *spec = &capture->spec;

	spec->label = &capture->description.label;
	spec->set = &capture->description.set;
	spec->files = &capture->description.file;
	spec->file_count = 1;
	spec->block_size = operation->block_size;
	spec->transfer_size = operation->transfer_size;
	spec->data_bytes = operation->transfer_size;
	spec->with_checksum = operation->statement->checksum == TSQL_YES;
	mtf_sum_init(&capture->sum);
	writing_init(&capture->writing, operation, capture->device, spec, 0);
}

static int
send_head(struct capture *capture)
{
	struct error error;
	struct str bytes;
	int result;

	error_init(&error);
	str_init(&bytes);
	if (mtf_write_head(&capture->spec, &bytes, &error) != 0)
		result = fail_us(capture, &error);
	else
		result = writing_bytes(&capture->writing, &bytes, NULL);
	str_release(&bytes);
	return (result == 0 ? writing_drain(&capture->writing) : -1);
}

/* The extent whose first page describes the frozen file. */
static int
send_meta(struct capture *capture)
{
	const struct freeze_info *info = &capture->info;
	struct wrap_meta meta = { .bytes = info->file.bytes,
		.page_size = info->file.page_size,
		.is_wal = info->file.is_wal, .imprint = info->imprint,
		.version = PACKAGE_VERSION };
	struct device_command *command = writing_next(&capture->writing);
	bool with_checksum = capture->spec.with_checksum;
	uint32_t size = capture->operation->transfer_size;

	if (command == NULL)
		return (-1);
	memset(command->buffer, 0, MTF_EXTENT_SIZE);
	wrap_meta_put(command->buffer + MTF_PAGE_HEADER, &meta);
	wrap_stamp(0, MTF_EXTENT_PAGES, command->buffer, with_checksum);
	mtf_page_fill(command->buffer + MTF_EXTENT_SIZE,
	    size - MTF_EXTENT_SIZE, with_checksum);
	mtf_sum_add(&capture->sum, command->buffer, size);
	writing_send(&capture->writing, command, size);
	return (0);
}

static int
send_tail(struct capture *capture)
{
	struct mtf_final final;
	struct error error;
	struct str bytes;
	int result;

	error_init(&error);
	str_init(&bytes);
	describe_finish(&capture->description, &capture->plan, &final);
	if (mtf_write_tail(&capture->spec, &final,
	    mtf_sum_value(&capture->sum), &bytes, &error) != 0)
		result = fail_us(capture, &error);
	else
		result = writing_bytes(&capture->writing, &bytes, NULL);
	str_release(&bytes);
	return (result);
}

/* A step that the client may refuse: it ends in good order then. */
static int
ask_client(struct capture *capture, int32_t code)
{
	struct operation *operation = capture->operation;
	struct operation_order order = { .code = code };

	if (operation_order(operation, capture->device, &order) != 0)
		return (-1);
	if (order.result == VD_ERROR_SUCCESS)
		return (0);
	operation_fail_refused(operation, capture->device, code,
	    order.result);
	return (-1);
}

static int
send_all(struct capture *capture)
{
	struct operation *operation = capture->operation;
	struct error error;

	error_init(&error);
	begin(capture);
	if (operation_drill_phase(operation, "transfer") != 0 ||
	    send_head(capture) != 0 ||
	    operation_send_odd(operation, capture->device) != 0)
		return (-1);
	if ((operation->wishes.features & VDF_SnapshotPrepare) != 0 &&
	    ask_client(capture, VDC_PrepareToFreeze) != 0)
		return (-1);
	capture->freeze = freeze_begin(operation->file, LOCK_MS,
	    operation->stop, &error);
	if (capture->freeze == NULL) {
		operation_fail_file(operation, &error, OPERATION_ABANDON);
		return (-1);
	}
	capture->info = *freeze_info(capture->freeze);
	if (send_meta(capture) != 0 || send_tail(capture) != 0 ||
	    operation_drill_command(operation, capture->device, "flush") !=
	    0 || writing_flush(&capture->writing) != 0)
		return (-1);
	return (ask_client(capture, VDC_Snapshot));
}

static void
report_success(struct capture *capture, int64_t elapsed_ns)
{
	struct operation *operation = capture->operation;
	const char *database = operation->statement->database;
	uint64_t pages = wrap_pages(capture->info.file.bytes);
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)pages);
	report_message(operation->report, MESSAGE_FILE_PROCESSED, text,
	    database, database, "1", NULL);
	operation_report_processed(operation, pages, elapsed_ns);
}

void
capture_run(struct operation *operation)
{
	struct capture capture = { .operation = operation,
		.device = &operation->devices[0] };
	struct error error;
	int64_t start_ns;
	int result;

	error_init(&error);
	if (describe(&capture, &error) != 0 || operation_open(operation) != 0 ||
	    operation_configure(operation, VDF_WriteMedia) != 0 ||
	    operation_open_devices(operation) != 0)
		return;
	start_ns = clock_now_ns();
	result = send_all(&capture);
	/* Nobody waits for us any longer than he has to. */
	freeze_end(capture.freeze);
	if (result == 0)
		IGNORE_RESULT(operation_drill_phase(operation, "close"));
	operation_drain(operation, capture.device);
	operation_close_devices(operation);
	if (operation_seal(operation) == 0)
		report_success(&capture, clock_now_ns() - start_ns);
}
