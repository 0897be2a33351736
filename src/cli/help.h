/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

#include <stdio.h>

/*
 * Help texts, made from the tables of commands and options.
 */

/* The few lines for somebody who typed the name alone. */
void help_short(FILE *to);

/* `vdibackup --help`: the commands and the exit statuses. */
void help_overview(FILE *to);

/* `vdibackup COMMAND --help`. */
void help_command(FILE *to, const struct command *command);

#endif
