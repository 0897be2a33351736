/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/output.h"

#include <errno.h>
#include <stdio.h>

/* Of the first write to standard output that failed; one process, one
 * standard output.  Written under the report's lock. */
static int failed_errnum;

void
output_failed(int errnum)
{
	if (failed_errnum == 0)
		failed_errnum = errnum;
}

int
output_flush(struct error *error)
{
	if (fflush(stdout) != 0)
		output_failed(errno);
	if (failed_errnum != 0)
		return (error_system(error, KIND_STORAGE, failed_errnum,
		    "cannot write to standard output"));
	if (ferror(stdout))
		return (error_set(error, KIND_STORAGE, ORIGIN_US, 0,
		    "cannot write to standard output"));
	return (0);
}
