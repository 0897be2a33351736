/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "cli/attach.h"
#include "cli/common.h"

#include <unistd.h>

int
command_cat(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct inspect_options options;

	if (common_fill_inspect(&options, arguments, error) != 0)
		return (-1);
	if (isatty(STDOUT_FILENO) == 1)
		return (common_usage(arguments, error,
		    "standard output is a terminal; a backup goes to a file "
		    "or a pipe"));
	attach_inspect(&options, report);
	report_begin(report, NULL, arguments->operands[0]);
	return (inspect_cat(arguments->operands, arguments->operand_count,
	    STDOUT_FILENO, &options, error));
}
