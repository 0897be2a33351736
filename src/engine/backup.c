/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/backup.h"

#include "base/clock.h"
#include "base/str.h"
#include "engine/describe.h"
#include "engine/message.h"
#include "engine/snapshot.h"
#include "engine/wrap.h"
#include "mtf/checksum.h"
#include "mtf/page.h"
#include "mtf/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define LOCK_MS 30000
#define TRANSFER_PAGES_MAX (VD_MAX_TRANSFER_SIZE / MTF_PAGE_SIZE)

struct backup {
	struct operation *operation;
	struct snapshot *snapshot;
	struct wrap_plan plan;
	struct description description;
	bool with_checksum;
	atomic_uint_fast64_t next; /* transfer to be dealt out */
	pthread_mutex_t lock;      /* guards the two below */
	bool is_final;
	struct mtf_final final;    /* the same in every stripe */
};

/* What a device's thread has; contexts for operation_run. */
struct sender {
	struct backup *backup;
	struct device *device;
	struct mtf_label label;
	struct mtf_spec spec;
	struct mtf_sum sum;
};

static void
fail_us(struct operation *operation, const struct error *error)
{
	if (operation_fail(operation, OPERATION_ABORT))
		report_message(operation->report, error->origin ==
		    ORIGIN_SYSTEM && error->code == ENOMEM ?
		    MESSAGE_NO_MEMORY : MESSAGE_IO_ERROR,
		    operation->statement->database, error->text, NULL);
}

/* Look at the oldest command, completed; -1: it failed. */
static int
settle(struct sender *sender, struct device_command *command)
{
	struct operation *operation = sender->backup->operation;
	uint32_t code = (uint32_t)command->vds.completionCode;
	bool is_short = command->vds.bytesTransferred != command->vds.size;
	uint64_t bytes = (uint64_t)command->vds.size;

	device_retire(sender->device, command);
	if (code == VD_ERROR_SUCCESS && is_short)
		code = VD_ERROR_WRITE_FAULT;
	if (code != VD_ERROR_SUCCESS) {
		operation_fail_command(operation, sender->device, VDC_Write,
		    code);
		return (-1);
	}
	operation_progress(operation, bytes);
	return (0);
}

/* A buffer for the next write; what is completed meanwhile is looked at. */
static struct device_command *
next_write(struct sender *sender)
{
	struct operation *operation = sender->backup->operation;
	struct device_command *command;

	if (operation_drill_command(operation, sender->device, NULL) != 0)
		return (NULL);
	while ((command = device_peek(sender->device)) != NULL)
		if (settle(sender, command) != 0)
			return (NULL);
	if (device_is_full(sender->device)) {
		command = operation_wait(operation, sender->device);
		if (command == NULL || settle(sender, command) != 0)
			return (NULL);
	}
	return (device_prepare(sender->device, true));
}

/* Head or tail: whole blocks, in as few writes as they take. */
static int
send_bytes(struct sender *sender, const struct str *bytes)
{
	uint32_t most = sender->backup->operation->transfer_size;
	size_t at;
	size_t size;

	for (at = 0; at < bytes->length; at += size) {
		struct device_command *command = next_write(sender);

		if (command == NULL)
			return (-1);
		size = bytes->length - at < most ? bytes->length - at : most;
		memcpy(command->buffer, bytes->text + at, size);
		device_send(sender->device, command, VDC_Write,
		    (uint32_t)size);
	}
	return (0);
}

/* Put the pages of a transfer into the buffer: no copy but the kernel's. */
static int
fill(struct backup *backup, uint64_t transfer, uint8_t *buffer)
{
	struct iovec vector[TRANSFER_PAGES_MAX];
	const struct wrap_plan *plan = &backup->plan;
	uint64_t page = transfer * plan->per_transfer;
	uint32_t count = 0;
	struct error error;
	uint64_t offset;
	int items;

	error_init(&error);
	if (page < plan->pages)
		count = plan->pages - page < plan->per_transfer ?
		    (uint32_t)(plan->pages - page) : plan->per_transfer;
	items = wrap_vector(plan, page, count, buffer, vector, &offset);
	if (snapshot_read(backup->snapshot, offset, vector, items, &error) !=
	    0) {
		operation_fail_file(backup->operation, &error,
		    OPERATION_ABORT);
		return (-1);
	}
	if (page == 0 && count > 0) {
		const struct snapshot_info *info = snapshot_info(
		    backup->snapshot);
		struct wrap_meta meta = {
			.bytes = info->bytes,
			.page_size = info->page_size,
			.is_wal = info->is_wal,
			.version = PACKAGE_VERSION,
		};

		wrap_meta_put(buffer + MTF_PAGE_HEADER, &meta);
	}
	wrap_stamp(page, count, buffer, backup->with_checksum);
	mtf_page_fill(buffer + (size_t)count * MTF_PAGE_SIZE,
	    plan->transfer - (size_t)count * MTF_PAGE_SIZE,
	    backup->with_checksum);
	return (0);
}

