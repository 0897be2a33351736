/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/operation.h"

#include "engine/message.h"

#include <stdio.h>

#define NS_PER_S 1e9
#define PAGE_BYTES 8192.0
#define MIB (1024.0 * 1024.0)

void
operation_progress(struct operation *operation, uint64_t bytes)
{
	unsigned step = operation->statement->stats;
	unsigned percent;
	char text[16];

	if (step == 0)
		return;
	(void)pthread_mutex_lock(&operation->lock);
	operation->done_bytes += bytes;
	percent = operation->total_bytes == 0 ? 0 :
	    (unsigned)((double)operation->done_bytes * 100 /
	    (double)operation->total_bytes);
	percent = percent > 100 ? 100 : percent / step * step;
	/* Under the lock, so that the numbers rise. */
	if (percent > operation->told_percent && !operation->has_failed) {
		operation->told_percent = percent;
		(void)snprintf(text, sizeof(text), "%u", percent);
		report_message(operation->report, MESSAGE_PERCENT, text, NULL);
	}
	(void)pthread_mutex_unlock(&operation->lock);
}

void
operation_report_processed(struct operation *operation, uint64_t pages,
    int64_t elapsed_ns)
{
	double seconds = (double)elapsed_ns / NS_PER_S;
	double rate = seconds > 0 ?
	    (double)pages * PAGE_BYTES / MIB / seconds : 0;
	char pages_text[24];
	char seconds_text[32];
	char rate_text[32];

	(void)snprintf(pages_text, sizeof(pages_text), "%llu",
	    (unsigned long long)pages);
	(void)snprintf(seconds_text, sizeof(seconds_text), "%.3f", seconds);
	(void)snprintf(rate_text, sizeof(rate_text), "%.3f", rate);
	report_message(operation->report, MESSAGE_PROCESSED,
	    tsql_verb_name(operation->statement->verb), pages_text,
	    seconds_text, rate_text, NULL);
}
