/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/pages.h"

#include "engine/message.h"
#include "engine/receiver.h"
#include "mtf/page.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define RUN_MAX 512

/* Pages that follow one another in the file and go out in one write. */
struct run {
	struct iovec vector[RUN_MAX];
	int count;
	uint64_t first; /* page id */
};

static int
fail_damage(struct receiver *receiver, const char *what, uint64_t page)
{
	struct operation *operation = receiver->receipt->operation;
	char text[160];

	(void)snprintf(text, sizeof(text), "%s (%d:%llu) on device '%s'", what,
	    WRAP_FILE_ID, (unsigned long long)page, receiver->device->name);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (-1);
}

static int
flush_run(struct receiver *receiver, struct run *run)
{
	struct receipt *receipt = receiver->receipt;
	uint64_t offset = (run->first - 1) * MTF_PAGE_CONTENT;
	struct error error;
	int count = run->count;

	run->count = 0;
	if (count == 0 || receipt->target == NULL ||
	    receipt->operation->statement->snapshot)
		return (0);
	error_init(&error);
	if (target_write(receipt->target, offset, run->vector, count,
	    &error) == 0)
		return (0);
	operation_fail_file(receipt->operation, &error, OPERATION_ABORT);
	return (-1);
}

static int
add_to_run(struct receiver *receiver, struct run *run, const uint8_t *page,
    uint64_t id)
{
	if (run->count > 0 && (run->count == RUN_MAX ||
	    run->first + (uint64_t)run->count != id) &&
	    flush_run(receiver, run) != 0)
		return (-1);
	if (run->count == 0)
		run->first = id;
	/* pwritev only reads. */
	run->vector[run->count].iov_base = (void *)(uintptr_t)(page +
	    MTF_PAGE_HEADER);
	run->vector[run->count].iov_len = MTF_PAGE_CONTENT;
	run->count++;
	return (0);
}

static int
take_meta(struct receiver *receiver, const uint8_t *page)
{
	struct receipt *receipt = receiver->receipt;
	struct wrap_meta meta;
	struct error error;

	error_init(&error);
	if (wrap_meta_get(page + MTF_PAGE_HEADER, &meta, &error) != 0)
		return (fail_damage(receiver, error.text, 0));
	(void)pthread_mutex_lock(&receipt->lock);
	receipt->meta = meta;
	receipt->has_meta = true;
	(void)pthread_mutex_unlock(&receipt->lock);
	return (0);
}

/* A page of our own backups: each of them comes exactly once. */
static int
take_ours(struct receiver *receiver, struct run *run, const uint8_t *page)
{
	struct receipt *receipt = receiver->receipt;
	uint64_t id = mtf_page_id(page);
	uint64_t bit = UINT64_C(1) << (id % 64);

	if (receipt->seen == NULL || mtf_page_file_id(page) != WRAP_FILE_ID ||
	    id >= receipt->file.pages)
		return (fail_damage(receiver, "there is no such page", id));
	if ((atomic_fetch_or(&receipt->seen[id / 64], bit) & bit) != 0)
		return (fail_damage(receiver, "a page comes twice", id));
	if (id == 0)
		return (take_meta(receiver, page));
	return (add_to_run(receiver, run, page, id));
}

/* A page whose checksum is wrong. */
static int
take_bad(struct receiver *receiver, const uint8_t *page)
{
	struct receipt *receipt = receiver->receipt;
	struct operation *operation = receipt->operation;
	char file[24];
	char id[24];

	if (receipt_add_damage(receipt) == 0)
		return (0);
	(void)snprintf(file, sizeof(file), "%u",
	    (unsigned)mtf_page_file_id(page));
	(void)snprintf(id, sizeof(id), "%lu",
	    (unsigned long)mtf_page_id(page));
	if (operation_fail(operation, OPERATION_CLOSE)) {
		report_message(operation->report, MESSAGE_BAD_PAGE, file, id,
		    receipt->set.database, NULL);
		report_message(operation->report, MESSAGE_DAMAGE,
		    "a page checksum is wrong", NULL);
	}
	return (-1);
}

static int
take_page(struct receiver *receiver, struct run *run, const uint8_t *page,
    uint64_t index)
{
	unsigned slot = (unsigned)(index % MTF_EXTENT_PAGES);

	switch (mtf_page_check(page, slot)) {
	case MTF_PAGE_IS_FILLER:
		return (0);
	case MTF_PAGE_IS_IGNORED:
		if (receiver->is_written_here)
			return (fail_damage(receiver, "this is no page",
			    index));
		return (0);
	case MTF_PAGE_IS_BAD:
		if (take_bad(receiver, page) != 0)
			return (-1);
		break;
	default:
		break;
	}
	operation_progress(receiver->receipt->operation, MTF_PAGE_SIZE);
	return (receiver->is_written_here ? take_ours(receiver, run, page) :
	    0);
}

int
pages_take(struct receiver *receiver, const void *data, size_t size,
    uint64_t offset)
{
	const uint8_t *at = data;
	struct run run = { .count = 0 };
	uint64_t index = offset / MTF_PAGE_SIZE;
	size_t step;

	/* Another stream of page data begins; the one before was whole. */
	if (offset == 0)
		receiver->partial_bytes = 0;
	assert(offset % MTF_PAGE_SIZE == receiver->partial_bytes);
	if (receiver->partial_bytes > 0) {
		step = MTF_PAGE_SIZE - receiver->partial_bytes;
		step = step < size ? step : size;
		memcpy(receiver->partial + receiver->partial_bytes, at, step);
		receiver->partial_bytes += (uint32_t)step;
		at += step;
		size -= step;
		if (receiver->partial_bytes < MTF_PAGE_SIZE)
			return (0);
		receiver->partial_bytes = 0;
		if (take_page(receiver, &run, receiver->partial, index++) !=
		    0 || flush_run(receiver, &run) != 0)
			return (-1);
	}
	for (; size >= MTF_PAGE_SIZE; size -= MTF_PAGE_SIZE) {
		if (take_page(receiver, &run, at, index++) != 0)
			return (-1);
		at += MTF_PAGE_SIZE;
	}
	memcpy(receiver->partial, at, size);
	receiver->partial_bytes = (uint32_t)size;
	return (flush_run(receiver, &run));
}