static int
send_data(struct sender *sender)
{
	struct backup *backup = sender->backup;
	uint64_t i;

	for (i = 0; i < backup->plan.quota; i++) {
		struct device_command *command = next_write(sender);
		uint64_t transfer;

		if (command == NULL)
			return (-1);
		transfer = atomic_fetch_add(&backup->next, 1);
		if (fill(backup, transfer, command->buffer) != 0)
			return (-1);
		if (backup->with_checksum)
			mtf_sum_add(&sender->sum, command->buffer,
			    backup->plan.transfer);
		operation_drill_data(backup->operation, sender->device,
		    command->buffer, MTF_PAGE_SIZE);
		device_send(sender->device, command, VDC_Write,
		    backup->plan.transfer);
	}
	return (0);
}

static int
send_tail(struct sender *sender)
{
	struct backup *backup = sender->backup;
	struct mtf_final final;
	struct error error;
	struct str bytes;
	int result = -1;

	error_init(&error);
	str_init(&bytes);
	(void)pthread_mutex_lock(&backup->lock);
	if (!backup->is_final)
		describe_finish(&backup->description, &backup->plan,
		    &backup->final);
	backup->is_final = true;
	final = backup->final;
	(void)pthread_mutex_unlock(&backup->lock);
	if (mtf_write_tail(&sender->spec, &final,
	    mtf_sum_value(&sender->sum), &bytes, &error) != 0)
		fail_us(backup->operation, &error);
	else
		result = send_bytes(sender, &bytes);
	str_release(&bytes);
	return (result);
}

static int
send_head(struct sender *sender)
{
	struct error error;
	struct str bytes;
	int result = -1;

	error_init(&error);
	str_init(&bytes);
	mtf_sum_init(&sender->sum);
	if (mtf_write_head(&sender->spec, &bytes, &error) != 0)
		fail_us(sender->backup->operation, &error);
	else
		result = send_bytes(sender, &bytes);
	str_release(&bytes);
	return (result);
}

static void *
send_stream(void *context)
{
	struct sender *sender = context;
	struct operation *operation = sender->backup->operation;
	struct device *device = sender->device;
	int result = -1;

	if (send_head(sender) == 0 && send_data(sender) == 0)
		result = send_tail(sender);
	while (result == 0 && device->under_way > 0) {
		struct device_command *command = operation_wait(operation,
		    device);

		if (command == NULL || settle(sender, command) != 0)
			result = -1;
	}
	/* A buffer that was prepared and not sent goes with the set. */
	operation_drain(operation, device);
	if (result == 0 &&
	    operation_drill_command(operation, device, "flush") == 0)
		IGNORE_RESULT(operation_command(operation, device,
		    VDC_Flush));
	return (NULL);
}

/* VDC_Complete to one device after another, or to all at once: which of them
 * a server does is not published (spec 18). */
static int
complete(struct operation *operation)
{
	unsigned sent = 0;
	unsigned i;

	if (!operation->has_complete)
		return (0);
	for (i = 0; i < operation->device_count; i++) {
		struct device *device = &operation->devices[i];
		struct device_command *command;

		if (operation_drill_command(operation, device,
		    "complete") != 0)
			break;
		if (operation->options->complete_in_turn) {
			if (operation_command(operation, device,
			    VDC_Complete) != 0)
				return (-1);
			continue;
		}
		command = device_prepare(device, false);
		if (command == NULL)
			break;
		device_send(device, command, VDC_Complete, 0);
		sent++;
	}
	for (i = 0; i < sent; i++) {
		struct device *device = &operation->devices[i];
		struct device_command *command = operation_wait(operation,
		    device);

		if (command != NULL && command->vds.completionCode !=
		    (int32_t)VD_ERROR_SUCCESS)
			operation_fail_command(operation, device,
			    VDC_Complete,
			    (uint32_t)command->vds.completionCode);
		operation_drain(operation, device);
	}
	return (operation_has_failed(operation) ? -1 : 0);
}

