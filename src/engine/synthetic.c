/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/synthetic.h"

#include "engine/message.h"
#include "engine/synthetic_page.h"
#include "engine/synthetic_pool.h"

#include <stdio.h>
#include <stdlib.h>

struct synthetic {
	struct operation *operation;
	const struct options_database *database;
	struct synthetic_pool *pool;
};

static void
close_streams(void *state)
{
	struct synthetic *synthetic = state;

	synthetic_pool_free(synthetic->pool);
	free(synthetic);
}

static void *
open_streams(struct operation *operation,
    const struct options_database *database)
{
	struct synthetic *synthetic = calloc(1, sizeof(*synthetic));
	struct error error;

	error_init(&error);
	if (synthetic != NULL) {
		synthetic->operation = operation;
		synthetic->database = database;
		synthetic->pool = synthetic_pool_new(&database->is,
		    operation->device_count, &error);
		if (synthetic->pool != NULL)
			return (synthetic);
	}
	free(synthetic);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_NO_MEMORY, NULL);
	return (NULL);
}

static uint64_t
stream_size(const void *state, unsigned device)
{
	const struct synthetic *synthetic = state;

	return (synthetic_pool_share(synthetic->database->is.bytes,
	    synthetic->operation->device_count, device));
}

static int
get(void *state, unsigned device, uint64_t offset, void *buffer,
    uint32_t size)
{
	struct synthetic *synthetic = state;

	synthetic_pool_get(synthetic->pool, device, offset, buffer, size);
	return (0);
}

static int
fail_size(struct synthetic *synthetic, unsigned device, const char *what)
{
	struct operation *operation = synthetic->operation;
	char text[400];

	if (!operation_fail(operation, OPERATION_CLOSE))
		return (-1);
	(void)snprintf(text, sizeof(text), "the stream of \"%.200s\" %s the "
	    "%llu bytes that it has where %u devices share %llu",
	    operation->devices[device].name, what,
	    (unsigned long long)stream_size(synthetic, device),
	    operation->device_count,
	    (unsigned long long)synthetic->database->is.bytes);
	report_message(operation->report, MESSAGE_DAMAGE, text, NULL);
	return (-1);
}

static int
fail_page(struct synthetic *synthetic, unsigned device, uint64_t at)
{
	struct operation *operation = synthetic->operation;
	char number[16];
	char page[24];

	if (!operation_fail(operation, OPERATION_CLOSE))
		return (-1);
	(void)snprintf(number, sizeof(number), "%u", device + 1);
	(void)snprintf(page, sizeof(page), "%llu",
	    (unsigned long long)(at / SYNTHETIC_PAGE_SIZE));
	report_message(operation->report, MESSAGE_BAD_PAGE, number, page,
	    synthetic->database->name, NULL);
	return (-1);
}

static int
put(void *state, unsigned device, uint64_t offset, const void *data,
    uint32_t size)
{
	struct synthetic *synthetic = state;
	enum tsql_choice checksum = synthetic->operation->statement->checksum;
	uint64_t at;

	if (offset + size > stream_size(synthetic, device))
		return (fail_size(synthetic, device, "goes on behind"));
	if (checksum == TSQL_NO || synthetic_pool_compare(synthetic->pool,
	    device, offset, data, size, checksum == TSQL_YES ?
	    SYNTHETIC_POOL_ALL : SYNTHETIC_POOL_SAMPLES, &at))
		return (0);
	return (fail_page(synthetic, device, at));
}

static int
end(void *state, unsigned device, uint64_t bytes)
{
	struct synthetic *synthetic = state;

	if (bytes == stream_size(synthetic, device))
		return (0);
	return (fail_size(synthetic, device, "ends before"));
}

/* There is nothing to be put in place. */
static int
commit(void *state)
{
	(void)state;
	return (0);
}

const struct stream_ops synthetic_ops = {
	.open = open_streams,
	.size = stream_size,
	.get = get,
	.put = put,
	.end = end,
	.commit = commit,
	.close = close_streams,
};
