/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/attach.h"

#include "cli/signals.h"

void
attach_job(struct job_common *common, struct report *report)
{
	common->stop = signals_stop();
	common->handler = report_event;
	common->handler_context = report;
}

void
attach_inspect(struct inspect_options *options, struct report *report)
{
	options->stop = signals_stop();
	options->handler = report_event;
	options->handler_context = report;
}
