/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/cli.h"

#include <signal.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int signal_number = 0;
	int status;

	status = cli_run(argc, argv, &signal_number);
	if (signal_number == 0)
		return (status);
	/* Whoever waits for us is to see what ended us. */
	(void)signal(signal_number, SIG_DFL);
	(void)kill(getpid(), signal_number);
	return (128 + signal_number);
}
