/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/backup.h"

#include "base/clock.h"
#include "base/str.h"
#include "engine/append.h"
#include "engine/describe.h"
#include "engine/message.h"
#include "engine/snapshot.h"
#include "engine/writing.h"
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
	struct mtf_cuts cuts;
	struct mtf_sum sum;
	struct append append;
	struct writing writing;
};

static void
fail_us(struct operation *operation, const struct error *error)
{
	if (operation_fail(operation, OPERATION_ABANDON))
		report_message(operation->report, error->origin ==
		    ORIGIN_SYSTEM && error->code == ENOMEM ?
		    MESSAGE_NO_MEMORY : MESSAGE_IO_ERROR,
		    operation->statement->database, error->text, NULL);
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
		    OPERATION_ABANDON);
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
		struct device_command *command = writing_next(
		    &sender->writing);
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
		writing_send(&sender->writing, command,
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
		result = writing_bytes(&sender->writing, &bytes,
		    sender->spec.cuts);
	str_release(&bytes);
	return (result);
}

/*
 * Where filemarks are the device's own, its places are too: the set has to say
 * where it begins, which is known when the label is there.
 */
static int
send_label(struct sender *sender)
{
	struct operation *operation = sender->backup->operation;
	struct mtf_prior *prior = &sender->append.prior;
	struct error error;
	struct str bytes;
	int result = -1;

	if (!operation->medium->has_marks || sender->spec.prior != NULL)
		return (0);
	error_init(&error);
	str_init(&bytes);
	if (mtf_write_label(&sender->spec, &bytes, &error) != 0) {
		fail_us(operation, &error);
	} else if (writing_bytes(&sender->writing, &bytes,
	    sender->spec.cuts) == 0 && writing_drain(&sender->writing) == 0 &&
	    operation->medium->where(operation, sender->device,
	    &prior->address) == 0) {
		prior->at = bytes.length;
		sender->spec.prior = prior;
		result = 0;
	}
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
		result = writing_bytes(&sender->writing, &bytes,
		    sender->spec.cuts);
	str_release(&bytes);
	return (result);
}

/*
 * What is being overwritten ends here and now: a flush cuts a disk off behind
 * the last byte that was written (spec 10.12).  Whenever this backup ends, what
 * is left of an older one cannot be taken for the rest of it.
 */
static int
cut_off(struct sender *sender)
{
	const struct medium *medium = sender->backup->operation->medium;

	if (!medium->has_offsets || sender->append.set_count > 0)
		return (writing_drain(&sender->writing));
	return (writing_flush(&sender->writing));
}

static void *
send_stream(void *context)
{
	struct sender *sender = context;
	struct operation *operation = sender->backup->operation;
	struct device *device = sender->device;
	int result = -1;

	if (send_label(sender) == 0 && send_head(sender) == 0 &&
	    cut_off(sender) == 0 &&
	    operation_send_odd(operation, device) == 0 &&
	    send_data(sender) == 0 && send_tail(sender) == 0)
		result = writing_drain(&sender->writing);
	/* A buffer that was prepared and not sent goes with the set. */
	operation_drain(operation, device);
	if (result == 0 &&
	    operation_drill_command(operation, device, "flush") == 0)
		IGNORE_RESULT(writing_flush(&sender->writing));
	return (NULL);
}

static void
init_spec(struct sender *sender)
{
	struct backup *backup = sender->backup;
	struct operation *operation = backup->operation;
	struct mtf_spec *spec = &sender->spec;

	spec->label = &sender->label;
	spec->set = &backup->description.set;
	spec->files = &backup->description.file;
	spec->file_count = 1;
	spec->block_size = operation->block_size;
	spec->transfer_size = operation->transfer_size;
	spec->data_bytes = backup->plan.quota * backup->plan.transfer;
	spec->with_checksum = backup->with_checksum;
	if (sender->append.set_count > 0)
		spec->prior = &sender->append.prior;
	if (operation->medium->has_marks) {
		sender->cuts.soft_size =
		    operation->wishes.softFileMarkBlockSize;
		spec->cuts = &sender->cuts;
	}
	writing_init(&sender->writing, operation, sender->device, spec,
	    sender->append.prior.at);
}

static int
init_senders(struct backup *backup, struct sender *senders)
{
	struct operation *operation = backup->operation;
	unsigned i;

	for (i = 0; i < operation->device_count; i++) {
		struct sender *sender = &senders[i];

		sender->label = sender->append.label;
		if (!sender->append.has_label) {
			sender->label = backup->description.label;
			sender->label.family_sequence = (uint16_t)(i + 1);
			if (getrandom(&sender->label.family_id,
			    sizeof(sender->label.family_id), 0) !=
			    (ssize_t)sizeof(sender->label.family_id))
				return (-1);
		}
		init_spec(sender);
	}
	return (0);
}

/* What is on the media, where the family can tell, and where to begin. */
static int
look_at_media(struct operation *operation, struct sender *senders)
{
	struct append found[VD_MAX_DEVICES];
	unsigned i;

	if (!operation->medium->can_seek)
		return (0);
	for (i = 0; i < operation->device_count; i++) {
		if (append_look(&senders[i].append) != 0)
			return (-1);
		found[i] = senders[i].append;
	}
	return (append_match(found, operation->device_count));
}

static void
report_success(struct backup *backup, unsigned position, int64_t elapsed_ns)
{
	struct operation *operation = backup->operation;
	const char *database = operation->statement->database;
	char number[16];
	char pages[24];

	(void)snprintf(number, sizeof(number), "%u", position);
	(void)snprintf(pages, sizeof(pages), "%llu",
	    (unsigned long long)backup->plan.pages);
	report_message(operation->report, MESSAGE_FILE_PROCESSED, pages,
	    database, database, number, NULL);
	operation_report_processed(operation, backup->plan.pages, elapsed_ns);
}

static int
send_all(struct backup *backup, struct sender *senders)
{
	struct operation *operation = backup->operation;
	struct error error;

	error_init(&error);
	if (look_at_media(operation, senders) != 0)
		return (-1);
	if (init_senders(backup, senders) != 0) {
		IGNORE_RESULT(error_system(&error, KIND_STATEMENT, errno,
		    "cannot get random numbers"));
		fail_us(operation, &error);
		return (-1);
	}
	if (operation_run(operation, send_stream, senders,
	    sizeof(*senders)) != 0)
		return (-1);
	return (operation_complete(operation));
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
	    operation->file, info, &backup->plan, &error) != 0) {
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
	if (send_all(backup, senders) == 0)
		IGNORE_RESULT(operation_drill_phase(operation, "close"));
	operation_close_devices(operation);
	if (operation_seal(operation) == 0)
		report_success(backup, senders[0].append.set_count + 1,
		    clock_now_ns() - start_ns);
}

static struct sender *
make_senders(struct backup *backup)
{
	struct operation *operation = backup->operation;
	struct sender *senders = calloc(operation->device_count,
	    sizeof(*senders));
	unsigned i;

	for (i = 0; senders != NULL && i < operation->device_count; i++) {
		senders[i].backup = backup;
		senders[i].device = &operation->devices[i];
		append_init(&senders[i].append, operation,
		    senders[i].device);
	}
	return (senders);
}

void
backup_run(struct operation *operation)
{
	struct backup backup = { .operation = operation };
	struct sender *senders = make_senders(&backup);
	struct error error;
	unsigned i;

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
	for (i = 0; senders != NULL && i < operation->device_count; i++)
		append_release(&senders[i].append);
	free(senders);
	(void)pthread_mutex_destroy(&backup.lock);
}
