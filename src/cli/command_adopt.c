/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "cli/attach.h"
#include "cli/common.h"
#include "job/adopt.h"

int
command_adopt(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct adopt_options options = { .lock_wait_ms = 0 };
	struct adopt_result result;
	int status;

	if (arguments->operand_count != 1 ||
	    arguments->operands[0][0] == '\0')
		return (common_usage(arguments, error,
		    "'adopt' takes one folder"));
	if (common_fill_inspect(&options.inspect, arguments, error) != 0 ||
	    arguments_duration(arguments, OPTION_LOCK_WAIT,
	        &options.lock_wait_ms, error) != 0)
		return (-1);
	attach_inspect(&options.inspect, report);
	report_begin(report, NULL, arguments->operands[0]);
	status = adopt_run(arguments->operands[0], &options, &result);
	report_adopt_result(report, &result);
	*error = result.error;
	adopt_result_release(&result);
	return (status);
}
