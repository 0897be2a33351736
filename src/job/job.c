/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/job.h"

#include <stdlib.h>
#include <string.h>

void
job_common_init(struct job_common *common)
{
	*common = (struct job_common){
		.max_transfer_size = 4 << 20,
		.configure_timeout_ms = 60 * 1000,
		.stall_timeout_ms = 10 * 60 * 1000,
	};
}

void
job_result_release(struct job_result *result)
{
	size_t i;

	free(result->statement);
	free(result->path);
	free(result->leftover);
	free(result->server);
	free(result->database);
	for (i = 0; i < result->stripe_count; i++)
		free(result->stripes[i].file);
	free(result->stripes);
	for (i = 0; i < result->message_count; i++)
		free(result->messages[i].text);
	free(result->messages);
	memset(result, 0, sizeof(*result));
}
