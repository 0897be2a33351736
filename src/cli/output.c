/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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
output_init(struct error *error)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The wrong way round for 0 and 1: using them fails.  The
		 * lowest free number is this one. */
		if (open("/dev/null",
		        fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) != fd)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot open \"/dev/null\""));
	}
	return (0);
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
