/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "cli/attach.h"
#include "cli/common.h"

#include <string.h>

int
command_verify(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct inspect_options options;
	struct inspect_result result;
	int status;

	if (common_fill_inspect(&options, arguments, error) != 0)
		return (-1);
	attach_inspect(&options, report);
	report_begin(report, NULL, arguments->operands[0]);
	memset(&result, 0, sizeof(result));
	status = inspect_verify(arguments->operands, arguments->operand_count,
	    &options, &result);
	report_verify_result(report, &result);
	*error = result.error;
	inspect_result_release(&result);
	return (status);
}