static int
init_senders(struct backup *backup, struct sender *senders)
{
	struct operation *operation = backup->operation;
	unsigned i;

	for (i = 0; i < operation->device_count; i++) {
		struct sender *sender = &senders[i];

		sender->backup = backup;
		sender->device = &operation->devices[i];
		sender->label = backup->description.label;
		sender->label.family_sequence = (uint16_t)(i + 1);
		if (getrandom(&sender->label.family_id,
		    sizeof(sender->label.family_id), 0) !=
		    (ssize_t)sizeof(sender->label.family_id))
			return (-1);
		sender->spec.label = &sender->label;
		sender->spec.set = &backup->description.set;
		sender->spec.files = &backup->description.file;
		sender->spec.file_count = 1;
		sender->spec.block_size = operation->block_size;
		sender->spec.transfer_size = operation->transfer_size;
		sender->spec.data_bytes = backup->plan.quota *
		    backup->plan.transfer;
		sender->spec.with_checksum = backup->with_checksum;
	}
	return (0);
}

static void
report_success(struct backup *backup, int64_t elapsed_ns)
{
	struct operation *operation = backup->operation;
	const char *database = operation->statement->database;
	char pages[24];

	(void)snprintf(pages, sizeof(pages), "%llu",
	    (unsigned long long)backup->plan.pages);
	report_message(operation->report, MESSAGE_FILE_PROCESSED, pages,
	    database, database, "1", NULL);
	operation_report_processed(operation, backup->plan.pages, elapsed_ns);
}

/* From the open snapshot on. */
static void
run(struct backup *backup, struct sender *senders)
{
	struct operation *operation = backup->operation;
	const struct snapshot_info *info = snapshot_info(backup->snapshot);
	struct error error;
	int64_t start_ns;

	error_init(&error);
	if (wrap_plan_make(&backup->plan, info->bytes,
	    operation->transfer_size, operation->device_count, &error) != 0 ||
	    describe_start(&backup->description, operation->statement,
	    operation->file, info, &backup->plan, &error) != 0 ||
	    init_senders(backup, senders) != 0) {
		fail_us(operation, &error);
		return;
	}
	operation->total_bytes = backup->plan.quota * backup->plan.transfer *
	    operation->device_count;
	if (operation_open(operation) != 0 ||
	    operation_configure(operation, VDF_WriteMedia) != 0 ||
	    operation_open_devices(operation) != 0)
		return;
	start_ns = clock_now_ns();
	if (operation_run(operation, send_stream, senders,
	    sizeof(*senders)) != 0 || complete(operation) != 0 ||
	    operation_drill_phase(operation, "close") != 0)
		return;
	operation_close_devices(operation);
	if (operation_seal(operation) == 0)
		report_success(backup, clock_now_ns() - start_ns);
}

void
backup_run(struct operation *operation)
{
	struct backup backup = { .operation = operation };
	struct sender *senders = calloc(operation->device_count,
	    sizeof(*senders));
	struct error error;

	error_init(&error);
	(void)pthread_mutex_init(&backup.lock, NULL);
	atomic_init(&backup.next, 0);
	backup.with_checksum = operation->statement->checksum == TSQL_YES;
	backup.snapshot = snapshot_open(operation->file, LOCK_MS,
	    operation->stop, &error);
	if (senders == NULL) {
		IGNORE_RESULT(error_memory(&error));
		fail_us(operation, &error);
	} else if (backup.snapshot == NULL) {
		operation_fail_file(operation, &error, OPERATION_ABORT);
	} else {
		run(&backup, senders);
	}
	snapshot_close(backup.snapshot);
	free(senders);
	(void)pthread_mutex_destroy(&backup.lock);
}
