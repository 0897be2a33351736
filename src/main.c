/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/cli.h"
#include "cli/signals.h"

int
main(int argc, char **argv)
{
	int signal_number;
	int status = cli_run(argc, argv, &signal_number);

	/* Whoever waits for us is to see what ended us. */
	if (signal_number != 0)
		signals_reraise(signal_number);
	return (status);
}
