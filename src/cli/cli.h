/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/*
 * The command line's program, short of ending the process.
 */

/*
 * Run what argv asks for; returns the exit status.  *signal_number is the
 * signal that ended the work, or 0: the caller raises it again.
 */
int cli_run(int argc, char **argv, int *signal_number);

#endif
